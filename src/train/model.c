/* model.c - a trained network ready to look at images: checkpoint, network, feeder, loader. */
#include "alexnet/model.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/train.h"
#include "base/cpus.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"
#include "train/model.h"
#include "train/network.h"
#include "train/weights/source.h"

#define MODEL_PREFETCH 2

struct alx_model {
    char *path;
    alx_checkpoint checkpoint;
    bool bare, bgr; /* weights alone; whose first layer sees blue, green, red */
    alx_class_names names;
    alx_model_options options;
    alx_net *net;
    alx_feeder *feeder;
    size_t *rows, row_count; /* which images of a set it has looked at last */
};

/* ---- open and close -------------------------------------------------------------------------- */

/* @param weights  NULL: `path` is a checkpoint */
static int open_model(alx_model **out, const char *path, const alx_model_weights *weights)
{
    alx_model *model = calloc(1, sizeof *model);
    int rc = 0;

    *out = NULL;
    if (model == NULL || (model->path = strdup(path)) == NULL) {
        free(model);
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for a model", path);
    }
    model->bare = weights != NULL;
    TRY_DONE(weights != NULL ? train_weights_checkpoint(&model->checkpoint, &model->bgr, weights)
                             : alx_checkpoint_read(&model->checkpoint, path));
    TRY_DONE(alx_class_names_create(&model->names, &model->checkpoint, NULL));
    *out = model;
    model = NULL;
done:
    alx_model_close(model);
    return rc;
}

int alx_model_open(alx_model **out, const char *path)
{
    if (!train_checkpoint_begins(path))
        return alx_model_open_weights(out, &(alx_model_weights){ .path = path });
    return open_model(out, path, NULL);
}

int alx_model_open_weights(alx_model **out, const alx_model_weights *weights)
{
    return open_model(out, weights->path, weights);
}

static int load_weights(alx_net *net, void *user)
{
    const alx_model *model = user;

    return model->bare ? train_weights_load(net, model->path, model->bgr)
                       : alx_checkpoint_load_net(net, model->path);
}

int alx_model_build(alx_model *model, alx_device *const *devs, int dev_count,
                    const alx_model_options *options)
{
    const alx_checkpoint *checkpoint = &model->checkpoint;

    if (model->net != NULL)
        return alx_fail(ALX_E_USAGE, "%s: the model is built already", model->path);
    if (options != NULL)
        model->options = *options;
    if (model->options.batch == 0)
        model->options.batch = alx_pass_images(&checkpoint->config.train);
    const train_network wanted = {
        .config = &checkpoint->config,
        .statistics = &checkpoint->statistics,
        .options = { .batch = model->options.batch,
                     .keep_outputs = model->options.keep_outputs,
                     .algorithms = model->options.algorithms,
                     .rows = model->options.rows },
        .fill = load_weights,
        .fill_user = model,
        .on_build = model->options.on_build,
        .user = model->options.user,
    };

    return train_network_create(&model->net, &model->feeder, &wanted, devs, dev_count);
}

void alx_model_close(alx_model *model)
{
    if (model == NULL)
        return;
    alx_feeder_free(model->feeder);
    alx_net_free(model->net);
    alx_class_names_free(&model->names);
    alx_checkpoint_free(&model->checkpoint);
    free(model->rows);
    free(model->path);
    free(model);
}

/* ---- rows ------------------------------------------------------------------------------------ */

int train_model_clear_rows(alx_model *model, size_t most)
{
    size_t *rows = calloc(most + 1, sizeof *rows);

    if (rows == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu images", most);
    free(model->rows);
    model->rows = rows;
    model->row_count = 0;
    return 0;
}

void train_model_add_rows(alx_model *model, const alx_batch *batch)
{
    for (int i = 0; i < batch->count; ++i)
        model->rows[model->row_count++] = batch->index[i];
}

const size_t *alx_model_rows(const alx_model *model, size_t *count)
{
    *count = model->row_count;
    return model->rows;
}

/* ---- what it consists of --------------------------------------------------------------------- */

const char *alx_model_path(const alx_model *model)
{
    return model->path;
}

const alx_checkpoint *alx_model_checkpoint(const alx_model *model)
{
    return &model->checkpoint;
}

alx_net *alx_model_net(const alx_model *model)
{
    return model->net;
}

alx_feeder *alx_model_feeder(const alx_model *model)
{
    return model->feeder;
}

int alx_model_classes(const alx_model *model)
{
    return model->checkpoint.config.net.classes;
}

const char *alx_model_class_name(const alx_model *model, int c)
{
    return model->names.name[c];
}

int alx_model_loader(alx_loader **out, const alx_model *model, const alx_dataset *set,
                     const alx_subset *subset)
{
    const alx_config *config = &model->checkpoint.config;
    const int workers = model->options.workers;
    const alx_loader_options options = {
        .batch = model->options.batch,
        .size = config->data.resize,
        .crop_height = config->net.height,
        .crop_width = config->net.width,
        .threads = workers > 0 ? workers : base_cpu_count(),
        .prefetch = MODEL_PREFETCH,
        .skip_bad = model->options.skip_bad,
        .config = &config->data,
        .statistics = &model->checkpoint.statistics,
    };

    return alx_loader_create(out, set, subset, &options, 0, 0);
}
