/* test_weights.c - weights alone where a checkpoint stands, and beside a config. */
#include "support/program.h"

#include <cjson/cJSON.h>
#include <string.h>

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
    assert_fails(TEST_PROGRAM_RUN("eval"), 2, "eval wants CHECKPOINT");
    assert_fails(TEST_PROGRAM_RUN("eval", "owt", "tiny", "--weights", WEIGHTS "state.pth"), 2,
                 "one CONFIG at most, not 'tiny'");
    assert_fails(TEST_PROGRAM_RUN("features", "--nearest", "3"), 2, "features wants CHECKPOINT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predict_takes_weights_alone),
        cmocka_unit_test(it_says_which_network_and_what_pixels_become),
        cmocka_unit_test(what_cannot_be_is_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
