/* test_weights.c - weights alone where a checkpoint stands, and beside a config. */
#include "support/program.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/file.h"
#include "support/folder.h"

#define WEIGHTS TEST_DIR "/data/weights/"
#define PICTURE WEIGHTS "answers/20.png"

/* Softmax of what onnxruntime gives, answers.txt's dynamo: 0.7321, -0.0308, 0.2044. */
static void assert_predicts(test_run run)
{
    cJSON *tree = test_run_json(run);
    const cJSON *classes = cJSON_GetObjectItem(cJSON_GetArrayItem(tree, 0), "classes");
    const cJSON *first = cJSON_GetArrayItem(classes, 0);

    assert_non_null(first);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(first, "class")), "class 0");
    assert_float_equal((float)test_number(first, "probability"), 0.486309f, 1e-5f);
    cJSON_Delete(tree);
}

static void predict_takes_weights_alone(void **state)
{
    (void)state;
    assert_predicts(TEST_PROGRAM_RUN("predict", WEIGHTS "dynamo.onnx", PICTURE, "--json"));
    assert_predicts(
        TEST_PROGRAM_RUN("predict", "--weights", WEIGHTS "dynamo.onnx", PICTURE, "--json"));
}

static void it_says_which_network_and_what_pixels_become(void **state)
{
    test_run run = TEST_PROGRAM_RUN("predict", "--weights", WEIGHTS "dynamo.onnx", PICTURE,
                                    "--preprocess", "caffe");

    (void)state;
    test_assert_run(&run, 0, "network     as " WEIGHTS "dynamo.onnx describes it: 4 layers");
    test_assert_run(&run, 0, "warning: " WEIGHTS "dynamo.onnx has the looks of weights that want");
    test_assert_run(&run, 0, "preprocess  caffe: blue, green, red");
    test_run_free(&run);
}

/* What fits, what is turned on the way, and what does not fit and why. */
static void info_lists_tensors_and_what_they_are(void **state)
{
    test_run run = TEST_PROGRAM_RUN("info", "--weights", WEIGHTS "answers/hwc.onnx");

    (void)state;
    test_assert_run(&run, 0, "describes it: 3 layers");
    assert_non_null(strstr(run.out, "an ONNX model\nnetwork     imported with 3 classes\n"));
    assert_non_null(strstr(run.out, "float32   100x7           fc2.weight  turned from (in, out), "
                                    "inputs H, W, C\n"));
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("info", "owt", "--weights", WEIGHTS "state.pth");
    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, "4x3x3x3         conv1.weight  does not fit: that is "
                                    "64x3x11x11\n"));
    assert_non_null(strstr(run.out, "missing     8 of its parameters\n"));
    test_run_free(&run);
}

static void info_of_weights_is_json(void **state)
{
    cJSON *tree = test_run_json(TEST_PROGRAM_RUN("info", WEIGHTS "types.pth", "--json"));
    const cJSON *tensors = cJSON_GetObjectItem(tree, "tensors");
    const cJSON *half = cJSON_GetArrayItem(tensors, 2);

    (void)state;
    assert_int_equal(cJSON_GetArraySize(tensors), 7);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(half, "type")), "float16");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(half, "parameter")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(tree, "network")));
    cJSON_Delete(tree);
}

/* The first tensor of owt, and nothing else. */
static void what_fits_nothing_has_a_nearest_network(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "one.safetensors");
    alx_safetensors_writer *writer = NULL;
    static const float numbers[64 * 3 * 11 * 11];

    (void)state;
    assert_ok(alx_safetensors_writer_create(&writer));
    assert_ok(alx_safetensors_writer_add(writer, "conv1.weight", ALX_F32, (int[]){ 64, 3, 11, 11 },
                                         4, numbers));
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
    test_run run = TEST_PROGRAM_RUN("info", path);
    cJSON *tree = test_run_json(TEST_PROGRAM_RUN("info", path, "--json"));

    assert_non_null(strstr(run.out, "network     none fits; nearest is "));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(tree, "network")));
    assert_true(cJSON_IsString(cJSON_GetObjectItem(tree, "nearest")));
    cJSON_Delete(tree);
    test_run_free(&run);
}

/* Three names: with a control character, with the end of a line, with what looks like an escape;
 * no network has such tensors, and none is called the network. */
static void names_leave_once_escaped(void **state)
{
    static const char *const names[] = { "a\x1b[31m", "line\nend", "c\\x41" };
    const char *path = test_folder_path(&test_own_folder, "names.safetensors");
    alx_safetensors_writer *writer = NULL;

    (void)state;
    assert_ok(alx_safetensors_writer_create(&writer));
    for (size_t i = 0; i < ALX_COUNT(names); ++i)
        assert_ok(alx_safetensors_writer_add(writer, names[i], ALX_F32, (int[]){ 1 }, 1,
                                             &(float){ 0.0f }));
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
    test_run run = TEST_PROGRAM_RUN("info", path);

    test_assert_run(&run, 0, "");
    assert_null(strchr(run.out, 0x1b));
    assert_non_null(strstr(run.out, "; it has a\\x1b[31m, line\\x0aend, c\\x5cx41\n"));
    test_run_free(&run);
    cJSON *tree = test_run_json(TEST_PROGRAM_RUN("info", path, "--json"));

    assert_non_null(strstr(cJSON_GetStringValue(cJSON_GetObjectItem(tree, "why")),
                           "; it has a\x1b[31m, line\nend, c\\x5cx41"));
    cJSON_Delete(tree);
}

/* bfloat16 has 8 bits: logits are off by a fraction of 2^-8. */
static void convert_measures_what_two_bytes_do(void **state)
{
    test_run run = TEST_PROGRAM_RUN("convert", WEIGHTS "dynamo.onnx",
                                    test_folder_path(&test_own_folder, "x.safetensors"), "--dtype",
                                    "bf16");
    double off = 0.0;

    (void)state;
    test_assert_run(&run, 0, "error       logits of a batch of noise are off by ");
    assert_int_equal(sscanf(strstr(run.err, "off by "), "off by %lf", &off), 1);
    assert_true(off > 1e-5 && off < 1.0 / 256);
    test_run_free(&run);
}

static void assert_fails(test_run run, int code, const char *text)
{
    test_assert_run(&run, code, text);
    test_run_free(&run);
}

static void what_cannot_be_is_one_line(void **state)
{
    (void)state;
    assert_fails(TEST_PROGRAM_RUN("predict", "owt", PICTURE), 2,
                 "alexnet: owt is a network without weights: give --weights PATH");
    assert_fails(TEST_PROGRAM_RUN("predict", "--weights", WEIGHTS "dynamo.onnx"), 2,
                 "predict wants CHECKPOINT IMAGE...");
    assert_fails(TEST_PROGRAM_RUN("predict", "owt", "--weights", WEIGHTS "state.pth", PICTURE), 4,
                 "tensor features.0.weight is 4x3x3x3, the network's conv1.weight is 64x3x11x11");
    assert_fails(TEST_PROGRAM_RUN("predict", WEIGHTS "runs.pth", PICTURE), 4, "runs.pth");
    assert_fails(TEST_PROGRAM_RUN("predict", WEIGHTS "missing.onnx", PICTURE), 4, "nowhere.data");
    assert_fails(TEST_PROGRAM_RUN("predict", PICTURE, PICTURE), 4, "not weights that can be read");
    assert_fails(TEST_PROGRAM_RUN("convert", WEIGHTS "dynamo.onnx", "x.pth"), 2,
                 "'.pth' cannot be written");
    assert_fails(TEST_PROGRAM_RUN("convert", WEIGHTS "dynamo.onnx", "x.npz", "--dtype", "f8"), 2,
                 "no --dtype 'f8'");
    assert_fails(TEST_PROGRAM_RUN("info", WEIGHTS "module.pth"), 4, "module.pth");
    assert_fails(TEST_PROGRAM_RUN("info", WEIGHTS "new.prototxt"), 4, "holds no weights: give its");
    assert_fails(TEST_PROGRAM_RUN("train", "tiny", "--weights", WEIGHTS "new.prototxt", "--data",
                                  TEST_DIR "/data/cifar10-mini.tar.gz"),
                 4, "holds no weights: give its");
    assert_fails(TEST_PROGRAM_RUN("eval"), 2, "eval wants CHECKPOINT");
    assert_fails(TEST_PROGRAM_RUN("eval", "owt", "tiny", "--weights", WEIGHTS "state.pth"), 2,
                 "one CONFIG at most, not 'tiny'");
    assert_fails(TEST_PROGRAM_RUN("features", "--nearest", "3"), 2, "features wants CHECKPOINT");
}

/* The second half is missing. */
static void a_cut_file_is_one_line_too(void **state)
{
    static const char *const names[] = { "state.pth", "old.pth", "dynamo.onnx", "new.caffemodel",
                                         "stored.npz" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        char path[512], *bytes = NULL;
        size_t count = 0;

        snprintf(path, sizeof path, WEIGHTS "%s", names[i]);
        assert_ok(base_file_read(&bytes, &count, path));
        test_folder_write_bytes(&test_own_folder, names[i], bytes, count / 2);
        free(bytes);
        assert_fails(TEST_PROGRAM_RUN("predict", "--weights",
                                      test_folder_path(&test_own_folder, names[i]), PICTURE),
                     4, names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predict_takes_weights_alone),
        cmocka_unit_test(it_says_which_network_and_what_pixels_become),
        cmocka_unit_test(info_lists_tensors_and_what_they_are),
        cmocka_unit_test(what_fits_nothing_has_a_nearest_network),
        cmocka_unit_test(info_of_weights_is_json),
        cmocka_unit_test(names_leave_once_escaped),
        cmocka_unit_test(convert_measures_what_two_bytes_do),
        cmocka_unit_test(what_cannot_be_is_one_line),
        cmocka_unit_test(a_cut_file_is_one_line_too),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
