/* test_described.c - networks that a file describes: halves of channels that are normalised each on
 * its own are two towers, and what only looks like it is refused by the layer's name. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/dev/train.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/try.h"
#include "support/folder.h"
#include "support/test.h"
#include "train/weights/source.h"

static int describe(alx_config *out, const char *path)
{
    weights_file file = { 0 };
    int rc = 0;

    TRY_DONE(train_weights_open(&file, path));
    TRY_DONE(train_weights_config(out, &file, 0));
done:
    train_weights_close(&file);
    return rc;
}

static void assert_towers(const char *path)
{
    alx_config config;

    assert_ok(describe(&config, path));
    assert_int_equal(config.net.towers, 2);
    assert_int_equal(config.net.layers[0].order_count, 1);
    assert_int_equal(config.net.layers[1].sees, ALX_SEES_OWN);
}

static void assert_refused(const char *path, const char *layer, const char *why)
{
    alx_config config;
    const char *says = alx_status_text(describe(&config, path));

    if (strstr(says, layer) == NULL || strstr(says, why) == NULL)
        fail_msg("'%s' lacks '%s' or '%s'", says, layer, why);
}

#define HALVES "channels not divided into equal halves"
#define WHOLE "over all channels, where another stays in its half"

/* ---- Caffe ----------------------------------------------------------------------------------- */

typedef struct caffe_net {
    const char *slice, *tops[2], *takes[2]; /* parameters; outputs; which of them each norm takes */
    const char *behind;                     /* layers after conv2 */
} caffe_net;

static const char *write_caffe(const caffe_net *net)
{
    char text[4096];

    snprintf(text, sizeof text,
             "input: 'data' input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\n"
             "layer { name: 'conv1' type: 'Convolution' bottom: 'data' top: 'conv1'\n"
             "  convolution_param { num_output: 12 kernel_size: 3 } }\n"
             "layer { name: 'slice1' type: 'Slice' bottom: 'conv1' top: '%s' top: '%s' %s }\n"
             "layer { name: 'norm1' type: 'LRN' bottom: '%s' top: 'norm1' }\n"
             "layer { name: 'norm2' type: 'LRN' bottom: '%s' top: 'norm2' }\n"
             "layer { name: 'both' type: 'Concat' bottom: 'norm1' bottom: 'norm2' top: 'both' }\n"
             "layer { name: 'conv2' type: 'Convolution' bottom: 'both' top: 'conv2'\n"
             "  convolution_param { num_output: 4 kernel_size: 3 group: 2 } }\n"
             "%s"
             "layer { name: 'fc3' type: 'InnerProduct' bottom: 'conv2' top: 'fc3'\n"
             "  inner_product_param { num_output: 3 } }\n",
             net->tops[0], net->tops[1], net->slice, net->takes[0], net->takes[1], net->behind);
    test_folder_write_bytes(&test_own_folder, "net.prototxt", text, strlen(text));
    return test_folder_path(&test_own_folder, "net.prototxt");
}

static void caffes_halves_are_two_towers(void **state)
{
    static const char *const same[] = { "", "slice_param { slice_point: 6 }",
                                        "slice_param { slice_dim: 1 slice_point: 6 }" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(same); ++i)
        assert_towers(write_caffe(&(caffe_net){ same[i], { "a", "b" }, { "a", "b" }, "" }));
}

static void other_parts_of_caffes_are_refused(void **state)
{
    static const struct {
        caffe_net net;
        const char *why;
    } cases[] = {
        { { "slice_param { slice_point: 8 }", { "a", "b" }, { "a", "b" }, "" }, HALVES },
        { { "", { "b", "a" }, { "a", "b" }, "" }, HALVES },
        { { "", { "a", "b" }, { "a", "a" }, "" }, HALVES },
        { { "top: 'c'", { "a", "b" }, { "a", "b" }, "" }, HALVES },
        { { "slice_param { axis: 2 }", { "a", "b" }, { "a", "b" }, "" }, "nothing that a network" },
        { { "slice_param { slice_dim: 2 }", { "a", "b" }, { "a", "b" }, "" },
          "nothing that a network" },
        { { "slice_param { slice_point: 6 slice_point: 8 }", { "a", "b" }, { "a", "b" }, "" },
          "nothing that a network" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_refused(write_caffe(&cases[i].net), "layer slice1 (Slice)", cases[i].why);
}

static void a_norm_over_all_beside_one_of_halves_is_refused(void **state)
{
    static const char behind[] =
        "layer { name: 'whole' type: 'LRN' bottom: 'conv2' top: 'conv2' }\n";

    (void)state;
    assert_refused(write_caffe(&(caffe_net){ "", { "a", "b" }, { "a", "b" }, behind }),
                   "layer whole (LRN)", WHOLE);
}

/* ---- ONNX ------------------------------------------------------------------------------------ */

typedef struct onnx_net {
    int axis, sizes[3], size_count;
    const char *takes[2];
    bool as_input; /* sizes are a tensor, as since opset 13 */
    bool whole;    /* a norm over all channels after conv2 */
} onnx_net;

static const float zeros[12 * 3 * 3 * 3];

static void add_conv(alx_onnx_writer *w, const char *name, const char *from, const int *dims,
                     int groups)
{
    char weight[32];

    snprintf(weight, sizeof weight, "%s.weight", name);
    assert_ok(alx_onnx_tensor(w, weight, ALX_F32, dims, 4, zeros));
    alx_onnx_node(w, "Conv", name);
    alx_onnx_node_input(w, from);
    alx_onnx_node_input(w, weight);
    alx_onnx_node_int(w, "group", groups);
    alx_onnx_node_end(w);
}

static void add_norm(alx_onnx_writer *w, const char *name, const char *from)
{
    alx_onnx_node(w, "LRN", name);
    alx_onnx_node_input(w, from);
    alx_onnx_node_int(w, "size", 3);
    alx_onnx_node_end(w);
}

static void add_split(alx_onnx_writer *w, const onnx_net *net, const int64_t *sizes)
{
    if (net->as_input)
        assert_ok(alx_onnx_tensor(w, "sizes", ALX_F64, (int[]){ net->size_count }, 1, sizes));
    alx_onnx_node(w, "Split", "a");
    alx_onnx_node_output(w, "b");
    alx_onnx_node_input(w, "conv1");
    if (net->as_input)
        alx_onnx_node_input(w, "sizes");
    else if (net->size_count > 0)
        alx_onnx_node_ints(w, "split", net->sizes, net->size_count);
    alx_onnx_node_int(w, "axis", net->axis);
    alx_onnx_node_end(w);
}

/* The writer knows weights only: the sizes' type becomes int64. */
static void make_integers(const char *path)
{
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(base_file_read(&bytes, &count, path));
    char *type = memmem(bytes, count, "\x10\x01\x42\x05sizes", 9);

    assert_non_null(type);
    type[1] = 7;
    assert_ok(base_file_write(path, bytes, count));
    free(bytes);
}

static void add_layers(alx_onnx_writer *w, const onnx_net *net, const int64_t *sizes)
{
    alx_onnx_input(w, "input", (int[]){ 3, 8, 8 }, 3);
    add_conv(w, "conv1", "input", (int[]){ 12, 3, 3, 3 }, 1);
    add_split(w, net, sizes);
    add_norm(w, "norm1", net->takes[0]);
    add_norm(w, "norm2", net->takes[1]);
    alx_onnx_node(w, "Concat", "both");
    alx_onnx_node_input(w, "norm1");
    alx_onnx_node_input(w, "norm2");
    alx_onnx_node_int(w, "axis", 1);
    alx_onnx_node_end(w);
    add_conv(w, "conv2", "both", (int[]){ 4, 6, 3, 3 }, 2);
    if (net->whole)
        add_norm(w, "whole", "conv2");
    alx_onnx_node(w, "Flatten", "flat");
    alx_onnx_node_input(w, net->whole ? "whole" : "conv2");
    alx_onnx_node_end(w);
    assert_ok(alx_onnx_tensor(w, "fc3.weight", ALX_F32, (int[]){ 3, 64 }, 2, zeros));
    alx_onnx_node(w, "Gemm", "fc3");
    alx_onnx_node_input(w, "flat");
    alx_onnx_node_input(w, "fc3.weight");
    alx_onnx_node_int(w, "transB", 1);
    alx_onnx_node_end(w);
    alx_onnx_output(w, "fc3", (int[]){ 3 }, 1);
}

static const char *write_onnx(const onnx_net *net)
{
    const int64_t sizes[] = { net->sizes[0], net->sizes[1], net->sizes[2] };
    const char *const path = test_folder_path(&test_own_folder, "net.onnx");
    alx_onnx_writer *w = NULL;

    assert_ok(alx_onnx_writer_create(&w));
    add_layers(w, net, sizes);
    assert_ok(alx_onnx_write(w, path));
    alx_onnx_writer_free(w);
    if (net->as_input)
        make_integers(path);
    return path;
}

static void halves_of_onnx_are_two_towers(void **state)
{
    static const onnx_net same[] = {
        { 1, { 0 }, 0, { "a", "b" }, false, false },
        { 1, { 6, 6 }, 2, { "a", "b" }, false, false },
        { 1, { 6, 6 }, 2, { "a", "b" }, true, false },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(same); ++i)
        assert_towers(write_onnx(&same[i]));
}

static void other_parts_of_onnx_are_refused(void **state)
{
    static const struct {
        onnx_net net;
        const char *layer, *why;
    } cases[] = {
        { { 1, { 8, 4 }, 2, { "a", "b" }, false, false }, "layer a (Split)", HALVES },
        { { 1, { 8, 4 }, 2, { "a", "b" }, true, false }, "layer a (Split)", HALVES },
        { { 1, { 4, 4 }, 2, { "a", "b" }, true, false }, "layer a (Split)", HALVES },
        { { 1, { 6, 6 }, 2, { "b", "a" }, true, false }, "layer a (Split)", HALVES },
        { { 1, { 0 }, 0, { "b", "b" }, false, false }, "layer a (Split)", HALVES },
        { { 2, { 3, 3 }, 2, { "a", "b" }, true, false }, "layer a (Split)", "nothing that a" },
        { { 1, { 6, 4, 2 }, 3, { "a", "b" }, true, false }, "layer a (Split)", "nothing that a" },
        { { 1, { 6, 6 }, 2, { "a", "b" }, true, true }, "layer whole (LRN)", WHOLE },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_refused(write_onnx(&cases[i].net), cases[i].layer, cases[i].why);
}

#define described(f)                                                                               \
    cmocka_unit_test_setup_teardown(f, test_own_folder_make, test_own_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        described(caffes_halves_are_two_towers),
        described(other_parts_of_caffes_are_refused),
        described(a_norm_over_all_beside_one_of_halves_is_refused),
        described(halves_of_onnx_are_two_towers),
        described(other_parts_of_onnx_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
