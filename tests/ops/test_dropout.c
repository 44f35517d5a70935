/* test_dropout.c - masks: kernel against twin, against the random words themselves, towers against
 * the whole layer, share and independence of what is dropped. */
#include "support/family.h"

#include <math.h>

#include "alexnet/dev/ref.h"
#include "base/rng.h"

/* Ones: the result is the mask. */
static float *host_ones(size_t count)
{
    float *values = test_host(count);

    for (size_t i = 0; i < count; ++i)
        values[i] = 1.0f;
    return values;
}

static const struct {
    const char *why;
    alx_shape shape;
    alx_dropout_params p;
} cases[] = {
    { "fc6", { 3, 1, 1, 64 }, { 0.5f, 1.0f, 1, 2, 6, 64, 0, 0 } },
    { "inverted, odd row", { 5, 1, 1, 13 }, { 0.3f, 1.0f / 0.7f, 1, 2, 6, 13, 0, 0 } },
    { "second tower", { 3, 1, 1, 32 }, { 0.5f, 1.0f, 9, 7, 6, 64, 32, 0 } },
    { "tower at an odd unit", { 3, 1, 1, 7 }, { 0.5f, 1.0f, 9, 7, 6, 10, 3, 0 } },
    { "pool5, second tower", { 2, 3, 3, 20 }, { 0.5f, 1.0f, 1, 2, 5, 360, 20, 0 } },
    { "pixels of odd length", { 2, 2, 3, 5 }, { 0.4f, 2.0f, 1, 2, 5, 42, 2, 0 } },
    { "later part of the batch", { 2, 1, 1, 33 }, { 0.5f, 1.0f, 1, 2, 6, 33, 0, 100 } },
    { "nothing dropped", { 2, 1, 1, 9 }, { 0.0f, 1.0f, 1, 2, 6, 9, 0, 0 } },
    { "element numbers beyond 32 bits",
      { 2, 1, 1, 40 },
      { 0.5f, 1.0f, 0xFFFFFFFFu, 0xFFFFFFFFu, 15, 2000000000, 1999999000, 99 } },
};

static void kernel_matches_twin(alx_device *dev)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_shape s = cases[i].shape;
        const size_t count = alx_shape_count(s);
        const float *x = test_host_random(count, 1, 1.0f, 2.0f);
        const alx_tensor *in = test_tensor_of(dev, s, x), *y = test_tensor(dev, s);
        float *want = test_host(count);

        alx_ref_dropout(want, x, s, &cases[i].p);
        assert_ok(alx_op_dropout(y, in, &cases[i].p));
        test_assert_close(cases[i].why, test_download(y), want, count, 1e-6, 1e-30);
        test_assert_canary(cases[i].why, y);

        assert_ok(alx_op_dropout(in, in, &cases[i].p));
        assert_memory_equal(test_download(in), test_download(y), count * sizeof(float));
        test_assert_canary(cases[i].why, in);
    }
}

/* The numbering of the header, spelled out: image 7, unit 5 of 10 is element 75, word 3 of block
 * 18; layer 6 is bits 40 and up of the item. */
static void element_takes_its_word(alx_device *dev)
{
    const alx_dropout_params p = { 0.5f, 1.0f, 11, 13, 6, 10, 5, 7 };
    const alx_shape one = { 1, 1, 1, 1 };
    const alx_tensor *y = test_tensor(dev, one), *x = test_tensor_of(dev, one, host_ones(1));
    uint32_t words[4];

    base_rng_words(words, 11, BASE_RNG_DROPOUT, 13, (uint64_t)6 << 40 | 18);
    assert_ok(alx_op_dropout(y, x, &p));
    assert_true(test_download(y)[0] == (words[3] < 0x80000000u ? 0.0f : 1.0f));
}

/* What tower `first` of a layer of `shape` pixels draws is its slice of what the layer draws. */
static void assert_tower_is_slice(alx_device *dev, const float *whole, alx_shape shape, int first,
                                  int channels, alx_dropout_params p)
{
    const alx_shape part = { shape.n, shape.h, shape.w, channels };
    const size_t count = alx_shape_count(part), width = (size_t)channels;
    const alx_tensor *y = test_tensor(dev, part);

    p.first_unit = first;
    assert_ok(alx_op_dropout(y, test_tensor_of(dev, part, host_ones(count)), &p));
    const float *got = test_download(y);

    for (size_t i = 0; i < count; ++i)
        assert_true(got[i] == whole[i / width * (size_t)shape.c + (size_t)first + i % width]);
}

static void towers_draw_the_mask_of_the_whole(alx_device *dev)
{
    static const alx_shape shapes[] = { { 3, 1, 1, 70 }, { 2, 3, 2, 22 } };

    for (size_t i = 0; i < ALX_COUNT(shapes); ++i) {
        const alx_shape s = shapes[i];
        const size_t count = alx_shape_count(s);
        const alx_dropout_params p = { 0.5f, 1.0f, 3, 4, 6, s.h * s.w * s.c, 0, 2 };
        const alx_tensor *y = test_tensor(dev, s);

        assert_ok(alx_op_dropout(y, test_tensor_of(dev, s, host_ones(count)), &p));
        const float *whole = test_download(y);

        assert_tower_is_slice(dev, whole, s, 0, s.c / 2, p);
        assert_tower_is_slice(dev, whole, s, s.c / 2, s.c / 2, p);
    }
}

/* The images of an accumulated step draw the mask of the whole batch. */
static void chunks_draw_the_mask_of_the_batch(alx_device *dev)
{
    const alx_shape all = { 5, 1, 1, 30 }, last = { 2, 1, 1, 30 };
    alx_dropout_params p = { 0.5f, 1.0f, 3, 4, 6, 30, 0, 0 };
    const alx_tensor *y = test_tensor(dev, all), *tail = test_tensor(dev, last);

    assert_ok(alx_op_dropout(y, test_tensor_of(dev, all, host_ones(150)), &p));
    p.image0 = 3;
    assert_ok(alx_op_dropout(tail, test_tensor_of(dev, last, host_ones(60)), &p));
    assert_memory_equal(test_download(tail), test_download(y) + 90, 60 * sizeof(float));
}

static size_t dropped(alx_device *dev, float *mask, const alx_dropout_params *p)
{
    const alx_shape s = { 16, 1, 1, 4096 };
    const size_t count = alx_shape_count(s);
    const alx_tensor *y = test_tensor(dev, s);
    size_t zeros = 0;

    assert_ok(alx_op_dropout(y, test_tensor_of(dev, s, host_ones(count)), p));
    const float *got = test_download(y);

    for (size_t i = 0; i < count; ++i) {
        mask[i] = got[i];
        zeros += got[i] == 0.0f;
    }
    return zeros;
}

/* Share within five standard deviations; other steps, layers and seeds agree on about the share of
 * two independent masks; the same one on everything. */
static void share_and_independence(alx_device *dev)
{
    const size_t count = 16 * 4096;
    const double rate = 0.3, deviation = sqrt((double)count * rate * (1.0 - rate));
    const alx_dropout_params base = { 0.3f, 1.0f, 5, 1, 6, 4096, 0, 0 };
    alx_dropout_params others[4] = { base, base, base, base };
    float *mask = test_host(count), *other = test_host(count);

    others[1].step = 2;
    others[2].layer = 7;
    others[3].seed = 6;
    assert_true(fabs((double)dropped(dev, mask, &base) - (double)count * rate) < 5.0 * deviation);
    for (size_t i = 0; i < ALX_COUNT(others); ++i) {
        size_t equal = 0;

        dropped(dev, other, &others[i]);
        for (size_t j = 0; j < count; ++j)
            equal += mask[j] == other[j];
        if (i == 0)
            assert_int_equal(equal, count);
        else
            assert_true(fabs((double)equal / (double)count - 0.58) < 0.01);
    }
}

static void dropped_nan_is_zero(alx_device *dev)
{
    const alx_dropout_params p = { 0.5f, 1.0f, 1, 1, 6, 64, 0, 0 };
    float x[64], mask[64];
    const alx_shape s = { 1, 1, 1, 64 };
    const alx_tensor *y = test_tensor(dev, s);

    for (size_t i = 0; i < 64; ++i)
        x[i] = NAN;
    alx_ref_dropout(mask, host_ones(64), s, &p);
    assert_ok(alx_op_dropout(y, test_tensor_of(dev, s, x), &p));
    const float *got = test_download(y);

    for (size_t i = 0; i < 64; ++i)
        assert_int_equal(isnan(got[i]), mask[i] != 0.0f);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const alx_dropout_params bad[] = {
        { 1.0f, 1.0f, 1, 1, 6, 12, 0, 0 },  { -0.1f, 1.0f, 1, 1, 6, 12, 0, 0 },
        { NAN, 1.0f, 1, 1, 6, 12, 0, 0 },   { 0.5f, 1.0f, 1, 1, 6, 13, 0, 0 },
        { 0.5f, 1.0f, 1, 1, 6, 12, 1, 0 },  { 0.5f, 1.0f, 1, 1, 6, 12, -1, 0 },
        { 0.5f, 1.0f, 1, 1, 6, 12, 0, -1 }, { 0.5f, 1.0f, 1, 1, 6, 0, 0, 0 },
    };
    const alx_tensor *x = test_tensor(test_device(), (alx_shape){ 1, 2, 1, 6 });

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(bad); ++i)
        assert_int_equal(alx_op_dropout(x, x, &bad[i]), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernel_matches_twin),
        test_on_families(element_takes_its_word),
        test_on_families(towers_draw_the_mask_of_the_whole),
        test_on_families(chunks_draw_the_mask_of_the_batch),
        test_on_families(share_and_independence),
        test_on_families(dropped_nan_is_zero),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
