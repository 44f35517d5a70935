/* score.c - a loader's epoch through a net; its loss, top-1 and top-5. */
#include <stdlib.h>

#include "base/try.h"
#include "train/feeder.h"
#include "train/score.h"

double train_score_add(alx_score *sums, const alx_batch *batch, const float *loss,
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

void train_score_merge(alx_score *sums, const alx_score *more)
{
    sums->images += more->images;
    sums->top1 += more->top1;
    sums->top5 += more->top5;
    sums->loss += more->loss;
}

alx_score train_score_mean(alx_score sums)
{
    if (sums.images > 0)
        sums.loss /= (double)sums.images;
    return sums;
}

int train_net_classes(const alx_net *net)
{
    size_t count = 0;
    const alx_layer_info *stages = alx_graph_layers(alx_net_graph(net), &count);

    return stages[count - 1].whole.c;
}

/* ---- forward ------------------------------------------------------------------------------- */

static int forward_batch(alx_net *net, alx_feeder *feeder, const alx_batch *batch)
{
    const alx_step step = { .training = false, .images = batch->count };

    TRY(alx_feeder_put(feeder, batch, false));
    return alx_net_forward(net, &step);
}

int alx_forward_epoch(alx_net *net, alx_feeder *feeder, alx_loader *loader,
                      alx_on_forward *on_forward, void *user)
{
    const size_t total = alx_loader_batches(loader);
    int rc = 0;

    for (size_t i = 0; i < total && rc == 0; ++i) {
        alx_batch batch;

        TRY(alx_loader_next(loader, &batch));
        rc = forward_batch(net, feeder, &batch);
        if (rc == 0)
            rc = on_forward(net, &batch, i + 1, total, user);
        if (rc == 0) /* whatever was read: the batch may still be on its way */
            rc = train_feeder_finish(feeder);
        else
            alx_feeder_wait(feeder);
        alx_loader_release(loader, &batch);
    }
    return rc;
}

/* ---- scores -------------------------------------------------------------------------------- */

typedef struct scoring {
    alx_score sums, *each; /* each: batch's own, or NULL */
    float *loss, *prob;    /* of a batch */
    int32_t *rank;
    size_t classes;
    float *all_prob;
    alx_on_batch *on_batch;
    void *user;
} scoring;

static int score_batch(alx_net *net, const alx_batch *batch, size_t done, size_t total, void *user)
{
    scoring *s = user;
    const size_t first = s->sums.images * s->classes;

    TRY(alx_net_read_loss(net, s->loss, s->rank));
    if (s->all_prob != NULL) {
        TRY(alx_net_read_prob(net, s->prob));
        for (size_t i = 0; i < (size_t)batch->count * s->classes; ++i)
            s->all_prob[first + i] = s->prob[i];
    }
    alx_score own = { 0 };

    train_score_add(&own, batch, s->loss, s->rank);
    train_score_merge(&s->sums, &own);
    if (s->each != NULL)
        s->each[done - 1] = own;
    if (s->on_batch != NULL)
        return s->on_batch(batch, done, total, s->user);
    return 0;
}

static int evaluate(alx_score *score, alx_net *net, alx_feeder *feeder, alx_loader *loader,
                    scoring s)
{
    const size_t batch_size = (size_t)alx_net_get_options(net)->batch;
    int rc = 0;

    s.classes = (size_t)train_net_classes(net);
    s.loss = malloc(batch_size * sizeof *s.loss);
    s.rank = malloc(batch_size * sizeof *s.rank);
    s.prob = malloc(batch_size * s.classes * sizeof *s.prob);
    if (s.loss == NULL || s.rank == NULL || s.prob == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory to evaluate");
        goto done;
    }
    TRY_DONE(alx_forward_epoch(net, feeder, loader, score_batch, &s));
    *score = train_score_mean(s.sums);
done:
    free(s.prob);
    free(s.rank);
    free(s.loss);
    return rc;
}

int alx_evaluate(alx_score *score, alx_net *net, alx_feeder *feeder, alx_loader *loader,
                 float *prob, alx_on_batch *on_batch, void *user)
{
    return evaluate(score, net, feeder, loader,
                    (scoring){ .all_prob = prob, .on_batch = on_batch, .user = user });
}

int train_score_batches(alx_score *score, alx_score *each, alx_net *net, alx_feeder *feeder,
                        alx_loader *loader, alx_on_batch *on_batch, void *user)
{
    return evaluate(score, net, feeder, loader,
                    (scoring){ .each = each, .on_batch = on_batch, .user = user });
}
