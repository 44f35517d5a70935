/* fc.c - fully connected layers: each pass is one matrix product.
 *     forward      y      (batch,out) = x (batch,in)        * w^T,  w (out,in)
 *     grad-input   grad_x (batch,in)  = grad_y (batch,out)  * w
 *     grad-weight  grad_w (out,in)    = grad_y^T            * x       or w's update by it */
#include "base/try.h"
#include "ops/choose/choose.h"
#include "ops/gemm/gemm.h"

#include <stdio.h>

static const gemm_algorithm *const algorithms[] = {
    [ALX_GEMM_CLBLAST] = &ops_gemm_clblast,
    [ALX_GEMM_VEC] = &ops_gemm_vec,
    [ALX_GEMM_TILE] = &ops_gemm_tile,
};

static gemm_shape pass_shape(alx_pass pass, int batch, int in, int out)
{
    switch (pass) {
    case ALX_PASS_FORWARD:
        return (gemm_shape){ .m = batch, .n = out, .k = in, .transpose_b = true, .params = "" };
    case ALX_PASS_GRAD_INPUT:
        return (gemm_shape){ .m = batch, .n = in, .k = out, .params = "" };
    default:
        return (gemm_shape){ .m = out, .n = in, .k = batch, .transpose_a = true, .params = "" };
    }
}

void alx_op_fc_problem(char problem[ALX_PROBLEM_BYTES], alx_pass pass, int in, int out)
{
    snprintf(problem, ALX_PROBLEM_BYTES, ALX_FC_PROBLEM, alx_pass_names[pass], in, out);
}

/* Where a tuning row is asked, its parameters go to `g`. */
static alx_gemm_algo algorithm_choose(gemm_shape *g, const alx_device *dev, alx_gemm_algo algo,
                                      alx_pass pass, int batch, int in, int out)
{
    char problem[ALX_PROBLEM_BYTES];

    algo = alx_algorithms_resolve((alx_algorithms){ .gemm = algo }, dev).gemm;
    if (algo != ALX_GEMM_TUNED)
        return algo;
    alx_op_fc_problem(problem, pass, in, out);
    return ops_tuned_gemm(&g->params, dev, problem, batch);
}

size_t alx_op_fc_scratch(const alx_device *dev, alx_gemm_algo algo, alx_pass pass, int batch,
                         int in, int out)
{
    gemm_shape g = pass_shape(pass, batch, in, out);
    size_t most = 1;

    if (dev != NULL)
        algo = algorithm_choose(&g, dev, algo, pass, batch, in, out);
    for (size_t i = 0; i < ALX_COUNT(algorithms); ++i) {
        const bool any = algo == ALX_GEMM_AUTO || algo == ALX_GEMM_TUNED;
        const bool wanted = any || algo == (alx_gemm_algo)i;
        const size_t count = wanted && algorithms[i] != NULL ? algorithms[i]->scratch(&g) : 0;

        most = count > most ? count : most;
    }
    return most;
}

/* Product and algorithm of a call whose tensors fit each other. */
static int call_check(gemm_shape *g, const gemm_algorithm **algorithm, alx_gemm_algo algo,
                      alx_pass pass, const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                      const alx_tensor *scratch)
{
    static const char op[] = "fully connected";
    const alx_shape xs = x->shape, ys = y->shape;
    const size_t in = (size_t)xs.h * (size_t)xs.w * (size_t)xs.c;

    TRY(ops_require(op, xs.n > 0 && in > 0 && ys.c > 0, "a tensor is empty"));
    TRY(ops_require(op, ys.n == xs.n, "the batches differ"));
    TRY(ops_require(
        op, in <= INT32_MAX && (size_t)w->shape.c == in && w->shape.h == 1 && w->shape.w == 1,
        "the weights do not fit the input"));
    TRY(ops_require(op, ys.h == 1 && ys.w == 1 && w->shape.n == ys.c,
                    "the weights do not fit the output"));
    *g = pass_shape(pass, xs.n, (int)in, ys.c);
    algo = algorithm_choose(g, y->dev, algo, pass, xs.n, (int)in, ys.c);
    TRY(ops_require(op, (size_t)algo < ALX_COUNT(algorithms), "no such algorithm"));
    TRY(ops_require(op, algo != ALX_GEMM_VEC || !ops_cuts_loops(y->dev),
                    "vec does not run on llvmpipe"));
    *algorithm = algorithms[algo];
    return ops_require(op, alx_shape_count(scratch->shape) >= (*algorithm)->scratch(g),
                       "the scratch is too small");
}

int alx_op_fc_forward(alx_gemm_algo algo, const alx_tensor *y, const alx_tensor *x,
                      const alx_tensor *w, const alx_tensor *b, const alx_tensor *scratch)
{
    const gemm_algorithm *algorithm = NULL;
    gemm_shape g;

    TRY(call_check(&g, &algorithm, algo, ALX_PASS_FORWARD, y, x, w, scratch));
    TRY(ops_require("fully connected", b == NULL || alx_shape_count(b->shape) == (size_t)g.n,
                    "one bias per unit"));
    return algorithm->run(y, x, w, b, &g, scratch);
}

int alx_op_fc_grad_input(alx_gemm_algo algo, const alx_tensor *grad_x, const alx_tensor *grad_y,
                         const alx_tensor *w, const alx_tensor *scratch)
{
    const gemm_algorithm *algorithm = NULL;
    gemm_shape g;

    TRY(call_check(&g, &algorithm, algo, ALX_PASS_GRAD_INPUT, grad_y, grad_x, w, scratch));
    return algorithm->run(grad_x, grad_y, w, NULL, &g, scratch);
}

int alx_op_fc_grad_weight(alx_gemm_algo algo, const alx_tensor *grad_w, const alx_tensor *x,
                          const alx_tensor *grad_y, bool accumulate, const alx_tensor *scratch)
{
    const gemm_algorithm *algorithm = NULL;
    gemm_shape g;

    TRY(call_check(&g, &algorithm, algo, ALX_PASS_GRAD_WEIGHT, grad_y, x, grad_w, scratch));
    g.accumulate = accumulate;
    return algorithm->run(grad_w, grad_y, x, NULL, &g, scratch);
}

bool alx_op_fc_updates(const alx_device *dev, alx_gemm_algo algo, int batch, int in, int out)
{
    gemm_shape g = pass_shape(ALX_PASS_GRAD_WEIGHT, batch, in, out);

    if (dev != NULL)
        algo = algorithm_choose(&g, dev, algo, ALX_PASS_GRAD_WEIGHT, batch, in, out);
    return (size_t)algo < ALX_COUNT(algorithms) && algorithms[algo] != NULL &&
           algorithms[algo]->update != NULL;
}

int alx_op_fc_update(alx_gemm_algo algo, const alx_tensor *w, const alx_tensor *v,
                     const alx_tensor *x, const alx_tensor *grad_y, const alx_sgd_params *p,
                     const alx_tensor *sums, int slot, const alx_tensor *scratch)
{
    const gemm_update update = { w, v, p, sums, slot };
    const gemm_algorithm *algorithm = NULL;
    gemm_shape g;

    TRY(call_check(&g, &algorithm, algo, ALX_PASS_GRAD_WEIGHT, grad_y, x, w, scratch));
    TRY(ops_same_shape("fully connected update", w, v));
    TRY(ops_require("fully connected update",
                    slot >= 0 && (size_t)slot < alx_shape_count(sums->shape), "no such slot"));
    TRY(ops_require("fully connected update", algorithm->update != NULL,
                    "this algorithm keeps the gradient"));
    return algorithm->update(&update, grad_y, x, &g, scratch);
}
