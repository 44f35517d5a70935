/* read.c - files of results and suites. */
#include "report/result/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/try.h"

static bool is_suite(const cJSON *json)
{
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive(json, "kind");

    return cJSON_IsString(kind) && strcmp(kind->valuestring, ALX_SUITE_KIND) == 0;
}

/* Each suite counts as a file of its own. */
static int add_all(alx_results *results, const cJSON *json)
{
    const size_t file = results->files++;
    const cJSON *item = cJSON_IsArray(json) ? json->child : json;

    for (; item != NULL; item = item->next)
        TRY(is_suite(item) ? report_suite_add(results, item)
                           : report_result_add(results, item, file));
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
    if (cJSON_IsArray(json) && cJSON_GetArraySize(json) == 0)
        rc = alx_fail(ALX_E_DATA, "%s: an empty list: there is no result in it", path);
    else if (!cJSON_IsObject(json) && !cJSON_IsArray(json))
        rc = alx_fail(ALX_E_DATA, "%s: not JSON, or neither an object nor a list of them", path);
    TRY_DONE(rc);
    rc = alx_fail_context(add_all(results, json), "%s", path);
done:
    cJSON_Delete(json);
    free(text);
    return rc;
}

void alx_results_free(alx_results *results)
{
    for (size_t i = 0; i < results->count; ++i)
        alx_result_free(&results->list[i]);
    for (size_t i = 0; i < results->suite_count; ++i)
        report_suite_free(&results->suites[i]);
    free(results->list);
    free(results->suites);
    *results = (alx_results){ 0 };
}
