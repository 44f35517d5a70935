/* test_tensorboard.c - what a run writes for TensorBoard: the epochs' numbers and no step twice,
 * also where it was resumed; filters; histograms. tools/tensorboard_check.py asks its reader. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/wire.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define MOST_FILES 8

static char run_dir[512], events[512];

/** What is found in the event files, of one tag. */
typedef struct found {
    size_t count, sessions, pictures;
    int64_t steps[16], session_step;
    double values[16], histogram_count;
} found;

static void take_value(found *f, int64_t step, base_wire value, const char *tag)
{
    base_wire_field field;
    bool mine = false;

    while (base_wire_next(&value, &field) == 1) {
        base_wire inside = base_wire_inside(&field);
        base_wire_field part;
        float number = 0.0f;

        if (field.field == 1)
            mine = field.count == strlen(tag) && memcmp(field.bytes, tag, field.count) == 0;
        if (!mine)
            continue;
        if (field.field == 2) {
            memcpy(&number, field.bytes, sizeof number);
            f->steps[f->count] = step;
            f->values[f->count++] = (double)number;
        } else if (field.field == 4) {
            while (base_wire_next(&inside, &part) == 1)
                f->pictures += part.field == 4 && memcmp(part.bytes, "\x89PNG", 4) == 0;
        } else if (field.field == 5) {
            while (base_wire_next(&inside, &part) == 1)
                if (part.field == 3)
                    memcpy(&f->histogram_count, part.bytes, 8);
        }
    }
}

static void take_event(found *f, base_wire event, const char *tag)
{
    base_wire_field field, inside;
    int64_t step = 0;

    while (base_wire_next(&event, &field) == 1) {
        base_wire summary = base_wire_inside(&field);

        if (field.field == 2)
            step = (int64_t)field.number;
        if (field.field == 7) {
            ++f->sessions;
            f->session_step = step;
        }
        if (field.field == 5)
            while (base_wire_next(&summary, &inside) == 1)
                take_value(f, step, base_wire_inside(&inside), tag);
    }
}

static void read_file(found *f, const char *path, const char *tag)
{
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(base_file_read(&bytes, &count, path));
    for (size_t at = 0; at < count;) {
        uint64_t length = 0;

        memcpy(&length, bytes + at, sizeof length);
        const uint8_t *record = (const uint8_t *)bytes + at + 12;

        take_event(f, (base_wire){ record, record + length }, tag);
        at += 16 + length;
    }
    free(bytes);
}

static found read_events(const char *tag, size_t files)
{
    char paths[MOST_FILES][512];
    test_folder in;
    found f = { 0 };

    snprintf(in.path, sizeof in.path, "%.255s", events);
    assert_int_equal(test_folder_list(&in, paths, MOST_FILES), files);
    qsort(paths, files, sizeof *paths, (int (*)(const void *, const void *))strcmp);
    for (size_t i = 0; i < files; ++i)
        read_file(&f, paths[i], tag);
    return f;
}

/* Of metrics.jsonl, in which a row is an epoch. */
static void assert_metrics(const found *f, const char *name, size_t epochs)
{
    char path[600], *text = NULL, *rest = NULL;
    size_t bytes = 0, row = 0;

    snprintf(path, sizeof path, "%s/metrics.jsonl", run_dir);
    assert_ok(base_file_read(&text, &bytes, path));
    assert_int_equal(f->count, epochs);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest), ++row) {
        cJSON *tree = cJSON_Parse(line);

        assert_true(fabs(test_number(tree, name) - f->values[row]) < 1e-6);
        assert_true(test_number(tree, "step") == (double)f->steps[row]);
        cJSON_Delete(tree);
    }
    assert_int_equal(row, epochs);
    free(text);
}

static void run_ends_well(test_run run)
{
    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

static void a_run_that_goes_on_has_each_step_once(void **state)
{
    (void)state;
    run_ends_well(TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "-b", "500", "--max-steps",
                                   "25", "-o", run_dir, "--tensorboard", events, "-q"));
    found f = read_events("loss/train", 1);

    assert_metrics(&f, "train_loss", 2);
    assert_int_equal(f.sessions, 1);
    run_ends_well(TEST_PROGRAM_RUN("train", "--resume", run_dir, "--diagnose", "--tensorboard",
                                   events, "-q"));
    f = read_events("loss/train", 2);
    assert_metrics(&f, "train_loss", 4);
    assert_int_equal(f.sessions, 2);
    assert_int_equal(f.session_step, 30); /* from there on the first file would not count */
    f = read_events("top-1/validation", 2);
    assert_metrics(&f, "val_top1", 4);
}

static void filters_and_histograms_are_there(void **state)
{
    found f = read_events("conv1", 2);

    (void)state;
    assert_int_equal(f.pictures, 4);
    f = read_events("fc7/weight", 2);
    assert_true(f.histogram_count == 32 * 32);
}

static void a_folder_that_cannot_be_is_told_at_once(void **state)
{
    char path[600];
    test_run run;

    (void)state;
    snprintf(path, sizeof path, "%s/metrics.csv/x", run_dir);
    run = TEST_PROGRAM_RUN("train", "tiny", "--data", "/nowhere", "--tensorboard", path, "-o",
                           test_folder_path(&test_own_folder, "other"));
    test_assert_run(&run, 1, "alexnet: --tensorboard: ");
    test_assert_run(&run, 1, "metrics.csv/x: folder cannot be made: Not a directory");
    test_run_free(&run);
}

static int make(void **state)
{
    const int rc = test_own_folder_make(state);

    snprintf(run_dir, sizeof run_dir, "%s", test_folder_path(&test_own_folder, "run"));
    snprintf(events, sizeof events, "%s", test_folder_path(&test_own_folder, "events"));
    return rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_goes_on_has_each_step_once),
        cmocka_unit_test(filters_and_histograms_are_there),
        cmocka_unit_test(a_folder_that_cannot_be_is_told_at_once),
    };

    return cmocka_run_group_tests(tests, make, test_own_folder_remove);
}
