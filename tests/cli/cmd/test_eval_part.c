/* test_eval_part.c - data with a part of a network's classes, which are looked up by name. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define PART_SIDE 32 /* of the data's images */

static test_folder folder;

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static int train_one(void **state)
{
    (void)state;
    folder = test_folder_create();
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "30", "--set",
                                    "data.resize=36", "--set", "data.pad=0", "-o", in_folder("a"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

/* The test images of three classes as PNG in folders of `names`; `list`, if not NULL, gets a line
 * "path class" for each. */
static void write_part(const char *into, const char *const names[3], FILE *list)
{
    static const int labels[] = { 9, 2, 6 };
    alx_dataset *set = NULL;
    uint8_t rgb[PART_SIDE * PART_SIDE * 3];
    char path[128];

    assert_ok(alx_dataset_open(&set, DATA, ALX_SPLIT_TEST));
    for (size_t i = 0; i < alx_dataset_count(set); ++i)
        for (int k = 0; k < 3; ++k) {
            if (alx_dataset_label(set, i) != labels[k])
                continue;
            assert_ok(alx_dataset_load(set, i, PART_SIDE, rgb));
            const test_file png = test_png(rgb, PART_SIDE * 3, PART_SIDE, PART_SIDE, 8, 2, 0, NULL);

            snprintf(path, sizeof path, "%s/%s/%zu.png", into, names[k], i);
            test_folder_write_bytes(&folder, path, png.bytes, png.count);
            free(png.bytes);
            if (list != NULL)
                fprintf(list, "%s/%zu.png %d\n", names[k], i, labels[k]);
        }
    alx_dataset_close(set);
}

static char *class_line(const char *csv, const char *start)
{
    char *text = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&text, &bytes, in_folder(csv)));
    const char *line = strstr(text, start);

    assert_non_null(line);
    char *copy = strndup(line, strcspn(line, "\n"));

    free(text);
    return copy;
}

/* Scores of these classes as in an evaluation of all of them; none of the others. */
static void assert_part(const char *data, const char *said)
{
    static const char *const starts[] = { "2,bird,100,", "6,frog,100,", "9,truck,100," };
    test_run run = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder(data), "-o",
                                    in_folder("part-report"));

    test_assert_run(&run, 0, said);
    test_run_free(&run);
    for (size_t i = 0; i < ALX_COUNT(starts); ++i) {
        char *whole = class_line("whole/classes.csv", starts[i]);
        char *part = class_line("part-report/classes.csv", starts[i]);

        assert_string_equal(part, whole);
        free(whole);
        free(part);
    }
    free(class_line("part-report/classes.csv", "0,airplane,0,,,"));
}

/* What --json says: three of ten classes, by name in their order; of all of them no part. */
static void assert_json_part(const char *data, const char *a, const char *b, const char *c)
{
    test_run part = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder(data), "--json");
    test_run whole = TEST_PROGRAM_RUN("eval", in_folder("a"), "--json");
    cJSON *tree = test_run_json(part), *all = test_run_json(whole);
    const cJSON *names = cJSON_GetObjectItem(tree, "part");

    assert_int_equal(cJSON_GetObjectItem(tree, "classes")->valueint, 10);
    assert_int_equal(cJSON_GetObjectItem(tree, "evaluated_classes")->valueint, 3);
    assert_int_equal(cJSON_GetArraySize(names), 3);
    assert_string_equal(cJSON_GetArrayItem(names, 0)->valuestring, a);
    assert_string_equal(cJSON_GetArrayItem(names, 1)->valuestring, b);
    assert_string_equal(cJSON_GetArrayItem(names, 2)->valuestring, c);
    assert_int_equal(cJSON_GetObjectItem(all, "evaluated_classes")->valueint, 10);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(all, "part")));
    cJSON_Delete(tree);
    cJSON_Delete(all);
}

static void a_part_of_the_classes_is_evaluated_by_name(void **state)
{
    static const char *const names[] = { "truck", "bird", "frog" };
    const char said[] = "300 images of 3 of the 10 classes";
    test_run run = TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "-o", in_folder("whole"));
    FILE *list = NULL;

    (void)state;
    test_assert_run(&run, 0, "");
    test_run_free(&run);
    write_part("part", names, NULL);
    assert_part("part", said);
    assert_json_part("part", "bird", "frog", "truck");
    write_part("part-test/test", names, NULL);
    assert_ok(base_mkdirs(in_folder("part-test/test/cat")));
    assert_part("part-test", "class folder test/cat holds no JPEG or PNG");
    assert_ok(base_mkdirs(in_folder("listed")));
    list = fopen(in_folder("listed/list.txt"), "w");
    assert_non_null(list);
    write_part("listed", names, list);
    assert_int_equal(fclose(list), 0);
    assert_part("listed/list.txt", "/list.txt: labels are numbers, taken for the classes of");
    run = TEST_PROGRAM_RUN("pack", in_folder("part"), "-o", in_folder("part-db"), "--raw", "--size",
                           "36", "-q");
    test_assert_run(&run, 0, "");
    test_run_free(&run);
    assert_part("part-db", said);
    run = TEST_PROGRAM_RUN("pack", in_folder("listed/list.txt"), "-o", in_folder("listed-db"),
                           "--raw", "--size", "36", "-q");
    test_assert_run(&run, 0, "");
    test_run_free(&run);
    assert_part("listed-db", "/listed-db: labels are numbers, taken for the classes of");
}

static void other_classes_are_never_taken_for_those(void **state)
{
    static const char *const numbers[] = { "9", "2", "6" };
    static const char *const words[] = { "truck", "bird", "toad" };

    (void)state;
    write_part("numbers", numbers, NULL);
    test_run run = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder("numbers"));

    test_assert_run(&run, 4, "classes are called by numbers ('2'), those of ");
    test_run_free(&run);
    write_part("words", words, NULL);
    run = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder("words"));
    test_assert_run(&run, 4, "class 'toad' is none of the 10 classes of ");
    test_run_free(&run);
    test_folder_write(&folder, "listed/high.txt", "bird/200.png 10\n");
    run = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder("listed/high.txt"));
    test_assert_run(&run, 4, "/listed/high.txt: labels up to 10, but ");
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_of_the_classes_is_evaluated_by_name),
        cmocka_unit_test(other_classes_are_never_taken_for_those),
    };

    return cmocka_run_group_tests(tests, train_one, remove_folder);
}
