/* predict.c - the most probable classes of images. */
#include <stdio.h>

#include "alexnet/dev/report.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/name_write.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/json.h"
#include "cli/ui/progress.h"

typedef struct predict_options {
    cli_line line;
    const char *names, *show;
    int top;
    bool json;
    cli_weights weights;
    cli_loading loading;
    cli_device_options device;
} predict_options;

#define PREDICT_BATCH 32
#define PREDICT_TOP 5

typedef struct prediction {
    const predict_options *options;
    cli_devices devices;
    alx_model *model;
    alx_class_names names;
    alx_dataset *set;
    int top;
    alx_predictions *list; /* --json, else NULL */
    alx_guesses *picture;  /* --show, else NULL */
} prediction;

static void print_image(const prediction *p, const char *path, const float *prob)
{
    base_name_print(stdout, path, BASE_NAME_LINE);
    putchar('\n');
    for (int rank = 0, c = -1; rank < p->top; ++rank) {
        c = alx_next_class(prob, p->names.count, c);
        if (c < 0)
            break;
        printf("  %6.2f %%  ", 100.0 * (double)prob[c]);
        base_name_print(stdout, p->names.name[c], BASE_NAME_LINE);
        putchar('\n');
    }
}

static int show_batch(const alx_batch *batch, const float *values, size_t done, size_t total,
                      void *user)
{
    const prediction *p = user;

    if (p->list != NULL) /* else its lines show how far it is */
        cli_progress_batch("predicting", done, total);
    for (int i = 0; i < batch->count; ++i) {
        const float *prob = values + (size_t)i * (size_t)p->names.count;
        char path[PATH_MAX];

        alx_dataset_image_name(p->set, batch->index[i], path, sizeof path);
        if (p->list != NULL)
            alx_predictions_add(p->list, path, prob);
        else
            print_image(p, path, prob);
        if (p->picture != NULL)
            TRY(alx_guesses_add(p->picture, p->set, batch->index[i], path, prob));
    }
    return 0;
}

static int open_prediction(prediction *p)
{
    const predict_options *options = p->options;
    const char *const *args = options->line.args;
    alx_model_options how = { .batch = PREDICT_BATCH,
                              .workers = options->loading.workers,
                              .skip_bad = options->loading.skip_bad };

    cli_network network;
    const int first = cli_network_of(&network, &options->line, &options->weights);

    if (options->line.arg_count == first)
        return alx_fail(ALX_E_USAGE, "predict wants %s; try alexnet help predict",
                        options->line.command->arguments);
    if (options->show != NULL)
        TRY(base_file_check_place(options->show));
    TRY(cli_check_network(&options->line, &options->weights));
    TRY(alx_dataset_of_images(&p->set, args + first, (size_t)(options->line.arg_count - first)));
    if (options->show != NULL)
        TRY(alx_guesses_check(alx_dataset_count(p->set)));
    if (alx_dataset_count(p->set) < PREDICT_BATCH)
        how.batch = (int)alx_dataset_count(p->set);
    TRY(cli_open_model(&p->model, &p->devices, network, &options->device, how));
    TRY(alx_class_names_create(&p->names, alx_model_checkpoint(p->model), options->names));
    p->top = options->top > 0 ? options->top : PREDICT_TOP;
    if (options->show != NULL)
        TRY(alx_guesses_create(&p->picture, &p->names, alx_dataset_count(p->set), p->top));
    return options->json ? alx_predictions_create(&p->list, &p->names, p->top) : 0;
}

static int predict(prediction *p)
{
    char what[PATH_MAX + 32], *json = NULL;

    snprintf(what, sizeof what, "the probabilities of %s are", alx_model_path(p->model));
    TRY(alx_model_read(
        p->model,
        &(alx_reading){
            .set = p->set, .node = ALX_READ_PROB, .what = what, .sink = show_batch, .user = p }));
    if (p->picture != NULL) {
        TRY(alx_guesses_write(p->picture, p->options->show));
        alx_info("picture     %s", p->options->show);
    }
    cli_progress_stop();
    return p->list != NULL ? cli_print_json(alx_predictions_json(&json, p->list), &json) : 0;
}

static int predict_run(const void *given)
{
    prediction p = { .options = given };
    int rc = 0;

    TRY_DONE(cli_progress_start(NULL));
    TRY_DONE(open_prediction(&p));
    if (!p.options->json)
        cli_progress_stop();
    TRY_DONE(predict(&p));
done:
    alx_predictions_free(p.list);
    alx_guesses_free(p.picture);
    alx_class_names_free(&p.names);
    alx_dataset_close(p.set);
    alx_model_close(p.model);
    return cli_close_devices(&p.devices, rc);
}

#define FIELD(name) .offset = offsetof(predict_options, name)

static const cli_option predict_rows[] = {
    { CLI_ROWS(cli_weights_rows, predict_options, weights) },
    { CLI_ROWS(cli_loading_rows, predict_options, loading) },
    { CLI_ROWS(cli_names_row, predict_options, names) },
    { "top", "K", "classes to print for an image; default 5", CLI_INT, FIELD(top), .most = 65536,
      .alias = "topk", .letter = 'k' },
    { "show", "FILE.png", "write a picture of the images with their most probable classes as bars",
      CLI_TEXT, FIELD(show) },
    { CLI_ROWS(cli_json_row, predict_options, json) },
    { CLI_ROWS(cli_compute_rows, predict_options, device) },
    CLI_END,
};

const cli_command cli_cmd_predict = {
    .name = "predict",
    .summary = "most probable classes of images",
    .arguments = "CHECKPOINT IMAGE...",
    .min_args = 1,
    .max_args = INT_MAX,
    .examples = "alexnet predict runs/paper cat.jpg dog.png\n"
                "alexnet predict runs/paper/checkpoint-best pictures --top 3 --json\n"
                "alexnet predict runs/paper cat.jpg dog.png --show guesses.png\n"
                "alexnet predict owt --weights alexnet-owt-7be5be79.pth cat.jpg --names "
                "synset_words.txt\n"
                "alexnet predict runs/paper - --names synset_words.txt <cat.jpg\n",
    .details = "CHECKPOINT is a file, or a run's folder for its best one, or weights alone; "
               "[CONFIG] --weights PATH may stand for it. IMAGE "
               "is a JPEG or "
               "PNG, a folder of them, or - for one on standard input. They are turned as EXIF "
               "or XMP says.",
    .options = predict_rows,
    .options_bytes = sizeof(predict_options),
    .run = predict_run,
};
