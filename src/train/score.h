/* score.h - adds a batch to running sums. */
#ifndef TRAIN_SCORE_H
#define TRAIN_SCORE_H

#include "alexnet/train.h"

/** Counts a batch's images, losses (as a sum) and ranks. @return the sum of its losses */
double train_score_add(alx_score *sums, const alx_batch *batch, const float *loss,
                       const int32_t *rank);
/** Adds sums to sums. */
void train_score_merge(alx_score *sums, const alx_score *more);
/** alx_evaluate that gives also the sums of each batch, their losses not divided. */
int train_score_batches(alx_score *score, alx_score *each, alx_net *net, alx_feeder *feeder,
                        alx_loader *loader, alx_on_batch *on_batch, void *user) ALX_MUST_USE;
/** The sums with the mean loss in place of its sum. */
alx_score train_score_mean(alx_score sums);

/** What a network tells apart: the outputs of its last stage. */
int train_net_classes(const alx_net *net);

#endif
