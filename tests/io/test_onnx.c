/* test_onnx.c - ONNX models of PyTorch's two exporters, of tf2onnx's form and by hand, beside what
 * onnx reads in them (tools/data/make_weight_files.py); their layers; what is refused. */
#define _GNU_SOURCE /* memmem */
#include "alexnet/dev/weights_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/test.h"
#include "support/weights.h"

static void tensors_are_what_onnx_reads(void **state)
{
    (void)state;
    test_weights_compare(test_weights_path("keras.onnx"), "keras.onnx");
    test_weights_compare(test_weights_path("legacy.onnx"), "legacy.onnx");
    test_weights_compare(test_weights_path("dynamo.onnx"), "dynamo.onnx");
    test_weights_compare(test_weights_path("forms.onnx"), "forms.onnx");
    test_weights_compare(test_weights_path("taken.onnx"), "taken.onnx");
}

/* Where a tensor lies is told by pairs of words, in any order: here lengths before offsets. */
static void pairs_of_external_data_may_come_in_any_order(void **state)
{
    static const char offset[] = "\x0a\x06"
                                 "offset",
                      length[] = "\x0a\x06"
                                 "length";
    char *bytes = NULL, *data = NULL, *at = NULL, moved[64];
    size_t count = 0, data_count = 0, turned = 0;

    (void)state;
    assert_ok(base_file_read(&bytes, &count, test_weights_path("dynamo.onnx")));
    for (at = bytes; (at = memmem(at, count - (size_t)(at - bytes), offset, 8)) != NULL; ++turned) {
        char *pair = at - 2; /* its tag and its length are before it */
        const size_t pair_bytes = 2 + (size_t)pair[1];
        const char *next = pair + pair_bytes;
        const size_t next_bytes = 2 + (size_t)next[1];

        assert_memory_equal(next + 2, length, 8);
        memcpy(moved, pair, pair_bytes);
        memmove(pair, next, next_bytes);
        memcpy(pair + next_bytes, moved, pair_bytes);
        at = pair + next_bytes + pair_bytes;
    }
    assert_int_equal(turned, 3);
    test_folder_write_bytes(&test_own_folder, "dynamo.onnx", bytes, count);
    assert_ok(base_file_read(&data, &data_count, test_weights_path("dynamo.onnx.data")));
    test_folder_write_bytes(&test_own_folder, "dynamo.onnx.data", data, data_count);
    test_weights_compare(test_folder_path(&test_own_folder, "dynamo.onnx"), "dynamo.onnx");
    assert_int_equal(unlink(test_folder_path(&test_own_folder, "dynamo.onnx.data")), 0);
    free(bytes);
    free(data);
}

/* ---- layers -------------------------------------------------------------------------------- */

typedef struct layer {
    alx_weights_op op;
    const char *type, *weight, *bias; /* NULL: none */
    long from;                        /* its first input */
    int kernel, stride, pad, groups;
    bool in_out, hwc_order;
} layer;

static const char *tensor_name(const alx_weights_file *file, long index)
{
    return index < 0 ? "none" : alx_weights_file_at(file, (size_t)index)->name;
}

static void compare_layer(const alx_weights_file *file, size_t index, const layer *w)
{
    const alx_weights_layer *got = alx_weights_file_layer(file, index);

    if (got->op != w->op || strcmp(got->type, w->type) != 0)
        fail_msg("layer %zu is %s (%d), want %s (%d)", index, got->type, (int)got->op, w->type,
                 (int)w->op);
    assert_true(got->described);
    assert_string_equal(tensor_name(file, got->weight), w->weight != NULL ? w->weight : "none");
    assert_string_equal(tensor_name(file, got->bias), w->bias != NULL ? w->bias : "none");
    assert_int_equal(got->inputs[0], w->from);
    assert_int_equal(got->kernel[1], w->kernel);
    assert_int_equal(got->stride[0], w->stride);
    assert_int_equal(got->pad[3], w->pad);
    assert_int_equal(got->groups, w->groups);
    assert_int_equal(got->in_out, w->in_out);
    assert_int_equal(got->hwc_order, w->hwc_order);
}

static alx_weights_file *open_layers(const char *name, const layer *want, size_t count)
{
    alx_weights_file *file = NULL;

    assert_ok(alx_weights_file_open(&file, test_weights_path(name)));
    assert_int_equal(alx_weights_file_format(file), ALX_WEIGHTS_ONNX);
    for (size_t i = 0; i < count && i < alx_weights_file_layer_count(file); ++i)
        compare_layer(file, i, &want[i]);
    assert_int_equal(alx_weights_file_layer_count(file), count);
    return file;
}

#define CONV(w, b, at, g)                                                                          \
    {                                                                                              \
        ALX_WEIGHTS_CONV, "Conv", w, b, at, 3, 1, 1, g, false, false                               \
    }
#define PLAIN(op, type, at)                                                                        \
    {                                                                                              \
        op, type, NULL, NULL, at, 0, 0, 0, 0, false, false                                         \
    }
#define POOL(op, type, at, kernel, stride)                                                         \
    {                                                                                              \
        op, type, NULL, NULL, at, kernel, stride, 0, 0, false, false                               \
    }
#define FC(type, w, b, at, in_out, hwc)                                                            \
    {                                                                                              \
        ALX_WEIGHTS_FC, type, w, b, at, 0, 0, 0, 0, in_out, hwc                                    \
    }

/* A bias of zeros is left out, equal ones are one tensor, LRN is ten nodes. */
static void the_dynamo_exporters_graph_is_followed(void **state)
{
    static const layer layers[] = {
        CONV("features.0.weight", NULL, -1, 1),
        PLAIN(ALX_WEIGHTS_RELU, "Relu", 0),
        PLAIN(ALX_WEIGHTS_LRN, "Div", 1),
        POOL(ALX_WEIGHTS_MAX_POOL, "MaxPool", 2, 2, 2),
        CONV("features.4.weight", "features.4.bias", 3, 2),
        PLAIN(ALX_WEIGHTS_RELU, "Relu", 4),
        POOL(ALX_WEIGHTS_MAX_POOL, "MaxPool", 5, 3, 2),
        POOL(ALX_WEIGHTS_AVERAGE_POOL, "AveragePool", 6, 2, 2),
        PLAIN(ALX_WEIGHTS_FLATTEN, "Reshape", 7),
        FC("Gemm", "classifier.1.weight", "features.4.bias", 8, false, false),
        PLAIN(ALX_WEIGHTS_RELU, "Relu", 9),
        FC("Gemm", "classifier.3.weight", "classifier.3.bias", 10, false, false),
    };
    alx_weights_file *file = open_layers("dynamo.onnx", layers, ALX_COUNT(layers));
    const alx_weights_layer *lrn = alx_weights_file_layer(file, 2);
    const alx_weights_input *input = alx_weights_file_input(file);

    (void)state;
    assert_int_equal(lrn->size, 3);
    assert_true(lrn->alpha == (double)0.01f && lrn->beta == 0.75 && lrn->k == 2.0);
    assert_int_equal(input->channels, 3);
    assert_int_equal(input->height, 20);
    assert_false(input->hwc);
    assert_string_equal(alx_weights_file_at(file, 0)->part, "dynamo.onnx.data");
    alx_weights_file_close(file);
}

static void the_legacy_exporters_graph_is_followed(void **state)
{
    static const layer layers[] = {
        CONV("features.0.weight", "features.0.bias", -1, 1),
        PLAIN(ALX_WEIGHTS_RELU, "Relu", 0),
        POOL(ALX_WEIGHTS_MAX_POOL, "MaxPool", 1, 2, 2),
        CONV("features.3.weight", "features.3.bias", 2, 2),
        PLAIN(ALX_WEIGHTS_RELU, "Relu", 3),
        POOL(ALX_WEIGHTS_MAX_POOL, "MaxPool", 4, 3, 2),
        POOL(ALX_WEIGHTS_AVERAGE_POOL, "AveragePool", 5, 2, 2),
        PLAIN(ALX_WEIGHTS_FLATTEN, "Flatten", 6),
        FC("Gemm", "classifier.1.weight", "features.3.bias", 7, false, false),
        PLAIN(ALX_WEIGHTS_RELU, "Relu", 8),
        FC("Gemm", "classifier.3.weight", "classifier.3.bias", 9, false, false),
    };

    (void)state;
    alx_weights_file_close(open_layers("legacy.onnx", layers, ALX_COUNT(layers)));
}

/* Its LRN has an If in the middle, and constants computed from shapes. */
static void the_legacy_exporters_lrn_is_one_layer(void **state)
{
    alx_weights_file *file = NULL;

    (void)state;
    assert_ok(alx_weights_file_open(&file, test_weights_path("legacy-lrn.onnx")));
    assert_int_equal(alx_weights_file_layer_count(file), 11);
    const alx_weights_layer *lrn = alx_weights_file_layer(file, 2);

    assert_int_equal(lrn->op, ALX_WEIGHTS_LRN);
    assert_int_equal(lrn->size, 3);
    assert_true(lrn->alpha == (double)0.01f && lrn->beta == 0.75 && lrn->k == 2.0);
    assert_int_equal(alx_weights_file_layer(file, 3)->inputs[0], 2);
    alx_weights_file_close(file);
}

static void orders_of_axes_are_followed(void **state)
{
    static const layer layers[] = {
        { ALX_WEIGHTS_CONV, "Conv", "conv/kernel", "conv/bias", -1, 3, 2, 0, 1, false, false },
        PLAIN(ALX_WEIGHTS_RELU, "Relu", 0),
        PLAIN(ALX_WEIGHTS_FLATTEN, "Reshape", 1),
        FC("MatMul", "dense/kernel", "dense/bias", 2, true, true),
        PLAIN(ALX_WEIGHTS_RELU, "Relu", 3),
        FC("MatMul", "out/kernel", NULL, 4, true, false),
        PLAIN(ALX_WEIGHTS_SOFTMAX, "Softmax", 5),
    };
    alx_weights_file *file = open_layers("keras.onnx", layers, ALX_COUNT(layers));
    const alx_weights_input *input = alx_weights_file_input(file);

    (void)state;
    assert_true(alx_weights_file_layer(file, 0)->same_pad);
    assert_true(input->hwc);
    assert_int_equal(input->channels, 3);
    assert_int_equal(input->height, 6);
    assert_int_equal(input->width, 5);
    alx_weights_file_close(file);
}

static void towers_and_foreign_operators_are_named(void **state)
{
    static const layer layers[] = {
        PLAIN(ALX_WEIGHTS_SPLIT, "Split", -1),
        { ALX_WEIGHTS_CONV, "Conv", "kernel", NULL, 0, 1, 1, 0, 1, false, false },
        { ALX_WEIGHTS_CONV, "Conv", "kernel", NULL, 0, 1, 1, 0, 1, false, false },
        PLAIN(ALX_WEIGHTS_CONCAT, "Concat", 1),
        PLAIN(ALX_WEIGHTS_FLATTEN, "Flatten", 3),
        FC("Gemm", "w.t", NULL, 4, true, false),
        FC("Gemm", "filled", NULL, 5, true, false),
        PLAIN(ALX_WEIGHTS_OTHER, "com.example.Custom", 6),
    };
    alx_weights_file *file = open_layers("forms.onnx", layers, ALX_COUNT(layers));

    (void)state;
    assert_string_equal(alx_weights_file_layer(file, 1)->name, "tower a");
    assert_int_equal(alx_weights_file_layer(file, 3)->input_count, 2);
    assert_int_equal(alx_weights_file_layer(file, 3)->inputs[1], 2);
    assert_int_equal(alx_weights_file_layer(file, 0)->part_count, 2);
    assert_int_equal(alx_weights_file_layer(file, 1)->from[0], 0);
    assert_int_equal(alx_weights_file_layer(file, 2)->from[0], 1);
    alx_weights_file_close(file);
}

static void a_sum_is_no_bias_where_others_take_what_it_is_added_to(void **state)
{
    static const layer layers[] = {
        FC("Gemm", "w", NULL, -1, true, false), PLAIN(ALX_WEIGHTS_OTHER, "Add", 0),
        PLAIN(ALX_WEIGHTS_ADD, "Add", 1),       FC("MatMul", "half", NULL, 2, true, false),
        PLAIN(ALX_WEIGHTS_OTHER, "Add", 3),
    };

    (void)state;
    alx_weights_file_close(open_layers("taken.onnx", layers, ALX_COUNT(layers)));
}

/* A matrix of nothing that is turned is not listed again, and no layer has it. */
static void nothing_that_is_turned_stays_nothing(void **state)
{
    alx_weights_file *file = NULL;

    (void)state;
    assert_ok(alx_weights_file_open(&file, test_weights_path("empty.onnx")));
    assert_int_equal(alx_weights_file_count(file), 16);
    assert_int_equal(alx_weights_file_layer_count(file), 1);
    assert_int_equal(alx_weights_file_layer(file, 0)->weight, -1);
    alx_weights_file_close(file);
}

/* Caffe's AlexNet of the onnx package (Apache 2.0): 60 million numbers in four kilobytes. */
static void the_light_alexnet_is_listed(void **state)
{
    alx_weights_file *file = NULL;
    float biases[256];

    (void)state;
    assert_ok(alx_weights_file_open(&file, test_weights_path("light_bvlc_alexnet.onnx")));
    assert_int_equal(alx_weights_file_layer_count(file), 24);
    const alx_weights_layer *conv2 = alx_weights_file_layer(file, 4);
    const alx_weights_layer *pool5 = alx_weights_file_layer(file, 14);
    const alx_weights_layer *fc6 = alx_weights_file_layer(file, 16);
    const alx_weights_layer *drop6 = alx_weights_file_layer(file, 18);
    const alx_weights_tensor *weight = alx_weights_file_at(file, (size_t)fc6->weight);

    assert_int_equal(conv2->groups, 2);
    assert_int_equal(conv2->pad[0], 2);
    assert_int_equal(pool5->pad[0], 0);
    assert_int_equal(pool5->pad[2], 1);
    assert_true(drop6->op == ALX_WEIGHTS_DROPOUT && drop6->ratio == 0.5);
    assert_int_equal(weight->dims[0], 4096);
    assert_int_equal(weight->dims[1], 9216);
    assert_ok(alx_weights_file_read(file, (size_t)conv2->bias, biases));
    assert_true(biases[0] == 0.02f && biases[255] == 0.02f);
    assert_int_equal(alx_weights_file_input(file)->width, 224);
    alx_weights_file_close(file);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void what_a_model_must_not_ask_is_refused(void **state)
{
    (void)state;
    test_weights_refused(test_weights_path("circle.onnx"),
                         "takes b, which nothing before it makes");
    test_weights_refused(test_weights_path("up.onnx"), "../weights/state.pth, which leaves");
    test_weights_refused(test_weights_path("root.onnx"), "/etc/hostname, which leaves");
    test_weights_refused(test_weights_path("missing.onnx"), "nowhere.data: cannot be read");
    test_weights_refused(test_weights_path("short.onnx"), "are not in dynamo.onnx.data, which has");
    test_weights_refused(test_weights_path("axes.onnx"), "perm does not name each axis once");
    test_weights_refused(test_weights_path("filled.onnx"), "filled with more than 268435456");
    test_weights_refused(test_weights_path("endless.onnx"), "tensor w: impossible shape");
    test_weights_refused(test_weights_path("deep.onnx"), "tensor w: more than ");
    test_weights_refused(test_weights_path("future.onnx"), "opset 999 of ONNX is not known");
}

/* A length that is not that of the numbers, with their shape. */
static void wrong_lengths_of_external_data_are_refused(void **state)
{
    char *bytes = NULL, *data = NULL;
    size_t count = 0, data_count = 0;

    (void)state;
    assert_ok(base_file_read(&bytes, &count, test_weights_path("dynamo.onnx")));
    char *length = memmem(bytes, count,
                          "length\x12\x03"
                          "432",
                          11);

    assert_non_null(length);
    length[10] = '0';
    test_folder_write_bytes(&test_own_folder, "dynamo.onnx", bytes, count);
    assert_ok(base_file_read(&data, &data_count, test_weights_path("dynamo.onnx.data")));
    test_folder_write_bytes(&test_own_folder, "dynamo.onnx.data", data, data_count);
    test_weights_refused(test_folder_path(&test_own_folder, "dynamo.onnx"),
                         "430 bytes for 4x3x3x3 numbers of float32, which take 432");
    assert_int_equal(unlink(test_folder_path(&test_own_folder, "dynamo.onnx.data")), 0);
    free(bytes);
    free(data);
}

/* A link that leads out of the folder does not. */
static void links_out_of_the_folder_are_refused(void **state)
{
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(base_file_read(&bytes, &count, test_weights_path("dynamo.onnx")));
    test_folder_write_bytes(&test_own_folder, "dynamo.onnx", bytes, count);
    assert_int_equal(symlink(test_weights_path("dynamo.onnx.data"),
                             test_folder_path(&test_own_folder, "dynamo.onnx.data")),
                     0);
    test_weights_refused(test_folder_path(&test_own_folder, "dynamo.onnx"), "leaves the model's");
    free(bytes);
}

static void a_cut_model_is_refused(void **state)
{
    (void)state;
    test_weights_cut("keras.onnx");
    test_weights_cut("forms.onnx");
    test_weights_cut("dynamo.onnx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_are_what_onnx_reads),
        cmocka_unit_test(pairs_of_external_data_may_come_in_any_order),
        cmocka_unit_test(the_dynamo_exporters_graph_is_followed),
        cmocka_unit_test(the_legacy_exporters_graph_is_followed),
        cmocka_unit_test(the_legacy_exporters_lrn_is_one_layer),
        cmocka_unit_test(orders_of_axes_are_followed),
        cmocka_unit_test(towers_and_foreign_operators_are_named),
        cmocka_unit_test(a_sum_is_no_bias_where_others_take_what_it_is_added_to),
        cmocka_unit_test(nothing_that_is_turned_stays_nothing),
        cmocka_unit_test(the_light_alexnet_is_listed),
        cmocka_unit_test(what_a_model_must_not_ask_is_refused),
        cmocka_unit_test(wrong_lengths_of_external_data_are_refused),
        cmocka_unit_test(links_out_of_the_folder_are_refused),
        cmocka_unit_test(a_cut_model_is_refused),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
