/* train.c - twins of what is beside the layers: dropout, loss, towers, input, update. */
#include "check/kernels/kernels.h"

#include <string.h>

#include "base/try.h"

/* ---- input and dropout ---------------------------------------------------------------------- */

static int preprocess_images(check_case *t, alx_tensor **out, uint8_t **pixels, size_t count)
{
    const alx_shape words = { 1, 1, 1, (int)(count / 4) + 1 };
    float *room = NULL, *host = NULL;
    alx_tensor *levels = NULL;

    TRY(check_random(t, &levels, &host, (alx_shape){ 1, 1, 1, (int)count }, 0.0f, 256.0f));
    TRY(check_host(&t->pool, &room, (size_t)words.c));
    *pixels = (uint8_t *)room;
    for (size_t i = 0; i < count; ++i)
        (*pixels)[i] = (uint8_t)host[i];
    return check_upload(&t->pool, out, words, room);
}

/* A crop inside, one mirrored, one that hangs over two edges. */
static int check_preprocess(check_case *t, int variant)
{
    static const alx_crop crops[3] = {
        { .top = 1, .left = 2, .shift = { 3.5f, -2.0f, 0.25f } },
        { .top = 0, .left = 3, .mirror = 1 },
        { .top = -2, .left = 4, .mirror = 1, .shift = { -9.0f, 9.0f, 40.0f } },
    };
    const alx_preprocess_params p = {
        .size = 11, .inv_scale = 1.0f / 255.0f, .divide = 1.1f, .clip = true, .mean_image = true
    };
    const alx_shape out = { 3, 8, 7, 3 };
    alx_tensor *images, *places, *mean, *inv_std, *y;
    float *hmean, *hstd, *want;
    uint8_t *pixels;

    (void)variant;
    TRY(preprocess_images(t, &images, &pixels, 3 * 11 * 11 * 3));
    TRY(check_upload(&t->pool, &places, (alx_shape){ 3, 1, 1, 8 }, crops));
    TRY(check_random(t, &mean, &hmean, (alx_shape){ 1, 11, 11, 3 }, 0.3f, 0.6f));
    TRY(check_random(t, &inv_std, &hstd, (alx_shape){ 1, 1, 1, 3 }, 1.0f, 5.0f));
    TRY(check_tensor(&t->pool, &y, out));
    TRY(check_host(&t->pool, &want, alx_shape_count(out)));
    TRY(alx_op_preprocess(y, images, places, mean, inv_std, &p));
    alx_ref_preprocess(want, pixels, crops, hmean, hstd, out, &p);
    return check_compare(t, y, want, ALX_REF_ROUND_LIMIT, "three crops");
}

static int check_dropout(check_case *t, int variant)
{
    const alx_shape shape = { 5, 1, 1, 37 };
    const alx_dropout_params p = { .rate = 0.5f,
                                   .scale = 2.0f,
                                   .seed = 3,
                                   .step = 7,
                                   .layer = 5,
                                   .units = 74,
                                   .first_unit = 37,
                                   .image0 = 2 };
    alx_tensor *x, *y;
    float *hx, *want;

    (void)variant;
    TRY(check_random(t, &x, &hx, shape, 1.0f, 2.0f));
    TRY(check_tensor(&t->pool, &y, shape));
    TRY(check_host(&t->pool, &want, alx_shape_count(shape)));
    TRY(alx_op_dropout(y, x, &p));
    alx_ref_dropout(want, hx, shape, &p);
    return check_compare(t, y, want, 0.0, "a tower's half");
}

static int check_scale(check_case *t, int variant)
{
    const alx_shape shape = { 3, 5, 2, 7 };
    alx_tensor *x, *y;
    float *hx, *want;

    (void)variant;
    TRY(check_random(t, &x, &hx, shape, -1.0f, 1.0f));
    TRY(check_tensor(&t->pool, &y, shape));
    TRY(check_host(&t->pool, &want, alx_shape_count(shape)));
    TRY(alx_op_scale(y, x, 0.3f));
    alx_ref_scale(want, hx, alx_shape_count(shape), 0.3f);
    return check_compare(t, y, want, ALX_REF_ROUND_LIMIT, "210 numbers");
}

/* ---- loss and update ------------------------------------------------------------------------ */

static int check_softmax_loss(check_case *t, int variant)
{
    enum { ROWS = 5, CLASSES = 37 };
    static const int32_t labels[ROWS] = { 0, 36, 17, -1, 5 };
    const alx_shape shape = { ROWS, 1, 1, CLASSES }, vector = { 1, 1, 1, ROWS };
    alx_tensor *logits, *marks, *prob, *loss, *rank, *dlogits;
    float *hlogits, *hprob, *want, *hrank;

    (void)variant;
    TRY(check_random(t, &logits, &hlogits, shape, -8.0f, 8.0f));
    TRY(check_upload(&t->pool, &marks, vector, labels));
    TRY(check_tensor(&t->pool, &prob, shape));
    TRY(check_tensor(&t->pool, &loss, vector));
    TRY(check_tensor(&t->pool, &rank, vector));
    TRY(check_tensor(&t->pool, &dlogits, shape));
    TRY(check_host(&t->pool, &hprob, ROWS * CLASSES));
    TRY(check_host(&t->pool, &want, ROWS * CLASSES));
    TRY(check_host(&t->pool, &hrank, ROWS));
    TRY(alx_op_softmax_loss(prob, loss, rank, logits, marks));
    alx_ref_softmax_loss(hprob, want, (int32_t *)hrank, hlogits, labels, ROWS, CLASSES);
    TRY(check_compare_integers(t, rank, (const int32_t *)hrank, "ranks"));
    TRY(check_compare(t, prob, hprob, ALX_REF_EXP_LIMIT, "probabilities"));
    TRY(check_compare(t, loss, want, ALX_REF_EXP_LIMIT, "losses"));
    TRY(alx_op_softmax_loss_backward(dlogits, prob, marks, 0.25f));
    alx_ref_softmax_loss_backward(want, hprob, labels, ROWS, CLASSES, 0.25f);
    return check_compare(t, dlogits, want, ALX_REF_EXP_LIMIT, "gradient");
}

static int check_sgd(check_case *t, int variant)
{
    const alx_shape shape = { 1, 1, 1, 1003 };
    const alx_sgd_params p = { 0.01f, 0.9f, 5e-4f, variant != 0 };
    const float half = 0.5f;
    alx_tensor *w, *v, *g, *scale;
    float *hw, *hv, *hg;

    TRY(check_random(t, &w, &hw, shape, -1.0f, 1.0f));
    TRY(check_random(t, &v, &hv, shape, -0.1f, 0.1f));
    TRY(check_random(t, &g, &hg, shape, -1.0f, 1.0f));
    TRY(check_upload(&t->pool, &scale, (alx_shape){ 1, 1, 1, 1 }, &half));
    TRY(alx_op_sgd(w, v, g, scale, &p));
    alx_ref_sgd(hw, hv, hg, alx_shape_count(shape), half, &p);
    TRY(check_compare(t, w, hw, ALX_REF_ROUND_LIMIT, "parameters"));
    return check_compare(t, v, hv, ALX_REF_ROUND_LIMIT, "velocities");
}

static int check_clip(check_case *t, int variant)
{
    const alx_shape shapes[2] = { { 1, 1, 1, 5001 }, { 1, 1, 1, 7 } };
    alx_tensor *sums, *out, *g, *scratch;
    float hsums[2], want[2], *hg, *got;

    (void)variant;
    TRY(check_tensor(&t->pool, &sums, (alx_shape){ 1, 1, 1, 2 }));
    TRY(check_tensor(&t->pool, &out, (alx_shape){ 1, 1, 1, 2 }));
    for (int i = 0; i < 2; ++i) {
        TRY(check_random(t, &g, &hg, shapes[i], -1.0f, 1.0f));
        TRY(check_scratch(t, &scratch, alx_op_sum_squares_scratch(shapes[i])));
        TRY(alx_op_sum_squares(sums, i, g, scratch));
        hsums[i] = alx_ref_sum_squares(hg, alx_shape_count(shapes[i]));
    }
    TRY(check_compare(t, sums, hsums, alx_ref_sum_limit(5001), "sums of squares"));
    TRY(alx_op_clip_scale(out, sums, 2, 2.0f));
    alx_ref_clip_scale(want, hsums, 2, 2.0f);
    TRY(check_download(&t->pool, &got, out));
    check_add(t->report, check_difference(&got[0], &want[0], 1), alx_ref_sum_limit(5001), "scale");
    check_add(t->report, check_difference(&got[1], &want[1], 1), alx_ref_sum_limit(5001), "norm");
    return 0;
}

static int check_lars(check_case *t, int variant)
{
    enum { SLOTS = 4 };
    const alx_lars_slot slots[SLOTS] = {
        { 2, 1, 1.0f }, { 1, 0, 0.0f }, { 0, 1, 1.0f }, { 3, 1, 2.0f }
    };
    const alx_shape vector = { 1, 1, 1, SLOTS };
    const float half = 0.5f, eta = 0.001f, decay = 5e-4f;
    alx_tensor *rates, *g, *w, *table, *scale;
    float want[SLOTS] = { 1.0f, 1.0f, 1.0f, 1.0f }, *hg, *hw;

    (void)variant;
    TRY(check_random(t, &g, &hg, vector, 0.1f, 9.0f));
    TRY(check_random(t, &w, &hw, vector, 0.1f, 9.0f));
    TRY(check_tensor(&t->pool, &rates, vector));
    TRY(check_upload(&t->pool, &table, (alx_shape){ 1, 1, SLOTS, 3 }, slots));
    TRY(check_upload(&t->pool, &scale, (alx_shape){ 1, 1, 1, 1 }, &half));
    want[0] = want[2] = alx_ref_lars_rate(hg[0] + hg[2], hw[0] + hw[2], half, eta, decay);
    want[3] = alx_ref_lars_rate(hg[3], hw[3], half, eta, 2.0f * decay);
    TRY(alx_op_lars(rates, g, w, table, scale, eta, decay));
    return check_compare(t, rates, want, ALX_REF_ROUND_LIMIT, "rates");
}

/* ---- towers ---------------------------------------------------------------------------------- */

/* Two towers of 5 and 3 channels put side by side, and slices of two wholes added up: nothing or
 * one sum is rounded. */
static int check_channels(check_case *t, int variant)
{
    const alx_shape whole = { 2, 3, 4, 8 };
    const int channels[2] = { 5, 3 };
    const size_t pixels = 24;
    alx_tensor *y, *sum, *part, *source;
    float *want, *want_sum, *hpart, *hsource;

    (void)variant;
    TRY(check_tensor(&t->pool, &y, whole));
    TRY(check_tensor(&t->pool, &sum, (alx_shape){ 2, 3, 4, 3 }));
    TRY(check_host(&t->pool, &want, alx_shape_count(whole)));
    TRY(check_host(&t->pool, &want_sum, alx_shape_count(whole)));
    for (int i = 0, first = 0; i < 2; first += channels[i++]) {
        const alx_shape half = { 2, 3, 4, channels[i] };

        TRY(check_random(t, &part, &hpart, half, -1.0f, 1.0f));
        TRY(check_random(t, &source, &hsource, whole, -1.0f, 1.0f));
        TRY(alx_op_put_channels(y, first, part));
        alx_ref_put_channels(want, whole.c, first, hpart, channels[i], pixels);
        TRY(alx_op_take_channels(sum, source, 5, i > 0));
        alx_ref_take_channels(want_sum, 3, hsource, whole.c, 5, i > 0, pixels);
    }
    TRY(check_compare(t, y, want, 0.0, "put"));
    return check_compare(t, sum, want_sum, ALX_REF_ROUND_LIMIT, "take");
}

const check_kernel check_train_kernels[] = {
    { "dropout", check_dropout, 0, CHECK_ANY },
    { "scale", check_scale, 0, CHECK_ANY },
    { "softmax loss", check_softmax_loss, 0, CHECK_ANY },
    { "towers", check_channels, 0, CHECK_ANY },
    { "preprocess", check_preprocess, 0, CHECK_ANY },
    { "sgd", check_sgd, false, CHECK_ANY },
    { "sgd, torch's form", check_sgd, true, CHECK_ANY },
    { "layer-wise rates", check_lars, false, CHECK_ANY },
    { "clip", check_clip, 0, CHECK_ANY },
    { .name = NULL },
};
