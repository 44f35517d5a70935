/* softmax_loss.c - softmax with cross-entropy and ranks; kernels in cl/softmax_loss.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* One group per row on every device: the order of the sums is its items'. */
#define SOFTMAX_GROUP 64

static int softmax_rows(const char *op, const alx_tensor *vector, int rows)
{
    if (alx_shape_count(vector->shape) == (size_t)rows)
        return 0;
    return alx_fail(ALX_E_USAGE, "%s: %zu values for %d rows", op, alx_shape_count(vector->shape),
                    rows);
}

/* Rows of a (N,1,1,C) tensor; others count as N rows of H*W*C classes. */
static int softmax_classes(alx_shape s)
{
    return s.h * s.w * s.c;
}

int alx_op_softmax_loss(const alx_tensor *prob, const alx_tensor *loss, const alx_tensor *rank,
                        const alx_tensor *logits, const alx_tensor *labels)
{
    const int rows = logits->shape.n, classes = softmax_classes(logits->shape);

    TRY(ops_same_shape("softmax", prob, logits));
    TRY(ops_require("softmax", rows > 0 && classes > 0, "no rows or no classes"));
    TRY(softmax_rows("softmax loss", loss, rows));
    TRY(softmax_rows("softmax rank", rank, rows));
    TRY(softmax_rows("softmax labels", labels, rows));

    const alx_arg args[] = { ALX_BUF(prob),   ALX_BUF(loss),   ALX_BUF(rank),
                             ALX_BUF(logits), ALX_BUF(labels), ALX_INT(classes) };
    const alx_grid grid = { .global = { (size_t)rows * SOFTMAX_GROUP, 1, 1 },
                            .local = { SOFTMAX_GROUP, 1, 1 } };
    char options[64];

    snprintf(options, sizeof options, "-DVEC=1 -DWG=%d", SOFTMAX_GROUP);
    return alx_launch(prob->dev, "softmax_loss", "softmax_loss_forward", options, args,
                      ALX_COUNT(args), &grid);
}

int alx_op_softmax_loss_backward(const alx_tensor *grad_logits, const alx_tensor *prob,
                                 const alx_tensor *labels, float scale)
{
    const int classes = softmax_classes(prob->shape);
    const int vector = ops_channel_vector(prob->dev, classes);
    ops_split split;
    char options[64];

    TRY(ops_same_shape("softmax backward", grad_logits, prob));
    TRY(softmax_rows("softmax labels", labels, prob->shape.n));
    TRY(ops_split_units(&split, prob->dev, alx_shape_count(prob->shape) / (size_t)vector));
    snprintf(options, sizeof options, "-DVEC=%d -DWG=%d", vector, split.group);

    const alx_arg args[] = { ALX_BUF(grad_logits),        ALX_BUF(prob),    ALX_BUF(labels),
                             ALX_UINT((uint32_t)classes), ALX_FLOAT(scale), ALX_UINT(split.total),
                             ALX_UINT(split.run) };

    return alx_launch(prob->dev, "softmax_loss", "softmax_loss_backward", options, args,
                      ALX_COUNT(args), &split.grid);
}
