/* search.c - the nearest images of a set, or of a file of features. */
#include "alexnet/dev/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/file.h"
#include "base/try.h"

int alx_feature_search_create(alx_feature_search *out, const alx_features *queries, size_t k)
{
    *out = (alx_feature_search){ .lines = NULL };
    return alx_neighbours_create(&out->found, queries->values, queries->count, queries->length, k);
}

void alx_feature_search_free(alx_feature_search *search)
{
    for (size_t i = 0; i < search->line_count; ++i)
        free(search->lines[i]);
    free(search->lines);
    alx_neighbours_free(&search->found);
    *search = (alx_feature_search){ .lines = NULL };
}

static int add_line(alx_feature_search *search, const char *text, size_t length)
{
    if ((search->line_count & (search->line_count - 1)) == 0) { /* room doubles at powers of two */
        const size_t room = search->line_count > 0 ? 2 * search->line_count : 1;
        char **grown = realloc(search->lines, room * sizeof *grown);

        if (grown == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for names of images");
        search->lines = grown;
    }
    search->lines[search->line_count] = strndup(text, length);
    if (search->lines[search->line_count] == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for names of images");
    ++search->line_count;
    return 0;
}

/* ---- images -------------------------------------------------------------------------------- */

typedef struct image_search {
    alx_feature_search *search;
    const alx_dataset *set;
    size_t length;
} image_search;

static int search_batch(const alx_batch *batch, const float *values, void *user)
{
    const image_search *images = user;
    alx_feature_search *search = images->search;
    char line[ALX_FEATURES_LINE_BYTES];

    for (int i = 0; i < batch->count; ++i) {
        alx_features_line(line, images->set, batch->index[i], batch->labels[i]);
        TRY(add_line(search, line, strlen(line)));
        alx_neighbours_add(&search->found, values + (size_t)i * images->length);
    }
    return 0;
}

static int search_images(alx_feature_search *search, alx_feature_reader *reader, const char *path)
{
    image_search images = { search, NULL, reader->length };
    alx_dataset *set = NULL;
    int rc = 0;

    TRY_DONE(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    images.set = set;
    TRY_DONE(alx_features_each(reader, set, NULL, "searching", search_batch, &images));
done:
    alx_dataset_close(set);
    return rc;
}

/* ---- a file -------------------------------------------------------------------------------- */

static int read_lines(alx_feature_search *search, const char *npy_path, size_t rows)
{
    char path[PATH_MAX], *text = NULL;
    size_t bytes = 0;
    int rc = 0;

    TRY_DONE(alx_features_list_path(path, npy_path));
    TRY_DONE(base_file_read(&text, &bytes, path));
    for (const char *at = text; *at != '\0';) {
        const size_t length = strcspn(at, "\n");

        TRY_DONE(add_line(search, at, length));
        at += length + (at[length] == '\n');
    }
    if (search->line_count != rows)
        rc = alx_fail(ALX_E_DATA, "%s: %zu lines for the %zu rows of %s", path, search->line_count,
                      rows, npy_path);
done:
    free(text);
    return rc;
}

/* Distances that are no numbers have no order. */
static int check_rows(const alx_npy *npy, const char *path)
{
    for (size_t i = 0; i < npy->rows * npy->columns; ++i)
        if (!isfinite(npy->data[i]))
            return alx_fail(ALX_E_DATA, "%s: row %zu of %zu is not finite", path,
                            i / npy->columns + 1, npy->rows);
    return 0;
}

static int search_file(alx_feature_search *search, const alx_feature_reader *reader,
                       const char *path)
{
    alx_npy npy = { 0 };
    int rc = 0;

    TRY_DONE(alx_npy_read(&npy, path));
    if (npy.columns != reader->length) {
        rc = alx_fail(ALX_E_DATA, "%s: %zu numbers an image, %s has %zu", path, npy.columns,
                      reader->layer, reader->length);
        goto done;
    }
    TRY_DONE(check_rows(&npy, path));
    TRY_DONE(read_lines(search, path, npy.rows));
    for (size_t i = 0; i < npy.rows; ++i)
        alx_neighbours_add(&search->found, npy.data + i * npy.columns);
done:
    alx_npy_free(&npy);
    return rc;
}

int alx_feature_search_add(alx_feature_search *search, alx_feature_reader *reader, const char *path)
{
    if (alx_features_is_npy(path) && base_file_is_regular(path))
        return search_file(search, reader, path);
    return search_images(search, reader, path);
}

const alx_neighbour *alx_feature_search_found(const alx_feature_search *search, size_t query,
                                              size_t *count)
{
    const alx_neighbours *found = &search->found;

    *count = found->added < found->k ? found->added : found->k;
    return found->list + query * found->k;
}
