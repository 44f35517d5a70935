/* lrn.c - local response normalisation across channels; kernels in cl/lrn.cl. On CPU devices an
 * item takes whole ranges of channels, elsewhere a vector of them. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* Ranges up to this many channels fit an item's private memory. */
#define LRN_ROW_CHANNELS 4096

typedef struct lrn_plan {
    ops_split split;
    char options[128];
    bool rows;
} lrn_plan;

static int lrn_check(const char *op, const alx_tensor *x, const alx_lrn_params *p)
{
    TRY(ops_require(op, p->size >= 1 && p->size % 2 == 1, "the window's size must be odd"));
    TRY(ops_require(op, p->ranges >= 1 && x->shape.c % p->ranges == 0,
                    "the ranges do not divide the channels"));
    return ops_require(op, p->k > 0.0f && p->alpha >= 0.0f, "k must be > 0 and alpha >= 0");
}

static int lrn_plan_make(lrn_plan *plan, const char *op, const alx_tensor *out, const alx_tensor *x,
                         const alx_lrn_params *p)
{
    const size_t count = alx_shape_count(out->shape);
    int channels, vector;

    TRY(ops_same_shape(op, out, x));
    TRY(lrn_check(op, x, p));
    channels = x->shape.c / p->ranges;
    vector = ops_channel_vector(out->dev, channels);
    plan->rows = ops_is_cpu(out->dev) && channels <= LRN_ROW_CHANNELS;
    TRY(ops_split_units(&plan->split, out->dev, count / (size_t)(plan->rows ? channels : vector)));
    snprintf(plan->options, sizeof plan->options,
             "-DCHANNELS=%d -DSIZE=%d -DBETA_075=%d -DVEC=%d -DWG=%d", channels, p->size,
             p->beta == 0.75f, vector, plan->split.group);
    return 0;
}

int alx_op_lrn_forward(const alx_tensor *y, const alx_tensor *x, const alx_lrn_params *p)
{
    lrn_plan plan;

    TRY(lrn_plan_make(&plan, "lrn", y, x, p));

    const alx_arg args[] = { ALX_BUF(y),
                             ALX_BUF(x),
                             ALX_FLOAT(p->k),
                             ALX_FLOAT(p->alpha),
                             ALX_FLOAT(p->beta),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run) };

    return alx_launch(y->dev, "lrn", plan.rows ? "lrn_forward_rows" : "lrn_forward_vectors",
                      plan.options, args, ALX_COUNT(args), &plan.split.grid);
}

int alx_op_lrn_backward(const alx_tensor *grad_x, const alx_tensor *grad_y, const alx_tensor *x,
                        const alx_lrn_params *p)
{
    lrn_plan plan;

    TRY(ops_same_shape("lrn backward", grad_y, x));
    TRY(lrn_plan_make(&plan, "lrn backward", grad_x, x, p));

    const alx_arg args[] = { ALX_BUF(grad_x),
                             ALX_BUF(grad_y),
                             ALX_BUF(x),
                             ALX_FLOAT(p->k),
                             ALX_FLOAT(p->alpha),
                             ALX_FLOAT(p->beta),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run) };

    return alx_launch(grad_x->dev, "lrn", plan.rows ? "lrn_backward_rows" : "lrn_backward_vectors",
                      plan.options, args, ALX_COUNT(args), &plan.split.grid);
}
