/* test_features.c - nearest neighbours against all distances, ties; a linear classifier against
 * what is known of its data. */
#include "support/device.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/train.h"

/* ---- neighbours ---------------------------------------------------------------------------- */

enum { QUERIES = 3, ROWS = 57, LENGTH = 19, K = 5 };

static double plain_distance(const float *a, const float *b)
{
    double sum = 0.0;

    for (int i = 0; i < LENGTH; ++i)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

static void neighbours_are_the_nearest(void **state)
{
    const float *queries = test_host_random((size_t)QUERIES * LENGTH, 1, -1, 1);
    const float *rows = test_host_random((size_t)ROWS * LENGTH, 2, -1, 1);
    alx_neighbours n;

    (void)state;
    assert_ok(alx_neighbours_create(&n, queries, QUERIES, LENGTH, K));
    for (size_t r = 0; r < ROWS; ++r)
        alx_neighbours_add(&n, rows + r * LENGTH);
    for (size_t q = 0; q < QUERIES; ++q) {
        const alx_neighbour *list = n.list + q * K;

        for (size_t i = 0; i < K; ++i) {
            size_t nearer = 0;

            assert_true(fabs(list[i].distance -
                             plain_distance(queries + q * LENGTH, rows + list[i].index * LENGTH)) <
                        1e-12);
            for (size_t r = 0; r < ROWS; ++r)
                nearer += plain_distance(queries + q * LENGTH, rows + r * LENGTH) <
                          list[i].distance - 1e-12;
            assert_int_equal(nearer, i);
        }
    }
    alx_neighbours_free(&n);
}

static void equally_near_ones_keep_their_order(void **state)
{
    static const float query[] = { 0.0f };
    static const float rows[] = { 2, -1, 3, 1, -2, 1, 0.5f };
    static const size_t want[] = { 6, 1, 3, 5, 0, 4 };
    alx_neighbours n;

    (void)state;
    for (size_t k = 1; k <= ALX_COUNT(want); ++k) {
        assert_ok(alx_neighbours_create(&n, query, 1, 1, k));
        for (size_t i = 0; i < ALX_COUNT(rows); ++i)
            alx_neighbours_add(&n, &rows[i]);
        for (size_t i = 0; i < k; ++i)
            assert_int_equal(n.list[i].index, want[i]);
        alx_neighbours_free(&n);
    }
}

/* ---- the probe ----------------------------------------------------------------------------- */

enum { CLASSES = 7, IMAGES = 301, WIDTH = 33 };

/* Noise of one, and `strength` where the label says; far from zero and of odd scale. */
static alx_features make_features(uint32_t stream, float strength)
{
    alx_features f = { .values = test_host_random((size_t)IMAGES * WIDTH, stream, -1, 1),
                       .labels = test_alloc(IMAGES * sizeof *f.labels),
                       .count = IMAGES,
                       .length = WIDTH };

    for (size_t i = 0; i < IMAGES; ++i) {
        f.labels[i] = (int32_t)(i % CLASSES);
        f.values[i * WIDTH + i % CLASSES] += strength;
        for (size_t k = 0; k < WIDTH; ++k)
            f.values[i * WIDTH + k] = 300.0f + 40.0f * f.values[i * WIDTH + k];
    }
    return f;
}

static void count_step(size_t done, size_t total, void *user)
{
    size_t *last = user;

    assert_int_equal(done, *last + 1);
    assert_true(done <= total);
    *last = done;
}

static void probe_of(alx_score *train_score, alx_score *test_score, float strength)
{
    alx_features train = make_features(3, strength), test = make_features(4, strength);
    size_t last = 0;

    assert_ok(alx_probe(train_score, test_score, test_device(), &train, &test, CLASSES, count_step,
                        &last));
    assert_true(last > 0);
    assert_int_equal(train_score->images, IMAGES);
    assert_int_equal(test_score->images, IMAGES);
    free(train.labels);
    free(test.labels);
}

static void classes_that_a_plane_divides_are_told_apart(void **state)
{
    alx_score train, test;

    (void)state;
    probe_of(&train, &test, 4.0f);
    assert_int_equal(train.top1, IMAGES);
    assert_int_equal(test.top1, IMAGES);
    assert_true(train.loss < 0.2);
}

static void noise_stays_noise(void **state)
{
    alx_score train, test;

    (void)state;
    probe_of(&train, &test, 0.0f);
    assert_in_range(test.top1, 1, IMAGES / 3); /* 43 by chance */
    assert_true(test.loss > 1.8);              /* ln 7 = 1.95 of knowing nothing */
}

/* Features that say nothing: the loss is that of equally frequent classes, to the last image. */
static void zeros_leave_the_loss_of_guessing(void **state)
{
    alx_features f = make_features(3, 0.0f);
    alx_score train, test;
    size_t last = 0;

    (void)state;
    memset(f.values, 0, (size_t)IMAGES * WIDTH * sizeof *f.values);
    assert_ok(alx_probe(&train, &test, test_device(), &f, &f, CLASSES, count_step, &last));
    assert_true(fabs(train.loss - log(CLASSES)) < 0.02); /* what biases keep of the last batch */
    assert_true(fabs(test.loss - log(CLASSES)) < 0.02);
    free(f.labels);
}

static void the_same_numbers_every_time(void **state)
{
    alx_score a[2], b[2];

    (void)state;
    probe_of(&a[0], &a[1], 0.7f);
    probe_of(&b[0], &b[1], 0.7f);
    assert_memory_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(neighbours_are_the_nearest),
        test_on_device(equally_near_ones_keep_their_order),
        test_on_device(classes_that_a_plane_divides_are_told_apart),
        test_on_device(noise_stays_noise),
        test_on_device(zeros_leave_the_loss_of_guessing),
        test_on_device(the_same_numbers_every_time),
    };

    return cmocka_run_group_tests_name("features", tests, NULL, test_device_close);
}
