/* features.c - what a layer of a trained network says of images: as a file, to find the nearest
 * images, or to train a linear classifier on. */
#include "cli/cmd/features.h"
#include "alexnet/dev/report.h"
#include "base/try.h"
#include "cli/ui/json.h"
#include "cli/ui/progress.h"

#define FEATURES_BATCH 32

static int check_options(const features_options *o)
{
    const int uses = (o->output != NULL) + (o->nearest > 0) + o->probe;
    const bool images = o->line.arg_count > 1, data = o->data != NULL;
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
    return o->output != NULL ? alx_features_list_path(list_path, o->output) : 0;
}

static void show_batch(const char *label, size_t done, size_t total, void *user)
{
    (void)user;
    cli_progress_batch(label, done, total);
}

/* @param images  that there will be, at most; they bound the batch */
static int open_reader(features *f, size_t images)
{
    const features_options *o = f->options;
    int batch = o->batch_size > 0 ? o->batch_size : FEATURES_BATCH;

    if (images < (size_t)batch)
        batch = (int)images;
    f->model.keep_outputs = true;
    TRY(cli_model_open(&f->model, &f->devices, o->line.args[0], batch, &o->device, &o->loading));
    TRY(alx_feature_reader_open(&f->reader, f->model.model, f->model.path, o->layer));
    f->reader.on_batch = show_batch;
    return 0;
}

static int use_features(features *f, const alx_dataset *images)
{
    if (f->options->probe)
        return features_print_probe(f);
    if (f->options->nearest > 0)
        return features_print_nearest(f, images);
    return alx_features_write(&f->reader, images, f->options->output);
}

static int features_run(const void *given)
{
    const features_options *options = given;
    features f = { .options = options };
    alx_dataset *images = NULL;
    int rc = 0;

    TRY_DONE(check_options(options));
    TRY_DONE(cli_progress_start(&options->progress));
    if (options->line.arg_count > 1)
        TRY_DONE(alx_dataset_of_images(&images, options->line.args + 1,
                                       (size_t)options->line.arg_count - 1));
    else if (options->output != NULL)
        TRY_DONE(alx_dataset_open(&images, options->data, ALX_SPLIT_TRAIN));
    TRY_DONE(open_reader(&f, options->output != NULL ? alx_dataset_count(images) : SIZE_MAX));
    TRY_DONE(use_features(&f, images));
done:
    alx_feature_reader_close(&f.reader);
    cli_model_close(&f.model);
    rc = cli_close_devices(&f.devices, rc);
    alx_dataset_close(images);
    return rc;
}

#define FIELD(name) .offset = offsetof(features_options, name)

static const cli_option features_rows[] = {
    { "output", "F.npy", "write the features there, and the images' names beside it", CLI_TEXT,
      FIELD(output), .letter = 'o' },
    { "data", "SET",
      "data set; with --nearest its training images, or a file that -o wrote with the same layer",
      CLI_TEXT, FIELD(data) },
    { "batch-size", "N", "images of one forward pass; default 32", CLI_INT, FIELD(batch_size),
      .most = 65536, .letter = 'b' },
    { CLI_ROWS(cli_loading_rows, features_options, loading) },
    { "layer", "STAGE",
      "a line of `alexnet info`: fc7 is before its ReLU, relu7 after; default what the last "
      "layer sees, before dropout",
      CLI_TEXT, FIELD(layer) },
    { "nearest", "K", "print the K nearest images of --data for each IMAGE", CLI_INT,
      FIELD(nearest), .most = 65536 },
    { "probe", NULL, "print the accuracy of a linear classifier on --data", CLI_FLAG,
      FIELD(probe) },
    { CLI_ROWS(cli_json_row, features_options, json) },
    { CLI_ROWS(cli_compute_rows, features_options, device) },
    { CLI_ROWS(cli_progress_row, features_options, progress) },
    { CLI_ROWS(cli_log_every_row, features_options, progress) },
    CLI_END,
};

const cli_command cli_cmd_features = {
    .name = "features",
    .summary = "what a layer says of images: files, nearest images, linear classifier",
    .arguments = "CHECKPOINT [IMAGE...] [--data SET] -o F.npy | --nearest K | --probe",
    .min_args = 1,
    .max_args = INT_MAX,
    .examples = "alexnet features runs/paper pictures -o pictures.npy\n"
                "alexnet features runs/paper --data imagenet --layer pool5 -o imagenet.npy\n"
                "alexnet features runs/paper cat.jpg --nearest 5 --data imagenet\n"
                "alexnet features runs/paper cat.jpg --nearest 5 --data pictures.npy --json\n"
                "alexnet features runs/paper --probe --data birds\n",
    .details = "IMAGE is what predict takes; without any, -o writes those of SET's training "
               "images. Beside F.npy (float32, an image a row) F.txt has a line for each row: "
               "the image's name and, after a tab, its class where it has one. --nearest prints "
               "the K images of SET that are nearest by Euclidean distance. --probe trains a "
               "linear classifier on the training images of SET and scores it on its test "
               "images, or on a fifth held out where there are none.",
    .options = features_rows,
    .options_bytes = sizeof(features_options),
    .run = features_run,
};
