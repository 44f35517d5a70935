/* job.h - what the ranks of a run do together. Each function does nothing where a process is alone,
 * unless it says otherwise. */
#ifndef TRAIN_JOB_JOB_H
#define TRAIN_JOB_JOB_H

#include "train/run.h"

/* agree.c */
/** Shards of a batch that several ranks share if the config says none: 8, or the next number that
 *  ranks and batch divide by. @return ALX_E_USAGE: there are too few for so many ranks */
int train_job_settle(alx_train_config *config, const alx_comm *comm) ALX_MUST_USE;
/** Refuses ranks of another version, config, checkpoint or data than rank 0's, with their names. */
int train_job_compare_input(train_run *run) ALX_MUST_USE;
/** Ranks that compute in another way, whose numbers would be others. */
int train_job_compare_ways(train_run *run) ALX_MUST_USE;
/** Ranks whose weights have become others: copies must be equal. */
int train_job_compare_weights(train_run *run) ALX_MUST_USE;

/* spread.c */
/** Values and momenta of rank 0 to all. */
int train_job_spread_net(train_run *run) ALX_MUST_USE;
/** Rank 0's numbers where processors may round differently, or only it knows the run's folder. */
int train_job_spread_state(train_run *run) ALX_MUST_USE;

/* update.c */
/** All images of an update, from those of this rank; also alone. */
int train_job_count_images(train_run *run, int *images) ALX_MUST_USE;
/** After the passes of an update: adds what all of them say, in their order, to the epoch's sums,
 *  and gives the update's; learns whether any rank must stop. Also alone. */
int train_job_gather_scores(train_run *run, alx_score *sums) ALX_MUST_USE;
/** After the backward passes: the gradients of all. */
int train_job_sum_gradients(train_run *run, int shards) ALX_MUST_USE;

/* scoring.c */
/** alx_evaluate's score of `set`, each rank's batches by itself. Not for one that is alone. */
int train_job_score(train_run *run, alx_score *out, const alx_dataset *set,
                    const alx_subset *subset) ALX_MUST_USE;

#endif
