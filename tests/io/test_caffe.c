/* test_caffe.c - Caffe's files in both forms, beside the arrays that were put into them with
 * Caffe's own schema (tools/data/make_weight_files.py); their layers, from messages and from
 * text; what is refused. */
#include "alexnet/dev/weights_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/test.h"
#include "support/weights.h"

static alx_weights_file *open_file(const char *path)
{
    alx_weights_file *file = NULL;

    assert_ok(alx_weights_file_open(&file, path));
    return file;
}

static void blobs_are_what_was_put_in(void **state)
{
    (void)state;
    test_weights_compare(test_weights_path("old.caffemodel"), "old.caffemodel");
    test_weights_compare(test_weights_path("single.caffemodel"), "single.caffemodel");
    test_weights_compare(test_weights_path("new.caffemodel"), "new.caffemodel");
    test_weights_compare(test_weights_path("double.caffemodel"), "double.caffemodel");
}

/* Packed numbers come in pieces; others are gathered. */
static void packed_blobs_come_in_pieces(void **state)
{
    alx_weights_file *packed = open_file(test_weights_path("new.caffemodel"));
    alx_weights_file *single = open_file(test_weights_path("single.caffemodel"));

    (void)state;
    assert_int_equal(alx_weights_file_at(packed, 4)->dims[0], 5); /* fc6.weight */
    assert_true(alx_weights_file_has_pieces(packed, 4));
    assert_false(alx_weights_file_has_pieces(single, 0));
    alx_weights_file_close(packed);
    alx_weights_file_close(single);
}

static void a_mean_image_is_a_tensor(void **state)
{
    alx_weights_file *file = open_file(test_weights_path("mean.binaryproto"));
    float numbers[12];

    (void)state;
    assert_int_equal(alx_weights_file_count(file), 1);
    assert_string_equal(alx_weights_file_at(file, 0)->name, "mean");
    assert_int_equal(alx_weights_file_at(file, 0)->dim_count, 4);
    assert_int_equal(alx_weights_file_at(file, 0)->dims[1], 3);
    assert_ok(alx_weights_file_read(file, 0, numbers));
    assert_true(numbers[11] == 90.75f);
    alx_weights_file_close(file);
}

/* ---- layers -------------------------------------------------------------------------------- */

typedef struct want {
    alx_weights_op op;
    const char *name, *type;
    long weight, from;
    int kernel, stride, pad, groups, outputs; /* heights */
} want;

static const want old_layers[] = {
    { ALX_WEIGHTS_CONV, "conv1", "Convolution", 0, -1, 3, 1, 1, 1, 4 },
    { ALX_WEIGHTS_RELU, "relu1", "ReLU", -1, 0, 0, 0, 0, 0, 0 },
    { ALX_WEIGHTS_LRN, "norm1", "LRN", -1, 1, 0, 0, 0, 0, 0 },
    { ALX_WEIGHTS_MAX_POOL, "pool1", "Pooling", -1, 2, 2, 2, 0, 0, 0 },
    { ALX_WEIGHTS_CONV, "conv2", "Convolution", 2, 3, 3, 1, 1, 2, 6 },
    { ALX_WEIGHTS_AVERAGE_POOL, "pool2", "Pooling", -1, 4, 3, 3, 0, 0, 0 },
    { ALX_WEIGHTS_FC, "fc6", "InnerProduct", 4, 5, 0, 0, 0, 0, 5 },
    { ALX_WEIGHTS_DROPOUT, "drop6", "Dropout", -1, 6, 0, 0, 0, 0, 0 },
    { ALX_WEIGHTS_FC, "fc7", "InnerProduct", 6, 7, 0, 0, 0, 0, 3 }, /* behind a copy */
    { ALX_WEIGHTS_SOFTMAX, "loss", "SoftmaxWithLoss", -1, 8, 0, 0, 0, 0, 0 },
};

static const want new_layers[] = {
    { ALX_WEIGHTS_CONV, "conv1", "Convolution", 0, -1, 3, 2, 1, 1, 4 },
    { ALX_WEIGHTS_OTHER, "slope", "ReLU", -1, 0, 0, 0, 0, 0, 0 }, /* a slope below 0 */
    { ALX_WEIGHTS_CONV, "conv2", "Convolution", 2, 1, 3, 1, 0, 2, 6 },
    { ALX_WEIGHTS_AVERAGE_POOL, "all", "Pooling", -1, 2, 0, 1, 0, 0, 0 },
    { ALX_WEIGHTS_FC, "fc6", "InnerProduct", 4, 3, 0, 0, 0, 0, 5 },
    { ALX_WEIGHTS_FC, "fc7", "InnerProduct", 6, 4, 0, 0, 0, 0, 3 },
    { ALX_WEIGHTS_SOFTMAX, "prob", "Softmax", -1, 5, 0, 0, 0, 0, 0 },
};

/* What compares answers with labels, and what tests leave out, is no layer. */
static const want trained_layers[] = {
    { ALX_WEIGHTS_CONV, "conv1", "Convolution", 0, -1, 3, 1, 0, 1, 4 },
    { ALX_WEIGHTS_RELU, "relu1", "ReLU", -1, 0, 0, 0, 0, 0, 0 },
    { ALX_WEIGHTS_FC, "fc", "InnerProduct", 2, 1, 0, 0, 0, 0, 3 },
    { ALX_WEIGHTS_SOFTMAX, "loss", "SoftmaxWithLoss", -1, 2, 0, 0, 0, 0, 0 },
};

static void compare_layers(const alx_weights_file *file, const want *layers, size_t count,
                           bool weights)
{
    assert_int_equal(alx_weights_file_layer_count(file), count);
    for (size_t i = 0; i < count; ++i) {
        const alx_weights_layer *got = alx_weights_file_layer(file, i);
        const long weight = weights ? layers[i].weight : -1;

        assert_string_equal(got->name, layers[i].name);
        assert_string_equal(got->type, layers[i].type);
        assert_int_equal(got->op, layers[i].op);
        assert_int_equal(got->weight, weight);
        assert_int_equal(got->bias, weight < 0 ? -1 : weight + 1);
        assert_int_equal(got->inputs[0], layers[i].from);
        assert_int_equal(got->kernel[0], layers[i].kernel);
        assert_int_equal(got->stride[0], layers[i].stride);
        assert_int_equal(got->pad[2], layers[i].pad);
        assert_int_equal(got->groups, layers[i].groups);
        assert_int_equal(got->outputs, layers[i].outputs);
    }
}

static void check_old(const char *name, bool weights)
{
    alx_weights_file *file = open_file(test_weights_path(name));
    const alx_weights_input *input = alx_weights_file_input(file);
    const alx_weights_layer *lrn = alx_weights_file_layer(file, 2);

    compare_layers(file, old_layers, ALX_COUNT(old_layers), weights);
    assert_int_equal(lrn->size, 3);
    assert_true(lrn->alpha == (double)0.01f && lrn->beta == 0.75 && lrn->k == 1.0);
    assert_true(alx_weights_file_layer(file, 3)->round_up);
    assert_true(alx_weights_file_layer(file, 5)->counts_pad);
    assert_true(alx_weights_file_layer(file, 7)->ratio == 0.25);
    assert_true(input->bgr && input->height == 20 && input->scale == 1.0);
    assert_string_equal(input->mean_file, "imagenet_mean.binaryproto");
    alx_weights_file_close(file);
}

static void check_new(const char *name, bool weights)
{
    alx_weights_file *file = open_file(test_weights_path(name));
    const alx_weights_input *input = alx_weights_file_input(file);
    const alx_weights_layer *conv1 = alx_weights_file_layer(file, 0);

    compare_layers(file, new_layers, ALX_COUNT(new_layers), weights);
    assert_int_equal(conv1->pad[3], 2);
    assert_int_equal(conv1->stride[1], 1);
    assert_int_equal(input->channels, 3);
    assert_int_equal(input->height, 20);
    assert_int_equal(input->width, 18);
    alx_weights_file_close(file);
}

static void layers_of_both_forms_are_followed(void **state)
{
    (void)state;
    check_old("old.caffemodel", true);
    check_old("single.caffemodel", true);
    check_new("new.caffemodel", true);
}

static void a_text_describes_the_same_layers(void **state)
{
    (void)state;
    check_old("old.prototxt", false);
    check_new("new.prototxt", false);
}

static alx_weights_file *open_text(const char *text)
{
    test_folder_write_bytes(&test_own_folder, "x.prototxt", text, strlen(text));
    return open_file(test_folder_path(&test_own_folder, "x.prototxt"));
}

static void texts_are_read_as_people_write_them(void **state)
{
    alx_weights_file *file = open_text(
        "# a comment { with braces\n"
        "input: 'da' \"ta\"  input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 9;\n"
        "unknown { nested < deep: [1, 2, 'x'] > } other: WORD\n"
        "layer { name: \"data\" type: \"Data\" top: \"data\" include { phase: TEST }\n"
        "        transform_param { scale: 0.00390625f mean_value: 104 mean_value: 117,\n"
        "                          mean_value: 1.23e2 crop_size: 0x7 } }\n"
        "layer { name: 'no' type: 'Dropout' bottom: 'data' top: 'data'\n"
        "        include { phase: TRAIN } }\n"
        "layer: < name: \"a\\\"b\" type: 'Convolution' bottom: \"data\" top: \"c\"\n"
        "         convolution_param { num_output: 2, kernel_size: [5, 3] bias_term: false } >#end");
    const alx_weights_input *input = alx_weights_file_input(file);
    const alx_weights_layer *conv = alx_weights_file_layer(file, 0);

    (void)state;
    assert_int_equal(alx_weights_file_format(file), ALX_WEIGHTS_PROTOTXT);
    assert_int_equal(alx_weights_file_layer_count(file), 1);
    assert_string_equal(conv->name, "a\"b");
    assert_int_equal(conv->kernel[0], 5);
    assert_int_equal(conv->kernel[1], 3);
    assert_int_equal(conv->inputs[0], -1);
    assert_true(input->scale == 0.00390625 && input->mean_count == 3 && input->mean[2] == 123.0);
    assert_int_equal(input->height, 7);
    alx_weights_file_close(file);
}

static void a_trained_network_has_its_inputs_channels(void **state)
{
    alx_weights_file *file = open_file(test_weights_path("trained.caffemodel"));

    (void)state;
    compare_layers(file, trained_layers, ALX_COUNT(trained_layers), true);
    assert_int_equal(alx_weights_file_layer(file, 3)->input_count, 1);
    assert_int_equal(alx_weights_file_input(file)->channels, 3);
    assert_int_equal(alx_weights_file_input(file)->width, 4);
    assert_true(alx_weights_file_input(file)->scale == 0.125);
    alx_weights_file_close(file);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void faults_of_a_text_name_their_line(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "name: 'x'\nlayer {", "line 2: a name or a value is missing" },
        { "name: 'x\n'", "line 1: a text without its second quote" },
        { "name: x", "line 1: a value of another kind" },
        { "name: 'x'\n\nlayer: 4", "line 3: a value of another kind" },
        { "name { }", "line 1: a message where a value belongs" },
        { "name: 'x' layer", "a name without a colon or a brace" },
        { "input_dim: 1.5", "neither a whole number nor a word" },
        { "layer { lrn_param { alpha: x } }", "a value that is no number" },
        { "name: 'x' layer { lrn_param { alpha: 1 }", "a name or a value is missing" },
        { "name: 'x' }", "a name or a value is missing" },
        { "name: 'x' a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{}}}}}}}}}}}}}}}}}}", "too deep" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_folder_write_bytes(&test_own_folder, "x.prototxt", cases[i].text,
                                strlen(cases[i].text));
        test_weights_refused(test_folder_path(&test_own_folder, "x.prototxt"), cases[i].says);
    }
}

#define CASE(bytes, says)                                                                          \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, says                                                             \
    }

/* Layers ("\x12": of the old form; \x22: name, \x28: type, \x32: a blob) with blobs that lie. */
static void blobs_that_claim_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t count;
        const char *says;
    } cases[] = {
        /* 2^31 - 1 numbers, and none */
        CASE("\x12\x10\x22\1c\x28\4\x32\x09\x3a\x07\x0a\x05\xff\xff\xff\xff\x07",
             "blob c.weight has 0 numbers, which its shape does not"),
        CASE("\x12\x0d\x22\1c\x28\4\x32\x06\x3a\4\x0a\2\xff\x7f", "has 0 numbers, which its"),
        CASE("\x12\x0d\x22\1c\x28\4\x32\x06\x2a\4\0\0\0\0", "has 1 numbers, which its"),
        CASE("\x12\x0c\x22\1c\x28\4\x32\x05\x2a\3\0\0\0", "blob c.weight is damaged"),
        CASE("\x12\x12\x22\1c\x28\4\x32\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\1",
             "blob c.weight has an impossible shape"),
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_folder_write_bytes(&test_own_folder, "x.caffemodel", cases[i].bytes, cases[i].count);
        test_weights_refused(test_folder_path(&test_own_folder, "x.caffemodel"), cases[i].says);
    }
    test_weights_refused(test_weights_path("first.caffemodel"), "Caffe's form of 2013");
}

/* A file that is cut between two layers is a shorter network; anywhere else it is refused. */
static void a_cut_file_has_fewer_layers_or_is_refused(void **state)
{
    const char *const path = test_folder_path(&test_own_folder, "cut.caffemodel");
    char *bytes = NULL;
    size_t count = 0, whole = 0;

    (void)state;
    assert_ok(base_file_read(&bytes, &count, test_weights_path("old.caffemodel")));
    test_folder_write_bytes(&test_own_folder, "cut.caffemodel", bytes, count);
    free(bytes);
    while (count-- > 0) {
        alx_weights_file *file = NULL;

        assert_int_equal(truncate(path, (off_t)count), 0);
        if (alx_weights_file_open(&file, path) == 0) {
            assert_true(alx_weights_file_layer_count(file) < ALX_COUNT(old_layers));
            ++whole;
        } else {
            assert_non_null(strstr(alx_status_text(ALX_E_DATA), path));
        }
        alx_weights_file_close(file);
    }
    assert_int_equal(whole, 11); /* after the name alone it is none */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blobs_are_what_was_put_in),
        cmocka_unit_test(packed_blobs_come_in_pieces),
        cmocka_unit_test(a_mean_image_is_a_tensor),
        cmocka_unit_test(layers_of_both_forms_are_followed),
        cmocka_unit_test(a_text_describes_the_same_layers),
        cmocka_unit_test(texts_are_read_as_people_write_them),
        cmocka_unit_test(faults_of_a_text_name_their_line),
        cmocka_unit_test(blobs_that_claim_are_refused),
        cmocka_unit_test(a_trained_network_has_its_inputs_channels),
        cmocka_unit_test(a_cut_file_has_fewer_layers_or_is_refused),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
