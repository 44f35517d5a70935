/* choose.c - how the passes of a network are computed: the one place where tuning rows are looked
 * up, once for each pass when a network is built. */
#include "ops/choose/choose.h"

#include <stdio.h>
#include <string.h>

bool ops_choice_is(const char **params, const char *choice, const char *name)
{
    const size_t length = strlen(name);

    *params = choice + length;
    return strncmp(choice, name, length) == 0 && (**params == ' ' || **params == '\0');
}

bool alx_conv_choice_parse(alx_conv_choice *out, const char *text)
{
    const char *params = NULL;

    for (int algo = ALX_CONV_AUTO + 1; algo < (int)ALX_CONV_TUNED; ++algo)
        if (ops_choice_is(&params, text, alx_conv_algo_name((alx_conv_algo)algo))) {
            *out = (alx_conv_choice){ (alx_conv_algo)algo, ops_params_parse(params) };
            return true;
        }
    return false;
}

bool alx_gemm_choice_parse(alx_gemm_choice *out, const char *text)
{
    const char *params = NULL;

    for (int algo = ALX_GEMM_AUTO + 1; algo < (int)ALX_GEMM_TUNED; ++algo)
        if (ops_choice_is(&params, text, alx_gemm_algo_name((alx_gemm_algo)algo))) {
            *out = (alx_gemm_choice){ (alx_gemm_algo)algo, ops_params_parse(params) };
            return true;
        }
    return false;
}

/* One set serves all products of a device. */
static alx_clblast_params clblast_of(const alx_rows *rows)
{
    alx_clblast_params params = { 0 };
    char problem[ALX_PROBLEM_BYTES];

    for (size_t i = 0; i < ALX_CLBLAST_KERNELS; ++i) {
        snprintf(problem, sizeof problem, OPS_CLBLAST_PROBLEM, alx_clblast_kernels[i]);
        const alx_row *row = alx_rows_find(rows, problem, 0);

        if (row != NULL)
            snprintf(params.set[i], sizeof params.set[i], "%s", row->choice);
    }
    return params;
}

alx_chooser alx_chooser_of(alx_device *dev, const alx_rows *rows, alx_algorithms asked)
{
    if (dev == NULL)
        return (alx_chooser){ .algorithms = asked };
    const alx_chooser by = { dev, rows, alx_algorithms_resolve(asked, dev, rows),
                             clblast_of(rows) };

    alx_chooser_use(&by);
    return by;
}

void alx_chooser_use(const alx_chooser *by)
{
    if (by->dev != NULL)
        alx_clblast_prefer(by->dev, &by->clblast);
}

alx_conv_choice alx_conv_choose(const alx_chooser *by, alx_pass pass, alx_shape in, alx_shape out,
                                const alx_conv2d_params *p)
{
    alx_conv_choice choice = { .algo = by->algorithms.conv };
    const alx_row *row = NULL;
    char problem[ALX_PROBLEM_BYTES];

    if (by->dev == NULL || choice.algo != ALX_CONV_TUNED)
        return choice;
    alx_op_conv2d_problem(problem, pass, in, out, p);
    row = alx_rows_find(by->rows, problem, in.n);
    if (row == NULL || !alx_conv_choice_parse(&choice, row->choice))
        choice.algo = ops_default_algorithms(by->dev, false).conv;
    return choice;
}

alx_gemm_choice alx_gemm_choose(const alx_chooser *by, alx_pass pass, int batch, int in, int out)
{
    alx_gemm_choice choice = { .algo = by->algorithms.gemm };
    const alx_row *row = NULL;
    char problem[ALX_PROBLEM_BYTES];

    if (by->dev == NULL || choice.algo != ALX_GEMM_TUNED)
        return choice;
    alx_op_fc_problem(problem, pass, in, out);
    row = alx_rows_find(by->rows, problem, batch);
    if (row == NULL || !alx_gemm_choice_parse(&choice, row->choice))
        choice.algo = ops_default_algorithms(by->dev, false).gemm;
    return choice;
}
