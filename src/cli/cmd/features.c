/* features.c - what a layer of a trained network says of images: as a file, to find the nearest
 * images, or to train a linear classifier on. */
#include <stdio.h>
#include <string.h>

#include "alexnet/dev/report.h"
#include "base/file.h"
#include "base/format.h"
#include "base/name_write.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/json.h"
#include "cli/ui/progress.h"

#define FEATURES_BATCH 32

typedef struct features_options {
    cli_line line;
    const char *output, *data, *layer;
    int batch_size, nearest;
    bool probe, json;
    cli_weights weights;
    cli_loading loading;
    cli_device_options device;
    cli_progress_options progress;
} features_options;

static int check_options(const features_options *o)
{
    const int uses = (o->output != NULL) + (o->nearest > 0) + o->probe;
    cli_network network;
    const int first = cli_network_of(&network, &o->line, &o->weights);
    const bool images = o->line.arg_count > first, data = o->data != NULL;
    char list_path[PATH_MAX];

    if (network.given == NULL && o->weights.path == NULL)
        return alx_fail(ALX_E_USAGE, "features wants %s; try alexnet help features",
                        o->line.command->arguments);
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
    TRY(cli_check_network(&o->line, &o->weights));
    if (o->output == NULL)
        return 0;
    TRY(alx_features_list_path(list_path, o->output));
    return base_file_check_place(o->output);
}

/* ---- --nearest ------------------------------------------------------------------------------- */

static void print_query(const alx_feature_search *search, size_t query, const char *name)
{
    size_t count = 0;
    const alx_neighbour *list = alx_feature_search_found(search, query, &count);

    base_name_print(stdout, name, BASE_NAME_LINE);
    putchar('\n');
    for (size_t i = 0; i < count; ++i) {
        const char *line = search->lines[list[i].index]; /* a name, a tab and a class */
        const size_t length = strcspn(line, "\t");

        printf("  %10.4f  %.*s", list[i].distance, (int)length, line);
        if (line[length] != '\0')
            printf("  %s", line + length + 1);
        putchar('\n');
    }
}

static int print_nearest(const alx_feature_search *search, const alx_features *queries,
                         const alx_dataset *set, bool as_json)
{
    char *json = NULL, name[PATH_MAX];

    if (as_json)
        return cli_print_json(alx_feature_search_json(&json, search, queries, set), &json);
    for (size_t i = 0; i < queries->count; ++i) {
        alx_dataset_image_name(set, queries->index[i], name, sizeof name);
        print_query(search, i, name);
    }
    return 0;
}

static int find_nearest(alx_feature_reader *reader, const alx_dataset *images,
                        const features_options *options)
{
    alx_features queries = { .count = 0 };
    alx_feature_search search = { .lines = NULL };
    int rc = 0;

    TRY_DONE(alx_features_gather(&queries, reader, images, NULL, "features"));
    TRY_DONE(alx_feature_search_create(&search, &queries, (size_t)options->nearest));
    TRY_DONE(alx_feature_search_add(&search, reader, options->data));
    cli_progress_stop();
    TRY_DONE(print_nearest(&search, &queries, images, options->json));
done:
    alx_feature_search_free(&search);
    alx_features_free(&queries);
    return rc;
}

/* ---- --probe --------------------------------------------------------------------------------- */

static void print_score(const char *name, const alx_score *score)
{
    printf("%-9s %8s %8.4f %7s %% %7s %%\n", name, base_format_count(score->images).text,
           score->loss, base_format_percent(score->top1, score->images).text,
           base_format_percent(score->top5, score->images).text);
}

static int probe(alx_feature_reader *reader, const features_options *options)
{
    alx_probe_result result;
    char *json = NULL;

    TRY(alx_probe_dataset(&result, reader, options->data));
    cli_progress_stop();
    if (options->json)
        return cli_print_json(alx_probe_json(&json, &result, reader, options->data), &json);
    printf("%s, %s feature%s, %d classes\n", reader->layer, base_format_count(reader->length).text,
           reader->length == 1 ? "" : "s", result.classes);
    printf("%-9s %8s %8s %9s %9s\n", "", "images", "loss", "top-1", "top-5");
    print_score("train", &result.train);
    print_score(result.held_out ? "held out" : "test", &result.test);
    return 0;
}

/* ---- the command --------------------------------------------------------------------------- */

static void show_batch(const char *label, size_t done, size_t total, void *user)
{
    (void)user;
    cli_progress_batch(label, done, total);
}

/* @param images  that there will be, at most; they bound the batch */
static int open_model(alx_model **model, cli_devices *devices, const features_options *options,
                      size_t images)
{
    alx_model_options how = { .batch = FEATURES_BATCH,
                              .keep_outputs = true,
                              .workers = options->loading.workers,
                              .skip_bad = options->loading.skip_bad };

    cli_network network;

    cli_network_of(&network, &options->line, &options->weights);
    if (options->batch_size > 0)
        how.batch = options->batch_size;
    if (images < (size_t)how.batch)
        how.batch = (int)images;
    return cli_open_model(model, devices, network, &options->device, how);
}

static int use_features(alx_model *model, const alx_dataset *images,
                        const features_options *options)
{
    alx_feature_reader reader;

    TRY(alx_feature_reader_init(&reader, model, options->layer));
    reader.on_batch = show_batch;
    if (options->probe)
        return probe(&reader, options);
    if (options->nearest > 0)
        return find_nearest(&reader, images, options);
    return alx_features_write(&reader, images, options->output);
}

static int features_run(const void *given)
{
    const features_options *options = given;
    cli_devices devices = { .count = 0 };
    alx_model *model = NULL;
    alx_dataset *images = NULL;
    cli_network network;
    const int first = cli_network_of(&network, &options->line, &options->weights);
    int rc = 0;

    TRY_DONE(check_options(options));
    TRY_DONE(cli_progress_start(&options->progress));
    if (options->line.arg_count > first)
        TRY_DONE(alx_dataset_of_images(&images, options->line.args + first,
                                       (size_t)(options->line.arg_count - first)));
    else if (options->output != NULL)
        TRY_DONE(alx_dataset_open(&images, options->data, ALX_SPLIT_TRAIN));
    TRY_DONE(open_model(&model, &devices, options,
                        options->output != NULL ? alx_dataset_count(images) : SIZE_MAX));
    TRY_DONE(use_features(model, images, options));
done:
    alx_model_close(model);
    rc = cli_close_devices(&devices, rc);
    alx_dataset_close(images);
    return rc;
}

#define FIELD(name) .offset = offsetof(features_options, name)

static const cli_option features_rows[] = {
    { CLI_ROWS(cli_weights_rows, features_options, weights) },
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
    .max_args = INT_MAX,
    .examples = "alexnet features runs/paper pictures -o pictures.npy\n"
                "alexnet features runs/paper --data imagenet --layer pool5 -o imagenet.npy\n"
                "alexnet features runs/paper cat.jpg --nearest 5 --data imagenet\n"
                "alexnet features runs/paper cat.jpg --nearest 5 --data pictures.npy --json\n"
                "alexnet features runs/paper --probe --data birds\n",
    .details = "[CONFIG] --weights PATH may stand for CHECKPOINT. IMAGE is what predict takes; "
               "without any, -o writes those of SET's training "
               "images. Beside F.npy (float32, an image a row) F.txt has a line for each row: "
               "the image's name and, after a tab, its class where it has one. --nearest prints "
               "the K images of SET that are nearest by Euclidean distance. --probe trains a "
               "linear classifier on the training images of SET and scores it on its test "
               "images, or on a fifth held out where there are none.",
    .options = features_rows,
    .options_bytes = sizeof(features_options),
    .run = features_run,
};
