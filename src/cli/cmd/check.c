/* check.c - does this device compute right? Every kernel against its twin and a gradient check,
 * or everything in a folder of golden numbers. */
#include <stdio.h>

#include "alexnet/dev/check.h"
#include "alexnet/log.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/json.h"
#include "cli/ui/progress.h"

static cJSON *line_json(const alx_check_line *line)
{
    cJSON *row = cJSON_CreateObject();

    cJSON_AddStringToObject(row, "check", line->name);
    cJSON_AddBoolToObject(row, "pass", !line->fails);
    cJSON_AddNumberToObject(row, "error", line->error);
    cJSON_AddNumberToObject(row, "limit", line->limit);
    cJSON_AddStringToObject(row, "worst", line->worst);
    cJSON_AddNumberToObject(row, "comparisons", (double)line->count);
    return row;
}

/* `user` is the array of --json, NULL without it. */
static void show_line(const alx_check_line *line, void *user)
{
    cJSON *rows = user;

    cli_progress_wipe();
    if (rows != NULL)
        cJSON_AddItemToArray(rows, line_json(line));
    else
        printf("%s  %-20s %8.2g  limit %-8.2g %s (of %zu)\n", line->fails ? "FAIL" : "PASS",
               line->name, line->error, line->limit, line->worst, line->count);
    fflush(stdout);
}

static int check_options_agree(const cli_options *options)
{
    if (options->golden == NULL && (options->max_macs > 0 || options->steps > 0))
        return alx_fail(ALX_E_USAGE, "--max-macs and --steps want --golden; "
                                     "try alexnet help check");
    if (options->golden != NULL && options->quick)
        return alx_fail(ALX_E_USAGE, "--quick and --golden exclude each other; --only and "
                                     "--max-macs make a golden folder short");
    return 0;
}

static int check_all(alx_check_total *total, const alx_check_options *check, const char *golden)
{
    if (golden != NULL)
        return alx_check_golden(total, check, golden);
    TRY(alx_check_kernels(total, check));
    return !check->quick || check->only != NULL ? alx_check_gradient(total, check) : 0;
}

static int result_of(const alx_check_total *total)
{
    if (total->lines == 0)
        return alx_fail(ALX_E_USAGE, "nothing was checked: --only or --max-macs leave nothing of "
                                     "the folder; --only takes ops, nets, full, an operation, "
                                     "operation/case, or a network");
    if (total->failed > 0)
        return alx_fail(ALX_E_NUMERIC, "%zu of %zu checks failed", total->failed, total->lines);
    alx_info("%zu of %zu checks passed", total->lines, total->lines);
    return 0;
}

int cmd_check(const cli_options *options)
{
    cJSON *rows = options->json ? cJSON_CreateArray() : NULL;
    alx_check_options check = { .only = options->only,
                                .quick = options->quick,
                                .max_macs = options->max_macs,
                                .steps = options->steps,
                                .on_line = show_line,
                                .on_task = cli_progress_task,
                                .user = rows };
    alx_check_total total = { 0 };
    cli_devices devices = { .count = 0 };
    int rc = 0;

    TRY_DONE(check_options_agree(options));
    TRY_DONE(cli_progress_start(options));
    if (options->golden == NULL && options->only != NULL)
        TRY_DONE(alx_check_only(options->only));
    TRY_DONE(cli_open_devices(&devices, options));
    check.devs = devices.dev;
    check.dev_count = devices.count;
    check.algorithms = devices.count == 1 ? devices.resolved[0] : devices.asked;
    TRY_DONE(check_all(&total, &check, options->golden));
    cli_progress_stop();
    if (options->json) {
        rc = cli_print_json(rows);
        rows = NULL;
        TRY_DONE(rc);
    }
    TRY_DONE(result_of(&total));
done:
    cJSON_Delete(rows);
    rc = cli_close_devices(&devices, rc);
    return rc;
}
