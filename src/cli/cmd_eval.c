/* cmd_eval.c - loss, top-1 and top-5 of a checkpoint on the test images of a data set. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/format.h"
#include "cli/json.h"
#include "cli/model.h"
#include "cli/progress.h"

/* Labels mean classes only if the data set has the checkpoint's classes in the same order. */
static int check_classes(const cli_model *model, const alx_dataset *set, const char *path)
{
    const int known = model->checkpoint.class_count, count = alx_dataset_classes(set);

    if (count != known)
        return alx_fail(ALX_E_DATA, "%s: %d classes, the checkpoint was trained on %d", path,
                        count, known);
    for (int i = 0; i < count; ++i)
        if (strncmp(alx_dataset_class_name(set, i), cli_model_class(model, i),
                    sizeof *model->checkpoint.class_names - 1) != 0)
            return alx_fail(ALX_E_DATA, "%s: class %d is '%s', in the checkpoint '%s'", path, i,
                            alx_dataset_class_name(set, i), cli_model_class(model, i));
    return 0;
}

static int show_batch(const alx_batch *batch, size_t done, size_t total, void *user)
{
    (void)batch;
    (void)user;
    cli_progress_batch("evaluating", done, total);
    return 0;
}

/** What is scored, and how it went. */
typedef struct evaluation {
    const char *data;
    alx_score score;
    size_t left_out;
} evaluation;

static int evaluate(evaluation *e, cli_model *model, const cli_options *options)
{
    const alx_config *config = &model->checkpoint.config;
    const alx_loader_options loader_options = {
        .batch = alx_net_get_options(model->net)->batch,
        .size = config->data.resize,
        .crop_height = config->net.height,
        .crop_width = config->net.width,
        .threads = cli_workers(options),
        .prefetch = 2,
        .skip_bad = options->skip_bad,
        .config = &config->data,
        .statistics = &model->checkpoint.statistics,
    };
    alx_dataset *set = NULL;
    alx_subset all = { 0 }, none = { 0 };
    alx_loader *loader = NULL;
    int rc = 0;

    TRY(alx_dataset_open(&set, e->data, ALX_SPLIT_TEST));
    TRY(check_classes(model, set, e->data));
    TRY(alx_dataset_split(&all, &none, set, 0.0, 0));
    TRY(alx_loader_create(&loader, set, &all, &loader_options, 0, 0));
    TRY(alx_evaluate(&e->score, model->net, model->feeder, loader, NULL, show_batch, NULL));
    e->left_out = alx_loader_bad_count(loader);
    if (e->score.images == 0)
        rc = alx_fail(ALX_E_DATA, "%s: none of the %zu test images could be read", e->data,
                      all.count);
    else if (!isfinite(e->score.loss))
        rc = alx_fail(ALX_E_NUMERIC, "the loss of %s on %s is not finite: its weights or its "
                                     "outputs are not", model->path, e->data);
done:
    alx_loader_free(loader);
    free(all.index);
    free(none.index);
    alx_dataset_close(set);
    return rc;
}

static int print_evaluation(const evaluation *e, const cli_model *model, bool json)
{
    const double images = e->score.images > 0 ? (double)e->score.images : 1.0;
    const double top1 = (double)e->score.top1 / images, top5 = (double)e->score.top5 / images;

    if (!json) {
        printf("images  %s\n", cli_count(e->score.images).text);
        if (e->left_out > 0)
            printf("bad     %s\n", cli_count(e->left_out).text);
        printf("loss    %.4f\ntop-1   %.2f %%\ntop-5   %.2f %%\n", e->score.loss, 100.0 * top1,
               100.0 * top5);
        return 0;
    }
    cJSON *tree = cJSON_CreateObject();

    cJSON_AddStringToObject(tree, "checkpoint", model->path);
    cJSON_AddStringToObject(tree, "data", e->data);
    cJSON_AddNumberToObject(tree, "images", (double)e->score.images);
    cJSON_AddNumberToObject(tree, "bad_images", (double)e->left_out);
    cJSON_AddNumberToObject(tree, "loss", e->score.loss);
    cJSON_AddNumberToObject(tree, "top1", top1);
    cJSON_AddNumberToObject(tree, "top5", top5);
    return cli_print_json(tree);
}

int cmd_eval(const cli_options *options)
{
    cli_model model = { 0 };
    evaluation e = { 0 };
    int rc = 0;

    TRY(cli_progress_start(options));
    TRY(cli_model_open(&model, options->args[0], options->batch_size, options));
    e.data = options->data != NULL ? options->data : model.checkpoint.config.data.path;
    if (e.data[0] == '\0') {
        rc = alx_fail(ALX_E_USAGE, "eval wants --data DIR; try alexnet help eval");
        goto done;
    }
    TRY(evaluate(&e, &model, options));
    cli_progress_stop();
    TRY(print_evaluation(&e, &model, options->json));
done:
    cli_model_close(&model);
    return rc;
}
