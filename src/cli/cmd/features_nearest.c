/* features_nearest.c - the images of a set that are nearest to given ones. */
#include "cli/features.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/dev/io.h"
#include "base/file.h"
#include "base/name_write.h"
#include "base/try.h"
#include "cli/ui/json.h"

typedef struct nearest_search {
    features *f;
    const alx_dataset *queries, *set; /* set NULL: features from a file */
    alx_features query;
    alx_neighbours found;
    char **lines; /* of what was searched, as the list beside a file has them */
    size_t line_count;
} nearest_search;

/* ---- what is searched ---------------------------------------------------------------------- */

static int add_line(nearest_search *s, const char *text, size_t length)
{
    if ((s->line_count & (s->line_count - 1)) == 0) { /* room doubles at powers of two */
        const size_t room = s->line_count > 0 ? 2 * s->line_count : 1;
        char **grown = realloc(s->lines, room * sizeof *grown);

        if (grown == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for names of images");
        s->lines = grown;
    }
    s->lines[s->line_count] = strndup(text, length);
    if (s->lines[s->line_count] == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for names of images");
    ++s->line_count;
    return 0;
}

static int search_batch(const alx_batch *batch, const float *values, void *user)
{
    nearest_search *s = user;
    char line[FEATURES_LINE_BYTES];

    for (int i = 0; i < batch->count; ++i) {
        features_line(line, s->set, batch->index[i], batch->labels[i]);
        TRY(add_line(s, line, strlen(line)));
        alx_neighbours_add(&s->found, values + (size_t)i * s->f->length);
    }
    return 0;
}

static int search_images(nearest_search *s, const char *path)
{
    alx_dataset *set = NULL;
    int rc = 0;

    TRY_DONE(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    s->set = set;
    TRY_DONE(features_each(s->f, set, NULL, "searching", search_batch, s));
done:
    alx_dataset_close(set);
    return rc;
}

static int read_lines(nearest_search *s, const char *npy_path, size_t rows)
{
    char path[PATH_MAX], *text = NULL;
    size_t bytes = 0;
    int rc = 0;

    TRY_DONE(features_list_path(path, npy_path));
    TRY_DONE(base_file_read(&text, &bytes, path));
    for (const char *at = text; *at != '\0';) {
        const size_t length = strcspn(at, "\n");

        TRY_DONE(add_line(s, at, length));
        at += length + (at[length] == '\n');
    }
    if (s->line_count != rows)
        rc = alx_fail(ALX_E_DATA, "%s: %zu lines for the %zu rows of %s", path, s->line_count, rows,
                      npy_path);
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

static int search_file(nearest_search *s, const char *path)
{
    alx_npy npy = { 0 };
    int rc = 0;

    TRY_DONE(alx_npy_read(&npy, path));
    if (npy.columns != s->f->length) {
        rc = alx_fail(ALX_E_DATA, "%s: %zu numbers an image, %s has %zu", path, npy.columns,
                      s->f->layer, s->f->length);
        goto done;
    }
    TRY_DONE(check_rows(&npy, path));
    TRY_DONE(read_lines(s, path, npy.rows));
    for (size_t i = 0; i < npy.rows; ++i)
        alx_neighbours_add(&s->found, npy.data + i * npy.columns);
done:
    alx_npy_free(&npy);
    return rc;
}

static bool is_features_file(const char *path)
{
    struct stat info;

    return features_is_npy(path) && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* ---- output -------------------------------------------------------------------------------- */

static cJSON *neighbour_json(const alx_neighbour *neighbour, const char *line)
{
    const size_t name = strcspn(line, "\t");
    cJSON *entry = cJSON_CreateObject();
    char field[FEATURES_LINE_BYTES];

    snprintf(field, sizeof field, "%.*s", (int)name, line);
    base_name_read(field);
    cJSON_AddStringToObject(entry, "image", field);
    if (line[name] != '\0') {
        snprintf(field, sizeof field, "%s", line + name + 1);
        base_name_read(field);
        cJSON_AddStringToObject(entry, "class", field);
    }
    cJSON_AddNumberToObject(entry, "distance", neighbour->distance);
    return entry;
}

static void print_neighbour(const alx_neighbour *neighbour, const char *line)
{
    const size_t name = strcspn(line, "\t");

    printf("  %10.4f  %.*s", neighbour->distance, (int)name, line);
    if (line[name] != '\0')
        printf("  %s", line + name + 1);
    putchar('\n');
}

static cJSON *print_query(const nearest_search *s, size_t query, bool json)
{
    const alx_neighbour *list = s->found.list + query * s->found.k;
    char name[PATH_MAX];

    alx_dataset_image_name(s->queries, s->query.index[query], name, sizeof name);
    if (!json) {
        base_name_print(stdout, name, BASE_NAME_LINE);
        putchar('\n');
    }
    cJSON *tree = json ? cJSON_CreateObject() : NULL;

    cJSON_AddStringToObject(tree, "image", name);
    cJSON *nearest = cJSON_AddArrayToObject(tree, "nearest");

    for (size_t i = 0; i < s->found.k && i < s->found.added; ++i) {
        const char *line = s->lines[list[i].index];

        if (json)
            cJSON_AddItemToArray(nearest, neighbour_json(&list[i], line));
        else
            print_neighbour(&list[i], line);
    }
    return tree;
}

static int print_all(const nearest_search *s, bool json)
{
    cJSON *tree = json ? cJSON_CreateArray() : NULL;

    for (size_t i = 0; i < s->found.count; ++i)
        cJSON_AddItemToArray(tree, print_query(s, i, json));
    return json ? cli_print_json(&tree) : 0;
}

int features_print_nearest(features *f, const alx_dataset *queries)
{
    const features_options *options = f->options;
    nearest_search s = { .f = f, .queries = queries };
    int rc = 0;

    TRY_DONE(features_gather(&s.query, f, queries, NULL, "features"));
    TRY_DONE(alx_neighbours_create(&s.found, s.query.values, s.query.count, f->length,
                                   (size_t)options->nearest));
    if (is_features_file(options->data))
        TRY_DONE(search_file(&s, options->data));
    else
        TRY_DONE(search_images(&s, options->data));
    TRY_DONE(print_all(&s, options->json));
done:
    for (size_t i = 0; i < s.line_count; ++i)
        free(s.lines[i]);
    free(s.lines);
    alx_neighbours_free(&s.found);
    features_free(&s.query);
    return rc;
}
