/* test_metrics.c - rows of metrics, cutting them at a resume, and putting an earlier run aside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "support/folder.h"
#include "support/test.h"
#include "train/run.h"

static const char *path_of(const char *name)
{
    static char path[PATH_MAX];

    assert_ok(base_path_in(path, test_own_folder.path, name));
    return path;
}

/* The caller frees. */
static char *content(const char *name)
{
    char *text = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&text, &bytes, path_of(name)));
    return text;
}

static void expect_content(const char *name, const char *want)
{
    char *text = content(name);

    assert_string_equal(text, want);
    free(text);
}

static alx_epoch_metrics metrics_of(size_t epoch, bool validated)
{
    return (alx_epoch_metrics){
        .epoch = epoch,
        .step = epoch * 100,
        .lr = 0.01,
        .train = { .images = 800, .top1 = 200, .top5 = 600, .loss = 2.25 },
        .validation = { .images = validated ? 16 : 0, .top1 = 3, .top5 = 8, .loss = 1.5 },
        .seconds = 2.5,
        .images_s = 320.0,
        .wait_share = 0.125,
        .grad_norm = 0.75,
    };
}

#define HEADER                                                                                     \
    "epoch,step,lr,train_loss,train_top1,train_top5,val_loss,val_top1,val_top5,seconds,"           \
    "images_s,wait_share,grad_norm\n"
#define ROW_1 "1,100,0.01,2.25,0.25,0.75,1.5,0.1875,0.5,2.5,320,0.125,0.75\n"
#define ROW_2 "2,200,0.01,2.25,0.25,0.75,,,,2.5,320,0.125,0.75\n"
#define JSON_1                                                                                     \
    "{\"epoch\":1,\"step\":100,\"lr\":0.01,\"train_loss\":2.25,\"train_top1\":0.25,"               \
    "\"train_top5\":0.75,\"val_loss\":1.5,\"val_top1\":0.1875,\"val_top5\":0.5,"                   \
    "\"seconds\":2.5,\"images_s\":320,\"wait_share\":0.125,\"grad_norm\":0.75}\n"

static void rows_are_appended_and_cut(void **state)
{
    const alx_epoch_metrics first = metrics_of(1, true), second = metrics_of(2, false);

    (void)state;
    assert_ok(train_metrics_cut(test_own_folder.path, 0));
    expect_content("metrics.csv", HEADER);
    expect_content("metrics.jsonl", "");
    assert_ok(train_metrics_append(test_own_folder.path, &first));
    assert_ok(train_metrics_append(test_own_folder.path, &second));
    expect_content("metrics.csv", HEADER ROW_1 ROW_2);
    char *json = content("metrics.jsonl");
    assert_memory_equal(json, JSON_1, strlen(JSON_1));
    assert_non_null(strstr(json + strlen(JSON_1), "\"val_loss\":null,"));
    free(json);

    assert_ok(train_metrics_cut(test_own_folder.path, 2));
    expect_content("metrics.csv", HEADER ROW_1 ROW_2);
    assert_ok(train_metrics_cut(test_own_folder.path, 1));
    expect_content("metrics.csv", HEADER ROW_1);
    expect_content("metrics.jsonl", JSON_1);
}

/* A machine that lost power leaves half a line. */
static void half_a_row_is_cut(void **state)
{
    static const char half[] = HEADER ROW_1 "2,200,0.0";

    (void)state;
    assert_ok(base_file_write(path_of("metrics.csv"), half, strlen(half)));
    assert_ok(train_metrics_cut(test_own_folder.path, 9));
    expect_content("metrics.csv", HEADER ROW_1);
}

static void a_folder_that_is_gone_is_an_io_error(void **state)
{
    const alx_epoch_metrics row = metrics_of(1, true);

    (void)state;
    assert_int_equal(train_metrics_append("/proc/nowhere", &row), ALX_E_IO);
    assert_int_equal(train_metrics_cut("/proc/nowhere", 0), ALX_E_IO);
}

static void an_earlier_run_is_put_aside(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    assert_ok(base_file_write(path_of("checkpoint-last"), "run A", 5));
    assert_ok(base_file_write(path_of("curves.png"), "curves A", 8));
    assert_ok(train_run_folder_prepare(test_own_folder.path, NULL, 0));
    assert_false(base_file_exists(path_of("checkpoint-last")));
    assert_false(base_file_exists(path_of("curves.png")));
    expect_content("checkpoint-last.old", "run A");
    expect_content("curves.png.old", "curves A");
}

/* All files of a run get the same name, though not every run has every file. */
static void earlier_runs_are_kept_apart(void **state)
{
    (void)state;
    assert_ok(base_file_write(path_of("metrics.csv"), "run A2", 6));
    assert_ok(train_run_folder_prepare(test_own_folder.path, NULL, 0));
    assert_ok(base_file_write(path_of("diagnose.csv"), "run A3", 6));
    assert_ok(train_run_folder_prepare(test_own_folder.path, NULL, 0));
    expect_content("checkpoint-last.old", "run A");
    expect_content("metrics.csv.old2", "run A2");
    expect_content("diagnose.csv.old3", "run A3");
}

static void rows_of_other_columns_are_put_aside(void **state)
{
    static const char before[] = "epoch,layer,zeros\n1,conv1,0.5\n";

    (void)state;
    assert_ok(base_file_write(path_of("diagnose.csv"), before, strlen(before)));
    assert_ok(train_rows_cut(test_own_folder.path, "diagnose.csv", "epoch,layer\n", "%zu,", 1));
    expect_content("diagnose.csv", "epoch,layer\n");
    expect_content("diagnose.csv.old4", before);
}

static void a_resumed_run_keeps_its_files(void **state)
{
    char resume[PATH_MAX];

    (void)state;
    assert_ok(base_file_write(path_of("checkpoint-last"), "run B", 5));
    snprintf(resume, sizeof resume, "%s/../%s/checkpoint-last", test_own_folder.path,
             base_path_base(test_own_folder.path));
    assert_ok(train_run_folder_prepare(test_own_folder.path, resume, 0));
    expect_content("checkpoint-last", "run B");
}

static void a_run_resumed_from_elsewhere_takes_its_rows_along(void **state)
{
    test_folder source = test_folder_create();
    char resume[PATH_MAX];

    (void)state;
    test_folder_write_bytes(&source, "metrics.csv", HEADER ROW_1, strlen(HEADER ROW_1));
    test_folder_write_bytes(&source, "checkpoint-best", "not one", 7);
    snprintf(resume, sizeof resume, "%s/checkpoint-last", source.path);
    assert_ok(base_file_write(path_of("checkpoint-last"), "run C", 5));
    assert_ok(train_run_folder_prepare(test_own_folder.path, resume, 1));
    assert_false(base_file_exists(path_of("checkpoint-last")));
    assert_false(base_file_exists(path_of("checkpoint-best")));
    expect_content("metrics.csv", HEADER ROW_1);
    test_folder_remove(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_appended_and_cut),
        cmocka_unit_test(half_a_row_is_cut),
        cmocka_unit_test(a_folder_that_is_gone_is_an_io_error),
        cmocka_unit_test(an_earlier_run_is_put_aside),
        cmocka_unit_test(earlier_runs_are_kept_apart),
        cmocka_unit_test(rows_of_other_columns_are_put_aside),
        cmocka_unit_test(a_resumed_run_keeps_its_files),
        cmocka_unit_test(a_run_resumed_from_elsewhere_takes_its_rows_along),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
