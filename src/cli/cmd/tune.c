/* tune.c - finds the fastest right way to compute every pass of a network's step on a device,
 * and keeps it as tuning rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/tune.h"
#include "alexnet/log.h"
#include "base/clock.h"
#include "base/env.h"
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

#define ONLY_CLBLAST "clblast"

/* ---- what the rows say --------------------------------------------------------------------- */

/* A problem's rows side by side; NULL where there is none. */
typedef struct tune_result {
    const alx_row *usual;                   /* the default */
    const alx_row *own;                     /* the fastest of our kernels */
    const alx_row *clblast, *clblast_tuned; /* with packaged and with the best parameters */
    const alx_row *fastest;
} tune_result;

/* Where a row of this choice is shown. */
static const alx_row **column_of(tune_result *result, const char *choice)
{
    if (strcmp(choice, ALX_TUNED_IM2COL) == 0 || strcmp(choice, ALX_TUNED_CLBLAST) == 0)
        return &result->clblast_tuned;
    if (strcmp(choice, "im2col") == 0 || strcmp(choice, "clblast") == 0)
        return &result->clblast;
    return &result->own;
}

static void keep_faster(const alx_row **best, const alx_row *row)
{
    if (*best == NULL || row->ms < (*best)->ms)
        *best = row;
}

static tune_result result_of(const alx_tune *tune, const alx_tune_problem *p)
{
    tune_result result = { 0 };

    for (size_t i = 0; i < p->way_count; ++i) {
        const alx_row *row = alx_tune_row(tune, p, p->ways[i]);

        if (row == NULL || row->ms <= 0.0)
            continue;
        if (i == 0)
            result.usual = row;
        keep_faster(&result.fastest, row);
        keep_faster(column_of(&result, row->choice), row);
    }
    return result;
}

static base_cell ms_text(const alx_row *row)
{
    base_cell out = { "-" };

    if (row != NULL)
        snprintf(out.text, sizeof out.text, "%.2f", row->ms);
    return out;
}

static base_cell gflops_text(const alx_tune_problem *p, const alx_row *row)
{
    base_cell out = { "-" };

    if (row != NULL)
        snprintf(out.text, sizeof out.text, "%.0f", 1e-6 * p->info.flops / row->ms);
    return out;
}

static void print_table(const alx_tune *tune)
{
    double usual_ms = 0.0, fastest_ms = 0.0;

    printf("%-20s  %8s  %8s  %8s  %8s  %8s  %8s\n", "", "default", "fastest", "own", "CLBlast",
           "tuned", "error");
    printf("%-20s  %8s  %8s  %8s  %8s  %8s  %8s  fastest way\n", "pass", "ms", "ms", "GFLOP/s",
           "GFLOP/s", "GFLOP/s", "of max");
    for (size_t i = 0; i < tune->problem_count; ++i) {
        const alx_tune_problem *p = &tune->problems[i];
        const tune_result r = result_of(tune, p);

        if (r.fastest == NULL)
            continue;
        printf("%-20s  %8s  %8s  %8s  %8s  %8s  %8.1e  %s\n", p->info.label, ms_text(r.usual).text,
               ms_text(r.fastest).text, gflops_text(p, r.own).text, gflops_text(p, r.clblast).text,
               gflops_text(p, r.clblast_tuned).text, r.fastest->error, r.fastest->choice);
        fastest_ms += p->calls * r.fastest->ms;
        usual_ms += p->calls * (r.usual != NULL ? r.usual->ms : r.fastest->ms);
    }
    printf("%-20s  %8.1f  %8.1f\n", "all passes of a step", usual_ms, fastest_ms);
}

static int print_json(const alx_tune *tune, const char *config, int batch)
{
    const alx_device_info *info = alx_device_get_info(tune->dev);
    cJSON *json = cJSON_CreateObject(), *rows = base_json_add_array(json, "rows");

    base_json_add_text(json, "device", info->name);
    base_json_add_text(json, "driver", info->driver);
    base_json_add_text(json, "config", config);
    base_json_add_number(json, "batch_size", batch);
    base_json_add_bool(json, "complete", !tune->stopped);
    for (size_t i = 0; i < tune->problem_count; ++i)
        for (size_t way = 0; way < tune->problems[i].way_count; ++way) {
            const alx_tune_problem *p = &tune->problems[i];
            const alx_row *row = alx_tune_row(tune, p, p->ways[way]);
            cJSON *object = row != NULL ? cJSON_CreateObject() : NULL;

            if (row == NULL)
                continue;
            base_json_add_text(object, "pass", p->info.label);
            base_json_add_text(object, "choice", row->choice);
            base_json_add_bool(object, "right", row->ms > 0.0);
            base_json_add_number(object, "ms", row->ms);
            base_json_add_number(object, "gflops",
                                 row->ms > 0.0 ? 1e-6 * p->info.flops / row->ms : 0.0);
            base_json_add_number(object, "error", row->error);
            base_json_append(rows, object);
        }
    return cli_print_json(&json);
}

/* ---- the command --------------------------------------------------------------------------- */

static int prepare(alx_tune *tune, alx_graph **graph, const alx_config *config,
                   const tune_options *options)
{
    if (alx_rows_path(tune->rows)[0] == '\0')
        return alx_fail(ALX_E_USAGE, "there is no file for the rows, the cache is off: give "
                                     "--output FILE");
    TRY(alx_rows_check_file(tune->rows));
    TRY(alx_graph_create(graph, &config->net));
    const bool layer = options->only != NULL && strcmp(options->only, ONLY_CLBLAST) != 0;

    TRY(alx_tune_list(tune, *graph, config->train.batch_size, layer ? options->only : NULL));
    tune->deadline = base_seconds() + (options->budget > 0 ? options->budget : 1e9);
    return 0;
}

/* CLBlast as it comes, our kernels; then CLBlast's parameters, and CLBlast with the best. */
static int search(alx_tune *tune, const char *only)
{
    const bool clblast_only = only != NULL && strcmp(only, ONLY_CLBLAST) == 0;
    bool tuned = false;
    int rc = 0;

    if (!clblast_only)
        TRY_DONE(alx_tune_search(tune));
    if (tune->stopped || (only != NULL && !clblast_only))
        goto done;
    TRY_DONE(alx_tune_clblast(tune, &tuned));
    if (!tuned || clblast_only)
        goto done;
    alx_tune_add_clblast_ways(tune);
    if (!tune->stopped)
        TRY_DONE(alx_tune_search(tune));
done:
    cli_progress_stop();
    return rc;
}

static int tune_run(const void *given)
{
    const tune_options *options = given;
    alx_tune tune = { .on_task = cli_progress_task };
    cli_devices devices = { .rows_path = options->output };
    alx_graph *graph = NULL;
    alx_config config;
    int rc = 0;

    TRY_DONE(cli_progress_start(&options->progress));
    TRY_DONE(cli_read_config(&config, options->line.args[0], &options->line));
    TRY_DONE(cli_open_devices(&devices, &options->device));
    tune.dev = devices.dev[0];
    tune.rows = devices.rows[0];
    TRY_DONE(prepare(&tune, &graph, &config, options));
    alx_info("rows        %s", alx_rows_path(tune.rows));
    tune.interrupt = cli_catch_signals("\nstopping after this way; again to kill\n");
    TRY_DONE(search(&tune, options->only));
    const bool interrupted = tune.stopped && alx_tune_interrupted(&tune);

    if (tune.stopped && !interrupted)
        alx_info("time is over: the same command goes on");
    if (options->json)
        TRY_DONE(print_json(&tune, config.name, config.train.batch_size));
    else
        print_table(&tune);
    if (interrupted)
        rc = alx_fail(ALX_E_INTERRUPTED, "interrupted: the rows are kept, the same command goes "
                                         "on");
done:
    free(tune.problems);
    alx_graph_free(graph);
    rc = cli_close_devices(&devices, rc);
    return rc;
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
