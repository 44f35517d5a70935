/* test_check_every.c - train --check-every: no number of the training changes; every kind of layer
 * passes; a kernel that did not do its work is found, in each direction. */
#include "support/program.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/tensors.h"

#define TRAIN "train", "tiny", "--data", TEST_DIR "/data/cifar10-mini.tar.gz", "--max-steps", "5"

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        ++count;
    return count;
}

static void assert_checks(test_run run, int checks)
{
    test_assert_run(&run, 0, "");
    assert_int_equal(count_of(run.err, "check       update "), checks);
    test_run_free(&run);
}

static void assert_same_run(const char *a, const char *b)
{
    assert_int_equal(test_assert_same_tensors(in_folder(a), in_folder(b), "param/"), 16);
    assert_int_equal(test_assert_same_tensors(in_folder(a), in_folder(b), "momentum/"), 16);
}

static void training_is_the_same_with_it(void **state)
{
    (void)state;
    assert_checks(TEST_PROGRAM_RUN(TRAIN, "-o", in_folder("plain")), 0);
    assert_checks(TEST_PROGRAM_RUN(TRAIN, "-o", in_folder("one"), "--check-every", "2"), 2);
    assert_checks(
        TEST_PROGRAM_RUN(TRAIN, "-o", in_folder("two"), "--check-every", "1", "--devices", "0,0"),
        5);
    assert_same_run("plain/checkpoint-last", "one/checkpoint-last");
    assert_same_run("plain/checkpoint-last", "two/checkpoint-last");
}

static void a_check_that_was_none_is_said(void **state)
{
    (void)state;
    test_run run = TEST_PROGRAM_RUN(TRAIN, "-o", in_folder("none"), "--check-every", "6");

    test_assert_run(&run, 0, "--check-every 6: no update was compared, the run had 5");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN(TRAIN, "-o", in_folder("last"), "--check-every", "5");
    test_assert_run(&run, 0, "check       update 5");
    assert_null(strstr(run.err, "no update was compared"));
    test_run_free(&run);
}

/* What tiny.ini has not. */
static void every_kind_of_layer_passes(void **state)
{
    (void)state;
    assert_checks(TEST_PROGRAM_RUN(TRAIN, "-o", in_folder("kinds"), "--check-every", "2", "--set",
                                   "net.towers=1", "--set", "conv1.lrn=off", "--set",
                                   "conv1.spatial-norm=n=3 k=1 alpha=0.1 beta=0.75", "--set",
                                   "conv2.groups=2", "--set", "conv2.activation=tanh", "--set",
                                   "conv1.pool=max 3/2 all-ties", "--set", "conv5.adaptive-pool=2",
                                   "--grad-accum", "2"),
                  2);
    assert_checks(TEST_PROGRAM_RUN(TRAIN, "-o", in_folder("by-input"), "--check-every", "2",
                                   "--set", "fc8.towers=input"),
                  2);
}

/* With 16 channels for each tower, CPU devices take ReLU, norm and pool in one pass. */
static void fused_kernels_pass(void **state)
{
    (void)state;
    assert_checks(TEST_PROGRAM_RUN(TRAIN, "-o", in_folder("fused"), "--check-every", "2", "--set",
                                   "conv1.filters=32", "--set", "conv5.filters=32"),
                  2);
}

static void a_kernel_that_did_nothing_is_found(void **state)
{
    static const struct {
        const char *fault, *says, *set;
    } cases[] = {
        { "skip:3:norm2.1 forward", "update 3: norm2.1 forward differs", "conv1.filters=8" },
        { "skip:3:pool1.0 grad-input", "update 3: pool1.0 grad-input differs", "conv1.filters=8" },
        { "skip:9:fc6.1 grad-weight", "fc6.1 grad-weight differs", "conv1.filters=8" },
        { "skip:2:pool1.1 forward", "update 2: pool1.1 forward differs", "conv1.filters=32" },
        { "skip:3:pool1.0 grad-input", "update 3: pool1.0 grad-input differs", "conv1.filters=32" },
        { "skip:9:fc8.1 forward", "fc8.1 forward differs", "fc8.towers=input" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        setenv("ALEXNET_FAULT", cases[i].fault, 1);
        test_run run = TEST_PROGRAM_RUN(TRAIN, "-q", "-o", in_folder("fault"), "--save-every", "1",
                                        "--check-every", "1", "--set", cases[i].set);

        unsetenv("ALEXNET_FAULT");
        test_assert_run(&run, 6, cases[i].says);
        assert_int_equal(count_of(run.err, "differs from its reference twin"), 1);
        assert_true(base_file_exists(in_folder("fault/checkpoint-last")));
        test_run_free(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_is_the_same_with_it),
        cmocka_unit_test(a_check_that_was_none_is_said),
        cmocka_unit_test(every_kind_of_layer_passes),
        cmocka_unit_test(fused_kernels_pass),
        cmocka_unit_test(a_kernel_that_did_nothing_is_found),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
