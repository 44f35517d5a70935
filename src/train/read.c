/* read.c - what a trained network makes of images: its probabilities, or what a layer gives. */
#include "alexnet/dev/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/name_write.h"
#include "base/try.h"
#include "train/model.h"
#include "train/score.h"

/* ---- any numbers ----------------------------------------------------------------------------- */

typedef struct read_pass {
    const alx_reading *reading;
    size_t length; /* numbers of an image */
    float *values; /* of a whole batch */
} read_pass;

static int check_finite(const read_pass *pass, const alx_batch *batch)
{
    const alx_reading *reading = pass->reading;

    for (size_t i = 0; i < (size_t)batch->count * pass->length; ++i)
        if (!isfinite(pass->values[i])) {
            char name[PATH_MAX], shown[PATH_MAX];

            alx_dataset_image_name(reading->set, batch->index[i / pass->length], name, sizeof name);
            base_name_write(shown, sizeof shown, name, BASE_NAME_LINE);
            return alx_fail(ALX_E_NUMERIC, "%s: %s not finite", shown, reading->what);
        }
    return 0;
}

static int read_batch(alx_net *net, const alx_batch *batch, size_t done, size_t total, void *user)
{
    const read_pass *pass = user;
    const alx_reading *reading = pass->reading;

    if (reading->node == ALX_READ_PROB)
        TRY(alx_net_read_prob(net, pass->values));
    else
        TRY(alx_net_read_output(net, reading->node, pass->values));
    TRY(check_finite(pass, batch));
    return reading->sink(batch, pass->values, done, total, reading->user);
}

static size_t length_of(const alx_net *net, size_t node)
{
    size_t count = 0;

    if (node == ALX_READ_PROB)
        return (size_t)train_net_classes(net);
    return alx_shape_count(alx_graph_layers(alx_net_graph(net), &count)[node].whole);
}

int alx_model_read(alx_model *model, const alx_reading *reading)
{
    alx_net *net = alx_model_net(model);
    const size_t images = (size_t)alx_net_get_options(net)->batch;
    read_pass pass = { .reading = reading, .length = length_of(net, reading->node) };
    alx_subset all = { 0 };
    const alx_subset *subset = reading->subset != NULL ? reading->subset : &all;
    alx_loader *loader = NULL;
    int rc = 0;

    if (reading->node != ALX_READ_PROB && !alx_net_has_output(net, reading->node))
        return alx_fail(ALX_E_USAGE, "%s: what its layers give is not kept; set keep_outputs",
                        alx_model_path(model));
    pass.values = malloc(images * pass.length * sizeof *pass.values);
    if (pass.values == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu images", images);
    if (subset == &all)
        TRY_DONE(alx_subset_all(&all, reading->set));
    TRY_DONE(alx_model_loader(&loader, model, reading->set, subset));
    TRY_DONE(alx_forward_epoch(net, alx_model_feeder(model), loader, read_batch, &pass));
    if (alx_loader_bad_count(loader) == subset->count)
        rc = alx_fail(ALX_E_DATA, "no image of %zu could be read", subset->count);
done:
    alx_loader_free(loader);
    alx_subset_free(&all);
    free(pass.values);
    return rc;
}

/* ---- into the caller's memory ---------------------------------------------------------------- */

typedef struct copy_target {
    alx_model *model; /* keeps whose the rows are */
    float *next;      /* where the next image goes */
    size_t length;
} copy_target;

static int copy_batch(const alx_batch *batch, const float *values, size_t done, size_t total,
                      void *user)
{
    copy_target *to = user;
    const size_t count = (size_t)batch->count * to->length;

    (void)done;
    (void)total;
    memcpy(to->next, values, count * sizeof *values);
    to->next += count;
    train_model_add_rows(to->model, batch);
    return 0;
}

static int copy_all(float *out, alx_model *model, const alx_dataset *set, size_t node)
{
    copy_target to = { model, out, length_of(alx_model_net(model), node) };

    TRY(train_model_clear_rows(model, alx_dataset_count(set)));
    return alx_model_read(model, &(alx_reading){ .set = set,
                                                 .node = node,
                                                 .what = "what the network makes of it is",
                                                 .sink = copy_batch,
                                                 .user = &to });
}

int alx_model_predict(float *prob, alx_model *model, const alx_dataset *set)
{
    TRY(train_model_check_built(model));
    return copy_all(prob, model, set, ALX_READ_PROB);
}

/* ---- layers ---------------------------------------------------------------------------------- */

int alx_model_feature_length(size_t *length, const alx_model *model, const char *layer)
{
    size_t node = 0;

    TRY(train_model_stage(&node, model, layer));
    *length = length_of(alx_model_net(model), node);
    return 0;
}

int alx_model_features(float *values, alx_model *model, const alx_dataset *set, const char *layer)
{
    size_t node = 0;

    TRY(train_model_stage(&node, model, layer));
    return copy_all(values, model, set, node);
}
