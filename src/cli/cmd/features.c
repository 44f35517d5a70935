/* features.c - what a layer of a trained network says of images: as a file, to find the nearest
 * images, or to train a linear classifier on. */
#include "cli/features.h"
#include "base/try.h"
#include "cli/ui/progress.h"

static int check_options(const cli_options *o)
{
    const int uses = (o->output != NULL) + (o->nearest > 0) + o->probe;
    const bool images = o->arg_count > 1, data = o->data != NULL;
    char list_path[PATH_MAX];

    if (uses != 1)
        return alx_fail(ALX_E_USAGE, "features wants one of -o F.npy, --nearest K and --probe; try "
                                     "alexnet help features");
    if (o->nearest > 0 && !(images && data))
        return alx_fail(ALX_E_USAGE, "--nearest wants IMAGE... and --data SET to search; try "
                                     "alexnet help features");
    if (o->probe && (images || !data))
        return alx_fail(ALX_E_USAGE, "--probe wants --data SET and no images; try alexnet help "
                                     "features");
    if (o->output != NULL && images == data)
        return alx_fail(ALX_E_USAGE, "-o wants IMAGE... or --data SET; try alexnet help features");
    return o->output != NULL ? features_list_path(list_path, o->output) : 0;
}

static int use_features(features *f, const alx_dataset *images)
{
    if (f->options->probe)
        return features_print_probe(f);
    if (f->options->nearest > 0)
        return features_print_nearest(f, images);
    return features_write(f, images);
}

int cmd_features(const cli_options *options)
{
    features f = { .options = options };
    alx_dataset *images = NULL;
    int rc = 0;

    TRY_DONE(check_options(options));
    TRY_DONE(cli_progress_start(options));
    if (options->arg_count > 1)
        TRY_DONE(alx_dataset_of_images(&images, options->args + 1, (size_t)options->arg_count - 1));
    else if (options->output != NULL)
        TRY_DONE(alx_dataset_open(&images, options->data, ALX_SPLIT_TRAIN));
    TRY_DONE(features_open(&f, options->output != NULL ? alx_dataset_count(images) : SIZE_MAX));
    TRY_DONE(use_features(&f, images));
done:
    rc = features_close(&f, rc);
    alx_dataset_close(images);
    return rc;
}
