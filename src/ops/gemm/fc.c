/* fc.c - fully connected layers: each pass is one matrix product.
 *     forward      y      (batch,out) = x (batch,in)        * w^T,  w (out,in)
 *     grad-input   grad_x (batch,in)  = grad_y (batch,out)  * w
 *     grad-weight  grad_w (out,in)    = grad_y^T            * x       or w's update by it */
#include "ops/gemm/gemm.h"

#include "base/try.h"

static const gemm_algorithm *const algorithms[] = {
    [ALX_GEMM_CLBLAST] = &ops_gemm_clblast,
    [ALX_GEMM_VEC] = &ops_gemm_vec,
    [ALX_GEMM_TILE] = &ops_gemm_tile,
};

static gemm_shape pass_shape(alx_pass pass, int batch, int in, int out)
{
    switch (pass) {
    case ALX_PASS_FORWARD:
        return (gemm_shape){ .m = batch, .n = out, .k = in, .transpose_b = true };
    case ALX_PASS_GRAD_INPUT:
        return (gemm_shape){ .m = batch, .n = in, .k = out };
    default:
        return (gemm_shape){ .m = out, .n = in, .k = batch, .transpose_a = true };
    }
}

size_t alx_op_fc_scratch(const alx_gemm_choice *choice, alx_pass pass, int batch, int in, int out)
{
    const bool any = choice->algo == ALX_GEMM_AUTO || choice->algo == ALX_GEMM_TUNED;
    gemm_shape g = pass_shape(pass, batch, in, out);
    size_t most = 1;

    g.params = choice->params;
    for (size_t i = 0; i < ALX_COUNT(algorithms); ++i) {
        const bool wanted = any || choice->algo == (alx_gemm_algo)i;
        const size_t count = wanted && algorithms[i] != NULL ? algorithms[i]->scratch(&g) : 0;

        most = count > most ? count : most;
    }
    return most;
}

/* The tensors of a pass by the forward pass's names: of backward passes, gradients. */
typedef struct fc_call {
    alx_pass pass;
    const alx_tensor *y, *x, *w, *scratch;
} fc_call;

static const char op[] = "fully connected";

static int check_algorithm(const gemm_algorithm **algorithm, alx_gemm_algo algo,
                           const alx_device *dev)
{
    const bool cuts_loops = (alx_device_get_info(dev)->quirks & ALX_QUIRK_CUTS_LOOPS) != 0;

    TRY(ops_require(op, (size_t)algo < ALX_COUNT(algorithms) && algorithms[algo] != NULL,
                    "no such algorithm"));
    *algorithm = algorithms[algo];
    return ops_require(op, algo != ALX_GEMM_VEC || !cuts_loops, "vec does not run on llvmpipe");
}

/* Product and algorithm of a call whose tensors fit each other. */
static int call_check(gemm_shape *g, const gemm_algorithm **algorithm,
                      const alx_gemm_choice *choice, const fc_call *call)
{
    const alx_shape x = call->x->shape, y = call->y->shape, w = call->w->shape;
    const size_t in = (size_t)x.h * (size_t)x.w * (size_t)x.c;

    TRY(ops_require(op, x.n > 0 && in > 0 && y.c > 0, "a tensor is empty"));
    TRY(ops_require(op, y.n == x.n, "the batches differ"));
    TRY(ops_require(op, in <= INT32_MAX && (size_t)w.c == in && w.h == 1 && w.w == 1,
                    "the weights do not fit the input"));
    TRY(ops_require(op, y.h == 1 && y.w == 1 && w.n == y.c, "the weights do not fit the output"));
    TRY(check_algorithm(algorithm, choice->algo, call->y->dev));
    *g = pass_shape(call->pass, x.n, (int)in, y.c);
    g->params = choice->params;
    return ops_require(op, alx_shape_count(call->scratch->shape) >= (*algorithm)->scratch(g),
                       "the scratch is too small");
}

static int forward(const alx_gemm_choice *choice, const fc_call *call, const alx_tensor *b,
                   bool relu)
{
    const gemm_algorithm *algorithm = NULL;
    gemm_shape g;

    TRY(call_check(&g, &algorithm, choice, call));
    TRY(ops_require(op, b == NULL || alx_shape_count(b->shape) == (size_t)g.n,
                    "one bias per unit"));
    g.relu = relu && algorithm->makes_relu;
    TRY(algorithm->run(call->y, call->x, call->w, b, &g, call->scratch));
    if (relu && !g.relu)
        return alx_op_activation_forward(call->y, call->y, ALX_ACT_RELU, 0.0f);
    return 0;
}

int alx_op_fc_forward(const alx_gemm_choice *choice, const alx_tensor *y, const alx_tensor *x,
                      const alx_tensor *w, const alx_tensor *b, const alx_tensor *scratch)
{
    return forward(choice, &(fc_call){ ALX_PASS_FORWARD, y, x, w, scratch }, b, false);
}

int alx_op_fc_forward_relu(const alx_gemm_choice *choice, const alx_tensor *y, const alx_tensor *x,
                           const alx_tensor *w, const alx_tensor *b, const alx_tensor *scratch)
{
    return forward(choice, &(fc_call){ ALX_PASS_FORWARD, y, x, w, scratch }, b, true);
}

int alx_op_fc_grad_input(const alx_gemm_choice *choice, const alx_tensor *grad_x,
                         const alx_tensor *grad_y, const alx_tensor *w, const alx_tensor *scratch)
{
    const fc_call call = { ALX_PASS_GRAD_INPUT, grad_y, grad_x, w, scratch };
    const gemm_algorithm *algorithm = NULL;
    gemm_shape g;

    TRY(call_check(&g, &algorithm, choice, &call));
    return algorithm->run(grad_x, grad_y, w, NULL, &g, scratch);
}

int alx_op_fc_grad_weight(const alx_gemm_choice *choice, const alx_tensor *grad_w,
                          const alx_tensor *x, const alx_tensor *grad_y, bool accumulate,
                          const alx_tensor *scratch)
{
    const fc_call call = { ALX_PASS_GRAD_WEIGHT, grad_y, x, grad_w, scratch };
    const gemm_algorithm *algorithm = NULL;
    gemm_shape g;

    TRY(call_check(&g, &algorithm, choice, &call));
    g.accumulate = accumulate;
    return algorithm->run(grad_w, grad_y, x, NULL, &g, scratch);
}

bool alx_op_fc_updates(const alx_gemm_choice *choice, int batch, int in, int out)
{
    const size_t algo = (size_t)choice->algo;
    const gemm_shape g = pass_shape(ALX_PASS_GRAD_WEIGHT, batch, in, out);

    return algo < ALX_COUNT(algorithms) && algorithms[algo] != NULL &&
           algorithms[algo]->update != NULL && algorithms[algo]->updates(&g);
}

int alx_op_fc_update(const alx_gemm_choice *choice, const alx_tensor *w, const alx_tensor *v,
                     const alx_tensor *x, const alx_tensor *grad_y, const alx_sgd_params *p,
                     const alx_tensor *sums, int slot, const alx_tensor *scratch)
{
    const fc_call call = { ALX_PASS_GRAD_WEIGHT, grad_y, x, w, scratch };
    const gemm_update update = { w, v, p, sums, slot };
    const gemm_algorithm *algorithm = NULL;
    gemm_shape g;

    TRY(call_check(&g, &algorithm, choice, &call));
    TRY(ops_same_shape("fully connected update", w, v));
    TRY(ops_require("fully connected update",
                    slot >= 0 && (size_t)slot < alx_shape_count(sums->shape), "no such slot"));
    TRY(ops_require("fully connected update", algorithm->update != NULL,
                    "this algorithm keeps the gradient"));
    TRY(ops_require("fully connected update", algorithm->updates(&g),
                    "so long a sum is made in parts"));
    return algorithm->update(&update, grad_y, x, &g, scratch);
}
