/* model.h - what a model tells the files that look at images with it. */
#ifndef TRAIN_MODEL_H
#define TRAIN_MODEL_H

#include "alexnet/model.h"

/** Forgets alx_model_rows, and has room for `most`. */
int train_model_clear_rows(alx_model *model, size_t most) ALX_MUST_USE;
void train_model_add_rows(alx_model *model, const alx_batch *batch);

/* stage.c */
/** Finds a stage, a node of alx_graph_layers, of a model that is built.
 *  @param wanted  NULL = what the last layer sees, but for dropout
 *  @return 0; ALX_E_USAGE: there is none, with the names that there are */
int train_model_stage(size_t *node, const alx_model *model, const char *wanted) ALX_MUST_USE;
/** @return 0; ALX_E_USAGE if the model is not built */
int train_model_check_built(const alx_model *model) ALX_MUST_USE;

#endif
