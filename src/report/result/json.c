/* json.c - a result as JSON and back, both by the same tables of keys. */
#include "report/result/json.h"

#include "base/try.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const report_text_key result_texts[] = {
    REPORT_TEXT(alx_result, kind, true),     REPORT_TEXT(alx_result, program, true),
    REPORT_TEXT(alx_result, version, false), REPORT_TEXT(alx_result, commit, false),
    REPORT_TEXT(alx_result, date, false),    REPORT_TEXT(alx_result, platform, false),
    REPORT_TEXT(alx_result, device, true),   REPORT_TEXT(alx_result, second_device, false),
    REPORT_TEXT(alx_result, driver, false),  REPORT_TEXT(alx_result, conv, false),
    REPORT_TEXT(alx_result, gemm, false),    REPORT_TEXT(alx_result, config, true),
    REPORT_TEXT(alx_result, data, false),
};
static const report_number_key result_numbers[] = {
    REPORT_NUMBER(alx_result, batch_size, true),
    REPORT_NUMBER(alx_result, iterations, false),
    REPORT_NUMBER(alx_result, units, false),
};
static const report_number_key peak_numbers[] = {
    REPORT_NUMBER(alx_result, fma_gflops, false),
    REPORT_NUMBER(alx_result, memory_gbytes_per_s, false),
    REPORT_NUMBER(alx_result, local_gbytes_per_s, false),
};
static const report_number_key rate_numbers[] = {
    REPORT_NUMBER(alx_result_rate, images_per_s, true),
    REPORT_NUMBER(alx_result_rate, median_ms, true),
    REPORT_NUMBER(alx_result_rate, min_ms, false),
    REPORT_NUMBER(alx_result_rate, max_ms, false),
    REPORT_NUMBER(alx_result_rate, gflops, false),
    REPORT_NUMBER(alx_result_rate, wait_share, false),
    REPORT_NUMBER(alx_result_rate, device_bytes, false),
    REPORT_NUMBER(alx_result_rate, resident_bytes, false),
    REPORT_NUMBER(alx_result_rate, steps, false),
};
static const report_text_key row_texts[] = {
    REPORT_TEXT(alx_result_row, layer, true),
    REPORT_TEXT(alx_result_row, pass, true),
    REPORT_TEXT(alx_result_row, algorithm, false),
};
static const report_number_key row_numbers[] = {
    REPORT_NUMBER(alx_result_row, median_ms, true),
    REPORT_NUMBER(alx_result_row, min_ms, false),
    REPORT_NUMBER(alx_result_row, max_ms, false),
    REPORT_NUMBER(alx_result_row, gflops, false),
    REPORT_NUMBER(alx_result_row, gbytes_per_s, false),
    REPORT_NUMBER(alx_result_row, roofline, false),
};
static const report_text_key row_limit[] = { REPORT_TEXT(alx_result_row, limit, false) };

/* ---- out ----------------------------------------------------------------------------------- */

static void put_rate(cJSON *json, const char *name, const alx_result_rate *rate)
{
    if (rate->images_per_s > 0.0)
        report_put_numbers(base_json_add_object(json, name), rate, rate_numbers,
                           ALX_COUNT(rate_numbers));
}

static void put_rows(cJSON *json, const alx_result *result)
{
    cJSON *list = result->row_count > 0 ? base_json_add_array(json, "ops") : NULL;

    for (size_t i = 0; i < result->row_count; ++i) {
        const alx_result_row *row = &result->rows[i];
        cJSON *item = cJSON_CreateObject();

        report_put_texts(item, row, row_texts, ALX_COUNT(row_texts));
        report_put_numbers(item, row, row_numbers, ALX_COUNT(row_numbers));
        report_put_texts(item, row, row_limit, ALX_COUNT(row_limit));
        base_json_append(list, item);
    }
}

cJSON *report_result_tree(const alx_result *result)
{
    cJSON *json = cJSON_CreateObject();

    base_json_add_number(json, "schema", ALX_RESULT_SCHEMA);
    report_put_texts(json, result, result_texts, ALX_COUNT(result_texts));
    report_put_numbers(json, result, result_numbers, ALX_COUNT(result_numbers));
    report_put_numbers(base_json_add_object(json, "peak"), result, peak_numbers,
                       ALX_COUNT(peak_numbers));
    put_rate(json, "train", &result->train);
    put_rate(json, "infer", &result->infer);
    put_rows(json, result);
    return json;
}

int alx_result_json(char **text, const alx_result *result)
{
    return base_json_take(text, report_result_tree(result));
}

/* ---- in ------------------------------------------------------------------------------------ */

static int get_rate(alx_result_rate *rate, const cJSON *json, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

    if (item == NULL)
        return 0;
    TRY(report_get_numbers(rate, item, rate_numbers, ALX_COUNT(rate_numbers)));
    if (rate->images_per_s == 0.0 || rate->median_ms == 0.0)
        return alx_fail(ALX_E_DATA, "\"%s\" has a rate or time of 0", name);
    return 0;
}

static int get_row(alx_result_row *row, const cJSON *json)
{
    TRY(report_get_texts(row, json, row_texts, ALX_COUNT(row_texts)));
    TRY(report_get_numbers(row, json, row_numbers, ALX_COUNT(row_numbers)));
    TRY(report_get_texts(row, json, row_limit, ALX_COUNT(row_limit)));
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
    TRY(report_get_texts(result, json, result_texts, ALX_COUNT(result_texts)));
    TRY(report_get_numbers(result, json, result_numbers, ALX_COUNT(result_numbers)));
    if (peak != NULL)
        TRY(report_get_numbers(result, peak, peak_numbers, ALX_COUNT(peak_numbers)));
    TRY(get_rate(&result->train, json, "train"));
    TRY(get_rate(&result->infer, json, "infer"));
    TRY(get_rows(result, json));
    return check_content(result);
}

int report_result_add(alx_results *results, const cJSON *json, size_t file)
{
    alx_result *list = realloc(results->list, (results->count + 1) * sizeof *list);

    if (list == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu results", results->count + 1);
    results->list = list;
    list[results->count] = (alx_result){ .file = file };
    return get_result(&list[results->count++], json);
}

/* ---- memory -------------------------------------------------------------------------------- */

void alx_result_free(alx_result *result)
{
    free(result->rows);
    *result = (alx_result){ 0 };
}
