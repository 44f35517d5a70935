/* sum_tree.h - in which order the shards of an update are added: in pairs of neighbours, then the
 * pairs in pairs, and so on. Whoever has some neighbouring shards adds what the tree adds first,
 * and keeps the rest; whoever has all of these sums goes on from there, and gets the same bits. */
#ifndef BASE_SUM_TREE_H
#define BASE_SUM_TREE_H

#include <stddef.h>

#define BASE_TREE_SUMS 64 /* at most, of fewer than 2^31 shards */

/** The sum of shards index * 2^level and up to 2^level - 1 more. */
typedef struct base_tree_sum {
    int level, index;
} base_tree_sum;

/** Sums from left to right that cannot be added to each other yet. */
typedef struct base_tree {
    int count;
    base_tree_sum sums[BASE_TREE_SUMS];
} base_tree;

/** The next sum to the right. @return how many additions are due: of the last sum and the one
 *  before it, which together take that one's place */
int base_tree_enter(base_tree *tree, base_tree_sum next);
/** There are no more shards: one sum is left after so many additions. */
int base_tree_finish(base_tree *tree);
/** Most sums that stand at a time while shards `first` to `end` - 1 are entered one by one. */
int base_tree_most(int first, int end);

#endif
