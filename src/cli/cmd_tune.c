/* cmd_tune.c - finds the fastest right way to compute every pass of a network's step on a device,
 * and keeps it as tuning rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/setup.h"
#include "cli/signals.h"
#include "tune/tune.h"

#define ONLY_CLBLAST "clblast"

/* ---- what the rows say --------------------------------------------------------------------- */

/* A problem's rows side by side; NULL where there is none. */
typedef struct tune_result {
    const alx_tuning_row *usual;                   /* the default */
    const alx_tuning_row *own;                     /* the fastest of our kernels */
    const alx_tuning_row *clblast, *clblast_tuned; /* with packaged and with the best parameters */
    const alx_tuning_row *fastest;
} tune_result;

/* Where a row of this choice is shown. */
static const alx_tuning_row **column_of(tune_result *result, const char *choice)
{
    if (strcmp(choice, ALX_TUNED_IM2COL) == 0 || strcmp(choice, ALX_TUNED_CLBLAST) == 0)
        return &result->clblast_tuned;
    if (strcmp(choice, "im2col") == 0 || strcmp(choice, "clblast") == 0)
        return &result->clblast;
    return &result->own;
}

static void keep_faster(const alx_tuning_row **best, const alx_tuning_row *row)
{
    if (*best == NULL || row->ms < (*best)->ms)
        *best = row;
}

static tune_result result_of(const tune_run *run, const tune_problem *p)
{
    tune_result result = { 0 };

    for (size_t i = 0; i < p->way_count; ++i) {
        const alx_tuning_row *row = tune_row(run, p, p->ways[i]);

        if (row == NULL || row->ms <= 0.0)
            continue;
        if (i == 0)
            result.usual = row;
        keep_faster(&result.fastest, row);
        keep_faster(column_of(&result, row->choice), row);
    }
    return result;
}

static cli_text ms_text(const alx_tuning_row *row)
{
    cli_text out = { "-" };

    if (row != NULL)
        snprintf(out.text, sizeof out.text, "%.2f", row->ms);
    return out;
}

static cli_text gflops_text(const tune_problem *p, const alx_tuning_row *row)
{
    cli_text out = { "-" };

    if (row != NULL)
        snprintf(out.text, sizeof out.text, "%.0f", 1e-6 * p->info.flops / row->ms);
    return out;
}

static void print_table(const tune_run *run)
{
    double usual_ms = 0.0, fastest_ms = 0.0;

    printf("%-20s  %8s  %8s  %8s  %8s  %8s  %8s\n", "", "default", "fastest", "own", "CLBlast",
           "tuned", "error");
    printf("%-20s  %8s  %8s  %8s  %8s  %8s  %8s  fastest way\n", "pass", "ms", "ms", "GFLOP/s",
           "GFLOP/s", "GFLOP/s", "of max");
    for (size_t i = 0; i < run->problem_count; ++i) {
        const tune_problem *p = &run->problems[i];
        const tune_result r = result_of(run, p);

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

static int print_json(const tune_run *run, const char *config, int batch)
{
    const alx_device_info *info = alx_device_get_info(run->dev);
    cJSON *json = cJSON_CreateObject(), *rows = cJSON_AddArrayToObject(json, "rows");

    cJSON_AddStringToObject(json, "device", info->name);
    cJSON_AddStringToObject(json, "driver", info->driver);
    cJSON_AddStringToObject(json, "config", config);
    cJSON_AddNumberToObject(json, "batch_size", batch);
    cJSON_AddBoolToObject(json, "complete", !run->stopped);
    for (size_t i = 0; i < run->problem_count; ++i)
        for (size_t way = 0; way < run->problems[i].way_count; ++way) {
            const tune_problem *p = &run->problems[i];
            const alx_tuning_row *row = tune_row(run, p, p->ways[way]);
            cJSON *object = row != NULL ? cJSON_CreateObject() : NULL;

            if (row == NULL)
                continue;
            cJSON_AddStringToObject(object, "pass", p->info.label);
            cJSON_AddStringToObject(object, "choice", row->choice);
            cJSON_AddBoolToObject(object, "right", row->ms > 0.0);
            cJSON_AddNumberToObject(object, "ms", row->ms);
            cJSON_AddNumberToObject(object, "gflops",
                                    row->ms > 0.0 ? 1e-6 * p->info.flops / row->ms : 0.0);
            cJSON_AddNumberToObject(object, "error", row->error);
            cJSON_AddItemToArray(rows, object);
        }
    return cli_print_json(json);
}

/* ---- the command --------------------------------------------------------------------------- */

/* The rows' file is the device's: it is opened with the device. */
static void choose_file(const cli_options *options)
{
    if (options->output != NULL)
        setenv(alx_env_variable(ALX_ENV_TUNING), options->output, 1);
}

static int prepare(tune_run *run, alx_graph **graph, const alx_config *config,
                   const cli_options *options)
{
    run->tuning = alx_device_tuning(run->dev);
    if (alx_tuning_path(run->tuning)[0] == '\0')
        return alx_fail(ALX_E_USAGE, "there is no file for the rows, the cache is off: give "
                                     "--output FILE");
    TRY(alx_tuning_check_file(run->tuning));
    TRY(alx_graph_create(graph, &config->net));
    const bool layer = options->only != NULL && strcmp(options->only, ONLY_CLBLAST) != 0;

    TRY(tune_list_problems(run, *graph, config->train.batch_size, layer ? options->only : NULL));
    run->deadline = alx_seconds() + (options->budget > 0 ? options->budget : 1e9);
    return 0;
}

/* CLBlast as it comes, our kernels; then CLBlast's parameters, and CLBlast with the best. */
static int search(tune_run *run, const char *only)
{
    const bool clblast_only = only != NULL && strcmp(only, ONLY_CLBLAST) == 0;
    bool tuned = false;
    int rc = 0;

    if (!clblast_only)
        TRY_DONE(tune_search(run));
    if (run->stopped || (only != NULL && !clblast_only))
        goto done;
    TRY_DONE(tune_clblast(run, &tuned));
    if (!tuned || clblast_only)
        goto done;
    tune_add_clblast_ways(run);
    if (!run->stopped)
        TRY_DONE(tune_search(run));
done:
    cli_progress_stop();
    return rc;
}

int cmd_tune(const cli_options *options)
{
    tune_run run = { 0 };
    cli_devices devices = { .count = 0 };
    alx_graph *graph = NULL;
    alx_config config;
    int rc = 0;

    choose_file(options);
    TRY_DONE(cli_progress_start(options));
    TRY_DONE(cli_read_config(&config, options->args[0], options));
    TRY_DONE(cli_open_devices(&devices, options));
    run.dev = devices.dev[0];
    TRY_DONE(prepare(&run, &graph, &config, options));
    alx_info("rows        %s", alx_tuning_path(run.tuning));
    run.interrupt = cli_catch_signals("\nstopping after this way; again to kill\n");
    TRY_DONE(search(&run, options->only));
    const bool interrupted = run.stopped && tune_was_interrupted(&run);

    if (run.stopped && !interrupted)
        alx_info("time is over: the same command goes on");
    if (options->json)
        TRY_DONE(print_json(&run, config.name, config.train.batch_size));
    else
        print_table(&run);
    if (interrupted)
        rc = alx_fail(ALX_E_INTERRUPTED, "interrupted: the rows are kept, the same command goes "
                                         "on");
done:
    free(run.problems);
    alx_graph_free(graph);
    rc = cli_close_devices(&devices, rc);
    return rc;
}
