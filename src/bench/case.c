/* case.c - one pass of one layer on tensors of its own. */
#include "alexnet/dev/bench.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/try.h"

/* Fills large tensors by repetition: drawing is slower than the work that is timed. */
#define DRAWN ((size_t)1 << 18)

static int fill_uniform(const alx_tensor *tensor, uint32_t stream)
{
    const size_t count = alx_shape_count(tensor->shape);
    float *data = malloc(count * sizeof *data);
    int rc = 0;

    if (data == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu numbers", count);
    base_random_fill(data, count < DRAWN ? count : DRAWN, stream, 0, -1.0f, 1.0f);
    for (size_t i = DRAWN; i < count; ++i)
        data[i] = data[i - DRAWN];
    rc = alx_tensor_write(tensor, data);
    free(data);
    return rc;
}

static int fc_inputs(const alx_pass_info *info)
{
    return info->in.h * info->in.w * info->in.c;
}

static alx_shape weight_shape(const alx_pass_info *info)
{
    if (info->work == ALX_WORK_FC)
        return (alx_shape){ info->out.c, 1, 1, fc_inputs(info) };
    return (alx_shape){ info->conv.kernel, info->conv.kernel, info->in.c / info->conv.groups,
                        info->out.c };
}

static size_t scratch_elements(const alx_bench_case *c)
{
    const alx_pass_info *info = &c->info;

    if (info->work == ALX_WORK_CONV)
        return alx_op_conv2d_scratch(c->x.dev, &c->conv, info->pass, info->in, info->out,
                                     &info->conv);
    return alx_op_fc_scratch(&c->gemm, info->pass, info->in.n, fc_inputs(info), info->out.c);
}

/* Elements may be more than an int counts: a shape is four of them. */
static alx_shape scratch_shape(size_t elements)
{
    const size_t row = (size_t)1 << 20;

    if (elements <= row)
        return (alx_shape){ 1, 1, 1, (int)elements };
    return (alx_shape){ 1, 1, (int)((elements + row - 1) / row), (int)row };
}

static int fit_scratch(alx_bench_case *c)
{
    alx_device *dev = c->x.dev;

    alx_tensor_free(&c->scratch);
    return alx_tensor_create(&c->scratch, dev, scratch_shape(scratch_elements(c)));
}

static int create_tensors(alx_bench_case *c, alx_device *dev)
{
    TRY(alx_tensor_create(&c->x, dev, c->info.in));
    TRY(alx_tensor_create(&c->w, dev, weight_shape(&c->info)));
    TRY(alx_tensor_create(&c->b, dev, (alx_shape){ 1, 1, 1, c->info.out.c }));
    TRY(alx_tensor_create(&c->y, dev, c->info.out));
    TRY(fit_scratch(c));
    TRY(fill_uniform(&c->x, 1));
    TRY(fill_uniform(&c->w, 2));
    TRY(fill_uniform(&c->b, 3));
    TRY(fill_uniform(&c->y, 4));
    return alx_tensor_fill(alx_bench_case_output(c), NAN);
}

int alx_bench_case_create(alx_bench_case *out, const alx_pass_info *info, const alx_chooser *by)
{
    *out = (alx_bench_case){ .info = *info };
    if (info->work == ALX_WORK_OTHER)
        return alx_fail(ALX_E_USAGE, "%s: no algorithms to choose from", info->label);
    if (info->work == ALX_WORK_CONV)
        out->conv = alx_conv_choose(by, info->pass, info->in, info->out, &info->conv);
    else
        out->gemm = alx_gemm_choose(by, info->pass, info->in.n, fc_inputs(info), info->out.c);
    return alx_fail_context(create_tensors(out, by->dev), "%s", info->label);
}

int alx_bench_case_choose(alx_bench_case *c, const char *way)
{
    if (c->info.work == ALX_WORK_CONV ? !alx_conv_choice_parse(&c->conv, way)
                                      : !alx_gemm_choice_parse(&c->gemm, way))
        return alx_fail(ALX_E_USAGE, "%s: no way to compute it is called '%s'", c->info.label, way);
    return fit_scratch(c);
}

void alx_bench_case_free(alx_bench_case *c)
{
    alx_tensor_free(&c->x);
    alx_tensor_free(&c->w);
    alx_tensor_free(&c->b);
    alx_tensor_free(&c->y);
    alx_tensor_free(&c->scratch);
}

const alx_tensor *alx_bench_case_output(const alx_bench_case *c)
{
    switch (c->info.pass) {
    case ALX_PASS_FORWARD:
        return &c->y;
    case ALX_PASS_GRAD_INPUT:
        return &c->x;
    default:
        return &c->w;
    }
}

static int run_conv(const alx_bench_case *c)
{
    const alx_conv_choice *choice = &c->conv;
    const alx_conv2d_params *p = &c->info.conv;

    switch (c->info.pass) {
    case ALX_PASS_FORWARD:
        return alx_op_conv2d_forward(choice, &c->y, &c->x, &c->w, &c->b, p, &c->scratch);
    case ALX_PASS_GRAD_INPUT:
        return alx_op_conv2d_grad_input(choice, &c->x, &c->y, &c->w, p, &c->scratch);
    default:
        return alx_op_conv2d_grad_weight(choice, &c->w, &c->x, &c->y, p, false, &c->scratch);
    }
}

static int run_fc(const alx_bench_case *c)
{
    const alx_gemm_choice *choice = &c->gemm;

    switch (c->info.pass) {
    case ALX_PASS_FORWARD:
        return alx_op_fc_forward(choice, &c->y, &c->x, &c->w, &c->b, &c->scratch);
    case ALX_PASS_GRAD_INPUT:
        return alx_op_fc_grad_input(choice, &c->x, &c->y, &c->w, &c->scratch);
    default:
        return alx_op_fc_grad_weight(choice, &c->w, &c->x, &c->y, false, &c->scratch);
    }
}

int alx_bench_case_run(void *user)
{
    const alx_bench_case *c = user;

    alx_device_set_label(c->x.dev, c->info.label);
    return c->info.work == ALX_WORK_CONV ? run_conv(c) : run_fc(c);
}

int alx_bench_pass(alx_bench_times *out, const alx_pass_info *info, const alx_chooser *by, int runs)
{
    alx_bench_case c = { 0 };
    int rc = 0;

    TRY_DONE(alx_bench_case_create(&c, info, by));
    TRY_DONE(alx_bench_time(out, by->dev, alx_bench_case_run, &c, runs));
done:
    alx_device_set_label(by->dev, NULL); /* the label is the case's */
    alx_bench_case_free(&c);
    return rc;
}
