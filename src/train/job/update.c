/* update.c - an update of several ranks: images, scores and gradients of all. */
#include <stdlib.h>

#include "base/try.h"
#include "train/job/job.h"
#include "train/score.h"

int train_job_count_images(train_run *run, int *images)
{
    const size_t size = (size_t)alx_comm_size(run->options->comm);
    int *all = calloc(size, sizeof *all), own = *images, rc = 0;

    if (all == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to count images");
    TRY_DONE(alx_comm_gather(run->options->comm, all, &own, sizeof own));
    *images = 0;
    for (size_t rank = 0; rank < size; ++rank)
        *images += all[rank];
done:
    free(all);
    return rc;
}

/* ---- scores -------------------------------------------------------------------------------- */

/* What a rank says after its passes; the scores of `own_most` passes follow. */
typedef struct word {
    double lr; /* rank 0's counts: processors may round it differently */
    int stop;
} word;

static size_t word_bytes(const train_run *run)
{
    return sizeof(word) + (size_t)run->own_most * sizeof(alx_score);
}

/* In the order of the shards, whoever computed them. */
static void add_scores(train_run *run, alx_score *sums, const char *said)
{
    const int passes = alx_pass_count(&run->state.config.train);

    for (int rank = 0; rank < alx_comm_size(run->options->comm); ++rank) {
        const char *at = said + (size_t)rank * word_bytes(run);
        const word *w = (const void *)at;
        const alx_score *scores = (const void *)(at + sizeof *w);
        int first, end;

        run->stop = run->stop || w->stop;
        alx_comm_share(run->options->comm, rank, passes, &first, &end);
        for (int i = 0; i < end - first; ++i) {
            train_score_merge(&run->state.sums, &scores[i]);
            train_score_merge(sums, &scores[i]);
        }
    }
    run->state.step_lr = ((const word *)(const void *)said)->lr;
}

int train_job_gather_scores(train_run *run, alx_score *sums)
{
    const size_t bytes = word_bytes(run), size = (size_t)alx_comm_size(run->options->comm);
    word *own = calloc(1, bytes);
    char *all = calloc(size, bytes);
    int rc = 0;

    *sums = (alx_score){ 0 };
    if (own == NULL || all == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for the scores of an update");
        goto done;
    }
    own->lr = run->state.step_lr;
    own->stop = train_run_asked_to_stop(run);
    for (int i = 0; i < run->own_most; ++i)
        ((alx_score *)(void *)(own + 1))[i] = run->scores[i];
    TRY_DONE(alx_comm_gather(run->options->comm, all, own, bytes));
    add_scores(run, sums, all);
done:
    free(all);
    free(own);
    return rc;
}

/* ---- gradients ----------------------------------------------------------------------------- */

int train_job_sum_gradients(train_run *run, int shards)
{
    alx_comm *comm = run->options->comm;
    const size_t count = alx_net_gradient_count(run->net);
    const int sums = run->shards.count;
    const float *own[BASE_TREE_SUMS];
    void *memory = NULL;

    if (comm == NULL)
        return 0;
    TRY(alx_comm_memory(&memory, comm, ((size_t)sums + 1) * count * sizeof(float)));
    float *out = memory;
    for (int i = 0; i < sums; ++i) {
        float *sum = out + ((size_t)i + 1) * count;

        TRY(alx_net_read_gradients(run->net, i + 1 < sums ? i : ALX_LAST_GRADIENTS, sum));
        own[i] = sum;
    }
    TRY(alx_comm_sum(comm, out, own, shards, alx_pass_count(&run->state.config.train), count));
    return alx_net_write_gradients(run->net, out);
}
