/* features_write.c - features as a NumPy file, and beside it the images of its rows. */
#include "cli/features.h"

#include <stdio.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/try.h"

bool features_is_npy(const char *path)
{
    const size_t length = strlen(base_path_base(path));

    return length > 4 && strcmp(base_path_base(path) + length - 4, ".npy") == 0;
}

int features_list_path(char path[PATH_MAX], const char *npy_path)
{
    const size_t length = strlen(npy_path);

    if (!features_is_npy(npy_path))
        return alx_fail(ALX_E_USAGE,
                        "%.300s: features go to a file whose name ends in .npy, and "
                        "their images' names to one in .txt beside it",
                        npy_path);
    return snprintf(path, PATH_MAX, "%.*s.txt", (int)length - 4, npy_path) < PATH_MAX
               ? 0
               : alx_fail(ALX_E_IO, "%.64s...: path too long", npy_path);
}

typedef struct features_files {
    const features *f;
    const alx_dataset *set;
    base_file_writer *npy, *list;
    size_t rows;
} features_files;

/* How many rows there are shows at the end: bad images may be left out. */
static void make_header(char head[ALX_NPY_HEADER_BYTES], const features_files *files)
{
    const alx_shape *s = &files->f->shape;
    const size_t dims[] = { files->rows, (size_t)s->c, (size_t)s->h, (size_t)s->w };

    alx_npy_header(head, dims, s->h == 1 && s->w == 1 ? 2 : 4);
}

static int write_batch(const alx_batch *batch, const float *values, void *user)
{
    features_files *files = user;
    const size_t count = (size_t)batch->count;
    char line[FEATURES_LINE_BYTES + 1];

    TRY(base_file_writer_write(files->npy, values, count * files->f->length * sizeof *values));
    for (size_t i = 0; i < count; ++i) {
        features_line(line, files->set, batch->index[i], batch->labels[i]);
        strcat(line, "\n");
        TRY(base_file_writer_write(files->list, line, strlen(line)));
    }
    files->rows += count;
    return 0;
}

int features_write(features *f, const alx_dataset *set)
{
    features_files files = { .f = f, .set = set };
    char head[ALX_NPY_HEADER_BYTES], list_path[PATH_MAX];
    int rc = 0;

    TRY_DONE(features_list_path(list_path, f->options->output));
    TRY_DONE(base_file_writer_open(&files.npy, f->options->output));
    TRY_DONE(base_file_writer_open(&files.list, list_path));
    make_header(head, &files);
    TRY_DONE(base_file_writer_write(files.npy, head, sizeof head));
    TRY_DONE(features_each(f, set, NULL, "features", write_batch, &files));
    make_header(head, &files);
    TRY_DONE(base_file_writer_patch(files.npy, 0, head, sizeof head));
    TRY_DONE(base_file_writer_commit(&files.list));
    TRY_DONE(base_file_writer_commit(&files.npy));
    alx_info("features    %zu x %zu of %s to %s, their images to %s", files.rows, f->length,
             f->layer, f->options->output, list_path);
done:
    base_file_writer_abort(&files.list);
    base_file_writer_abort(&files.npy);
    return rc;
}
