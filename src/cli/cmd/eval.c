/* eval.c - loss, top-1 and top-5 of a checkpoint, or of several whose probabilities are
 * averaged, on the test images of a data set, by their centre or by ten crops. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/train.h"
#include "base/file.h"
#include "base/format.h"
#include "base/try.h"
#include "cli/cmd/eval_worst.h"
#include "cli/model.h"
#include "cli/ui/progress.h"

typedef struct eval_options {
    cli_line line;
    const char *data, *output, *names;
    int batch_size, worst;
    bool ten_crop, json;
    cli_loading loading;
    cli_device_options device;
    cli_progress_options progress;
} eval_options;

/** What is scored, and how it went. */
typedef struct evaluation {
    const eval_options *options;
    cli_devices devices;
    char data[PATH_MAX];
    alx_dataset *set;
    alx_subset all;
    alx_class_names names;
    alx_votes votes;
    alx_eval_report report;
    alx_score score;
    size_t left_out;
} evaluation;

static int check_classes(const evaluation *e, const cli_model *model)
{
    const alx_checkpoint *checkpoint = model->checkpoint;

    if (checkpoint->config.net.classes != e->votes.classes)
        return alx_fail(ALX_E_DATA, "%s: a network of %d classes, that of %s has %d", model->path,
                        checkpoint->config.net.classes, e->options->line.args[0], e->votes.classes);
    return alx_checkpoint_check_classes(checkpoint, model->path, e->set, e->data);
}

/* Labels become those of the first network: the set may have a part of its classes. */
static int use_classes(evaluation *e, const cli_model *model)
{
    const alx_checkpoint *checkpoint = model->checkpoint;
    char **names = calloc((size_t)checkpoint->class_count + 1, sizeof *names);
    int rc = 0;

    if (names == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for class names");
    for (int i = 0; i < checkpoint->class_count; ++i)
        names[i] = checkpoint->class_names[i];
    TRY_DONE(alx_dataset_use_classes(e->set, names, checkpoint->class_count, model->path));
    TRY_DONE(alx_dataset_log_found(NULL, e->set));
done:
    free(names);
    return rc;
}

/* The data, once the first checkpoint says where they are by default and what its classes are. */
static int open_data(evaluation *e, const cli_model *model)
{
    const alx_checkpoint *checkpoint = model->checkpoint;
    const char *path = NULL;

    TRY(cli_checkpoint_data(&path, e->options->data, checkpoint, model->path));
    if (path[0] == '\0')
        return alx_fail(ALX_E_USAGE, "eval wants --data DIR; try alexnet help eval");
    snprintf(e->data, sizeof e->data, "%s", path);
    TRY(alx_class_names_create(&e->names, checkpoint, e->options->names));
    TRY(alx_dataset_open_with(&e->set, e->data, ALX_SPLIT_TEST,
                              &(alx_dataset_options){ .alone = true }));
    TRY(use_classes(e, model));
    TRY(alx_subset_all(&e->all, e->set));
    return alx_votes_create(&e->votes, e->all.count, checkpoint->config.net.classes);
}

static int make_views(alx_crop views[10], const alx_config *config)
{
    if (config->net.height > config->data.resize || config->net.width > config->data.resize)
        return alx_fail(ALX_E_USAGE, "ten crops of %d x %d do not fit images of %d",
                        config->net.width, config->net.height, config->data.resize);
    alx_ten_crop_boxes(views, config->data.resize, config->net.height, config->net.width);
    return 0;
}

static int show_batch(const alx_batch *batch, size_t done, size_t total, void *user)
{
    (void)batch;
    cli_progress_batch(user, done, total);
    return 0;
}

static int cast_votes(evaluation *e, cli_model *model, double weight, char *label)
{
    alx_crop views[10];
    alx_loader *loader = NULL;
    int rc = 0;

    if (e->options->ten_crop)
        TRY_DONE(make_views(views, &model->checkpoint->config));
    TRY_DONE(check_classes(e, model));
    TRY_DONE(alx_model_loader(&loader, model->model, e->set, &e->all));
    TRY_DONE(alx_votes_cast(&e->votes, model->net, model->feeder, loader,
                            e->options->ten_crop ? views : NULL, 10, weight, show_batch, label));
    e->left_out = alx_loader_bad_count(loader);
    e->score = alx_votes_score(&e->votes);
    if (!isfinite(e->score.loss))
        rc = alx_fail(ALX_E_NUMERIC,
                      "the loss of %s on %s is not finite: its weights or its "
                      "outputs are not",
                      model->path, e->data);
done:
    alx_loader_free(loader);
    return rc;
}

/* One checkpoint after the other, so that only one network lies in the device's memory. */
static int evaluate(evaluation *e)
{
    const int count = e->options->line.arg_count;
    char label[64];
    int rc = 0;

    for (int i = 0; i < count && rc == 0; ++i) {
        cli_model model = { 0 };

        snprintf(label, sizeof label, count > 1 ? "evaluating %d of %d" : "evaluating", i + 1,
                 count);
        rc = cli_model_open(&model, &e->devices, e->options->line.args[i], e->options->batch_size,
                            &e->options->device, &e->options->loading);
        if (rc == 0 && i == 0)
            rc = open_data(e, &model);
        if (rc == 0)
            rc = cast_votes(e, &model, 1.0 / count, label);
        cli_model_close(&model);
    }
    TRY(rc);
    if (e->score.images == 0)
        return alx_fail(ALX_E_DATA, "%s: none of the %zu test images could be read", e->data,
                        e->all.count);
    if (e->options->output != NULL || e->options->worst > 0)
        TRY(alx_eval_report_create(&e->report, &e->votes, e->set,
                                   (const char *const *)e->names.name));
    return rc;
}

/* ---- output -------------------------------------------------------------------------------- */

static void print_text(const evaluation *e)
{
    const double images = (double)e->score.images;

    printf("images  %s\n", base_format_count(e->score.images).text);
    if (e->left_out > 0)
        printf("bad     %s\n", base_format_count(e->left_out).text);
    printf("loss    %.4f\ntop-1   %.2f %%\ntop-5   %.2f %%\n", e->score.loss,
           100.0 * (double)e->score.top1 / images, 100.0 * (double)e->score.top5 / images);
    if (e->options->worst > 0)
        eval_print_worst(&e->report, e->options->worst);
}

/* Of how many classes images were seen; `part`, if not all, gets their names. */
static int add_classes(cJSON *tree, const evaluation *e)
{
    bool *seen = calloc((size_t)e->votes.classes, sizeof *seen);
    int count = 0;

    if (seen == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the classes");
    for (size_t i = 0; i < e->votes.images; ++i) {
        count += !seen[e->votes.labels[i]];
        seen[e->votes.labels[i]] = true;
    }
    base_json_add_number(tree, "classes", e->votes.classes);
    base_json_add_number(tree, "evaluated_classes", count);
    if (count < e->votes.classes) {
        cJSON *part = base_json_add_array(tree, "part");

        for (int i = 0; i < e->votes.classes; ++i)
            if (seen[i])
                base_json_append(part, cJSON_CreateString(e->names.name[i]));
    } else {
        base_json_add_null(tree, "part");
    }
    free(seen);
    return 0;
}

static int print_tree(const evaluation *e)
{
    const double images = (double)e->score.images;
    cJSON *tree = cJSON_CreateObject();
    cJSON *checkpoints = base_json_add_array(tree, "checkpoints");
    int rc = 0;

    for (int i = 0; i < e->options->line.arg_count; ++i)
        base_json_append(checkpoints, cJSON_CreateString(e->options->line.args[i]));
    base_json_add_text(tree, "data", e->data);
    base_json_add_number(tree, "crops", e->options->ten_crop ? 10 : 1);
    TRY_DONE(add_classes(tree, e));
    base_json_add_number(tree, "images", images);
    base_json_add_number(tree, "bad_images", (double)e->left_out);
    base_json_add_number(tree, "loss", e->score.loss);
    base_json_add_number(tree, "top1", (double)e->score.top1 / images);
    base_json_add_number(tree, "top5", (double)e->score.top5 / images);
    if (e->options->worst > 0)
        eval_json_worst(&e->report, e->options->worst, tree);
    rc = cli_print_json(&tree);
done:
    cJSON_Delete(tree);
    return rc;
}

static void close_evaluation(evaluation *e)
{
    alx_eval_report_free(&e->report);
    alx_votes_free(&e->votes);
    alx_class_names_free(&e->names);
    alx_subset_free(&e->all);
    alx_dataset_close(e->set);
}

static int eval_run(const void *given)
{
    const eval_options *options = given;
    evaluation e = { .options = options };
    int rc = 0;

    TRY_DONE(cli_progress_start(&options->progress));
    if (options->output != NULL)
        TRY_DONE(base_mkdirs_check(options->output));
    TRY_DONE(evaluate(&e));
    cli_progress_stop();
    if (options->output != NULL)
        TRY_DONE(alx_eval_report_write(&e.report, options->output));
    if (options->json)
        TRY_DONE(print_tree(&e));
    else
        print_text(&e);
done:
    close_evaluation(&e);
    return cli_close_devices(&e.devices, rc);
}

#define FIELD(name) .offset = offsetof(eval_options, name)

static const cli_option eval_rows[] = {
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
    .min_args = 1,
    .max_args = INT_MAX,
    .examples =
        "alexnet eval runs/paper/checkpoint-best --data imagenet\n"
        "alexnet eval runs/paper --data imagenet --ten-crop --json\n"
        "alexnet eval runs/a runs/b runs/c --data imagenet --ten-crop\n"
        "alexnet eval runs/paper --data imagenet -o report --worst 20 --names synset_words.txt\n",
    .details = "CHECKPOINT is a file, or a run's folder for its best one; of several the "
               "probabilities are averaged. Size, mean and order of the images come from the "
               "checkpoint. The data's classes are looked up by name in the network's and may "
               "be a part of them; of a list or an LMDB without names the numbers are the "
               "network's. Where nothing is split, all images are evaluated. Of equally "
               "probable classes the one of the lower index comes first.",
    .options = eval_rows,
    .options_bytes = sizeof(eval_options),
    .run = eval_run,
};
