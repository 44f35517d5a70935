/* shards.c - the gradients of an update's shards, added in the tree's order. */
#include "base/try.h"
#include "train/job/job.h"
#include "train/run.h"

int train_shards_kept(const train_run *run)
{
    if (run->options->comm == NULL)
        return alx_kept_gradients(&run->state.config.train);
    return base_tree_most(run->own_first, run->own_end - 1);
}

/* Sum i of the tree is kept as set i, but the last, which lies in the gradients. */
static int add_last(train_run *run, int additions)
{
    for (int i = additions; i > 0; --i)
        TRY(alx_net_add_gradients(run->net, run->shards.count + i - 2));
    return 0;
}

void train_shards_begin(train_run *run)
{
    run->shards.count = 0;
}

int train_shards_enter(train_run *run, int shard, bool last)
{
    TRY(add_last(run, base_tree_enter(&run->shards, (base_tree_sum){ 0, shard })));
    return last ? 0 : alx_net_keep_gradients(run->net, run->shards.count - 1);
}

int train_shards_finish(train_run *run, int shards)
{
    if (run->options->comm != NULL)
        return train_job_sum_gradients(run, shards);
    return add_last(run, base_tree_finish(&run->shards));
}
