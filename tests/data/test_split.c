/* test_split.c - the permutations that shuffle and split, and subsets made of them. */
#include "support/test.h"

#include <stdio.h>

#include "alexnet/data.h"
#include "data/split.h"
#include "support/folder.h"

#define IMAGES 23

static alx_dataset *set; /* IMAGES files, which nobody reads */

static int setup(void **state)
{
    char name[32];

    if (test_own_folder_make(state) != 0)
        return -1;
    for (int i = 0; i < IMAGES; ++i) {
        snprintf(name, sizeof name, "%02d.png", i);
        test_folder_write_bytes(&test_own_folder, name, "", 0);
    }
    assert_ok(alx_dataset_of_images(&set, (const char *const[]){ test_own_folder.path }, 1));
    return 0;
}

static int teardown(void **state)
{
    alx_dataset_close(set);
    return test_own_folder_remove(state);
}

/* All orders of three come up about as often. */
static void shuffles_are_fair(void **state)
{
    const int steps = 6000;
    int seen[3][3] = { { 0 } };

    (void)state;
    for (int step = 0; step < steps; ++step) {
        size_t order[3] = { 0, 1, 2 };

        data_shuffle(order, 3, 1, BASE_RNG_TEST, (uint64_t)step);
        ++seen[order[0]][order[1]];
    }
    for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b)
            assert_in_range(seen[a][b], a == b ? 0 : 1000 - 150, a == b ? 0 : 1000 + 150);
}

static void split_is_a_partition(void **state)
{
    alx_subset train, validation, other, other_train;
    int seen[IMAGES] = { 0 };

    (void)state;
    assert_ok(alx_dataset_split(&train, &validation, set, 0.2, 3));
    assert_int_equal(validation.count, 5); /* round(4.6) */
    assert_int_equal(train.count, 18);
    for (size_t i = 0; i < train.count; ++i)
        ++seen[train.index[i]];
    for (size_t i = 0; i < validation.count; ++i)
        ++seen[validation.index[i]];
    for (int i = 0; i < IMAGES; ++i)
        assert_int_equal(seen[i], 1);
    assert_ok(alx_dataset_split(&other_train, &other, set, 0.2, 4));
    assert_memory_not_equal(validation.index, other.index, 5 * sizeof *other.index);
    alx_subset_free(&train);
    alx_subset_free(&validation);
    alx_subset_free(&other);
    alx_subset_free(&other_train);
    assert_int_equal(alx_dataset_split(&train, &validation, set, 1.0, 3), ALX_E_USAGE);
    assert_null(train.index);
}

static void a_share_of_nothing_is_all_images(void **state)
{
    alx_subset all, train, validation;

    (void)state;
    assert_ok(alx_subset_all(&all, set));
    assert_int_equal(all.count, IMAGES);
    for (size_t i = 0; i < IMAGES; ++i)
        assert_int_equal(all.index[i], i);
    assert_ok(alx_dataset_split(&train, &validation, set, 0.0, 3));
    assert_int_equal(train.count, IMAGES);
    assert_memory_equal(train.index, all.index, IMAGES * sizeof *all.index);
    assert_int_equal(validation.count, 0);
    alx_subset_free(&train);
    assert_null(train.index);
    assert_int_equal(train.count, 0);
    alx_subset_free(&validation);
    alx_subset_free(&all);
    alx_subset_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffles_are_fair),
        cmocka_unit_test(split_is_a_partition),
        cmocka_unit_test(a_share_of_nothing_is_all_images),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
