/* fuzz_bench.c - results of benchmarks as JSON, and what is made of them. */
#include "fuzz.h"

#include <stdlib.h>

#include "alexnet/dev/report.h"

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
