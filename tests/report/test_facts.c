/* test_facts.c - what a network on two devices has where, of the paper's network: a part of every
 * layer on each, worked out by hand. */
#include "support/test.h"

#include <string.h>

#include "alexnet/dev/report.h"

static alx_facts paper(const char *override)
{
    alx_facts facts = { .batch = 128 };

    assert_ok(alx_config_read(&facts.checkpoint.config, "paper", &override, 1));
    assert_ok(alx_facts_gather(&facts, NULL, (alx_algorithms){ .conv = ALX_CONV_AUTO }));
    facts.dev_count = 2;
    return facts;
}

static const alx_layer_info *stage(const alx_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->stage_count; ++i)
        if (strcmp(facts->stages[i].name, name) == 0)
            return &facts->stages[i];
    fail_msg("no stage %s", name);
    return NULL;
}

static void assert_share(const alx_facts *facts, const char *name, int dev, size_t first,
                         size_t count, size_t parameters)
{
    size_t got_first = 99, got_count = 99;

    alx_facts_share(&got_first, &got_count, stage(facts, name), dev);
    if (count > 0)
        assert_int_equal(got_first, first);
    assert_int_equal(got_count, count);
    assert_int_equal(alx_facts_parameters_on(facts, stage(facts, name), dev), parameters);
}

static void a_layer_lies_on_both(void **state)
{
    alx_facts facts = paper("fc8.towers=input");

    (void)state;
    assert_share(&facts, "conv1", 0, 0, 48, 48 * (11 * 11 * 3 + 1));
    assert_share(&facts, "conv1", 1, 48, 48, 48 * (11 * 11 * 3 + 1));
    assert_share(&facts, "conv2", 1, 128, 128, 128 * (5 * 5 * 48 + 1));  /* of its own tower */
    assert_share(&facts, "conv3", 1, 192, 192, 192 * (3 * 3 * 256 + 1)); /* of both */
    assert_share(&facts, "fc6", 1, 2048, 2048, 2048 * (256 * 36 + 1));
    /* of the last layer each has the weights of its inputs; the biases are with the first */
    assert_share(&facts, "fc8", 0, 0, 2048, 2048 * 1000 + 1000);
    assert_share(&facts, "fc8", 1, 2048, 2048, 2048 * 1000);
    assert_int_equal(alx_facts_parameters_of(&facts, 0), 30483112);
    assert_int_equal(alx_facts_parameters_of(&facts, 1), 30482112);
    alx_facts_free(&facts);
}

static void a_layer_that_is_whole_lies_on_the_first(void **state)
{
    alx_facts facts = paper("fc8.towers=whole");

    (void)state;
    assert_share(&facts, "fc8", 0, 0, 1000, 1000 * 4097);
    assert_share(&facts, "fc8", 1, 0, 0, 0);
    assert_int_equal(alx_facts_parameters_of(&facts, 0), 32531112);
    assert_int_equal(alx_facts_parameters_of(&facts, 1), 28434112);
    alx_facts_free(&facts);
}

static void peaks_within_a_tenth_are_alike(void **state)
{
    static const struct {
        double peaks[2];
        int slower;
    } cases[] = { { { 100, 100 }, -1 }, { { 100, 91 }, -1 }, { { 100, 89 }, 1 },
                  { { 89, 100 }, 0 },   { { 91, 100 }, -1 }, { { 1, 1000 }, 0 } };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_facts facts = { .dev_count = 2,
                                  .fma_gflops = { cases[i].peaks[0], cases[i].peaks[1] } };

        assert_int_equal(alx_facts_slower(&facts), cases[i].slower);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_lies_on_both),
        cmocka_unit_test(a_layer_that_is_whole_lies_on_the_first),
        cmocka_unit_test(peaks_within_a_tenth_are_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
