/* test_resize.c - resizing against Pillow (tools/data/make_resize_reference.py). */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/file.h"

/* The script's formula. */
static uint8_t reference_pixel(uint32_t x, uint32_t y, uint32_t c)
{
    const uint32_t noise = ((x * 73856093u ^ y * 19349663u ^ c * 83492791u) * 2654435761u) >> 24;

    return (uint8_t)(((x * 3 + y * 5 + c * 40) % 256 + noise) / 2);
}

static alx_image reference_image(uint32_t width, uint32_t height)
{
    const alx_image image = { .width = (int)width,
                              .height = (int)height,
                              .rgb = test_alloc((size_t)width * height * 3) };
    uint8_t *next = image.rgb;

    for (uint32_t y = 0; y < height; ++y)
        for (uint32_t x = 0; x < width; ++x)
            for (uint32_t c = 0; c < 3; ++c)
                *next++ = reference_pixel(x, y, c);
    return image;
}

static void same_bytes_as_pillow(void **state)
{
    char *file = NULL;
    size_t bytes = 0, at = 0, cases = 0;

    (void)state;
    assert_ok(base_file_read(&file, &bytes, TEST_DIR "/data/resize_pillow.bin"));
    for (; at < bytes; ++cases) {
        uint32_t shape[3];

        memcpy(shape, file + at, sizeof shape);
        at += sizeof shape;
        const size_t count = (size_t)shape[2] * shape[2] * 3;
        alx_image image = reference_image(shape[0], shape[1]);
        uint8_t *got = test_alloc(count);

        assert_true(at + count <= bytes);
        assert_ok(alx_image_resize_crop(got, &image, (int)shape[2]));
        for (size_t i = 0; i < count; ++i)
            if (got[i] != (uint8_t)file[at + i])
                fail_msg("%u x %u to %u: byte %zu is %d, Pillow has %d", shape[0], shape[1],
                         shape[2], i, got[i], (uint8_t)file[at + i]);
        at += count;
        free(got);
        alx_image_free(&image);
    }
    assert_int_equal(cases, 11);
    free(file);
}

static void one_pixel_fills_the_square(void **state)
{
    uint8_t pixel[3] = { 1, 128, 255 }, out[5 * 5 * 3];
    const alx_image image = { .width = 1, .height = 1, .rgb = pixel };

    (void)state;
    assert_ok(alx_image_resize_crop(out, &image, 5));
    for (int i = 0; i < 25; ++i)
        assert_memory_equal(out + (size_t)i * 3, pixel, 3);
}

/* The long side here would be 25.6 million pixels; only the crop's columns may cost anything. */
static void a_line_of_pixels_is_no_burden(void **state)
{
    alx_image image = { .width = 100000, .height = 1, .rgb = test_alloc(300000) };
    uint8_t *out = test_alloc(256 * 256 * 3);

    (void)state;
    memset(image.rgb, 77, 300000);
    assert_ok(alx_image_resize_crop(out, &image, 256));
    assert_int_equal(out[0], 77);
    assert_int_equal(out[256 * 256 * 3 - 1], 77);
    free(out);
    alx_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_as_pillow),
        cmocka_unit_test(one_pixel_fills_the_square),
        cmocka_unit_test(a_line_of_pixels_is_no_burden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
