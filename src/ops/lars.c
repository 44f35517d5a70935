/* lars.c - layer-wise rates from the norms of weights and gradients; kernel in cl/lars.cl. */
#include "ops/shared.h"

#include "base/try.h"

int alx_op_lars(const alx_tensor *rates, const alx_tensor *gradient_sums,
                const alx_tensor *weight_sums, const alx_tensor *slots,
                const alx_tensor *grad_scale, float eta, float weight_decay)
{
    const size_t count = alx_shape_count(rates->shape);
    const alx_arg args[] = { ALX_BUF(rates),         ALX_BUF(gradient_sums), ALX_BUF(weight_sums),
                             ALX_BUF(slots),         ALX_BUF(grad_scale),    ALX_FLOAT(eta),
                             ALX_FLOAT(weight_decay) };
    const alx_grid grid = { .global = { count, 1, 1 }, .local = { 1, 1, 1 } };

    TRY(ops_same_shape("lars", rates, gradient_sums));
    TRY(ops_same_shape("lars", rates, weight_sums));
    TRY(ops_require("lars",
                    alx_shape_count(slots->shape) * sizeof(float) == count * sizeof(alx_lars_slot),
                    "a slot for each rate"));
    return alx_launch(rates->dev, "lars", "lars_rates", "", args, ALX_COUNT(args), &grid);
}
