/* shards.c - the gradients of an update's shards, added in the tree's order. */
#include "base/try.h"
#include "train/run.h"

/* Sum i of the tree is kept as set i, but the last, which lies in the gradients. */
static int add_last(train_run *run, int additions)
{
    for (int i = additions; i > 0; --i)
        TRY(alx_net_add_gradients(run->net, run->shards.count + i - 2));
    return 0;
}

int train_shards_enter(train_run *run, int shard, bool last)
{
    if (shard == 0)
        run->shards.count = 0;
    TRY(add_last(run, base_tree_enter(&run->shards, (base_tree_sum){ 0, shard })));
    if (last)
        return add_last(run, base_tree_finish(&run->shards));
    return alx_net_keep_gradients(run->net, run->shards.count - 1);
}
