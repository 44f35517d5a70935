/* passes.c - the passes that an update is made of. */
#include "alexnet/config.h"

#include "base/sum_tree.h"

int alx_pass_images(const alx_train_config *train)
{
    return train->shards > 0 ? train->batch_size / train->shards : train->batch_size;
}

int alx_pass_count(const alx_train_config *train)
{
    return train->shards > 0 ? train->shards * train->grad_accum : train->grad_accum;
}

double alx_lr_factor(const alx_train_config *train)
{
    const double images = (double)train->batch_size * train->grad_accum;

    return train->scale_batch > 0 ? images / train->scale_batch : 1.0;
}

int alx_kept_gradients(const alx_train_config *train)
{
    return train->shards > 0 ? base_tree_most(0, alx_pass_count(train) - 1) : 0;
}
