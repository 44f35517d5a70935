/* test_memory_plan.c - what a network will take of each device's memory: the parts of the plan. */
#include "support/test.h"

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
                assert_int_equal(p->total, p->parameters + p->gradients + p->momentum +
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_total_is_the_sum_of_the_parts),
        cmocka_unit_test(arrivals_are_what_is_sent_to_the_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
