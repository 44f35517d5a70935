/* votes.c - probabilities of several views and networks on the same images, averaged and scored
 * (paper, section 4.1: ten crops; section 6: several networks). */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/try.h"
#include "train/score.h"

int alx_votes_create(alx_votes *out, size_t capacity, int classes)
{
    *out = (alx_votes){ .capacity = capacity, .classes = classes };
    out->index = calloc(capacity > 0 ? capacity : 1, sizeof *out->index);
    out->labels = calloc(capacity > 0 ? capacity : 1, sizeof *out->labels);
    out->prob = calloc(capacity > 0 ? capacity * (size_t)classes : 1, sizeof *out->prob);
    if (out->index == NULL || out->labels == NULL || out->prob == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu x %d probabilities", capacity,
                        classes);
    return 0;
}

void alx_votes_free(alx_votes *votes)
{
    free(votes->index);
    free(votes->labels);
    free(votes->prob);
    *votes = (alx_votes){ 0 };
}

/* ---- casting ------------------------------------------------------------------------------- */

/* One network's pass over the images. */
typedef struct votes_pass {
    alx_votes *votes;
    alx_net *net;
    alx_feeder *feeder;
    const alx_crop *views;
    int view_count;
    float share;
    alx_crop *crops; /* batch entries, all of one view */
    float *prob;     /* batch x classes */
    size_t row;      /* of the next image */
} votes_pass;

/* The first network enters the images, the others must find the same ones. */
static int enter_images(votes_pass *pass, const alx_batch *batch)
{
    alx_votes *votes = pass->votes;

    for (size_t i = 0; i < (size_t)batch->count; ++i) {
        const size_t row = pass->row + i;

        if (row < votes->images && votes->index[row] == batch->index[i])
            continue;
        if (votes->networks > 0 || row >= votes->capacity)
            return alx_fail(ALX_E_DATA, "the images changed between two passes over them");
        votes->index[row] = batch->index[i];
        votes->labels[row] = batch->labels[i];
        votes->images = row + 1;
    }
    return 0;
}

static int cast_view(votes_pass *pass, const alx_batch *batch)
{
    const alx_step step = { .training = false, .images = batch->count };
    const size_t classes = (size_t)pass->votes->classes;
    float *sums = pass->votes->prob + pass->row * classes;

    TRY(alx_feeder_put(pass->feeder, batch, false));
    TRY(alx_net_forward(pass->net, &step));
    TRY(alx_net_read_prob(pass->net, pass->prob));
    for (size_t i = 0; i < (size_t)batch->count * classes; ++i)
        sums[i] += pass->share * pass->prob[i];
    return 0;
}

static int cast_batch(votes_pass *pass, const alx_batch *batch)
{
    const int capacity = alx_net_get_options(pass->net)->batch;
    alx_batch view = *batch;
    int rc = 0;

    TRY_DONE(enter_images(pass, batch));
    if (pass->views == NULL)
        TRY_DONE(cast_view(pass, batch));
    for (int v = 0; v < pass->view_count && pass->views != NULL; ++v) {
        for (int i = 0; i < capacity; ++i)
            pass->crops[i] = pass->views[v];
        view.crops = pass->crops;
        TRY_DONE(cast_view(pass, &view));
    }
    pass->row += (size_t)batch->count;
done:
    if (rc != 0)
        alx_feeder_wait(pass->feeder);
    return rc;
}

int alx_votes_cast(alx_votes *votes, alx_net *net, alx_feeder *feeder, alx_loader *loader,
                   const alx_crop *views, int view_count, double weight, alx_on_batch *on_batch,
                   void *user)
{
    const size_t batch_size = (size_t)alx_net_get_options(net)->batch;
    const size_t total = alx_loader_batches(loader);
    votes_pass pass = { .votes = votes,
                        .net = net,
                        .feeder = feeder,
                        .views = views,
                        .view_count = view_count,
                        .share = (float)(weight / (views != NULL ? view_count : 1)) };
    int rc = 0;

    if (train_net_classes(net) != votes->classes)
        return alx_fail(ALX_E_DATA, "a network of %d classes among those of %d",
                        train_net_classes(net), votes->classes);
    pass.crops = calloc(batch_size, sizeof *pass.crops);
    pass.prob = malloc(batch_size * (size_t)votes->classes * sizeof *pass.prob);
    if (pass.crops == NULL || pass.prob == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory to evaluate");
        goto done;
    }
    for (size_t i = 0; i < total; ++i) {
        alx_batch batch;

        TRY_DONE(alx_loader_next(loader, &batch));
        rc = cast_batch(&pass, &batch);
        if (rc == 0 && on_batch != NULL)
            rc = on_batch(&batch, i + 1, total, user);
        alx_loader_release(loader, &batch);
        TRY_DONE(rc);
    }
    if (pass.row != votes->images)
        rc = alx_fail(ALX_E_DATA, "the images changed between two passes over them");
    ++votes->networks;
done:
    free(pass.crops);
    free(pass.prob);
    return rc;
}

/* ---- counting ------------------------------------------------------------------------------ */

int alx_rank(const float *prob, int classes, int label)
{
    int beaten = 0;

    if (label < 0 || label >= classes)
        return classes;
    for (int c = 0; c < classes; ++c) {
        if (isnan(prob[c]))
            return classes;
        beaten += prob[c] > prob[label] || (prob[c] == prob[label] && c < label);
    }
    return beaten;
}

int alx_next_class(const float *prob, int classes, int last)
{
    int best = -1;

    for (int c = 0; c < classes; ++c) {
        const bool later = last < 0 || prob[c] < prob[last] || (prob[c] == prob[last] && c > last);

        if (later && (best < 0 || prob[c] > prob[best]))
            best = c;
    }
    return best;
}

double alx_surprise(float prob)
{
    return prob < FLT_MIN ? -log((double)FLT_MIN) : -log((double)prob);
}

alx_score alx_votes_score(const alx_votes *votes)
{
    alx_score score = { .images = votes->images };

    for (size_t i = 0; i < votes->images; ++i) {
        const float *prob = votes->prob + i * (size_t)votes->classes;
        const int rank = alx_rank(prob, votes->classes, votes->labels[i]);

        score.top1 += rank < 1;
        score.top5 += rank < 5;
        score.loss += alx_surprise(prob[votes->labels[i]]);
    }
    if (score.images > 0)
        score.loss /= (double)score.images;
    return score;
}
