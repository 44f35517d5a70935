/* conv.c - every kernel against its twin on small cases of odd shapes. Errors are relative
 * to the largest element of the twin's result. */
#include "check/kernels/kernels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "cli/progress.h"

/* ---- helpers -------------------------------------------------------------------------------- */

int twin_random(twin *t, alx_tensor **tensor, float **host, alx_shape shape, float low, float high)
{
    const size_t count = alx_shape_count(shape);
    uint32_t words[4];

    TRY(check_host(&t->pool, host, count));
    for (size_t i = 0; i < count; ++i) {
        if (i % 4 == 0)
            alx_rng_words(words, t->stream, ALX_RNG_TEST, 0, i / 4);
        (*host)[i] = low + (high - low) * alx_rng_unit(words[i % 4]);
    }
    ++t->stream;
    return check_upload(&t->pool, tensor, shape, *host);
}

int twin_compare(twin *t, const alx_tensor *got, const float *want, double limit, const char *what)
{
    float *host = NULL;

    TRY(check_download(&t->pool, &host, got));
    check_add(t->report, check_difference(host, want, alx_shape_count(got->shape)), limit, "%s",
              what);
    return 0;
}

int twin_compare_integers(twin *t, const alx_tensor *got, const int32_t *want, const char *what)
{
    const size_t count = alx_shape_count(got->shape);
    size_t different = 0;
    float *host = NULL;

    TRY(check_download(&t->pool, &host, got));
    for (size_t i = 0; i < count; ++i)
        different += memcmp(&host[i], &want[i], sizeof want[i]) != 0;
    check_add(t->report, (double)different / (double)count, 0.0, "%s", what);
    return 0;
}

double twin_sum_limit(size_t terms)
{
    return 4.0 * sqrt((double)terms) * 6e-8;
}

int twin_scratch(twin *t, alx_tensor **out, size_t count)
{
    return check_tensor(&t->pool, out, (alx_shape){ 1, 1, 1, (int)count });
}

/* ---- convolution ---------------------------------------------------------------------------- */

static const struct {
    const char *what;
    alx_shape in;
    int outputs;
    alx_conv2d_params p;
} convolutions[] = {
    { "11x11/4", { 1, 27, 23, 3 }, 16, { 11, 4, 0, 1, false } },
    { "5x5 pad 2, 2 groups", { 2, 9, 7, 8 }, 12, { 5, 1, 2, 2, false } },
    { "3x3 pad 1, odd channels", { 3, 6, 5, 5 }, 7, { 3, 1, 1, 1, false } },
    { "3x3/2, rows unused", { 2, 8, 8, 4 }, 6, { 3, 2, 0, 1, false } },
    { "3x3/2, rounded up", { 1, 8, 6, 4 }, 6, { 3, 2, 0, 1, true } },
    { "5x5 pad 2, enough tiles for Winograd", { 14, 8, 8, 32 }, 32, { 5, 1, 2, 1, false } },
};

/* The one shape of --quick: large enough for Winograd, which takes other ways below, and for the
 * widest vectors; or a small one, for which CLBlast builds fewer kernels. */
#define QUICK_LARGE (ALX_COUNT(convolutions) - 1)
#define QUICK_SMALL 1

/* Winograd's transforms round more than sums do. */
static double conv2d_limit(alx_conv_algo algo, alx_pass pass, size_t terms)
{
    static const double winograd[] = { 3e-5, 5e-5, 1e-4 };

    return alx_conv_algo_is_exact(algo) ? twin_sum_limit(terms) : winograd[pass];
}

static int twin_conv2d_case(twin *t, alx_conv_algo algo, size_t index)
{
    const alx_shape in = convolutions[index].in;
    const alx_conv2d_params *p = &convolutions[index].p;
    const int outputs = convolutions[index].outputs;
    const alx_shape weights = { p->kernel, p->kernel, in.c / p->groups, outputs };
    alx_tensor *x, *w, *b, *dy, *y, *dx, *dw, *scratch;
    float *hx, *hw, *hb, *hdy, *want;
    alx_shape out;
    size_t terms; /* of a sum */
    char what[64];

    TRY(alx_conv2d_output(&out, in, outputs, p));
    TRY(twin_random(t, &x, &hx, in, -1.0f, 1.0f));
    TRY(twin_random(t, &w, &hw, weights, -1.0f, 1.0f));
    TRY(twin_random(t, &b, &hb, (alx_shape){ 1, 1, 1, outputs }, -1.0f, 1.0f));
    TRY(twin_random(t, &dy, &hdy, out, -1.0f, 1.0f));
    TRY(check_host(&t->pool, &want,
                   alx_shape_count(in) + alx_shape_count(out) + alx_shape_count(weights)));

    TRY(check_tensor(&t->pool, &y, out));
    TRY(twin_scratch(t, &scratch,
                     alx_op_conv2d_scratch(t->pool.dev, algo, ALX_PASS_FORWARD, in, out, p)));
    TRY(alx_op_conv2d_forward(algo, y, x, w, b, p, scratch));
    alx_ref_conv2d_forward(want, hx, hw, hb, out, in, p);
    snprintf(what, sizeof what, "forward of %s", convolutions[index].what);
    terms = alx_shape_count(weights) / (size_t)outputs;
    TRY(twin_compare(t, y, want, conv2d_limit(algo, ALX_PASS_FORWARD, terms), what));

    TRY(check_tensor(&t->pool, &dx, in));
    TRY(twin_scratch(t, &scratch,
                     alx_op_conv2d_scratch(t->pool.dev, algo, ALX_PASS_GRAD_INPUT, in, out, p)));
    TRY(alx_op_conv2d_grad_input(algo, dx, dy, w, p, scratch));
    alx_ref_conv2d_grad_input(want, hdy, hw, out, in, p);
    snprintf(what, sizeof what, "grad-input of %s", convolutions[index].what);
    terms = alx_shape_count(weights) / (size_t)in.c;
    TRY(twin_compare(t, dx, want, conv2d_limit(algo, ALX_PASS_GRAD_INPUT, terms), what));

    TRY(check_tensor(&t->pool, &dw, weights));
    TRY(twin_scratch(t, &scratch,
                     alx_op_conv2d_scratch(t->pool.dev, algo, ALX_PASS_GRAD_WEIGHT, in, out, p)));
    TRY(alx_op_conv2d_grad_weight(algo, dw, x, dy, p, false, scratch));
    alx_ref_conv2d_grad_weight(want, hx, hdy, out, in, p);
    snprintf(what, sizeof what, "grad-weight of %s", convolutions[index].what);
    terms = alx_shape_count(out) / (size_t)outputs;
    return twin_compare(t, dw, want, conv2d_limit(algo, ALX_PASS_GRAD_WEIGHT, terms), what);
}

static int twin_conv2d(twin *t, int algo)
{
    if (t->quick)
        return twin_conv2d_case(t, (alx_conv_algo)algo,
                                algo == ALX_CONV_IM2COL ? QUICK_SMALL : QUICK_LARGE);
    for (size_t i = 0; i < ALX_COUNT(convolutions); ++i)
        TRY(twin_conv2d_case(t, (alx_conv_algo)algo, i));
    return 0;
}

/* ---- fully connected ------------------------------------------------------------------------ */

static int twin_fc_case(twin *t, alx_gemm_algo algo, int batch, int in, int out)
{
    const alx_shape weights = { out, 1, 1, in };
    alx_tensor *x, *w, *b, *dy, *y, *dx, *dw, *scratch;
    float *hx, *hw, *hb, *hdy, *want;
    char what[64];

    TRY(twin_random(t, &x, &hx, (alx_shape){ batch, 1, 1, in }, -1.0f, 1.0f));
    TRY(twin_random(t, &w, &hw, weights, -1.0f, 1.0f));
    TRY(twin_random(t, &b, &hb, (alx_shape){ 1, 1, 1, out }, -1.0f, 1.0f));
    TRY(twin_random(t, &dy, &hdy, (alx_shape){ batch, 1, 1, out }, -1.0f, 1.0f));
    TRY(check_host(&t->pool, &want, (size_t)in * (size_t)(out + batch) + (size_t)(batch * out)));

    TRY(check_tensor(&t->pool, &y, dy->shape));
    TRY(twin_scratch(t, &scratch,
                     alx_op_fc_scratch(t->pool.dev, algo, ALX_PASS_FORWARD, batch, in, out)));
    TRY(alx_op_fc_forward(algo, y, x, w, b, scratch));
    alx_ref_fc_forward(want, hx, hw, hb, batch, in, out);
    snprintf(what, sizeof what, "forward of %d x %d to %d", batch, in, out);
    TRY(twin_compare(t, y, want, twin_sum_limit((size_t)in), what));

    TRY(check_tensor(&t->pool, &dx, x->shape));
    TRY(twin_scratch(t, &scratch,
                     alx_op_fc_scratch(t->pool.dev, algo, ALX_PASS_GRAD_INPUT, batch, in, out)));
    TRY(alx_op_fc_grad_input(algo, dx, dy, w, scratch));
    alx_ref_fc_grad_input(want, hdy, hw, batch, in, out);
    snprintf(what, sizeof what, "grad-input of %d x %d to %d", batch, in, out);
    TRY(twin_compare(t, dx, want, twin_sum_limit((size_t)out), what));

    TRY(check_tensor(&t->pool, &dw, weights));
    TRY(twin_scratch(t, &scratch,
                     alx_op_fc_scratch(t->pool.dev, algo, ALX_PASS_GRAD_WEIGHT, batch, in, out)));
    TRY(alx_op_fc_grad_weight(algo, dw, x, dy, false, scratch));
    alx_ref_fc_grad_weight(want, hx, hdy, batch, in, out);
    snprintf(what, sizeof what, "grad-weight of %d x %d to %d", batch, in, out);
    return twin_compare(t, dw, want, twin_sum_limit((size_t)batch), what);
}

/* The last one is that of --quick: long enough to be summed in parts. */
static const struct {
    int batch, in, out;
} products[] = { { 1, 130, 17 }, { 3, 37, 11 }, { 16, 64, 40 }, { 2, 700, 13 } };

static int twin_fc(twin *t, int algo)
{
    for (size_t i = t->quick ? ALX_COUNT(products) - 1 : 0; i < ALX_COUNT(products); ++i)
        TRY(twin_fc_case(t, (alx_gemm_algo)algo, products[i].batch, products[i].in,
                         products[i].out));
    return 0;
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int (*run)(twin *t, int variant);
    int variant;
} twins[] = {
    { "conv2d im2col", twin_conv2d, ALX_CONV_IM2COL },
    { "conv2d vec", twin_conv2d, ALX_CONV_VEC },
    { "conv2d winograd", twin_conv2d, ALX_CONV_WINOGRAD },
    { "conv2d tile", twin_conv2d, ALX_CONV_TILE },
    { "conv2d tile-winograd", twin_conv2d, ALX_CONV_TILE_WINOGRAD },
    { "fc clblast", twin_fc, ALX_GEMM_CLBLAST },
    { "fc vec", twin_fc, ALX_GEMM_VEC },
    { "fc tile", twin_fc, ALX_GEMM_TILE },
    { "grad-bias", twin_grad_bias, 0 },
    { "relu", twin_activation, ALX_ACT_RELU },
    { "tanh", twin_activation, ALX_ACT_TANH },
    { "sigmoid", twin_activation, ALX_ACT_SIGMOID },
    { "leaky relu", twin_activation, ALX_ACT_LEAKY },
    { "lrn", twin_lrn, 0 },
    { "spatial norm", twin_spatial_norm, 0 },
    { "max pool", twin_maxpool, false },
    { "max pool, all ties", twin_maxpool, true },
    { "adaptive pool", twin_adaptive_pool, 0 },
    { "dropout", twin_dropout, 0 },
    { "scale", twin_scale, 0 },
    { "softmax loss", twin_softmax_loss, 0 },
    { "towers", twin_channels, 0 },
    { "preprocess", twin_preprocess, 0 },
    { "sgd", twin_sgd, false },
    { "sgd, torch's form", twin_sgd, true },
    { "clip", twin_clip, 0 },
};

int check_only(const char *only)
{
    char names[1024] = CHECK_GRADIENT;
    bool known = strcmp(only, CHECK_GRADIENT) == 0;

    for (size_t i = 0; i < ALX_COUNT(twins); ++i) {
        const size_t length = strlen(names);

        known = known || strcmp(only, twins[i].name) == 0;
        snprintf(names + length, sizeof names - length, " | %s", twins[i].name);
    }
    return known ? 0 : alx_fail(ALX_E_USAGE, "--only is one of %s; not '%.64s'", names, only);
}

/* Whether a device of the other kind takes this way (conv2d vec, fc tile). */
static bool twin_is_foreign(size_t index, const alx_device *dev)
{
    const bool wide = alx_device_is_wide(alx_device_get_info(dev));
    const int variant = twins[index].variant;

    if (twins[index].run == twin_conv2d)
        return wide ? variant == ALX_CONV_TILE || variant == ALX_CONV_TILE_WINOGRAD
                    : variant == ALX_CONV_VEC || variant == ALX_CONV_WINOGRAD;
    return twins[index].run == twin_fc && variant == (wide ? ALX_GEMM_TILE : ALX_GEMM_VEC);
}

static bool twin_is_wanted(size_t index, const check_options *options)
{
    if (options->only != NULL)
        return strcmp(options->only, twins[index].name) == 0;
    return !options->quick || !twin_is_foreign(index, options->devs[0]);
}

static void say_what_is_left_out(const check_options *options)
{
    char names[256] = "";

    for (size_t i = 0; i < ALX_COUNT(twins); ++i) {
        const size_t used = strlen(names);

        if (options->only == NULL && twin_is_foreign(i, options->devs[0]))
            snprintf(names + used, sizeof names - used, ", %s", twins[i].name);
    }
    alx_info("left out by --quick: %zu of %zu convolutions, %zu of %zu products%s%s",
             ALX_COUNT(convolutions) - 1, ALX_COUNT(convolutions), ALX_COUNT(products) - 1,
             ALX_COUNT(products), names, options->only == NULL ? ", gradient" : "");
}

/* One line of the table; in a rehearsal its launches only note what they need. */
static int run_twin(check_report *report, size_t index, const check_options *options)
{
    twin t = { .report = report, .pool = { .dev = options->devs[0] }, .quick = options->quick };
    int rc = 0;

    check_begin(report, twins[index].name);
    rc = alx_fail_context(twins[index].run(&t, twins[index].variant), "%s", twins[index].name);
    check_pool_free(&t.pool);
    if (rc == 0 && !report->rehearsal)
        check_end(report);
    return rc;
}

static double build_start;

static double time_left(double start, size_t done, size_t total)
{
    return done > 0 ? (alx_seconds() - start) / (double)done * (double)(total - done) : -1.0;
}

static void show_build(int built, int total)
{
    cli_progress_task("building kernels", (size_t)built, (size_t)total,
                      time_left(build_start, (size_t)built, (size_t)total));
}

/* All kernels side by side: nearly all of the time goes there. */
static int build_kernels(const check_options *options)
{
    check_report report = { .rehearsal = true };
    int rc = 0;

    alx_device_collect(options->devs[0], true);
    for (size_t i = 0; i < ALX_COUNT(twins) && rc == 0; ++i)
        if (twin_is_wanted(i, options))
            rc = run_twin(&report, i, options);
    alx_device_collect(options->devs[0], false);
    TRY(rc);
    build_start = alx_seconds();
    TRY(alx_device_build(options->devs[0], show_build));
    return rc;
}

int check_twins(check_report *report, const check_options *options)
{
    size_t done = 0, total = 0;

    for (size_t i = 0; i < ALX_COUNT(twins); ++i)
        total += twin_is_wanted(i, options);
    TRY(build_kernels(options));
    const double start = alx_seconds();

    for (size_t i = 0; i < ALX_COUNT(twins); ++i) {
        if (!twin_is_wanted(i, options))
            continue;
        cli_progress_task(twins[i].name, done, total, time_left(start, done, total));
        TRY(run_twin(report, i, options));
        ++done;
    }
    if (options->quick)
        say_what_is_left_out(options);
    return 0;
}
