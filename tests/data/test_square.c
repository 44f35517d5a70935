/* test_square.c - real files made 256 x 256 as Pillow makes them
 * (tools/data/make_square_reference.py), whole and at a fraction of their size. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/images.h"

#define SIZE 256
#define PROBES 8 /* pixels of an image that are stored */

static void square_of(uint8_t *out, const uint8_t *bytes, size_t count, int size)
{
    alx_image image;

    assert_ok(alx_image_decode(&image, bytes, count, size, "x.jpg"));
    assert_ok(alx_image_resize_crop(out, &image, SIZE));
    alx_image_free(&image);
}

static double psnr(const uint8_t *a, const uint8_t *b)
{
    const size_t count = SIZE * SIZE * 3;
    double sum = 0.0;

    for (size_t i = 0; i < count; ++i)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return 10.0 * log10(255.0 * 255.0 * (double)count / fmax(sum, 1e-9));
}

static void assert_probes(const uint8_t *square, const uint8_t *want, size_t i, int limit)
{
    for (size_t k = 0; k < PROBES; ++k)
        for (size_t c = 0; c < 3; ++c) {
            const size_t row = (37 * i + 91 * k) % SIZE, column = (53 * i + 29 * k) % SIZE;
            const int got = square[(row * SIZE + column) * 3 + c], pillow = want[k * 3 + c];

            if (abs(got - pillow) > limit)
                fail_msg("image %zu, row %zu, column %zu: %d, Pillow has %d", i, row, column, got,
                         pillow);
        }
}

static void real_images_are_as_pillows(void **state)
{
    const char *folder = getenv("ALEXNET_TEST_DATA");
    uint8_t *whole = test_alloc(SIZE * SIZE * 3), *scaled = test_alloc(SIZE * SIZE * 3);
    char path[1024], *want = NULL;
    alx_dataset *set = NULL, *whole_set = NULL;
    size_t bytes = 0, reduced = 0;

    (void)state;
    if (folder == NULL)
        skip();
    snprintf(path, sizeof path, "%s/imagenet-sample-500.tar", folder);
    assert_ok(base_file_read(&want, &bytes, TEST_DIR "/data/square_pillow.bin"));
    assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    assert_ok(alx_dataset_open_with(&whole_set, path, ALX_SPLIT_TRAIN,
                                    &(alx_dataset_options){ .whole = true }));
    assert_int_equal(bytes, alx_dataset_count(set) * PROBES * 3);
    for (size_t i = 0; i < alx_dataset_count(set); ++i) {
        assert_ok(alx_dataset_load(whole_set, i, SIZE, whole));
        assert_probes(whole, (const uint8_t *)want + i * PROBES * 3, i, 2);
        assert_ok(alx_dataset_load(set, i, SIZE, scaled));
        if (memcmp(whole, scaled, SIZE * SIZE * 3) == 0)
            continue;
        ++reduced;
        if (psnr(whole, scaled) < 35.0)
            fail_msg("image %zu: %.1f dB", i, psnr(whole, scaled));
    }
    print_message("%zu of the images are large enough to be decoded at a fraction\n", reduced);
    assert_true(reduced > 0);
    alx_dataset_close(set);
    alx_dataset_close(whole_set);
    free(whole);
    free(scaled);
    free(want);
}

/* A picture of soft waves at sizes that do not divide by 8. */
static void fractions_keep_the_picture_in_place(void **state)
{
    static const struct {
        int width, height, decoded_width;
    } cases[] = { { 639, 900, 639 }, { 641, 700, 321 }, { 1301, 1283, 326 }, { 2601, 2563, 326 } };
    uint8_t *whole = test_alloc(SIZE * SIZE * 3), *scaled = test_alloc(SIZE * SIZE * 3);

    (void)state;
    for (size_t n = 0; n < ALX_COUNT(cases); ++n) {
        const int width = cases[n].width, height = cases[n].height;
        uint8_t *rgb = test_alloc((size_t)width * (size_t)height * 3), *next = rgb;
        alx_image image;

        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                for (int c = 0; c < 3; ++c)
                    *next++ = (uint8_t)(128.0 +
                                        90.0 * sin(30.0 * x / width + c) * cos(24.0 * y / height));
        test_file file = test_jpeg(rgb, width, height, 3, JCS_RGB, &(test_jpeg_options){ 0 });

        assert_ok(alx_image_decode(&image, file.bytes, file.count, SIZE, "x.jpg"));
        assert_int_equal(image.width, cases[n].decoded_width);
        alx_image_free(&image);
        square_of(whole, file.bytes, file.count, 0);
        square_of(scaled, file.bytes, file.count, SIZE);
        if (psnr(whole, scaled) < 40.0)
            fail_msg("%d x %d: %.1f dB", width, height, psnr(whole, scaled));
        free(file.bytes);
        free(rgb);
    }
    free(whole);
    free(scaled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_images_are_as_pillows),
        cmocka_unit_test(fractions_keep_the_picture_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
