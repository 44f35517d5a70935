/* test_suites.c - what devices were asked, as files and side by side, with numbers that were made
 * up and worked out by hand. */
#include "support/folder.h"
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/report.h"
#include "base/file.h"

/* A suite as a file: paper, batch 128 at two rates, one pass, one check, one gap. */
static void write_suite(const char *name, const char *device, double train, double infer,
                        double pass_ms)
{
    const double ms = 128e3 / train;
    char text[4096];

    snprintf(
        text, sizeof text,
        "{\"schema\":1,\"kind\":\"suite\",\"program\":\"alexnet\",\"version\":\"0.2.0\","
        "\"commit\":\"abc\",\"date\":\"2026-12-01T00:00:00Z\",\"seconds\":300,"
        "\"device\":{\"type\":\"gpu\",\"name\":\"%s\",\"driver\":\"1.0\",\"platform\":\"P\","
        "\"compute_units\":32,\"global_bytes\":8589934592},"
        "\"peak\":{\"fma_gflops\":10000,\"memory_gbytes_per_s\":250,\"local_gbytes_per_s\":2000},"
        "\"left_out\":[{\"what\":\"paper, batch 512, training\",\"why\":\"memory: 9 GiB\"}],"
        "\"checks\":[{\"check\":\"lrn\",\"pass\":true,\"error\":1e-7,\"limit\":1e-6,"
        "\"worst\":\"forward\",\"comparisons\":8}],"
        "\"ways\":[{\"config\":\"paper\",\"pass\":\"conv1 forward\",\"way\":\"tile\","
        "\"by\":\"default\",\"batch_size\":128}],"
        "\"results\":[{\"schema\":1,\"kind\":\"step\",\"program\":\"alexnet\",\"device\":\"%s\","
        "\"config\":\"paper\",\"batch_size\":128,\"peak\":{\"fma_gflops\":10000},"
        "\"train\":{\"images_per_s\":%g,\"median_ms\":%.17g,\"gflops\":%g,\"steps\":20},"
        "\"infer\":{\"images_per_s\":%g,\"median_ms\":1}},"
        "{\"schema\":1,\"kind\":\"ops\",\"program\":\"alexnet\",\"device\":\"%s\","
        "\"config\":\"paper\",\"batch_size\":128,\"ops\":[{\"layer\":\"conv1\","
        "\"pass\":\"forward\",\"median_ms\":%g,\"roofline\":0.5}]}]}",
        device, device, train, ms, 4.0 * train, infer, device, pass_ms);
    test_folder_write(&test_own_folder, name, text);
}

static void read_suite(alx_results *results, const char *name)
{
    assert_ok(alx_results_read(results, test_folder_path(&test_own_folder, name)));
}

static char *page_of(const alx_results *results)
{
    const char *path = test_folder_path(&test_own_folder, "page.html");
    char *html = NULL;
    size_t bytes = 0;

    assert_ok(alx_report_html(path, results));
    assert_ok(base_file_read(&html, &bytes, path));
    return html;
}

/* ---- files --------------------------------------------------------------------------------- */

static void assert_same_suite(const alx_results *a, const alx_results *b)
{
    const alx_suite *x = &a->suites[0], *y = &b->suites[0];

    assert_int_equal(b->suite_count, 1);
    assert_int_equal(a->count, b->count);
    assert_string_equal(x->program, y->program);
    assert_string_equal(x->date, y->date);
    assert_true(x->seconds == y->seconds && x->fma_gflops == y->fma_gflops);
    assert_true(x->local_gbytes_per_s == 2000 && y->local_gbytes_per_s == 2000);
    assert_memory_equal(&x->device, &y->device, sizeof x->device);
    assert_int_equal(x->check_count, y->check_count);
    assert_memory_equal(x->checks, y->checks, x->check_count * sizeof *x->checks);
    assert_int_equal(x->way_count, y->way_count);
    assert_memory_equal(x->ways, y->ways, x->way_count * sizeof *x->ways);
    assert_int_equal(x->gap_count, y->gap_count);
    assert_memory_equal(x->gaps, y->gaps, x->gap_count * sizeof *x->gaps);
    for (size_t i = 0; i < a->count; ++i) {
        assert_string_equal(a->list[i].kind, b->list[i].kind);
        assert_memory_equal(&a->list[i].train, &b->list[i].train, sizeof a->list[i].train);
    }
}

static void a_suite_comes_back(void **state)
{
    alx_results in = { 0 }, again = { 0 };
    char *text = NULL;

    (void)state;
    write_suite("a.json", "A", 100, 200, 2);
    read_suite(&in, "a.json");
    assert_int_equal(in.suite_count, 1);
    assert_int_equal(in.count, 2);
    const alx_suite *suite = &in.suites[0];

    assert_string_equal(suite->device.name, "A");
    assert_true(suite->device.global_bytes == 8589934592.0 && suite->memory_gbytes_per_s == 250);
    assert_int_equal(alx_suite_failures(suite), 0);
    assert_string_equal(suite->gaps[0].why, "memory: 9 GiB");
    assert_true(in.list[0].in_suite && in.list[0].train.steps == 20);
    assert_ok(alx_suite_json(&text, &in, suite));
    test_folder_write(&test_own_folder, "again.json", text);
    free(text);
    read_suite(&again, "again.json");
    assert_same_suite(&in, &again);
    alx_results_free(&in);
    alx_results_free(&again);
}

/* NaN and infinity are no numbers in JSON. */
static void an_error_that_is_no_number_fails(void **state)
{
    alx_suite_check checks[] = { { "sgd", "parameters", INFINITY, 1e-6, 3 },
                                 { "lrn", "forward", 1e-6, 1e-6, 3 },
                                 { "fc tile", "none", 0, 1e-6, 0 } };
    alx_suite suite = { .program = "p",
                        .device = { .name = "d" },
                        .checks = checks,
                        .check_count = ALX_COUNT(checks) };
    const alx_results out = { .suites = &suite, .suite_count = 1 };
    alx_results in = { 0 };
    char *text = NULL;

    (void)state;
    assert_ok(alx_suite_json(&text, &out, &suite));
    assert_non_null(strstr(text, "null"));
    test_folder_write(&test_own_folder, "nan.json", text);
    free(text);
    read_suite(&in, "nan.json");
    assert_true(isinf(in.suites[0].checks[0].error));
    assert_int_equal(alx_suite_failures(&in.suites[0]), 2); /* nothing compared fails too */
    text = page_of(&in);
    assert_non_null(strstr(text, "1 of 3 checks pass"));
    assert_non_null(strstr(text, "<li>fails: sgd, error inf"));
    free(text);
    alx_results_free(&in);
}

#define HEAD "{\"schema\":1,\"kind\":\"suite\",\"program\":\"p\","
#define DEVICE "\"device\":{\"name\":\"d\"},"

static void wrong_files_say_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *says;
    } wrong[] = {
        { "{\"kind\":\"suite\"}", "a suite of schema 0; this program reads schema 1" },
        { "{\"schema\":2,\"kind\":\"suite\"}", "a suite of schema 2; this program reads schema 1" },
        { "{\"schema\":1,\"kind\":\"suite\"}", "\"program\" is missing" },
        { HEAD "\"results\":[]}", "\"device\": \"name\" is missing" },
        { HEAD DEVICE "\"results\":{}}", "\"results\" is not a list of results" },
        { HEAD DEVICE "\"checks\":[]}", "\"results\" is missing" },
        { HEAD DEVICE "\"checks\":3,\"results\":[]}", "\"checks\" is not a list" },
        { HEAD DEVICE "\"checks\":[{}],\"results\":[]}", "\"checks\": \"check\" is missing" },
        { HEAD DEVICE
          "\"checks\":[{\"check\":\"a\",\"limit\":1,\"comparisons\":1}],\"results\":[]}",
          "\"error\" is neither null nor a number from 0" },
        { HEAD DEVICE "\"left_out\":[{\"what\":\"w\"}],\"results\":[]}",
          "\"left_out\": \"why\" is missing" },
        { HEAD DEVICE "\"peak\":{\"fma_gflops\":-1},\"results\":[]}", "is not a number from 0" },
        { HEAD DEVICE "\"results\":[{\"schema\":2}]}", "schema 2; this program reads schema 1" },
        { HEAD DEVICE "\"results\":[{\"schema\":1,\"kind\":\"suite\"}]}", "is missing" },
        { HEAD DEVICE "\"results\":[", "not JSON" },
    };
    alx_results in = { 0 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        print_message("%s\n", wrong[i].says);
        test_folder_write(&test_own_folder, "w.json", wrong[i].text);
        assert_int_equal(alx_results_read(&in, test_folder_path(&test_own_folder, "w.json")),
                         ALX_E_DATA);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), "w.json: "));
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), wrong[i].says));
        alx_results_free(&in);
    }
}

/* ---- side by side ---------------------------------------------------------------------------- */

/* A has three files, medians 110 and 220 images/s and 2.5 ms; B one. */
static void devices_are_columns_of_medians(void **state)
{
    alx_results in = { 0 };

    (void)state;
    write_suite("a1.json", "A", 100, 220, 2);
    write_suite("a2.json", "A", 900, 230, 2.5);
    write_suite("a3.json", "A", 110, 210, 9);
    write_suite("b.json", "B <x>", 275, 55, 5);
    read_suite(&in, "a1.json");
    read_suite(&in, "a2.json");
    read_suite(&in, "a3.json");
    read_suite(&in, "b.json");
    assert_int_equal(in.suite_count, 4);
    char *html = page_of(&in);

    assert_non_null(strstr(html, "<th>A</th><th>B &lt;x&gt;</th></tr>"));
    assert_non_null(strstr(html, "files</td><td>3</td><td>1</td>"));
    assert_non_null(strstr(html, "gpu, 32 units"));
    /* 4 GFLOP an image of 10000 GFLOP/s, and 275 / 110 */
    assert_non_null(strstr(html, "paper, batch 128, training</td><td>110<small>4 %</small></td>"
                                 "<td>275<small>11 %, 2.5x</small></td>"));
    assert_non_null(strstr(html, "paper, batch 128, inference</td><td>220<small></small></td>"
                                 "<td>55.0<small>0.25x</small></td>"));
    /* times: less is faster */
    assert_non_null(strstr(html, "conv1 forward</td><td>2.500<small>50 %</small></td>"
                                 "<td>5.000<small>50 %, 0.50x</small></td>"));
    assert_non_null(strstr(html, "left out: paper, batch 512, training: memory: 9 GiB"));
    assert_null(strstr(html, "What was measured")); /* of results that are in no suite */
    free(html);
    alx_results_free(&in);
}

static void other_cores_are_another_column(void **state)
{
    alx_results in = { 0 };

    (void)state;
    write_suite("a.json", "A", 100, 200, 2);
    read_suite(&in, "a.json");
    read_suite(&in, "a.json");
    in.suites[1].device.compute_units = 31;
    char *html = page_of(&in);

    assert_non_null(strstr(html, "<td>gpu, 32 units</td><td>gpu, 31 units</td>"));
    free(html);
    alx_results_free(&in);
}

static void another_commit_is_another_column(void **state)
{
    alx_results in = { 0 };

    (void)state;
    write_suite("a.json", "A", 100, 200, 2);
    read_suite(&in, "a.json");
    read_suite(&in, "a.json");
    snprintf(in.suites[1].commit, sizeof in.suites[1].commit, "def");
    char *html = page_of(&in);

    assert_non_null(strstr(html, "<th>A</th><th>A</th></tr>"));
    assert_non_null(strstr(html, "100<small>4 %, 1.0x</small>"));
    free(html);
    alx_results_free(&in);
}

static void without_memory_there_is_no_page(void **state)
{
    const alx_results more_than_fit = { .suite_count = SIZE_MAX / 4 };
    const char *path = test_folder_path(&test_own_folder, "none.html");

    (void)state;
    assert_int_equal(alx_report_html(path, &more_than_fit), ALX_E_MEMORY);
    assert_false(base_file_exists(path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_comes_back),
        cmocka_unit_test(an_error_that_is_no_number_fails),
        cmocka_unit_test(wrong_files_say_what_is_wrong),
        cmocka_unit_test(devices_are_columns_of_medians),
        cmocka_unit_test(other_cores_are_another_column),
        cmocka_unit_test(another_commit_is_another_column),
        cmocka_unit_test(without_memory_there_is_no_page),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
