/* test_guesses.c - images with their most probable classes: where pixels and bars lie. */
#include "alexnet/dev/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/test.h"

enum { GAP = 20, SIDE = 200, TITLE = 22, BAR = 20 };

static char *class_list[] = {
    "a", "a class with a name that is far too long for one bar, \xc3\xa4\xc3\xa4", "c\nd"
};
static const alx_class_names names = { class_list, 3 };

static alx_image draw(size_t images, int top, const float *prob)
{
    const test_file file = test_png_plain(30, 40, 200, 100, 50);
    const char *paths[8];
    alx_dataset *set = NULL;
    alx_guesses *guesses = NULL;
    alx_image image = { 0 };
    char *bytes = NULL;
    size_t count = 0;

    test_folder_write_bytes(&test_own_folder, "x.png", file.bytes, file.count);
    free(file.bytes);
    for (size_t i = 0; i < images; ++i)
        paths[i] = test_folder_path(&test_own_folder, "x.png");
    assert_ok(alx_dataset_of_images(&set, paths, images));
    assert_ok(alx_guesses_create(&guesses, &names, images, top));
    for (size_t i = 0; i < images; ++i)
        assert_ok(alx_guesses_add(guesses, set, i, "x.png", prob));
    assert_ok(alx_guesses_write(guesses, test_folder_path(&test_own_folder, "out.png")));
    alx_guesses_free(guesses);
    alx_dataset_close(set);
    assert_ok(base_file_read(&bytes, &count, test_folder_path(&test_own_folder, "out.png")));
    assert_ok(alx_image_decode(&image, (const uint8_t *)bytes, count, 0, "out.png"));
    free(bytes);
    return image;
}

static void assert_pixel(const alx_image *image, int x, int y, int red, int green, int blue)
{
    const uint8_t *rgb = image->rgb + 3 * ((size_t)y * (size_t)image->width + (size_t)x);

    if (rgb[0] != red || rgb[1] != green || rgb[2] != blue)
        fail_msg("(%d,%d) is %d %d %d", x, y, rgb[0], rgb[1], rgb[2]);
}

/* Bars begin at the image's left edge, and are as long as the image is wide for a share of 1. */
static void bars_are_as_long_as_shares(void **state)
{
    const float prob[] = { 0.25f, 0.75f, 0.0f };
    alx_image image = draw(1, 5, prob);
    const int bars = GAP + SIDE + TITLE;

    (void)state;
    assert_int_equal(image.width, GAP + SIDE + GAP);
    assert_int_equal(image.height, GAP + SIDE + TITLE + 5 * BAR + GAP);
    assert_pixel(&image, GAP - 1, GAP, 255, 255, 255);
    assert_pixel(&image, GAP, GAP, 200, 100, 50);
    assert_pixel(&image, GAP + SIDE - 1, GAP + SIDE - 1, 200, 100, 50);
    assert_pixel(&image, GAP + 149, bars + 1, 199, 220, 240);
    assert_pixel(&image, GAP + 151, bars + 1, 255, 255, 255);
    assert_pixel(&image, GAP + 49, bars + BAR + 1, 199, 220, 240);
    assert_pixel(&image, GAP + 51, bars + BAR + 1, 255, 255, 255);
    assert_pixel(&image, GAP, bars + 2 * BAR + 1, 255, 255, 255);
    alx_image_free(&image);
}

static void four_images_stand_in_a_row(void **state)
{
    const float prob[] = { 1.0f, 0.0f, 0.0f };
    alx_image image = draw(5, 1, prob);
    const int cell = SIDE + TITLE + BAR + GAP;

    (void)state;
    assert_int_equal(image.width, GAP + 4 * (SIDE + GAP));
    assert_int_equal(image.height, GAP + 2 * cell);
    assert_pixel(&image, GAP + 3 * (SIDE + GAP), GAP, 200, 100, 50);
    assert_pixel(&image, GAP, GAP + cell, 200, 100, 50);
    assert_pixel(&image, GAP + SIDE + GAP, GAP + cell, 255, 255, 255);
    alx_image_free(&image);
}

static void too_many_are_refused(void **state)
{
    alx_guesses *guesses = NULL;

    (void)state;
    assert_int_equal(alx_guesses_create(&guesses, &names, 101, 5), ALX_E_USAGE);
    assert_string_equal(alx_status_text(ALX_E_USAGE),
                        "--show draws at most 100 images, these are 101");
    assert_null(guesses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_are_as_long_as_shares),
        cmocka_unit_test(four_images_stand_in_a_row),
        cmocka_unit_test(too_many_are_refused),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
