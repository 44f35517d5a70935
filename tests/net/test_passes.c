/* test_passes.c - what a step consists of: order, names, cost. The numbers follow from the paper's
 * table of layers by hand, not from this code. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/net.h"
#include "alexnet/dev/ops.h"
#include "alexnet/net.h"

enum { BATCH = 2 };

typedef struct passes {
    alx_config *config;
    alx_graph *graph;
    alx_pass_info *list;
    size_t count;
} passes;

static passes passes_of(const char *preset, bool training)
{
    passes p = { .config = test_alloc(sizeof *p.config) };

    assert_ok(alx_config_read(p.config, preset, NULL, 0));
    assert_ok(alx_graph_create(&p.graph, &p.config->net));
    assert_ok(alx_graph_passes(&p.list, &p.count, p.graph, BATCH, training));
    return p;
}

static void passes_free(passes *p)
{
    free(p->list);
    alx_graph_free(p->graph);
    free(p->config);
}

static const alx_pass_info *find(const passes *p, const char *label)
{
    const alx_pass_info *found = NULL;

    for (size_t i = 0; i < p->count; ++i)
        if (strcmp(p->list[i].label, label) == 0) {
            assert_null(found); /* a label names one pass */
            found = &p->list[i];
        }
    return found;
}

/* Labels begin with the layer's name, or with that of the stage. */
static void only_weights_are_multiplied(void **state)
{
    passes p = passes_of("paper", true);

    (void)state;
    for (size_t i = 0; i < p.count; ++i) {
        const char *label = p.list[i].label;
        const bool update = strstr(label, " update") != NULL;
        const alx_work want = strncmp(label, "conv", 4) == 0 && !update ? ALX_WORK_CONV
                              : strncmp(label, "fc", 2) == 0 && !update ? ALX_WORK_FC
                                                                        : ALX_WORK_OTHER;

        if (p.list[i].work != want)
            fail_msg("%s is work %d, want %d", label, (int)p.list[i].work, (int)want);
    }
    passes_free(&p);
}

static void cost_is_that_of_the_tensors(void **state)
{
    /* sizes of one tower and one image, times the batch where they depend on it */
    const double x1 = 227 * 227 * 3, y1 = 55 * 55 * 48, w1 = 11 * 11 * 3 * 48, p1 = 27 * 27 * 48;
    const double both = 13 * 13 * 256, y3 = 13 * 13 * 192, w3 = 3 * 3 * 256 * 192;
    const double in6 = 9216, y6 = 2048;
    const struct {
        const char *label;
        double flops, floats;
    } want[] = {
        { "conv1.0 forward", 2 * BATCH * y1 * 363, BATCH * (x1 + y1) + w1 },
        { "conv1.1 grad-weight", 2 * BATCH * y1 * 363, BATCH * (x1 + y1) + w1 },
        { "relu1.0 forward", 0, BATCH * 2 * y1 },
        { "relu1.0 grad-input", 0, BATCH * 3 * y1 },
        { "norm1.1 grad-input", 0, BATCH * 3 * y1 },
        { "pool1.0 forward", 0, BATCH * (y1 + 2 * p1) },
        { "pool1.0 grad-input", 0, BATCH * (y1 + 2 * p1) },
        { "conv3.1 grad-input", 2 * BATCH * y3 * 9 * 256, BATCH * (both + y3) + w3 },
        { "fc6.0 grad-weight", 2 * BATCH * in6 * y6, BATCH * (in6 + y6) + in6 * y6 },
        { "drop6.0 forward", 0, BATCH * 2 * y6 },
        { "fc8 forward", 2 * BATCH * 4096 * 1000, BATCH * (4096 + 1000) + 4096 * 1000 },
        { "loss forward", 0, BATCH * 2 * 1000 },
        { "norm", 0, 60965224 },
        { "weights update", 0, 5 * 60965224.0 },
    };
    passes p = passes_of("paper", true);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(want); ++i) {
        const alx_pass_info *pass = find(&p, want[i].label);

        print_message("%s\n", want[i].label);
        assert_non_null(pass);
        assert_true(pass->flops == want[i].flops);
        assert_true(pass->bytes == 4 * want[i].floats);
    }
    assert_null(find(&p, "conv1.0 grad-input")); /* nobody asks for the image's gradient */
    passes_free(&p);
}

static void sums_are_the_published_ones(void **state)
{
    passes infer = passes_of("paper", false), train = passes_of("paper", true);
    double infer_flops = 0, train_flops = 0;

    (void)state;
    for (size_t i = 0; i < infer.count; ++i)
        infer_flops += infer.list[i].flops;
    for (size_t i = 0; i < train.count; ++i)
        train_flops += train.list[i].flops;
    assert_true(infer_flops == BATCH * 2.0 * 724406816);
    /* three times that, less the gradient of the image: conv1 has 105,415,200 MACs */
    assert_true(train_flops == BATCH * 2.0 * (3.0 * 724406816 - 105415200));
    assert_null(find(&infer, "weights update"));
    passes_free(&infer);
    passes_free(&train);
}

static void shapes_fit_the_operations(void **state)
{
    passes p = passes_of("paper", true);
    const alx_pass_info *conv = find(&p, "conv2.1 grad-input"), *fc = find(&p, "fc6.1 forward");

    (void)state;
    assert_int_equal(conv->work, ALX_WORK_CONV);
    assert_int_equal(conv->pass, ALX_PASS_GRAD_INPUT);
    assert_int_equal(conv->part, 1);
    assert_int_equal(conv->conv.kernel, 5);
    assert_int_equal(conv->conv.pad, 2);
    assert_int_equal(conv->conv.groups, 1);
    assert_true(alx_shape_equal(conv->in, (alx_shape){ BATCH, 27, 27, 48 }));
    assert_true(alx_shape_equal(conv->out, (alx_shape){ BATCH, 27, 27, 128 }));
    assert_int_equal(fc->work, ALX_WORK_FC);
    assert_true(alx_shape_equal(fc->in, (alx_shape){ BATCH, 6, 6, 256 }));
    assert_true(alx_shape_equal(fc->out, (alx_shape){ BATCH, 1, 1, 2048 }));
    passes_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_weights_are_multiplied),
        cmocka_unit_test(cost_is_that_of_the_tensors),
        cmocka_unit_test(sums_are_the_published_ones),
        cmocka_unit_test(shapes_fit_the_operations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
