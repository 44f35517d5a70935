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
        .prefetch = alx_pass_count(&config->train) + SPARE_BATCHES,
        .skip_bad = run->options->skip_bad,
        .seed = config->train.seed,
        .config = &config->data,
        .statistics = &run->state.statistics,
    };
}

int train_run_score_loader(alx_loader **out, const train_run *run, const alx_dataset *set,
                           const alx_subset *subset)
{
    const alx_loader_options options = loader_options(run);

    return alx_loader_create(out, set, subset, &options, 0, 0);
}

static int check_position(const train_run *run)
{
    const size_t position = run->state.position;
    const size_t batch = (size_t)alx_pass_images(&run->state.config.train);

    if (position > run->train.count || (position % batch != 0 && position != run->train.count))
        return alx_fail(ALX_E_USAGE,
                        "%s stands in an epoch's middle, after %zu of %zu images: "
                        "resume with the batch size and data that it was saved with",
                        run->options->resume, position, run->train.count);
    return 0;
}

int train_run_open_loader(train_run *run, const alx_device *dev)
{
    const alx_train_config *config = &run->state.config.train;
    alx_loader_options options = loader_options(run);

    options.shuffle = options.augment = !run->options->overfit_batch;
    TRY(check_position(run));
    TRY(alx_pinned_create(&run->ring, dev, alx_loader_bytes(&options)));
    options.images = alx_pinned_memory(run->ring);
    TRY(alx_loader_create(&run->loader, run->train_set, &run->train, &options, run->state.epoch,
                          run->state.position));
    run->batches = calloc((size_t)alx_pass_count(config), sizeof *run->batches);
    run->loss = calloc((size_t)alx_pass_images(config), sizeof *run->loss);
    run->rank = calloc((size_t)alx_pass_images(config), sizeof *run->rank);
    if (run->batches == NULL || run->loss == NULL || run->rank == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a batch");
    return 0;
}
