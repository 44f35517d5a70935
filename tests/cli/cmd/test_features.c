/* test_features.c - files of features and their lists, nearest images, the linear classifier,
 * and command lines that make no sense. */
#include "support/program.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/dev/io.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static test_folder folder;
static char checkpoint[512];

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static int make_files(void **state)
{
    static const uint8_t colours[][3] = { { 220, 10, 20 }, { 210, 20, 20 }, { 10, 20, 230 } };

    (void)state;
    folder = test_folder_create();
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "8", "-o",
                                    in_folder("run"), "--set", "conv1.init=he");

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    snprintf(checkpoint, sizeof checkpoint, "%s", in_folder("run/checkpoint-last"));
    for (size_t i = 0; i < ALX_COUNT(colours); ++i) {
        test_file file = test_png_plain(40, 50, colours[i][0], colours[i][1], colours[i][2]);
        char name[32];

        snprintf(name, sizeof name, "pictures/%c.png", (char)('a' + i));
        test_folder_write_bytes(&folder, name, file.bytes, file.count);
        free(file.bytes);
    }
    test_folder_write(&folder, "bad.jpg", "no JPEG");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

static void assert_ends(const char *text, const char *end)
{
    assert_true(strlen(text) >= strlen(end));
    assert_string_equal(text + strlen(text) - strlen(end), end);
}

static void run_ok(test_run run)
{
    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

static cJSON *json_of(test_run run)
{
    test_assert_run(&run, 0, "");
    cJSON *tree = cJSON_Parse(run.out);

    assert_non_null(tree);
    test_run_free(&run);
    return tree;
}

/* ---- files --------------------------------------------------------------------------------- */

/* The last layer's features are the logits of what predict prints. */
static void features_are_the_networks(void **state)
{
    alx_npy npy;
    double sum = 0.0;
    const cJSON *entry;

    (void)state;
    run_ok(TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "--layer", "fc8", "-o",
                            in_folder("fc8.npy")));
    cJSON *tree = json_of(TEST_PROGRAM_RUN("predict", checkpoint, in_folder("pictures/c.png"),
                                           "--top", "10", "--json", "-q"));
    assert_ok(alx_npy_read(&npy, in_folder("fc8.npy")));
    assert_int_equal(npy.rows, 3);
    assert_int_equal(npy.columns, 10);
    const float *logits = npy.data + 2 * npy.columns;

    for (size_t i = 0; i < 10; ++i)
        sum += exp((double)logits[i]);
    cJSON_ArrayForEach(entry, cJSON_GetObjectItem(cJSON_GetArrayItem(tree, 0), "classes"))
    {
        const int c = cJSON_GetObjectItem(entry, "index")->valueint;

        assert_true(fabs(exp((double)logits[c]) / sum -
                         cJSON_GetObjectItem(entry, "probability")->valuedouble) < 1e-6);
    }
    alx_npy_free(&npy);
    cJSON_Delete(tree);
}

static void the_list_names_the_rows(void **state)
{
    char *text = NULL, *line;
    size_t bytes = 0;
    alx_npy npy;

    (void)state;
    test_run run = TEST_PROGRAM_RUN("features", checkpoint, in_folder("bad.jpg"),
                                    in_folder("pictures"), "--skip-bad", "--layer", "pool1", "-o",
                                    in_folder("pool1.npy"));

    test_assert_run(&run, 0, "features    3 x 8 x 7 x 7 of pool1 to ");
    test_run_free(&run);
    assert_ok(alx_npy_read(&npy, in_folder("pool1.npy")));
    assert_int_equal(npy.rows, 3); /* the bad one has none */
    assert_int_equal(npy.columns, 8 * 7 * 7);
    assert_non_null(strstr(npy.file + 10, "'shape': (3, 8, 7, 7), }"));
    alx_npy_free(&npy);
    assert_ok(base_file_read(&text, &bytes, in_folder("pool1.txt")));
    line = strtok(text, "\n");
    for (const char *name = "abc"; *name != '\0'; ++name, line = strtok(NULL, "\n")) {
        char end[32];

        snprintf(end, sizeof end, "/pictures/%c.png", *name);
        assert_ends(line, end);
    }
    assert_null(line);
    free(text);
}

/* Nor does one that was killed, once the command is given again. */
static void an_interrupt_leaves_no_file(void **state)
{
    const char *npy = in_folder("much.npy");
    const char *const args[] = { "features", checkpoint, "--data", DATA, "--layer", "conv1",
                                 "-b",       "1",        "-o",     npy,  NULL };
    static char paths[64][512];
    test_run run = test_program_on_terminal(args, "features [", SIGINT);

    (void)state;
    test_assert_run(&run, 128 + SIGINT, "features [");
    test_run_free(&run);
    test_folder_write(&folder, "much.npy.tmp-2147483647", "killed"); /* above any process */
    run_ok(TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "-o", npy));
    const size_t count = test_folder_list(&folder, paths, ALX_COUNT(paths));

    assert_true(count <= ALX_COUNT(paths));
    for (size_t i = 0; i < count; ++i)
        if (strstr(paths[i], ".tmp-") != NULL)
            fail_msg("%s is left", paths[i]);
}

static void a_failure_leaves_no_file(void **state)
{
    (void)state;
    test_run run = TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"),
                                    in_folder("bad.jpg"), "-o", in_folder("none.npy"), "-q");

    test_assert_run(&run, 4, "bad.jpg: ");
    assert_false(base_file_exists(in_folder("none.npy")));
    assert_false(base_file_exists(in_folder("none.txt")));
    test_run_free(&run);
}

/* ---- nearest ------------------------------------------------------------------------------- */

static double distance_at(const cJSON *list, int i)
{
    return cJSON_GetObjectItem(cJSON_GetArrayItem(list, i), "distance")->valuedouble;
}

static const char *image_at(const cJSON *list, int i)
{
    return cJSON_GetObjectItem(cJSON_GetArrayItem(list, i), "image")->valuestring;
}

static void an_image_is_nearest_to_itself(void **state)
{
    (void)state;
    run_ok(TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "-o",
                            in_folder("set.npy")));
    cJSON *tree = json_of(TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures/b.png"),
                                           in_folder("pictures/c.png"), "--nearest", "5", "--data",
                                           in_folder("set.npy"), "--json", "-q"));
    const cJSON *b = cJSON_GetObjectItem(cJSON_GetArrayItem(tree, 0), "nearest");
    const cJSON *c = cJSON_GetObjectItem(cJSON_GetArrayItem(tree, 1), "nearest");

    assert_int_equal(cJSON_GetArraySize(b), 3); /* there are no more */
    assert_ends(image_at(b, 0), "/pictures/b.png");
    assert_ends(image_at(b, 1), "/pictures/a.png");
    assert_ends(image_at(b, 2), "/pictures/c.png");
    assert_ends(image_at(c, 0), "/pictures/c.png");
    assert_true(distance_at(b, 0) < 1e-6 && distance_at(b, 1) > distance_at(b, 0));
    cJSON_Delete(tree);
}

/* The same images from the data set and from a file of its features. */
static void a_set_is_searched_like_its_file(void **state)
{
    (void)state;
    run_ok(TEST_PROGRAM_RUN("features", checkpoint, "--data", DATA, "-o", in_folder("all.npy")));
    cJSON *from_set = json_of(TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"),
                                               "--nearest", "4", "--data", DATA, "--json", "-q"));
    cJSON *from_file = json_of(TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"),
                                                "--nearest", "4", "--data", in_folder("all.npy"),
                                                "--json", "-q"));
    const cJSON *list = cJSON_GetObjectItem(cJSON_GetArrayItem(from_set, 2), "nearest");

    assert_int_equal(cJSON_GetArraySize(from_set), 3);
    assert_int_equal(cJSON_GetArraySize(list), 4);
    assert_non_null(strstr(image_at(list, 0), ":train/"));
    assert_true(cJSON_IsString(cJSON_GetObjectItem(list->child, "class")));
    assert_true(cJSON_Compare(from_set, from_file, true));
    cJSON_Delete(from_set);
    cJSON_Delete(from_file);
}

static void other_features_are_refused(void **state)
{
    (void)state;
    run_ok(TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "--layer", "fc8", "-o",
                            in_folder("other.npy")));
    test_run run = TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "--nearest", "1",
                                    "--data", in_folder("other.npy"), "-q");

    test_assert_run(&run, 4, "other.npy: 10 numbers an image, relu7 has 32");
    test_run_free(&run);
    test_folder_write(&folder, "other.txt", "one\ntwo\n");
    run = TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "--nearest", "1",
                           "--layer", "fc8", "--data", in_folder("other.npy"), "-q");
    test_assert_run(&run, 4, "other.txt: 2 lines for the 3 rows of");
    test_run_free(&run);
}

/* As other programs may write them: the first number is of the first row, the last of the last. */
static void features_that_are_no_numbers_are_refused(void **state)
{
    static const char *const says[] = { "nan.npy: row 1 of 3 is not finite",
                                        "nan.npy: row 3 of 3 is not finite" };
    const float nothing = NAN;
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    run_ok(TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "-o",
                            in_folder("numbers.npy")));
    assert_ok(base_file_read(&bytes, &count, in_folder("numbers.npy")));
    const size_t header = 10 + (uint8_t)bytes[8] + 256 * (size_t)(uint8_t)bytes[9]; /* of NPY 1.0 */

    for (size_t last = 0; last < 2; ++last) {
        char *changed = test_alloc(count);

        memcpy(changed, bytes, count);
        memcpy(changed + (last ? count - sizeof nothing : header), &nothing, sizeof nothing);
        test_folder_write_bytes(&folder, "nan.npy", changed, count);
        free(changed);
        test_run run = TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "--nearest",
                                        "1", "--data", in_folder("nan.npy"), "-q");

        test_assert_run(&run, 4, says[last]);
        test_run_free(&run);
    }
    free(bytes);
}

/* ---- the classifier ------------------------------------------------------------------------ */

static void a_probe_learns_more_than_chance(void **state)
{
    cJSON *tree = json_of(TEST_PROGRAM_RUN("features", checkpoint, "--probe", "--data", DATA,
                                           "--layer", "pool1", "--json", "-q"));
    const cJSON *test = cJSON_GetObjectItem(tree, "test");

    (void)state;
    assert_string_equal(cJSON_GetObjectItem(tree, "layer")->valuestring, "pool1");
    assert_int_equal(cJSON_GetObjectItem(tree, "features")->valueint, 392);
    assert_int_equal(cJSON_GetObjectItem(test, "images")->valueint, 1000);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(tree, "held_out")));
    assert_true(cJSON_GetObjectItem(test, "top1")->valuedouble > 0.3); /* 0.1 by chance */
    cJSON_Delete(tree);
}

/* A fifth of the images, where none are for testing. */
static void a_probe_holds_out_what_it_tests_on(void **state)
{
    (void)state;
    for (int i = 0; i < 20; ++i) {
        const test_file image = test_png_plain(40, 40, (uint8_t)(i * 12), 100, (uint8_t)(i % 3));
        char name[32];

        snprintf(name, sizeof name, "two/%c/%02d.png", i % 2 == 0 ? 'a' : 'b', i);
        test_folder_write_bytes(&folder, name, image.bytes, image.count);
        snprintf(name, sizeof name, "one/a/%02d.png", i);
        test_folder_write_bytes(&folder, name, image.bytes, image.count);
        free(image.bytes);
    }
    cJSON *tree = json_of(TEST_PROGRAM_RUN("features", checkpoint, "--probe", "--data",
                                           in_folder("two"), "--json", "-q"));
    const cJSON *train = cJSON_GetObjectItem(tree, "train");
    const cJSON *test = cJSON_GetObjectItem(tree, "test");

    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(tree, "held_out")));
    assert_int_equal(cJSON_GetObjectItem(tree, "classes")->valueint, 2);
    assert_int_equal(cJSON_GetObjectItem(train, "images")->valueint, 16);
    assert_int_equal(cJSON_GetObjectItem(test, "images")->valueint, 4);
    cJSON_Delete(tree);
    test_run run = TEST_PROGRAM_RUN("features", checkpoint, "--probe", "--data", in_folder("one"),
                                    "-q");

    test_assert_run(&run, 0, "/one: one class only, 'a': every answer is right");
    test_run_free(&run);
}

/* ---- wrong command lines ------------------------------------------------------------------- */

static void command_lines_without_sense_are_refused(void **state)
{
    static const struct {
        const char *args[9], *says;
    } wrong[] = {
        { { "features", "c", "i.jpg" }, "features wants one of -o F.npy, --nearest K and --probe" },
        { { "features", "c", "--data", "d", "--probe", "--nearest", "3" }, "wants one of" },
        { { "features", "c", "--nearest", "3", "--data", "d" }, "--nearest wants IMAGE..." },
        { { "features", "c", "i.jpg", "--nearest", "3" }, "--nearest wants IMAGE..." },
        { { "features", "c", "i.jpg", "--probe", "--data", "d" }, "--probe wants --data SET" },
        { { "features", "c", "--probe" }, "--probe wants --data SET" },
        { { "features", "c", "-o", "f.npy" }, "-o wants IMAGE... or --data SET" },
        { { "features", "c", "i.jpg", "--data", "d", "-o", "f.npy" }, "-o wants IMAGE... or" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        test_run run = test_program(wrong[i].args);

        test_assert_run(&run, 2, wrong[i].says);
        test_run_free(&run);
    }
    test_run run = TEST_PROGRAM_RUN("features", checkpoint, in_folder("pictures"), "--layer",
                                    "rely7", "-o", in_folder("f.npy"), "-q");

    test_assert_run(&run, 2, "no stage 'rely7' (did you mean relu7?)");
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_the_networks),
        cmocka_unit_test(the_list_names_the_rows),
        cmocka_unit_test(an_interrupt_leaves_no_file),
        cmocka_unit_test(a_failure_leaves_no_file),
        cmocka_unit_test(an_image_is_nearest_to_itself),
        cmocka_unit_test(a_set_is_searched_like_its_file),
        cmocka_unit_test(other_features_are_refused),
        cmocka_unit_test(features_that_are_no_numbers_are_refused),
        cmocka_unit_test(a_probe_learns_more_than_chance),
        cmocka_unit_test(a_probe_holds_out_what_it_tests_on),
        cmocka_unit_test(command_lines_without_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, make_files, remove_folder);
}
