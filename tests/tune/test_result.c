/* test_result.c - what a search has found: rows that were made up side by side, and as JSON. */
#include "support/device.h"
#include "support/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "tune/tune.h"

#define PROBLEM "conv2d forward 4x4x8 to 4x4x16 3/1+1 g1"

static alx_tune_problem problem = {
    .info = { .label = "conv2 forward", .in = { 4, 4, 4, 8 }, .flops = 3e6 },
    .problem = PROBLEM,
    .calls = 2,
    .way_count = 7,
    .ways = { "vec", "im2col", "winograd tiles=36", "winograd tiles=16", "tile", "vec vectors=3",
              ALX_TUNED_IM2COL },
};

/* Milliseconds of each way; 0: wrong numbers; below 0: not measured. */
static alx_tune measured(const double ms[7])
{
    alx_tune tune = { .dev = test_device(), .problems = &problem, .problem_count = 1 };

    remove(test_folder_path(&test_own_folder, "rows"));
    assert_ok(alx_rows_of_device(&tune.rows, alx_device_get_info(tune.dev),
                                 test_folder_path(&test_own_folder, "rows")));
    for (size_t i = 0; i < problem.way_count; ++i) {
        alx_row row = { .problem = PROBLEM, .batch = 4, .ms = ms[i], .error = 0.25 };

        memcpy(row.choice, problem.ways[i], sizeof row.choice);
        if (ms[i] >= 0.0)
            assert_ok(alx_rows_add(tune.rows, &row));
    }
    return tune;
}

static void assert_row(const alx_row *row, const char *choice, double ms)
{
    assert_non_null(row);
    assert_string_equal(row->choice, choice);
    assert_true(row->ms == ms);
}

static void each_side_has_its_fastest(void **state)
{
    alx_tune tune = measured((const double[]){ 8, 5, 2, 3, 0, -1, 4 });
    double usual_ms, fastest_ms;
    const alx_tune_result r = alx_tune_result_of(&tune, &problem);

    (void)state;
    assert_row(r.usual, "vec", 8);
    assert_row(r.own, "winograd tiles=36", 2);
    assert_row(r.fastest, "winograd tiles=36", 2);
    assert_row(r.clblast, "im2col", 5);
    assert_row(r.clblast_tuned, ALX_TUNED_IM2COL, 4);
    assert_true(alx_tune_gflops(&problem, r.own) == 1.5);
    assert_int_equal(alx_tune_sum(&usual_ms, &fastest_ms, &tune), 1);
    assert_true(usual_ms == 2 * 8 && fastest_ms == 2 * 2); /* two calls in a step */
    alx_rows_close(tune.rows);
}

static void what_does_not_count_is_left_out(void **state)
{
    alx_tune tune = measured((const double[]){ 0, -1, 0, -1, 7, 9, 1 });
    double usual_ms, fastest_ms;
    const alx_tune_result r = alx_tune_result_of(&tune, &problem);

    (void)state;
    assert_null(r.usual);
    assert_null(r.clblast);
    assert_row(r.own, "tile", 7);
    assert_row(r.fastest, ALX_TUNED_IM2COL, 1);
    assert_int_equal(alx_tune_sum(&usual_ms, &fastest_ms, &tune), 1);
    assert_true(usual_ms == 2 * 1); /* what is not known counts as the fastest */
    alx_rows_close(tune.rows);

    tune = measured((const double[]){ -1, -1, -1, -1, -1, -1, -1 });
    assert_null(alx_tune_result_of(&tune, &problem).fastest);
    assert_int_equal(alx_tune_sum(&usual_ms, &fastest_ms, &tune), 0);
    alx_rows_close(tune.rows);
}

static void json_has_every_row(void **state)
{
    alx_tune tune = measured((const double[]){ 8, -1, 0, -1, -1, -1, 4 });
    char *text = NULL;

    (void)state;
    tune.stopped = true;
    assert_ok(alx_tune_json(&text, &tune, "small", 4));
    cJSON *tree = cJSON_Parse(text), *rows = cJSON_DetachItemFromObject(tree, "rows");
    char *line = cJSON_PrintUnformatted(rows);

    assert_string_equal(line, "[{\"pass\":\"conv2 forward\",\"choice\":\"vec\",\"right\":true,"
                              "\"ms\":8,\"gflops\":0.375,\"error\":0.25},"
                              "{\"pass\":\"conv2 forward\",\"choice\":\"winograd tiles=36\","
                              "\"right\":false,\"ms\":0,\"gflops\":0,\"error\":0.25},"
                              "{\"pass\":\"conv2 forward\",\"choice\":\"" ALX_TUNED_IM2COL "\","
                              "\"right\":true,\"ms\":4,\"gflops\":0.75,\"error\":0.25}]");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(tree, "device")),
                        alx_device_get_info(tune.dev)->name);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(tree, "config")), "small");
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(tree, "batch_size")) == 4);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(tree, "complete")));
    cJSON_Delete(tree);
    cJSON_Delete(rows);
    free(line);
    free(text);
    alx_rows_close(tune.rows);
}

static int leave(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(each_side_has_its_fastest),
        test_on_device(what_does_not_count_is_left_out),
        test_on_device(json_has_every_row),
    };

    return cmocka_run_group_tests_name("result", tests, test_own_folder_make, leave);
}
