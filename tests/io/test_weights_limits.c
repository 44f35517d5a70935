/* test_weights_limits.c - files of weights that are whole, but have more of something than any
 * network: they are refused before they cost more than they weigh. */
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "io/torch/pickle.h"
#include "support/folder.h"
#include "support/test.h"
#include "support/weights.h"

static void refused(base_message *file, const char *says)
{
    assert_false(file->failed);
    test_folder_write_bytes(&test_own_folder, "x", file->bytes, file->count);
    free(file->bytes);
    test_weights_refused(test_folder_path(&test_own_folder, "x"), says);
}

/* ---- ONNX ---------------------------------------------------------------------------------- */

enum { MOST_VALUES = 200000 };

/* The version, the operators', and a graph. */
static void onnx_refused(base_message *graph, const char *says)
{
    base_message model = { 0 }, opset = { 0 };

    base_put_int(&model, 1, 8);
    base_put_int(&opset, 2, 17);
    base_put_inside(&model, 8, &opset);
    base_put_inside(&model, 7, graph);
    refused(&model, says);
}

static void put_input(base_message *graph, const char *name)
{
    base_message input = { 0 };

    base_put_text(&input, 1, name);
    base_put_inside(graph, 11, &input);
}

static void a_graph_of_many_values_is_refused(void **state)
{
    base_message graph = { 0 };

    (void)state;
    for (int i = 0; i <= MOST_VALUES; ++i)
        put_input(&graph, "x");
    onnx_refused(&graph, "a graph of more than 200000 values");
}

static void a_node_of_many_inputs_is_refused(void **state)
{
    base_message graph = { 0 }, node = { 0 };

    (void)state;
    put_input(&graph, "x");
    for (int i = 0; i <= MOST_VALUES; ++i)
        base_put_text(&node, 1, "x");
    base_put_text(&node, 2, "y");
    base_put_text(&node, 4, "Sum");
    base_put_inside(&graph, 1, &node);
    onnx_refused(&graph, "a graph of more than 200000 inputs of nodes");
}

/* ---- Caffe --------------------------------------------------------------------------------- */

enum { NET_LAYER = 100, LAYER_NAME = 1, LAYER_TYPE, LAYER_BOTTOM, LAYER_TOP };

static void put_relu(base_message *net, int bottoms)
{
    base_message layer = { 0 };

    base_put_text(&layer, LAYER_NAME, "relu");
    base_put_text(&layer, LAYER_TYPE, "ReLU");
    for (int i = 0; i < bottoms; ++i)
        base_put_text(&layer, LAYER_BOTTOM, "x");
    base_put_inside(net, NET_LAYER, &layer);
}

static void a_network_of_many_layers_is_refused(void **state)
{
    base_message net = { 0 };

    (void)state;
    for (int i = 0; i <= 10000; ++i)
        put_relu(&net, 0);
    refused(&net, "a network of more than 10000 layers");
}

static void layers_of_many_names_are_refused(void **state)
{
    base_message net = { 0 };

    (void)state;
    put_relu(&net, 10000);
    put_relu(&net, 10001);
    refused(&net, "a network whose layers take and make more than 20000 values");
}

/* ---- PyTorch ------------------------------------------------------------------------------- */

static void pickle_refused(const char *bytes, size_t count, const char *says)
{
    io_pickle pickle;
    size_t used = 0;

    assert_int_equal(io_pickle_read(&pickle, (const uint8_t *)bytes, count, &used), ALX_E_DATA);
    io_pickle_free(&pickle);
    if (strstr(alx_status_text(ALX_E_DATA), says) == NULL)
        fail_msg("'%s' lacks '%s'", alx_status_text(ALX_E_DATA), says);
}

static void a_pickle_of_many_values_is_refused(void **state)
{
    enum { BYTES = 2 * 1000001 };
    char *bytes = test_alloc(BYTES);

    (void)state;
    for (size_t i = 0; i < BYTES; i += 2)
        memcpy(bytes + i, "K\1", 2);
    pickle_refused(bytes, BYTES, "a pickle of more than 1000000 values");
    free(bytes);
}

/* Few values of many bytes each. */
static void a_pickle_of_many_bytes_is_refused(void **state)
{
    enum { TEXT = 255, WHOLE = TEXT + 2, BYTES = (17 << 20) / WHOLE * WHOLE };
    char *bytes = test_alloc(BYTES);

    (void)state;
    for (char *at = bytes; at < bytes + BYTES; at += WHOLE) {
        at[0] = 'U';
        at[1] = (char)TEXT;
    }
    pickle_refused(bytes, BYTES, "a pickle of more than 16777216 bytes");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_graph_of_many_values_is_refused),
        cmocka_unit_test(a_node_of_many_inputs_is_refused),
        cmocka_unit_test(a_network_of_many_layers_is_refused),
        cmocka_unit_test(layers_of_many_names_are_refused),
        cmocka_unit_test(a_pickle_of_many_values_is_refused),
        cmocka_unit_test(a_pickle_of_many_bytes_is_refused),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
