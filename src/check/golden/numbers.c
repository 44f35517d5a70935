/* numbers.c - pseudo-random numbers, orders of axes, and tolerances of the golden set. */
#include "check/golden/golden.h"

#include <math.h>
#include <string.h>

/* ---- pseudo-random numbers, section 2 ------------------------------------------------------- */

uint32_t golden_hash24(uint64_t seed, uint64_t index)
{
    uint64_t z = (seed << 32) + index + 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ (z >> 31)) >> 40);
}

float golden_uniform(uint64_t seed, uint64_t index, float a)
{
    return (2.0f * ((float)golden_hash24(seed, index) * 0x1p-24f) - 1.0f) * a;
}

int64_t golden_integer(uint64_t seed, uint64_t index, uint32_t bound)
{
    return (int64_t)(((uint64_t)golden_hash24(seed, index) * bound) >> 24);
}

/* ---- orders of axes ------------------------------------------------------------------------- */

const int golden_nchw_to_nhwc[4] = { 0, 2, 3, 1 }, golden_nhwc_to_nchw[4] = { 0, 3, 1, 2 };
const int golden_oihw_to_rsio[4] = { 2, 3, 1, 0 }, golden_rsio_to_oihw[4] = { 3, 2, 0, 1 };

void golden_permute(void *out, const void *in, const int dims[4], const int order[4])
{
    uint32_t *next = out;
    const uint32_t *source = in;
    const size_t size[4] = { (size_t)dims[0], (size_t)dims[1], (size_t)dims[2], (size_t)dims[3] };
    const size_t step[4] = { size[1] * size[2] * size[3], size[2] * size[3], size[3], 1 };

    for (size_t i = 0; i < size[order[0]]; ++i)
        for (size_t j = 0; j < size[order[1]]; ++j)
            for (size_t k = 0; k < size[order[2]]; ++k)
                for (size_t l = 0; l < size[order[3]]; ++l)
                    *next++ = source[i * step[order[0]] + j * step[order[1]] + k * step[order[2]] +
                                     l * step[order[3]]];
}

/* ---- tolerances ----------------------------------------------------------------------------- */

/* What PyTorch in float32 differs by (section 6 and f32_diff.json, the larger), by the beginning of
 * the quantity's name: the first that fits counts. Sums in another order scatter by about as much,
 * so ten times it is allowed; where nothing is rounded, nothing is. */
static const struct {
    const char *quantity;
    double float32;
    const char *why;
} classes[] = {
    { "conv2d.y", 5.6e-7, "sums of kernel^2 * channels products" },
    { "conv2d.d", 7.8e-7, "the same; dw and db also sum over pixels and images" },
    { "fc.y", 2.6e-7, "sums of up to 4096 products, of random signs" },
    { "fc.d", 7.5e-7, "sums of up to 1000 products that cancel more" },
    { "lrn.", 2.1e-7, "a power: within 16 units in the last place in OpenCL" },
    { "maxpool.dx", 8.5e-8, "sums of up to four gradients" },
    { "maxpool.", 0.0, "copies" },
    { "relu.", 0.0, "copies" },
    { "tanh.", 2.3e-7, "within 5 units in the last place in OpenCL; dx from y" },
    { "sigmoid.", 2.3e-7, "an exponential and a division" },
    { "softmax_xent.", 1.8e-7, "exponentials, a sum of up to 1000 of them, a logarithm" },
    { "sgd.v", 2.3e-7, "ten steps, each rounds three times" },
    { "sgd.", 1.7e-7, "ten steps, each rounds once more" },
    { "clip.", 1.3e-7, "a sum of squares, a square root, a division" },
    { "preprocess.", 9.2e-8, "a difference, and products with rounded 1/255 and 1/std" },
    { "pca.mean", 6.6e-7, "a sum over all pixels" },
    { "pca.covariance", 6.6e-7, "the same" },
    { "pca.eigenvalues", 6.6e-7, "follow the covariance" },
    { "pca.eigenvectors", 5.2e-6, "the covariance's rounding over the gap of the eigenvalues" },
    { "pca.projectors", 5.2e-6, "the same" },
    { "pca.", 2.0e-6, "terms of eigenvectors that weigh less than these" },
    { "tencrop.", 0.0, "copies" },
    { "nets.act", 8.8e-7, "up to eight layers of sums" },
    { "nets.prob", 8.8e-7, "follow the logits" },
    { "nets.grad", 1.3e-6, "the layers forward and back" },
    { "nets.losses", 2.2e-7, "means of logarithms; ten updates" },
    { "nets.final/change", 4.7e-6, "ten gradients, against the largest change" },
    { "nets.final", 3.7e-7, "ten gradients times small rates, against the parameters" },
    { "full.act", 1.0e-6, "sums of up to 9216 products, eight layers" },
    { "full.logits", 1.0e-6, "the last of these layers" },
    { "full.moments", 3.4e-7, "mean over rms, and rms of an activation; its maximum is a value" },
    { "full.grad", 1.8e-6, "the layers forward and back" },
    { "full.norm", 1.5e-6, "l2 norm and maximum of a gradient" },
    { "full.losses", 3.5e-7, "means of logarithms; three updates" },
};

double golden_tolerance(const char *quantity)
{
    for (size_t i = 0; i < ALX_COUNT(classes); ++i)
        if (strncmp(quantity, classes[i].quantity, strlen(classes[i].quantity)) == 0)
            return 10.0 * classes[i].float32;
    return (double)NAN;
}
