/* loaders.c - the loaders of a run: of the images that train, and of those that are scored. */
#include <stdlib.h>

#include "alexnet/dev/rt.h"
#include "base/try.h"
#include "train/run.h"

#define SPARE_BATCHES 2 /* decoded ahead beyond those that an update holds */

static alx_loader_options loader_options(const train_run *run)
{
    const alx_config *config = &run->state.config;

    return (alx_loader_options){
        .batch = alx_pass_images(&config->train),
        .size = config->data.resize,
        .crop_height = config->net.height,
        .crop_width = config->net.width,
        .threads = run->options->workers,
        .prefetch = SPARE_BATCHES,
        .skip_bad = run->options->skip_bad,
        .seed = config->train.seed,
        .config = &config->data,
        .statistics = &run->state.statistics,
    };
}

int train_run_score_loader(alx_loader **out, const train_run *run, const alx_comm *comm,
                           const alx_dataset *set, const alx_subset *subset)
{
    alx_loader_options options = loader_options(run);

    options.share_first = alx_comm_rank(comm);
    options.share_end = options.share_first + 1;
    options.share_of = alx_comm_size(comm);
    return alx_loader_create(out, set, subset, &options, 0, 0);
}

/* One process may begin an update at any pass; whose pass is whose is counted from an epoch's
 * start. */
static int check_position(const train_run *run)
{
    const alx_train_config *config = &run->state.config.train;
    const bool alone = run->options->comm == NULL;
    const size_t position = run->state.position;
    const size_t images = (size_t)alx_pass_images(config) *
                          (size_t)(alone ? 1 : alx_pass_count(config));

    if (position > run->train.count || (position % images != 0 && position != run->train.count))
        return alx_fail(ALX_E_USAGE,
                        "%s stands in an epoch's middle, after %zu of %zu images: "
                        "resume with the batch size%s and data that it was saved with",
                        run->options->resume, position, run->train.count,
                        alone ? "" : ", --grad-accum");
    return 0;
}

/* Neighbouring passes of every update. */
static int take_share(train_run *run, alx_loader_options *options)
{
    const alx_comm *comm = run->options->comm;
    const int passes = alx_pass_count(&run->state.config.train), size = alx_comm_size(comm);

    alx_comm_share(comm, alx_comm_rank(comm), passes, &run->own_first, &run->own_end);
    run->own_most = (passes + size - 1) / size;
    options->share_first = run->own_first;
    options->share_end = run->own_end;
    options->share_of = passes;
    if ((size_t)run->own_first * (size_t)options->batch < run->train.count)
        return 0;
    return alx_fail(ALX_E_USAGE,
                    "%zu images are no whole batch of %d, and rank %d would never have one: start "
                    "fewer ranks, or take a smaller batch",
                    run->train.count, run->state.config.train.batch_size, alx_comm_rank(comm));
}

int train_run_open_loader(train_run *run, const alx_device *dev)
{
    const alx_train_config *config = &run->state.config.train;
    alx_loader_options options = loader_options(run);

    TRY(take_share(run, &options));
    options.prefetch = run->own_end - run->own_first + SPARE_BATCHES;
    options.shuffle = options.augment = !run->options->overfit_batch;
    TRY(check_position(run));
    TRY(alx_pinned_create(&run->ring, dev, alx_loader_bytes(&options)));
    options.images = alx_pinned_memory(run->ring);
    TRY(alx_loader_create(&run->loader, run->train_set, &run->train, &options, run->state.epoch,
                          run->state.position));
    run->batches = calloc((size_t)run->own_most, sizeof *run->batches);
    run->scores = calloc((size_t)run->own_most, sizeof *run->scores);
    run->loss = calloc((size_t)alx_pass_images(config), sizeof *run->loss);
    run->rank = calloc((size_t)alx_pass_images(config), sizeof *run->rank);
    if (run->batches == NULL || run->scores == NULL || run->loss == NULL || run->rank == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a batch");
    return 0;
}
