/* evaluate.c - loss, top-1 and top-5 of a net over a loader's epoch. */
#include <stdlib.h>

#include "train/score.h"

double alx_score_add(alx_score *sums, const alx_batch *batch, const float *loss,
                     const int32_t *rank)
{
    double sum = 0.0;

    for (int i = 0; i < batch->count; ++i) {
        sum += (double)loss[i];
        sums->top1 += rank[i] < 1;
        sums->top5 += rank[i] < 5;
    }
    sums->images += (size_t)batch->count;
    sums->loss += sum;
    return sum;
}

alx_score alx_score_mean(alx_score sums)
{
    if (sums.images > 0)
        sums.loss /= (double)sums.images;
    return sums;
}

/* Room for what comes back of one forward pass. */
typedef struct pass_results {
    float *loss, *prob; /* prob NULL = not wanted */
    int32_t *rank;
    size_t classes;
} pass_results;

static int score_batch(alx_score *sums, alx_net *net, alx_feeder *feeder, const alx_batch *batch,
                       const pass_results *results, float *prob)
{
    const alx_step step = { .training = false, .images = batch->count };
    const size_t first = sums->images * results->classes;
    int rc = 0;

    TRY(alx_feeder_put(feeder, batch, false));
    TRY(alx_net_forward(net, &step));
    TRY(alx_net_read_loss(net, results->loss, results->rank));
    if (prob != NULL) {
        TRY(alx_net_read_prob(net, results->prob));
        for (size_t i = 0; i < (size_t)batch->count * results->classes; ++i)
            prob[first + i] = results->prob[i];
    }
    alx_score_add(sums, batch, results->loss, results->rank);
done:
    return rc;
}

int alx_net_classes(const alx_net *net)
{
    size_t count = 0;
    const alx_stage_info *stages = alx_graph_stages(alx_net_graph(net), &count);

    return stages[count - 1].out.c;
}

int alx_evaluate(alx_score *score, alx_net *net, alx_feeder *feeder, alx_loader *loader,
                 float *prob, alx_on_batch *on_batch, void *user)
{
    const size_t batch_size = (size_t)alx_net_get_options(net)->batch;
    const size_t total = alx_loader_batches(loader);
    pass_results results = { .classes = (size_t)alx_net_classes(net) };
    alx_score sums = { 0 };
    int rc = 0;

    results.loss = malloc(batch_size * sizeof *results.loss);
    results.rank = malloc(batch_size * sizeof *results.rank);
    results.prob = malloc(batch_size * results.classes * sizeof *results.prob);
    if (results.loss == NULL || results.rank == NULL || results.prob == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory to evaluate");
        goto done;
    }
    for (size_t i = 0; i < total; ++i) {
        alx_batch batch;

        TRY(alx_loader_next(loader, &batch));
        rc = score_batch(&sums, net, feeder, &batch, &results, prob);
        if (rc != 0)
            alx_feeder_wait(feeder);
        else if (on_batch != NULL)
            rc = on_batch(&batch, i + 1, total, user);
        alx_loader_release(loader, &batch);
        TRY(rc);
    }
    *score = alx_score_mean(sums);
done:
    free(results.prob);
    free(results.rank);
    free(results.loss);
    return rc;
}
