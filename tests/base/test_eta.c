/* test_eta.c - the rest of some work, by a clock that the test sets. */
#include "base/eta.h"

#include "support/test.h"

/* Things of 0.5 s after one of 20 s. */
static void the_first_thing_does_not_count(void **state)
{
    base_eta eta = { 0 };

    (void)state;
    assert_true(base_eta_seconds(&eta, 1, 100, 1000.0) < 0.0);
    for (size_t done = 2; done <= 100; ++done)
        assert_true(base_eta_seconds(&eta, done, 100, 1000.0 + 0.5 * (double)(done - 1)) ==
                    0.5 * (double)(100 - done));
}

/* Things that take 1 s and 3 s in turn: after a tenth it is off by less than a fifth. */
static void an_uneven_pace_is_averaged(void **state)
{
    base_eta eta = { 0 };
    double now = 0.0;

    (void)state;
    for (size_t done = 1; done < 100; ++done, now += done % 2 == 0 ? 1.0 : 3.0)
        if (base_eta_seconds(&eta, done, 100, now) >= 0.0 && done >= 10)
            assert_in_range((int)(100.0 * base_eta_seconds(&eta, done, 100, now) /
                                  (2.0 * (double)(100 - done))),
                            80, 120);
}

static void other_work_begins_anew(void **state)
{
    base_eta eta = { 0 };

    (void)state;
    (void)base_eta_seconds(&eta, 3, 10, 5.0);
    assert_true(base_eta_seconds(&eta, 5, 10, 9.0) == 10.0);
    assert_true(base_eta_seconds(&eta, 1, 10, 20.0) < 0.0);
    assert_true(base_eta_seconds(&eta, 2, 10, 21.0) == 8.0);
}

/* The second begins with as many things as the first ended. */
static void each_work_has_its_own_clock(void **state)
{
    base_eta eta = { 0 };

    (void)state;
    assert_true(base_eta_seconds(&eta, 1, 1, 0.0) < 0.0);
    assert_true(base_eta_seconds(&eta, 1, 3, 100.0) < 0.0);
    assert_true(base_eta_seconds(&eta, 2, 3, 101.0) == 1.0);
    assert_true(base_eta_seconds(&eta, 3, 3, 102.0) == 0.0);
    assert_true(base_eta_seconds(&eta, 1, 3, 200.0) < 0.0);
    assert_true(base_eta_seconds(&eta, 2, 3, 204.0) == 4.0);
    assert_true(base_eta_seconds(&eta, 3, 3, 208.0) == 0.0);
    assert_true(base_eta_seconds(&eta, 3, 3, 300.0) < 0.0);
    assert_true(base_eta_seconds(&eta, 1, 9, 400.0) < 0.0);
    assert_true(base_eta_seconds(&eta, 3, 9, 401.0) == 3.0);
}

static void the_same_number_twice_is_the_same_work(void **state)
{
    base_eta eta = { 0 };

    (void)state;
    assert_true(base_eta_seconds(&eta, 1, 5, 10.0) < 0.0);
    assert_true(base_eta_seconds(&eta, 1, 5, 11.0) < 0.0);
    assert_true(base_eta_seconds(&eta, 2, 5, 12.0) == 6.0);
    assert_true(base_eta_seconds(&eta, 2, 5, 14.0) == 12.0);
    assert_true(base_eta_seconds(&eta, 3, 5, 14.0) == 4.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_thing_does_not_count),
        cmocka_unit_test(an_uneven_pace_is_averaged),
        cmocka_unit_test(other_work_begins_anew),
        cmocka_unit_test(each_work_has_its_own_clock),
        cmocka_unit_test(the_same_number_twice_is_the_same_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
