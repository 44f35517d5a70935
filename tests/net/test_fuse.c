/* test_fuse.c - which nodes do the work of others along: the list of `paper`, `owt` and `net145`,
 * written here by hand from their configs; and that it changes no number, beside the same network
 * with all nodes on their own. */
#include "support/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/layers/layers.h"

#define BATCH 4

/* ---- which ---------------------------------------------------------------------------------- */

static const char *fused_as(const net_node *node)
{
    return node->type == &net_node_absorbed    ? " absorbed"
           : node->type == &net_node_relu_done ? " done"
           : node->type == &net_node_norm_pool ? " after relu"
           : node->relu                        ? " with relu"
                                               : NULL;
}

/* "conv1 with relu, relu1 done, ...": all nodes that are not simply on their own. */
static void list_fused(char *out, size_t size, const alx_net *net)
{
    size_t at = 0;

    out[0] = '\0';
    for (int i = 0; i < net->node_count; ++i) {
        const net_node *node = &net->nodes[i];

        if (fused_as(node) == NULL)
            continue;
        at += (size_t)snprintf(out + at, size - at, "%s%s%s", at > 0 ? ", " : "", node->info->name,
                               fused_as(node));
        if (node->norm != NULL)
            at += (size_t)snprintf(out + at, size - at, " and %s", node->norm->info->name);
        assert_true(at < size);
    }
}

static void assert_fused(const char *preset, bool keep_outputs, const char *want)
{
    alx_device *dev = test_device();
    const alx_net_options options = { .batch = 1, .keep_outputs = keep_outputs };
    alx_config *config = test_alloc(sizeof *config);
    alx_net *net = NULL;
    char got[1024];

    assert_ok(alx_config_read(config, preset, NULL, 0));
    assert_ok(alx_net_create(&net, &config->net, &dev, 1, &options));
    list_fused(got, sizeof got, net);
    print_message("%s: %s\n", preset, got);
    assert_string_equal(got, want);
    alx_net_free(net);
    free(config);
}

static bool on_wide_device(void)
{
    return alx_device_is_wide(alx_device_get_info(test_device()));
}

static void presets_fuse_what_their_order_allows(void **state)
{
    const bool wide = on_wide_device();

    (void)state;
    assert_fused("paper", false,
                 wide ? "conv1 with relu, relu1 absorbed, norm1 absorbed, "
                        "pool1 after relu and norm1, "
                        "conv2 with relu, relu2 absorbed, norm2 absorbed, "
                        "pool2 after relu and norm2, "
                        "conv3 with relu, relu3 done, conv4 with relu, relu4 done, "
                        "conv5 with relu, relu5 absorbed, pool5 after relu, "
                        "fc6 with relu, relu6 done, fc7 with relu, relu7 done"
                      : "conv1 with relu, relu1 done, conv2 with relu, relu2 done, "
                        "conv3 with relu, relu3 done, conv4 with relu, relu4 done, "
                        "conv5 with relu, relu5 done, "
                        "fc6 with relu, relu6 done, fc7 with relu, relu7 done");
    assert_fused("owt", false,
                 wide ? "conv1 with relu, relu1 absorbed, pool1 after relu, "
                        "conv2 with relu, relu2 absorbed, pool2 after relu, "
                        "conv3 with relu, relu3 done, conv4 with relu, relu4 done, "
                        "conv5 with relu, relu5 absorbed, pool5 after relu, "
                        "fc6 with relu, relu6 done, fc7 with relu, relu7 done"
                      : "conv1 with relu, relu1 done, conv2 with relu, relu2 done, "
                        "conv3 with relu, relu3 done, conv4 with relu, relu4 done, "
                        "conv5 with relu, relu5 done, "
                        "fc6 with relu, relu6 done, fc7 with relu, relu7 done");
    /* conv1: norm and pool come before the ReLU; conv2: a spatial norm before the pool; conv5: the
     * pool before the ReLU */
    assert_fused("net145", false,
                 "conv2 with relu, relu2 done, conv3 with relu, relu3 done, "
                 "conv4 with relu, relu4 done, "
                 "fc6 with relu, relu6 done, fc7 with relu, relu7 done");
}

static void nothing_fuses_where_outputs_are_kept(void **state)
{
    (void)state;
    assert_fused("paper", true, "");
}

/* ---- numbers --------------------------------------------------------------------------------- */

static const char text[] = "[net]\n"
                           "input = 19x19x3\n"
                           "classes = 5\n"
                           "init = he\n"
                           "[conv1]\n"
                           "filters = 16\n"
                           "kernel = 3\n"
                           "pool = max 3/2\n"
                           "[conv2]\n"
                           "filters = 32\n"
                           "kernel = 3\n"
                           "pad = 1\n"
                           "[conv3]\n"
                           "filters = 16\n"
                           "kernel = 3\n"
                           "pad = 1\n"
                           "pool = max 3/2 ceil\n"
                           "[fc4]\n"
                           "units = 5\n";

static const int32_t labels[BATCH] = { 4, 0, 1, 3 };

static const alx_step step = { .training = true, .images = BATCH };

static alx_net *after_forward(const char *override, bool keep_outputs)
{
    alx_device *dev = test_device();
    const alx_net_options options = { .batch = BATCH,
                                      .training = true,
                                      .keep_outputs = keep_outputs };
    alx_config *config = test_alloc(sizeof *config);
    alx_net *net = NULL;

    assert_ok(alx_config_parse(config, text, "test", &override, override != NULL));
    assert_ok(alx_net_create(&net, &config->net, &dev, 1, &options));
    assert_ok(alx_net_init(net, 7));
    assert_ok(alx_tensor_write(alx_net_input(net, 0),
                               test_host_random((size_t)BATCH * 19 * 19 * 3, 3, -1.0f, 1.0f)));
    assert_ok(alx_net_set_labels(net, labels));
    assert_ok(alx_net_forward(net, &step));
    free(config);
    return net;
}

static void assert_same_bits(const char *what, const float *got, const float *want, size_t count)
{
    if (memcmp(got, want, count * sizeof *got) != 0)
        fail_msg("%s: other bits", what);
}

/* Outputs that the fused net has until its backward pass; returns how many. */
static int compare_outputs(alx_net *fused, alx_net *single)
{
    size_t count = 0;
    const alx_layer_info *nodes = alx_graph_layers(alx_net_graph(fused), &count);
    int compared = 0;

    for (size_t i = 0; i < count; ++i) {
        const size_t floats = BATCH * alx_shape_count(nodes[i].whole);
        float *got = test_host(floats), *want = test_host(floats);

        if (!alx_net_has_output(fused, i))
            continue;
        assert_ok(alx_net_read_output(fused, i, got));
        assert_ok(alx_net_read_output(single, i, want));
        assert_same_bits(nodes[i].name, got, want, floats);
        ++compared;
    }
    return compared;
}

static void compare_gradients(alx_net *fused, alx_net *single)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(fused), &count);

    for (size_t i = 0; i < count; ++i) {
        float *got = test_host(params[i].count), *want = test_host(params[i].count);

        assert_ok(alx_net_get_param(fused, i, ALX_PARAM_GRADIENT, got));
        assert_ok(alx_net_get_param(single, i, ALX_PARAM_GRADIENT, want));
        assert_same_bits(params[i].name, got, want, params[i].count);
    }
}

static void compare_nets(const char *override, const char *fuses)
{
    alx_net *fused = after_forward(override, false), *single = after_forward(override, true);
    char list[512];

    list_fused(list, sizeof list, fused);
    assert_string_equal(list, fuses);
    list_fused(list, sizeof list, single);
    assert_string_equal(list, "");
    assert_true(compare_outputs(fused, single) >= 5);
    assert_ok(alx_net_backward(fused, &step));
    assert_ok(alx_net_backward(single, &step));
    compare_gradients(fused, single);
    alx_net_free(fused);
    alx_net_free(single);
}

/* Every sum has the order that it has in single nodes, so no bit may differ. */
static void relu_and_pool_change_no_bit(void **state)
{
    (void)state;
    compare_nets(NULL, on_wide_device()
                           ? "conv1 with relu, relu1 absorbed, pool1 after relu, conv2 with relu, "
                             "relu2 done, conv3 with relu, relu3 absorbed, pool3 after relu"
                           : "conv1 with relu, relu1 done, conv2 with relu, relu2 done, "
                             "conv3 with relu, relu3 done");
}

static void a_pool_that_normalises_changes_no_bit(void **state)
{
    (void)state;
    compare_nets("conv1.lrn=n=5 k=2 alpha=0.5 beta=0.75",
                 on_wide_device() ? "conv1 with relu, relu1 absorbed, norm1 absorbed, "
                                    "pool1 after relu and norm1, conv2 with relu, relu2 done, "
                                    "conv3 with relu, relu3 absorbed, pool3 after relu"
                                  : "conv1 with relu, relu1 done, conv2 with relu, relu2 done, "
                                    "conv3 with relu, relu3 done");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(presets_fuse_what_their_order_allows),
        test_on_device(nothing_fuses_where_outputs_are_kept),
        test_on_device(relu_and_pool_change_no_bit),
        test_on_device(a_pool_that_normalises_changes_no_bit),
    };

    return cmocka_run_group_tests_name("fuse", tests, NULL, test_device_close);
}
