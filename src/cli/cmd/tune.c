/* tune.c - finds the fastest right way to compute every pass of a network's step on a device,
 * and keeps it as tuning rows. */
#include <stdio.h>

#include "alexnet/dev/tune.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/format.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/json.h"
#include "cli/ui/progress.h"
#include "cli/ui/signals.h"

typedef struct tune_options {
    cli_line line;
    const char *output, *only;
    int budget;
    bool json;
    cli_device_options device;
    cli_progress_options progress;
} tune_options;

/* ---- output -------------------------------------------------------------------------------- */

static base_cell ms_text(const alx_row *row)
{
    return base_format_number(row != NULL ? row->ms : 0.0, 2);
}

static base_cell gflops_text(const alx_tune_problem *p, const alx_row *row)
{
    return base_format_number(row != NULL ? alx_tune_gflops(p, row) : 0.0, 0);
}

static void print_table(const alx_tune *tune)
{
    double usual_ms, fastest_ms;

    if (alx_tune_sum(&usual_ms, &fastest_ms, tune) == 0)
        return;
    printf("%-20s  %8s  %8s  %8s  %8s  %8s  %8s\n", "", "default", "fastest", "own", "CLBlast",
           "tuned", "error");
    printf("%-20s  %8s  %8s  %8s  %8s  %8s  %8s  fastest way\n", "pass", "ms", "ms", "GFLOP/s",
           "GFLOP/s", "GFLOP/s", "of max");
    for (size_t i = 0; i < tune->problem_count; ++i) {
        const alx_tune_problem *p = &tune->problems[i];
        const alx_tune_result r = alx_tune_result_of(tune, p);

        if (r.fastest == NULL)
            continue;
        printf("%-20s  %8s  %8s  %8s  %8s  %8s  %8.1e  %s\n", p->info.label, ms_text(r.usual).text,
               ms_text(r.fastest).text, gflops_text(p, r.own).text, gflops_text(p, r.clblast).text,
               gflops_text(p, r.clblast_tuned).text, r.fastest->error, r.fastest->choice);
    }
    printf("%-20s  %8.1f  %8.1f\n", "all passes of a step", usual_ms, fastest_ms);
}

static int print(const alx_tune *tune, const alx_config *config, bool as_json)
{
    char *json = NULL;

    if (as_json)
        return cli_print_json(alx_tune_json(&json, tune, config->name, config->train.batch_size),
                              &json);
    print_table(tune);
    return 0;
}

/* ---- the command --------------------------------------------------------------------------- */

/* Before a device is opened. */
static int check_file(const char *output)
{
    if (output != NULL)
        return base_file_check_place(output);
    if (alx_rows_are_off(NULL))
        return alx_fail(ALX_E_USAGE, "ALEXNET_TUNING=off: there is no file for the rows: give "
                                     "--output FILE");
    return 0;
}

static int search(alx_tune *tune, const alx_config *config, const tune_options *options)
{
    if (alx_rows_path(tune->rows)[0] == '\0')
        return alx_fail(ALX_E_USAGE, "there is no file for the rows, the cache is off: give "
                                     "--output FILE");
    TRY(alx_tune_open(tune, &config->net, config->train.batch_size, options->only));
    tune->budget_seconds = options->budget;
    alx_info("rows        %s", alx_rows_path(tune->rows));
    tune->interrupt = cli_catch_signals("\nstopping after this way; again to kill\n");
    TRY(alx_tune_run(tune, options->only));
    cli_progress_stop();
    if (tune->stopped && !alx_tune_interrupted(tune))
        alx_info("time is over: the same command goes on");
    return 0;
}

static int tune_run(const void *given)
{
    const tune_options *options = given;
    alx_tune tune = { .on_task = cli_progress_task };
    cli_devices devices = { .rows_path = options->output };
    alx_config config;
    int rc = 0;

    TRY_DONE(cli_progress_start(&options->progress));
    TRY_DONE(check_file(options->output));
    TRY_DONE(cli_read_config(&config, options->line.args[0], &options->line));
    TRY_DONE(cli_open_devices(&devices, &options->device));
    tune.dev = devices.dev[0];
    tune.rows = devices.rows[0];
    TRY_DONE(search(&tune, &config, options));
    TRY_DONE(print(&tune, &config, options->json));
    if (tune.stopped && alx_tune_interrupted(&tune))
        rc = alx_fail(ALX_E_INTERRUPTED, "interrupted: the rows are kept, the same command goes "
                                         "on");
done:
    alx_tune_close(&tune);
    return cli_close_devices(&devices, rc);
}

#define FIELD(name) .offset = offsetof(tune_options, name)

static const cli_option tune_rows[] = {
    { "output", "FILE", "file of the rows; default that of ALEXNET_TUNING", CLI_TEXT, FIELD(output),
      .letter = 'o' },
    { .rows = cli_train_batch_row },
    { .rows = cli_set_row },
    { "budget", "SECONDS",
      "stop after so long; the same command goes on later; default until all is measured", CLI_INT,
      FIELD(budget) },
    { "only", "WHAT", "one layer alone, or the parameters of clblast", CLI_TEXT, FIELD(only) },
    { CLI_ROWS(cli_json_row, tune_options, json) },
    { CLI_ROWS(cli_device_row, tune_options, device) },
    { CLI_ROWS(cli_threads_row, tune_options, device) },
    { CLI_ROWS(cli_timeout_row, tune_options, device) },
    { CLI_ROWS(cli_progress_row, tune_options, progress) },
    CLI_END,
};

const cli_command cli_cmd_tune = {
    .name = "tune",
    .summary = "find the fastest way to compute each pass on a device",
    .arguments = "CONFIG",
    .min_args = 1,
    .max_args = 1,
    .examples = "alexnet tune paper\n"
                "alexnet tune owt --device gpu --budget 120\n",
    .details = "Measures algorithms and their parameters on the network's own shapes, at its "
               "batch size, and keeps what it finds as rows of a file; train, eval, predict and "
               "bench look there. A way counts only if its numbers match the twin's. The first "
               "interrupt (Ctrl-C) stops after the way at hand with exit code 130; the same "
               "command goes on. Rows belong to the device, its driver and the kernels: after a "
               "change of one of them, tune again. ALEXNET_TUNING=off leaves all rows out.",
    .options = tune_rows,
    .options_bytes = sizeof(tune_options),
    .run = tune_run,
};
