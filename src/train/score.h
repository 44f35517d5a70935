/* score.h - adds a batch to running sums. */
#ifndef TRAIN_SCORE_H
#define TRAIN_SCORE_H

#include "alexnet/train.h"

/** Counts a batch's images, losses (as a sum) and ranks. @return the sum of its losses */
double train_score_add(alx_score *sums, const alx_batch *batch, const float *loss,
                       const int32_t *rank);
/** The sums with the mean loss in place of its sum. */
alx_score train_score_mean(alx_score sums);

/** What a network tells apart: the outputs of its last stage. */
int train_net_classes(const alx_net *net);

#endif
