/* features_nearest.c - the images of a set that are nearest to given ones. */
#include "cli/cmd/features.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/name_write.h"
#include "base/try.h"
#include "cli/ui/json.h"

typedef struct nearest_search {
    features *f;
    const alx_dataset *queries;
    alx_features query;
    alx_feature_search search;
} nearest_search;

static bool is_features_file(const char *path)
{
    struct stat info;

    return alx_features_is_npy(path) && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static int search_images(nearest_search *s, const char *path)
{
    alx_dataset *set = NULL;
    int rc = 0;

    TRY_DONE(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    TRY_DONE(alx_feature_search_images(&s->search, &s->f->reader, set, "searching"));
done:
    alx_dataset_close(set);
    return rc;
}

/* ---- output -------------------------------------------------------------------------------- */

static cJSON *neighbour_json(const alx_neighbour *neighbour, const char *line)
{
    const size_t name = strcspn(line, "\t");
    cJSON *entry = cJSON_CreateObject();
    char field[ALX_FEATURES_LINE_BYTES];

    snprintf(field, sizeof field, "%.*s", (int)name, line);
    base_name_read(field);
    base_json_add_text(entry, "image", field);
    if (line[name] != '\0') {
        snprintf(field, sizeof field, "%s", line + name + 1);
        base_name_read(field);
        base_json_add_text(entry, "class", field);
    }
    base_json_add_number(entry, "distance", neighbour->distance);
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
    const alx_neighbour *list = s->search.found.list + query * s->search.found.k;
    char name[PATH_MAX];

    alx_dataset_image_name(s->queries, s->query.index[query], name, sizeof name);
    if (!json) {
        base_name_print(stdout, name, BASE_NAME_LINE);
        putchar('\n');
    }
    cJSON *tree = json ? cJSON_CreateObject() : NULL;

    base_json_add_text(tree, "image", name);
    cJSON *nearest = base_json_add_array(tree, "nearest");

    for (size_t i = 0; i < s->search.found.k && i < s->search.found.added; ++i) {
        const char *line = s->search.lines[list[i].index];

        if (json)
            base_json_append(nearest, neighbour_json(&list[i], line));
        else
            print_neighbour(&list[i], line);
    }
    return tree;
}

static int print_all(const nearest_search *s, bool json)
{
    cJSON *tree = json ? cJSON_CreateArray() : NULL;

    for (size_t i = 0; i < s->search.found.count; ++i)
        base_json_append(tree, print_query(s, i, json));
    return json ? cli_print_json(&tree) : 0;
}

int features_print_nearest(features *f, const alx_dataset *queries)
{
    const features_options *options = f->options;
    nearest_search s = { .f = f, .queries = queries };
    int rc = 0;

    TRY_DONE(alx_features_gather(&s.query, &f->reader, queries, NULL, "features"));
    cli_progress_stop();
    TRY_DONE(alx_feature_search_create(&s.search, &s.query, (size_t)options->nearest));
    if (is_features_file(options->data))
        TRY_DONE(alx_feature_search_file(&s.search, &f->reader, options->data));
    else
        TRY_DONE(search_images(&s, options->data));
    TRY_DONE(print_all(&s, options->json));
done:
    alx_feature_search_free(&s.search);
    alx_features_free(&s.query);
    return rc;
}
