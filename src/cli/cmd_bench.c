/* cmd_bench.c - whole steps on made-up data, without a loader: training (forward, backward, update)
 * and inference, beside the FMA rate that the device reaches from registers. Wall clock around a
 * finished queue; medians. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/format.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/setup.h"

#define DEFAULT_ITERATIONS 5

typedef struct bench_times {
    double median_ms, min_ms, max_ms;
    double images_per_s, gflops; /* GFLOP/s of direct convolution: 2 FLOP a MAC */
} bench_times;

typedef struct bench_run {
    alx_config config;
    int batch, iterations;
    cli_devices devices;
    size_t macs, training_macs; /* an image; training: no gradient of the input image */
    double peak_gflops;
    bench_times train, infer;
} bench_run;

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int count_cost(bench_run *run)
{
    alx_graph *graph = NULL;
    size_t count = 0;
    int rc = 0;

    TRY(alx_graph_create(&graph, &run->config.net));
    const alx_stage_info *stages = alx_graph_stages(graph, &count);
    for (size_t i = 0; i < count; ++i) {
        run->macs += stages[i].macs;
        run->training_macs += stages[i].macs * (stages[i].layer == 0 ? 2 : 3);
    }
done:
    alx_graph_free(graph);
    return rc;
}

/* Uniform in [-1, 1); labels go round the classes. */
static int make_batch(alx_net *net, const bench_run *run)
{
    const size_t count = alx_shape_count(alx_net_input(net, 0)->shape);
    float *images = malloc(count * sizeof *images);
    int32_t *labels = malloc((size_t)run->batch * sizeof *labels);
    uint32_t words[4] = { 0 };
    int rc = 0;

    if (images == NULL || labels == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a batch of %d images", run->batch);
        goto done;
    }
    for (size_t i = 0; i < count; ++i) {
        if (i % 4 == 0)
            alx_rng_words(words, 0, ALX_RNG_TEST, 0, i / 4);
        images[i] = 2.0f * alx_rng_unit(words[i % 4]) - 1.0f;
    }
    for (int i = 0; i < run->batch; ++i)
        labels[i] = i % run->config.net.classes;
    for (int dev = 0; dev < run->devices.count; ++dev)
        TRY(alx_tensor_write(alx_net_input(net, dev), images));
    TRY(alx_net_set_labels(net, labels));
done:
    free(images);
    free(labels);
    return rc;
}

static int one_step(alx_net *net, const bench_run *run, uint32_t number, bool training)
{
    const alx_train_config *t = &run->config.train;
    const alx_step step = { .training = training, .step = number, .images = run->batch };
    int rc = 0;

    TRY(alx_net_forward(net, &step));
    if (training) {
        TRY(alx_net_backward(net, &step));
        TRY(alx_net_update(net, t->lr, t->momentum, t->weight_decay, t->sgd_torch, t->clip_norm));
    }
    for (int dev = 0; dev < run->devices.count; ++dev)
        TRY(alx_device_finish(run->devices.dev[dev]));
done:
    return rc;
}

static void summarise(bench_times *times, double *ms, const bench_run *run, size_t macs)
{
    qsort(ms, (size_t)run->iterations, sizeof *ms, compare_doubles);
    times->min_ms = ms[0];
    times->max_ms = ms[run->iterations - 1];
    times->median_ms = 0.5 * (ms[(run->iterations - 1) / 2] + ms[run->iterations / 2]);
    times->images_per_s = 1e3 * run->batch / times->median_ms;
    times->gflops = 2e-9 * (double)macs * times->images_per_s;
}

/* The first step warms up. */
static int time_steps(bench_times *times, bench_run *run, bool training)
{
    const alx_net_options net_options = { .batch = run->batch, .training = training,
                                          .algorithms = run->devices.asked };
    double *ms = malloc((size_t)run->iterations * sizeof *ms);
    alx_net *net = NULL;
    int rc = 0;

    if (ms == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d times", run->iterations);
    TRY(alx_net_create(&net, &run->config.net, run->devices.dev, run->devices.count,
                       &net_options));
    TRY(alx_net_init(net, run->config.train.seed));
    TRY(alx_net_build_kernels(net, cli_progress_build));
    TRY(make_batch(net, run));
    TRY(one_step(net, run, 0, training));
    for (int i = 0; i < run->iterations; ++i) {
        const double start = alx_seconds();

        TRY(one_step(net, run, (uint32_t)i + 1, training));
        ms[i] = 1e3 * (alx_seconds() - start);
    }
    summarise(times, ms, run, training ? run->training_macs : run->macs);
done:
    alx_net_free(net);
    free(ms);
    return rc;
}

/* Of all devices together, each measured alone. */
static int sum_peaks(bench_run *run)
{
    int rc = 0;

    for (int dev = 0; dev < run->devices.count; ++dev) {
        double gflops = 0.0;

        TRY(alx_op_fma_peak(&gflops, run->devices.dev[dev]));
        run->peak_gflops += gflops;
    }
done:
    return rc;
}

static cJSON *times_json(const bench_times *times)
{
    cJSON *json = cJSON_CreateObject();

    cJSON_AddNumberToObject(json, "images_per_s", times->images_per_s);
    cJSON_AddNumberToObject(json, "median_ms", times->median_ms);
    cJSON_AddNumberToObject(json, "min_ms", times->min_ms);
    cJSON_AddNumberToObject(json, "max_ms", times->max_ms);
    cJSON_AddNumberToObject(json, "gflops", times->gflops);
    return json;
}

static int print_json(const bench_run *run)
{
    const alx_device_info *info = alx_device_get_info(run->devices.dev[0]);
    cJSON *json = cJSON_CreateObject(), *peak = cJSON_AddObjectToObject(json, "peak");

    cJSON_AddNumberToObject(peak, "fma_gflops", run->peak_gflops);
    cJSON_AddNumberToObject(json, "schema", 1);
    cJSON_AddStringToObject(json, "version", ALEXNET_VERSION);
    cJSON_AddStringToObject(json, "platform", info->platform);
    cJSON_AddStringToObject(json, "device", info->name);
    cJSON_AddStringToObject(json, "driver", info->driver);
    if (run->devices.count > 1)
        cJSON_AddStringToObject(json, "second_device",
                                alx_device_describe(run->devices.dev[1]));
    cJSON_AddStringToObject(json, "conv", alx_conv_algo_name(run->devices.resolved[0].conv));
    cJSON_AddStringToObject(json, "gemm", alx_gemm_algo_name(run->devices.resolved[0].gemm));
    cJSON_AddStringToObject(json, "config", run->config.name);
    cJSON_AddNumberToObject(json, "batch_size", run->batch);
    cJSON_AddNumberToObject(json, "iterations", run->iterations);
    cJSON_AddItemToObject(json, "train", times_json(&run->train));
    cJSON_AddItemToObject(json, "infer", times_json(&run->infer));
    return cli_print_json(json);
}

static void print_row(const char *what, const bench_times *times, double peak_gflops)
{
    printf("%-10s %9s %11.1f %9.1f %9.1f %9.0f %8.0f%%\n", what,
           cli_rate(times->images_per_s).text, times->median_ms, times->min_ms, times->max_ms,
           times->gflops, 100.0 * times->gflops / peak_gflops);
}

static void print_text(const bench_run *run)
{
    printf("%s, batch %d, median of %d steps\n", run->config.name, run->batch, run->iterations);
    printf("FMA peak   %.0f GFLOP/s\n", run->peak_gflops);
    printf("%-10s %9s %11s %9s %9s %9s %9s\n", "", "images/s", "median ms", "min", "max", "GFLOP/s",
           "of peak");
    print_row("training", &run->train, run->peak_gflops);
    print_row("inference", &run->infer, run->peak_gflops);
}

int cmd_bench(const cli_options *options)
{
    bench_run run = { .iterations = options->iterations > 0 ? options->iterations
                                                            : DEFAULT_ITERATIONS };
    int rc = 0;

    if (strcmp(options->args[0], "step") != 0)
        return alx_fail(ALX_E_USAGE, "bench knows `step`, not '%s'; try alexnet help bench",
                        options->args[0]);
    TRY(cli_read_config(&run.config, options->args[1], options));
    run.batch = run.config.train.batch_size;
    TRY(count_cost(&run));
    TRY(cli_open_devices(&run.devices, options));
    TRY(cli_progress_start(options));
    TRY(time_steps(&run.train, &run, true));
    TRY(time_steps(&run.infer, &run, false));
    TRY(sum_peaks(&run));
    if (options->json)
        TRY(print_json(&run));
    else
        print_text(&run);
done:
    cli_close_devices(&run.devices);
    return rc;
}
