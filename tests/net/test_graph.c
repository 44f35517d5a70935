/* test_graph.c - shapes, parameters and cost of the presets against the tables of the paper's
 * reference (counted by hand from kernel sizes and map counts, not by this code). */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/net.h"

static alx_graph *graph_of(const char *preset, const char *override)
{
    alx_config *config = test_alloc(sizeof *config);
    alx_graph *graph = NULL;

    assert_ok(alx_config_read(config, preset, &override, override != NULL));
    assert_ok(alx_graph_create(&graph, &config->net));
    free(config);
    return graph;
}

static void presets_have_the_published_size(void **state)
{
    static const struct {
        const char *preset;
        size_t parameters, macs;
    } want[] = {
        { "paper", 60965224, 724406816 },
        { "net145", 60965224, 724406816 },
        { "one-tower", 62378344, 1135256096 },
        { "modern", 62378344, 1135256096 },
        { "owt", 61100840, 714188480 },
        { "cifar10", 24735626, 110542848 },
        { "half", 59798312, 391514384 },
        { "non-overlapping", 60965224, 686891552 },
        { "no-lrn", 60965224, 724406816 },
        { "conv6", 61555304, 724406816 + 21233664 },
        { "separate-towers", 81591720, 745197088 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(want); ++i) {
        alx_graph *graph = graph_of(want[i].preset, NULL);
        const alx_cost cost = alx_graph_cost(graph);

        print_message("%s: %zu parameters, %zu MACs\n", want[i].preset, cost.parameters, cost.macs);
        assert_int_equal(cost.parameters, want[i].parameters);
        assert_int_equal(cost.macs, want[i].macs);
        alx_graph_free(graph);
    }
}

static void paper_has_the_published_shapes(void **state)
{
    static const struct {
        const char *stage;
        int channels, side;
        size_t parameters;
    } want[] = {
        { "conv1", 96, 55, 34944 },   { "norm1", 96, 55, 0 },       { "pool1", 96, 27, 0 },
        { "conv2", 256, 27, 307456 }, { "pool2", 256, 13, 0 },      { "conv3", 384, 13, 885120 },
        { "conv4", 384, 13, 663936 }, { "conv5", 256, 13, 442624 }, { "pool5", 256, 6, 0 },
        { "fc6", 4096, 1, 37752832 }, { "fc7", 4096, 1, 16781312 }, { "fc8", 1000, 1, 4097000 },
    };
    alx_graph *graph = graph_of("paper", NULL);
    size_t count = 0, next = 0;
    const alx_layer_info *stages = alx_graph_layers(graph, &count);

    (void)state;
    for (size_t i = 0; i < count && next < ALX_COUNT(want); ++i) {
        if (strcmp(stages[i].name, want[next].stage) != 0)
            continue;
        assert_int_equal(stages[i].whole.c, want[next].channels);
        assert_int_equal(stages[i].whole.h, want[next].side);
        assert_int_equal(stages[i].whole.w, want[next].side);
        assert_int_equal(stages[i].parameters, want[next].parameters);
        ++next;
    }
    assert_int_equal(next, ALX_COUNT(want));
    alx_graph_free(graph);
}

static void three_input_geometries_give_the_same_weights(void **state)
{
    static const char *const inputs[] = { "net.input=227x227x3", "net.input=224-ceil",
                                          "net.input=224-pad2" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(inputs); ++i) {
        alx_graph *graph = graph_of("paper", inputs[i]);
        size_t count = 0;
        const alx_layer_info *stages = alx_graph_layers(graph, &count);

        assert_int_equal(stages[0].whole.h, 55);
        alx_graph_free(graph);
    }
}

static void impossible_shapes_name_the_layer(void **state)
{
    static const struct {
        const char *override, *message;
    } want[] = {
        { "net.input=8x8x3", "layer conv1" },
        { "conv3.kernel=60", "layer conv3" },
        { "net.input=67x67x3", NULL }, /* small but possible: 1x1 after pool5 */
        { "net.input=60x60x3", "layer conv5: pool" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(want); ++i) {
        alx_config *config = test_alloc(sizeof *config);
        alx_graph *graph = NULL;

        assert_ok(alx_config_read(config, "paper", &want[i].override, 1));
        const int rc = alx_graph_create(&graph, &config->net);
        if (want[i].message == NULL) {
            assert_int_equal(rc, 0);
        } else {
            assert_int_equal(rc, ALX_E_USAGE);
            assert_non_null(strstr(alx_status_text(rc), want[i].message));
        }
        alx_graph_free(graph);
        free(config);
    }
}

/* A layer of a file has a line, one that was made in memory has none. */
static void refusals_have_the_line_of_a_file(void **state)
{
    static const struct {
        int line, filters, side;
        const char *message;
    } want[] = {
        { 7, 95, 224, "line 7: layer conv1: filters cannot be divided among the towers" },
        { 1, 95, 224, "line 1: layer conv1: filters cannot be divided among the towers" },
        { 0, 95, 224, "layer conv1: filters cannot be divided among the towers" },
        { 7, 96, 8, "line 7: layer conv1: " },
        { 0, 96, 8, "layer conv1: " },
    };
    alx_config *config = test_alloc(sizeof *config);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(want); ++i) {
        alx_graph *graph = NULL;

        assert_ok(alx_config_read(config, "paper", NULL, 0));
        config->net.height = config->net.width = want[i].side;
        config->net.layers[0].outputs = want[i].filters;
        config->net.layers[0].line = want[i].line;
        const int rc = alx_graph_create(&graph, &config->net);

        assert_int_equal(rc, ALX_E_USAGE);
        assert_int_equal(strncmp(alx_status_text(rc), want[i].message, strlen(want[i].message)), 0);
    }
    free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_have_the_published_size),
        cmocka_unit_test(paper_has_the_published_shapes),
        cmocka_unit_test(three_input_geometries_give_the_same_weights),
        cmocka_unit_test(impossible_shapes_name_the_layer),
        cmocka_unit_test(refusals_have_the_line_of_a_file),
    };

    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
