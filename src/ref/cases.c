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

/* ---- odd: sizes that divide nothing, and edges ---------------------------------------------- */

static const alx_ref_case odd_convolutions[] = {
    { "conv1, small", { 2, 31, 27, 3 }, 33, { 11, 4, 0, 1, false } },
    { "conv1, ceil", { 1, 28, 30, 3 }, 10, { 11, 4, 0, 1, true } },
    { "conv1, pad 2", { 2, 26, 25, 3 }, 16, { 11, 4, 2, 1, false } },
    { "conv2, small", { 3, 9, 7, 12 }, 20, { 5, 1, 2, 2, false } },
    { "conv3, small", { 2, 13, 13, 17 }, 48, { 3, 1, 1, 1, false } },
    { "three groups", { 2, 7, 8, 9 }, 99, { 3, 1, 1, 3, false } },
    { "one pixel", { 5, 1, 1, 17 }, 12, { 1, 1, 0, 1, false } },
    { "one pixel under a padded window", { 2, 1, 1, 5 }, 1, { 3, 2, 1, 1, false } },
    { "one channel, one filter", { 1, 6, 5, 1 }, 1, { 2, 1, 0, 1, false } },
    { "rows that no window reaches", { 2, 12, 11, 4 }, 33, { 3, 4, 0, 1, false } },
    { "gaps between windows", { 2, 11, 13, 5 }, 10, { 2, 3, 0, 1, false } },
    { "gaps, ceil: a window without a pixel", { 1, 5, 6, 3 }, 12, { 1, 3, 0, 1, true } },
    { "more padding than kernel", { 1, 4, 3, 2 }, 5, { 2, 1, 3, 1, false } },
    { "pad 3, stride 2, groups", { 2, 10, 9, 6 }, 34, { 7, 2, 3, 2, true } },
    { "wide rows", { 1, 4, 211, 3 }, 17, { 3, 1, 1, 1, false } },
    { "many images", { 37, 3, 4, 5 }, 7, { 3, 1, 1, 1, false } },
};

static const alx_ref_case odd_products[] = {
    { "one of all", { 1, 1, 1, 1 }, 1, { 0 } },
    { "one image", { 1, 6, 6, 7 }, 33, { 0 } },
    { "five images, primes", { 5, 1, 1, 257 }, 101, { 0 } },
    { "in of one block of rows", { 3, 2, 2, 64 }, 48, { 0 } },
    { "in of one block and a bit", { 7, 1, 1, 271 }, 17, { 0 } },
    { "ten classes", { 13, 1, 1, 96 }, 10, { 0 } },
    { "more images than a block of rows", { 300, 1, 1, 19 }, 21, { 0 } },
    { "several panels of an item and a bit", { 2, 1, 1, 2100 }, 37, { 0 } },
    { "batch of the paper", { 128, 1, 1, 70 }, 130, { 0 } },
};

/* ---- layers: the paper's whole, then those of one tower -------------------------------------- */

static const alx_ref_case layer_convolutions[] = {
    { "conv1", { 2, 227, 227, 3 }, 96, { 11, 4, 0, 1, false } },
    { "conv2", { 2, 27, 27, 96 }, 256, { 5, 1, 2, 2, false } },
    { "conv3", { 2, 13, 13, 256 }, 384, { 3, 1, 1, 1, false } },
    { "conv4", { 2, 13, 13, 384 }, 384, { 3, 1, 1, 2, false } },
    { "conv5", { 2, 13, 13, 384 }, 256, { 3, 1, 1, 2, false } },
    { "conv1, 224-ceil", { 2, 224, 224, 3 }, 48, { 11, 4, 0, 1, true } },
    { "conv2 of a tower", { 2, 27, 27, 48 }, 128, { 5, 1, 2, 1, false } },
    { "conv3 of a tower", { 2, 13, 13, 256 }, 192, { 3, 1, 1, 1, false } },
    { "conv4 of a tower", { 2, 13, 13, 192 }, 192, { 3, 1, 1, 1, false } },
    { "conv5 of a tower", { 2, 13, 13, 192 }, 128, { 3, 1, 1, 1, false } },
};

static const alx_ref_case layer_products[] = {
    { "fc6 of a tower", { 3, 6, 6, 256 }, 2048, { 0 } },
    { "fc7 of a tower", { 3, 1, 1, 4096 }, 2048, { 0 } },
    { "fc8", { 3, 1, 1, 4096 }, 1000, { 0 } },
};

/* ---- the sets ------------------------------------------------------------------------------- */

static const struct {
    alx_node_kind kind;
    alx_ref_set set;
    const alx_ref_case *cases;
    size_t count;
} sets[] = {
    { ALX_NODE_CONV, ALX_REF_SMALL, small_convolutions, ALX_COUNT(small_convolutions) },
    { ALX_NODE_CONV, ALX_REF_ODD, odd_convolutions, ALX_COUNT(odd_convolutions) },
    { ALX_NODE_CONV, ALX_REF_LAYERS, layer_convolutions, ALX_COUNT(layer_convolutions) },
    { ALX_NODE_FC, ALX_REF_SMALL, small_products, ALX_COUNT(small_products) },
    { ALX_NODE_FC, ALX_REF_ODD, odd_products, ALX_COUNT(odd_products) },
    { ALX_NODE_FC, ALX_REF_LAYERS, layer_products, ALX_COUNT(layer_products) },
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
