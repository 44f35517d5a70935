/* test_sum_squares.c - the global norm: sums against the twin at chunk edges, accuracy, order, what
 * is not finite; the factor of clipping. */
#include "support/family.h"

#include <math.h>

#include "alexnet/dev/ref.h"

static float sum_of_shape(alx_device *dev, const float *g, alx_shape shape)
{
    const int scratch_count = (int)alx_op_sum_squares_scratch(shape);
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, scratch_count });
    const alx_tensor *out = test_tensor(dev, (alx_shape){ 1, 1, 1, 3 });

    assert_ok(alx_op_sum_squares(out, 1, test_tensor_of(dev, shape, g), scratch));
    test_assert_canary("scratch", scratch);
    test_assert_canary("out", out);
    const float *got = test_download(out);

    assert_true(isnan(got[0]) && isnan(got[2])); /* the other slots are left alone */
    return got[1];
}

static float sum_of(alx_device *dev, const float *g, size_t count)
{
    return sum_of_shape(dev, g, (alx_shape){ 1, 1, 1, (int)count });
}

/* One element, around a chunk, many chunks. */
static void kernel_matches_twin(alx_device *dev)
{
    static const size_t counts[] = { 1, 15, 255, 257, 32767, 32768, 32769, 300007 };

    for (size_t i = 0; i < ALX_COUNT(counts); ++i) {
        const float *g = test_host_random(counts[i], 1, -1.0f, 3.0f);
        const float want = alx_ref_sum_squares(g, counts[i]), got = sum_of(dev, g, counts[i]);

        test_assert_close("sum of squares", &got, &want, 1, 1e-6, 0.0);
    }
}

/* Sums by row, and over many rows; a row is no multiple of a vector. */
static void matrices_match_twin(alx_device *dev)
{
    static const alx_shape shapes[] = { { 2, 1, 1, 1 }, { 3, 1, 1, 257 }, { 130, 1, 1, 515 } };

    for (size_t i = 0; i < ALX_COUNT(shapes); ++i) {
        const size_t count = alx_shape_count(shapes[i]);
        const float *g = test_host_random(count, 1, -1.0f, 3.0f);
        const float want = alx_ref_sum_squares(g, count), got = sum_of_shape(dev, g, shapes[i]);

        test_assert_close("sum of squares", &got, &want, 1, 1e-6, 0.0);
    }
}

/* Two million equal values: a running float sum would be off by percents. */
static void sum_is_accurate(alx_device *dev)
{
    const size_t count = 2000000;
    float *g = test_host(count);

    for (size_t i = 0; i < count; ++i)
        g[i] = 0.1f;
    const float got = sum_of(dev, g, count), want = (float)((double)count * 0.1 * 0.1);

    test_assert_close("2e6 * 0.01", &got, &want, 1, 1e-6, 0.0);
}

/* The order of the sum depends on the count alone: both splits of the work give the same bits. */
static void families_agree(alx_device *dev)
{
    static float first;
    static bool seen;
    const size_t count = 123457;
    const float got = sum_of(dev, test_host_random(count, 2, -1.0f, 1.0f), count);

    if (seen)
        assert_memory_equal(&got, &first, sizeof got);
    first = got;
    seen = true;
}

static void what_is_not_finite_shows(alx_device *dev)
{
    static const size_t places[] = { 0, 32767, 32768, 39999 };
    float *g = test_host_random(40000, 3, -1.0f, 1.0f);

    for (size_t i = 0; i < ALX_COUNT(places); ++i) {
        const float kept = g[places[i]];

        g[places[i]] = NAN;
        assert_true(isnan(sum_of(dev, g, 40000)));
        g[places[i]] = -INFINITY;
        assert_true(isinf(sum_of(dev, g, 40000)));
        g[places[i]] = kept;
    }
    assert_true(isfinite(sum_of(dev, g, 40000)));
}

static void factor_of_clipping(alx_device *dev)
{
    static const struct {
        float sums[3], max_norm, scale, norm;
    } cases[] = {
        { { 9.0f, 4.0f, 3.0f }, 2.0f, 0.5f, 4.0f },
        { { 9.0f, 4.0f, 3.0f }, 5.0f, 1.0f, 4.0f },
        { { 9.0f, 4.0f, 3.0f }, 0.0f, 1.0f, 4.0f },
        { { 0.0f, 0.0f, 0.0f }, 2.0f, 1.0f, 0.0f },
        { { INFINITY, 0.0f, 0.0f }, 2.0f, 0.0f, INFINITY },
        { { NAN, 0.0f, 0.0f }, 2.0f, NAN, NAN },
    };

    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_tensor *out = test_tensor(dev, (alx_shape){ 1, 1, 1, 2 });
        const float want[] = { cases[i].scale, cases[i].norm };
        float twin[2];

        alx_ref_clip_scale(twin, cases[i].sums, 3, cases[i].max_norm);
        assert_ok(
            alx_op_clip_scale(out, test_vector_of(dev, 3, cases[i].sums), 3, cases[i].max_norm));
        test_assert_canary("clip", out);
        const float *got = test_download(out);

        for (size_t j = 0; j < 2; ++j) {
            assert_true(got[j] == want[j] || fabsf(got[j] - want[j]) < 1e-6f ||
                        (isnan(got[j]) && isnan(want[j])));
            assert_true(twin[j] == want[j] || fabsf(twin[j] - want[j]) < 1e-6f ||
                        (isnan(twin[j]) && isnan(want[j])));
        }
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *g = test_tensor(dev, (alx_shape){ 1, 1, 1, 40000 });
    const alx_tensor *one = test_tensor(dev, (alx_shape){ 1, 1, 1, 1 });
    const alx_tensor *two = test_tensor(dev, (alx_shape){ 1, 1, 1, 2 });

    (void)state;
    assert_int_equal(alx_op_sum_squares_scratch((alx_shape){ 1, 1, 1, 1 }), 1);
    assert_int_equal(alx_op_sum_squares_scratch((alx_shape){ 1, 1, 1, 40000 }), 2);
    assert_int_equal(alx_op_sum_squares_scratch((alx_shape){ 7, 1, 1, 5 }), 7);
    assert_int_equal(alx_op_sum_squares(one, 0, g, one), ALX_E_USAGE);
    assert_int_equal(alx_op_sum_squares(one, 1, g, two), ALX_E_USAGE);
    assert_int_equal(alx_op_clip_scale(one, two, 2, 1.0f), ALX_E_USAGE);
    assert_int_equal(alx_op_clip_scale(two, one, 2, 1.0f), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernel_matches_twin),
        test_on_families(matrices_match_twin),
        test_on_families(sum_is_accurate),
        test_on_families(families_agree),
        test_on_families(what_is_not_finite_shows),
        test_on_families(factor_of_clipping),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
