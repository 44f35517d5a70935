/* test_results.c - results of benchmarks as JSON and CSV, and the comparison of two of them, with
 * numbers that were made up and worked out by hand. */
#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/report.h"
#include "base/file.h"

static alx_result step_result(double train_ms, double infer_ms)
{
    return (alx_result){
        .kind = "step",
        .program = "alexnet",
        .device = "A \"quick\" one, with commas",
        .driver = "1.0",
        .config = "paper",
        .data = "made-up",
        .batch_size = 128,
        .units = 2,
        .fma_gflops = 200,
        .memory_gbytes_per_s = 20,
        .train = { 128e3 / train_ms, train_ms, train_ms, 2 * train_ms, 300, 0.25, 3e9, 4e9 },
        .infer = { 128e3 / infer_ms, infer_ms, infer_ms, infer_ms, 250, 0, 0, 0 },
    };
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static int read_text(alx_results *results, const char *text)
{
    *results = (alx_results){ 0 };
    test_folder_write(&test_own_folder, "r.json", text);
    return alx_results_read(results, test_folder_path(&test_own_folder, "r.json"));
}

static void json_comes_back(void **state)
{
    alx_result_row rows[] = {
        { "conv1", "forward", "vec", 2.5, 2, 3, 150, 10, 0.75, "compute" },
        { "norm", "", "sum_chunks", 0.5, 0.25, 1, 0, 15, 0.5, "memory" },
    };
    alx_result out = step_result(1600, 640);
    alx_results in;
    char *text = NULL;

    (void)state;
    out.rows = rows;
    out.row_count = ALX_COUNT(rows);
    assert_ok(alx_result_json(&text, &out));
    assert_ok(read_text(&in, text));
    assert_int_equal(in.count, 1);
    const alx_result *r = &in.list[0];
    assert_string_equal(r->kind, "step");
    assert_string_equal(r->device, out.device);
    assert_true(r->batch_size == 128 && r->fma_gflops == 200 && r->memory_gbytes_per_s == 20);
    assert_true(r->train.images_per_s == 80 && r->infer.images_per_s == 200);
    assert_memory_equal(&r->train, &out.train, sizeof r->train);
    assert_int_equal(r->row_count, 2);
    for (size_t i = 0; i < r->row_count; ++i) {
        assert_string_equal(r->rows[i].layer, rows[i].layer);
        assert_string_equal(r->rows[i].pass, rows[i].pass);
        assert_string_equal(r->rows[i].limit, rows[i].limit);
        assert_true(r->rows[i].median_ms == rows[i].median_ms);
        assert_true(r->rows[i].gflops == rows[i].gflops);
        assert_true(r->rows[i].roofline == rows[i].roofline);
    }
    alx_results_free(&in);
    free(text);
}

#define HEAD "{\"schema\":1,\"kind\":\"step\",\"program\":\"p\",\"device\":\"d\",\"config\":\"c\","
#define RATE "{\"images_per_s\":10,\"median_ms\":100}"

static void a_list_of_results_is_read(void **state)
{
    alx_results in;

    (void)state;
    assert_ok(read_text(&in, "[" HEAD "\"batch_size\":1,\"train\":" RATE "}," HEAD
                             "\"batch_size\":2,\"infer\":" RATE "}]"));
    assert_int_equal(in.count, 2);
    assert_true(in.list[0].infer.images_per_s == 0 && in.list[1].infer.images_per_s == 10);
    assert_ok(alx_results_read(&in, test_folder_path(&test_own_folder, "r.json"))); /* two more */
    assert_int_equal(in.list[0].file, in.list[1].file);
    assert_int_equal(in.list[2].file, in.list[3].file);
    assert_true(in.list[0].file != in.list[2].file);
    alx_results_free(&in);
}

static void wrong_files_say_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *says;
    } wrong[] = {
        { "", "r.json: not JSON" },
        { "{\"schema\":1,", "r.json: not JSON" },
        { "[]", "an empty list: there is no result in it" },
        { "3", "not JSON, or neither an object nor a list" },
        { "[3]", "not a result of `alexnet bench --json`" },
        { "{\"a\":1}", "not a result of `alexnet bench --json`" },
        { "{\"schema\":2}", "schema 2; this program reads schema 1" },
        { "{\"schema\":1}", "\"kind\" is missing" },
        { "{\"schema\":1,\"kind\":7}", "\"kind\" is not a text" },
        { "{\"schema\":1,\"kind\":\"a kind of its own\"}", "\"kind\" is longer than 7 bytes" },
        { HEAD "\"train\":" RATE "}", "\"batch_size\" is missing" },
        { HEAD "\"batch_size\":\"many\",\"train\":" RATE "}", "is not a number from 0" },
        { HEAD "\"batch_size\":-1,\"train\":" RATE "}", "is not a number from 0" },
        { HEAD "\"batch_size\":1e999,\"train\":" RATE "}", "is not a number from 0" },
        { HEAD "\"batch_size\":1e308,\"train\":" RATE "}", "is not a number from 0 to 1e15" },
        { HEAD "\"batch_size\":5e-324,\"train\":" RATE "}", "or is below 1e-15" },
        { HEAD "\"batch_size\":0,\"train\":" RATE "}", "\"batch_size\" is below 1" },
        { HEAD "\"batch_size\":8}", "neither \"train\" nor \"infer\"" },
        { HEAD "\"batch_size\":8,\"train\":{}}", "\"images_per_s\" is missing" },
        { HEAD "\"batch_size\":8,\"train\":{\"images_per_s\":0,\"median_ms\":1}}", "time of 0" },
        { HEAD "\"batch_size\":8,\"train\":" RATE ",\"ops\":3}", "not a list of passes" },
        { HEAD "\"batch_size\":8,\"train\":" RATE ",\"ops\":[{}]}", "\"layer\" is missing" },
    };
    alx_results in;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        print_message("%s\n", wrong[i].says);
        assert_int_equal(read_text(&in, wrong[i].text), ALX_E_DATA);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), "r.json"));
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), wrong[i].says));
        alx_results_free(&in);
    }
    assert_int_equal(alx_results_read(&in, "/nonexistent.json"), ALX_E_DATA);
}

/* ---- tables --------------------------------------------------------------------------------- */

/* Images are waited for where they are read. */
static void only_real_data_have_a_column_of_waiting(void **state)
{
    static const struct {
        const char *data, *head;
        bool waits;
    } cases[] = { { "made-up", "RAM\n", false }, { "real", "RAM   wait\n", true } };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        alx_result r = step_result(1600, 640);
        char *text = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&text, &bytes);

        snprintf(r.data, sizeof r.data, "%s", cases[i].data);
        alx_result_print(out, &r, NULL, 200);
        fclose(out);
        assert_non_null(strstr(text, cases[i].head));
        assert_int_equal(strstr(text, " 25.0%\n") != NULL, cases[i].waits);
        free(text);
    }
}

/* ---- CSV ----------------------------------------------------------------------------------- */

static void csv_quotes_names(void **state)
{
    alx_result r = step_result(1600, 640);
    char *text = NULL, *written = NULL;
    size_t bytes = 0;

    (void)state;
    assert_ok(alx_result_csv(&text, &r));
    assert_string_equal(text,
                        "program,version,date,device,driver,config,batch_size,what,images_per_s,"
                        "median_ms,min_ms,max_ms,gflops,wait_share,device_bytes,resident_bytes\n"
                        "\"alexnet\",\"\",\"\",\"A \"\"quick\"\" one, with commas\",\"1.0\","
                        "\"paper\",128,train,80,1600,1600,3200,300,0.25,3000000000,4000000000\n"
                        "\"alexnet\",\"\",\"\",\"A \"\"quick\"\" one, with commas\",\"1.0\","
                        "\"paper\",128,infer,200,640,640,640,250,0,0,0\n");
    assert_ok(alx_result_csv_write(test_folder_path(&test_own_folder, "r.csv"), &r));
    assert_ok(base_file_read(&written, &bytes, test_folder_path(&test_own_folder, "r.csv")));
    assert_string_equal(written, text);
    free(written);
    free(text);
}

/* ---- comparison ---------------------------------------------------------------------------- */

static void slower_is_beyond_the_threshold(void **state)
{
    const alx_result before = step_result(1000, 400), now = step_result(1099, 480);
    alx_comparison c;

    (void)state;
    assert_ok(alx_result_compare(&c, &before, &now, 0.1));
    assert_int_equal(c.count, 2);
    assert_int_equal(c.slower, 1);
    assert_string_equal(c.rows[0].what, "training");
    assert_false(c.rows[0].slower); /* 9.9 % */
    assert_true(c.rows[1].slower);  /* 20 % */
    assert_true(c.rows[1].speed > 0.8333 && c.rows[1].speed < 0.8334);
    assert_string_equal(c.notes, "");
    alx_comparison_free(&c);
    assert_ok(alx_result_compare(&c, &before, &now, 0.25));
    assert_int_equal(c.slower, 0);
    alx_comparison_free(&c);
    assert_ok(alx_result_compare(&c, &now, &before, 0.0)); /* faster */
    assert_int_equal(c.slower, 0);
    alx_comparison_free(&c);
}

static void short_passes_do_not_count(void **state)
{
    alx_result_row old_rows[] = { { "conv1", "forward", "vec", 99.5, 0, 0, 0, 0, 0, "" },
                                  { "relu1", "forward", "a", 0.5, 0, 0, 0, 0, 0, "" } };
    alx_result_row new_rows[] = { { "relu1", "forward", "b", 5.0, 0, 0, 0, 0, 0, "" },
                                  { "conv1", "forward", "winograd", 50, 0, 0, 0, 0, 0, "" },
                                  { "pool1", "forward", "c", 7, 0, 0, 0, 0, 0, "" } };
    alx_result before = { .kind = "ops", .config = "paper", .batch_size = 128 }, now = before;
    alx_comparison c;

    (void)state;
    before.rows = old_rows;
    before.row_count = ALX_COUNT(old_rows);
    now.rows = new_rows;
    now.row_count = ALX_COUNT(new_rows);
    assert_ok(alx_result_compare(&c, &before, &now, 0.1));
    assert_int_equal(c.count, 2); /* pool1 is new */
    assert_int_equal(c.slower, 0);
    assert_false(c.rows[0].counts);
    assert_true(c.rows[1].counts && c.rows[1].speed == 1.99);
    alx_comparison_free(&c);
}

static void differences_are_said(void **state)
{
    const alx_result before = step_result(1000, 400);
    alx_result now = before;
    alx_comparison c;

    (void)state;
    snprintf(now.device, sizeof now.device, "another one");
    now.fma_gflops = 150;
    now.units = 1;
    assert_ok(alx_result_compare(&c, &before, &now, 0.1));
    assert_non_null(strstr(c.notes, "device: another one, the baseline's A \"quick\" one"));
    assert_non_null(strstr(c.notes, "compute units: 1, the baseline's 2\n"));
    assert_non_null(strstr(c.notes, "FMA peak: 150 GFLOP/s, the baseline's 200: the device itself "
                                    "was slower"));
    alx_comparison_free(&c);

    now = before;
    now.batch_size = 64;
    assert_int_equal(alx_result_compare(&c, &before, &now, 0.1), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "of batch size 128, this is 64"));
    now = before;
    snprintf(now.config, sizeof now.config, "owt");
    assert_int_equal(alx_result_compare(&c, &before, &now, 0.1), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "of config paper, this is owt"));
}

/* ---- the baseline ---------------------------------------------------------------------------- */

static void a_baseline_is_the_one_that_is_alike(void **state)
{
    alx_result list[3] = { step_result(1, 1), step_result(2, 1), step_result(3, 1) };
    const alx_result now = step_result(1, 1);
    alx_results file = { .list = list, .count = ALX_COUNT(list) };
    const alx_result *found = NULL;

    (void)state;
    assert_int_equal(alx_results_find(&found, &file, &now, "old.json"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA),
                        "old.json holds several results like this one");
    snprintf(list[0].program, sizeof list[0].program, "pytorch");
    list[2].batch_size = 64;
    assert_ok(alx_results_find(&found, &file, &now, "old.json"));
    assert_ptr_equal(found, &list[1]);
    snprintf(list[1].device, sizeof list[1].device, "another");
    assert_int_equal(alx_results_find(&found, &file, &now, "old.json"), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA),
                           "old.json holds no result of bench step paper, batch 128, on A"));
    assert_null(found);
}

static void the_only_result_serves_where_it_can_be_compared(void **state)
{
    alx_result only = step_result(2, 1);
    const alx_result now = step_result(1, 1);
    alx_results file = { .list = &only, .count = 1 };
    const alx_result *found = NULL;

    (void)state;
    snprintf(only.device, sizeof only.device, "another");
    assert_ok(alx_results_find(&found, &file, &now, "old.json"));
    assert_ptr_equal(found, &only);
    only.batch_size = 64;
    assert_int_equal(alx_results_find(&found, &file, &now, "old.json"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA),
                        "old.json: the baseline is of batch size 64, this is 128");
}

/* ---- the fastest of a pass ------------------------------------------------------------------- */

static void the_fastest_of_each_side_is_found(void **state)
{
    alx_result_row rows[] = {
        { "conv1", "forward", "vec", 3, 0, 0, 0, 0, 0, "" },
        { "conv1", "forward", "im2col", 5, 0, 0, 0, 0, 0, "" },
        { "conv1", "forward", "winograd", 2, 0, 0, 0, 0, 0, "" },
        { "conv1", "grad-weight", "im2col", 1, 0, 0, 0, 0, 0, "" },
        { "fc6", "grad-weight", "clblast", 9, 0, 0, 0, 0, 0, "" },
        { "fc6", "grad-weight", "tile", 8, 0, 0, 0, 0, 0, "" },
    };
    const alx_result result = { .rows = rows, .row_count = ALX_COUNT(rows) };
    const alx_result_row *own, *clblast;

    (void)state;
    assert_int_equal(alx_result_fastest(&own, &clblast, &result, 0), 3);
    assert_ptr_equal(own, &rows[2]);
    assert_ptr_equal(clblast, &rows[1]);
    assert_int_equal(alx_result_fastest(&own, &clblast, &result, 3), 4);
    assert_null(own);
    assert_ptr_equal(clblast, &rows[3]);
    assert_int_equal(alx_result_fastest(&own, &clblast, &result, 4), 6);
    assert_ptr_equal(own, &rows[5]);
    assert_ptr_equal(clblast, &rows[4]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_comes_back),
        cmocka_unit_test(a_list_of_results_is_read),
        cmocka_unit_test(wrong_files_say_what_is_wrong),
        cmocka_unit_test(only_real_data_have_a_column_of_waiting),
        cmocka_unit_test(csv_quotes_names),
        cmocka_unit_test(slower_is_beyond_the_threshold),
        cmocka_unit_test(short_passes_do_not_count),
        cmocka_unit_test(differences_are_said),
        cmocka_unit_test(a_baseline_is_the_one_that_is_alike),
        cmocka_unit_test(the_only_result_serves_where_it_can_be_compared),
        cmocka_unit_test(the_fastest_of_each_side_is_found),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
