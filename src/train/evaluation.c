/* evaluation.c - one network after the other on the test images of a data set, so that only one
 * lies in the device's memory; their probabilities are averaged. */
#include "alexnet/dev/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"

#define VIEWS 10

/* Weights alone name no classes: theirs are the data's, in that order. */
static int count_classes(const alx_evaluation *e, const alx_model *model)
{
    const int count = alx_dataset_classes(e->set), known = alx_model_classes(model);

    if (count == known)
        return 0;
    return alx_fail(ALX_E_DATA,
                    "%s: %d classes, %s is of a network of %d and names none: only a set of "
                    "as many classes can be evaluated",
                    e->data, count, alx_model_path(model), known);
}

/* Labels become those of the first network: the set may have a part of its classes. */
static int use_names(alx_evaluation *e, const alx_model *model)
{
    const alx_checkpoint *checkpoint = alx_model_checkpoint(model);
    char **names = calloc((size_t)checkpoint->class_count + 1, sizeof *names);
    int rc = 0;

    if (names == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for class names");
    for (int i = 0; i < checkpoint->class_count; ++i)
        names[i] = checkpoint->class_names[i];
    TRY_DONE(
        alx_dataset_use_classes(e->set, names, checkpoint->class_count, alx_model_path(model)));
done:
    free(names);
    return rc;
}

static int use_classes(alx_evaluation *e, const alx_model *model)
{
    const bool named = alx_model_checkpoint(model)->class_count > 0;

    TRY(named ? use_names(e, model) : count_classes(e, model));
    return alx_dataset_log_found(NULL, e->set);
}

int alx_evaluation_open(alx_evaluation *e, const alx_model *first, const char *data,
                        const char *names)
{
    const alx_checkpoint *checkpoint = alx_model_checkpoint(first);

    if (snprintf(e->data, sizeof e->data, "%s", data) >= (int)sizeof e->data)
        return alx_fail(ALX_E_DATA, "%.64s...: path too long", data);
    snprintf(e->first, sizeof e->first, "%s", alx_model_path(first));
    TRY(alx_class_names_create(&e->names, checkpoint, names));
    TRY(alx_dataset_open_with(&e->set, data, ALX_SPLIT_TEST,
                              &(alx_dataset_options){ .alone = true }));
    TRY(use_classes(e, first));
    TRY(alx_subset_all(&e->all, e->set));
    return alx_votes_create(&e->votes, e->all.count, checkpoint->config.net.classes);
}

static int check_classes(const alx_evaluation *e, const alx_model *model)
{
    const alx_checkpoint *checkpoint = alx_model_checkpoint(model);
    const char *path = alx_model_path(model);

    if (checkpoint->config.net.classes != e->votes.classes)
        return alx_fail(ALX_E_DATA, "%s: a network of %d classes, that of %s has %d", path,
                        checkpoint->config.net.classes, e->first, e->votes.classes);
    if (checkpoint->class_count == 0)
        return count_classes(e, model);
    return alx_checkpoint_check_classes(checkpoint, path, e->set, e->data);
}

static int make_views(alx_crop views[VIEWS], const alx_config *config)
{
    if (config->net.height > config->data.resize || config->net.width > config->data.resize)
        return alx_fail(ALX_E_USAGE, "ten crops of %d x %d do not fit images of %d",
                        config->net.width, config->net.height, config->data.resize);
    alx_ten_crop_boxes(views, config->data.resize, config->net.height, config->net.width);
    return 0;
}

static int score_votes(alx_evaluation *e, const alx_model *model)
{
    e->score = alx_votes_score(&e->votes);
    if (e->score.images == 0)
        return alx_fail(ALX_E_DATA, "%s: none of the %zu test images could be read", e->data,
                        e->all.count);
    if (!isfinite(e->score.loss))
        return alx_fail(ALX_E_NUMERIC,
                        "the loss of %s on %s is not finite: its weights or its "
                        "outputs are not",
                        alx_model_path(model), e->data);
    return 0;
}

int alx_evaluation_add(alx_evaluation *e, alx_model *model, double weight)
{
    alx_crop views[VIEWS];
    alx_loader *loader = NULL;
    int rc = 0;

    if (e->ten_crop)
        TRY_DONE(make_views(views, &alx_model_checkpoint(model)->config));
    TRY_DONE(check_classes(e, model));
    TRY_DONE(alx_model_loader(&loader, model, e->set, &e->all));
    TRY_DONE(alx_votes_cast(&e->votes, alx_model_net(model), alx_model_feeder(model), loader,
                            e->ten_crop ? views : NULL, VIEWS, weight, e->on_batch, e->user));
    e->left_out = alx_loader_bad_count(loader);
    TRY_DONE(score_votes(e, model));
done:
    alx_loader_free(loader);
    return rc;
}

void alx_evaluation_close(alx_evaluation *e)
{
    alx_votes_free(&e->votes);
    alx_class_names_free(&e->names);
    alx_subset_free(&e->all);
    alx_dataset_close(e->set);
}
