/* test_carried.c - what a converted file carries beside its numbers: the config with its name, and
 * what pixels become, but not where the training images lay. */
#define _GNU_SOURCE /* memmem */
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/train.h"
#include "base/file.h"
#include "support/converted.h"
#include "support/device.h"
#include "support/folder.h"

#define WEIGHTS TEST_DIR "/data/weights/"

/* The config that a conversion leaves in a file has the name that it had. */
static void a_config_inside_keeps_its_name(void **state)
{
    static const char *const files[] = { "named.safetensors", "named.onnx", "named.npz" };
    alx_config config;

    (void)state;
    test_small_config(&config, "inverted");
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        alx_weights_facts facts;

        test_convert(WEIGHTS "state.pth", test_own_path(files[i]), &config, NULL);
        assert_ok(alx_weights_facts_gather(&facts, test_own_path(files[i]), NULL));
        assert_string_equal(facts.config.name, "small");
        assert_int_equal(facts.missing, 0);
        alx_weights_facts_free(&facts);
    }
}

/* Whatever the names, and through an archive of an archive: each bit of the answers, and of what is
 * subtracted from pixels, which the file alone says. */
static void an_archive_answers_as_the_checkpoint_that_it_was(void **state)
{
    static const char *const forms[] = { "classic", "inverted" };
    static const char *const namings[] = { NULL, "torchvision", "caffe" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(forms) * ALX_COUNT(namings); ++i) {
        const char *form = forms[i / ALX_COUNT(namings)], *naming = namings[i % ALX_COUNT(namings)];
        alx_config config;
        char own[512], first[512], second[512];
        float want[3], got[3];

        test_small_config(&config, form);
        snprintf(own, sizeof own, "%s", test_own_path("own"));
        snprintf(first, sizeof first, "%s", test_own_path("first.npz"));
        snprintf(second, sizeof second, "%s", test_own_path("second.npz"));
        test_convert(WEIGHTS "state.pth", own, &config, NULL);
        test_convert(own, first, NULL, naming);
        test_convert(first, second, NULL, NULL);
        test_answer(want, &(alx_model_weights){ .path = own });
        test_answer(got, &(alx_model_weights){ .path = first });
        assert_memory_equal(got, want, sizeof want);
        test_answer(got, &(alx_model_weights){ .path = second });
        assert_memory_equal(got, want, sizeof want);
    }
}

/* Statistics of the training set become numbers, which a config without any takes over. */
static void numbers_of_pixels_stay_with_the_weights(void **state)
{
    static const char *const files[] = { "p.npz", "p.safetensors", "p.onnx" };
    alx_config channel, given;
    alx_model *model = NULL;

    (void)state;
    test_small_config(&channel, "inverted");
    given = channel;
    given.data.mean_given = true;
    given.data.mean_value[0] = 11.5;
    given.data.mean_value[2] = 33.25;
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        test_convert(WEIGHTS "state.pth", test_own_path(files[i]), &given, NULL);
        assert_ok(alx_model_open_weights(
            &model, &(alx_model_weights){ .path = test_own_path(files[i]), .config = &channel }));
        const alx_data_config *data = &alx_model_checkpoint(model)->config.data;

        assert_true(data->mean_given && data->mean_value[0] == 11.5 &&
                    data->mean_value[2] == 33.25);
        alx_model_close(model);
        channel.data.mean_given = true;
        assert_ok(alx_model_open_weights(
            &model, &(alx_model_weights){ .path = test_own_path(files[i]), .config = &channel }));
        assert_true(alx_model_checkpoint(model)->config.data.mean_value[0] == 0.0);
        alx_model_close(model);
        channel.data.mean_given = false;
    }
}

/* Files are given away: they do not say where the training images lay. */
static void what_is_converted_names_no_folder(void **state)
{
    static const char *const files[] = { "f.npz", "f.safetensors", "f.onnx" };
    alx_config config;

    (void)state;
    test_small_config(&config, "inverted");
    strcpy(config.data.path, "/home/somebody/images");
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        char *bytes = NULL;
        size_t count = 0;

        test_convert(WEIGHTS "state.pth", test_own_path(files[i]), &config, NULL);
        assert_ok(base_file_read(&bytes, &count, test_own_path(files[i])));
        assert_non_null(memmem(bytes, count, "alexnet config", 14));
        assert_null(memmem(bytes, count, "somebody", 8));
        free(bytes);
    }
}

static int close_all(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(a_config_inside_keeps_its_name),
        test_on_device(an_archive_answers_as_the_checkpoint_that_it_was),
        test_on_device(numbers_of_pixels_stay_with_the_weights),
        test_on_device(what_is_converted_names_no_folder),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, close_all);
}
