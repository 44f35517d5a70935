/* test_rates.c - updates with layer-wise rates: the twins' on a network's own gradients, the same
 * bits on one device and two, and refused where the network is not made for them. */
#include "support/pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/ref.h"
#include "alexnet/net.h"

#define BATCH 4
#define INPUT_COUNT ((size_t)BATCH * 32 * 32 * 3)
#define MOST 32

static const alx_update_rule rule = { 5.0, 0.9, 5e-3, false, 0.5, 0.01 };

typedef struct params {
    float *data[MOST][3]; /* by alx_param_what */
    size_t counts[MOST], count;
} params;

static alx_config *config_of(void)
{
    static const char *const overrides[] = { "conv2.weight-decay=3", "fc6.weight-lr=0.5",
                                             "net.bias-decay=1", "conv3.freeze=yes" };
    alx_config *config = test_alloc(sizeof *config);

    assert_ok(alx_config_read(config, "tiny", overrides, ALX_COUNT(overrides)));
    return config;
}

static alx_net *make_net(const alx_config *config, alx_device *const *devs, int dev_count)
{
    const alx_net_options options = { .batch = BATCH, .training = true, .layer_rates = true };
    alx_net *net = NULL;

    assert_ok(alx_net_create(&net, &config->net, devs, dev_count, &options));
    assert_ok(alx_net_init(net, 7));
    assert_ok(alx_net_build_kernels(net, &rule, NULL, NULL));
    return net;
}

static void backward(alx_net *net, uint32_t number)
{
    const alx_step step = { .training = true, .seed = 5, .step = number, .images = BATCH };
    const int32_t labels[BATCH] = { 0, 7, 4, 1 };
    const float *images = test_host_random(INPUT_COUNT, 3 + number, -1.0f, 1.0f);

    for (int dev = 0; dev < alx_net_dev_count(net); ++dev)
        assert_ok(alx_tensor_write(alx_net_input(net, dev), images));
    assert_ok(alx_net_set_labels(net, labels));
    assert_ok(alx_net_forward(net, &step));
    assert_ok(alx_net_backward(net, &step));
}

static params read_params(alx_net *net)
{
    static const alx_param_what kinds[] = { ALX_PARAM_VALUE, ALX_PARAM_GRADIENT,
                                            ALX_PARAM_MOMENTUM };
    params p = { .count = 0 };
    const alx_param_info *info = alx_graph_params(alx_net_graph(net), &p.count);

    for (size_t i = 0; i < p.count; ++i) {
        p.counts[i] = info[i].count;
        for (size_t k = 0; k < ALX_COUNT(kinds); ++k) {
            p.data[i][kinds[k]] = test_host(info[i].count);
            assert_ok(alx_net_get_param(net, i, kinds[k], p.data[i][kinds[k]]));
        }
    }
    return p;
}

static float clip_of(const params *p, const alx_layer_config *layers, const alx_param_info *info)
{
    float sums[MOST], out[2];
    int used = 0;

    for (size_t i = 0; i < p->count; ++i)
        if (layers[info[i].layer].weight_lr > 0.0)
            sums[used++] = alx_ref_sum_squares(p->data[i][ALX_PARAM_GRADIENT], p->counts[i]);
    alx_ref_clip_scale(out, sums, used, (float)rule.clip_norm);
    return out[0];
}

static void update_by_twins(params *p, const alx_config *config, const alx_param_info *info)
{
    const alx_layer_config *layers = config->net.layers;
    const float clip = clip_of(p, layers, info);

    assert_true(clip < 1.0f);
    for (size_t i = 0; i < p->count; ++i) {
        const alx_layer_config *layer = &layers[info[i].layer];
        float *w = p->data[i][ALX_PARAM_VALUE], *g = p->data[i][ALX_PARAM_GRADIENT];
        alx_sgd_params by = {
            .lr = (float)(rule.lr * (info[i].bias ? layer->bias_lr : layer->weight_lr)),
            .momentum = 0.9f,
            .weight_decay = (float)(rule.weight_decay *
                                    (info[i].bias ? layer->bias_decay : layer->weight_decay)),
        };

        if (by.lr == 0.0f)
            continue;
        if (!info[i].bias)
            by.lr *= alx_ref_lars_rate(alx_ref_sum_squares(g, p->counts[i]),
                                       alx_ref_sum_squares(w, p->counts[i]), clip, (float)rule.lars,
                                       by.weight_decay);
        alx_ref_sgd(w, p->data[i][ALX_PARAM_MOMENTUM], g, p->counts[i], clip, &by);
    }
}

static void an_update_is_the_twins(void **state)
{
    alx_device *dev = test_device();
    const alx_config *config = config_of();
    alx_net *net = make_net(config, &dev, 1);
    size_t count = 0;
    const alx_param_info *info = alx_graph_params(alx_net_graph(net), &count);

    (void)state;
    for (uint32_t i = 0; i < 3; ++i) {
        backward(net, i);
        params want = read_params(net);
        update_by_twins(&want, config, info);
        assert_ok(alx_net_update(net, &rule));
        const params got = read_params(net);

        for (size_t k = 0; k < count; ++k) {
            test_assert_rel_max(info[k].name, got.data[k][ALX_PARAM_VALUE],
                                want.data[k][ALX_PARAM_VALUE], got.counts[k], 1e-6);
            test_assert_rel_max(info[k].name, got.data[k][ALX_PARAM_MOMENTUM],
                                want.data[k][ALX_PARAM_MOMENTUM], got.counts[k], 4e-6);
        }
    }
    alx_net_free(net);
}

static void two_devices_have_the_bits_of_one(alx_device *devs[2])
{
    const alx_config *config = config_of();
    params after[2];

    for (int both = 0; both < 2; ++both) {
        alx_net *net = make_net(config, devs, 1 + both);

        for (uint32_t i = 0; i < 3; ++i) {
            backward(net, i);
            assert_ok(alx_net_update(net, &rule));
        }
        after[both] = read_params(net);
        alx_net_free(net);
    }
    for (size_t k = 0; k < after[0].count; ++k)
        assert_memory_equal(after[0].data[k][ALX_PARAM_VALUE], after[1].data[k][ALX_PARAM_VALUE],
                            after[0].counts[k] * sizeof(float));
}

static void a_network_without_them_refuses(void **state)
{
    alx_device *dev = test_device();
    const alx_net_options options = { .batch = BATCH, .training = true };
    alx_net *net = NULL;

    (void)state;
    assert_ok(alx_net_create(&net, &config_of()->net, &dev, 1, &options));
    assert_int_equal(alx_net_update(net, &rule), ALX_E_USAGE);
    alx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(an_update_is_the_twins),
        TEST_ON_PAIR(two_devices_have_the_bits_of_one, TEST_PAIR_TWICE),
        TEST_ON_PAIR(two_devices_have_the_bits_of_one, TEST_PAIR_CONTEXTS),
        test_on_device(a_network_without_them_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
