/* pass.c - numbers of a pass at full size against the twin, on a slice: the first, the middle
 * and the last image, or for a weight gradient the first, the middle and the last filter of each
 * group over all images. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/try.h"

#define MOST_PICKS 3

struct alx_check_pass {
    int picks[MOST_PICKS], pick_count; /* of images, or of the filters of a group */
    float *want;
    size_t want_count;
};

double alx_check_pass_limit(alx_pass pass)
{
    /* Winograd's, of the maximum */
    static const double limits[] = { 3e-5, 5e-5, ALX_ROWS_MOST_ERROR };

    return limits[pass];
}

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

static void pick_some(alx_check_pass *check, int count)
{
    const int wanted[MOST_PICKS] = { 0, count / 2, count - 1 };

    for (int i = 0; i < MOST_PICKS; ++i)
        if (check->pick_count == 0 || wanted[i] > check->picks[check->pick_count - 1])
            check->picks[check->pick_count++] = wanted[i];
}

/* Rows of `width` floats. `*out` is the caller's (free). */
static int take_rows(float **out, const float *data, const alx_check_pass *check, size_t width)
{
    TRY(host_alloc(out, (size_t)check->pick_count * width));
    for (int i = 0; i < check->pick_count; ++i)
        memcpy(*out + (size_t)i * width, data + (size_t)check->picks[i] * width,
               width * sizeof *data);
    return 0;
}

/* The same columns of each of `groups` groups of `width`, of all `rows`. */
static int take_columns(float **out, const float *data, const alx_check_pass *check, size_t rows,
                        int groups, int width)
{
    float *to = NULL;

    TRY(host_alloc(out, rows * (size_t)(groups * check->pick_count)));
    to = *out;
    for (size_t group = 0; group < rows * (size_t)groups; ++group, data += width)
        for (int i = 0; i < check->pick_count; ++i)
            *to++ = data[check->picks[i]];
    return 0;
}

static size_t image_count(alx_shape shape)
{
    return (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
}

/* The slice of the case's whole output. */
static int take_output(float **out, const float *data, const alx_check_pass *check,
                       const alx_bench_case *c)
{
    const alx_pass_info *info = &c->info;
    const alx_shape w = c->w.shape;

    if (info->pass == ALX_PASS_FORWARD)
        return take_rows(out, data, check, image_count(info->out));
    if (info->pass == ALX_PASS_GRAD_INPUT)
        return take_rows(out, data, check, image_count(info->in));
    if (info->work == ALX_WORK_FC)
        return take_rows(out, data, check, (size_t)w.c);
    return take_columns(out, data, check, (size_t)w.n * (size_t)w.h * (size_t)w.w,
                        info->conv.groups, w.c / info->conv.groups);
}

/* ---- the twin's result --------------------------------------------------------------------- */

/* `from` is x or grad_y of the picked images. */
static void twin_images(alx_check_pass *check, const float *from, const float *w, const float *b,
                        const alx_pass_info *info)
{
    const int in = (int)image_count(info->in);
    alx_shape ins = info->in, outs = info->out;

    ins.n = outs.n = check->pick_count;
    if (info->work == ALX_WORK_CONV && info->pass == ALX_PASS_FORWARD)
        alx_ref_conv2d_forward(check->want, from, w, b, outs, ins, &info->conv);
    else if (info->work == ALX_WORK_CONV)
        alx_ref_conv2d_grad_input(check->want, from, w, outs, ins, &info->conv);
    else if (info->pass == ALX_PASS_FORWARD)
        alx_ref_fc_forward(check->want, from, w, b, ins.n, in, outs.c);
    else
        alx_ref_fc_grad_input(check->want, from, w, ins.n, in, outs.c);
}

static int expect_images(alx_check_pass *check, const alx_bench_case *c)
{
    const bool forward = c->info.pass == ALX_PASS_FORWARD;
    const alx_tensor *source = forward ? &c->x : &c->y;
    const alx_shape result = forward ? c->info.out : c->info.in;
    float *all = NULL, *from = NULL, *w = NULL, *b = NULL;
    int rc = 0;

    pick_some(check, source->shape.n);
    TRY_DONE(download(&all, source));
    TRY_DONE(take_rows(&from, all, check, image_count(source->shape)));
    TRY_DONE(download(&w, &c->w));
    TRY_DONE(download(&b, &c->b));
    check->want_count = (size_t)check->pick_count * image_count(result);
    TRY_DONE(host_alloc(&check->want, check->want_count));
    twin_images(check, from, w, b, &c->info);
done:
    free(all);
    free(from);
    free(w);
    free(b);
    return rc;
}

static int expect_filters(alx_check_pass *check, const alx_bench_case *c)
{
    const bool conv = c->info.work == ALX_WORK_CONV;
    const int groups = conv ? c->info.conv.groups : 1, width = c->info.out.c / groups;
    alx_shape outs = c->info.out;
    float *x = NULL, *grad_y = NULL, *picked = NULL;
    int rc = 0;

    pick_some(check, width);
    outs.c = groups * check->pick_count;
    TRY_DONE(download(&x, &c->x));
    TRY_DONE(download(&grad_y, &c->y));
    TRY_DONE(take_columns(&picked, grad_y, check,
                          alx_shape_count(c->info.out) / (size_t)c->info.out.c, groups, width));
    check->want_count = alx_shape_count(c->w.shape) / (size_t)c->info.out.c * (size_t)outs.c;
    TRY_DONE(host_alloc(&check->want, check->want_count));
    if (conv)
        alx_ref_conv2d_grad_weight(check->want, x, picked, outs, c->info.in, &c->info.conv);
    else
        alx_ref_fc_grad_weight(check->want, x, picked, outs.n, (int)image_count(c->info.in),
                               outs.c);
done:
    free(x);
    free(grad_y);
    free(picked);
    return rc;
}

int alx_check_pass_create(alx_check_pass **out, const alx_bench_case *c)
{
    alx_check_pass *check = calloc(1, sizeof *check);
    int rc = 0;

    *out = NULL;
    if (check == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a check");
    TRY_DONE(c->info.pass == ALX_PASS_GRAD_WEIGHT ? expect_filters(check, c)
                                                  : expect_images(check, c));
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
    TRY_DONE(take_output(&got, all, check, c));
    *error = check_difference(got, check->want, check->want_count);
done:
    free(all);
    free(got);
    return rc;
}
