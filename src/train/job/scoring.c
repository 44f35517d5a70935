/* scoring.c - evaluation shared by the ranks of a run: batch i is rank i modulo their number's. */
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "train/job/job.h"
#include "train/score.h"

typedef struct sharing {
    size_t batches, most; /* of all, of a rank */
    alx_score *own, *all; /* own: `most`, and one whose images say whether to stop */
} sharing;

static int allocate(sharing *s, size_t ranks)
{
    s->own = calloc(s->most + 1, sizeof *s->own);
    s->all = calloc((s->most + 1) * ranks, sizeof *s->all);
    if (s->own == NULL || s->all == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the scores of %zu batches",
                        s->batches);
    return 0;
}

static int score_own(train_run *run, sharing *s, const alx_dataset *set, const alx_subset *subset)
{
    alx_loader *loader = NULL;
    alx_score sums;
    int rc = 0;

    if ((size_t)alx_comm_rank(run->options->comm) >= s->batches)
        return 0;
    TRY_DONE(train_run_score_loader(&loader, run, run->options->comm, set, subset));
    TRY_DONE(train_score_batches(&sums, s->own, run->net, run->feeder, loader,
                                 train_run_watch_scoring, run));
done:
    alx_loader_free(loader);
    return rc;
}

/* In the order of the batches, as one process adds them. */
static void add(alx_score *out, const sharing *s, size_t ranks)
{
    alx_score sums = { 0 };

    for (size_t i = 0; i < s->batches; ++i)
        train_score_merge(&sums, &s->all[i % ranks * (s->most + 1) + i / ranks]);
    *out = train_score_mean(sums);
}

int train_job_score(train_run *run, alx_score *out, const alx_dataset *set,
                    const alx_subset *subset)
{
    const size_t ranks = (size_t)alx_comm_size(run->options->comm);
    const size_t batch = (size_t)alx_net_get_options(run->net)->batch;
    sharing s = { .batches = (subset->count + batch - 1) / batch };
    int rc = 0;

    s.most = (s.batches + ranks - 1) / ranks;
    TRY_DONE(allocate(&s, ranks));
    rc = score_own(run, &s, set, subset);
    if (rc != 0 && rc != ALX_E_INTERRUPTED)
        goto done;
    s.own[s.most].images = rc == ALX_E_INTERRUPTED;
    TRY_DONE(alx_comm_gather(run->options->comm, s.all, s.own, (s.most + 1) * sizeof *s.own));
    for (size_t rank = 0; rank < ranks && rc == 0; ++rank)
        if (s.all[(rank + 1) * (s.most + 1) - 1].images > 0)
            rc = alx_fail(ALX_E_INTERRUPTED, "interrupted while scoring");
    add(out, &s, ranks);
done:
    free(s.own);
    free(s.all);
    return rc;
}
