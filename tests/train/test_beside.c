/* test_beside.c - what lies beside a .caffemodel: the network as text, a mean image. */
#define _GNU_SOURCE /* memmem */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/dev/train.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/messages.h"
#include "support/test.h"

#define WEIGHTS TEST_DIR "/data/weights/"

static int begin(void **state)
{
    test_messages_begin();
    return test_own_folder_make(state);
}

static int end(void **state)
{
    test_messages_end();
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

/* Planes of blue, green, red: 100 c + 10 y + x; the first may be another number. */
static void write_mean_of(const char *name, int side, float first)
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
    memcpy(bytes + ALX_NPY_HEADER_BYTES, &first, sizeof first);
    test_folder_write_bytes(&test_own_folder, name, bytes, at);
}

static void write_mean(const char *name, int side)
{
    write_mean_of(name, side, 0.0f);
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
    write_mean("mean.binaryproto", 4);
    alx_model *model = open_model(alone("trained.caffemodel"));
    const alx_checkpoint *got = alx_model_checkpoint(model);
    const alx_data_config *data = &got->config.data;

    test_assert_said("mean.binaryproto: subtracted pixel by pixel");
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
    write_mean("mean.binaryproto", 3);
    alx_model *model = open_model(alone("trained.caffemodel"));
    const alx_data_config *data = &alx_model_checkpoint(model)->config.data;

    test_assert_said("mean.binaryproto: its mean colour is subtracted");
    test_assert_said("minus 11 111 211");
    assert_true(data->mean == ALX_MEAN_CHANNEL && data->mean_given);
    assert_true(data->mean_value[0] == 211.0 && data->mean_value[2] == 11.0);
    assert_true(data->std_value[1] == 8.0);
    alx_model_close(model);
}

/* No other is taken for it. */
static void a_mean_that_is_not_there_is_missed(void **state)
{
    (void)state;
    write_mean("trained_mean.npy", 4);
    write_mean("mean.npy", 4);
    alx_model *model = open_model(alone("trained.caffemodel"));

    test_assert_said(
        "subtracts the image mean.binaryproto, which is not beside it: ImageNet's means");
    assert_true(alx_model_checkpoint(model)->config.data.mean_value[2] == 104.00698793);
    alx_model_close(model);
}

static void assert_mean_refused(const char *path, const char *says)
{
    alx_model *model = NULL;

    assert_int_equal(alx_model_open_weights(&model, &(alx_model_weights){ .path = path }),
                     ALX_E_DATA);
    if (strstr(alx_status_text(ALX_E_DATA), says) == NULL)
        fail_msg("'%s' lacks '%s'", alx_status_text(ALX_E_DATA), says);
}

static void a_mean_with_what_is_no_number_is_refused(void **state)
{
    const char *const path = alone("trained.caffemodel");

    (void)state;
    write_mean_of("mean.binaryproto", 4, NAN);
    assert_mean_refused(path, "mean.binaryproto: a mean with a number that is nan");
    write_mean_of("mean.binaryproto", 3, -INFINITY);
    assert_mean_refused(path, "mean.binaryproto: a mean with a number that is -inf");
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

/* Hides the first field of a number behind `from`: it gets one that Caffe does not know. */
static char *hide(char *from, const char *end, const char *tag)
{
    char *field = memmem(from, (size_t)(end - from), tag, 2);

    assert_non_null(field);
    field[0] = (char)(field[0] ^ 0x18);
    return field;
}

/* A model that does not say how large its input is, nor what is done to pixels if that is hidden;
 * small.prototxt beside it says both. */
static const char *model_without_size(bool hide_pixels)
{
    const char *const path = test_folder_path(&test_own_folder, "small.caffemodel");
    alx_config config;
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(alx_config_parse(&config, small_text, "small", NULL, 0));
    assert_ok(alx_convert(&(alx_conversion){
        .from = { .path = WEIGHTS "state.pth", .config = &config }, .to = path }));
    assert_ok(base_file_read(&bytes, &count, path));
    char *size = hide(bytes, bytes + count, "\xfa\x08"); /* input_param, 143 */

    if (hide_pixels)
        hide(size, bytes + count, "\xa2\x06"); /* transform_param, 100 */
    test_folder_write_bytes(&test_own_folder, "small.caffemodel", bytes, count);
    free(bytes);
    return path;
}

/* small.prototxt under another name, whose data come as Caffe trains: crops of 4 pixels. */
static void make_train_val(const char *transform)
{
    char *text = NULL, whole[8192];
    size_t count = 0;

    assert_ok(base_file_read(&text, &count, test_folder_path(&test_own_folder, "small.prototxt")));
    const char *behind = memmem(text, count, "layer {\n  name: \"conv1\"", 22);

    assert_non_null(behind);
    snprintf(whole, sizeof whole,
             "layer { name: 'data' type: 'Data' top: 'data' top: 'label'\n"
             "  transform_param { mirror: true crop_size: 4 %s } }\n%.*s",
             transform, (int)(text + count - behind), behind);
    test_folder_write_bytes(&test_own_folder, "train_val.prototxt", whole, strlen(whole));
    assert_int_equal(remove(test_folder_path(&test_own_folder, "small.prototxt")), 0);
    free(text);
}

static void a_prototxt_says_what_the_model_does_not(void **state)
{
    const char *const path = model_without_size(false);
    const char *const text = test_folder_path(&test_own_folder, "small.prototxt");
    alx_model *model = open_model(path);

    (void)state;
    test_assert_said("small.prototxt describes it: 4 layers, input 4x4x3");
    assert_int_equal(alx_model_checkpoint(model)->config.net.layers[0].outputs, 4);
    alx_model_close(model);
    assert_int_equal(remove(text), 0);
    assert_int_equal(alx_model_open_weights(&model, &(alx_model_weights){ .path = path }),
                     ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "its tensors fit no preset"));
}

static void a_text_of_crops_describes_the_input(void **state)
{
    const char *const path = model_without_size(true);

    (void)state;
    make_train_val("mean_value: 10 mean_value: 20 mean_value: 30 scale: 0.5");
    alx_model *model = open_model(path);
    const alx_data_config *data = &alx_model_checkpoint(model)->config.data;

    test_assert_said("train_val.prototxt describes it: 4 layers, input 4x4x3");
    assert_true(data->mean_value[0] == 30.0 && data->mean_value[2] == 10.0);
    assert_true(data->use_std && data->std_value[1] == 2.0);
    alx_model_close(model);
}

static void a_text_names_a_mean(void **state)
{
    const char *const path = model_without_size(true);

    (void)state;
    make_train_val("mean_file: 'data/some.binaryproto'");
    alx_model_close(open_model(path));
    test_assert_said("subtracts the image data/some.binaryproto, which is not beside it");
    write_mean("some.binaryproto", 3);
    alx_model_close(open_model(path));
    test_assert_said("minus 11 111 211");
}

static void what_the_model_says_of_pixels_stands(void **state)
{
    const char *const path = model_without_size(false);

    (void)state;
    make_train_val("mean_value: 10 mean_value: 20 mean_value: 30");
    alx_model_close(open_model(path));
    test_assert_said("minus 103.53 116.28 123.675, scaled");
}

static void a_text_of_another_network_is_left_out(void **state)
{
    static const char other[] =
        "input: 'data' input_dim: 1 input_dim: 3 input_dim: 4 input_dim: 4\n"
        "layer { name: 'fc' type: 'InnerProduct' bottom: 'data' top: 'fc'\n"
        "  inner_product_param { num_output: 3 } }\n";
    const char *const path = model_without_size(false);

    (void)state;
    make_train_val("");
    test_folder_write_bytes(&test_own_folder, "small.prototxt", "no network", 10);
    test_folder_write_bytes(&test_own_folder, "deploy.prototxt", other, strlen(other));
    alx_model_close(open_model(path));
    test_assert_said("left out: ");
    test_assert_said("deploy.prototxt: a network of other shapes than ");
    test_assert_said("train_val.prototxt describes it: 4 layers");
}

/* The first that nobody named is no weights, the second no mean of colours; the last has numbers
 * that are none. */
static void a_mean_that_nobody_named_is_left_out_where_it_does_not_fit(void **state)
{
    const char *const path = model_without_size(true);
    char grey[ALX_NPY_HEADER_BYTES + 4] = { 0 };

    (void)state;
    alx_npy_header(grey, &(size_t){ 1 }, 1);
    test_folder_write_bytes(&test_own_folder, "small_mean.binaryproto", "mean", 4);
    test_folder_write_bytes(&test_own_folder, "mean.npy", grey, sizeof grey);
    make_train_val("");
    write_mean("ilsvrc_2012_mean.npy", 3);
    alx_model_close(open_model(path));
    test_assert_said("left out: ");
    test_assert_said("small_mean.binaryproto: not weights");
    test_assert_said("mean.npy: no mean of three colours");
    test_assert_said("minus 11 111 211");
    write_mean_of("ilsvrc_2012_mean.npy", 3, NAN);
    assert_mean_refused(path, "ilsvrc_2012_mean.npy: a mean with a number that is nan");
}

/* Pixels of a config from 0 to 1, weights of one that sees them up to 255. */
static void a_config_on_another_scale_is_warned_of(void **state)
{
    const char *const path = model_without_size(false);
    const char *const overrides[] = { "data.unit-scale=yes", "data.mean=0.5 0.5 0.5" };
    alx_model *model = NULL;
    alx_config config;

    (void)state;
    assert_ok(alx_config_parse(&config, small_text, "small", overrides, 2));
    assert_ok(
        alx_model_open_weights(&model, &(alx_model_weights){ .path = path, .config = &config }));
    test_assert_said(
        "has the looks of weights that want --preprocess caffe, which is not what the ");
    alx_model_close(model);
}

#define beside(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        beside(a_mean_as_large_as_images_is_subtracted_by_pixels),
        beside(of_another_mean_the_colour_is_subtracted),
        beside(a_mean_that_is_not_there_is_missed),
        beside(a_mean_with_what_is_no_number_is_refused),
        beside(what_is_no_mean_is_refused),
        beside(a_prototxt_says_what_the_model_does_not),
        beside(a_text_of_crops_describes_the_input),
        beside(a_text_names_a_mean),
        beside(what_the_model_says_of_pixels_stands),
        beside(a_text_of_another_network_is_left_out),
        beside(a_mean_that_nobody_named_is_left_out_where_it_does_not_fit),
        beside(a_config_on_another_scale_is_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
