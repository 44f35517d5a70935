/* test_beside.c - what lies beside a .caffemodel: the network as text, a mean image. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/dev/train.h"
#include "alexnet/log.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/test.h"

#define WEIGHTS TEST_DIR "/data/weights/"

static char messages[4096];

static void keep_message(enum alx_log_level level, const char *text, void *user)
{
    const size_t at = strlen(messages);

    (void)level;
    (void)user;
    snprintf(messages + at, sizeof messages - at, "%s\n", text);
}

static void assert_said(const char *text)
{
    if (strstr(messages, text) == NULL)
        fail_msg("'%s' is not in:\n%s", text, messages);
}

static int begin(void **state)
{
    messages[0] = '\0';
    alx_log_set_sink(keep_message, NULL);
    return test_own_folder_make(state);
}

static int end(void **state)
{
    alx_log_set_sink(alx_log_to_stderr, NULL);
    return test_own_folder_remove(state);
}

/* A copy in the test's folder, without neighbours. */
static const char *alone(const char *name)
{
    char path[512], *bytes = NULL;
    size_t count = 0;

    snprintf(path, sizeof path, WEIGHTS "%s", name);
    assert_ok(base_file_read(&bytes, &count, path));
    test_folder_write_bytes(&test_own_folder, name, bytes, count);
    free(bytes);
    return test_folder_path(&test_own_folder, name);
}

/* Planes of blue, green, red: 100 c + 10 y + x. */
static void write_mean(const char *name, int side)
{
    const size_t dims[] = { 3, (size_t)side, (size_t)side };
    char bytes[ALX_NPY_HEADER_BYTES + 3 * 64 * sizeof(float)];
    size_t at = ALX_NPY_HEADER_BYTES;

    assert_true(side <= 8);
    alx_npy_header(bytes, dims, 3);
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < side; ++y)
            for (int x = 0; x < side; ++x, at += sizeof(float))
                memcpy(bytes + at, &(float){ (float)(100 * c + 10 * y + x) }, sizeof(float));
    test_folder_write_bytes(&test_own_folder, name, bytes, at);
}

static alx_model *open_model(const char *path)
{
    alx_model *model = NULL;

    assert_ok(alx_model_open_weights(&model, &(alx_model_weights){ .path = path }));
    return model;
}

/* ---- the mean -------------------------------------------------------------------------------- */

/* Images are stored with 4 pixels a side: that many has the mean. */
static void a_mean_as_large_as_images_is_subtracted_by_pixels(void **state)
{
    (void)state;
    write_mean("trained_mean.npy", 4);
    alx_model *model = open_model(alone("trained.caffemodel"));
    const alx_checkpoint *got = alx_model_checkpoint(model);
    const alx_data_config *data = &got->config.data;

    assert_said("trained_mean.npy: subtracted pixel by pixel");
    assert_true(data->mean == ALX_MEAN_IMAGE && !data->mean_given && data->use_std);
    assert_int_equal(got->statistics.size, 4);
    for (int y = 0; y < 4; ++y)
        for (int x = 0; x < 4; ++x)
            for (int c = 0; c < 3; ++c)
                assert_true(got->statistics.mean_image[(y * 4 + x) * 3 + c] ==
                            (float)(100 * (2 - c) + 10 * y + x));
    assert_true(got->statistics.deviation[0] == 8.0); /* the file multiplies by 0.125 */
    alx_model_close(model);
}

static void of_another_mean_the_colour_is_subtracted(void **state)
{
    (void)state;
    write_mean("trained_mean.npy", 3);
    alx_model *model = open_model(alone("trained.caffemodel"));
    const alx_data_config *data = &alx_model_checkpoint(model)->config.data;

    assert_said("trained_mean.npy: its mean colour is subtracted");
    assert_said("minus 11 111 211");
    assert_true(data->mean == ALX_MEAN_CHANNEL && data->mean_given);
    assert_true(data->mean_value[0] == 211.0 && data->mean_value[2] == 11.0);
    assert_true(data->std_value[1] == 8.0);
    alx_model_close(model);
}

static void a_mean_that_is_not_there_is_missed(void **state)
{
    (void)state;
    alx_model_close(open_model(alone("trained.caffemodel")));
    assert_said("subtracts the image mean.binaryproto, which is not beside it: ImageNet's means");
}

static void what_is_no_mean_is_refused(void **state)
{
    alx_model *model = NULL;
    const alx_model_weights weights = { .path = alone("trained.caffemodel") };

    (void)state;
    test_folder_write_bytes(&test_own_folder, "mean.binaryproto", "mean", 4);
    assert_int_equal(alx_model_open_weights(&model, &weights), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "mean.binaryproto: not weights"));
}

/* ---- the network ----------------------------------------------------------------------------- */

static const char small_text[] = "[net]\ninput = 4x4x3\nclasses = 3\ndropout-form = inverted\n"
                                 "[conv1]\nfilters = 4\nkernel = 3\npad = 1\npool = max 2/2\n"
                                 "[conv2]\nfilters = 2\nkernel = 3\npad = 1\ngroups = 2\n"
                                 "[fc3]\nunits = 5\ndropout = 0.5\n[fc4]\nunits = 3\n";

/* A model that does not say how large its input is: the field of Input's shape gets a number that
 * Caffe does not know. */
static const char *model_without_size(void)
{
    const char *const path = test_folder_path(&test_own_folder, "small.caffemodel");
    alx_config config;
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(alx_config_parse(&config, small_text, "small", NULL, 0));
    assert_ok(alx_convert(&(alx_conversion){
        .from = { .path = WEIGHTS "state.pth", .config = &config }, .to = path }));
    assert_ok(base_file_read(&bytes, &count, path));
    char *field = memmem(bytes, count, "\xfa\x08", 2); /* 143 */

    assert_non_null(field);
    field[0] = '\xe2'; /* 140 */
    test_folder_write_bytes(&test_own_folder, "small.caffemodel", bytes, count);
    free(bytes);
    return path;
}

static void a_prototxt_says_what_the_model_does_not(void **state)
{
    const char *const path = model_without_size();
    const char *const text = test_folder_path(&test_own_folder, "small.prototxt");
    alx_model *model = open_model(path);

    (void)state;
    assert_said("small.prototxt describes it: 4 layers, input 4x4x3");
    assert_int_equal(alx_model_checkpoint(model)->config.net.layers[0].outputs, 4);
    alx_model_close(model);
    assert_int_equal(remove(text), 0);
    assert_int_equal(alx_model_open_weights(&model, &(alx_model_weights){ .path = path }),
                     ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "its tensors fit no preset"));
}

/* Pixels of a config from 0 to 1, weights of one that sees them up to 255. */
static void a_config_on_another_scale_is_warned_of(void **state)
{
    const char *const path = model_without_size();
    const char *const overrides[] = { "data.unit-scale=yes", "data.mean=0.5 0.5 0.5" };
    alx_model *model = NULL;
    alx_config config;

    (void)state;
    assert_ok(alx_config_parse(&config, small_text, "small", overrides, 2));
    assert_ok(
        alx_model_open_weights(&model, &(alx_model_weights){ .path = path, .config = &config }));
    assert_said("has the looks of weights that want --preprocess caffe, which is not what the ");
    alx_model_close(model);
}

#define beside(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        beside(a_mean_as_large_as_images_is_subtracted_by_pixels),
        beside(of_another_mean_the_colour_is_subtracted),
        beside(a_mean_that_is_not_there_is_missed),
        beside(what_is_no_mean_is_refused),
        beside(a_prototxt_says_what_the_model_does_not),
        beside(a_config_on_another_scale_is_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
