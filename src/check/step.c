/* step.c - a step of a network beside the reference twins. Around every pass of a node, what it
 * read and wrote is fetched, and the twin's result from the same input set beside the device's: of
 * one image where images are on their own; in the gradient of weights of one filter of each part,
 * over the batch. Where the towers meet is left out. */
#include "check/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/net.h"
#include "alexnet/log.h"
#include "base/try.h"

struct alx_check_step {
    alx_check_step_errors errors;
    size_t turn;     /* chooses image and filter */
    check_pool held; /* what the pass that runs overwrites */
    float *before;
};

/* One pass, with the host memory of its comparison. */
typedef struct step_pass {
    alx_check_step *check;
    const alx_observation *seen;
    check_pool pool;
} step_pass;

/* ---- memory and numbers ---------------------------------------------------------------------- */

static size_t chosen_image(const alx_check_step *check, const alx_tensor *tensor)
{
    return check->turn % (size_t)tensor->shape.n;
}

/* The image that is compared. */
static int fetch_image(float **out, const alx_check_step *check, check_pool *pool,
                       const alx_tensor *tensor)
{
    const size_t count = alx_shape_count(tensor->shape) / (size_t)tensor->shape.n;

    TRY(check_host(pool, out, count));
    return alx_tensor_read_range(*out, tensor, chosen_image(check, tensor) * count, count);
}

/* NULL where the pass does not read it. */
static int fetch_if_read(const float **out, step_pass *t, const alx_tensor *tensor)
{
    float *values = NULL;

    if (tensor != NULL)
        TRY(fetch_image(&values, t->check, &t->pool, tensor));
    *out = values;
    return 0;
}

/* Keeps the difference if it is the largest of this pass. @param scale  0 = the maximum of want */
static void note(const step_pass *t, const float *got, const float *want, size_t count,
                 double scale)
{
    const alx_pass pass = t->seen->pass;
    const double error = alx_ref_difference(got, want, count, scale);
    alx_check_step_errors *errors = &t->check->errors;

    if (error < errors->error[pass] ||
        (error == errors->error[pass] && errors->where[pass][0] != '\0'))
        return;
    errors->error[pass] = error;
    snprintf(errors->where[pass], sizeof errors->where[pass], "%s",
             t->seen->work.kind == ALX_NODE_LOSS ? "loss" : t->seen->label);
}

/* ---- what is computed ------------------------------------------------------------------------ */

/* The norm whose work a pool does too. */
static alx_op_work norm_of(const alx_observation *seen)
{
    alx_op_work norm = seen->work;

    norm.kind = ALX_NODE_LRN;
    norm.out = norm.in;
    return norm;
}

/* ---- forward --------------------------------------------------------------------------------- */

/* Where a pool does the norm's work, x normalised. */
static int normalise(const float **x, step_pass *t)
{
    const alx_op_work norm = norm_of(t->seen);
    float *normed = NULL;

    if (!t->seen->normed)
        return 0;
    TRY(check_host(&t->pool, &normed, alx_shape_count(t->seen->work.in)));
    TRY(alx_ref_pass(normed, &norm, ALX_PASS_FORWARD, &(alx_ref_operands){ .x = *x }));
    *x = normed;
    return 0;
}

static int compare_forward(step_pass *t)
{
    const alx_observation *seen = t->seen;
    const size_t count = alx_shape_count(seen->work.out);
    alx_ref_operands o = { .x = t->check->before };
    alx_op_work work = seen->work;
    float *w = NULL, *b = NULL, *got, *want;

    work.dropout.image0 += (int)chosen_image(t->check, seen->y);
    if (!seen->in_place)
        TRY(fetch_if_read(&o.x, t, seen->x));
    if (seen->w != NULL)
        TRY(check_download(&t->pool, &w, seen->w));
    if (seen->b != NULL)
        TRY(check_download(&t->pool, &b, seen->b));
    TRY(fetch_image(&got, t->check, &t->pool, seen->y));
    TRY(check_host(&t->pool, &want, count));
    TRY(normalise(&o.x, t));
    o.w = w;
    o.b = b;
    TRY(alx_ref_pass(want, &work, ALX_PASS_FORWARD, &o));
    if (seen->relu)
        alx_ref_activation_forward(want, want, count, ALX_ACT_RELU, 0.0f);
    note(t, got, want, count, 0.0);
    return 0;
}

/* ---- gradient of the input ------------------------------------------------------------------- */

/* Where the pool's fused kernel kept a byte for each winner: its place in the window. */
static void index_of_winners(int32_t *index, const unsigned char *winner, alx_shape out,
                             alx_shape in, const alx_pool_params *p)
{
    for (int row = 0; row < out.h; ++row)
        for (int column = 0; column < out.w; ++column)
            for (int c = 0; c < out.c; ++c, ++index, ++winner)
                *index = (row * p->stride + *winner / p->kernel) * in.w + column * p->stride +
                         *winner % p->kernel;
}

/* Back through pool, norm and ReLU. */
static int fused_pool_backward(float *grad_x, step_pass *t, const alx_op_work *pool,
                               const alx_ref_operands *o)
{
    const alx_op_work norm = norm_of(t->seen);
    const size_t count = alx_shape_count(pool->in);
    float *index = NULL, *grad = grad_x;

    TRY(check_host(&t->pool, &index, alx_shape_count(pool->out)));
    index_of_winners((int32_t *)(void *)index, (const unsigned char *)o->index, pool->out, pool->in,
                     &pool->pool);
    if (t->seen->normed)
        TRY(check_host(&t->pool, &grad, count));
    TRY(alx_ref_pass(
        grad, pool, ALX_PASS_GRAD_INPUT,
        &(alx_ref_operands){ .grad_y = o->grad_y, .index = (const int32_t *)(const void *)index }));
    if (t->seen->normed)
        TRY(alx_ref_pass(grad_x, &norm, ALX_PASS_GRAD_INPUT,
                         &(alx_ref_operands){ .grad_y = grad, .x = o->x }));
    alx_ref_activation_backward(grad_x, grad_x, o->x, count, ALX_ACT_RELU, 0.0f);
    return 0;
}

static int compare_backward(step_pass *t)
{
    const alx_observation *seen = t->seen;
    const size_t count = alx_shape_count(seen->work.in);
    alx_ref_operands o = { .grad_y = t->check->before };
    alx_op_work work = seen->work;
    const float *saved = NULL;
    float *w = NULL, *got, *want;

    work.dropout.image0 += (int)chosen_image(t->check, seen->grad_x);
    TRY(fetch_if_read(&o.x, t, seen->x));
    TRY(fetch_if_read(&o.y, t, seen->y));
    TRY(fetch_if_read(&saved, t, seen->saved));
    if (seen->w != NULL)
        TRY(check_download(&t->pool, &w, seen->w));
    TRY(fetch_image(&got, t->check, &t->pool, seen->grad_x));
    TRY(check_host(&t->pool, &want, count));
    o.w = w;
    o.index = (const int32_t *)(const void *)saved;
    TRY(seen->fused ? fused_pool_backward(want, t, &work, &o)
                    : alx_ref_pass(want, &work, ALX_PASS_GRAD_INPUT, &o));
    note(t, got, want, count, 0.0);
    return 0;
}

/* ---- gradient of weights and biases ---------------------------------------------------------- */

static double largest(const float *values, size_t count)
{
    double most = 0.0;

    for (size_t i = 0; i < count; ++i) {
        const double size = values[i] < 0.0f ? -(double)values[i] : (double)values[i];

        most = size > most ? size : most;
    }
    return most;
}

/* Of the chosen filter alone what it reads: of a group its channels of x. */
static int take_filter_input(const float **out, step_pass *t, alx_op_work *work, const float *x,
                             const alx_ref_slice *filter)
{
    const alx_shape in = work->in;
    const int channels = in.c / work->conv.groups;
    const int group = filter->picks[0] / (work->out.c / work->conv.groups);
    const size_t pixels = alx_shape_count(in) / (size_t)in.c;
    float *part = NULL;

    TRY(check_host(&t->pool, &part, pixels * (size_t)channels));
    alx_ref_take_channels(part, channels, x, in.c, group * channels, false, pixels);
    work->in.c = channels;
    work->conv.groups = 1;
    *out = part;
    return 0;
}

static int compare_filter(step_pass *t, const float *x, const float *grad_y, const float *grad_w)
{
    const alx_ref_slice filter = alx_ref_slice_one(
        (int)(t->check->turn % (size_t)t->seen->work.out.c));
    alx_op_work work = t->seen->work;
    float *one, *got, *want;

    work.in.n = work.out.n = t->seen->x->shape.n;
    const bool conv = work.kind == ALX_NODE_CONV;
    const int filters = work.out.c;
    const size_t rows = alx_shape_count(work.out) / (size_t)filters;
    const size_t weights = alx_shape_count(t->seen->grad_w->shape) / (size_t)filters;

    if (conv)
        TRY(take_filter_input(&x, t, &work, x, &filter));
    TRY(check_host(&t->pool, &one, rows));
    TRY(check_host(&t->pool, &got, weights));
    TRY(check_host(&t->pool, &want, weights));
    alx_ref_take_columns(one, grad_y, &filter, rows, filters);
    if (conv)
        alx_ref_take_columns(got, grad_w, &filter, weights, filters);
    else
        alx_ref_take_rows(got, grad_w, &filter, weights);
    work.out.c = 1;
    TRY(alx_ref_pass(want, &work, ALX_PASS_GRAD_WEIGHT,
                     &(alx_ref_operands){ .x = x, .grad_y = one }));
    note(t, got, want, weights, largest(grad_w, weights * (size_t)filters));
    return 0;
}

/* Parts that add up have it in the first. */
static int compare_bias(step_pass *t, const float *grad_y)
{
    const alx_shape shape = t->seen->grad_y->shape;
    float *got, *want;

    if (t->seen->grad_b == NULL)
        return 0;
    TRY(check_download(&t->pool, &got, t->seen->grad_b));
    TRY(check_host(&t->pool, &want, (size_t)shape.c));
    alx_ref_grad_bias(want, grad_y, alx_shape_count(shape) / (size_t)shape.c, shape.c);
    note(t, got, want, (size_t)shape.c, 0.0);
    return 0;
}

static int compare_weights(step_pass *t)
{
    float *x, *grad_y, *grad_w;

    if (t->seen->grad_w == NULL)
        return alx_fail(ALX_E_USAGE, "%s: its update is fused, there is no gradient to compare",
                        t->seen->label);
    TRY(check_download(&t->pool, &x, t->seen->x));
    TRY(check_download(&t->pool, &grad_y, t->seen->grad_y));
    TRY(check_download(&t->pool, &grad_w, t->seen->grad_w));
    TRY(compare_filter(t, x, grad_y, grad_w));
    return compare_bias(t, grad_y);
}

/* ---- loss ------------------------------------------------------------------------------------ */

static int compare_loss(step_pass *t)
{
    const alx_observation *seen = t->seen;
    const bool forward = seen->pass == ALX_PASS_FORWARD;
    const int rows = seen->x->shape.n, classes = seen->x->shape.c;
    const size_t count = alx_shape_count(seen->x->shape);
    float *x, *labels, *got, *want, *loss, *rank;

    TRY(check_download(&t->pool, &x, seen->x));
    TRY(check_download(&t->pool, &labels, seen->labels));
    TRY(check_host(&t->pool, &want, count));
    TRY(check_host(&t->pool, &loss, (size_t)rows));
    TRY(check_host(&t->pool, &rank, (size_t)rows));
    alx_ref_softmax_loss(want, loss, (int32_t *)(void *)rank, x, (const int32_t *)(void *)labels,
                         rows, classes);
    TRY(check_download(&t->pool, &got, forward ? seen->y : seen->grad_x));
    if (!forward) {
        memcpy(x, want, count * sizeof *x);
        alx_ref_softmax_loss_backward(want, x, (const int32_t *)(void *)labels, rows, classes,
                                      (float)(1.0 / seen->step->images));
    }
    note(t, got, want, count, 0.0);
    return 0;
}

/* ---- the observer ---------------------------------------------------------------------------- */

/* x where the pass may write over it, and every gradient of y. */
static int hold(alx_check_step *check, const alx_observation *seen)
{
    const bool forward = seen->pass == ALX_PASS_FORWARD;

    check_pool_free(&check->held);
    check->before = NULL;
    if (seen->work.kind == ALX_NODE_LOSS || seen->pass == ALX_PASS_GRAD_WEIGHT ||
        (forward && !seen->in_place))
        return 0;
    return fetch_image(&check->before, check, &check->held, forward ? seen->x : seen->grad_y);
}

static int compare(step_pass *t)
{
    if (t->seen->work.kind == ALX_NODE_LOSS)
        return compare_loss(t);
    return t->seen->pass == ALX_PASS_FORWARD      ? compare_forward(t)
           : t->seen->pass == ALX_PASS_GRAD_INPUT ? compare_backward(t)
                                                  : compare_weights(t);
}

int alx_check_step_look(const alx_observation *seen, void *user)
{
    alx_check_step *check = user;
    step_pass t = { .check = check, .seen = seen };
    int rc = 0;

    if (seen->work.kind == ALX_NODE_GATHER || seen->work.kind == ALX_NODE_SUM)
        return 0;
    if (seen->before)
        return hold(check, seen);
    rc = alx_fail_context(compare(&t), "%s beside its twin", seen->label);
    check_pool_free(&t.pool);
    return rc;
}

int alx_check_step_create(alx_check_step **out)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for a check");
}

void alx_check_step_free(alx_check_step *check)
{
    if (check == NULL)
        return;
    check_pool_free(&check->held);
    free(check);
}

void alx_check_step_begin(alx_check_step *check, size_t turn)
{
    check->errors = (alx_check_step_errors){ 0 };
    check->turn = turn;
}

const alx_check_step_errors *alx_check_step_result(const alx_check_step *check)
{
    return &check->errors;
}

int alx_check_step_judge(const alx_check_step *check)
{
    const alx_check_step_errors *errors = &check->errors;

    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass)
        if (!(errors->error[pass] <= alx_ref_pass_limit(pass)))
            return alx_fail(ALX_E_NUMERIC,
                            "%s differs from its reference twin by %.2g of the maximum, more than "
                            "the %.0e allowed: this device computes wrong numbers (see alexnet "
                            "check)",
                            errors->where[pass], errors->error[pass], alx_ref_pass_limit(pass));
    return 0;
}

/* ---- of a run ------------------------------------------------------------------------------- */

static void begin_check(size_t turn, void *user)
{
    alx_check_step_begin(user, turn);
}

static int judge_update(size_t update, void *user)
{
    const alx_check_step_errors *errors = alx_check_step_result(user);

    TRY(alx_check_step_judge(user));
    alx_info("check       update %zu: off the twins by %.1e of the maximum (%s), %.1e (%s), "
             "%.1e (%s)",
             update, errors->error[0], errors->where[0], errors->error[1], errors->where[1],
             errors->error[2], errors->where[2]);
    return 0;
}

alx_train_check alx_check_step_watch(alx_check_step *check)
{
    return (alx_train_check){ begin_check, alx_check_step_look, judge_update, check };
}
