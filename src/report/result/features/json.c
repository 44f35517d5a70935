/* json.c - what features tell of images, for machines: which are the nearest, how well a linear
 * classifier does on them. */
#include "alexnet/dev/report.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/name_write.h"

/* ---- the nearest ----------------------------------------------------------------------------- */

/* A part of a list's line, which is escaped there. */
static void add_name(cJSON *object, const char *key, const char *text, size_t length)
{
    char name[ALX_FEATURES_LINE_BYTES];

    snprintf(name, sizeof name, "%.*s", (int)length, text);
    base_name_read(name);
    base_json_add_text(object, key, name);
}

static cJSON *neighbour_json(const alx_neighbour *neighbour, const char *line)
{
    const size_t name = strcspn(line, "\t");
    cJSON *object = cJSON_CreateObject();

    add_name(object, "image", line, name);
    if (line[name] != '\0')
        add_name(object, "class", line + name + 1, strlen(line + name + 1));
    base_json_add_number(object, "distance", neighbour->distance);
    return object;
}

static cJSON *query_json(const alx_feature_search *search, const alx_features *queries,
                         const alx_dataset *set, size_t query)
{
    size_t count = 0;
    const alx_neighbour *list = alx_feature_search_found(search, query, &count);
    cJSON *object = cJSON_CreateObject();
    char name[PATH_MAX];

    alx_dataset_image_name(set, queries->index[query], name, sizeof name);
    base_json_add_text(object, "image", name);
    cJSON *nearest = base_json_add_array(object, "nearest");

    for (size_t i = 0; i < count; ++i)
        base_json_append(nearest, neighbour_json(&list[i], search->lines[list[i].index]));
    return object;
}

int alx_feature_search_json(char **text, const alx_feature_search *search,
                            const alx_features *queries, const alx_dataset *set)
{
    cJSON *tree = cJSON_CreateArray();

    for (size_t i = 0; i < search->found.count; ++i)
        base_json_append(tree, query_json(search, queries, set, i));
    return base_json_take(text, tree);
}

/* ---- a linear classifier --------------------------------------------------------------------- */

static void add_score(cJSON *tree, const char *name, const alx_score *score)
{
    const double images = (double)score->images;
    cJSON *object = base_json_add_object(tree, name);

    base_json_add_number(object, "images", images);
    base_json_add_number(object, "loss", score->loss);
    base_json_add_number(object, "top1", (double)score->top1 / images);
    base_json_add_number(object, "top5", (double)score->top5 / images);
}

int alx_probe_json(char **text, const alx_probe_result *result, const alx_feature_reader *reader,
                   const char *data)
{
    cJSON *tree = cJSON_CreateObject();

    base_json_add_text(tree, "checkpoint", alx_model_path(reader->model));
    base_json_add_text(tree, "layer", reader->layer);
    base_json_add_number(tree, "features", (double)reader->length);
    base_json_add_text(tree, "data", data);
    base_json_add_number(tree, "classes", result->classes);
    base_json_add_bool(tree, "held_out", result->held_out);
    add_score(tree, "train", &result->train);
    add_score(tree, "test", &result->test);
    return base_json_take(text, tree);
}
