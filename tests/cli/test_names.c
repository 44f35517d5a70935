/* test_names.c - names of any bytes in what the program prints and writes: JSON and tables are
 * UTF-8 and hold the name, the terminal gets nothing that it obeys. */
#include "support/program.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/name_write.h"
#include "support/folder.h"
#include "support/images.h"

/* A class of Latin-1, one that looks like an escape, and one that a table must quote. */
static const char *const classes[] = { "caf\xE9", "lit\\xe9", "a,\"b\"", "K\xC3\xA4tzchen",
                                       "e",       "f",        "g",       "h",
                                       "i",       "j" };
#define IMAGE "\xFF\x1B[31m\n\xC2\x9B.png" /* a valid file name, too */
#define IMAGE_LINE "\\xff\\x1b[31m\\x0a\\xc2\\x9b.png"
#define IMAGE_DATA "\\xff\x1B[31m\n\xC2\x9B.png"

static char set_path[512], run_path[512];

static void write_images(void)
{
    for (size_t c = 0; c < ALX_COUNT(classes); ++c)
        for (int split = 0; split < 2; ++split) {
            test_file file = test_png_plain(16, 16, (uint8_t)(25 * c), (uint8_t)(9 * c), 80);
            char name[128];

            snprintf(name, sizeof name, "d\xE4ta/%s/%s/" IMAGE, split == 0 ? "train" : "test",
                     classes[c]);
            test_folder_write_bytes(&test_own_folder, name, file.bytes, file.count);
            free(file.bytes);
        }
}

static int train(void **state)
{
    const int rc = test_own_folder_make(state);

    write_images();
    snprintf(set_path, sizeof set_path, "%s/d\xE4ta", test_own_folder.path);
    snprintf(run_path, sizeof run_path, "%s/run", test_own_folder.path);
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", set_path, "-o", run_path, "--epochs",
                                    "1");

    test_assert_run(&run, 0, "");
    assert_true(base_name_is_utf8(run.err));
    test_run_free(&run);
    return rc;
}

static cJSON *json_of(test_run run)
{
    test_assert_run(&run, 0, "");
    assert_true(base_name_is_utf8(run.out));
    assert_null(strpbrk(run.out, "\x1B\x7F"));
    assert_null(strstr(run.out, "\xC2\x9B"));
    cJSON *tree = cJSON_Parse(run.out);

    assert_non_null(tree);
    test_run_free(&run);
    return tree;
}

static const char *text_at(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
}

static void assert_ends_with(const char *text, const char *end)
{
    assert_true(strlen(text) >= strlen(end));
    assert_string_equal(text + strlen(text) - strlen(end), end);
}

static void json_holds_the_names(void **state)
{
    char image[1024];

    (void)state;
    cJSON *tree = json_of(TEST_PROGRAM_RUN("eval", run_path, "--json", "--worst", "10"));
    const cJSON *worst = cJSON_GetObjectItem(tree, "worst"), *entry = NULL;
    int found = 0;

    assert_ends_with(text_at(tree, "data"), "/d\\xe4ta");
    assert_int_equal(cJSON_GetArraySize(worst), 10);
    cJSON_ArrayForEach(entry, worst)
    {
        assert_ends_with(text_at(entry, "image"), "/" IMAGE_DATA);
        found += strcmp(text_at(entry, "label"), "caf\\xe9") == 0;
        found += strcmp(text_at(entry, "label"), "lit\\x5cxe9") == 0;
    }
    assert_int_equal(found, 2);
    cJSON_Delete(tree);

    tree = json_of(TEST_PROGRAM_RUN("info", run_path, "--json"));
    const cJSON *list = cJSON_GetObjectItem(cJSON_GetObjectItem(tree, "checkpoint"), "classes");

    assert_string_equal(cJSON_GetArrayItem(list, 0)->valuestring, "K\xC3\xA4tzchen");
    assert_string_equal(cJSON_GetArrayItem(list, 2)->valuestring, "caf\\xe9");
    cJSON_Delete(tree);

    snprintf(image, sizeof image, "%s/test/%s/" IMAGE, set_path, classes[0]);
    tree = json_of(TEST_PROGRAM_RUN("predict", run_path, image, "--json"));
    assert_ends_with(text_at(cJSON_GetArrayItem(tree, 0), "image"), "/caf\\xe9/" IMAGE_DATA);
    cJSON_Delete(tree);
}

static void assert_table(const char *name, const char *row)
{
    char *text = NULL, path[1024];
    size_t bytes = 0;

    snprintf(path, sizeof path, "%s/report/%s", test_own_folder.path, name);
    assert_ok(base_file_read(&text, &bytes, path));
    assert_true(base_name_is_utf8(text));
    if (strstr(text, row) == NULL)
        fail_msg("no '%s' in %s:\n%s", row, name, text);
    free(text);
}

/* csv.reader of Python 3.11 reads the fields that are quoted here as one each. */
static void tables_hold_the_names(void **state)
{
    (void)state;
    test_run run = TEST_PROGRAM_RUN("eval", run_path, "-o",
                                    test_folder_path(&test_own_folder, "report"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    assert_table("classes.csv", ",\"a,\"\"b\"\"\",1,");
    assert_table("classes.csv", ",lit\\x5cxe9,1,");
    assert_table("confusion.csv", ",caf\\xe9,");
    assert_table("images.csv", "/test/caf\\xe9/" IMAGE_DATA "\",caf\\xe9,");
}

static void the_terminal_gets_nothing_that_it_obeys(void **state)
{
    char image[1024];

    (void)state;
    snprintf(image, sizeof image, "%s/test/%s/" IMAGE, set_path, classes[0]);
    test_run run = TEST_PROGRAM_RUN("predict", run_path, image, "--top", "10");

    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, "/caf\\xe9/" IMAGE_LINE "\n"));
    assert_non_null(strstr(run.out, "%  lit\\x5cxe9\n"));
    assert_true(base_name_is_utf8(run.out));
    test_run_free(&run);

    run = TEST_PROGRAM_RUN("eval", run_path, "--worst", "10");
    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, "/caf\\xe9/" IMAGE_LINE ": caf\\xe9, taken for "));
    test_run_free(&run);

    run = TEST_PROGRAM_RUN("predict", run_path, "no\x1B[2Jne\xE9");
    test_assert_run(&run, 4, "alexnet: no\\x1b[2Jne\\xe9: ");
    test_run_free(&run);
}

/* What stands in the list beside features leads to the files again. */
static void features_find_their_images(void **state)
{
    char npy[512], image[1024];

    (void)state;
    snprintf(npy, sizeof npy, "%s/f.npy", test_own_folder.path);
    snprintf(image, sizeof image, "%s/test/%s/" IMAGE, set_path, classes[0]);
    test_run run = TEST_PROGRAM_RUN("features", run_path, "--data", set_path, "-o", npy);

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    cJSON *tree = json_of(
        TEST_PROGRAM_RUN("features", run_path, image, "--data", npy, "--nearest", "1", "--json"));
    const cJSON *nearest = cJSON_GetObjectItem(cJSON_GetArrayItem(tree, 0), "nearest");

    assert_ends_with(text_at(cJSON_GetArrayItem(nearest, 0), "image"),
                     "/train/caf\\xe9/" IMAGE_DATA);
    assert_string_equal(text_at(cJSON_GetArrayItem(nearest, 0), "class"), "caf\\xe9");
    cJSON_Delete(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_holds_the_names),
        cmocka_unit_test(tables_hold_the_names),
        cmocka_unit_test(the_terminal_gets_nothing_that_it_obeys),
        cmocka_unit_test(features_find_their_images),
    };

    return cmocka_run_group_tests(tests, train, test_own_folder_remove);
}
