/* kernels.c - every kernel against its twin on small cases of odd shapes. Errors are relative to
 * the largest element of the twin's result. */
#include "check/kernels/kernels.h"

#include <stdio.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/try.h"

static const struct {
    const char *name;
    int (*run)(check_case *t, int variant);
    int variant;
} kernels[] = {
    { "conv2d im2col", check_conv2d, ALX_CONV_IM2COL },
    { "conv2d vec", check_conv2d, ALX_CONV_VEC },
    { "conv2d winograd", check_conv2d, ALX_CONV_WINOGRAD },
    { "conv2d tile", check_conv2d, ALX_CONV_TILE },
    { "conv2d tile-winograd", check_conv2d, ALX_CONV_TILE_WINOGRAD },
    { "fc clblast", check_fc, ALX_GEMM_CLBLAST },
    { "fc vec", check_fc, ALX_GEMM_VEC },
    { "fc tile", check_fc, ALX_GEMM_TILE },
    { "grad-bias", check_grad_bias, 0 },
    { "relu", check_activation, ALX_ACT_RELU },
    { "tanh", check_activation, ALX_ACT_TANH },
    { "sigmoid", check_activation, ALX_ACT_SIGMOID },
    { "leaky relu", check_activation, ALX_ACT_LEAKY },
    { "lrn", check_lrn, 0 },
    { "spatial norm", check_spatial_norm, 0 },
    { "max pool", check_maxpool, false },
    { "max pool, all ties", check_maxpool, true },
    { "adaptive pool", check_adaptive_pool, 0 },
    { "dropout", check_dropout, 0 },
    { "scale", check_scale, 0 },
    { "softmax loss", check_softmax_loss, 0 },
    { "towers", check_channels, 0 },
    { "preprocess", check_preprocess, 0 },
    { "sgd", check_sgd, false },
    { "sgd, torch's form", check_sgd, true },
    { "clip", check_clip, 0 },
};

int alx_check_only(const char *only)
{
    char names[1024] = ALX_CHECK_GRADIENT;
    bool known = strcmp(only, ALX_CHECK_GRADIENT) == 0;

    for (size_t i = 0; i < ALX_COUNT(kernels); ++i) {
        const size_t length = strlen(names);

        known = known || strcmp(only, kernels[i].name) == 0;
        snprintf(names + length, sizeof names - length, " | %s", kernels[i].name);
    }
    return known ? 0 : alx_fail(ALX_E_USAGE, "--only is one of %s; not '%.64s'", names, only);
}

/* Whether a device of the other kind takes this way (conv2d vec, fc tile). */
static bool kernel_is_foreign(size_t index, const alx_device *dev)
{
    const bool wide = alx_device_is_wide(alx_device_get_info(dev));
    const int variant = kernels[index].variant;

    if (kernels[index].run == check_conv2d)
        return wide ? variant == ALX_CONV_TILE || variant == ALX_CONV_TILE_WINOGRAD
                    : variant == ALX_CONV_VEC || variant == ALX_CONV_WINOGRAD;
    return kernels[index].run == check_fc && variant == (wide ? ALX_GEMM_TILE : ALX_GEMM_VEC);
}

static bool kernel_is_wanted(size_t index, const alx_check_options *options)
{
    if (options->only != NULL)
        return strcmp(options->only, kernels[index].name) == 0;
    return !options->quick || !kernel_is_foreign(index, options->devs[0]);
}

static void say_what_is_left_out(const alx_check_options *options)
{
    char names[256] = "";
    size_t convolutions = 0, products = 0;

    alx_ref_cases(&convolutions, ALX_NODE_CONV, ALX_REF_SMALL);
    alx_ref_cases(&products, ALX_NODE_FC, ALX_REF_SMALL);
    for (size_t i = 0; i < ALX_COUNT(kernels); ++i) {
        const size_t used = strlen(names);

        if (options->only == NULL && kernel_is_foreign(i, options->devs[0]))
            snprintf(names + used, sizeof names - used, ", %s", kernels[i].name);
    }
    alx_info("left out by --quick: %zu of %zu convolutions, %zu of %zu products%s%s",
             convolutions - 1, convolutions, products - 1, products, names,
             options->only == NULL ? ", gradient" : "");
}

/* One line of the table; in a rehearsal its launches only note what they need. */
static int run_kernel(check_report *report, size_t index, const alx_check_options *options)
{
    check_case t = { .report = report,
                     .pool = { .dev = options->devs[0] },
                     .quick = options->quick };
    int rc = 0;

    check_begin(report, kernels[index].name);
    rc = alx_fail_context(kernels[index].run(&t, kernels[index].variant), "%s",
                          kernels[index].name);
    check_pool_free(&t.pool);
    if (rc == 0 && !report->rehearsal)
        check_end(report);
    return rc;
}

typedef struct build_display {
    const alx_check_options *options;
    double start;
} build_display;

static void show_build(int built, int total, void *user)
{
    const build_display *build = user;

    check_task(build->options, "building kernels", (size_t)built, (size_t)total, build->start);
}

/* All kernels side by side: nearly all of the time goes there. */
static int build_kernels(const alx_check_options *options)
{
    check_report report = { .options = options, .rehearsal = true };
    build_display build = { .options = options };
    int rc = 0;

    alx_device_collect(options->devs[0], true);
    for (size_t i = 0; i < ALX_COUNT(kernels) && rc == 0; ++i)
        if (kernel_is_wanted(i, options))
            rc = run_kernel(&report, i, options);
    alx_device_collect(options->devs[0], false);
    TRY(rc);
    build.start = base_seconds();
    return alx_device_build(options->devs[0], show_build, &build);
}

int alx_check_kernels(alx_check_total *total, const alx_check_options *options)
{
    check_report report = { .options = options, .total = total };
    size_t done = 0, wanted = 0;

    (void)check_chooser(options); /* CLBlast takes the parameters of the tuning rows */
    for (size_t i = 0; i < ALX_COUNT(kernels); ++i)
        wanted += kernel_is_wanted(i, options);
    TRY(build_kernels(options));
    const double start = base_seconds();

    for (size_t i = 0; i < ALX_COUNT(kernels); ++i) {
        if (!kernel_is_wanted(i, options))
            continue;
        check_task(options, kernels[i].name, done, wanted, start);
        TRY(run_kernel(&report, i, options));
        ++done;
    }
    if (options->quick)
        say_what_is_left_out(options);
    return 0;
}
