/* test_page.c - the benchmark page: whole, on its own, names escaped, bars as long as the numbers
 * say. */
#include "base/file.h"
#include "support/folder.h"
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/report.h"

static char *page_of(alx_result *list, size_t count)
{
    const alx_results results = { .list = list, .count = count };
    const char *path = test_folder_path(&test_own_folder, "page.html");
    char *html = NULL;
    size_t bytes = 0;

    assert_ok(alx_report_html(path, &results));
    assert_ok(base_file_read(&html, &bytes, path));
    return html;
}

static int count_of(const char *html, const char *text)
{
    int count = 0;

    for (const char *at = html; (at = strstr(at, text)) != NULL; ++at)
        ++count;
    return count;
}

/* Widths of the first `count` bars after `from`. */
static void bar_widths(double *widths, int count, const char *html, const char *from)
{
    const char *at = strstr(html, from);

    assert_non_null(at);
    for (int i = 0; i < count; ++i) {
        at = strstr(at + 1, "<rect ");
        assert_non_null(at);
        assert_int_equal(sscanf(strstr(at, "width="), "width=%lf", &widths[i]), 1);
    }
}

static alx_result step(const char *program, double images_per_s)
{
    alx_result r = { .kind = "step",
                     .device = "d",
                     .config = "paper",
                     .batch_size = 100,
                     .fma_gflops = 200,
                     .train = { .images_per_s = images_per_s,
                                .median_ms = 1e5 / images_per_s,
                                .gflops = 4 * images_per_s } };

    snprintf(r.program, sizeof r.program, "%s", program);
    return r;
}

static alx_result ops(alx_result_row *rows, size_t count)
{
    alx_result r = step("alexnet", 80);

    snprintf(r.kind, sizeof r.kind, "ops");
    r.memory_gbytes_per_s = 20;
    r.rows = rows;
    r.row_count = count;
    return r;
}

static void steps_are_bars_on_one_scale(void **state)
{
    alx_result list[] = { step("alexnet", 80), step("PyTorch <2>", 20), step("other", 10) };
    char *html = page_of(list, ALX_COUNT(list));
    double widths[3];

    (void)state;
    bar_widths(widths, 3, html, "<h3>Training, images/s</h3>");
    assert_true(widths[0] > 100);
    assert_true(widths[0] / widths[1] > 3.99 && widths[0] / widths[1] < 4.01);
    assert_true(widths[0] / widths[2] > 7.98 && widths[0] / widths[2] < 8.02);
    assert_non_null(strstr(html, ">80.0 (4.0x)<")); /* of the best of the other programs */
    assert_non_null(strstr(html, "PyTorch &lt;2&gt;"));
    assert_null(strstr(html, "PyTorch <2>"));
    assert_null(strstr(html, "<h3>Inference")); /* not measured */
    free(html);
}

/* Two files of a program and its rival, and a third file without one. */
static void ratios_are_to_the_same_file_and_namesakes_are_told_apart(void **state)
{
    static const char *const dates[] = { "2026-11-21T16:36:41Z", "2026-11-21T17:49:02Z" };
    alx_result list[] = { step("alexnet", 80), step("PyTorch", 20), step("alexnet", 75),
                          step("PyTorch", 10), step("alexnet", 60) };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(list); ++i) {
        list[i].file = i / 2;
        snprintf(list[i].date, sizeof list[i].date, "%s", dates[i / 2 % 2]);
    }
    snprintf(list[2].commit, sizeof list[2].commit, "8d90f88c6911+");
    snprintf(list[4].platform, sizeof list[4].platform, "Intel");
    char *html = page_of(list, ALX_COUNT(list));

    assert_non_null(strstr(html, ">80.0 (4.0x)<"));
    assert_non_null(strstr(html, ">75.0 (7.5x)<"));
    assert_non_null(strstr(html, ">60.0 (3.0x)<")); /* the best of all */
    assert_int_equal(count_of(html, ">alexnet, 11-21 16:36<"), 1);
    assert_int_equal(count_of(html, ">alexnet, 11-21 17:49<"), 1);
    assert_int_equal(count_of(html, ">alexnet, Intel<"), 2); /* and in the table */
    assert_int_equal(count_of(html, " 8d90f88c6911+<"), 1);
    assert_int_equal(count_of(html, "<td>2026-11-21</td>"), 5);
    free(html);
}

static void twins_in_all_are_told_apart_by_their_order(void **state)
{
    alx_result list[] = { step("alexnet", 80), step("PyTorch", 20), step("alexnet", 75) };
    char *html = page_of(list, ALX_COUNT(list));

    (void)state;
    assert_int_equal(count_of(html, ">alexnet, no. 1<"), 1);
    assert_int_equal(count_of(html, ">alexnet, no. 2<"), 1);
    free(html);
}

static void passes_are_put_together_by_layer(void **state)
{
    alx_result_row rows[] = {
        { "conv1", "forward", "k", 30, 28.5, 33.25, 100, 1, 0.5, "compute" },
        { "conv1", "grad-weight", "k", 10, 0, 0, 300, 3, 0.5, "compute" },
        { "fc6", "forward", "k", 19.9, 0, 0, 20, 10, 0.5, "memory" },
        { "relu1", "forward", "k", 0.05, 0, 0, 0, 10, 0.5, "memory" },
        { "relu2", "forward", "k", 0.05, 0, 0, 0, 10, 0.5, "memory" },
    };
    alx_result r = ops(rows, ALX_COUNT(rows));
    double widths[3];

    (void)state;
    char *html = page_of(&r, 1);
    bar_widths(widths, 3, html, "Where the time of a training step goes");
    assert_true(widths[0] / widths[1] > 2.99 && widths[0] / widths[1] < 3.01);
    assert_true(widths[0] / widths[2] > 1.49 && widths[0] / widths[2] < 1.52);
    assert_non_null(strstr(html, "<b>paper, batch 100: alexnet</b>, 60.0 ms in kernels"));
    assert_non_null(strstr(html, "<td>30.000</td><td>28.500</td><td>33.250</td><td>100</td>"));
    assert_non_null(strstr(html, ">40.0 ms, 66.7 %<"));
    assert_non_null(strstr(html, ">0.10 ms, 0.2 %<")); /* all others */
    assert_int_equal(count_of(html, "<circle "), 3);   /* those with multiplications */
    assert_non_null(strstr(html, "200 GFLOP/s, 20.0 GB/s"));
    free(html);
}

/* Left ends and lines of the labels of points, each 42 pixels wide at most and 13 high. */
static int label_places(double x[], double y[], int room, const char *html)
{
    const char *at = strstr(html, "<circle ");
    int count = 0;

    assert_non_null(at);
    while ((at = strstr(at + 1, "<text class=\"s")) != NULL && count < room) {
        const char anchor = at[strlen("<text class=\"s ")];

        assert_int_equal(sscanf(strstr(at, "x="), "x=%lf y=%lf", &x[count], &y[count]), 2);
        x[count++] -= anchor == 'e' ? 42.0 : anchor == 'm' ? 21.0 : 0.0;
    }
    return count;
}

/* Three points at one place and a fourth far to the right of them, as high. */
static void labels_of_points_have_room(void **state)
{
    enum { POINTS = 4 };
    alx_result_row rows[] = {
        { "conv1", "forward", "k", 1, 0, 0, 100, 10, 0.5, "compute" },
        { "conv2", "forward", "k", 1, 0, 0, 100, 10, 0.5, "compute" },
        { "conv3", "forward", "k", 1, 0, 0, 100, 10, 0.5, "compute" },
        { "conv4", "forward", "k", 1, 0, 0, 100, 0.1, 0.5, "compute" },
    };
    alx_result r = ops(rows, ALX_COUNT(rows));
    double x[POINTS], y[POINTS];

    (void)state;
    char *html = page_of(&r, 1);
    const int count = label_places(x, y, POINTS, html);

    assert_int_equal(count, POINTS);
    assert_true(y[3] == y[0] && x[3] > x[0] + 42.0); /* right of its point, as the first */
    for (int i = 0; i < count; ++i)
        for (int j = 0; j < i; ++j)
            assert_true(fabs(x[i] - x[j]) >= 41.9 || fabs(y[i] - y[j]) >= 12.9);
    free(html);
}

#define HOSTILE "<i>&\""

/* Results are files that others may have written. */
static void no_text_of_a_result_becomes_markup(void **state)
{
    static const char *const kinds[] = { "step", "ops", "algos" };
    alx_result_row row = { HOSTILE, HOSTILE, HOSTILE, 3, 2, 4, 100, 1, 0.5, HOSTILE };
    alx_result list[ALX_COUNT(kinds)];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(kinds); ++i) {
        list[i] = (alx_result){
            .program = HOSTILE,
            .version = HOSTILE,
            .commit = HOSTILE,
            .date = HOSTILE,
            .platform = HOSTILE,
            .device = HOSTILE,
            .second_device = HOSTILE,
            .driver = HOSTILE,
            .config = HOSTILE,
            .conv = HOSTILE,
            .gemm = HOSTILE,
            .data = HOSTILE,
            .batch_size = 8,
            .fma_gflops = 200,
            .memory_gbytes_per_s = 20,
            .train = { .images_per_s = 80, .median_ms = 100 },
            .rows = &row,
            .row_count = 1,
        };
        snprintf(list[i].kind, sizeof list[i].kind, "%s", kinds[i]);
    }
    char *html = page_of(list, ALX_COUNT(list));
    assert_int_equal(count_of(html, "<i>"), 0);
    assert_int_equal(count_of(html, "&\""), 0);
    assert_true(count_of(html, "&lt;i&gt;&amp;&quot;") > 30);
    assert_int_equal(count_of(html, "<circle "), 1);
    free(html);
}

static void page_needs_nothing_else(void **state)
{
    static const char *const foreign[] = { "http", "src=", "href=", "url(", "@import", "<script" };
    alx_result list[] = { step("alexnet", 80) };
    char *html = page_of(list, 1);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(foreign); ++i)
        assert_null(strstr(html, foreign[i]));
    assert_non_null(strstr(html, "prefers-color-scheme:dark"));
    assert_int_equal(count_of(html, "<svg"), count_of(html, "</svg>"));
    assert_int_equal(count_of(html, "<div"), count_of(html, "</div>"));
    assert_non_null(strstr(html, "</body></html>"));
    free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_bars_on_one_scale),
        cmocka_unit_test(ratios_are_to_the_same_file_and_namesakes_are_told_apart),
        cmocka_unit_test(twins_in_all_are_told_apart_by_their_order),
        cmocka_unit_test(passes_are_put_together_by_layer),
        cmocka_unit_test(labels_of_points_have_room),
        cmocka_unit_test(no_text_of_a_result_becomes_markup),
        cmocka_unit_test(page_needs_nothing_else),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
