/* test_pace.c - time left, and the warning about a loss that does not move. */
#include <math.h>

#include "support/test.h"
#include "train/run.h"

static void the_first_step_does_not_count(void **state)
{
    run_pace pace = { 0 };

    (void)state;
    train_pace_step(&pace, 60.0);
    assert_float_equal(train_pace_step_seconds(&pace), 60.0,
                       1e-9); /* but where it is the only one */
    assert_true(train_pace_eta(&pace, 10, 0) < 0.0);
    train_pace_step(&pace, 1.0);
    train_pace_step(&pace, 3.0);
    assert_float_equal(train_pace_step_seconds(&pace), 2.0, 1e-9);
    assert_float_equal(train_pace_eta(&pace, 10, 0), 20.0, 1e-9);
    pace.validation_seconds = 7.0;
    assert_float_equal(train_pace_eta(&pace, 10, 3), 41.0, 1e-9);
}

static void only_the_last_steps_count(void **state)
{
    run_pace pace = { 0 };

    (void)state;
    for (int i = 0; i < 100; ++i)
        train_pace_step(&pace, 5.0);
    for (int i = 0; i < PACE_STEPS; ++i)
        train_pace_step(&pace, i % 2 == 0 ? 0.5 : 1.5);
    assert_float_equal(train_pace_step_seconds(&pace), 1.0, 1e-9);
}

/* The update after which the warning comes, 0 = none in 3000. */
static int warned_after_at(double loss, double noise, double top1, int classes)
{
    run_flat flat = { 0 };

    for (int i = 1; i <= 3000; ++i)
        if (train_flat_step(&flat, loss + (i % 2 == 0 ? noise : -noise), top1, classes))
            return i;
    return 0;
}

static int warned_after(double loss, double noise, int classes)
{
    return warned_after_at(loss, noise, 1.0 / classes, classes);
}

static void guessing_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(warned_after(log(10.0), 0.1, 10), 300);
    assert_int_equal(warned_after(log(10.0) * 0.995, 0.0, 10), 300);
    assert_int_equal(warned_after(6.907755, 0.05, 1000), 2000);
}

static void learning_is_not(void **state)
{
    (void)state;
    assert_int_equal(warned_after(log(10.0) * 0.98, 0.0, 10), 0);
    assert_int_equal(warned_after(log(10.0) * 1.02, 0.0, 10), 0);
    assert_int_equal(warned_after(0.5, 0.0, 1000), 0);
    assert_int_equal(warned_after_at(log(10.0), 0.1, 0.14, 10), 0); /* right more often than luck */
    assert_int_equal(warned_after_at(log(10.0), 0.1, 0.11, 10), 300);
}

static void it_is_said_once(void **state)
{
    run_flat flat = { 0 };
    int times = 0;

    (void)state;
    for (int i = 0; i < 1000; ++i)
        times += train_flat_step(&flat, log(10.0), 0.1, 10);
    assert_int_equal(times, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_step_does_not_count),
        cmocka_unit_test(only_the_last_steps_count),
        cmocka_unit_test(guessing_is_noticed),
        cmocka_unit_test(learning_is_not),
        cmocka_unit_test(it_is_said_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
