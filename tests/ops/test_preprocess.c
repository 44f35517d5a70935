/* test_preprocess.c - stored images into the network's input: kernel against twin in every mode,
 * twin against values by hand. */
#include "support/family.h"

#include <string.h>

#include "alexnet/dev/ref.h"

#define SIZE 21
#define IMAGES 4

/* Inside, mirrored, across every edge, wholly outside. */
static const alx_crop crops[IMAGES] = {
    { 3, 5, 0, 0, { 0.0f, 0.0f, 0.0f }, 0.0f },
    { 1, 0, 1, 0, { 10.5f, -20.25f, 300.0f }, 0.0f },
    { -4, 9, 1, 0, { -30.0f, 4.0f, 60.0f }, 0.0f },
    { 13, -6, 0, 0, { 1.0f, 2.0f, -300.0f }, 0.0f },
};

static const struct {
    const char *why;
    int height, width;
    alx_preprocess_params p;
} cases[] = {
    { "mean image", 13, 13, { SIZE, 1.0f, 1.0f, false, true, false } },
    { "mean image's centre", 12, 15, { SIZE, 1.0f, 1.1f, false, true, true } },
    { "channel mean", 13, 11, { SIZE, 1.0f / 255.0f, 1.0f, false, false, false } },
    { "clipped", 17, 13, { SIZE, 1.0f / 255.0f, 1.0f, true, false, false } },
    { "whole image", SIZE, SIZE, { SIZE, 1.0f, 1.0f, true, true, true } },
    { "one pixel", 1, 1, { SIZE, 1.0f, 1.0f, false, false, false } },
};

/* Uniform bytes; as words they are what a tensor holds. */
static const uint8_t *host_images(void)
{
    const size_t bytes = (size_t)IMAGES * SIZE * SIZE * 3;
    const float *values = test_host_random(bytes, 1, 0.0f, 256.0f);
    uint8_t *images = (uint8_t *)(void *)test_host(bytes / 4 + 1);

    for (size_t i = 0; i < bytes; ++i)
        images[i] = (uint8_t)values[i];
    return images;
}

static void kernel_matches_twin(alx_device *dev)
{
    const float inv_std[] = { 1.0f / 0.229f, 1.0f / 0.224f, 1.0f / 0.225f };
    const uint8_t *images = host_images();
    const alx_tensor *stored = test_vector_of(dev, (size_t)IMAGES * SIZE * SIZE * 3 / 4, images);
    const alx_tensor *crop = test_tensor_of(dev, (alx_shape){ IMAGES, 1, 1, 8 }, crops);
    const alx_tensor *deviation = test_vector_of(dev, 3, inv_std);

    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_preprocess_params *p = &cases[i].p;
        const alx_shape s = { IMAGES, cases[i].height, cases[i].width, 3 };
        const size_t count = alx_shape_count(s), means = p->mean_image ? SIZE * SIZE * 3 : 3;
        const float *mean = test_host_random(means, 2, 90.0f * p->inv_scale, 136.0f * p->inv_scale);
        const alx_tensor *y = test_tensor(dev, s);
        float *want = test_host(count);

        alx_ref_preprocess(want, images, crops, mean, inv_std, s, p);
        assert_ok(
            alx_op_preprocess(y, stored, crop, test_vector_of(dev, means, mean), deviation, p));
        test_assert_rel_max(cases[i].why, test_download(y), want, count, 1e-6);
        test_assert_canary(cases[i].why, y);
    }
}

/* A 2x2 image, by hand: shift, clip, division, scale; 0 after the shift outside. */
static void twin_by_hand(void **state)
{
    const uint8_t image[12] = { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 250 };
    const alx_crop crop = { 1, -1, 1, 0, { 100.0f, -60.0f, 10.0f }, 0.0f };
    const alx_preprocess_params p = { 2, 0.5f, 2.0f, true, false, false };
    const float mean[] = { 1.0f, 2.0f, 3.0f }, inv_std[] = { 2.0f, 1.0f, 4.0f };
    /* Row 1 from the right: columns 1, 0, then outside. */
    const float want[] = { (200.0f / 4 - 1) * 2,
                           50.0f / 4 - 2,
                           (255.0f / 4 - 3) * 4,
                           (170.0f / 4 - 1) * 2,
                           20.0f / 4 - 2,
                           (100.0f / 4 - 3) * 4,
                           -2.0f,
                           -2.0f,
                           -12.0f };
    float y[9];

    (void)state;
    alx_ref_preprocess(y, image, &crop, mean, inv_std, (alx_shape){ 1, 1, 3, 3 }, &p);
    test_assert_close("by hand", y, want, 9, 1e-6, 0.0);
}

/* The image that is its own mean gives 0 wherever the crop lies. */
static void mean_lies_under_the_crop(alx_device *dev)
{
    const alx_preprocess_params p = { SIZE, 1.0f, 1.0f, false, true, false };
    const alx_crop inside = { 2, 3, 1, 0, { 0.0f, 0.0f, 0.0f }, 0.0f };
    const alx_shape s = { 1, 16, 16, 3 };
    const float ones[] = { 1.0f, 1.0f, 1.0f };
    const uint8_t *image = host_images();
    const alx_tensor *y = test_tensor(dev, s);
    float mean[SIZE * SIZE * 3];

    for (size_t i = 0; i < ALX_COUNT(mean); ++i)
        mean[i] = (float)image[i];
    assert_ok(alx_op_preprocess(
        y, test_vector_of(dev, SIZE * SIZE * 3 / 4 + 1, image), test_vector_of(dev, 8, &inside),
        test_vector_of(dev, ALX_COUNT(mean), mean), test_vector_of(dev, 3, ones), &p));
    const float *got = test_download(y);

    for (size_t i = 0; i < alx_shape_count(s); ++i)
        assert_true(got[i] == 0.0f);
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *y = test_tensor(dev, (alx_shape){ 2, 5, 5, 3 });
    const alx_tensor *images = test_tensor(dev, (alx_shape){ 1, 1, 1, 24 });
    const alx_tensor *one = test_tensor(dev, (alx_shape){ 1, 1, 1, 12 });
    const alx_tensor *crop = test_tensor(dev, (alx_shape){ 2, 1, 1, 8 });
    const alx_tensor *three = test_tensor(dev, (alx_shape){ 1, 1, 1, 3 });
    const alx_tensor *mean = test_tensor(dev, (alx_shape){ 1, 4, 4, 3 });
    const alx_preprocess_params p = { 4, 1.0f, 1.0f, false, false, false },
                                image = { 4, 1.0f, 1.0f, false, true, false },
                                centre = { 4, 1.0f, 1.0f, false, true, true };

    (void)state;
    assert_ok(alx_op_preprocess(y, images, crop, three, three, &p));
    assert_ok(alx_op_preprocess(y, images, crop, mean, three, &image));
    assert_int_equal(alx_op_preprocess(y, one, crop, three, three, &p), ALX_E_USAGE);
    assert_int_equal(alx_op_preprocess(y, images, one, three, three, &p), ALX_E_USAGE);
    assert_int_equal(alx_op_preprocess(y, images, crop, three, three, &image), ALX_E_USAGE);
    assert_int_equal(alx_op_preprocess(y, images, crop, three, mean, &p), ALX_E_USAGE);
    assert_int_equal(alx_op_preprocess(y, images, crop, mean, three, &centre), ALX_E_USAGE);
    assert_int_equal(alx_op_preprocess(mean, images, crop, three, mean, &p), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernel_matches_twin),
        test_on_families(mean_lies_under_the_crop),
        test_on_device(twin_by_hand),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
