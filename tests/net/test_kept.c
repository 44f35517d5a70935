/* test_kept.c - gradients of several passes, kept and added on one device and on two, beside the
 * same additions in C. */
#include "support/pair.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/net.h"

#define BATCH 5
#define PASSES 3
#define INPUT_COUNT ((size_t)BATCH * 13 * 13 * 3)

static const char config_text[] = "[net]\n"
                                  "input = 13x13x3\n"
                                  "classes = 7\n"
                                  "towers = 2\n"
                                  "init = he\n"
                                  "[conv1]\n"
                                  "filters = 6\n"
                                  "kernel = 5\n"
                                  "activation = relu\n"
                                  "[frozen2]\n"
                                  "units = 10\n"
                                  "freeze = yes\n"
                                  "[fc3]\n"
                                  "units = classes\n";

static alx_net *make_net(alx_device *const *devs, int dev_count)
{
    const alx_net_options options = { .batch = BATCH, .training = true, .kept_gradients = 2 };
    alx_config *config = test_alloc(sizeof *config);
    alx_net *net = NULL;

    assert_ok(alx_config_parse(config, config_text, "test", NULL, 0));
    assert_ok(alx_net_create(&net, &config->net, devs, dev_count, &options));
    assert_ok(alx_net_init(net, 7));
    return net;
}

static void pass(alx_net *net, uint32_t i)
{
    const alx_step step = { .training = true, .images = PASSES * BATCH };
    const int32_t labels[BATCH] = { 0, 6, 4, (int32_t)i, 5 };
    const float *images = test_host_random(INPUT_COUNT, 3 + i, -1.0f, 1.0f);

    for (int dev = 0; dev < alx_net_dev_count(net); ++dev)
        assert_ok(alx_tensor_write(alx_net_input(net, dev), images));
    assert_ok(alx_net_set_labels(net, labels));
    assert_ok(alx_net_forward(net, &step));
    assert_ok(alx_net_backward(net, &step));
}

/* Of the parameters that train. */
static float *gradients(alx_net *net, size_t *count)
{
    size_t params = 0;
    const alx_param_info *info = alx_graph_params(alx_net_graph(net), &params);

    *count = 0;
    for (size_t i = 0; i < params; ++i)
        *count += strncmp(info[i].name, "frozen", 6) == 0 ? 0 : info[i].count;
    float *out = test_host(*count), *next = out;
    for (size_t i = 0; i < params; ++i) {
        if (strncmp(info[i].name, "frozen", 6) == 0)
            continue;
        assert_ok(alx_net_get_param(net, i, ALX_PARAM_GRADIENT, next));
        next += info[i].count;
    }
    return out;
}

static void assert_added(alx_device *const *devs, int dev_count)
{
    alx_net *net = make_net(devs, dev_count);
    float *of[PASSES];
    size_t count = 0;

    for (uint32_t i = 0; i < PASSES; ++i) {
        pass(net, i);
        of[i] = gradients(net, &count);
        if (i + 1 < PASSES)
            assert_ok(alx_net_keep_gradients(net, (int)i));
    }
    assert_ok(alx_net_add_gradients(net, 1));
    assert_ok(alx_net_add_gradients(net, 0));
    float *want = test_host(count), *got = gradients(net, &count);
    for (size_t i = 0; i < count; ++i) {
        const float later = of[1][i] + of[2][i];

        want[i] = of[0][i] + later;
    }
    assert_memory_equal(got, want, count * sizeof *want);
    assert_memory_not_equal(got, of[2], count * sizeof *want);
    alx_net_free(net);
}

static void kept_gradients_are_added(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    assert_added(&dev, 1);
}

static void on_two_devices_too(alx_device *pair[2])
{
    assert_added(pair, 2);
}

static void they_are_in_the_memory_plan(void **state)
{
    alx_device *dev = test_device();
    alx_net *net = make_net(&dev, 1);
    const alx_memory_plan plan = alx_net_plan(net, 0);
    alx_config *config = test_alloc(sizeof *config);
    alx_memory_plan without[ALX_MAX_TOWERS];
    const alx_net_options options = { .batch = BATCH, .training = true };
    /* conv1 and fc3 of both towers in blocks of the device's alignment, without frozen2 */
    const size_t floats = 6 * 5 * 5 * 3 + 6 + 10 * 7 + 7;

    (void)state;
    assert_ok(alx_config_parse(config, config_text, "test", NULL, 0));
    assert_ok(alx_net_memory(without, &config->net, &dev, 1, &options));
    assert_in_range(plan.gradients - without[0].gradients, 2 * floats * sizeof(float),
                    2 * (floats * sizeof(float) + 8 * 128));
    alx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(kept_gradients_are_added),
        TEST_ON_PAIR(on_two_devices_too, TEST_PAIR_TWICE),
        TEST_ON_PAIR(on_two_devices_too, TEST_PAIR_CONTEXTS),
        test_on_device(they_are_in_the_memory_plan),
    };

    test_pair_two_pocl_devices();
    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
