/* conv2d.c - convolution: output sizes, checks, the algorithm that a choice names. */
#include "ops/conv/conv2d.h"

#include "base/try.h"

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
    };
}

/* Of a device that nobody has named: numbers that stand for many. */
#define USUAL_CORES 16
#define USUAL_BYTES ((size_t)8 << 30)
/* Of scratch by the images at a time: a share of the device's memory, within a buffer. */
#define ROOM_SHARE 16
#define MOST_ROOM_BYTES ((size_t)2 << 30)

static int cores_of(const alx_device *dev)
{
    return dev != NULL ? (int)alx_device_get_info(dev)->compute_units : USUAL_CORES;
}

static size_t room_of(const alx_device *dev)
{
    const alx_device_info *info = dev != NULL ? alx_device_get_info(dev) : NULL;
    size_t bytes = (info != NULL ? info->global_bytes : USUAL_BYTES) / ROOM_SHARE;

    if (info != NULL && bytes > info->max_alloc_bytes / 2)
        bytes = info->max_alloc_bytes / 2;
    return (bytes < MOST_ROOM_BYTES ? bytes : MOST_ROOM_BYTES) / sizeof(float);
}

static conv2d_sizes sizes_on(const alx_device *dev, const alx_conv_choice *choice, alx_shape in,
                             alx_shape out, const alx_conv2d_params *p)
{
    conv2d_sizes s = ops_conv2d_sizes(in, out, p);

    s.cores = cores_of(dev);
    s.room = room_of(dev);
    s.params = choice->params;
    return s;
}

size_t alx_op_conv2d_scratch(const alx_device *dev, const alx_conv_choice *choice, alx_pass pass,
                             alx_shape in, alx_shape out, const alx_conv2d_params *p)
{
    const bool any = choice->algo == ALX_CONV_AUTO || choice->algo == ALX_CONV_TUNED;
    const conv2d_sizes s = sizes_on(dev, choice, in, out, p);
    size_t most = 1;

    if (alx_shape_count(in) == 0 || alx_shape_count(out) == 0)
        return most;
    for (size_t i = 0; i < ALX_COUNT(algorithms); ++i) {
        const bool wanted = any || choice->algo == (alx_conv_algo)i;
        const size_t count = wanted && algorithms[i] != NULL ? algorithms[i]->scratch(pass, &s) : 0;

        most = count > most ? count : most;
    }
    return most;
}

/* Whether passes over all images and over some of them are computed alike. */
static bool alike(alx_conv_algo algo, const conv2d_sizes *all, const conv2d_sizes *some)
{
    if (algo == ALX_CONV_WINOGRAD)
        return ops_conv2d_winograd_alike(all, some);
    return algo != ALX_CONV_TILE_WINOGRAD ||
           ops_conv2d_tile_winograd_pays(ALX_PASS_FORWARD, all) ==
               ops_conv2d_tile_winograd_pays(ALX_PASS_FORWARD, some);
}

bool alx_op_conv2d_cuts(const alx_conv_choice *choice, alx_shape in, alx_shape out,
                        const alx_conv2d_params *p, int chunks)
{
    conv2d_sizes all = ops_conv2d_sizes(in, out, p), chunk = all;
    bool same;

    chunk.images /= chunks;
    same = alike(choice->algo, &all, &chunk);
    all.prepared = chunk.prepared = true;
    return same && alike(choice->algo, &all, &chunk);
}

/* The tensors of a pass by the forward pass's names: of backward passes, gradients. */
typedef struct conv2d_call {
    alx_pass pass;
    const alx_tensor *y, *x, *w;
    const alx_conv2d_params *p;
    const alx_tensor *scratch;
} conv2d_call;

static int check_algorithm(const conv2d_algorithm **algorithm, alx_conv_algo algo,
                           const alx_device *dev)
{
    const bool cuts_loops = (alx_device_get_info(dev)->quirks & ALX_QUIRK_CUTS_LOOPS) != 0;

    TRY(ops_require("convolution", (size_t)algo < ALX_COUNT(algorithms) && algorithms[algo] != NULL,
                    "no such algorithm"));
    *algorithm = algorithms[algo];
    return ops_require("convolution",
                       (algo != ALX_CONV_VEC && algo != ALX_CONV_WINOGRAD) || !cuts_loops,
                       "vec and winograd do not run on llvmpipe");
}

/* The call's sizes and algorithm, if its tensors fit each other. */
static int call_check(conv2d_sizes *s, const conv2d_algorithm **algorithm,
                      const alx_conv_choice *choice, const conv2d_call *call)
{
    const alx_conv2d_params *p = call->p;
    const alx_shape x = call->x->shape, y = call->y->shape;
    alx_tensor want_y = *call->y, want_w = *call->w;

    TRY(alx_conv2d_output(&want_y.shape, x, y.c, p));
    TRY(ops_same_shape("convolution output", call->y, &want_y));
    want_w.shape = (alx_shape){ p->kernel, p->kernel, x.c / p->groups, y.c };
    TRY(ops_same_shape("convolution weights", call->w, &want_w));
    TRY(check_algorithm(algorithm, choice->algo, call->y->dev));
    *s = sizes_on(call->y->dev, choice, x, y, p);
    return ops_require("convolution",
                       alx_shape_count(call->scratch->shape) >=
                           (*algorithm)->scratch(call->pass, s),
                       "the scratch is too small");
}

static int forward(const alx_conv_choice *choice, const conv2d_call *call, const alx_tensor *b,
                   bool relu)
{
    const conv2d_algorithm *algorithm = NULL;
    conv2d_sizes s;

    TRY(call_check(&s, &algorithm, choice, call));
    TRY(ops_require("convolution", alx_shape_count(b->shape) == (size_t)call->y->shape.c,
                    "one bias per filter"));
    s.relu = relu && algorithm->makes_relu;
    TRY(algorithm->forward(call->y, call->x, call->w, b, &s, call->scratch));
    if (relu && !s.relu)
        return alx_op_activation_forward(call->y, call->y, ALX_ACT_RELU, 0.0f);
    return 0;
}

int alx_op_conv2d_forward(const alx_conv_choice *choice, const alx_tensor *y, const alx_tensor *x,
                          const alx_tensor *w, const alx_tensor *b, const alx_conv2d_params *p,
                          const alx_tensor *scratch)
{
    const conv2d_call call = { ALX_PASS_FORWARD, y, x, w, p, scratch };

    return forward(choice, &call, b, false);
}

int alx_op_conv2d_forward_relu(const alx_conv_choice *choice, const alx_tensor *y,
                               const alx_tensor *x, const alx_tensor *w, const alx_tensor *b,
                               const alx_conv2d_params *p, const alx_tensor *scratch)
{
    const conv2d_call call = { ALX_PASS_FORWARD, y, x, w, p, scratch };

    return forward(choice, &call, b, true);
}

/* ---- forward with filters made before ------------------------------------------------------- */

static const conv2d_algorithm *preparing(const alx_conv_choice *choice)
{
    const size_t algo = (size_t)choice->algo;
    const conv2d_algorithm *found = algo < ALX_COUNT(algorithms) ? algorithms[algo] : NULL;

    return found != NULL && found->filters != NULL ? found : NULL;
}

size_t alx_op_conv2d_filters(size_t *scratch, const alx_device *dev, const alx_conv_choice *choice,
                             alx_shape in, alx_shape out, const alx_conv2d_params *p)
{
    const conv2d_algorithm *algorithm = preparing(choice);
    conv2d_sizes s = sizes_on(dev, choice, in, out, p);

    *scratch = 0;
    if (algorithm == NULL || alx_shape_count(in) == 0 || alx_shape_count(out) == 0)
        return 0;
    s.prepared = true;
    *scratch = algorithm->scratch(ALX_PASS_FORWARD, &s);
    return algorithm->filters(&s);
}

int alx_op_conv2d_prepare(const alx_conv_choice *choice, const alx_tensor *filters,
                          const alx_tensor *w, alx_shape in, alx_shape out,
                          const alx_conv2d_params *p)
{
    const conv2d_algorithm *algorithm = preparing(choice);
    conv2d_sizes s = sizes_on(w->dev, choice, in, out, p);

    s.prepared = true;
    TRY(ops_require("convolution", algorithm != NULL, "the algorithm reads weights as they are"));
    TRY(ops_require("convolution", alx_shape_count(filters->shape) >= algorithm->filters(&s),
                    "the filters' tensor is too small"));
    return algorithm->prepare(filters, w, &s);
}

int alx_op_conv2d_forward_prepared(const alx_conv_choice *choice, const alx_tensor *y,
                                   const alx_tensor *x, const alx_tensor *filters,
                                   const alx_tensor *b, bool relu, const alx_conv2d_params *p,
                                   const alx_tensor *scratch)
{
    const conv2d_algorithm *algorithm = preparing(choice);
    alx_tensor want_y = *y;
    conv2d_sizes s = sizes_on(y->dev, choice, x->shape, y->shape, p);

    s.prepared = true;
    s.relu = relu;
    TRY(alx_conv2d_output(&want_y.shape, x->shape, y->shape.c, p));
    TRY(ops_same_shape("convolution output", y, &want_y));
    TRY(ops_require("convolution", algorithm != NULL, "the algorithm reads weights as they are"));
    TRY(ops_require("convolution", alx_shape_count(b->shape) == (size_t)y->shape.c,
                    "one bias per filter"));
    TRY(ops_require("convolution", alx_shape_count(filters->shape) >= algorithm->filters(&s),
                    "the filters' tensor is too small"));
    TRY(ops_require("convolution",
                    alx_shape_count(scratch->shape) >= algorithm->scratch(ALX_PASS_FORWARD, &s),
                    "the scratch is too small"));
    return algorithm->forward_prepared(y, x, filters, b, &s, scratch);
}

int alx_op_conv2d_grad_input(const alx_conv_choice *choice, const alx_tensor *grad_x,
                             const alx_tensor *grad_y, const alx_tensor *w,
                             const alx_conv2d_params *p, const alx_tensor *scratch)
{
    const conv2d_call call = { ALX_PASS_GRAD_INPUT, grad_y, grad_x, w, p, scratch };
    const conv2d_algorithm *algorithm = NULL;
    conv2d_sizes s;

    TRY(call_check(&s, &algorithm, choice, &call));
    return algorithm->grad_input(grad_x, grad_y, w, &s, scratch);
}

int alx_op_conv2d_grad_weight(const alx_conv_choice *choice, const alx_tensor *grad_w,
                              const alx_tensor *x, const alx_tensor *grad_y,
                              const alx_conv2d_params *p, bool accumulate,
                              const alx_tensor *scratch)
{
    const conv2d_call call = { ALX_PASS_GRAD_WEIGHT, grad_y, x, grad_w, p, scratch };
    const conv2d_algorithm *algorithm = NULL;
    conv2d_sizes s;

    TRY(call_check(&s, &algorithm, choice, &call));
    return algorithm->grad_weight(grad_w, x, grad_y, &s, accumulate, scratch);
}
