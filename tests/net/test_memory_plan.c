/* test_memory_plan.c - what a network will take of each device's memory: the parts of the plan. */
#include "support/device.h"

#include <stdlib.h>

#include "alexnet/dev/net.h"
#include "alexnet/net.h"

static const alx_net_options training = { .batch = 4,
                                          .training = true,
                                          .algorithms = { .conv = ALX_CONV_IM2COL,
                                                          .gemm = ALX_GEMM_CLBLAST } };

static void plan_paper(alx_memory_plan plans[ALX_MAX_TOWERS], alx_config *config, int devices,
                       bool trains)
{
    alx_net_options options = training;

    options.training = trains;
    assert_ok(alx_config_read(config, "paper", NULL, 0));
    assert_ok(alx_net_memory(plans, &config->net, NULL, devices, &options));
}

static void the_total_is_the_sum_of_the_parts(void **state)
{
    alx_config *config = test_alloc(sizeof *config);
    alx_memory_plan plans[ALX_MAX_TOWERS];

    (void)state;
    for (int devices = 1; devices <= 2; ++devices)
        for (int trains = 0; trains < 2; ++trains) {
            plan_paper(plans, config, devices, trains != 0);
            for (int dev = 0; dev < devices; ++dev) {
                const alx_memory_plan *p = &plans[dev];

                assert_int_equal(p->momentum > 0, trains);
                assert_int_equal(p->arrivals > 0, devices > 1);
                assert_int_equal(p->filters, 0); /* im2col reads weights as they are */
                assert_int_equal(p->total, p->parameters + p->filters + p->gradients + p->momentum +
                                               p->activations + p->scratch + p->arrivals);
            }
        }
    free(config);
}

static void arrivals_are_what_is_sent_to_the_device(void **state)
{
    alx_config *config = test_alloc(sizeof *config);
    alx_memory_plan plans[ALX_MAX_TOWERS];
    alx_transfer_info list[ALX_MAX_TRANSFERS];
    alx_graph *graph = NULL;
    size_t bytes[2] = { 0, 0 };

    (void)state;
    plan_paper(plans, config, 2, true);
    assert_ok(alx_graph_create(&graph, &config->net));
    const size_t count = alx_graph_transfers(list, graph, training.batch, true);

    for (size_t i = 0; i < count; ++i)
        bytes[list[i].to] += list[i].bytes;
    for (int dev = 0; dev < 2; ++dev) {
        assert_true(bytes[dev] > 0);
        assert_int_equal(plans[dev].arrivals, bytes[dev]);
    }
    alx_graph_free(graph);
    free(config);
}

/* A chunk's rows of tiles fill longer blocks than those of the whole batch. */
static void scratch_is_enough_for_chunks(void **state)
{
    static const char text[] = "[net]\ninput = 6x6x3\nclasses = 4\ntowers = 2\n"
                               "[conv1]\nfilters = 128\nkernel = 3\npad = 1\n"
                               "[conv2]\nfilters = 512\nkernel = 3\npad = 1\nsees = both\n"
                               "pool = max 2/2\n[fc3]\nunits = classes\n";
    alx_device *dev = test_device();
    alx_config *config = test_alloc(sizeof *config);
    alx_memory_plan plans[ALX_MAX_TOWERS];

    (void)state;
    assert_ok(alx_config_parse(config, text, "net", NULL, 0));
    for (int trains = 0; trains < 2; ++trains) {
        const alx_net_options options = { .batch = 8, .training = trains != 0 };
        alx_net *net = NULL;

        assert_ok(alx_net_create(&net, &config->net, &dev, 1, &options));
        assert_ok(alx_net_init(net, 1));
        assert_ok(alx_net_forward(net, &(alx_step){ .training = trains != 0, .images = 8 }));
        alx_net_free(net);
        assert_ok(alx_net_memory(plans, &config->net, &dev, 1, &options));
        assert_int_equal(plans[0].filters > 0,
                         !trains && alx_device_is_wide(alx_device_get_info(dev)));
    }
    free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_total_is_the_sum_of_the_parts),
        cmocka_unit_test(arrivals_are_what_is_sent_to_the_device),
        test_on_device(scratch_is_enough_for_chunks),
    };

    return cmocka_run_group_tests_name("memory plan", tests, NULL, test_device_close);
}
