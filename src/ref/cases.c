/* cases.c - shapes of convolutions and products on which kernels are compared with their twins. */
#include "alexnet/dev/ref.h"

#include "base/try.h"

/* ---- small: what `alexnet check` runs with every algorithm ---------------------------------- */

static const alx_ref_case small_convolutions[] = {
    { "11x11/4", { 1, 27, 23, 3 }, 16, { 11, 4, 0, 1, false } },
    { "5x5 pad 2, 2 groups", { 2, 9, 7, 8 }, 12, { 5, 1, 2, 2, false } },
    { "3x3 pad 1, odd channels", { 3, 6, 5, 5 }, 7, { 3, 1, 1, 1, false } },
    { "3x3/2, rows unused", { 2, 8, 8, 4 }, 6, { 3, 2, 0, 1, false } },
    { "3x3/2, rounded up", { 1, 8, 6, 4 }, 6, { 3, 2, 0, 1, true } },
    { "5x5 pad 2, enough tiles for Winograd", { 14, 8, 8, 32 }, 32, { 5, 1, 2, 1, false } },
};

/* The last is long enough to be summed in parts. */
static const alx_ref_case small_products[] = {
    { "1 x 130 to 17", { 1, 1, 1, 130 }, 17, { 0 } },
    { "3 x 37 to 11", { 3, 1, 1, 37 }, 11, { 0 } },
    { "16 x 64 to 40", { 16, 1, 1, 64 }, 40, { 0 } },
    { "2 x 700 to 13", { 2, 1, 1, 700 }, 13, { 0 } },
};

/* ---- the sets ------------------------------------------------------------------------------- */

static const struct {
    alx_node_kind kind;
    alx_ref_set set;
    const alx_ref_case *cases;
    size_t count;
} sets[] = {
    { ALX_NODE_CONV, ALX_REF_SMALL, small_convolutions, ALX_COUNT(small_convolutions) },
    { ALX_NODE_FC, ALX_REF_SMALL, small_products, ALX_COUNT(small_products) },
};

const alx_ref_case *alx_ref_cases(size_t *count, alx_node_kind kind, alx_ref_set set)
{
    *count = 0;
    for (size_t i = 0; i < ALX_COUNT(sets); ++i)
        if (sets[i].kind == kind && sets[i].set == set) {
            *count = sets[i].count;
            return sets[i].cases;
        }
    return NULL;
}

/* ---- what follows from a case --------------------------------------------------------------- */

int alx_ref_case_work(alx_op_work *work, const alx_ref_case *c)
{
    const bool conv = c->conv.kernel > 0;

    *work = (alx_op_work){ .kind = conv ? ALX_NODE_CONV : ALX_NODE_FC,
                           .in = c->in,
                           .out = { c->in.n, 1, 1, c->outputs },
                           .conv = c->conv };
    return conv ? alx_conv2d_output(&work->out, c->in, c->outputs, &c->conv) : 0;
}

alx_shape alx_ref_weight_shape(const alx_op_work *work)
{
    const alx_shape in = work->in;
    const int kernel = work->conv.kernel;

    if (work->kind == ALX_NODE_FC)
        return (alx_shape){ work->out.c, 1, 1, in.h * in.w * in.c };
    return (alx_shape){ kernel, kernel, in.c / work->conv.groups, work->out.c };
}

size_t alx_ref_sum_terms(const alx_op_work *work, alx_pass pass)
{
    const alx_shape in = work->in;
    const size_t weights = alx_shape_count(alx_ref_weight_shape(work));

    if (pass == ALX_PASS_FORWARD)
        return weights / (size_t)work->out.c;
    if (pass == ALX_PASS_GRAD_WEIGHT)
        return alx_shape_count(work->out) / (size_t)work->out.c;
    return weights /
           (work->kind == ALX_NODE_FC ? alx_shape_count(in) / (size_t)in.n : (size_t)in.c);
}
