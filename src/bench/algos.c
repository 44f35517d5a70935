/* algos.c - every pass that has a choice with every algorithm, each alone. */
#include "bench/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "alexnet/log.h"
#include "base/try.h"

/* Without AUTO, and TUNED, which picks among them. */
enum {
    CONV_ALGORITHMS = ALX_CONV_TUNED - 1,
    GEMM_ALGORITHMS = ALX_GEMM_TUNED - 1,
    MOST_ALGORITHMS = CONV_ALGORITHMS > (int)GEMM_ALGORITHMS ? CONV_ALGORITHMS : GEMM_ALGORITHMS,
};

typedef struct algos_list {
    const alx_bench_setup *setup;
    const char *only;
    alx_bench_op *ops;
    size_t count;
} algos_list;

/* Adds nothing where this device or shape does without the algorithm. */
static int time_algorithm(algos_list *list, const alx_pass_info *pass, int parts,
                          alx_algorithms algorithms)
{
    const alx_bench_setup *setup = list->setup;
    const alx_chooser by = alx_chooser_of(setup->devs[0],
                                          setup->rows != NULL ? setup->rows[0] : NULL, algorithms);
    const bool conv = pass->work == ALX_WORK_CONV;
    alx_bench_op *op = &list->ops[list->count];
    int rc = 0;

    *op = (alx_bench_op){ .flops = parts * pass->flops, .bytes = parts * pass->bytes };
    bench_split_label(op->layer, op->pass, pass->label);
    snprintf(op->how, sizeof op->how, "%s",
             conv ? alx_conv_algo_name(algorithms.conv) : alx_gemm_algo_name(algorithms.gemm));
    if (!alx_bench_names(list->only, op->layer, op->pass))
        return 0;
    rc = alx_bench_pass(&op->times, pass, &by, list->setup->iterations);
    if (rc == ALX_E_USAGE) {
        alx_info("%s %s: %s", pass->label, op->how, alx_status_text(rc));
        return 0;
    }
    op->times.median_ms *= parts;
    op->times.min_ms *= parts;
    op->times.max_ms *= parts;
    list->count += rc == 0;
    return rc;
}

static int time_pass(algos_list *list, const alx_pass_info *pass, int parts)
{
    const int count = pass->work == ALX_WORK_CONV ? CONV_ALGORITHMS : GEMM_ALGORITHMS;

    for (int i = 1; i <= count; ++i)
        TRY(time_algorithm(list, pass, parts,
                           (alx_algorithms){ (alx_conv_algo)i, (alx_gemm_algo)i, false }));
    return 0;
}

int alx_bench_algos(alx_bench_op **ops, size_t *count, const alx_bench_setup *setup,
                    const char *only, void (*on_pass)(size_t done, size_t total))
{
    algos_list list = { .setup = setup, .only = only };
    alx_graph *graph = NULL;
    alx_pass_info *passes = NULL;
    size_t pass_count = 0, stage_count = 0;
    int rc = 0;

    *ops = NULL;
    *count = 0;
    TRY_DONE(alx_graph_create(&graph, &setup->config->net));
    TRY_DONE(alx_graph_passes(&passes, &pass_count, graph, setup->config->train.batch_size, true));
    const alx_layer_info *stages = alx_graph_layers(graph, &stage_count);

    list.ops = calloc(pass_count * MOST_ALGORITHMS, sizeof *list.ops);
    if (list.ops == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu passes", pass_count);
        goto done;
    }
    for (size_t i = 0; i < pass_count; ++i) {
        if (passes[i].work == ALX_WORK_OTHER || passes[i].part > 0)
            continue;
        if (on_pass != NULL)
            on_pass(i, pass_count);
        TRY_DONE(time_pass(&list, &passes[i], stages[passes[i].node].parts));
    }
    *ops = list.ops;
    *count = list.count;
    list.ops = NULL;
done:
    free(list.ops);
    free(passes);
    alx_graph_free(graph);
    return rc;
}
