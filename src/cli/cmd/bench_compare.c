/* bench_compare.c - an earlier result beside the one just measured. */
#include "cli/cmd/bench.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"

#define DEFAULT_THRESHOLD 0.1

/* "10%", "10 %" and "10" are a tenth. */
static int parse_threshold(double *out, const char *text)
{
    char *end = NULL;

    *out = text != NULL ? 0.01 * strtod(text, &end) : DEFAULT_THRESHOLD;
    if (text == NULL)
        return 0;
    while (*end == ' ')
        ++end;
    if (end != text && (*end == '\0' || strcmp(end, "%") == 0) && *out >= 0.0 && *out < 1e6)
        return 0;
    return alx_fail(ALX_E_USAGE, "--threshold wants a percentage like 10%%, not '%s'", text);
}

static void warn_of_differences(char *notes)
{
    char *rest = NULL;

    for (char *line = strtok_r(notes, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        alx_warn("not the same as in the baseline: %s", line);
}

/* The one result of the file that is of the same kind, or its only one. */
static int find_baseline(const alx_result **out, const alx_results *file, const alx_result *result,
                         const char *path)
{
    *out = NULL;
    for (size_t i = 0; i < file->count; ++i) {
        const alx_result *r = &file->list[i];
        const bool fits = strcmp(r->kind, result->kind) == 0 &&
                          strcmp(r->program, result->program) == 0 &&
                          strcmp(r->config, result->config) == 0 &&
                          strcmp(r->device, result->device) == 0 &&
                          r->batch_size == result->batch_size;

        if (fits && *out != NULL)
            return alx_fail(ALX_E_DATA, "%s holds several results like this one", path);
        if (fits)
            *out = r;
    }
    if (*out == NULL && file->count > 1)
        return alx_fail(ALX_E_DATA, "%s holds no result of bench %s %s, batch %.0f, on %s", path,
                        result->kind, result->config, result->batch_size, result->device);
    if (*out == NULL)
        *out = &file->list[0];
    return 0;
}

int bench_check_compare(const char *path, const char *threshold)
{
    alx_results file = { 0 };
    double share;
    int rc = 0;

    TRY_DONE(parse_threshold(&share, threshold));
    if (path == NULL && threshold != NULL)
        rc = alx_fail(ALX_E_USAGE, "--threshold without --compare FILE");
    else if (path != NULL)
        rc = alx_results_read(&file, path);
done:
    alx_results_free(&file);
    return rc;
}

int bench_check_baseline(const alx_result *described, const char *path)
{
    alx_results file = { 0 };
    const alx_result *baseline = NULL;
    int rc = 0;

    if (path == NULL)
        return 0;
    TRY_DONE(alx_results_read(&file, path));
    TRY_DONE(find_baseline(&baseline, &file, described, path));
    TRY_DONE(alx_fail_context(alx_result_check_comparable(baseline, described), "%s", path));
done:
    alx_results_free(&file);
    return rc;
}

int bench_compare(const alx_result *result, const char *path, const char *threshold, bool json)
{
    alx_results file = { 0 };
    alx_comparison comparison = { 0 };
    const alx_result *baseline = NULL;
    double share;
    int rc = 0;

    if (path == NULL)
        return 0;
    TRY_DONE(parse_threshold(&share, threshold));
    TRY_DONE(alx_results_read(&file, path));
    TRY_DONE(find_baseline(&baseline, &file, result, path));
    TRY_DONE(
        alx_fail_context(alx_result_compare(&comparison, baseline, result, share), "%s", path));
    warn_of_differences(comparison.notes);
    if (!json)
        bench_print_comparison(&comparison, share);
    if (comparison.slower > 0)
        rc = alx_fail(ALX_E_SLOWER, "%zu of %zu took more than %g %% longer than in %s",
                      comparison.slower, comparison.count, 100.0 * share, path);
done:
    alx_comparison_free(&comparison);
    alx_results_free(&file);
    return rc;
}
