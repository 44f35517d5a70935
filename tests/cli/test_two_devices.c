/* test_two_devices.c - the program with --devices: same checkpoints as on one device, resumed
 * either way; what info says crosses is what the profile counts; the timeline; faults in the middle
 * of a step. The first device twice, which every machine has; others: tests/net/test_split.c. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/tensors.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define TRAIN "train", "tiny", "--data", DATA, "-q"
#define TWO "--devices", "0,0"

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static void assert_trained(test_run run)
{
    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

static void assert_same_run(const char *a, const char *b)
{
    assert_int_equal(test_assert_same_tensors(in_folder(a), in_folder(b), "param/"), 16);
    assert_int_equal(test_assert_same_tensors(in_folder(a), in_folder(b), "momentum/"), 16);
}

/* ---- the same as one device ------------------------------------------------------------------ */

static void checkpoints_are_the_same_and_resume_either_way(void **state)
{
    (void)state;
    assert_trained(
        TEST_PROGRAM_RUN(TRAIN, "--device", "0", "--max-steps", "20", "-o", in_folder("one")));
    assert_trained(TEST_PROGRAM_RUN(TRAIN, TWO, "--max-steps", "20", "-o", in_folder("two")));
    assert_same_run("one/checkpoint-last", "two/checkpoint-last");

    assert_trained(
        TEST_PROGRAM_RUN(TRAIN, "--device", "0", "--max-steps", "9", "-o", in_folder("one-two")));
    assert_trained(TEST_PROGRAM_RUN("train", "--resume", in_folder("one-two"), TWO, "-q",
                                    "--max-steps", "20"));
    assert_same_run("one/checkpoint-last", "one-two/checkpoint-last");

    assert_trained(TEST_PROGRAM_RUN(TRAIN, TWO, "--max-steps", "9", "-o", in_folder("two-one")));
    assert_trained(TEST_PROGRAM_RUN("train", "--resume", in_folder("two-one"), "--device", "0",
                                    "-q", "--max-steps", "20"));
    assert_same_run("one/checkpoint-last", "two-one/checkpoint-last");
}

static void eval_gives_the_same_numbers(void **state)
{
    test_run one = TEST_PROGRAM_RUN("eval", in_folder("two"), "--json", "-q", "--device", "0");
    test_run two = TEST_PROGRAM_RUN("eval", in_folder("one"), "--json", "-q", TWO);
    cJSON *a = cJSON_Parse(one.out), *b = cJSON_Parse(two.out);

    (void)state;
    test_assert_run(&one, 0, "");
    test_assert_run(&two, 0, "");
    cJSON_DeleteItemFromObject(a, "checkpoints");
    cJSON_DeleteItemFromObject(b, "checkpoints");
    assert_true(cJSON_GetArraySize(a) > 2);
    assert_true(cJSON_Compare(a, b, true));
    cJSON_Delete(a);
    cJSON_Delete(b);
    test_run_free(&one);
    test_run_free(&two);
}

/* ---- what crosses ---------------------------------------------------------------------------- */

/* "   0.04    13.6%     98,304  fc6 backward 0>1" in the profile; 0 if it has no such line */
static double profile_bytes(const char *profile, const char *name)
{
    for (const char *line = profile; line != NULL; line = strchr(line + 1, '\n')) {
        const char *end = strchr(line + 1, '\n');
        const size_t length = end != NULL ? (size_t)(end - line) : strlen(line);
        double bytes = 0.0;
        char text[128];

        if (length <= strlen(name) || length >= sizeof text ||
            strncmp(line + length - strlen(name), name, strlen(name)) != 0)
            continue;
        snprintf(text, sizeof text, "%.*s", (int)(length - strlen(name)), line);
        for (const char *c = strchr(text, '%'); c != NULL && *c != '\0'; ++c)
            if (*c >= '0' && *c <= '9')
                bytes = 10.0 * bytes + (*c - '0');
        return bytes;
    }
    return 0.0;
}

static void info_says_what_each_device_runs(void **state)
{
    test_run info = TEST_PROGRAM_RUN("info", "tiny", TWO, "--json", "--conv-algo", "im2col",
                                     "--gemm", "clblast");
    const cJSON *device = NULL;

    (void)state;
    test_assert_run(&info, 0, "");
    cJSON *tree = cJSON_Parse(info.out);
    const cJSON *devices = cJSON_GetObjectItem(tree, "devices");

    assert_int_equal(cJSON_GetArraySize(devices), 2);
    cJSON_ArrayForEach(device, devices)
    {
        assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(device, "conv")), "im2col");
        assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(device, "gemm")), "clblast");
    }
    cJSON_Delete(tree);
    test_run_free(&info);
}

static void info_says_what_the_profile_counts(void **state)
{
    enum { STEPS = 3 };
    test_run info = TEST_PROGRAM_RUN("info", "tiny", TWO, "--json");

    (void)state;
    setenv("ALEXNET_PROFILE", "1", 1);
    test_run train = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, TWO, "--max-steps", "3",
                                      "-o", in_folder("profile"));
    unsetenv("ALEXNET_PROFILE");
    test_assert_run(&info, 0, "");
    test_assert_run(&train, 0, "transfer to this device");
    cJSON *tree = cJSON_Parse(info.out);
    const cJSON *transfers = cJSON_GetObjectItem(tree, "transfers"), *transfer;

    assert_int_equal(cJSON_GetArraySize(transfers), 14);
    cJSON_ArrayForEach(transfer, transfers)
    {
        const char *name = cJSON_GetObjectItem(transfer, "name")->valuestring;
        const double bytes = cJSON_GetObjectItem(transfer, "bytes")->valuedouble;

        print_message("%s: %.0f\n", name, bytes);
        assert_true(bytes > 0.0);
        assert_true(profile_bytes(train.err, name) == STEPS * bytes);
    }
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "devices")), 2);
    cJSON_Delete(tree);
    test_run_free(&info);
    test_run_free(&train);
}

static void timeline_has_both_devices(void **state)
{
    size_t bytes = 0, computed[2] = { 0 }, arrived = 0;
    char *text = NULL;

    (void)state;
    assert_trained(TEST_PROGRAM_RUN(TRAIN, TWO, "--max-steps", "2", "-o", in_folder("traced"),
                                    "--trace", in_folder("trace.json")));
    assert_ok(base_file_read(&text, &bytes, in_folder("trace.json")));
    cJSON *tree = cJSON_Parse(text);
    const cJSON *event;

    assert_non_null(tree);
    cJSON_ArrayForEach(event, cJSON_GetObjectItem(tree, "traceEvents"))
    {
        const int device = cJSON_GetObjectItem(event, "pid")->valueint;
        const int queue = cJSON_GetObjectItem(event, "tid") != NULL
                              ? cJSON_GetObjectItem(event, "tid")->valueint
                              : 0;

        if (strcmp(cJSON_GetObjectItem(event, "ph")->valuestring, "X") != 0)
            continue;
        assert_true(cJSON_GetObjectItem(event, "ts")->valuedouble >= -1e6);
        assert_true(cJSON_GetObjectItem(event, "dur")->valuedouble >= 0.0);
        assert_in_range(device, 0, 1);
        computed[device] += queue == 0;
        arrived += cJSON_GetObjectItem(cJSON_GetObjectItem(event, "args"), "bytes")->valueint > 0;
    }
    assert_true(computed[0] > 50 && computed[1] > 50);
    assert_true(arrived >= 2 * 14);
    cJSON_Delete(tree);
    free(text);
}

/* ---- refused --------------------------------------------------------------------------------- */

static void what_cannot_be_split_is_refused(void **state)
{
    static const struct {
        const char *args[6], *says;
        int code;
    } cases[] = {
        { { "half", TWO }, "layer conv1: has one tower", 2 },
        { { "tiny", TWO, "--set", "net.lrn-across-towers=yes" }, "reads across the towers", 2 },
        { { "tiny", "--devices", "0" }, "--devices: wants 2 names, like 0,1; not '0'", 2 },
        { { "tiny", "--devices", "0,0,0" }, "--devices: wants 2 names", 2 },
        { { "tiny", "--devices", "0," }, "--devices: '0,' has an empty name", 2 },
        { { "tiny", "--device", "0", TWO }, "choose one", 2 },
        { { "tiny", "--devices", "0,no such device" }, "no device matches 'no such device'", 3 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const char *args[8] = { "info" };

        for (size_t k = 0; k < ALX_COUNT(cases[i].args) && cases[i].args[k] != NULL; ++k)
            args[k + 1] = cases[i].args[k];
        test_run run = test_program(args);

        test_assert_run(&run, cases[i].code, cases[i].says);
        test_run_free(&run);
    }
}

/* ---- faults ---------------------------------------------------------------------------------- */

/* After some steps; the checkpoint of the last whole one goes on as if nothing had happened. */
static void faults_leave_the_last_checkpoint(void **state)
{
    static const struct {
        const char *fault, *says, *run;
        int code;
    } cases[] = {
        { "device:6:towers3.1 grad-input", "in towers3.1 grad-input failed", "device", 3 },
        { "memory:6:fc7.1 forward", "in fc7.1 forward failed", "memory", 5 },
        { "hang:4:norm2.1 forward", "has not answered for", "hang", 3 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        char last[64];

        setenv("ALEXNET_FAULT", cases[i].fault, 1);
        test_run run = TEST_PROGRAM_RUN(TRAIN, TWO, "--max-steps", "20", "--save-every", "1",
                                        "--timeout", "2", "-o", in_folder(cases[i].run));

        unsetenv("ALEXNET_FAULT");
        test_assert_run(&run, cases[i].code, cases[i].says);
        assert_ptr_equal(strchr(run.err, '\n'), run.err + strlen(run.err) - 1); /* one line */
        test_run_free(&run);
        assert_trained(TEST_PROGRAM_RUN("train", "--resume", in_folder(cases[i].run), TWO, "-q",
                                        "--max-steps", "20"));
        snprintf(last, sizeof last, "%s/checkpoint-last", cases[i].run);
        assert_same_run("one/checkpoint-last", last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checkpoints_are_the_same_and_resume_either_way),
        cmocka_unit_test(eval_gives_the_same_numbers),
        cmocka_unit_test(info_says_what_each_device_runs),
        cmocka_unit_test(info_says_what_the_profile_counts),
        cmocka_unit_test(timeline_has_both_devices),
        cmocka_unit_test(what_cannot_be_split_is_refused),
        cmocka_unit_test(faults_leave_the_last_checkpoint),
    };

    return cmocka_run_group_tests_name("two devices", tests, test_own_folder_make,
                                       test_own_folder_remove);
}
