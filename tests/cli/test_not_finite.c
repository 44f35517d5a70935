/* test_not_finite.c - one weight that is NaN: every command that uses the network says so in one
 * line and ends with code 6. */
#include "support/program.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/training.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static test_folder folder;

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static void spoil(const char *from, const char *to)
{
    const alx_net_options options = { .batch = 1, .training = true };
    alx_checkpoint checkpoint = { 0 };
    alx_device *dev = test_device();
    alx_net *net = NULL;

    assert_ok(alx_checkpoint_read(&checkpoint, from));
    assert_ok(alx_net_create(&net, &checkpoint.config.net, &dev, 1, &options));
    assert_ok(alx_checkpoint_load_net(net, from));
    size_t count = 0;
    const alx_param_info *first = alx_graph_params(alx_net_graph(net), &count);
    float *weights = test_host(first->count);

    assert_ok(alx_net_get_param(net, 0, ALX_PARAM_VALUE, weights));
    weights[first->count / 2] = NAN;
    assert_ok(alx_net_set_param(net, 0, ALX_PARAM_VALUE, weights));
    assert_ok(alx_checkpoint_write(to, &checkpoint, net));
    alx_net_free(net);
    alx_checkpoint_free(&checkpoint);
}

static int make_files(void **state)
{
    const test_file image = test_png_plain(40, 40, 200, 100, 50);
    test_run run;

    (void)state;
    folder = test_folder_create();
    run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "1", "-o",
                           in_folder("run"));
    test_assert_run(&run, 0, "");
    test_run_free(&run);
    spoil(in_folder("run/checkpoint-last"), in_folder("nan"));
    test_folder_write_bytes(&folder, "image.png", image.bytes, image.count);
    free(image.bytes);
    return 0;
}

static int remove_folder(void **state)
{
    test_folder_remove(&folder);
    return test_device_close(state);
}

static void assert_one_line(test_run run, const char *says)
{
    test_assert_run(&run, 6, says);
    assert_string_equal(run.out, "");
    assert_ptr_equal(strstr(run.err, "alexnet: "), run.err);
    assert_string_equal(strchr(run.err, '\n'), "\n");
    test_run_free(&run);
}

static void eval_says_so(void **state)
{
    (void)state;
    assert_one_line(TEST_PROGRAM_RUN("eval", in_folder("nan"), "--data", DATA, "-q"),
                    "nan on " DATA " is not finite");
    assert_one_line(TEST_PROGRAM_RUN("eval", in_folder("run"), in_folder("nan"), "--data", DATA,
                                     "--json", "-q", "-o", in_folder("report")),
                    "nan on " DATA " is not finite");
    assert_false(base_file_exists(in_folder("report")));
}

static void predict_says_so(void **state)
{
    (void)state;
    assert_one_line(TEST_PROGRAM_RUN("predict", in_folder("nan"), in_folder("image.png"), "-q"),
                    "image.png: the probabilities of");
}

static void features_say_so(void **state)
{
    (void)state;
    assert_one_line(TEST_PROGRAM_RUN("features", in_folder("nan"), in_folder("image.png"), "-q",
                                     "-o", in_folder("f.npy")),
                    "image.png: relu7 of");
    assert_false(base_file_exists(in_folder("f.npy")));
}

static void fine_tuning_says_so(void **state)
{
    (void)state;
    assert_one_line(TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--weights", in_folder("nan"),
                                     "-q", "-o", in_folder("fine")),
                    "not finite");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eval_says_so),
        cmocka_unit_test(predict_says_so),
        cmocka_unit_test(features_say_so),
        cmocka_unit_test(fine_tuning_says_so),
    };

    return cmocka_run_group_tests(tests, make_files, remove_folder);
}
