/* test_sum_tree.c - the order of additions, written out as text, beside the tree's definition:
 * neighbours in pairs, then pairs in pairs; and the same from any division of the shards. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/sum_tree.h"

#define MOST 23
#define TEXT 256

/* Node `index` of level `level` of `count` shards; "" beyond the last. */
static void define(char out[TEXT], int level, int index, int count)
{
    char left[TEXT], right[TEXT];

    out[0] = '\0';
    if (index << level >= count)
        return;
    if (level == 0) {
        snprintf(out, TEXT, "%d", index);
        return;
    }
    define(left, level - 1, 2 * index, count);
    define(right, level - 1, 2 * index + 1, count);
    if (right[0] == '\0')
        snprintf(out, TEXT, "%s", left);
    else if (snprintf(out, TEXT, "(%s+%s)", left, right) >= TEXT)
        fail_msg("the text is too long");
}

/* Sums as texts, which are added as a caller of the tree adds. */
typedef struct adder {
    base_tree tree;
    char texts[BASE_TREE_SUMS][TEXT];
} adder;

static void add(adder *a, int count, int additions)
{
    for (int i = 0; i < additions; ++i, --count) {
        char sum[TEXT];

        if (snprintf(sum, TEXT, "(%s+%s)", a->texts[count - 2], a->texts[count - 1]) >= TEXT)
            fail_msg("the text is too long");
        memcpy(a->texts[count - 2], sum, TEXT);
    }
}

static void enter(adder *a, base_tree_sum next, const char *text)
{
    const int count = a->tree.count + 1;

    snprintf(a->texts[count - 1], TEXT, "%s", text);
    add(a, count, base_tree_enter(&a->tree, next));
}

static void enter_shards(adder *a, int first, int end)
{
    for (int shard = first; shard < end; ++shard) {
        char text[16];

        snprintf(text, sizeof text, "%d", shard);
        enter(a, (base_tree_sum){ 0, shard }, text);
    }
}

static void assert_sum(adder *a, int count)
{
    char want[TEXT];
    const int left = a->tree.count;

    define(want, 8, 0, count);
    add(a, left, base_tree_finish(&a->tree));
    assert_int_equal(a->tree.count, 1);
    assert_string_equal(a->texts[0], want);
}

static void one_process_adds_as_the_tree_says(void **state)
{
    (void)state;
    for (int count = 1; count <= MOST; ++count) {
        adder a = { .tree.count = 0 };

        enter_shards(&a, 0, count);
        assert_sum(&a, count);
    }
}

/* Each adds what it can of its own; the sums meet in one place. */
static void assert_divided(int count, int processes)
{
    adder all = { .tree.count = 0 };

    for (int i = 0; i < processes; ++i) {
        adder own = { .tree.count = 0 };

        enter_shards(&own, count * i / processes, count * (i + 1) / processes);
        for (int j = 0; j < own.tree.count; ++j)
            enter(&all, own.tree.sums[j], own.texts[j]);
    }
    assert_sum(&all, count);
}

static void any_number_of_processes_adds_the_same(void **state)
{
    (void)state;
    for (int count = 1; count <= MOST; ++count)
        for (int processes = 1; processes <= count; ++processes)
            assert_divided(count, processes);
}

static void so_many_sums_stand_at_a_time(void **state)
{
    (void)state;
    assert_int_equal(base_tree_most(0, 0), 0);
    assert_int_equal(base_tree_most(0, 1), 1);
    assert_int_equal(base_tree_most(0, 7), 3);
    assert_int_equal(base_tree_most(0, 8), 3);
    assert_int_equal(base_tree_most(0, 15), 4);
    assert_int_equal(base_tree_most(1, 15), 6); /* 1, 2-3, 4-7, 8-11, 12-13, 14 */
    assert_int_equal(base_tree_most(4, 8), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_process_adds_as_the_tree_says),
        cmocka_unit_test(any_number_of_processes_adds_the_same),
        cmocka_unit_test(so_many_sums_stand_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
