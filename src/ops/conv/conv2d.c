/* conv2d.c - convolution: output sizes, checks, choice of the algorithm. */
#include "ops/conv/conv2d.h"
#include "base/try.h"
#include "ops/choose/choose.h"

#include <stdio.h>

static const conv2d_algorithm *const algorithms[] = {
    [ALX_CONV_IM2COL] = &ops_conv2d_im2col,
    [ALX_CONV_VEC] = &ops_conv2d_vec,
    [ALX_CONV_WINOGRAD] = &ops_conv2d_winograd,
    [ALX_CONV_TILE] = &ops_conv2d_tile,
    [ALX_CONV_TILE_WINOGRAD] = &ops_conv2d_tile_winograd,
};

/* Windows along one side of `size` pixels. */
static int output_side(int size, const alx_conv2d_params *p)
{
    const int rest = size + 2 * p->pad - p->kernel;

    return (rest + (p->ceil ? p->stride - 1 : 0)) / p->stride + 1;
}

int alx_conv2d_output(alx_shape *out, alx_shape in, int outputs, const alx_conv2d_params *p)
{
    const int smaller = in.h < in.w ? in.h : in.w;

    *out = (alx_shape){ 0 };
    if (p->kernel < 1 || p->stride < 1 || p->pad < 0 || p->groups < 1 || outputs < 1)
        return alx_fail(ALX_E_USAGE,
                        "convolution: kernel %d, stride %d, pad %d, groups %d, "
                        "filters %d: out of range",
                        p->kernel, p->stride, p->pad, p->groups, outputs);
    if (in.n < 1 || in.c < 1 || smaller < 1)
        return alx_fail(ALX_E_USAGE, "convolution: %dx%dx%dx%d (N,H,W,C) is empty", in.n, in.h,
                        in.w, in.c);
    if (smaller + 2 * p->pad < p->kernel)
        return alx_fail(ALX_E_USAGE,
                        "convolution: a kernel of %d does not fit %dx%d pixels with "
                        "pad %d",
                        p->kernel, in.h, in.w, p->pad);
    if (in.c % p->groups != 0 || outputs % p->groups != 0)
        return alx_fail(ALX_E_USAGE,
                        "convolution: %d groups do not divide %d channels and %d "
                        "filters",
                        p->groups, in.c, outputs);
    *out = (alx_shape){ in.n, output_side(in.h, p), output_side(in.w, p), outputs };
    return 0;
}

conv2d_sizes ops_conv2d_sizes(alx_shape in, alx_shape out, const alx_conv2d_params *p)
{
    return (conv2d_sizes){
        .images = in.n,
        .in_h = in.h,
        .in_w = in.w,
        .out_h = out.h,
        .out_w = out.w,
        .c = in.c / p->groups,
        .k = out.c / p->groups,
        .groups = p->groups,
        .kernel = p->kernel,
        .stride = p->stride,
        .pad = p->pad,
        .params = "",
    };
}

void alx_op_conv2d_problem(char problem[ALX_PROBLEM_BYTES], alx_pass pass, alx_shape in,
                           alx_shape out, const alx_conv2d_params *p)
{
    snprintf(problem, ALX_PROBLEM_BYTES, ALX_CONV_PROBLEM, alx_pass_names[pass], in.h, in.w, in.c,
             out.h, out.w, out.c, p->kernel, p->stride, p->pad, p->groups);
}

/* Without a device a number that stands for many. */
static int cores_of(const alx_device *dev)
{
    return dev != NULL ? (int)alx_device_get_info(dev)->compute_units : 16;
}

/* Where a tuning row is asked, that of `batch` images, its parameters go to `s`. */
static alx_conv_algo algorithm_choose(conv2d_sizes *s, const alx_device *dev, alx_conv_algo algo,
                                      alx_pass pass, int batch, alx_shape in, alx_shape out,
                                      const alx_conv2d_params *p)
{
    char problem[ALX_PROBLEM_BYTES];

    algo = alx_algorithms_resolve((alx_algorithms){ .conv = algo }, dev).conv;
    if (algo != ALX_CONV_TUNED)
        return algo;
    alx_op_conv2d_problem(problem, pass, in, out, p);
    return ops_tuned_conv(&s->params, dev, problem, batch);
}

size_t alx_op_conv2d_scratch(const alx_device *dev, alx_conv_algo algo, alx_pass pass, alx_shape in,
                             alx_shape out, const alx_conv2d_params *p)
{
    conv2d_sizes s = ops_conv2d_sizes(in, out, p);
    size_t most = 1;

    if (alx_shape_count(in) == 0 || alx_shape_count(out) == 0)
        return most;
    s.cores = cores_of(dev);
    if (dev != NULL)
        algo = algorithm_choose(&s, dev, algo, pass, in.n, in, out, p);
    for (size_t i = 0; i < ALX_COUNT(algorithms); ++i) {
        const bool any = algo == ALX_CONV_AUTO || algo == ALX_CONV_TUNED;
        const bool wanted = any || algo == (alx_conv_algo)i;
        const size_t count = wanted && algorithms[i] != NULL ? algorithms[i]->scratch(pass, &s) : 0;

        most = count > most ? count : most;
    }
    return most;
}

/* The call's sizes and algorithm, if its tensors fit each other. */
static int call_check(conv2d_sizes *s, const conv2d_algorithm **algorithm, alx_conv_algo algo,
                      alx_pass pass, int batch, const alx_tensor *y, const alx_tensor *x,
                      const alx_tensor *w, const alx_conv2d_params *p, const alx_tensor *scratch)
{
    alx_tensor want_y = *y, want_w = *w;

    TRY(alx_conv2d_output(&want_y.shape, x->shape, y->shape.c, p));
    TRY(ops_same_shape("convolution output", y, &want_y));
    want_w.shape = (alx_shape){ p->kernel, p->kernel, x->shape.c / p->groups, y->shape.c };
    TRY(ops_same_shape("convolution weights", w, &want_w));
    *s = ops_conv2d_sizes(x->shape, y->shape, p);
    s->cores = cores_of(y->dev);
    algo = algorithm_choose(s, y->dev, algo, pass, batch, x->shape, y->shape, p);
    TRY(ops_require("convolution", (size_t)algo < ALX_COUNT(algorithms), "no such algorithm"));
    TRY(ops_require("convolution",
                    (algo != ALX_CONV_VEC && algo != ALX_CONV_WINOGRAD) || !ops_cuts_loops(y->dev),
                    "vec and winograd do not run on llvmpipe"));
    *algorithm = algorithms[algo];
    return ops_require("convolution",
                       alx_shape_count(scratch->shape) >= (*algorithm)->scratch(pass, s),
                       "the scratch is too small");
}

int alx_op_conv2d_forward_chunk(alx_conv_algo algo, const alx_tensor *y, const alx_tensor *x,
                                const alx_tensor *w, const alx_tensor *b,
                                const alx_conv2d_params *p, bool relu, int batch,
                                const alx_tensor *scratch)
{
    const conv2d_algorithm *algorithm = NULL;
    conv2d_sizes s;

    TRY(call_check(&s, &algorithm, algo, ALX_PASS_FORWARD, batch, y, x, w, p, scratch));
    TRY(ops_require("convolution", alx_shape_count(b->shape) == (size_t)y->shape.c,
                    "one bias per filter"));
    s.relu = relu && algorithm->makes_relu;
    TRY(algorithm->forward(y, x, w, b, &s, scratch));
    if (relu && !s.relu)
        return alx_op_activation_forward(y, y, ALX_ACT_RELU, 0.0f);
    return 0;
}

int alx_op_conv2d_forward(alx_conv_algo algo, const alx_tensor *y, const alx_tensor *x,
                          const alx_tensor *w, const alx_tensor *b, const alx_conv2d_params *p,
                          const alx_tensor *scratch)
{
    return alx_op_conv2d_forward_chunk(algo, y, x, w, b, p, false, y->shape.n, scratch);
}

int alx_op_conv2d_grad_input(alx_conv_algo algo, const alx_tensor *grad_x, const alx_tensor *grad_y,
                             const alx_tensor *w, const alx_conv2d_params *p,
                             const alx_tensor *scratch)
{
    const conv2d_algorithm *algorithm = NULL;
    conv2d_sizes s;

    TRY(call_check(&s, &algorithm, algo, ALX_PASS_GRAD_INPUT, grad_y->shape.n, grad_y, grad_x, w, p,
                   scratch));
    return algorithm->grad_input(grad_x, grad_y, w, &s, scratch);
}

int alx_op_conv2d_grad_weight(alx_conv_algo algo, const alx_tensor *grad_w, const alx_tensor *x,
                              const alx_tensor *grad_y, const alx_conv2d_params *p, bool accumulate,
                              const alx_tensor *scratch)
{
    const conv2d_algorithm *algorithm = NULL;
    conv2d_sizes s;

    TRY(call_check(&s, &algorithm, algo, ALX_PASS_GRAD_WEIGHT, grad_y->shape.n, grad_y, x, grad_w,
                   p, scratch));
    return algorithm->grad_weight(grad_w, x, grad_y, &s, accumulate, scratch);
}
