/* json.c - a result as JSON and back, both by the same tables of keys. */
#include "base/json.h"
#include "alexnet/dev/report.h"
#include "base/file.h"
#include "base/name_write.h"
#include "base/try.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct text_key {
    const char *name;
    size_t offset, bytes;
    bool required;
} text_key;

typedef struct number_key {
    const char *name;
    size_t offset;
    bool required;
} number_key;

#define SIZE_OF(type, field) sizeof(((type *)0)->field)
#define TEXT(type, field, required)                                                                \
    {                                                                                              \
#field, offsetof(type, field), SIZE_OF(type, field), required                              \
    }
#define NUMBER(type, field, required)                                                              \
    {                                                                                              \
#field, offsetof(type, field), required                                                    \
    }

static const text_key result_texts[] = {
    TEXT(alx_result, kind, true),     TEXT(alx_result, program, true),
    TEXT(alx_result, version, false), TEXT(alx_result, commit, false),
    TEXT(alx_result, date, false),    TEXT(alx_result, platform, false),
    TEXT(alx_result, device, true),   TEXT(alx_result, second_device, false),
    TEXT(alx_result, driver, false),  TEXT(alx_result, conv, false),
    TEXT(alx_result, gemm, false),    TEXT(alx_result, config, true),
    TEXT(alx_result, data, false),
};
static const number_key result_numbers[] = {
    NUMBER(alx_result, batch_size, true),
    NUMBER(alx_result, iterations, false),
    NUMBER(alx_result, units, false),
};
static const number_key peak_numbers[] = {
    NUMBER(alx_result, fma_gflops, false),
    NUMBER(alx_result, memory_gbytes_per_s, false),
    NUMBER(alx_result, local_gbytes_per_s, false),
};
static const number_key rate_numbers[] = {
    NUMBER(alx_result_rate, images_per_s, true),  NUMBER(alx_result_rate, median_ms, true),
    NUMBER(alx_result_rate, min_ms, false),       NUMBER(alx_result_rate, max_ms, false),
    NUMBER(alx_result_rate, gflops, false),       NUMBER(alx_result_rate, wait_share, false),
    NUMBER(alx_result_rate, device_bytes, false), NUMBER(alx_result_rate, resident_bytes, false),
};
static const text_key row_texts[] = {
    TEXT(alx_result_row, layer, true),
    TEXT(alx_result_row, pass, true),
    TEXT(alx_result_row, algorithm, false),
};
static const number_key row_numbers[] = {
    NUMBER(alx_result_row, median_ms, true),     NUMBER(alx_result_row, min_ms, false),
    NUMBER(alx_result_row, max_ms, false),       NUMBER(alx_result_row, gflops, false),
    NUMBER(alx_result_row, gbytes_per_s, false), NUMBER(alx_result_row, roofline, false),
};
static const text_key row_limit[] = { TEXT(alx_result_row, limit, false) };

/* ---- out ----------------------------------------------------------------------------------- */

static void put_texts(cJSON *json, const void *from, const text_key *keys, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const char *text = (const char *)from + keys[i].offset;

        if (text[0] != '\0' || keys[i].required)
            base_json_add_text(json, keys[i].name, text);
    }
}

static void put_numbers(cJSON *json, const void *from, const number_key *keys, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const double *number = (const void *)((const char *)from + keys[i].offset);

        if (*number != 0.0 || keys[i].required)
            base_json_add_number(json, keys[i].name, *number);
    }
}

static void put_rate(cJSON *json, const char *name, const alx_result_rate *rate)
{
    if (rate->images_per_s > 0.0)
        put_numbers(base_json_add_object(json, name), rate, rate_numbers, ALX_COUNT(rate_numbers));
}

static void put_rows(cJSON *json, const alx_result *result)
{
    cJSON *list = result->row_count > 0 ? base_json_add_array(json, "ops") : NULL;

    for (size_t i = 0; i < result->row_count; ++i) {
        const alx_result_row *row = &result->rows[i];
        cJSON *item = cJSON_CreateObject();

        put_texts(item, row, row_texts, ALX_COUNT(row_texts));
        put_numbers(item, row, row_numbers, ALX_COUNT(row_numbers));
        put_texts(item, row, row_limit, ALX_COUNT(row_limit));
        base_json_append(list, item);
    }
}

int alx_result_json(char **text, const alx_result *result)
{
    cJSON *json = cJSON_CreateObject();

    base_json_add_number(json, "schema", ALX_RESULT_SCHEMA);
    put_texts(json, result, result_texts, ALX_COUNT(result_texts));
    put_numbers(json, result, result_numbers, ALX_COUNT(result_numbers));
    put_numbers(base_json_add_object(json, "peak"), result, peak_numbers, ALX_COUNT(peak_numbers));
    put_rate(json, "train", &result->train);
    put_rate(json, "infer", &result->infer);
    put_rows(json, result);
    return base_json_take(text, json);
}

/* ---- in ------------------------------------------------------------------------------------ */

static int get_texts(void *to, const cJSON *json, const text_key *keys, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, keys[i].name);
        char *text = (char *)to + keys[i].offset;

        if (item == NULL && !keys[i].required)
            continue;
        if (!cJSON_IsString(item))
            return alx_fail(ALX_E_DATA, "\"%s\" %s", keys[i].name,
                            item == NULL ? "is missing" : "is not a text");
        if (strlen(item->valuestring) >= keys[i].bytes)
            return alx_fail(ALX_E_DATA, "\"%s\" is longer than %zu bytes", keys[i].name,
                            keys[i].bytes - 1);
        strcpy(text, item->valuestring);
        base_name_read(text);
    }
    return 0;
}

static int get_numbers(void *to, const cJSON *json, const number_key *keys, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, keys[i].name);
        double *number = (void *)((char *)to + keys[i].offset);

        if (item == NULL && !keys[i].required)
            continue;
        if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || item->valuedouble < 0.0)
            return alx_fail(ALX_E_DATA, "\"%s\" %s", keys[i].name,
                            item == NULL ? "is missing" : "is not a number from 0");
        *number = item->valuedouble;
    }
    return 0;
}

static int get_rate(alx_result_rate *rate, const cJSON *json, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

    if (item == NULL)
        return 0;
    TRY(get_numbers(rate, item, rate_numbers, ALX_COUNT(rate_numbers)));
    if (rate->images_per_s == 0.0 || rate->median_ms == 0.0)
        return alx_fail(ALX_E_DATA, "\"%s\" has a rate or time of 0", name);
    return 0;
}

static int get_row(alx_result_row *row, const cJSON *json)
{
    TRY(get_texts(row, json, row_texts, ALX_COUNT(row_texts)));
    TRY(get_numbers(row, json, row_numbers, ALX_COUNT(row_numbers)));
    TRY(get_texts(row, json, row_limit, ALX_COUNT(row_limit)));
    if (row->median_ms == 0.0)
        return alx_fail(ALX_E_DATA, "%s %s has a time of 0", row->layer, row->pass);
    return 0;
}

static int get_rows(alx_result *result, const cJSON *json)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "ops"), *item;
    const int count = cJSON_GetArraySize(list);

    if (list == NULL)
        return 0;
    if (!cJSON_IsArray(list) || count < 1)
        return alx_fail(ALX_E_DATA, "\"ops\" is not a list of passes");
    result->rows = calloc((size_t)count, sizeof *result->rows);
    if (result->rows == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d passes", count);
    cJSON_ArrayForEach(item, list) TRY(get_row(&result->rows[result->row_count++], item));
    return 0;
}

static int check_content(const alx_result *result)
{
    const bool step = strcmp(result->kind, "step") == 0;

    if (!step && strcmp(result->kind, "ops") != 0 && strcmp(result->kind, "algos") != 0)
        return alx_fail(ALX_E_DATA, "\"kind\" is none of step, ops, algos");
    if (step && result->train.images_per_s == 0.0 && result->infer.images_per_s == 0.0)
        return alx_fail(ALX_E_DATA, "neither \"train\" nor \"infer\"");
    if (!step && result->row_count == 0)
        return alx_fail(ALX_E_DATA, "\"ops\" is missing");
    if (result->batch_size < 1.0)
        return alx_fail(ALX_E_DATA, "\"batch_size\" is below 1");
    return 0;
}

static int get_result(alx_result *result, const cJSON *json)
{
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(json, "schema");
    const cJSON *peak = cJSON_GetObjectItemCaseSensitive(json, "peak");

    if (!cJSON_IsNumber(schema))
        return alx_fail(ALX_E_DATA, "not a result of `alexnet bench --json`");
    if (schema->valuedouble != ALX_RESULT_SCHEMA)
        return alx_fail(ALX_E_DATA, "schema %g; this program reads schema %d", schema->valuedouble,
                        ALX_RESULT_SCHEMA);
    TRY(get_texts(result, json, result_texts, ALX_COUNT(result_texts)));
    TRY(get_numbers(result, json, result_numbers, ALX_COUNT(result_numbers)));
    if (peak != NULL)
        TRY(get_numbers(result, peak, peak_numbers, ALX_COUNT(peak_numbers)));
    TRY(get_rate(&result->train, json, "train"));
    TRY(get_rate(&result->infer, json, "infer"));
    TRY(get_rows(result, json));
    return check_content(result);
}

static int add_results(alx_results *results, const cJSON *json)
{
    const size_t file = results->count > 0 ? results->list[results->count - 1].file + 1 : 0;
    const bool many = cJSON_IsArray(json);
    const size_t count = many ? (size_t)cJSON_GetArraySize(json) : 1;
    alx_result *list = realloc(results->list, (results->count + count) * sizeof *list);

    if (list == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu results", count);
    results->list = list;
    for (size_t i = 0; i < count; ++i) {
        alx_result *result = &list[results->count++];

        *result = (alx_result){ .file = file };
        TRY(get_result(result, many ? cJSON_GetArrayItem(json, (int)i) : json));
    }
    return 0;
}

int alx_results_read(alx_results *results, const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    cJSON *json = NULL;
    int rc = 0;

    TRY_DONE(base_file_read(&text, &bytes, path));
    json = cJSON_ParseWithLength(text, bytes);
    if (!cJSON_IsObject(json) && !(cJSON_IsArray(json) && cJSON_GetArraySize(json) > 0)) {
        rc = alx_fail(ALX_E_DATA, "%s: not JSON, or neither an object nor a list of them", path);
        goto done;
    }
    rc = alx_fail_context(add_results(results, json), "%s", path);
done:
    cJSON_Delete(json);
    free(text);
    return rc;
}

/* ---- memory -------------------------------------------------------------------------------- */

void alx_result_free(alx_result *result)
{
    free(result->rows);
    *result = (alx_result){ 0 };
}

void alx_results_free(alx_results *results)
{
    for (size_t i = 0; i < results->count; ++i)
        alx_result_free(&results->list[i]);
    free(results->list);
    *results = (alx_results){ 0 };
}
