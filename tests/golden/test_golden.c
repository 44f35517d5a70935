/* test_golden.c - `alexnet check --golden`: the whole set on the default device, and what it says
 * of folders that are wrong. */
#include "base/file.h"
#include "support/folder.h"
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/dev/rt.h"

static void skip_without_device(void)
{
    alx_device_info *list = NULL;
    size_t count = 0;

    if (alx_devices_list(&list, &count) != 0) {
        print_message("%s\n", alx_status_text(ALX_E_DEVICE));
        skip();
    }
    free(list);
}

static size_t count_text(const char *text, const char *wanted)
{
    size_t count = 0;

    for (text = strstr(text, wanted); text != NULL; text = strstr(text + 1, wanted))
        ++count;
    return count;
}

static void public_set_passes(void **state)
{
    (void)state;
    skip_without_device();
    test_run run = TEST_PROGRAM_RUN("check", "--golden", TEST_DIR "/golden", "--exact");

    fputs(run.out, stdout);
    test_assert_run(&run, 0, "");
    /* 13 operations; activations, outputs, gradients, losses, parameters of 4 small networks;
     * activations, logits, best classes, gradients, losses of 3 full ones */
    assert_int_equal(count_text(run.out, "PASS  "), 13 + 4 * 5 + 3 * 5);
    test_run_free(&run);
}

/* ---- a folder made for the purpose ---------------------------------------------------------- */

static const char relu_json[] =
    "{\"ops\": {\"relu\": {\"odd\": {\"attributes\": {\"shape\": [5]}, \"tensors\": {}}}}}";

/* One case of relu; `wrong` is added to one element of y. */
static test_folder make_relu(float wrong)
{
    static const float x[5] = { -1.0f, 2.0f, 0.0f, 3.5f, -0.5f }, dy[5] = { 1, 2, 3, 4, 5 },
                       dx[5] = { 0, 2, 0, 4, 0 };
    const float y[5] = { 0.0f, 2.0f, 0.0f, 3.5f + wrong, 0.0f };
    const int dims[1] = { 5 };
    test_folder folder = test_folder_create();
    alx_safetensors_writer *writer = NULL;

    test_folder_write(&folder, "ops.json", relu_json);
    assert_ok(alx_safetensors_writer_create(&writer));
    assert_ok(alx_safetensors_writer_add(writer, "relu/odd/x", ALX_F32, dims, 1, x));
    assert_ok(alx_safetensors_writer_add(writer, "relu/odd/dy", ALX_F32, dims, 1, dy));
    assert_ok(alx_safetensors_writer_add(writer, "relu/odd/y", ALX_F32, dims, 1, y));
    assert_ok(alx_safetensors_writer_add(writer, "relu/odd/dx", ALX_F32, dims, 1, dx));
    assert_ok(alx_safetensors_writer_write(writer, test_folder_path(&folder, "ops.safetensors")));
    alx_safetensors_writer_free(writer);
    return folder;
}

static void wrong_number_is_exit_6(void **state)
{
    test_folder right, wrong;

    (void)state;
    skip_without_device();
    right = make_relu(0.0f);
    wrong = make_relu(1e-6f);
    test_run pass = TEST_PROGRAM_RUN("check", "--golden", right.path);
    test_run fail = TEST_PROGRAM_RUN("check", "--golden", wrong.path, "--json");

    test_assert_run(&pass, 0, "1 of 1 checks passed");
    assert_non_null(strstr(pass.out, "PASS  relu"));
    test_assert_run(&fail, 6, "1 of 1 checks failed");
    assert_non_null(strstr(fail.err, "relu: y of odd differs by"));
    assert_non_null(strstr(fail.out, "\"check\":\t\"relu\""));
    test_run_free(&pass);
    test_run_free(&fail);
    test_folder_remove(&right);
    test_folder_remove(&wrong);
}

static void bad_folders_are_named(void **state)
{
    static const struct {
        const char *file, *text, *message; /* file replaced or added */
    } cases[] = {
        { "ops.json", "{\"ops\": {\"relu6\": {}}}", "unknown operation \"relu6\"" },
        { "ops.json", "{\"ops\": [", "ops.json: not a JSON object" },
        { "ops.json", "{}", "ops.json: no object or array \"ops\"" },
        { "ops.json", "{\"ops\": {\"relu\": {\"none\": {\"attributes\": {}}}}}",
          "relu/none: no tensor relu/none/x" },
        { "ops.json", "{\"ops\": {\"maxpool\": {\"odd\": {\"attributes\": {\"stride\": 2}}}}}",
          "maxpool/odd: no number \"kernel\"" },
        { "ops.safetensors", "x", "ops.safetensors: 1 bytes are too few" },
        { "nets.json", "{\"nets\": {}}", "nets.safetensors: cannot be read" },
        { "full.json", "{\"nets\": {\"odd\": {\"layers\": []}}}", "network odd: \"input\" is not" },
    };

    (void)state;
    skip_without_device();
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_folder folder = make_relu(0.0f);

        test_folder_write(&folder, cases[i].file, cases[i].text);
        test_run run = TEST_PROGRAM_RUN("check", "--golden", folder.path);
        test_assert_run(&run, 4, cases[i].message);
        test_run_free(&run);
        test_folder_remove(&folder);
    }
}

/* The public full.json, in whose last network, cifar10, the first list called `key` is empty. */
static void write_emptied(const test_folder *folder, const char *key)
{
    char *text = NULL;
    size_t bytes = 0;
    int depth = 1;

    assert_ok(base_file_read(&text, &bytes, TEST_DIR "/golden/full.json"));
    char *at = strchr(strstr(strstr(text, "\"cifar10\": {"), key), '[');

    while (depth > 0) {
        ++at;
        depth += (*at == '[') - (*at == ']');
        if (depth > 0)
            *at = ' ';
    }
    test_folder_write(folder, "full.json", text);
    free(text);
}

static void empty_lists_are_no_agreement(void **state)
{
    static const char *const cases[][2] = {
        { "\"logits\"", "\"logits\" are not of 4 images" },
        { "\"top5\"", "\"top5\" does not list classes" },
        { "\"indices\"", "not 1 to 64 sampled values" },
        { "\"losses\"", "losses" },
    };

    (void)state;
    skip_without_device();
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_folder folder = test_folder_create();

        write_emptied(&folder, cases[i][0]);
        test_run run = TEST_PROGRAM_RUN("check", "--golden", folder.path, "--only", "cifar10");
        test_assert_run(&run, 4, cases[i][1]);
        test_run_free(&run);
        test_folder_remove(&folder);
    }
}

static void empty_folder_and_empty_choice(void **state)
{
    test_folder empty = test_folder_create();

    (void)state;
    skip_without_device();
    test_run nothing = TEST_PROGRAM_RUN("check", "--golden", empty.path);
    test_run nobody = TEST_PROGRAM_RUN("check", "--golden", TEST_DIR "/golden", "--only", "nobody");
    test_run lonely = TEST_PROGRAM_RUN("check", "--steps", "1");

    test_assert_run(&nothing, 4, "no ops.json, nets.json or full.json");
    test_assert_run(&nobody, 2, "nothing was checked");
    test_assert_run(&lonely, 2, "want --golden");
    test_run_free(&nothing);
    test_run_free(&nobody);
    test_run_free(&lonely);
    test_folder_remove(&empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_set_passes),
        cmocka_unit_test(wrong_number_is_exit_6),
        cmocka_unit_test(bad_folders_are_named),
        cmocka_unit_test(empty_lists_are_no_agreement),
        cmocka_unit_test(empty_folder_and_empty_choice),
    };

    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
