/* files.c - features as a NumPy file, and beside it the images of its rows. */
#include "alexnet/dev/report.h"

#include <stdio.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/try.h"

typedef struct features_files {
    const alx_feature_reader *reader;
    const alx_dataset *set;
    base_file_writer *npy, *list;
    size_t rows;
} features_files;

/* How many rows there are shows at the end: bad images may be left out. */
static void make_header(char head[ALX_NPY_HEADER_BYTES], const features_files *files)
{
    const alx_shape *s = &files->reader->shape;
    const size_t dims[] = { files->rows, (size_t)s->c, (size_t)s->h, (size_t)s->w };

    alx_npy_header(head, dims, s->h == 1 && s->w == 1 ? 2 : 4);
}

static int write_batch(const alx_batch *batch, const float *values, void *user)
{
    features_files *files = user;
    const size_t count = (size_t)batch->count;
    char line[ALX_FEATURES_LINE_BYTES + 1];

    TRY(base_file_writer_write(files->npy, values, count * files->reader->length * sizeof *values));
    for (size_t i = 0; i < count; ++i) {
        alx_features_line(line, files->set, batch->index[i], batch->labels[i]);
        strcat(line, "\n");
        TRY(base_file_writer_write(files->list, line, strlen(line)));
    }
    files->rows += count;
    return 0;
}

/* The shape is the file's. */
static void say_what(const features_files *files, const char *path, const char *list_path)
{
    const alx_shape *s = &files->reader->shape;
    char shape[64];

    if (s->h == 1 && s->w == 1)
        snprintf(shape, sizeof shape, "%d", s->c);
    else
        snprintf(shape, sizeof shape, "%d x %d x %d", s->c, s->h, s->w);
    alx_info("features    %zu x %s of %s to %s, their images to %s", files->rows, shape,
             files->reader->layer, path, list_path);
}

/* A run that was killed may have left very much. */
static int sweep(const char *path, const char *list_path)
{
    const char *const names[] = { base_path_base(path), base_path_base(list_path) };
    char folder[PATH_MAX];

    TRY(base_path_folder(folder, sizeof folder, path));
    return base_file_writer_sweep(folder, names, ALX_COUNT(names), true);
}

int alx_features_write(alx_feature_reader *reader, const alx_dataset *set, const char *path)
{
    features_files files = { .reader = reader, .set = set };
    char head[ALX_NPY_HEADER_BYTES], list_path[PATH_MAX];
    int rc = 0;

    TRY_DONE(alx_features_list_path(list_path, path));
    TRY_DONE(sweep(path, list_path));
    TRY_DONE(base_file_writer_open(&files.npy, path));
    TRY_DONE(base_file_writer_open(&files.list, list_path));
    make_header(head, &files);
    TRY_DONE(base_file_writer_write(files.npy, head, sizeof head));
    TRY_DONE(alx_features_each(reader, set, NULL, "features", write_batch, &files));
    make_header(head, &files);
    TRY_DONE(base_file_writer_patch(files.npy, 0, head, sizeof head));
    TRY_DONE(base_file_writer_commit(&files.list));
    TRY_DONE(base_file_writer_commit(&files.npy));
    say_what(&files, path, list_path);
done:
    base_file_writer_abort(&files.list);
    base_file_writer_abort(&files.npy);
    return rc;
}
