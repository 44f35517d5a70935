/* sum_tree.c - which sums meet. */
#include "base/sum_tree.h"

#include <assert.h>
#include <stdbool.h>

static bool last_two_meet(const base_tree *tree)
{
    const base_tree_sum *right = &tree->sums[tree->count - 1], *left = right - 1;

    return tree->count > 1 && left->level == right->level && right->index % 2 == 1;
}

int base_tree_enter(base_tree *tree, base_tree_sum next)
{
    int additions = 0;

    assert(tree->count < BASE_TREE_SUMS);
    tree->sums[tree->count++] = next;
    while (last_two_meet(tree)) {
        base_tree_sum *sum = &tree->sums[--tree->count - 1];

        ++sum->level;
        sum->index /= 2;
        ++additions;
    }
    return additions;
}

int base_tree_finish(base_tree *tree)
{
    const int additions = tree->count > 0 ? tree->count - 1 : 0;

    tree->count -= additions;
    return additions;
}

int base_tree_most(int first, int end)
{
    base_tree tree = { 0 };
    int most = 0;

    for (int shard = first; shard < end; ++shard) {
        base_tree_enter(&tree, (base_tree_sum){ 0, shard });
        most = tree.count > most ? tree.count : most;
    }
    return most;
}
