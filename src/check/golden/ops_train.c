/* ops_train.c - golden cases of training: loss, update, clipping. */
#include "check/golden/golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"

/* ---- softmax and cross-entropy -------------------------------------------------------------- */

static int load_labels(golden_case *c, alx_tensor **out, size_t count, int classes)
{
    const alx_st_tensor *stored = NULL;
    float *room = NULL;

    TRY(golden_find(c, &stored, "labels", ALX_I64));
    TRY(check_host(&c->pool, &room, stored->count));
    int32_t *labels = (int32_t *)room;
    for (size_t i = 0; i < stored->count; ++i) {
        const int64_t label = ((const int64_t *)stored->data)[i];

        if (stored->count != count || label < 0 || label >= classes)
            return alx_fail(ALX_E_DATA, "labels do not fit the logits");
        labels[i] = (int32_t)label;
    }
    return check_upload(&c->pool, out, (alx_shape){ 1, 1, 1, (int)count }, labels);
}

int golden_op_softmax_xent(golden_case *c)
{
    golden_value logits, prob, losses, dlogits;
    alx_tensor *labels = NULL, *rank = NULL;
    float *host = NULL;
    double sum = 0.0;

    TRY(golden_load(c, &logits, "logits", GOLDEN_IMAGE));
    TRY(golden_make(c, &prob, "prob", GOLDEN_IMAGE));
    TRY(golden_make(c, &losses, "losses", GOLDEN_FLAT));
    TRY(golden_make(c, &dlogits, "dlogits", GOLDEN_IMAGE));
    const int n = logits.dims[0];
    TRY(load_labels(c, &labels, (size_t)n, logits.dims[1]));
    TRY(check_tensor(&c->pool, &rank, (alx_shape){ 1, 1, 1, n }));
    TRY(alx_op_softmax_loss(prob.tensor, losses.tensor, rank, logits.tensor, labels));
    TRY(golden_check(c, &prob));
    TRY(golden_check(c, &losses));
    TRY(check_download(&c->pool, &host, losses.tensor));
    for (int i = 0; i < n; ++i)
        sum += (double)host[i];
    const float mean = (float)(sum / n);
    TRY(golden_check_host(c, "loss", &mean, 1));
    TRY(alx_op_softmax_loss_backward(dlogits.tensor, prob.tensor, labels, 1.0f / (float)n));
    return golden_check(c, &dlogits);
}

/* ---- sgd ------------------------------------------------------------------------------------ */

typedef struct sgd_run {
    double momentum, weight_decay;
    double *lr;
    size_t steps;
} sgd_run;

/* All steps of one parameter; its values and velocities after each are compared. */
static int sgd_parameter(golden_case *c, const sgd_run *run, const char *start,
                         const char *gradients, const char *values, const char *velocities,
                         double weight_decay)
{
    const alx_st_tensor *g = NULL;
    golden_value w;
    alx_tensor *v = NULL, *grad = NULL;
    float *all_w = NULL, *all_v = NULL;

    TRY(golden_load(c, &w, start, GOLDEN_FLAT));
    TRY(golden_find(c, &g, gradients, ALX_F32));
    const size_t count = w.stored->count;
    if (g->count != run->steps * count)
        return alx_fail(ALX_E_DATA, "tensor %s does not hold %zu steps", g->name, run->steps);
    TRY(check_tensor(&c->pool, &v, w.tensor->shape));
    TRY(check_tensor(&c->pool, &grad, w.tensor->shape));
    TRY(check_host(&c->pool, &all_w, g->count));
    TRY(check_host(&c->pool, &all_v, g->count));
    TRY(alx_tensor_fill(v, 0.0f));
    for (size_t i = 0; i < run->steps; ++i) {
        const alx_sgd_params p = { .lr = (float)run->lr[i],
                                   .momentum = (float)run->momentum,
                                   .weight_decay = (float)weight_decay };

        TRY(alx_tensor_write(grad, (const float *)g->data + i * count));
        TRY(alx_op_sgd(w.tensor, v, grad, NULL, &p));
        TRY(alx_tensor_read(all_w + i * count, w.tensor));
        TRY(alx_tensor_read(all_v + i * count, v));
    }
    TRY(golden_check_host(c, values, all_w, g->count));
    return golden_check_host(c, velocities, all_v, g->count);
}

int golden_op_sgd(golden_case *c)
{
    const int listed = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(c->attributes, "lr"));
    sgd_run run = { .steps = (size_t)listed };
    int rc = 0;

    run.lr = malloc((run.steps + 1) * sizeof *run.lr);
    if (run.lr == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu rates", run.steps);
    TRY_DONE(golden_numbers(run.lr, run.steps, c->attributes, "lr"));
    TRY_DONE(golden_number(&run.momentum, c->attributes, "momentum", (double)NAN));
    TRY_DONE(golden_number(&run.weight_decay, c->attributes, "weight_decay", (double)NAN));
    TRY_DONE(sgd_parameter(c, &run, "w0", "gw", "w", "vw", run.weight_decay));
    TRY_DONE(sgd_parameter(c, &run, "b0", "gb", "b", "vb", 0.0));
done:
    free(run.lr);
    return rc;
}

/* ---- clip ----------------------------------------------------------------------------------- */

/* out = g * scale, as the update sees it: a step at rate -1 without momentum leaves it in v. */
static int check_clipped(golden_case *c, const alx_tensor *g, const alx_tensor *scale,
                         const char *name)
{
    static const alx_sgd_params unit_step = { .lr = -1.0f };
    golden_value out;
    alx_tensor *w = NULL;

    TRY(golden_make(c, &out, name, GOLDEN_FLAT));
    TRY(check_tensor(&c->pool, &w, g->shape));
    TRY(alx_tensor_fill(w, 0.0f));
    TRY(alx_tensor_fill(out.tensor, 0.0f));
    TRY(alx_op_sgd(w, out.tensor, g, scale, &unit_step));
    return golden_check(c, &out);
}

static int add_squares(golden_case *c, const alx_tensor *sums, int slot, const char *name)
{
    golden_value g;
    alx_tensor *scratch = NULL;

    TRY(golden_load(c, &g, name, GOLDEN_FLAT));
    const size_t need = alx_op_sum_squares_scratch(g.tensor->shape);
    TRY(check_tensor(&c->pool, &scratch, (alx_shape){ 1, 1, 1, (int)need }));
    return alx_op_sum_squares(sums, slot, g.tensor, scratch);
}

int golden_op_clip(golden_case *c)
{
    alx_tensor *sums = NULL, *scale_norm = NULL;
    const cJSON *shapes = NULL;
    float *host = NULL;
    double max_norm = 0.0;
    char name[32], out[32];

    TRY(golden_number(&max_norm, c->attributes, "max_norm", (double)NAN));
    TRY(golden_member(&shapes, c->attributes, "shapes"));
    const int count = cJSON_GetArraySize(shapes);
    TRY(check_tensor(&c->pool, &sums, (alx_shape){ 1, 1, 1, count > 0 ? count : 1 }));
    TRY(check_tensor(&c->pool, &scale_norm, (alx_shape){ 1, 1, 1, 2 }));
    for (int i = 0; i < count; ++i) {
        snprintf(name, sizeof name, "g%d", i);
        TRY(add_squares(c, sums, i, name));
    }
    TRY(alx_op_clip_scale(scale_norm, sums, count, (float)max_norm));
    TRY(check_download(&c->pool, &host, scale_norm));
    TRY(golden_check_host(c, "norm", &host[1], 1));
    for (int i = 0; i < count; ++i) {
        golden_value g;

        snprintf(name, sizeof name, "g%d", i);
        snprintf(out, sizeof out, "out%d", i);
        TRY(golden_load(c, &g, name, GOLDEN_FLAT));
        TRY(check_clipped(c, g.tensor, scale_norm, out));
    }
    return 0;
}
