/* spread.c - what rank 0 knows, to all. */
#include <stdlib.h>

#include "base/try.h"
#include "train/job/job.h"

static int spread_param(train_run *run, size_t index, alx_param_what what, float *data,
                        size_t count)
{
    alx_comm *comm = run->options->comm;

    if (alx_comm_rank(comm) == 0)
        TRY(alx_net_get_param(run->net, index, what, data));
    TRY(alx_comm_spread(comm, data, count * sizeof *data));
    if (alx_comm_rank(comm) == 0)
        return 0;
    return alx_net_set_param(run->net, index, what, data);
}

int train_job_spread_net(train_run *run)
{
    size_t count = 0, most = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(run->net), &count);
    float *data = NULL;
    int rc = 0;

    if (run->options->comm == NULL)
        return 0;
    for (size_t i = 0; i < count; ++i)
        most = params[i].count > most ? params[i].count : most;
    data = malloc(most * sizeof *data);
    if (data == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for weights");
    for (size_t i = 0; i < count; ++i) {
        TRY_DONE(spread_param(run, i, ALX_PARAM_VALUE, data, params[i].count));
        TRY_DONE(spread_param(run, i, ALX_PARAM_MOMENTUM, data, params[i].count));
    }
done:
    free(data);
    return rc;
}

int train_job_spread_state(train_run *run)
{
    alx_checkpoint *state = &run->state;
    alx_statistics *statistics = &state->statistics, first = *statistics;
    struct {
        double best_error;
        size_t best_epoch;
    } best = { state->best_error, state->best_epoch };

    TRY(alx_comm_spread(run->options->comm, &best, sizeof best));
    TRY(alx_comm_spread(run->options->comm, &first, sizeof first));
    first.mean_image = statistics->mean_image; /* the same everywhere, as has been compared */
    *statistics = first;
    state->best_error = best.best_error;
    state->best_epoch = best.best_epoch;
    return 0;
}
