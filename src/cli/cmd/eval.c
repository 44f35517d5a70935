/* eval.c - loss, top-1 and top-5 of a checkpoint, or of several whose probabilities are
 * averaged, on the test images of a data set, by their centre or by ten crops. */
#include <stdio.h>

#include "alexnet/dev/report.h"
#include "base/file.h"
#include "base/format.h"
#include "base/name_write.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/json.h"
#include "cli/ui/progress.h"

typedef struct eval_options {
    cli_line line;
    const char *data, *output, *names;
    int batch_size, worst;
    bool ten_crop, json;
    cli_weights weights;
    cli_loading loading;
    cli_device_options device;
    cli_progress_options progress;
} eval_options;

static int show_batch(const alx_batch *batch, size_t done, size_t total, void *user)
{
    (void)batch;
    cli_progress_batch(user, done, total);
    return 0;
}

/* The data, once the first checkpoint says where they are by default and what its classes are. */
static int open_data(alx_evaluation *e, const alx_model *model, const eval_options *options)
{
    const char *path = NULL;

    TRY(alx_checkpoint_data(&path, options->data, alx_model_checkpoint(model),
                            alx_model_path(model)));
    if (path[0] == '\0')
        return alx_fail(ALX_E_USAGE, "eval wants --data DIR; try alexnet help eval");
    return alx_evaluation_open(e, model, path, options->names);
}

/* Its n-th network: an argument, or that of --weights, for which an argument is the config. */
static cli_network network_at(const eval_options *options, int n)
{
    cli_network network;

    cli_network_of(&network, &options->line, &options->weights);
    if (options->weights.path == NULL)
        network.given = options->line.args[n];
    return network;
}

/* One checkpoint after the other, so that only one network lies in the device's memory. */
static int evaluate(alx_evaluation *e, cli_devices *devices, const eval_options *options)
{
    const alx_model_options how = { .batch = options->batch_size,
                                    .workers = options->loading.workers,
                                    .skip_bad = options->loading.skip_bad };
    const int count = options->weights.path != NULL ? 1 : options->line.arg_count;
    char label[64];
    int rc = 0;

    e->user = label;
    for (int i = 0; i < count && rc == 0; ++i) {
        alx_model *model = NULL;

        snprintf(label, sizeof label, count > 1 ? "evaluating %d of %d" : "evaluating", i + 1,
                 count);
        rc = cli_open_model(&model, devices, network_at(options, i), &options->device, how);
        if (rc == 0 && i == 0)
            rc = open_data(e, model, options);
        if (rc == 0)
            rc = alx_evaluation_add(e, model, 1.0 / count);
        alx_model_close(model);
    }
    return rc;
}

/* ---- output -------------------------------------------------------------------------------- */

static void print_confused(const alx_eval_report *report, int label, int predicted)
{
    base_name_print(stdout, report->names[label], BASE_NAME_LINE);
    fputs(", taken for ", stdout);
    base_name_print(stdout, report->names[predicted], BASE_NAME_LINE);
    putchar('\n');
}

static void print_worst(const alx_eval_report *report, size_t count)
{
    char path[PATH_MAX];

    printf("\nmost confused\n");
    for (size_t i = 0; i < count && i < report->pair_count; ++i) {
        printf("  %7u  ", report->pairs[i].images);
        print_confused(report, report->pairs[i].label, report->pairs[i].predicted);
    }
    printf("\nworst images\n");
    for (size_t i = 0; i < count && i < report->image_count; ++i) {
        const alx_eval_image *image = &report->images[i];

        alx_dataset_image_name(report->set, report->index[image->row], path, sizeof path);
        printf("  loss %6.2f  ", image->loss);
        base_name_print(stdout, path, BASE_NAME_LINE);
        fputs(": ", stdout);
        print_confused(report, image->label, image->predicted);
    }
}

static void print_text(const alx_evaluation *e, const alx_eval_report *report, size_t worst)
{
    const alx_score *score = &e->score;

    printf("images  %s\n", base_format_count(score->images).text);
    if (e->left_out > 0)
        printf("bad     %s\n", base_format_count(e->left_out).text);
    printf("loss    %.4f\ntop-1   %s %%\ntop-5   %s %%\n", score->loss,
           base_format_percent(score->top1, score->images).text,
           base_format_percent(score->top5, score->images).text);
    if (worst > 0)
        print_worst(report, worst);
}

static int tell(const alx_evaluation *e, const eval_options *options)
{
    const size_t worst = (size_t)options->worst;
    const char *const weights[] = { options->weights.path, NULL };
    const char *const *list = weights[0] != NULL ? weights : options->line.args;
    alx_eval_report report = { 0 };
    char *json = NULL;
    int rc = 0;

    if (options->output != NULL || worst > 0)
        TRY_DONE(
            alx_eval_report_create(&report, &e->votes, e->set, (const char *const *)e->names.name));
    cli_progress_stop();
    if (options->output != NULL)
        TRY_DONE(alx_eval_report_write(&report, options->output));
    if (options->json)
        rc = cli_print_json(alx_evaluation_json(&json, e, list, &report, worst), &json);
    else
        print_text(e, &report, worst);
done:
    alx_eval_report_free(&report);
    return rc;
}

static int check_arguments(const eval_options *options)
{
    const int count = options->line.arg_count;
    cli_network network;

    if (count == 0 && options->weights.path == NULL)
        return alx_fail(ALX_E_USAGE, "eval wants %s; try alexnet help eval",
                        options->line.command->arguments);
    TRY(cli_check_network(&options->line, &options->weights));
    if (options->weights.path == NULL ||
        cli_network_of(&network, &options->line, &options->weights) == count)
        return 0;
    return alx_fail(ALX_E_USAGE, "eval with --weights wants one CONFIG at most, not '%s'",
                    options->line.args[count - 1]);
}

static int eval_run(const void *given)
{
    const eval_options *options = given;
    alx_evaluation e = { .ten_crop = options->ten_crop, .on_batch = show_batch };
    cli_devices devices = { .count = 0 };
    int rc = 0;

    TRY_DONE(check_arguments(options));
    TRY_DONE(cli_progress_start(&options->progress));
    if (options->output != NULL)
        TRY_DONE(base_mkdirs_check(options->output));
    TRY_DONE(evaluate(&e, &devices, options));
    TRY_DONE(tell(&e, options));
done:
    alx_evaluation_close(&e);
    return cli_close_devices(&devices, rc);
}

#define FIELD(name) .offset = offsetof(eval_options, name)

static const cli_option eval_rows[] = {
    { CLI_ROWS(cli_weights_rows, eval_options, weights) },
    { "data", "DIR",
      "data set: folder, tar, list, LMDB or CIFAR-10 binaries; default that of the training",
      CLI_TEXT, FIELD(data) },
    { "output-dir", "DIR",
      "write classes.csv, confused.csv, images.csv, and confusion.csv and .png there", CLI_TEXT,
      FIELD(output), .letter = 'o' },
    { CLI_ROWS(cli_batch_row, eval_options, batch_size) },
    { CLI_ROWS(cli_loading_rows, eval_options, loading) },
    { "ten-crop", NULL,
      "average each image's probabilities over its corners and centre, and these mirrored; "
      "default the centre",
      CLI_FLAG, FIELD(ten_crop) },
    { "worst", "N",
      "list the N pairs of classes most often confused, and the N images of the highest loss",
      CLI_INT, FIELD(worst), .most = 1000000 },
    { CLI_ROWS(cli_names_row, eval_options, names) },
    { CLI_ROWS(cli_json_row, eval_options, json) },
    { CLI_ROWS(cli_compute_rows, eval_options, device) },
    { CLI_ROWS(cli_progress_row, eval_options, progress) },
    { CLI_ROWS(cli_log_every_row, eval_options, progress) },
    CLI_END,
};

const cli_command cli_cmd_eval = {
    .name = "eval",
    .summary = "loss, top-1 and top-5 on test images, of one network or several",
    .arguments = "CHECKPOINT... --data DIR",
    .max_args = INT_MAX,
    .examples =
        "alexnet eval runs/paper/checkpoint-best --data imagenet\n"
        "alexnet eval runs/paper --data imagenet --ten-crop --json\n"
        "alexnet eval owt --weights alexnet-owt-7be5be79.pth --data imagenet\n"
        "alexnet eval runs/a runs/b runs/c --data imagenet --ten-crop\n"
        "alexnet eval runs/paper --data imagenet -o report --worst 20 --names synset_words.txt\n",
    .details = "CHECKPOINT is a file, or a run's folder for its best one, or weights alone; of "
               "several the "
               "probabilities are averaged. Size, mean and order of the images come from the "
               "checkpoint. The data's classes are looked up by name in the network's and may "
               "be a part of them; of a list or an LMDB without names the numbers are the "
               "network's. Weights alone name no classes: theirs are the data's, in "
               "that order. Where nothing is split, all images are evaluated. Of equally "
               "probable classes the one of the lower index comes first.",
    .options = eval_rows,
    .options_bytes = sizeof(eval_options),
    .run = eval_run,
};
