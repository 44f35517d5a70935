/* test_mllog.c - the log of a run in MLPerf's form: line for line what MLPerf's own package writes
 * of it (tools/data/make_mllog.py); how a run ends that fails. tools/mllog_check.py asks MLPerf's
 * compliance checker. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define TOKEN ":::MLLOG "
#define MOST_LINES 64

/** A file of JSON, one object on a line. */
typedef struct lines {
    cJSON *line[MOST_LINES];
    size_t count;
} lines;

static char run_dir[512], log_path[512];

static lines read_lines(const char *path, const char *token)
{
    char *text = NULL, *rest = NULL;
    size_t bytes = 0;
    lines l = { .count = 0 };

    assert_ok(base_file_read(&text, &bytes, path));
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        assert_true(l.count < MOST_LINES);
        assert_memory_equal(line, token, strlen(token));
        l.line[l.count] = cJSON_Parse(line + strlen(token));
        assert_non_null(l.line[l.count++]);
    }
    free(text);
    return l;
}

static void free_lines(lines *l)
{
    for (size_t i = 0; i < l->count; ++i)
        cJSON_Delete(l->line[i]);
}

static const char *text_of(const cJSON *tree, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, name));
}

/* Value and metadata; of the latter the place in the program's source, which the package puts
 * there, is no part of the form. */
static void assert_same(const cJSON *line, cJSON *oracle)
{
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(oracle, "metadata");

    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "file");
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "lineno");
    cJSON_ReplaceItemInObjectCaseSensitive(oracle, "time_ms",
                                           cJSON_CreateNumber(test_number(line, "time_ms")));
    if (!cJSON_Compare(line, oracle, true))
        fail_msg("%s, not %s", cJSON_PrintUnformatted(line), cJSON_PrintUnformatted(oracle));
}

/* Puts what the run's other files say in the place of what no oracle can know. */
static void fill_in(cJSON *oracle, const lines *metrics, const lines *sessions)
{
    const char *key = text_of(oracle, "key");
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(oracle, "metadata");
    cJSON *value = NULL;
    char config[600];

    if (strcmp(key, "eval_accuracy") == 0) {
        const size_t epoch = (size_t)test_number(metadata, "epoch_num");

        value = cJSON_CreateNumber(test_number(metrics->line[epoch - 1], "val_top1"));
    } else if (strcmp(key, "submission_platform") == 0) {
        const cJSON *devices = cJSON_GetObjectItemCaseSensitive(sessions->line[0], "devices");

        value = cJSON_Duplicate(cJSON_GetArrayItem(devices, 0), true);
    } else if (strcmp(key, "config_filename") == 0) {
        snprintf(config, sizeof config, "%s/config.ini", run_dir);
        assert_true(base_file_exists(config));
        value = cJSON_CreateString(config);
    }
    if (value != NULL)
        assert_true(cJSON_ReplaceItemInObjectCaseSensitive(oracle, "value", value));
}

/* But for init_start, which is from before the first line. */
static void assert_time_goes_on(const lines *log)
{
    double last = 0.0;

    for (size_t i = 0; i < log->count; ++i) {
        const double now = test_number(log->line[i], "time_ms");

        if (strcmp(text_of(log->line[i], "key"), "init_start") == 0) {
            assert_true(now <= last);
            continue;
        }
        assert_true(now >= last);
        last = now;
    }
}

static void lines_are_those_of_mlperfs_package(void **state)
{
    char path[600];
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "-b", "500", "--epochs", "2",
                                    "-o", run_dir, "--mllog", log_path, "-q");

    (void)state;
    test_assert_run(&run, 0, "");
    test_run_free(&run);
    lines log = read_lines(log_path, TOKEN);
    lines oracle = read_lines(TEST_DIR "/data/mllog/tiny.log", TOKEN);

    snprintf(path, sizeof path, "%s/metrics.jsonl", run_dir);
    lines metrics = read_lines(path, "");

    snprintf(path, sizeof path, "%s/sessions.jsonl", run_dir);
    lines sessions = read_lines(path, "");

    assert_int_equal(log.count, oracle.count);
    for (size_t i = 0; i < log.count; ++i) {
        fill_in(oracle.line[i], &metrics, &sessions);
        assert_same(log.line[i], oracle.line[i]);
    }
    assert_time_goes_on(&log);
    free_lines(&log);
    free_lines(&oracle);
    free_lines(&metrics);
    free_lines(&sessions);
}

static void a_log_that_is_there_is_left_alone(void **state)
{
    test_run run = TEST_PROGRAM_RUN("train", "--resume", run_dir, "--epochs", "3", "--mllog",
                                    log_path);

    (void)state;
    test_assert_run(&run, 1, "alexnet: --mllog: ");
    test_assert_run(&run, 1,
                    "/log is there already, and a log tells of one go of one run: name "
                    "another file");
    test_run_free(&run);
}

/* A rate of 1000: a later update's loss is not finite. */
static void a_run_that_fails_was_aborted(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "failed");
    char own[512];

    (void)state;
    snprintf(own, sizeof own, "%s", path);
    test_run run = TEST_PROGRAM_RUN("train", "--resume", run_dir, "--epochs", "3", "--lr", "1000",
                                    "--mllog", own);

    test_assert_run(&run, 6, "is not finite");
    test_run_free(&run);
    lines log = read_lines(own, TOKEN);
    const cJSON *end = log.line[log.count - 1], *epoch = log.line[log.count - 2];
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(end, "metadata");

    assert_string_equal(text_of(end, "key"), "run_stop");
    assert_string_equal(text_of(metadata, "status"), "aborted");
    assert_string_equal(text_of(epoch, "key"), "epoch_start");
    metadata = cJSON_GetObjectItemCaseSensitive(epoch, "metadata");
    assert_true(test_number(metadata, "epoch_num") == 3.0);
    free_lines(&log);
}

static void a_run_that_never_begins_has_no_log(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "none");
    char own[512];

    (void)state;
    snprintf(own, sizeof own, "%s", path);
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", "/nowhere", "--mllog", own, "-o",
                                    test_folder_path(&test_own_folder, "other"));

    test_assert_run(&run, 4, "/nowhere");
    test_run_free(&run);
    assert_false(base_file_exists(own));
}

static int make(void **state)
{
    const int rc = test_own_folder_make(state);

    snprintf(run_dir, sizeof run_dir, "%s", test_folder_path(&test_own_folder, "run"));
    snprintf(log_path, sizeof log_path, "%s", test_folder_path(&test_own_folder, "log"));
    return rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_those_of_mlperfs_package),
        cmocka_unit_test(a_log_that_is_there_is_left_alone),
        cmocka_unit_test(a_run_that_fails_was_aborted),
        cmocka_unit_test(a_run_that_never_begins_has_no_log),
    };

    return cmocka_run_group_tests(tests, make, test_own_folder_remove);
}
