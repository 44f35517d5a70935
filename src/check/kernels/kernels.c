/* kernels.c - every kernel against its twin on small cases of odd shapes. Errors are relative to
 * the largest element of the twin's result. */
#include "check/kernels/kernels.h"

#include <stdio.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/try.h"

static const check_kernel *const lists[] = { check_conv_kernels, check_maps_kernels,
                                             check_train_kernels };

/* The lines of all lists, one after the other; NULL after the last. */
static const check_kernel *kernel_at(size_t index)
{
    for (size_t list = 0; list < ALX_COUNT(lists); ++list)
        for (const check_kernel *kernel = lists[list]; kernel->name != NULL; ++kernel)
            if (index-- == 0)
                return kernel;
    return NULL;
}

int alx_check_only(const char *only)
{
    char names[1024] = ALX_CHECK_GRADIENT;
    const check_kernel *kernel = NULL;
    bool known = strcmp(only, ALX_CHECK_GRADIENT) == 0;

    for (size_t i = 0; (kernel = kernel_at(i)) != NULL; ++i) {
        const size_t length = strlen(names);

        known = known || strcmp(only, kernel->name) == 0;
        snprintf(names + length, sizeof names - length, " | %s", kernel->name);
    }
    return known ? 0 : alx_fail(ALX_E_USAGE, "--only is one of %s; not '%.64s'", names, only);
}

static bool begins(const char *choice, const char *algorithm)
{
    return strncmp(choice, algorithm, strlen(algorithm)) == 0;
}

/* Whether CLBlast is the fastest way of some problem. */
static bool rows_take_clblast(const alx_rows *rows)
{
    size_t count = 0;
    const alx_row *all = alx_rows_all(rows, &count);

    for (size_t i = 0; i < count; ++i) {
        const alx_row *best = alx_rows_find(rows, all[i].problem, all[i].batch);

        if (best != NULL && (begins(best->choice, alx_conv_algo_name(ALX_CONV_IM2COL)) ||
                             begins(best->choice, alx_gemm_algo_name(ALX_GEMM_CLBLAST))))
            return true;
    }
    return false;
}

static bool may_use_clblast(const alx_check_options *options)
{
    const alx_algorithms *a = &options->algorithms;

    if (a->conv == ALX_CONV_IM2COL || a->gemm == ALX_GEMM_CLBLAST)
        return true;
    return (a->conv == ALX_CONV_TUNED || a->gemm == ALX_GEMM_TUNED) && options->rows != NULL &&
           rows_take_clblast(options->rows[0]);
}

/* Whether only a device of the other kind takes this way (conv2d vec, fc tile), or none by itself.
 */
static bool kernel_is_foreign(const check_kernel *kernel, const alx_check_options *options)
{
    const bool wide = alx_device_is_wide(alx_device_get_info(options->devs[0]));

    if (kernel->takes == CHECK_CLBLAST)
        return !may_use_clblast(options);
    return kernel->takes == (wide ? CHECK_NARROW : CHECK_WIDE);
}

static bool kernel_is_wanted(const check_kernel *kernel, const alx_check_options *options)
{
    if (options->only != NULL)
        return strcmp(options->only, kernel->name) == 0;
    return !options->quick || !kernel_is_foreign(kernel, options);
}

static void say_what_is_left_out(const alx_check_options *options)
{
    char names[256] = "";
    size_t convolutions = 0, products = 0;
    const check_kernel *kernel = NULL;

    alx_ref_cases(&convolutions, ALX_NODE_CONV, ALX_REF_SMALL);
    alx_ref_cases(&products, ALX_NODE_FC, ALX_REF_SMALL);
    for (size_t i = 0; (kernel = kernel_at(i)) != NULL; ++i) {
        const size_t used = strlen(names);

        if (kernel_is_foreign(kernel, options))
            snprintf(names + used, sizeof names - used, ", %s", kernel->name);
    }
    alx_info("left out by --quick: %zu of %zu convolutions, %zu of %zu products%s, gradient",
             convolutions - 1, convolutions, products - 1, products, names);
}

/* One line of the table; in a rehearsal its launches only note what they need. */
static int run_kernel(check_report *report, const check_kernel *kernel,
                      const alx_check_options *options)
{
    check_case t = { .report = report,
                     .pool = { .dev = options->devs[0] },
                     .quick = options->quick };
    int rc = 0;

    check_begin(report, kernel->name);
    rc = alx_fail_context(kernel->run(&t, kernel->variant), "%s", kernel->name);
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
    const check_kernel *kernel = NULL;
    int rc = 0;

    alx_device_collect(options->devs[0], true);
    for (size_t i = 0; rc == 0 && (kernel = kernel_at(i)) != NULL; ++i)
        if (kernel_is_wanted(kernel, options))
            rc = run_kernel(&report, kernel, options);
    alx_device_collect(options->devs[0], false);
    TRY(rc);
    build.start = base_seconds();
    return alx_device_build(options->devs[0], show_build, &build);
}

int alx_check_kernels(alx_check_total *total, const alx_check_options *options)
{
    check_report report = { .options = options, .total = total };
    const check_kernel *kernel = NULL;
    size_t done = 0, wanted = 0;

    (void)check_chooser(options); /* CLBlast takes the parameters of the tuning rows */
    for (size_t i = 0; (kernel = kernel_at(i)) != NULL; ++i)
        wanted += kernel_is_wanted(kernel, options);
    TRY(build_kernels(options));
    for (size_t i = 0; (kernel = kernel_at(i)) != NULL; ++i) {
        if (!kernel_is_wanted(kernel, options))
            continue;
        /* no time: those with CLBlast build its kernels first, a minute, the others take none */
        check_task(options, kernel->name, done, wanted, -1.0);
        TRY(run_kernel(&report, kernel, options));
        ++done;
    }
    if (options->quick && options->only == NULL)
        say_what_is_left_out(options);
    return 0;
}
