/* test_best_or_last.c - which checkpoint a run's folder stands for: the best to use, the last to go
 * on from. */
#include "support/program.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tensors.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static void train(const char *name, const char *steps, const char *seed)
{
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", steps, "--seed",
                                    seed, "-o", in_folder(name));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

static void copy(const char *to, const char *from)
{
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(base_file_read(&bytes, &count, in_folder(from)));
    test_folder_write_bytes(&test_own_folder, to, bytes, count);
    free(bytes);
}

/* The best of five updates, the last of three; alone/ has no best. */
static int make_runs(void **state)
{
    const test_file image = test_png_plain(40, 40, 200, 10, 20);
    const int rc = test_own_folder_make(state);

    test_folder_write_bytes(&test_own_folder, "image.png", image.bytes, image.count);
    free(image.bytes);
    train("five", "5", "1");
    train("three", "3", "2");
    copy("run/checkpoint-best", "five/checkpoint-last");
    copy("run/checkpoint-last", "three/checkpoint-last");
    copy("alone/checkpoint-last", "three/checkpoint-last");
    return rc;
}

static double number_of(test_run run, const char *object, const char *name)
{
    test_assert_run(&run, 0, "");
    cJSON *tree = cJSON_Parse(run.out);
    const cJSON *item = cJSON_GetObjectItem(
        object != NULL ? cJSON_GetObjectItem(tree, object) : tree, name);

    assert_true(cJSON_IsNumber(item));
    const double value = item->valuedouble;

    cJSON_Delete(tree);
    test_run_free(&run);
    return value;
}

static double loss_of(const char *checkpoint)
{
    return number_of(TEST_PROGRAM_RUN("eval", in_folder(checkpoint), "--json", "-q"), NULL, "loss");
}

static void eval_takes_the_best(void **state)
{
    const double best = loss_of("five/checkpoint-last"), last = loss_of("three/checkpoint-last");

    (void)state;
    assert_true(best != last);
    assert_true(loss_of("run") == best);
    assert_true(loss_of("alone") == last);
}

static void predict_and_info_take_the_best(void **state)
{
    test_run folder = TEST_PROGRAM_RUN("predict", in_folder("run"), in_folder("image.png"), "-q");
    test_run best = TEST_PROGRAM_RUN("predict", in_folder("five/checkpoint-last"),
                                     in_folder("image.png"), "-q");

    (void)state;
    test_assert_run(&folder, 0, "");
    assert_string_equal(folder.out, best.out);
    test_run_free(&folder);
    test_run_free(&best);
    assert_true(number_of(TEST_PROGRAM_RUN("info", in_folder("run"), "--json", "-q"), "checkpoint",
                          "step") == 5.0);
    assert_true(number_of(TEST_PROGRAM_RUN("info", in_folder("alone"), "--json", "-q"),
                          "checkpoint", "step") == 3.0);
}

static void weights_are_of_the_best(void **state)
{
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "1",
                                    "--weights", in_folder("run"), "--freeze", "conv1", "-o",
                                    in_folder("tuned"));

    (void)state;
    test_assert_run(&run, 0, "run/checkpoint-best\n");
    assert_int_equal(test_assert_same_tensors(in_folder("tuned/checkpoint-last"),
                                              in_folder("five/checkpoint-last"), "param/conv1."),
                     2);
    test_run_free(&run);
}

static void going_on_is_from_the_last(void **state)
{
    test_run run = TEST_PROGRAM_RUN("train", "--resume", in_folder("run"), "--max-steps", "4", "-o",
                                    in_folder("on"));
    test_run whole = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "4", "--seed",
                                      "2", "-o", in_folder("four"));

    (void)state;
    test_assert_run(&run, 0, "run/checkpoint-last: epoch 1, step 3\n");
    test_assert_run(&whole, 0, "");
    assert_int_equal(test_assert_same_tensors(in_folder("on/checkpoint-last"),
                                              in_folder("four/checkpoint-last"), "param/"),
                     16);
    test_run_free(&run);
    test_run_free(&whole);
}

static void a_damaged_last_one_names_the_best(void **state)
{
    (void)state;
    assert_ok(base_mkdirs(in_folder("hurt")));
    test_folder_write(&test_own_folder, "hurt/checkpoint-last", "cut off");
    test_run run = TEST_PROGRAM_RUN("train", "--resume", in_folder("hurt"));

    test_assert_run(&run, 4, "hurt/checkpoint-last: 7 bytes are too few");
    assert_null(strstr(run.err, "best"));
    test_run_free(&run);
    test_folder_write(&test_own_folder, "hurt/checkpoint-best", "");
    run = TEST_PROGRAM_RUN("train", "--resume", in_folder("hurt"));
    test_assert_run(&run, 4, "hurt/checkpoint-last: 7 bytes are too few");
    assert_non_null(strstr(run.err, "hurt/checkpoint-best\n"));
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eval_takes_the_best),
        cmocka_unit_test(predict_and_info_take_the_best),
        cmocka_unit_test(weights_are_of_the_best),
        cmocka_unit_test(going_on_is_from_the_last),
        cmocka_unit_test(a_damaged_last_one_names_the_best),
    };

    return cmocka_run_group_tests(tests, make_runs, test_own_folder_remove);
}
