/* bench.c - times whole steps, the passes inside them, or passes alone with every algorithm;
 * makes a page of the results of several runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/report.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"
#include "cli/cmd/bench.h"
#include "cli/ui/json.h"
#include "cli/ui/output.h"
#include "cli/ui/progress.h"

/* Bits of the kinds, which say what an option belongs to. */
enum {
    STEP = 1 << 0,
    OPS = 1 << 1,
    ALGOS = 1 << 2,
    REPORT = 1 << 3,
    SUITE = 1 << 4,
    STEPS = STEP | OPS, /* those that run whole steps */
    TIMES = STEPS | ALGOS,
};

#define DEFAULT_ITERATIONS 5
#define DEFAULT_THRESHOLD 0.1

typedef struct bench_plan {
    const bench_options *options;
    alx_config config;
    cli_devices devices;
    alx_bench_setup setup;
    alx_result result;
    alx_bench_times step; /* of `ops`: whole steps */
    double threshold;     /* a share */
    alx_results earlier;  /* what --compare names */
    const alx_result *baseline;
} bench_plan;

/* ---- results ------------------------------------------------------------------------------- */

static int print_result(const bench_plan *plan)
{
    char *json = NULL;

    if (plan->options->json)
        return cli_print_json(alx_result_json(&json, &plan->result), &json);
    alx_result_print(stdout, &plan->result, &plan->step, cli_columns(STDOUT_FILENO, 0));
    return 0;
}

/* ---- an earlier result beside it ------------------------------------------------------------- */

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

/* Before anything is opened. */
static int read_earlier(bench_plan *plan)
{
    const bench_options *o = plan->options;

    TRY(parse_threshold(&plan->threshold, o->threshold));
    if (o->compare == NULL && o->threshold != NULL)
        return alx_fail(ALX_E_USAGE, "--threshold without --compare FILE");
    return o->compare != NULL ? alx_results_read(&plan->earlier, o->compare) : 0;
}

static void warn_of_differences(char *notes)
{
    char *rest = NULL;

    for (char *line = strtok_r(notes, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        alx_warn("not the same as in the baseline: %s", line);
}

static int compare(const bench_plan *plan)
{
    const bench_options *o = plan->options;
    alx_comparison comparison = { 0 };
    int rc = 0;

    if (plan->baseline == NULL)
        return 0;
    TRY_DONE(alx_fail_context(
        alx_result_compare(&comparison, plan->baseline, &plan->result, plan->threshold), "%s",
        o->compare));
    warn_of_differences(comparison.notes);
    if (!o->json)
        alx_comparison_print(stdout, &comparison, plan->threshold);
    if (comparison.slower > 0)
        rc = alx_fail(ALX_E_SLOWER, "%zu of %zu took more than %g %% longer than in %s",
                      comparison.slower, comparison.count, 100.0 * plan->threshold, o->compare);
done:
    alx_comparison_free(&comparison);
    return rc;
}

/* ---- the command --------------------------------------------------------------------------- */

static void show_pass(size_t done, size_t total)
{
    cli_progress_batch("passes", done, total);
}

/* CONFIG, or what the weights are of. */
static int read_network(bench_plan *plan)
{
    const bench_options *o = plan->options;
    alx_model *model = NULL;
    char path[PATH_MAX];

    if (o->line.args[1] != NULL)
        return cli_read_config(&plan->config, o->line.args[1], &o->line);
    TRY(alx_checkpoint_find(path, o->weights, ALX_CHECKPOINT_BEST));
    TRY(alx_model_open(&model, path));
    plan->config = alx_model_checkpoint(model)->config;
    alx_model_close(model);
    return cli_override_config(&plan->config, &o->line);
}

static int make_plan(bench_plan *plan)
{
    const bench_options *o = plan->options;

    TRY(read_earlier(plan));
    TRY(base_path_check_output(o->csv, o->compare));
    TRY(base_path_check_output(o->csv, o->line.args[1]));
    TRY(read_network(plan));
    TRY(alx_bench_check_only(o->only, &plan->config));
    TRY(cli_open_devices(&plan->devices, &o->device));
    TRY(cli_progress_start(NULL));
    plan->setup = (alx_bench_setup){
        .config = &plan->config,
        .devs = plan->devices.dev,
        .dev_count = plan->devices.count,
        .algorithms = plan->devices.asked,
        .rows = plan->devices.rows,
        .iterations = o->iterations > 0 ? o->iterations : DEFAULT_ITERATIONS,
        .data_path = o->data,
        .weights = o->weights,
        .workers = o->loading.workers,
        .skip_bad = o->loading.skip_bad,
        .on_build = cli_progress_build,
    };
    return 0;
}

static int bench_measure(const bench_options *options, const char *kind)
{
    bench_plan plan = { .options = options };
    int rc = 0;

    TRY_DONE(make_plan(&plan));
    alx_result_describe(&plan.result, kind, &plan.setup);
    cli_bench_sign(&plan.result);
    if (options->compare != NULL)
        TRY_DONE(alx_results_find(&plan.baseline, &plan.earlier, &plan.result, options->compare));
    TRY_DONE(alx_result_measure(&plan.result, &plan.step, &plan.setup, options->only, show_pass));
    cli_progress_stop();
    TRY_DONE(print_result(&plan)); /* before the file, which may fail: minutes were measured */
    if (options->csv != NULL)
        TRY_DONE(alx_result_csv_write(options->csv, &plan.result));
    TRY_DONE(compare(&plan));
done:
    alx_result_free(&plan.result);
    alx_results_free(&plan.earlier);
    rc = cli_close_devices(&plan.devices, rc);
    return rc;
}

static int bench_report(const bench_options *options)
{
    alx_results results = { 0 };
    int rc = 0;

    if (options->html == NULL)
        return alx_fail(ALX_E_USAGE,
                        "bench report wants --html FILE; try alexnet bench report --help");
    for (int i = 1; i < options->line.arg_count; ++i)
        TRY_DONE(base_path_check_output(options->html, options->line.args[i]));
    for (int i = 1; i < options->line.arg_count; ++i)
        TRY_DONE(alx_results_read(&results, options->line.args[i]));
    TRY_DONE(alx_report_html(options->html, &results));
    alx_info("%s: %zu result%s", options->html, results.count, results.count == 1 ? "" : "s");
done:
    alx_results_free(&results);
    return rc;
}

static const cli_kind bench_kinds[] = {
    { "step", STEP, "CONFIG", "training (forward, backward, update) and inference, by the clock" },
    { "ops", OPS, "CONFIG",
      "every layer and direction inside training steps, by the device's own clock, beside the "
      "roofline that the measured FMA peak and bandwidth give" },
    { "algos", ALGOS, "CONFIG", "each pass of a layer with weights, alone, with every algorithm" },
    { "suite", SUITE, "[CONFIG...] -o FILE",
      "all that a device should be asked, in one file: check --quick, peaks, steps of paper, owt "
      "and cifar10 (or of the CONFIGs that are named) at batch 1, 32, 128 and 512, and their "
      "passes; some five minutes on a GPU" },
    { "report", REPORT, "FILE... --html FILE",
      "one page with charts from what --json printed and suite wrote, here, on other devices and "
      "by the scripts in tools" },
    { .name = NULL },
};

static int refuse_option(const cli_option *option, const cli_kind *kind)
{
    char takers[64] = "";

    for (const cli_kind *k = bench_kinds; k->name != NULL; ++k)
        if ((option->kinds & k->bit) != 0) {
            if (takers[0] != '\0')
                strcat(takers, option->kinds >= 2 * k->bit ? ", " : " and ");
            strcat(takers, k->name);
        }
    return alx_fail(ALX_E_USAGE, "--%s belongs to bench %s, not to %s; try alexnet bench %s --help",
                    option->name, takers, kind->name, kind->name);
}

static int check_kind(const bench_options *options, const cli_kind *kind)
{
    cli_rows rows;

    if ((kind->bit & TIMES) != 0 && options->line.arg_count > 2)
        return alx_fail(ALX_E_USAGE, "bench %s takes one CONFIG, not '%s' too", kind->name,
                        options->line.args[2]);
    if (kind->bit != SUITE && options->line.arg_count < 2 && options->weights == NULL)
        return alx_fail(ALX_E_USAGE, "bench %s wants %s; try alexnet bench %s --help", kind->name,
                        kind->bit == REPORT        ? "FILE..."
                        : (kind->bit & STEPS) != 0 ? "CONFIG or --weights"
                                                   : "CONFIG",
                        kind->name);
    cli_rows_of(&rows, options->line.command);
    for (size_t i = 0; i < rows.count; ++i)
        if (options->line.given[i] && rows.row[i].kinds != 0 &&
            (rows.row[i].kinds & kind->bit) == 0)
            return refuse_option(&rows.row[i], kind);
    return 0;
}

static int bench_run(const void *given)
{
    const bench_options *options = given;
    const cli_kind *kind = cli_kind_of(&options->line);

    if (kind == NULL)
        return alx_fail(ALX_E_USAGE,
                        "bench knows step, ops, algos, suite and report, not '%s'; try alexnet "
                        "help bench",
                        options->line.args[0]);
    TRY(check_kind(options, kind));
    switch (kind->bit) {
    case REPORT:
        return bench_report(options);
    case SUITE:
        return cli_bench_suite(options);
    default:
        return bench_measure(options, kind->name);
    }
}

#define FIELD(name) .offset = offsetof(bench_options, name)

static const cli_option bench_rows[] = {
    { "data", "DIR",
      "of `step` and `ops`: its images through the loader; default made-up ones on the device",
      CLI_TEXT, FIELD(data), .kinds = STEPS },
    { CLI_ROWS(cli_weights_row, bench_options, weights), .kinds = STEPS },
    { .rows = cli_train_batch_row, .kinds = TIMES },
    { .rows = cli_set_row, .kinds = TIMES },
    { CLI_ROWS(cli_loading_rows, bench_options, loading), .kinds = STEPS },
    { "iters", "N", "timed steps, or runs of a pass, after one to warm up; default 5", CLI_INT,
      FIELD(iterations), .most = 1000000, .kinds = TIMES },
    { "only", "WHAT",
      "of `ops` and `algos`: a layer, or a layer and its pass: conv2, 'conv2 grad-weight'",
      CLI_TEXT, FIELD(only), .kinds = OPS | ALGOS },
    { "csv", "FILE", "write the numbers as comma-separated values too", CLI_TEXT, FIELD(csv),
      .kinds = TIMES },
    { "html", "FILE", "of `report`: where the page goes", CLI_TEXT, FIELD(html), .kinds = REPORT },
    { "compare", "FILE",
      "set an earlier run's JSON beside this one; exit code 7 if something became slower", CLI_TEXT,
      FIELD(compare), .kinds = TIMES },
    { "threshold", "PERCENT",
      "of --compare: how much longer something may take; default 10%. Passes below 1 % of the "
      "whole time do not count",
      CLI_TEXT, FIELD(threshold), .kinds = TIMES },
    { CLI_ROWS(cli_json_row, bench_options, json), .kinds = TIMES },
    { "output", "FILE", "of `suite`: where the device's results go", CLI_TEXT, FIELD(output),
      .letter = 'o', .kinds = SUITE },
    { CLI_ROWS(cli_device_row, bench_options, device), .kinds = TIMES | SUITE },
    { CLI_ROWS(cli_devices_row, bench_options, device), .kinds = STEPS },
    { CLI_ROWS(cli_threads_row, bench_options, device), .kinds = TIMES | SUITE },
    { CLI_ROWS(cli_algorithm_rows, bench_options, device), .kinds = STEPS },
    { CLI_ROWS(cli_exact_row, bench_options, device), .kinds = STEPS },
    { CLI_ROWS(cli_timeout_row, bench_options, device), .kinds = TIMES | SUITE },
    { CLI_ROWS(cli_trace_row, bench_options, device), .kinds = TIMES },
    CLI_END,
};

const cli_command cli_cmd_bench = {
    .name = "bench",
    .summary = "time steps, passes and algorithms; report and compare",
    .arguments = "step|ops|algos CONFIG | suite -o FILE | report FILE... --html FILE",
    .min_args = 1,
    .max_args = INT_MAX,
    .examples = "alexnet bench step paper\n"
                "alexnet bench step paper --data imagenet -j 8\n"
                "alexnet bench step owt -b 64 --iters 10 --json >owt.json\n"
                "alexnet bench step owt -b 64 --compare owt.json --threshold 5%\n"
                "alexnet bench step --weights alexnet-owt-7be5be79.pth\n"
                "alexnet bench ops paper --csv paper.csv\n"
                "alexnet bench algos paper --only conv2\n"
                "alexnet bench suite -o my-gpu.json\n"
                "alexnet bench report pocl.json intel.json pytorch.json --html bench.html\n",
    .kinds = bench_kinds,
    .details = "GFLOP/s count the multiplications and additions of direct convolution: one that "
               "does fewer may pass the peak; GB/s count every tensor once.",
    .options = bench_rows,
    .options_bytes = sizeof(bench_options),
    .run = bench_run,
};
