/* reader.c - a layer of a trained network as a function of images. */
#include "alexnet/dev/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "train/model.h"

/* ---- the layer ----------------------------------------------------------------------------- */

int alx_feature_reader_init(alx_feature_reader *out, alx_model *model, const char *layer)
{
    size_t count = 0, node = 0;

    TRY(train_model_stage(&node, model, layer));
    const alx_layer_info *stage = &alx_graph_layers(alx_net_graph(alx_model_net(model)),
                                                    &count)[node];

    *out = (alx_feature_reader){
        .model = model, .node = node, .shape = stage->whole, .length = alx_shape_count(stage->whole)
    };
    memcpy(out->layer, stage->name, sizeof out->layer);
    return 0;
}

/* ---- images -------------------------------------------------------------------------------- */

typedef struct features_pass {
    const alx_feature_reader *reader;
    const char *label;
    alx_feature_sink *sink;
    void *user;
} features_pass;

static int pass_batch(const alx_batch *batch, const float *values, size_t done, size_t total,
                      void *user)
{
    const features_pass *pass = user;
    const alx_feature_reader *reader = pass->reader;

    TRY(pass->sink(batch, values, pass->user));
    if (reader->on_batch != NULL)
        reader->on_batch(pass->label, done, total, reader->user);
    return 0;
}

int alx_features_each(alx_feature_reader *reader, const alx_dataset *set, const alx_subset *subset,
                      const char *label, alx_feature_sink *sink, void *user)
{
    features_pass pass = { reader, label, sink, user };
    char what[PATH_MAX + ALX_NAME_BYTES + 8];

    snprintf(what, sizeof what, "%s of %s is", reader->layer, alx_model_path(reader->model));
    return alx_model_read(reader->model, &(alx_reading){ .set = set,
                                                         .subset = subset,
                                                         .node = reader->node,
                                                         .what = what,
                                                         .sink = pass_batch,
                                                         .user = &pass });
}

static int gather_batch(const alx_batch *batch, const float *values, void *user)
{
    alx_features *out = user;
    const size_t count = (size_t)batch->count;

    memcpy(out->values + out->count * out->length, values, count * out->length * sizeof *values);
    memcpy(out->labels + out->count, batch->labels, count * sizeof *batch->labels);
    memcpy(out->index + out->count, batch->index, count * sizeof *batch->index);
    out->count += count;
    return 0;
}

int alx_features_gather(alx_features *out, alx_feature_reader *reader, const alx_dataset *set,
                        const alx_subset *subset, const char *label)
{
    const size_t count = subset != NULL ? subset->count : alx_dataset_count(set);

    *out = (alx_features){ .length = reader->length };
    out->values = calloc(count, reader->length * sizeof *out->values);
    out->labels = calloc(count, sizeof *out->labels);
    out->index = calloc(count, sizeof *out->index);
    if (out->values == NULL || out->labels == NULL || out->index == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the features of %zu images", count);
    return alx_features_each(reader, set, subset, label, gather_batch, out);
}

void alx_features_free(alx_features *gathered)
{
    free(gathered->values);
    free(gathered->labels);
    free(gathered->index);
    *gathered = (alx_features){ 0 };
}
