/* tuning.c - what the tuning rows of its devices make of a network. */
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/try.h"

void alx_pass_problem(char problem[ALX_PROBLEM_BYTES], const alx_pass_info *info)
{
    problem[0] = '\0';
    if (info->work == ALX_WORK_CONV)
        alx_op_conv2d_problem(problem, info->pass, info->in, info->out, &info->conv);
    else if (info->work == ALX_WORK_FC)
        alx_op_fc_problem(problem, info->pass, info->in.h * info->in.w * info->in.c, info->out.c);
}

const alx_row *alx_pass_row(const alx_chooser *by, const alx_pass_info *info)
{
    const bool tuned = info->work == ALX_WORK_CONV
                           ? by->algorithms.conv == ALX_CONV_TUNED
                           : info->work == ALX_WORK_FC && by->algorithms.gemm == ALX_GEMM_TUNED;
    char problem[ALX_PROBLEM_BYTES];

    alx_pass_problem(problem, info);
    return tuned ? alx_rows_find(by->rows, problem, info->in.n) : NULL;
}

int alx_net_is_untuned(bool *out, const alx_net_config *config, int batch, const alx_chooser *by)
{
    alx_graph *graph = NULL;
    alx_pass_info *passes = NULL;
    size_t count = 0;
    int rc = 0;

    *out = true;
    TRY_DONE(alx_graph_create(&graph, config));
    TRY_DONE(alx_graph_passes(&passes, &count, graph, batch, true));
    for (size_t i = 0; i < count && *out; ++i)
        *out = alx_pass_row(by, &passes[i]) == NULL;
done:
    free(passes);
    alx_graph_free(graph);
    return rc;
}

/* Adds what a row says, if there is one; true then. */
static bool hash_row(base_hash *hash, const alx_row *row)
{
    if (row == NULL)
        return false;
    base_hash_update(hash, row->problem, strlen(row->problem) + 1);
    base_hash_update(hash, row->choice, strlen(row->choice) + 1);
    return true;
}

static bool hash_device(base_hash *hash, const alx_net *net, int dev, const alx_pass_info *passes,
                        size_t count)
{
    char problem[ALX_PROBLEM_BYTES];
    bool any = false;

    for (size_t i = 0; i < count; ++i)
        any |= hash_row(hash, alx_pass_row(&net->choosers[dev], &passes[i]));
    for (size_t i = 0; alx_clblast_kernels[i] != NULL; ++i) {
        snprintf(problem, sizeof problem, "clblast %s", alx_clblast_kernels[i]);
        any |= hash_row(hash, alx_rows_find(net->choosers[dev].rows, problem, 0));
    }
    return any;
}

int alx_net_tuning(char hex[33], const alx_net *net)
{
    alx_pass_info *passes = NULL;
    base_hash *hash = NULL;
    size_t count = 0;
    int rc = 0;

    hex[0] = '\0';
    TRY_DONE(
        alx_graph_passes(&passes, &count, net->graph, net->options.batch, net->options.training));
    TRY_DONE(base_hash_create(&hash));
    /* two of a kind have the same rows, and give the bits of one */
    if (hash_device(hash, net, 0, passes, count))
        base_hash_hex(hash, hex);
done:
    base_hash_free(hash);
    free(passes);
    return rc;
}
