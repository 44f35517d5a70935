/* model.c - a trained network ready to look at images: checkpoint, network, feeder, loader. */
#include "alexnet/model.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/train.h"
#include "base/cpus.h"
#include "base/name_write.h"
#include "base/try.h"
#include "train/score.h"

#define MODEL_PREFETCH 2

struct alx_model {
    char *path;
    alx_checkpoint checkpoint;
    alx_class_names names;
    alx_model_options options;
    alx_net *net;
    alx_feeder *feeder;
};

/* ---- open and close -------------------------------------------------------------------------- */

int alx_model_open(alx_model **out, const char *path)
{
    alx_model *model = calloc(1, sizeof *model);
    int rc = 0;

    *out = NULL;
    if (model == NULL || (model->path = strdup(path)) == NULL) {
        free(model);
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for a model", path);
    }
    TRY_DONE(alx_checkpoint_read(&model->checkpoint, path));
    TRY_DONE(alx_class_names_create(&model->names, &model->checkpoint, NULL));
    *out = model;
    model = NULL;
done:
    alx_model_close(model);
    return rc;
}

static int make_net(alx_model *model, alx_device *const *devs, int dev_count)
{
    const alx_checkpoint *checkpoint = &model->checkpoint;
    const alx_net_options options = { .batch = model->options.batch,
                                      .keep_outputs = model->options.keep_outputs,
                                      .algorithms = model->options.algorithms,
                                      .rows = model->options.rows };

    TRY(alx_net_create(&model->net, &checkpoint->config.net, devs, dev_count, &options));
    TRY(alx_checkpoint_load_net(model->net, model->path));
    TRY(alx_net_build_kernels(model->net, NULL, model->options.on_build, model->options.user));
    return alx_feeder_create(&model->feeder, model->net, &checkpoint->config.data,
                             &checkpoint->statistics);
}

int alx_model_build(alx_model *model, alx_device *const *devs, int dev_count,
                    const alx_model_options *options)
{
    if (model->net != NULL)
        return alx_fail(ALX_E_USAGE, "%s: the model is built already", model->path);
    if (options != NULL)
        model->options = *options;
    if (model->options.batch == 0)
        model->options.batch = model->checkpoint.config.train.batch_size;
    const int rc = make_net(model, devs, dev_count);

    if (rc != 0) {
        alx_net_free(model->net);
        model->net = NULL;
    }
    return rc;
}

void alx_model_close(alx_model *model)
{
    if (model == NULL)
        return;
    alx_feeder_free(model->feeder);
    alx_net_free(model->net);
    alx_class_names_free(&model->names);
    alx_checkpoint_free(&model->checkpoint);
    free(model->path);
    free(model);
}

/* ---- what it consists of --------------------------------------------------------------------- */

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

/* ---- images ---------------------------------------------------------------------------------- */

/* Numbers of every image of a set, in its order. */
typedef struct model_reading {
    const alx_dataset *set;
    long node;    /* -1: probabilities */
    size_t width; /* numbers of an image */
    float *batch; /* of a whole batch */
    float *out;   /* of the next image */
} model_reading;

static int check_finite(const model_reading *reading, const alx_batch *batch)
{
    for (size_t i = 0; i < (size_t)batch->count * reading->width; ++i)
        if (!isfinite(reading->batch[i])) {
            char name[PATH_MAX], shown[PATH_MAX];

            alx_dataset_image_name(reading->set, batch->index[i / reading->width], name,
                                   sizeof name);
            base_name_write(shown, sizeof shown, name, BASE_NAME_LINE);
            return alx_fail(ALX_E_NUMERIC, "%s: what the network makes of it is not finite", shown);
        }
    return 0;
}

static int read_batch(alx_net *net, const alx_batch *batch, size_t done, size_t total, void *user)
{
    model_reading *reading = user;
    const size_t count = (size_t)batch->count * reading->width;

    (void)done;
    (void)total;
    if (reading->node < 0)
        TRY(alx_net_read_prob(net, reading->batch));
    else
        TRY(alx_net_read_output(net, (size_t)reading->node, reading->batch));
    TRY(check_finite(reading, batch));
    memcpy(reading->out, reading->batch, count * sizeof *reading->out);
    reading->out += count;
    return 0;
}

static int read_images(model_reading *reading, alx_model *model)
{
    const size_t images = (size_t)model->options.batch;
    alx_subset all = { 0 };
    alx_loader *loader = NULL;
    int rc = 0;

    reading->batch = malloc(images * reading->width * sizeof *reading->batch);
    if (reading->batch == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu images", images);
    TRY_DONE(alx_subset_all(&all, reading->set));
    TRY_DONE(alx_model_loader(&loader, model, reading->set, &all));
    TRY_DONE(alx_forward_epoch(model->net, model->feeder, loader, read_batch, reading));
    if (alx_loader_bad_count(loader) == all.count)
        rc = alx_fail(ALX_E_DATA, "no image of %zu could be read", all.count);
done:
    alx_loader_free(loader);
    alx_subset_free(&all);
    free(reading->batch);
    return rc;
}

static int check_built(const alx_model *model)
{
    return model->net != NULL
               ? 0
               : alx_fail(ALX_E_USAGE, "%s: alx_model_build comes before", model->path);
}

int alx_model_predict(float *prob, alx_model *model, const alx_dataset *set)
{
    model_reading reading = { .set = set, .node = -1, .out = prob };

    TRY(check_built(model));
    reading.width = (size_t)train_net_classes(model->net);
    return read_images(&reading, model);
}

/* ---- features -------------------------------------------------------------------------------- */

static int find_layer(size_t *node, size_t *length, const alx_model *model, const char *layer)
{
    char names[1024] = "";
    size_t count = 0, at = 0;
    const alx_layer_info *layers;

    TRY(check_built(model));
    layers = alx_graph_layers(alx_net_graph(model->net), &count);
    for (size_t i = 0; i < count; ++i) {
        if (strcmp(layers[i].name, layer) == 0) {
            *node = i;
            *length = alx_shape_count(layers[i].whole);
            return 0;
        }
        if (at < sizeof names)
            at += (size_t)snprintf(names + at, sizeof names - at, " %s", layers[i].name);
    }
    return alx_fail(ALX_E_USAGE, "%s: no layer '%s'; there are%s", model->path, layer, names);
}

int alx_model_feature_length(size_t *length, const alx_model *model, const char *layer)
{
    size_t node = 0;

    return find_layer(&node, length, model, layer);
}

int alx_model_features(float *values, alx_model *model, const alx_dataset *set, const char *layer)
{
    model_reading reading = { .set = set, .out = values };
    size_t node = 0;

    TRY(find_layer(&node, &reading.width, model, layer));
    if (!alx_net_has_output(model->net, node))
        return alx_fail(ALX_E_USAGE, "%s: %s is not kept; set keep_outputs", model->path, layer);
    reading.node = (long)node;
    return read_images(&reading, model);
}
