/* test_split.c - the permutations that shuffle and split. */
#include "support/test.h"

#include "data/split.h"

/* All orders of three come up about as often. */
static void shuffles_are_fair(void **state)
{
    const int steps = 6000;
    int seen[3][3] = { { 0 } };

    (void)state;
    for (int step = 0; step < steps; ++step) {
        size_t order[3] = { 0, 1, 2 };

        data_shuffle(order, 3, 1, ALX_RNG_TEST, (uint64_t)step);
        ++seen[order[0]][order[1]];
    }
    for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b)
            assert_in_range(seen[a][b], a == b ? 0 : 1000 - 150, a == b ? 0 : 1000 + 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffles_are_fair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
