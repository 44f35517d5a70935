/* test_locale.c - a program whose locale has a decimal comma reads and writes the bytes that one of
 * the C locale does. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/report.h"
#include "alexnet/dev/rows.h"
#include "alexnet/log.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "support/locale.h"
#include "support/training.h"

static test_folder data, pointed, comma; /* the runs of both locales */

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    data = test_folder_create();
    pointed = test_folder_create();
    comma = test_folder_create();
    training_write_data(&data, TRAINING_IMAGES, TRAINING_TEST_IMAGES);
    return 0;
}

static int teardown(void **state)
{
    test_locale_plain();
    test_folder_remove(&data);
    test_folder_remove(&pointed);
    test_folder_remove(&comma);
    return test_device_close(state);
}

static int plain(void **state)
{
    (void)state;
    test_locale_plain();
    return 0;
}

/* ---- a run --------------------------------------------------------------------------------- */

/* Stopped in an epoch's middle, and gone on with. */
static void train(const test_folder *run)
{
    alx_train_options options = training_options(data.path, run->path, "train.lr=0.0125");
    alx_train_result result;

    options.diagnose = true;
    options.max_steps = 10;
    assert_ok(training_run(&result, &options));
    options.max_steps = 0;
    options.resume = test_folder_path(run, "checkpoint-last");
    assert_ok(training_run(&result, &options));
    assert_int_equal(result.steps, 21);
}

/* Columns 1 to 9 and the last: all that is not time. */
static void read_rows(char rows[4096], const test_folder *run)
{
    char *text = NULL, *out = rows;
    size_t bytes = 0;
    int column = 1;

    assert_ok(base_file_read(&text, &bytes, test_folder_path(run, "metrics.csv")));
    for (const char *p = text; *p != '\0' && out < rows + 4000; ++p) {
        if (column <= 9 || column > 12 || *p == '\n')
            *out++ = *p;
        column = *p == '\n' ? 1 : column + (*p == ',');
    }
    *out = '\0';
    free(text);
}

static void a_run_leaves_the_same_bytes(void **state)
{
    char rows[4096], pointed_rows[4096];

    (void)state;
    train(&pointed);
    test_locale_comma();
    assert_string_equal(localeconv()->decimal_point, ",");
    train(&comma);
    training_assert_same(comma.path, pointed.path, "config.ini");
    training_assert_same(comma.path, pointed.path, "checkpoint-last");
    training_assert_same(comma.path, pointed.path, "checkpoint-best");
    training_assert_same(comma.path, pointed.path, ALX_DIAGNOSIS_CSV);
    read_rows(rows, &comma);
    read_rows(pointed_rows, &pointed);
    assert_string_equal(rows, pointed_rows);
}

static void predict(float *prob, alx_device *dev)
{
    alx_model *model = NULL;
    alx_dataset *set = NULL;

    assert_ok(alx_model_open(&model, test_folder_path(&pointed, "checkpoint-best")));
    assert_true(alx_model_checkpoint(model)->config.train.lr == 0.0125);
    assert_ok(alx_model_build(model, &dev, 1, NULL));
    assert_ok(alx_dataset_open(&set, data.path, ALX_SPLIT_TEST));
    assert_ok(alx_model_predict(prob, model, set));
    alx_dataset_close(set);
    alx_model_close(model);
}

/* Kernels are built anew in the other locale. */
static void a_model_sees_the_same(void **state)
{
    float prob[2][TRAINING_TEST_IMAGES * 10];
    alx_device *dev = NULL;

    (void)state;
    predict(prob[0], test_device());
    test_locale_comma();
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    assert_ok(alx_device_open(&dev, getenv("ALEXNET_DEVICE"), NULL));
    predict(prob[1], dev);
    alx_device_close(dev);
    assert_memory_equal(prob[1], prob[0], sizeof prob[0]);
}

/* ---- other files --------------------------------------------------------------------------- */

static char *content(const char *path)
{
    char *text = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&text, &bytes, path));
    return text;
}

static void results_are_the_same_text(void **state)
{
    alx_result_row row = { "conv1", "forward", "vec", 2.5, 2, 3, 150.5, 10, 0.75, "compute" };
    alx_result result = { .kind = "ops",
                          .program = "alexnet",
                          .device = "d",
                          .config = "paper",
                          .batch_size = 128,
                          .fma_gflops = 200.5,
                          .memory_gbytes_per_s = 20.25,
                          .rows = &row,
                          .row_count = 1 };
    const alx_results one = { .list = &result, .count = 1 };
    const char *page = test_folder_path(&comma, "page.html");
    alx_results in = { 0 };
    char *json[2], *csv[2], *html[2];

    (void)state;
    for (int i = 0; i < 2; ++i) {
        if (i > 0)
            test_locale_comma();
        assert_ok(alx_result_json(&json[i], &result));
        assert_ok(alx_result_csv(&csv[i], &result));
        assert_ok(alx_report_html(page, &one));
        html[i] = content(page);
    }
    assert_string_equal(json[1], json[0]);
    assert_string_equal(csv[1], csv[0]);
    assert_string_equal(html[1], html[0]);
    test_folder_write(&comma, "r.json", json[1]);
    assert_ok(alx_results_read(&in, test_folder_path(&comma, "r.json")));
    assert_memory_equal(&in.list[0].rows[0], &row, sizeof row);
    alx_results_free(&in);
    for (int i = 0; i < 2; ++i) {
        free(json[i]);
        free(csv[i]);
        free(html[i]);
    }
}

static bool any_is_known(const alx_row *row, const void *user)
{
    (void)row;
    (void)user;
    return true;
}

static void tuning_rows_come_back(void **state)
{
    const alx_rows_key key = { .device = "d",
                               .driver = "1",
                               .families = { { "fc", "k" } },
                               .family_count = 1,
                               .is_known = any_is_known };
    const alx_row row = {
        .problem = "fc forward 8 to 4", .choice = "vec", .batch = 16, .ms = 0.25, .error = 1.5e-7
    };
    const char *path = test_folder_path(&comma, "rows.jsonl");
    alx_rows *rows = NULL;

    (void)state;
    test_locale_comma();
    assert_ok(alx_rows_open(&rows, &key, path));
    assert_ok(alx_rows_add(rows, &row));
    alx_rows_close(rows);
    assert_ok(alx_rows_open(&rows, &key, path));
    const alx_row *found = alx_rows_find(rows, row.problem, 16);

    assert_non_null(found);
    assert_true(found->ms == 0.25 && found->error == 1.5e-7);
    alx_rows_close(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_run_leaves_the_same_bytes, plain),
        cmocka_unit_test_teardown(a_model_sees_the_same, plain),
        cmocka_unit_test_teardown(results_are_the_same_text, plain),
        cmocka_unit_test_teardown(tuning_rows_come_back, plain),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
