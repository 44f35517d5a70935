/* run.c - a network that runs step after step, on made-up images or on a loader's. */
#include "bench/run.h"

#include <stdlib.h>

#include "alexnet/dev/train.h"
#include "base/cpus.h"
#include "base/rng.h"
#include "base/try.h"

#define PREFETCH 2

/* ---- images -------------------------------------------------------------------------------- */

/* Uniform in [-1, 1); labels go round the classes. */
static int make_batch(bench_run *run)
{
    const alx_config *config = run->setup->config;
    const int batch = config->train.batch_size;
    const size_t count = alx_shape_count(alx_net_input(run->net, 0)->shape);
    float *images = malloc(count * sizeof *images);
    int32_t *labels = malloc((size_t)batch * sizeof *labels);
    int rc = 0;

    if (images == NULL || labels == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a batch of %d images", batch);
        goto done;
    }
    base_random_fill(images, count, 0, 0, -1.0f, 1.0f);
    for (int i = 0; i < batch; ++i)
        labels[i] = i % config->net.classes;
    for (int dev = 0; dev < alx_net_dev_count(run->net); ++dev)
        TRY_DONE(alx_tensor_write(alx_net_input(run->net, dev), images));
    TRY_DONE(alx_net_set_labels(run->net, labels));
done:
    free(images);
    free(labels);
    return rc;
}

/* The mean costs a pass over all images and no number of it changes the speed: zeros. */
static int make_statistics(bench_run *run)
{
    const int size = run->setup->config->data.resize;

    run->statistics = (alx_statistics){ .size = size };
    run->statistics.mean_image = calloc((size_t)size * (size_t)size * 3,
                                        sizeof *run->statistics.mean_image);
    if (run->statistics.mean_image == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a mean image");
    for (int i = 0; i < 3; ++i)
        run->statistics.deviation[i] = run->statistics.eigenvectors[i][i] = 1.0;
    return 0;
}

static int open_data(bench_run *run)
{
    const alx_config *config = run->setup->config;
    alx_loader_options options = {
        .batch = config->train.batch_size,
        .size = config->data.resize,
        .crop_height = config->net.height,
        .crop_width = config->net.width,
        .threads = run->setup->workers > 0 ? run->setup->workers : base_cpu_count(),
        .prefetch = PREFETCH,
        .shuffle = true,
        .augment = run->training,
        .skip_bad = run->setup->skip_bad,
        .seed = config->train.seed,
        .config = &config->data,
        .statistics = &run->statistics,
    };

    TRY(alx_dataset_open(&run->set, run->setup->data_path, ALX_SPLIT_TRAIN));
    TRY(alx_subset_all(&run->subset, run->set));
    if (alx_dataset_classes(run->set) > config->net.classes)
        return alx_fail(ALX_E_USAGE, "%s has %d classes, the network only %d outputs",
                        run->setup->data_path, alx_dataset_classes(run->set), config->net.classes);
    if (run->subset.count < (size_t)config->train.batch_size)
        return alx_fail(ALX_E_USAGE, "%s has %zu training images, a batch is %d",
                        run->setup->data_path, run->subset.count, config->train.batch_size);
    TRY(make_statistics(run));
    TRY(alx_feeder_create(&run->feeder, run->net, &config->data, &run->statistics));
    TRY(alx_pinned_create(&run->ring, run->setup->devs[0], alx_loader_bytes(&options)));
    options.images = alx_pinned_memory(run->ring);
    return alx_loader_create(&run->loader, run->set, &run->subset, &options, 0, 0);
}

/* ---- steps --------------------------------------------------------------------------------- */

static int compute(bench_run *run, int images)
{
    const alx_train_config *t = &run->setup->config->train;
    const alx_update_rule rule = alx_update_rule_of(t, t->lr);
    const alx_step step = {
        .training = run->training, .step = run->steps, .images = images, .rule = &rule
    };

    TRY(alx_net_forward(run->net, &step));
    if (run->training) {
        TRY(alx_net_backward(run->net, &step));
        TRY(alx_net_update(run->net, &rule));
    }
    for (int dev = 0; dev < alx_net_dev_count(run->net); ++dev)
        TRY(alx_device_finish(alx_net_device(run->net, dev)));
    return 0;
}

/* The last batch of an epoch may be short: passed over, its images would cost a whole step. */
static int next_batch(alx_batch *batch, bench_run *run)
{
    TRY(alx_loader_next(run->loader, batch));
    while (batch->first + (size_t)run->setup->config->train.batch_size > run->subset.count) {
        alx_loader_release(run->loader, batch);
        TRY(alx_loader_next(run->loader, batch));
    }
    return 0;
}

static int loaded_step(bench_run *run)
{
    alx_batch batch;
    int rc = 0;

    TRY(next_batch(&batch, run));
    run->wait_seconds += batch.wait_seconds;
    rc = alx_feeder_put(run->feeder, &batch, run->training);
    if (rc == 0)
        rc = compute(run, batch.count > 0 ? batch.count : 1);
    if (rc != 0)
        alx_feeder_wait(run->feeder);
    alx_loader_release(run->loader, &batch);
    return rc;
}

int bench_run_step(bench_run *run)
{
    TRY(run->loader != NULL ? loaded_step(run)
                            : compute(run, run->setup->config->train.batch_size));
    ++run->steps;
    return 0;
}

/* ---- life ---------------------------------------------------------------------------------- */

/* Zeros and numbers near them are what the speed may depend on. */
static int fill(bench_run *run)
{
    const alx_bench_setup *setup = run->setup;
    char path[PATH_MAX];

    if (setup->weights == NULL)
        return alx_net_init(run->net, setup->config->train.seed);
    TRY(alx_checkpoint_find(path, setup->weights, ALX_CHECKPOINT_BEST));
    return alx_weights_load(run->net, path);
}

/* What was decoded ahead before the clock starts would hide the loader's own speed. */
static int warm_up(bench_run *run)
{
    const int steps = run->loader != NULL ? PREFETCH + 1 : 1;

    for (int i = 0; i < steps; ++i)
        TRY(bench_run_step(run));
    run->wait_seconds = 0.0;
    return 0;
}

int bench_run_open(bench_run *run, const alx_bench_setup *setup, bool training)
{
    const alx_net_options options = { .batch = setup->config->train.batch_size,
                                      .training = training,
                                      .fuse_update = alx_update_can_fuse(&setup->config->train),
                                      .layer_rates = setup->config->train.lars > 0.0,
                                      .algorithms = setup->algorithms,
                                      .rows = setup->rows };
    const alx_update_rule rule = alx_update_rule_of(&setup->config->train, setup->config->train.lr);

    *run = (bench_run){ .setup = setup, .training = training };
    TRY(alx_net_create(&run->net, &setup->config->net, setup->devs, setup->dev_count, &options));
    TRY(fill(run));
    TRY(alx_net_build_kernels(run->net, &rule, setup->on_build, setup->user));
    TRY(setup->data_path != NULL ? open_data(run) : make_batch(run));
    return warm_up(run);
}

void bench_run_close(bench_run *run)
{
    alx_loader_free(run->loader);
    alx_pinned_free(run->ring);
    alx_feeder_free(run->feeder);
    alx_statistics_free(&run->statistics);
    alx_subset_free(&run->subset);
    alx_dataset_close(run->set);
    alx_net_free(run->net);
    *run = (bench_run){ 0 };
}
