/* test_fine_tune.c - train --weights --replace --freeze: what stays, starts anew, and is said. */
#include "support/program.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static bool same_param(const char *name)
{
    alx_safetensors *base = NULL, *fine = NULL;

    assert_ok(alx_safetensors_open(&base, in_folder("base/checkpoint-last")));
    assert_ok(alx_safetensors_open(&fine, in_folder("fine/checkpoint-last")));
    const alx_st_tensor *a = alx_safetensors_find(base, name);
    const alx_st_tensor *b = alx_safetensors_find(fine, name);

    assert_non_null(a);
    assert_non_null(b);
    const bool same = a->count == b->count && memcmp(a->data, b->data, a->count * 4) == 0;

    alx_safetensors_close(base);
    alx_safetensors_close(fine);
    return same;
}

static void frozen_layers_stay_and_the_others_learn(void **state)
{
    test_run base = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "2", "-o",
                                     in_folder("base"));
    test_run fine = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "2",
                                     "--weights", in_folder("base"), "--replace", "fc8", "--freeze",
                                     "conv1,conv2", "-o", in_folder("fine"), "--set",
                                     "fc8.init=gauss 0.5");

    (void)state;
    test_assert_run(&base, 0, "");
    test_assert_run(&fine, 0, "checkpoint-last; initialised: fc8\n");
    assert_true(same_param("param/conv1.weight"));
    assert_true(same_param("param/conv2.bias"));
    assert_false(same_param("param/conv3.weight"));
    assert_false(same_param("param/fc8.weight"));
    test_run_free(&base);
    test_run_free(&fine);
}

static void what_the_network_has_no_place_for_is_named(void **state)
{
    const float one = 1.0f;
    alx_safetensors *base = NULL;
    alx_safetensors_writer *writer = NULL;

    (void)state;
    assert_ok(alx_safetensors_open(&base, in_folder("base/checkpoint-last")));
    assert_ok(alx_safetensors_writer_create(&writer));
    for (size_t i = 0; i < alx_safetensors_count(base); ++i) {
        const alx_st_tensor *t = alx_safetensors_at(base, i);

        assert_ok(alx_safetensors_writer_add_copy(writer, t->name, t->dtype, t->dims, t->dim_count,
                                                  t->data));
    }
    assert_ok(
        alx_safetensors_writer_add_copy(writer, "head.bias", ALX_F32, (const int[]){ 1 }, 1, &one));
    assert_ok(alx_safetensors_writer_write(writer, in_folder("more.safetensors")));
    alx_safetensors_writer_free(writer);
    alx_safetensors_close(base);

    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "1",
                                    "--weights", in_folder("more.safetensors"), "-o",
                                    in_folder("more"));

    test_assert_run(&run, 0, "1 tensor that the network has no place for: head.bias\n");
    test_run_free(&run);
}

static void wrong_lists_are_refused(void **state)
{
    static const struct {
        const char *option, *value, *says;
    } wrong[] = {
        { "--freeze", "conv1,,conv2", "--freeze wants LAYER,..., not 'conv1,,conv2'" },
        { "--freeze", ",conv2", "--freeze wants LAYER" },
        { "--freeze", "conv9", "no section [conv9]" },
        { "--replace", "fc8", "--replace is of --weights" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, wrong[i].option,
                                        wrong[i].value, "-o", in_folder("wrong"));

        test_assert_run(&run, 2, wrong[i].says);
        test_run_free(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_layers_stay_and_the_others_learn),
        cmocka_unit_test(what_the_network_has_no_place_for_is_named),
        cmocka_unit_test(wrong_lists_are_refused),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
