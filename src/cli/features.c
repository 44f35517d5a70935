/* features.c - a stage of a trained network as a function of images. */
#include "cli/features.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name_write.h"
#include "base/nearest.h"
#include "base/try.h"
#include "cli/ui/progress.h"

#define FEATURES_BATCH 32

/* ---- the stage ----------------------------------------------------------------------------- */

/* What the last layer sees, but for dropout: relu7 of the paper's network. */
static size_t default_stage(const alx_layer_info *stages, size_t count)
{
    size_t i = count - 1;

    while (i > 0 && (stages[i].layer == stages[count - 1].layer ||
                     stages[i].kind == ALX_NODE_DROPOUT || stages[i].kind == ALX_NODE_GATHER))
        --i;
    return i;
}

static int find_stage(features *f)
{
    const char *wanted = f->options->layer;
    const char *names[ALX_MAX_LAYERS * 8];
    size_t count = 0, i = 0;
    const alx_layer_info *stages = alx_graph_layers(alx_net_graph(f->model.net), &count);

    if (wanted == NULL)
        i = default_stage(stages, count);
    while (wanted != NULL && i < count && strcmp(stages[i].name, wanted) != 0)
        ++i;
    if (i == count) {
        for (i = 0; i < count && i < ALX_COUNT(names); ++i)
            names[i] = stages[i].name;
        const char *near = base_nearest(wanted, names, i);

        return alx_fail(ALX_E_USAGE, "%s: no stage '%s'%s%s%s; alexnet info lists them",
                        f->model.path, wanted, near != NULL ? " (did you mean " : "",
                        near != NULL ? near : "", near != NULL ? "?)" : "");
    }
    f->stage = i;
    f->shape = stages[i].whole;
    f->length = alx_shape_count(stages[i].whole);
    memcpy(f->layer, stages[i].name, sizeof f->layer);
    return 0;
}

int features_open(features *f, size_t images)
{
    int batch = f->options->batch_size > 0 ? f->options->batch_size : FEATURES_BATCH;

    if (images < (size_t)batch)
        batch = (int)images;
    f->model.keep_outputs = true;
    TRY(cli_model_open(&f->model, &f->devices, f->options->line.args[0], batch, &f->options->device,
                       &f->options->loading));
    TRY(find_stage(f));
    f->batch = malloc((size_t)batch * f->length * sizeof *f->batch);
    if (f->batch == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d x %zu features", batch, f->length);
    return 0;
}

int features_close(features *f, int rc)
{
    free(f->batch);
    cli_model_close(&f->model);
    return cli_close_devices(&f->devices, rc);
}

/* ---- images -------------------------------------------------------------------------------- */

typedef struct features_pass {
    features *f;
    const alx_dataset *set;
    const char *label;
    features_sink *sink;
    void *user;
} features_pass;

static int pass_batch(alx_net *net, const alx_batch *batch, size_t done, size_t total, void *user)
{
    const features_pass *pass = user;
    const features *f = pass->f;

    TRY(alx_net_read_output(net, f->stage, f->batch));
    for (size_t i = 0; i < (size_t)batch->count * f->length; ++i)
        if (!isfinite(f->batch[i])) {
            char name[PATH_MAX], shown[PATH_MAX];

            alx_dataset_image_name(pass->set, batch->index[i / f->length], name, sizeof name);
            base_name_write(shown, sizeof shown, name, BASE_NAME_LINE);
            return alx_fail(ALX_E_NUMERIC, "%s: %s of %s is not finite", shown, f->layer,
                            f->model.path);
        }
    TRY(pass->sink(batch, f->batch, pass->user));
    cli_progress_batch(pass->label, done, total);
    return 0;
}

int features_each(features *f, const alx_dataset *set, const alx_subset *subset, const char *label,
                  features_sink *sink, void *user)
{
    features_pass pass = { f, set, label, sink, user };
    alx_subset all = { 0 };
    alx_loader *loader = NULL;
    int rc = 0;

    if (subset == NULL)
        TRY_DONE(alx_subset_all(&all, set));
    TRY_DONE(alx_model_loader(&loader, f->model.model, set, subset != NULL ? subset : &all));
    TRY_DONE(alx_forward_epoch(f->model.net, f->model.feeder, loader, pass_batch, &pass));
    if (alx_loader_bad_count(loader) == (subset != NULL ? subset : &all)->count)
        rc = alx_fail(ALX_E_DATA, "no image of %zu could be read", alx_loader_bad_count(loader));
done:
    cli_progress_stop();
    alx_loader_free(loader);
    alx_subset_free(&all);
    return rc;
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

int features_gather(alx_features *out, features *f, const alx_dataset *set,
                    const alx_subset *subset, const char *label)
{
    const size_t count = subset != NULL ? subset->count : alx_dataset_count(set);

    *out = (alx_features){ .length = f->length };
    out->values = calloc(count, f->length * sizeof *out->values);
    out->labels = calloc(count, sizeof *out->labels);
    out->index = calloc(count, sizeof *out->index);
    if (out->values == NULL || out->labels == NULL || out->index == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the features of %zu images", count);
    return features_each(f, set, subset, label, gather_batch, out);
}

void features_free(alx_features *gathered)
{
    free(gathered->values);
    free(gathered->labels);
    free(gathered->index);
    *gathered = (alx_features){ 0 };
}

void features_line(char line[FEATURES_LINE_BYTES], const alx_dataset *set, size_t index, int label)
{
    char name[PATH_MAX];
    size_t at;

    alx_dataset_image_name(set, index, name, sizeof name);
    at = base_name_write(line, FEATURES_LINE_BYTES, name, BASE_NAME_LINE);
    if (label < 0)
        return;
    line[at++] = '\t';
    base_name_write(line + at, FEATURES_LINE_BYTES - at, alx_dataset_class_name(set, label),
                    BASE_NAME_LINE);
}
