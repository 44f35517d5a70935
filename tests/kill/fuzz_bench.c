/* fuzz_bench.c - results of benchmarks as JSON, and what is made of them. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/report.h"

/* What is written reads back, and is written the same; a name that is no UTF-8 may have become too
 * long. */
static void use_suite(const alx_results *results, const alx_suite *suite)
{
    char *text = NULL, *again = NULL;
    alx_results back = { 0 };
    int rc = alx_suite_json(&text, results, suite);

    fuzz_expect_named(rc, NULL);
    if (rc == 0) {
        rc = alx_results_read(&back, fuzz_write("again.json", text, strlen(text)));
        fuzz_expect_named(rc, "again.json");
    }
    if (rc == 0 && alx_suite_json(&again, &back, &back.suites[0]) == 0)
        fuzz_expect(strcmp(text, again) == 0, "a suite is written as it was read");
    alx_results_free(&back);
    free(text);
    free(again);
}

static void use(const alx_results *results)
{
    for (size_t i = 0; i < results->count; ++i) {
        alx_comparison comparison = { 0 };
        char *text = NULL;

        fuzz_expect_named(alx_result_json(&text, &results->list[i]), NULL);
        free(text);
        fuzz_expect_named(alx_result_csv(&text, &results->list[i]), NULL);
        free(text);
        fuzz_expect_named(
            alx_result_compare(&comparison, &results->list[0], &results->list[i], 0.1), NULL);
        alx_comparison_free(&comparison);
    }
    for (size_t i = 0; i < results->suite_count; ++i)
        use_suite(results, &results->suites[i]);
    fuzz_expect_named(alx_report_html(fuzz_path("report.html"), results), NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *path = fuzz_write("result.json", data, bytes);
    alx_results results = { 0 };
    const int rc = alx_results_read(&results, path);

    fuzz_expect_named(rc, path);
    if (rc == 0)
        use(&results);
    alx_results_free(&results);
    return 0;
}
