/* check.c - does this device compute right? Every kernel against its twin and a gradient check,
 * or everything in a folder of golden numbers. */
#include <stdio.h>

#include "alexnet/dev/check.h"
#include "alexnet/log.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/json.h"
#include "cli/ui/output.h"
#include "cli/ui/progress.h"

typedef struct check_options {
    cli_line line;
    const char *golden, *only;
    size_t max_macs;
    int steps;
    bool quick, json;
    cli_device_options device;
    cli_progress_options progress;
} check_options;

static void show_line(const alx_check_line *line, void *user)
{
    (void)user;
    cli_progress_wipe();
    printf("%s  %-20s %8.2g  limit %-8.2g %s (of %zu)\n", line->fails ? "FAIL" : "PASS", line->name,
           line->error, line->limit, line->worst, line->count);
    (void)cli_flush_stdout(); /* the end tells of a failure */
}

static int check_options_agree(const check_options *options)
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

static int check_run(const void *given)
{
    const check_options *options = given;
    alx_check_options check = { .only = options->only,
                                .quick = options->quick,
                                .max_macs = options->max_macs,
                                .steps = options->steps,
                                .on_line = options->json ? NULL : show_line,
                                .on_task = cli_progress_task };
    alx_check_total total = { 0 };
    cli_devices devices = { .count = 0 };
    char *json = NULL;
    int rc = 0;

    TRY_DONE(check_options_agree(options));
    TRY_DONE(cli_progress_start(&options->progress));
    if (options->golden == NULL && options->only != NULL)
        TRY_DONE(alx_check_only(options->only));
    TRY_DONE(cli_open_devices(&devices, &options->device));
    check.devs = devices.dev;
    check.dev_count = devices.count;
    check.algorithms = devices.count == 1 ? devices.resolved[0] : devices.asked;
    check.rows = devices.rows;
    TRY_DONE(check_all(&total, &check, options->golden));
    cli_progress_stop();
    if (options->json)
        TRY_DONE(cli_print_json(alx_check_json(&json, &total), &json));
    TRY_DONE(result_of(&total));
done:
    alx_check_total_free(&total);
    rc = cli_close_devices(&devices, rc);
    return rc;
}

#define FIELD(name) .offset = offsetof(check_options, name)

static const cli_option check_rows[] = {
    { "golden", "DIR", "compare with the golden numbers of a folder instead of the twins", CLI_TEXT,
      FIELD(golden) },
    { "only", "WHAT",
      "the line of that name; of a golden folder: ops, nets, full, an operation, "
      "operation/case, or a network",
      CLI_TEXT, FIELD(only) },
    { "quick", NULL,
      "every kernel that this kind of device uses, on fewer shapes: seconds; a quarter of a "
      "minute of two cores where no kernel is built yet",
      CLI_FLAG, FIELD(quick) },
    { "max-macs", "N", "of a golden folder: leave out what takes more multiplications forward",
      CLI_SIZE, FIELD(max_macs) },
    { "steps", "N", "of a golden network: updates to make; default all that are stored", CLI_INT,
      FIELD(steps), .most = 1000000 },
    { CLI_ROWS(cli_json_row, check_options, json) },
    { CLI_ROWS(cli_compute_rows, check_options, device) },
    { CLI_ROWS(cli_progress_row, check_options, progress) },
    CLI_END,
};

const cli_command cli_cmd_check = {
    .name = "check",
    .summary = "does a device compute right: every kernel, gradients",
    .arguments = "",
    .max_args = 0,
    .examples = "alexnet check\n"
                "alexnet check --quick\n"
                "alexnet check --device 1 --json\n"
                "alexnet check --golden tests/golden --only conv2d\n",
    .details = "Compares every kernel with its twin in plain C, and gradients with differences "
               "of the loss. With --golden, everything in a folder of numbers made by PyTorch "
               "in double precision: operations, small networks and ten steps of their "
               "training, networks of full size. A line is the worst of its comparisons; one "
               "that fails is exit code 6.",
    .options = check_rows,
    .options_bytes = sizeof(check_options),
    .run = check_run,
};
