/* json.c - what one device was asked, as JSON and back. */
#include "report/result/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

/* An object, or each of a list. */
typedef struct object_keys {
    const char *name;
    const report_text_key *texts;
    const report_number_key *numbers;
    size_t text_count, number_count, bytes;
} object_keys;

static const report_text_key suite_texts[] = {
    REPORT_TEXT(alx_suite, program, true), REPORT_TEXT(alx_suite, version, false),
    REPORT_TEXT(alx_suite, commit, false), REPORT_TEXT(alx_suite, date, false),
    REPORT_TEXT(alx_suite, system, false), REPORT_TEXT(alx_suite, libraries, false),
};
static const report_number_key suite_numbers[] = { REPORT_NUMBER(alx_suite, seconds, false) };
static const report_number_key peak_numbers[] = {
    REPORT_NUMBER(alx_suite, fma_gflops, false),
    REPORT_NUMBER(alx_suite, memory_gbytes_per_s, false),
    REPORT_NUMBER(alx_suite, local_gbytes_per_s, false),
};
static const report_text_key device_texts[] = {
    REPORT_TEXT(alx_suite_device, type, false),
    REPORT_TEXT(alx_suite_device, name, true),
    REPORT_TEXT(alx_suite_device, vendor, false),
    REPORT_TEXT(alx_suite_device, version, false),
    REPORT_TEXT(alx_suite_device, driver, false),
    REPORT_TEXT(alx_suite_device, platform, false),
    REPORT_TEXT(alx_suite_device, platform_version, false),
};
static const report_number_key device_numbers[] = {
    REPORT_NUMBER(alx_suite_device, compute_units, false),
    REPORT_NUMBER(alx_suite_device, global_bytes, false),
    REPORT_NUMBER(alx_suite_device, max_alloc_bytes, false),
    REPORT_NUMBER(alx_suite_device, local_bytes, false),
    REPORT_NUMBER(alx_suite_device, max_group, false),
};
static const report_text_key check_texts[] = {
    REPORT_TEXT(alx_suite_check, check, true),
    REPORT_TEXT(alx_suite_check, worst, false),
};
static const report_number_key check_numbers[] = {
    REPORT_NUMBER(alx_suite_check, limit, true),
    REPORT_NUMBER(alx_suite_check, comparisons, true),
};
static const report_text_key way_texts[] = {
    REPORT_TEXT(alx_suite_way, config, true),
    REPORT_TEXT(alx_suite_way, pass, true),
    REPORT_TEXT(alx_suite_way, way, true),
    REPORT_TEXT(alx_suite_way, by, false),
};
static const report_number_key way_numbers[] = { REPORT_NUMBER(alx_suite_way, batch_size, true) };
static const report_text_key gap_texts[] = {
    REPORT_TEXT(alx_suite_gap, what, true),
    REPORT_TEXT(alx_suite_gap, why, true),
};

#define KEYS(texts, numbers) texts, numbers, ALX_COUNT(texts), ALX_COUNT(numbers)

static const object_keys suite_keys = { "suite", KEYS(suite_texts, suite_numbers),
                                        sizeof(alx_suite) };
static const object_keys device_keys = { "device", KEYS(device_texts, device_numbers),
                                         sizeof(alx_suite_device) };
static const object_keys check_keys = { "checks", KEYS(check_texts, check_numbers),
                                        sizeof(alx_suite_check) };
static const object_keys way_keys = { "ways", KEYS(way_texts, way_numbers), sizeof(alx_suite_way) };
static const object_keys gap_keys = { "left_out",           gap_texts, NULL,
                                      ALX_COUNT(gap_texts), 0,         sizeof(alx_suite_gap) };

/* ---- what it says -------------------------------------------------------------------------- */

bool alx_suite_check_passes(const alx_suite_check *check)
{
    return check->comparisons > 0.0 && check->error <= check->limit;
}

size_t alx_suite_failures(const alx_suite *suite)
{
    size_t failures = 0;

    for (size_t i = 0; i < suite->check_count; ++i)
        failures += !alx_suite_check_passes(&suite->checks[i]);
    return failures;
}

/* ---- out ----------------------------------------------------------------------------------- */

static void put_object(cJSON *json, const void *from, const object_keys *keys)
{
    report_put_texts(json, from, keys->texts, keys->text_count);
    report_put_numbers(json, from, keys->numbers, keys->number_count);
}

static void put_list(cJSON *json, const void *from, size_t count, const object_keys *keys)
{
    cJSON *list = base_json_add_array(json, keys->name);

    for (size_t i = 0; i < count; ++i) {
        cJSON *item = cJSON_CreateObject();

        put_object(item, (const char *)from + i * keys->bytes, keys);
        base_json_append(list, item);
    }
}

/* The form of `alexnet check --json`; an error that is no number is null. */
static void finish_checks(const cJSON *json, const alx_suite *suite)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, check_keys.name);

    for (size_t i = 0; i < suite->check_count; ++i) {
        cJSON *item = cJSON_GetArrayItem(list, (int)i);
        const alx_suite_check *check = &suite->checks[i];

        base_json_add_bool(item, "pass", alx_suite_check_passes(check));
        if (isfinite(check->error))
            base_json_add_number(item, "error", check->error);
        else
            base_json_add_null(item, "error");
    }
}

int alx_suite_json(char **text, const alx_results *results, const alx_suite *suite)
{
    cJSON *json = cJSON_CreateObject(), *list = NULL;

    base_json_add_number(json, "schema", ALX_SUITE_SCHEMA);
    base_json_add_text(json, "kind", ALX_SUITE_KIND);
    put_object(json, suite, &suite_keys);
    put_object(base_json_add_object(json, device_keys.name), &suite->device, &device_keys);
    report_put_numbers(base_json_add_object(json, "peak"), suite, peak_numbers,
                       ALX_COUNT(peak_numbers));
    put_list(json, suite->gaps, suite->gap_count, &gap_keys);
    put_list(json, suite->checks, suite->check_count, &check_keys);
    finish_checks(json, suite);
    put_list(json, suite->ways, suite->way_count, &way_keys);
    list = base_json_add_array(json, "results");
    for (size_t i = 0; i < results->count; ++i)
        if (results->list[i].file == suite->file)
            base_json_append(list, report_result_tree(&results->list[i]));
    return base_json_take(text, json);
}

/* ---- in ------------------------------------------------------------------------------------ */

static int get_object(void *to, const cJSON *json, const object_keys *keys)
{
    TRY(report_get_texts(to, json, keys->texts, keys->text_count));
    return report_get_numbers(to, json, keys->numbers, keys->number_count);
}

/* A list that is not there is empty. */
static int get_list(void **out, size_t *count, const cJSON *json, const object_keys *keys)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, keys->name), *item;

    if (list == NULL)
        return 0;
    if (!cJSON_IsArray(list))
        return alx_fail(ALX_E_DATA, "\"%s\" is not a list", keys->name);
    *out = calloc((size_t)cJSON_GetArraySize(list) + 1, keys->bytes);
    if (*out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for \"%s\"", keys->name);
    cJSON_ArrayForEach(item, list) TRY(alx_fail_context(
        get_object((char *)*out + (*count)++ * keys->bytes, item, keys), "\"%s\"", keys->name));
    return 0;
}

static int get_errors(alx_suite *suite, const cJSON *json)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, check_keys.name);

    for (size_t i = 0; i < suite->check_count; ++i) {
        const cJSON *error = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(list, (int)i),
                                                              "error");

        if (!cJSON_IsNull(error) && (!cJSON_IsNumber(error) || !(error->valuedouble >= 0.0)))
            return alx_fail(ALX_E_DATA,
                            "\"checks\": \"error\" is neither null nor a number from 0");
        suite->checks[i].error = cJSON_IsNumber(error) ? error->valuedouble : INFINITY;
    }
    return 0;
}

static int get_lists(alx_suite *suite, const cJSON *json)
{
    void *checks = NULL, *ways = NULL, *gaps = NULL;
    int rc = 0;

    TRY_DONE(get_list(&checks, &suite->check_count, json, &check_keys));
    TRY_DONE(get_list(&ways, &suite->way_count, json, &way_keys));
    TRY_DONE(get_list(&gaps, &suite->gap_count, json, &gap_keys));
done:
    suite->checks = checks;
    suite->ways = ways;
    suite->gaps = gaps;
    return rc == 0 ? get_errors(suite, json) : rc;
}

static int get_suite(alx_suite *suite, const cJSON *json)
{
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(json, "schema");
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(json, device_keys.name);
    const cJSON *peak = cJSON_GetObjectItemCaseSensitive(json, "peak");

    if (!cJSON_IsNumber(schema) || schema->valuedouble != ALX_SUITE_SCHEMA)
        return alx_fail(ALX_E_DATA, "a suite of schema %g; this program reads schema %d",
                        cJSON_IsNumber(schema) ? schema->valuedouble : 0.0, ALX_SUITE_SCHEMA);
    TRY(get_object(suite, json, &suite_keys));
    TRY(alx_fail_context(get_object(&suite->device, device, &device_keys), "\"device\""));
    if (peak != NULL)
        TRY(report_get_numbers(suite, peak, peak_numbers, ALX_COUNT(peak_numbers)));
    return get_lists(suite, json);
}

int report_suite_add(alx_results *results, const cJSON *json)
{
    alx_suite *suites = realloc(results->suites, (results->suite_count + 1) * sizeof *suites);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "results"), *item;
    alx_suite *suite = NULL;

    if (suites == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a suite");
    results->suites = suites;
    suite = &suites[results->suite_count++];
    *suite = (alx_suite){ .file = results->files++ };
    TRY(get_suite(suite, json));
    if (!cJSON_IsArray(list))
        return alx_fail(ALX_E_DATA, "\"results\" is %s",
                        list == NULL ? "missing" : "not a list of results");
    cJSON_ArrayForEach(item, list)
    {
        TRY(report_result_add(results, item, suite->file));
        results->list[results->count - 1].in_suite = true;
    }
    return 0;
}

void report_suite_free(alx_suite *suite)
{
    free(suite->checks);
    free(suite->ways);
    free(suite->gaps);
}
