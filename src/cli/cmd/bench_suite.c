/* bench_suite.c - all that a device should be asked, in one run and one file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/suite.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/try.h"
#include "cli/cmd/bench.h"
#include "cli/ui/progress.h"

#define SECONDS 12.0 /* of the timed steps of a part */

static const char *const usual[] = { "paper", "owt", "cifar10" };

static int read_configs(alx_config **configs, size_t *count, const cli_line *line)
{
    const bool named = line->arg_count > 1;

    *count = named ? (size_t)line->arg_count - 1 : ALX_COUNT(usual);
    *configs = calloc(*count, sizeof **configs);
    if (*configs == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu configs", *count);
    for (size_t i = 0; i < *count; ++i)
        TRY(alx_config_read(&(*configs)[i], named ? line->args[i + 1] : usual[i], NULL, 0));
    return 0;
}

static int write_suite(const char *path, alx_results *results)
{
    alx_suite *suite = &results->suites[0];
    alx_result signature = { 0 };
    char *json = NULL;
    int rc = 0;

    for (size_t i = 0; i < results->count; ++i)
        cli_bench_sign(&results->list[i]);
    cli_bench_sign(&signature);
    snprintf(suite->program, sizeof suite->program, "%s", signature.program);
    snprintf(suite->version, sizeof suite->version, "%s", signature.version);
    snprintf(suite->commit, sizeof suite->commit, "%s", signature.commit);
    TRY_DONE(alx_suite_json(&json, results, suite));
    TRY_DONE(base_file_write(path, json, strlen(json)));
    alx_info("%s: %zu results, %zu left out, %zu of %zu checks passed", path, results->count,
             suite->gap_count, suite->check_count - alx_suite_failures(suite), suite->check_count);
done:
    free(json);
    return rc;
}

/* The file is there all the same: it says what is wrong. */
static int judge(const alx_suite *suite, const char *path)
{
    const size_t failures = alx_suite_failures(suite);

    if (failures == 0)
        return 0;
    return alx_fail(ALX_E_NUMERIC, "%zu of %zu checks failed: %s says which", failures,
                    suite->check_count, path);
}

int cli_bench_suite(const bench_options *options)
{
    alx_suite_setup setup = { .seconds = SECONDS, .on_task = cli_progress_task };
    alx_results results = { 0 };
    alx_config *configs = NULL;
    cli_devices devices = { .count = 0 };
    int rc = 0;

    if (options->output == NULL)
        return alx_fail(ALX_E_USAGE, "bench suite wants -o FILE; try alexnet bench suite --help");
    TRY_DONE(base_file_check_place(options->output));
    for (int i = 1; i < options->line.arg_count; ++i)
        TRY_DONE(base_path_check_output(options->output, options->line.args[i]));
    TRY_DONE(read_configs(&configs, &setup.config_count, &options->line));
    TRY_DONE(cli_progress_start(NULL));
    TRY_DONE(cli_open_devices(&devices, &options->device));
    setup.dev = devices.dev[0];
    setup.rows = devices.rows[0];
    setup.algorithms = devices.asked;
    setup.configs = configs;
    const int measured = alx_suite_run(&results, &setup);
    cli_progress_stop();
    if (measured == 0 || measured == ALX_E_DEVICE)
        TRY_DONE(write_suite(options->output, &results));
    TRY_DONE(measured);
    TRY_DONE(judge(&results.suites[0], options->output));
done:
    alx_results_free(&results);
    free(configs);
    return cli_close_devices(&devices, rc);
}
