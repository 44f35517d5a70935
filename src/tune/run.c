/* run.c - a whole search: CLBlast as it comes and our kernels; then CLBlast's parameters, and
 * CLBlast with the best of them. */
#include "tune/tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/try.h"

static bool is_clblast(const char *only)
{
    return only != NULL && strcmp(only, ALX_TUNE_CLBLAST) == 0;
}

int alx_tune_open(alx_tune *tune, const alx_net_config *net, int batch, const char *only)
{
    alx_graph *graph = NULL;
    int rc = 0;

    TRY_DONE(alx_rows_check_file(tune->rows));
    TRY_DONE(alx_graph_create(&graph, net));
    TRY_DONE(tune_list(tune, graph, batch, is_clblast(only) ? NULL : only));
done:
    alx_graph_free(graph);
    return rc;
}

int alx_tune_run(alx_tune *tune, const char *only)
{
    bool tuned = false;

    tune->deadline = tune->budget_seconds > 0.0 ? base_seconds() + tune->budget_seconds : INFINITY;
    if (!is_clblast(only))
        TRY(tune_search(tune));
    if (tune->stopped || (only != NULL && !is_clblast(only)))
        return 0;
    TRY(tune_clblast(tune, &tuned));
    if (!tuned || is_clblast(only))
        return 0;
    tune_add_clblast_ways(tune);
    return tune->stopped ? 0 : tune_search(tune);
}

void alx_tune_close(alx_tune *tune)
{
    free(tune->problems);
    tune->problems = NULL;
    tune->problem_count = 0;
}
