/* names.c - names of the algorithms of convolution and matrix product, and of what they compute. */
#include "ops/choose/choose.h"

#include <stdio.h>
#include <string.h>

const char *const alx_pass_names[] = { "forward", "grad-input", "grad-weight" };

static const char *const conv_names[] = {
    [ALX_CONV_AUTO] = "auto",   [ALX_CONV_IM2COL] = "im2col",
    [ALX_CONV_VEC] = "vec",     [ALX_CONV_WINOGRAD] = "winograd",
    [ALX_CONV_TILE] = "tile",   [ALX_CONV_TILE_WINOGRAD] = "tile-winograd",
    [ALX_CONV_TUNED] = "tuned",
};
static const char *const gemm_names[] = {
    [ALX_GEMM_AUTO] = "auto", [ALX_GEMM_CLBLAST] = "clblast", [ALX_GEMM_VEC] = "vec",
    [ALX_GEMM_TILE] = "tile", [ALX_GEMM_TUNED] = "tuned",
};

bool alx_conv_algo_is_exact(alx_conv_algo algo)
{
    return algo != ALX_CONV_WINOGRAD && algo != ALX_CONV_TILE_WINOGRAD && algo != ALX_CONV_TUNED;
}

const char *alx_conv_algo_name(alx_conv_algo algo)
{
    return (size_t)algo < ALX_COUNT(conv_names) ? conv_names[algo] : "?";
}

const char *alx_gemm_algo_name(alx_gemm_algo algo)
{
    return (size_t)algo < ALX_COUNT(gemm_names) ? gemm_names[algo] : "?";
}

/* Index of `text` among the names, or ALX_E_USAGE with all of them. */
static int name_find(const char *what, const char *const *names, size_t count, const char *text)
{
    char list[128] = "";

    for (size_t i = 0; i < count; ++i) {
        const size_t used = strlen(list);

        if (strcmp(names[i], text) == 0)
            return (int)i;
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    return alx_fail(ALX_E_USAGE, "%s: no algorithm '%s', there are %s", what, text, list);
}

int alx_conv_algo_parse(alx_conv_algo *out, const char *text)
{
    const int found = name_find("convolution", conv_names, ALX_COUNT(conv_names), text);

    *out = found >= 0 ? (alx_conv_algo)found : ALX_CONV_AUTO;
    return found >= 0 ? 0 : found;
}

int alx_gemm_algo_parse(alx_gemm_algo *out, const char *text)
{
    const int found = name_find("matrix product", gemm_names, ALX_COUNT(gemm_names), text);

    *out = found >= 0 ? (alx_gemm_algo)found : ALX_GEMM_AUTO;
    return found >= 0 ? 0 : found;
}

void alx_op_conv2d_problem(char problem[ALX_PROBLEM_BYTES], alx_pass pass, alx_shape in,
                           alx_shape out, const alx_conv2d_params *p)
{
    snprintf(problem, ALX_PROBLEM_BYTES, OPS_CONV_PROBLEM, alx_pass_names[pass], in.h, in.w, in.c,
             out.h, out.w, out.c, p->kernel, p->stride, p->pad, p->groups);
}

void alx_op_fc_problem(char problem[ALX_PROBLEM_BYTES], alx_pass pass, int in, int out)
{
    snprintf(problem, ALX_PROBLEM_BYTES, OPS_FC_PROBLEM, alx_pass_names[pass], in, out);
}
