/* test_report.c - pictures read back with libpng: size, place and colour of what was drawn. */
#include "support/test.h"

#include "alexnet/dev/report.h"
#include "base/file_writer.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER                                                                                     \
    "epoch,step,lr,train_loss,train_top1,train_top5,val_loss,val_top1,val_top5,seconds,images_s,"  \
    "wait_share,grad_norm\n"

typedef struct picture {
    uint8_t *rgb;
    int width, height;
} picture;

static char folder[] = "/tmp/alexnet-report-XXXXXX";
static char png_path[64], csv_path[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(png_path, sizeof png_path, "%s/picture.png", folder);
    snprintf(csv_path, sizeof csv_path, "%s/metrics.csv", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(png_path);
    unlink(csv_path);
    return rmdir(folder);
}

static picture read_png(void)
{
    png_image image = { .version = PNG_IMAGE_VERSION };

    assert_true(png_image_begin_read_from_file(&image, png_path));
    assert_int_equal(image.format, PNG_FORMAT_RGB);
    picture p = { NULL, (int)image.width, (int)image.height };
    p.rgb = test_alloc(PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, p.rgb, 0, NULL));
    return p;
}

static const uint8_t *pixel(const picture *p, int x, int y)
{
    assert_in_range(x, 0, p->width - 1);
    assert_in_range(y, 0, p->height - 1);
    return p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
}

static void png_holds_the_pixels(void **state)
{
    uint8_t rgb[5 * 3 * 3];

    (void)state;
    for (size_t i = 0; i < sizeof rgb; ++i)
        rgb[i] = (uint8_t)(i * 37);
    assert_ok(alx_png_write(png_path, rgb, 5, 3));
    picture p = read_png();
    assert_int_equal(p.width, 5);
    assert_int_equal(p.height, 3);
    assert_memory_equal(p.rgb, rgb, sizeof rgb);
    free(p.rgb);
    assert_int_equal(alx_png_write("/proc/nowhere/x.png", rgb, 5, 3), ALX_E_IO);
    assert_int_equal(alx_png_write(png_path, rgb, 0, 3), ALX_E_USAGE);
}

/* ---- curves --------------------------------------------------------------------------------- */

static void write_csv(const char *text)
{
    assert_ok(base_file_write(csv_path, text, strlen(text)));
}

/* Mean row of the pixels near the given colour in columns [x0, x1); -1 if there is none. */
static double mean_row(const picture *p, int x0, int x1, int red, int green, int blue)
{
    double sum = 0.0;
    int count = 0;

    for (int y = 0; y < p->height; ++y)
        for (int x = x0; x < x1; ++x) {
            const uint8_t *rgb = pixel(p, x, y);

            if (abs(rgb[0] - red) + abs(rgb[1] - green) + abs(rgb[2] - blue) < 12) {
                sum += y;
                ++count;
            }
        }
    return count > 0 ? sum / count : -1.0;
}

#define BLUE 0, 114, 178
#define ORANGE 213, 94, 0

static void assert_near_row(double row, double want)
{
    if (!(row > want - 6.0 && row < want + 6.0))
        fail_msg("row %.1f, not %.1f", row, want);
}

/* Train loss falls from 4 to 1, validation loss from 4 to 2; accuracies 0.2 to 0.8 and to 0.4. */
static void curves_lie_where_the_numbers_are(void **state)
{
    (void)state;
    write_csv(HEADER "1,10,0.01,4,0.2,0.4,4,0.2,0.4,1,1,0,1\n"
                     "2,20,0.01,2.5,0.5,0.7,,,,1,1,0,1\n"
                     "3,30,0.01,1,0.8,1,2,0.4,0.6,1,1,0,1\n");
    assert_ok(alx_plot_curves(png_path, csv_path));
    picture p = read_png();
    const int half = p.width / 2, end = half - 45, end2 = p.width - 45;

    /* at the last epoch, left: train below validation; right: train (0.8) above validation (0.4) */
    assert_near_row(mean_row(&p, end, end + 8, BLUE), 96 + 350 * (1.0 - 1.0 / 4));
    assert_near_row(mean_row(&p, end, end + 8, ORANGE), 96 + 350 * (1.0 - 2.0 / 4));
    assert_true(mean_row(&p, end2, end2 + 8, BLUE) + 20.0 < mean_row(&p, end2, end2 + 8, ORANGE));
    /* the line of validation passes the epoch without one */
    assert_true(mean_row(&p, half / 2 + 10, half / 2 + 12, ORANGE) > 0.0);
    free(p.rgb);
}

static void one_epoch_without_validation_is_a_dot(void **state)
{
    (void)state;
    write_csv(HEADER "1,10,0.01,nan,0.2,0.4,,,,1,1,0,1\n");
    assert_ok(alx_plot_curves(png_path, csv_path));
    picture p = read_png();
    assert_true(mean_row(&p, p.width / 2, p.width, BLUE) > 0.0);
    free(p.rgb);
}

static void bad_metrics_are_named(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "metrics.csv: empty file" },
        { HEADER, "metrics.csv: no epoch is finished" },
        { "epoch,epoch\n1,2\n", "metrics.csv: line 1: the column \"epoch\" is there twice" },
        { "epoch,train_loss\n1,2\n", "metrics.csv: no column val_loss" },
        { HEADER "1,2\n", "metrics.csv: line 2 has not 13 fields" },
        { HEADER "1,10,0.01,4,0.2,0.4,4,0.2,0.4,1,1,0,1,7\n", "line 2 has not 13 fields" },
        { HEADER "1,10,0.01,4x,0.2,0.4,4,0.2,0.4,1,1,0,1\n",
          "line 2, column train_loss: \"4x\" is not a number" },
        { HEADER ",10,0.01,4,0.2,0.4,4,0.2,0.4,1,1,0,1\n", "line 2: epochs do not ascend" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        write_csv(cases[i].text);
        assert_int_equal(alx_plot_curves(png_path, csv_path), ALX_E_DATA);
        if (strstr(alx_status_text(ALX_E_DATA), cases[i].message) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", alx_status_text(ALX_E_DATA), cases[i].message);
    }
    assert_int_equal(alx_plot_curves(png_path, "/nowhere/metrics.csv"), ALX_E_DATA);
}

/* ---- diagnosis ------------------------------------------------------------------------------ */

#define DIAGNOSIS "epoch,layer,grad_norm,update_ratio,zeros,dead_units,saturated\n"

/* Two layers, two epochs. On a logarithmic axis from 1e-4 to 1 the second layer's gradient, 1e-1
 * and 1e-3, is at its ends a quarter below the top and above the bottom. */
static void a_diagnosis_has_a_line_for_each_layer(void **state)
{
    (void)state;
    write_csv(DIAGNOSIS "1,conv1,1,0.5,0.5,0,\n1,fc2,0.1,0.01,0,0,0.25\n"
                        "2,conv1,0.0001,0.5,0.5,1,\n2,fc2,0.001,0.01,0,0,0.75\n");
    assert_ok(alx_plot_diagnosis(png_path, csv_path));
    picture p = read_png();
    const int left = 80, right = 80 + 540, top = 60, bottom = 60 + 340;
    const picture gradients = { p.rgb, p.width,
                                bottom + 20 }; /* and those of outputs, beside them */

    assert_near_row(mean_row(&gradients, left + 6, left + 8, ORANGE), top + 85 + 2);
    assert_near_row(mean_row(&gradients, right - 8, right - 6, ORANGE), bottom - 85 - 2);
    assert_near_row(mean_row(&gradients, right - 8, right - 6, BLUE), bottom - 4);
    free(p.rgb);
}

static void bad_diagnoses_are_named(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { DIAGNOSIS, "metrics.csv: no epoch is finished" },
        { "epoch,grad_norm\n1,2\n", "metrics.csv: no column layer" },
        { "epoch,layer\n1,conv1\n", "metrics.csv: no column grad_norm" },
        { DIAGNOSIS "1,conv1,1,1,1,1,1\n1,fc2,1,1,1,1,1\n2,conv1,1,1,1,1,1\n",
          "3 rows of 2 layers" },
        { DIAGNOSIS "1,conv1,1,1,1,1,1\n2,fc2,1,1,1,1,1\n", "line 3: not a row for every layer" },
        { DIAGNOSIS "2,conv1,1,1,1,1,1\n2,fc2,1,1,1,1,1\n1,conv1,1,1,1,1,1\n1,fc2,1,1,1,1,1\n",
          "line 4: not a row for every layer" },
        { DIAGNOSIS "1,conv1,1,1,1,x,1\n", "column dead_units: \"x\" is not a number" },
        { "layer,layer,layer\na,b,c\nd,e,f\n", "the column \"layer\" is there twice" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        write_csv(cases[i].text);
        assert_int_equal(alx_plot_diagnosis(png_path, csv_path), ALX_E_DATA);
        if (strstr(alx_status_text(ALX_E_DATA), cases[i].message) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", alx_status_text(ALX_E_DATA), cases[i].message);
    }
}

/* ---- filters -------------------------------------------------------------------------------- */

/* Four filters of side 3 in two towers: only filter 0's red top left weight and filter 3's blue
 * bottom right one are not zero. */
static void filters_lie_tower_under_tower(void **state)
{
    float weights[4 * 3 * 3 * 3] = { 0 };
    const int scale = 2, pitch = 3 * scale + scale, below = pitch + 4 * scale;
    int size[2] = { 0, 0 };

    (void)state;
    weights[0] = 0.5f;
    weights[ALX_COUNT(weights) - 1] = -0.25f;
    assert_ok(alx_plot_filters(png_path, size, weights, 4, 3, 2, scale));
    picture p = read_png();
    assert_int_equal(p.width, size[0]);
    assert_int_equal(p.height, size[1]);
    assert_int_equal(p.width, 2 * pitch + scale);
    assert_int_equal(p.height, below + pitch + scale);
    assert_memory_equal(pixel(&p, 0, 0), "\xff\xff\xff", 3);
    assert_memory_equal(pixel(&p, scale, scale), "\xff\x80\x80", 3);
    assert_memory_equal(pixel(&p, 2 * scale - 1, 2 * scale - 1), "\xff\x80\x80", 3);
    assert_memory_equal(pixel(&p, 2 * scale, scale), "\x80\x80\x80", 3);
    assert_memory_equal(pixel(&p, pitch + scale, scale), "\x80\x80\x80", 3);
    assert_memory_equal(pixel(&p, 2 * pitch - 1, below + pitch - 1), "\x80\x80\x40", 3);
    assert_memory_equal(pixel(&p, scale, below - scale), "\xff\xff\xff", 3);
    free(p.rgb);
}

static void paper_has_16_filters_in_a_row(void **state)
{
    float *weights = test_alloc(96 * 3 * 11 * 11 * sizeof *weights);

    (void)state;
    assert_ok(alx_plot_filters(png_path, NULL, weights, 96, 11, 2, 1));
    picture p = read_png();
    assert_int_equal(p.width, 16 * 12 + 1);
    assert_int_equal(p.height, 6 * 12 + 4 + 1);
    assert_int_equal(alx_plot_filters(png_path, NULL, weights, 5, 11, 2, 1), ALX_E_USAGE);
    free(p.rgb);
    free(weights);
}

/* ---- confusions ------------------------------------------------------------------------------ */

/* Colours of the top left corners of three classes' cells, which text leaves alone. */
static void confusions_are_red_where_wrong_blue_where_right(void **state)
{
    static const uint32_t counts[] = { 9, 0, 0, 4, 0, 12, 0, 0, 0 };
    static const char *const names[] = { "a", "b", "a name that is too long to print, \xc3\xa4" };

    (void)state;
    assert_ok(alx_plot_confusion(png_path, counts, 3, names));
    picture p = read_png();
    const int cell = 36, left = p.width - 20 - 3 * cell, top = p.height - 20 - 3 * cell;

    assert_in_range(top, 110, 190); /* room for the long name, cut, and no more */
    for (int i = 0; i < 9; ++i) {
        const uint8_t *rgb = pixel(&p, left + i % 3 * cell + 2, top + i / 3 * cell + 2);
        const bool red = rgb[0] > rgb[2] + 40, blue = rgb[2] > rgb[0] + 40;

        assert_int_equal(red, i % 4 != 0 && counts[i] > 0);
        assert_int_equal(blue, i % 4 == 0 && counts[i] > 0);
    }
    assert_true(pixel(&p, left + 2, top + cell + 2)[1]                /* a quarter of its row */
                > pixel(&p, left + 2 * cell + 2, top + cell + 2)[1]); /* the rest of it */
    free(p.rgb);
}

static void many_classes_fit_a_picture(void **state)
{
    uint32_t *counts = test_alloc(1000 * 1000 * sizeof *counts);

    (void)state;
    memset(counts, 0, 1000 * 1000 * sizeof *counts);
    counts[999 * 1000 + 998] = 1;
    assert_ok(alx_plot_confusion(png_path, counts, 1000, NULL));
    picture p = read_png();
    assert_int_equal(p.width, 190 + 1000 + 20);
    assert_int_equal(p.height, 60 + 1000 + 20);
    assert_true(pixel(&p, 190 + 998, 60 + 999)[1] < 80);
    assert_memory_equal(pixel(&p, 190 + 997, 60 + 999), "\xff\xff\xff", 3);
    free(p.rgb);
    free(counts);
    assert_int_equal(alx_plot_confusion(png_path, NULL, 20000, NULL), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_holds_the_pixels),
        cmocka_unit_test(curves_lie_where_the_numbers_are),
        cmocka_unit_test(one_epoch_without_validation_is_a_dot),
        cmocka_unit_test(bad_metrics_are_named),
        cmocka_unit_test(a_diagnosis_has_a_line_for_each_layer),
        cmocka_unit_test(bad_diagnoses_are_named),
        cmocka_unit_test(filters_lie_tower_under_tower),
        cmocka_unit_test(paper_has_16_filters_in_a_row),
        cmocka_unit_test(confusions_are_red_where_wrong_blue_where_right),
        cmocka_unit_test(many_classes_fit_a_picture),
    };

    return cmocka_run_group_tests_name("report", tests, make_folder, remove_folder);
}
