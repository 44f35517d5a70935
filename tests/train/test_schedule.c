/* test_schedule.c - rates by hand-computed numbers, the plateau rule against PyTorch's. */
#include <math.h>

#include "support/test.h"
#include "train/schedule.h"

static void expect(double got, double want)
{
    if (fabs(got - want) > 1e-12 * fabs(want))
        fail_msg("rate is %.17g, want %.17g", got, want);
}

static void constant_stays(void **state)
{
    const alx_train_config config = { .epochs = 10, .lr = 0.01, .schedule = ALX_SCHEDULE_CONSTANT };

    (void)state;
    expect(alx_schedule_lr(&config, 0, 0.0), 0.01);
    expect(alx_schedule_lr(&config, 9, 0.99), 0.01);
}

static void step_drops_every_so_many_epochs(void **state)
{
    const alx_train_config config = {
        .epochs = 90, .lr = 0.1, .gamma = 0.1, .step_epochs = 30, .schedule = ALX_SCHEDULE_STEP
    };

    (void)state;
    expect(alx_schedule_lr(&config, 0, 0.0), 0.1);
    expect(alx_schedule_lr(&config, 29, 0.9999), 0.1);
    expect(alx_schedule_lr(&config, 30, 0.0), 0.01);
    expect(alx_schedule_lr(&config, 59, 0.5), 0.01);
    expect(alx_schedule_lr(&config, 89, 0.5), 0.001);
}

/* Row 145 of the 2012 release: new rates in epochs 25, 51 and 79, counted from 1. */
static void multistep_drops_in_the_named_epoch(void **state)
{
    const alx_train_config config = { .epochs = 91,
                                      .lr = 0.01,
                                      .gamma = 0.1,
                                      .schedule = ALX_SCHEDULE_MULTISTEP,
                                      .milestones = { 25, 51, 79 },
                                      .milestone_count = 3 };

    (void)state;
    expect(alx_schedule_lr(&config, 23, 0.99), 0.01);
    expect(alx_schedule_lr(&config, 24, 0.0), 1e-3);
    expect(alx_schedule_lr(&config, 49, 0.5), 1e-3);
    expect(alx_schedule_lr(&config, 50, 0.0), 1e-4);
    expect(alx_schedule_lr(&config, 78, 0.0), 1e-5);
    expect(alx_schedule_lr(&config, 90, 0.0), 1e-5);
}

static void cosine_falls_from_lr_to_min(void **state)
{
    const alx_train_config config = {
        .epochs = 4, .lr = 0.1, .min_lr = 0.02, .schedule = ALX_SCHEDULE_COSINE
    };

    (void)state;
    expect(alx_schedule_lr(&config, 0, 0.0), 0.1);
    expect(alx_schedule_lr(&config, 1, 0.0), 0.02 + 0.08 * 0.5 * (1.0 + sqrt(0.5)));
    expect(alx_schedule_lr(&config, 2, 0.0), 0.06);
    expect(alx_schedule_lr(&config, 2, 2.0 / 3.0), 0.04); /* two thirds: cos = -1/2 */
    expect(alx_schedule_lr(&config, 3, 1.0), 0.02);
}

static void warmup_rises_from_zero(void **state)
{
    alx_train_config config = {
        .epochs = 12, .lr = 0.1, .warmup_epochs = 2, .schedule = ALX_SCHEDULE_COSINE
    };

    (void)state;
    expect(alx_schedule_lr(&config, 0, 0.25), 0.0125);
    expect(alx_schedule_lr(&config, 1, 0.0), 0.05);
    expect(alx_schedule_lr(&config, 2, 0.0), 0.1);
    expect(alx_schedule_lr(&config, 7, 0.0), 0.05); /* half of the ten epochs after it */
    config.schedule = ALX_SCHEDULE_CONSTANT;
    expect(alx_schedule_lr(&config, 0, 0.5), 0.025);
    expect(alx_schedule_lr(&config, 11, 0.5), 0.1);
}

/* 1,024 images where 0.1 is meant for 256: 0.4, to which it rises from 0.1. */
static void rates_scale_with_the_batch(void **state)
{
    alx_train_config config = { .epochs = 12,
                                .lr = 0.1,
                                .min_lr = 0.01,
                                .batch_size = 512,
                                .grad_accum = 2,
                                .scale_batch = 256,
                                .warmup_epochs = 5 };

    (void)state;
    expect(alx_lr_factor(&config), 4.0);
    expect(alx_schedule_lr(&config, 0, 0.0), 0.1);
    expect(alx_schedule_lr(&config, 2, 0.5), 0.25);
    expect(alx_schedule_lr(&config, 5, 0.0), 0.4);
    expect(alx_schedule_lr(&config, 11, 0.5), 0.4);
    config.schedule = ALX_SCHEDULE_COSINE;
    expect(alx_schedule_lr(&config, 11, 1.0), 0.04);
    config.batch_size = 64; /* half of it: nothing to rise from */
    expect(alx_schedule_lr(&config, 0, 0.0), 0.05);
    config.scale_batch = 0;
    expect(alx_lr_factor(&config), 1.0);
}

/* Signals and rates of torch.optim.lr_scheduler.ReduceLROnPlateau(patience=2, factor=0.1,
 * threshold=1e-4, mode='min') starting at 0.1. */
static void plateau_drops_after_patience(void **state)
{
    static const double signals[] = { 1.0,  0.9, 0.9, 0.90001, 0.89999, 0.91, 0.92,
                                      0.93, 0.5, 0.5, 0.49999, 0.51,    0.6 };
    static const double rates[] = { 0.1,   0.1,   0.1,   0.1,   0.01, 0.01, 0.01,
                                    0.001, 0.001, 0.001, 0.001, 1e-4, 1e-4 };
    const alx_train_config config = {
        .gamma = 0.1, .patience = 2, .max_drops = 3, .schedule = ALX_SCHEDULE_PLATEAU
    };
    alx_checkpoint run = { .lr = 0.1, .best_signal = INFINITY };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(signals); ++i) {
        const double before = run.lr;
        const bool dropped = train_schedule_plateau(&run, &config, signals[i]);

        expect(run.lr, rates[i]);
        assert_int_equal(dropped, run.lr != before);
    }
    assert_int_equal(run.drops, 3);
}

/* The paper lowered the rate three times, then let the run go on. */
static void plateau_stops_dropping(void **state)
{
    const alx_train_config config = {
        .gamma = 0.1, .patience = 0, .max_drops = 2, .schedule = ALX_SCHEDULE_PLATEAU
    };
    alx_checkpoint run = { .lr = 1.0, .best_signal = INFINITY };

    (void)state;
    for (int i = 0; i < 6; ++i)
        train_schedule_plateau(&run, &config, 0.5);
    expect(run.lr, 0.01);
    assert_int_equal(run.drops, 2);
}

static void plateau_takes_nan_as_bad(void **state)
{
    const alx_train_config config = {
        .gamma = 0.5, .patience = 0, .max_drops = 9, .schedule = ALX_SCHEDULE_PLATEAU
    };
    alx_checkpoint run = { .lr = 1.0, .best_signal = 0.3 };

    (void)state;
    assert_true(train_schedule_plateau(&run, &config, (double)NAN));
    expect(run.best_signal, 0.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_stays),
        cmocka_unit_test(step_drops_every_so_many_epochs),
        cmocka_unit_test(multistep_drops_in_the_named_epoch),
        cmocka_unit_test(cosine_falls_from_lr_to_min),
        cmocka_unit_test(warmup_rises_from_zero),
        cmocka_unit_test(rates_scale_with_the_batch),
        cmocka_unit_test(plateau_drops_after_patience),
        cmocka_unit_test(plateau_stops_dropping),
        cmocka_unit_test(plateau_takes_nan_as_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
