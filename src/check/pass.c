/* pass.c - numbers of a pass at full size against the twin, on a slice: the first, the middle
 * and the last image, or for a weight gradient the first, the middle and the last filter of each
 * group over all images. */
#include "check/check.h"

#include <stdlib.h>

#include "base/try.h"

struct alx_check_pass {
    alx_ref_slice slice; /* of images, or of the filters of a group */
    float *want;
    size_t want_count;
};

/* ---- slices -------------------------------------------------------------------------------- */

static int host_alloc(float **out, size_t count)
{
    *out = malloc((count > 0 ? count : 1) * sizeof **out);
    return *out != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for %zu numbers", count);
}

static int download(float **out, const alx_tensor *tensor)
{
    TRY(host_alloc(out, alx_shape_count(tensor->shape)));
    return alx_tensor_read(*out, tensor);
}

static size_t image_count(alx_shape shape)
{
    return (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
}

static int group_count(const alx_pass_info *info)
{
    return info->work == ALX_WORK_CONV ? info->conv.groups : 1;
}

/* `*out` is the caller's (free). */
static int take_images(float **out, const float *data, const alx_ref_slice *slice, size_t width)
{
    TRY(host_alloc(out, (size_t)slice->count * width));
    alx_ref_take_rows(*out, data, slice, width);
    return 0;
}

/* The same filters of each group, from rows of all filters. `*out` is the caller's (free). */
static int take_filters(float **out, const float *data, const alx_ref_slice *slice, size_t rows,
                        const alx_pass_info *info)
{
    const int groups = group_count(info);

    rows *= (size_t)groups;
    TRY(host_alloc(out, rows * (size_t)slice->count));
    alx_ref_take_columns(*out, data, slice, rows, info->out.c / groups);
    return 0;
}

/* The slice of the case's whole output. */
static int take_output(float **out, const float *data, const alx_ref_slice *slice,
                       const alx_bench_case *c)
{
    const alx_pass_info *info = &c->info;

    if (info->pass == ALX_PASS_FORWARD)
        return take_images(out, data, slice, image_count(info->out));
    if (info->pass == ALX_PASS_GRAD_INPUT)
        return take_images(out, data, slice, image_count(info->in));
    if (info->work == ALX_WORK_FC)
        return take_images(out, data, slice, (size_t)c->w.shape.c); /* a row is a unit's weights */
    return take_filters(out, data, slice, alx_shape_count(c->w.shape) / (size_t)info->out.c, info);
}

/* ---- the twin's result --------------------------------------------------------------------- */

static int work_of(alx_op_work *work, const alx_pass_info *info)
{
    *work = (alx_op_work){ .in = info->in, .out = info->out, .conv = info->conv };
    if (info->work == ALX_WORK_OTHER)
        return alx_fail(ALX_E_USAGE, "%s: no twin is known", info->label);
    work->kind = info->work == ALX_WORK_CONV ? ALX_NODE_CONV : ALX_NODE_FC;
    return 0;
}

static int expect_images(alx_check_pass *check, const alx_bench_case *c, alx_op_work *work)
{
    const bool forward = c->info.pass == ALX_PASS_FORWARD;
    const alx_tensor *source = forward ? &c->x : &c->y;
    float *all = NULL, *from = NULL, *w = NULL, *b = NULL;
    int rc = 0;

    check->slice = alx_ref_slice_ends(source->shape.n);
    TRY_DONE(download(&all, source));
    TRY_DONE(take_images(&from, all, &check->slice, image_count(source->shape)));
    TRY_DONE(download(&w, &c->w));
    TRY_DONE(download(&b, &c->b));
    work->in.n = work->out.n = check->slice.count;
    check->want_count = alx_shape_count(forward ? work->out : work->in);
    TRY_DONE(host_alloc(&check->want, check->want_count));
    TRY_DONE(alx_ref_pass(check->want, work, c->info.pass,
                          &(alx_ref_operands){ .x = from, .w = w, .b = b, .grad_y = from }));
done:
    free(all);
    free(from);
    free(w);
    free(b);
    return rc;
}

static int expect_filters(alx_check_pass *check, const alx_bench_case *c, alx_op_work *work)
{
    const int groups = group_count(&c->info), filters = c->info.out.c;
    float *x = NULL, *grad_y = NULL, *picked = NULL;
    int rc = 0;

    check->slice = alx_ref_slice_ends(filters / groups);
    work->out.c = groups * check->slice.count;
    TRY_DONE(download(&x, &c->x));
    TRY_DONE(download(&grad_y, &c->y));
    TRY_DONE(take_filters(&picked, grad_y, &check->slice,
                          alx_shape_count(c->info.out) / (size_t)filters, &c->info));
    check->want_count = alx_shape_count(c->w.shape) / (size_t)filters * (size_t)work->out.c;
    TRY_DONE(host_alloc(&check->want, check->want_count));
    TRY_DONE(alx_ref_pass(check->want, work, ALX_PASS_GRAD_WEIGHT,
                          &(alx_ref_operands){ .x = x, .grad_y = picked }));
done:
    free(x);
    free(grad_y);
    free(picked);
    return rc;
}

int alx_check_pass_create(alx_check_pass **out, const alx_bench_case *c)
{
    alx_check_pass *check = calloc(1, sizeof *check);
    alx_op_work work;
    int rc = 0;

    *out = NULL;
    if (check == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a check");
    TRY_DONE(work_of(&work, &c->info));
    TRY_DONE(c->info.pass == ALX_PASS_GRAD_WEIGHT ? expect_filters(check, c, &work)
                                                  : expect_images(check, c, &work));
    *out = check;
    check = NULL;
done:
    alx_check_pass_free(check);
    return rc;
}

void alx_check_pass_free(alx_check_pass *check)
{
    if (check == NULL)
        return;
    free(check->want);
    free(check);
}

int alx_check_pass_error(double *error, const alx_check_pass *check, const alx_bench_case *c)
{
    float *all = NULL, *got = NULL;
    int rc = 0;

    TRY_DONE(download(&all, alx_bench_case_output(c)));
    TRY_DONE(take_output(&got, all, &check->slice, c));
    *error = check_difference(got, check->want, check->want_count);
done:
    free(all);
    free(got);
    return rc;
}
