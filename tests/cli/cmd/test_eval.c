/* test_eval.c - several checkpoints and crops, the files of a report, class names. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static test_folder folder;

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static void train(const char *name, const char *seed)
{
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "30", "--seed",
                                    seed, "--set", "data.resize=36", "--set", "data.pad=0", "-o",
                                    in_folder(name));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

static int train_two(void **state)
{
    (void)state;
    folder = test_folder_create();
    train("a", "1");
    train("b", "2");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

/* A network twice is the network, but for the last digits; one checkpoint's loss is not two's. */
static void ensembles_average(void **state)
{
    const char *const a = in_folder("a"), *const b = in_folder("b");
    cJSON *one = test_run_json(TEST_PROGRAM_RUN("eval", a, "--ten-crop", "--json", "-q"));
    cJSON *twice = test_run_json(TEST_PROGRAM_RUN("eval", a, a, "--ten-crop", "--json", "-q"));
    cJSON *both = test_run_json(TEST_PROGRAM_RUN("eval", a, b, "--ten-crop", "--json", "-q"));
    cJSON *centre = test_run_json(TEST_PROGRAM_RUN("eval", a, "--json", "-q"));

    (void)state;
    assert_true(fabs(test_number(one, "loss") - test_number(twice, "loss")) < 1e-6);
    assert_true(test_number(one, "loss") != test_number(both, "loss"));
    assert_true(test_number(one, "loss") != test_number(centre, "loss"));
    assert_true(test_number(one, "crops") == 10 && test_number(centre, "crops") == 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(both, "checkpoints")), 2);
    cJSON_Delete(one);
    cJSON_Delete(twice);
    cJSON_Delete(both);
    cJSON_Delete(centre);
}

/* ---- the files of a report ------------------------------------------------------------------- */

typedef struct csv_sums {
    int lines;
    double all, diagonal;
} csv_sums;

/* Of the numbers after the first field of each line. */
static csv_sums sum_matrix(const char *path)
{
    csv_sums sums = { 0 };
    char *text = NULL, *line;
    size_t bytes = 0;

    assert_ok(base_file_read(&text, &bytes, path));
    line = strchr(text, '\n') + 1;
    while (*line != '\0') {
        char *at = strchr(line, ',');

        for (int column = 0; *at == ','; ++column) {
            const double value = strtod(at + 1, &at);

            sums.all += value;
            sums.diagonal += column == sums.lines ? value : 0.0;
        }
        ++sums.lines;
        line = at + 1;
    }
    free(text);
    return sums;
}

static int count_lines(const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    int lines = 0;

    assert_ok(base_file_read(&text, &bytes, path));
    for (size_t i = 0; i < bytes; ++i)
        lines += text[i] == '\n';
    free(text);
    return lines;
}

static void a_report_counts_every_image(void **state)
{
    cJSON *tree = test_run_json(TEST_PROGRAM_RUN("eval", in_folder("a"), "--json", "-q", "-o",
                                                 in_folder("report"), "--worst", "3"));
    const csv_sums sums = sum_matrix(in_folder("report/confusion.csv"));
    const cJSON *worst = cJSON_GetObjectItem(tree, "worst");
    const cJSON *confused = cJSON_GetObjectItem(tree, "confused");
    const double images = test_number(tree, "images");
    const double right = test_number(tree, "top1") * images;
    alx_image picture = { 0 };
    char *png = NULL;
    size_t bytes = 0;

    (void)state;
    assert_int_equal(sums.lines, 10);
    assert_true(sums.all == images);
    assert_true(sums.diagonal > right - 0.5 && sums.diagonal < right + 0.5);
    assert_int_equal(count_lines(in_folder("report/classes.csv")), 11);
    assert_int_equal(count_lines(in_folder("report/images.csv")), 1 + (int)images);
    assert_int_equal(cJSON_GetArraySize(worst), 3);
    assert_int_equal(cJSON_GetArraySize(confused), 3);
    assert_true(test_number(worst->child, "loss") >= test_number(worst->child->next, "loss"));
    assert_true(test_number(confused->child, "images") >=
                test_number(confused->child->next, "images"));
    assert_ok(base_file_read(&png, &bytes, in_folder("report/confusion.png")));
    assert_ok(alx_image_decode(&picture, (const uint8_t *)png, bytes, 0, "confusion.png"));
    free(png);
    assert_true(picture.width > 320 && picture.height > 320);
    alx_image_free(&picture);
    cJSON_Delete(tree);
}

/* ---- data that do not fit ------------------------------------------------------------------ */

enum { CLASSES = 10 };

static const char *const class_names[CLASSES] = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"
};

/* A damaged image is left out of all numbers, and counted. */
static void bad_images_do_not_count(void **state)
{
    cJSON *trees[2];

    (void)state;
    for (uint8_t i = 0; i < CLASSES; ++i) {
        const test_file image = test_png_plain(40, 40, (uint8_t)(i * 20), 100, 50);
        char name[64];

        snprintf(name, sizeof name, "some/test/%s/b.png", class_names[i]);
        test_folder_write_bytes(&folder, name, image.bytes, image.count);
        free(image.bytes);
    }
    for (int bad = 0; bad < 2; ++bad) {
        trees[bad] = test_run_json(TEST_PROGRAM_RUN("eval", in_folder("a"), "--data",
                                                    in_folder("some"), "--skip-bad", "--json", "-b",
                                                    "4"));
        test_folder_write_bytes(&folder, "some/test/airplane/a.png", "text", 4);
    }
    assert_true(test_number(trees[0], "images") == 10.0 && test_number(trees[1], "images") == 10.0);
    assert_true(test_number(trees[0], "bad_images") == 0.0 &&
                test_number(trees[1], "bad_images") == 1.0);
    assert_true(fabs(test_number(trees[1], "loss") - test_number(trees[0], "loss")) < 1e-6);
    assert_true(test_number(trees[1], "top1") == test_number(trees[0], "top1"));
    assert_true(test_number(trees[1], "top5") == test_number(trees[0], "top5"));
    test_run text = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder("some"),
                                     "--skip-bad");

    test_assert_run(&text, 0, "left out: ");
    assert_non_null(strstr(text.out, "images  10\nbad     1\nloss "));
    test_run_free(&text);
    text = TEST_PROGRAM_RUN("eval", in_folder("a"), in_folder("a"), "--data", in_folder("some"),
                            "--skip-bad", "-q");
    test_assert_run(&text, 0, "left out: ");
    assert_null(strstr(strstr(text.err, "left out: ") + 1, "left out: ")); /* said once */
    test_run_free(&text);
    text = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder("some"));
    test_assert_run(&text, 4, "some/test/airplane/a.png: neither JPEG nor PNG");
    assert_non_null(strstr(text.err, " (--skip-bad leaves it out)\n"));
    assert_string_equal(text.out, "");
    test_run_free(&text);
    cJSON_Delete(trees[0]);
    cJSON_Delete(trees[1]);
}

/* Their probabilities have no average. */
static void networks_of_other_classes_are_refused(void **state)
{
    const test_file image = test_png_plain(40, 40, 200, 10, 20);

    (void)state;
    test_folder_write_bytes(&folder, "two/1.png", image.bytes, image.count);
    test_folder_write_bytes(&folder, "two/2.png", image.bytes, image.count);
    test_folder_write(&folder, "two/list.txt", "1.png 0\n2.png 1\n");
    free(image.bytes);
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", in_folder("two/list.txt"),
                                    "--max-steps", "1", "--set", "net.classes=2", "--set",
                                    "data.validation=0", "-o", in_folder("two-run"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("eval", in_folder("a"), in_folder("two-run"));
    test_assert_run(&run, 4, "two-run/checkpoint-best: a network of 2 classes, that of ");
    assert_string_equal(run.out, "");
    test_run_free(&run);
}

/* A matrix of them all would be 40 GB: neither an evaluation nor its lists need it. */
static void many_classes_have_lists_but_no_matrix(void **state)
{
    const test_file image = test_png_plain(40, 40, 200, 10, 20);

    (void)state;
    test_folder_write_bytes(&folder, "many/0.png", image.bytes, image.count);
    test_folder_write_bytes(&folder, "many/1.png", image.bytes, image.count);
    free(image.bytes);
    test_folder_write(&folder, "many/list.txt", "0.png 99999\n1.png 46341\n");
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", in_folder("many/list.txt"),
                                    "--max-steps", "1", "--set", "net.classes=100000", "--set",
                                    "data.validation=0", "-o", in_folder("many-run"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("eval", in_folder("many-run/checkpoint-last"), "-o", in_folder("lists"));
    test_assert_run(&run, 0, "100000 classes are too many for confusion.csv and .png");
    test_run_free(&run);
    assert_in_range(count_lines(in_folder("lists/confused.csv")), 2, 3); /* twice one image */
    assert_int_equal(count_lines(in_folder("lists/classes.csv")), 100001);
    assert_int_equal(count_lines(in_folder("lists/images.csv")), 3);
    assert_false(base_file_exists(in_folder("lists/confusion.png")));
}

/* ---- class names --------------------------------------------------------------------------- */

static void names_come_from_a_file(void **state)
{
    (void)state;
    test_folder_write(&folder, "words.txt", "bird  a bird, \"flying\"\r\ncat house cat\n");
    test_run run = TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "-o", in_folder("named"),
                                    "--names", in_folder("words.txt"), "--worst", "20");
    char *text = NULL;
    size_t bytes = 0;

    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, "taken for "));
    assert_ok(base_file_read(&text, &bytes, in_folder("named/classes.csv")));
    assert_non_null(strstr(text, "\n2,\"a bird, \"\"flying\"\"\",100,"));
    assert_non_null(strstr(text, "\n3,house cat,100,"));
    assert_non_null(strstr(text, "\n4,deer,100,"));
    free(text);
    test_run_free(&run);
}

static void names_of_other_classes_are_refused(void **state)
{
    (void)state;
    test_folder_write(&folder, "wrong.txt", "n01440764 tench\nn01443537 goldfish\n");
    test_run run = TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "--names",
                                    in_folder("wrong.txt"));

    test_assert_run(&run, 4, " has 2 lines; want one for each of the 10 classes, ");
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ensembles_average),
        cmocka_unit_test(a_report_counts_every_image),
        cmocka_unit_test(bad_images_do_not_count),
        cmocka_unit_test(networks_of_other_classes_are_refused),
        cmocka_unit_test(many_classes_have_lists_but_no_matrix),
        cmocka_unit_test(names_come_from_a_file),
        cmocka_unit_test(names_of_other_classes_are_refused),
    };

    return cmocka_run_group_tests(tests, train_two, remove_folder);
}
