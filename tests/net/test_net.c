/* test_net.c - whole small networks on the device: the plan's shared memory changes nothing, two
 * towers equal one tower with groups, gradients equal central differences of the loss. */
#include "support/device.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/layers/layers.h"

#define BATCH 6
#define CLASSES 5
#define INPUT_COUNT ((size_t)BATCH * 21 * 21 * 3)

/* Two towers that meet at conv3 and in the fully connected layers, all kinds of stages. */
static const char two_towers[] = "[net]\n"
                                 "input = 21x21x3\n"
                                 "classes = 5\n"
                                 "towers = 2\n"
                                 "init = he\n"
                                 "[conv1]\n"
                                 "filters = 8\n"
                                 "kernel = 5\n"
                                 "stride = 2\n"
                                 "activation = relu\n"
                                 "lrn = n=3 k=2 alpha=0.5 beta=0.75\n"
                                 "pool = max 3/2\n"
                                 "[conv2]\n"
                                 "filters = 12\n"
                                 "kernel = 3\n"
                                 "pad = 1\n"
                                 "activation = tanh\n"
                                 "[conv3]\n"
                                 "filters = 8\n"
                                 "kernel = 3\n"
                                 "pad = 1\n"
                                 "sees = both\n"
                                 "activation = relu\n"
                                 "pool = max 2/2\n"
                                 "[fc4]\n"
                                 "units = 16\n"
                                 "activation = relu\n"
                                 "dropout = 0.5\n"
                                 "[fc5]\n"
                                 "units = 5\n";

static const int32_t labels[BATCH] = { 0, 3, 1, 4, 2, 0 };

typedef struct run {
    float loss[BATCH];
    double norm;
    float *params; /* all values, then all gradients, in PyTorch's order */
    size_t count;  /* of the values */
} run;

static void make_config(alx_config *config, const char *override)
{
    assert_ok(alx_config_parse(config, two_towers, "test", &override, override != NULL));
}

static alx_net *make_net(const alx_config *config, int batch, bool keep_outputs, bool no_dropout)
{
    alx_device *dev = test_device();
    const alx_net_options options = {
        .batch = batch, .training = true, .keep_outputs = keep_outputs, .no_dropout = no_dropout
    };
    alx_net *net = NULL;

    assert_ok(alx_net_create(&net, &config->net, &dev, 1, &options));
    assert_ok(alx_net_init(net, 1));
    return net;
}

static double mean_loss(alx_net *net)
{
    float loss[BATCH];
    double sum = 0.0;

    assert_ok(alx_net_read_loss(net, loss, NULL));
    for (int i = 0; i < BATCH; ++i)
        sum += (double)loss[i];
    return sum / BATCH;
}

static void feed(alx_net *net, const float *images)
{
    assert_ok(alx_tensor_write(alx_net_input(net, 0), images));
    assert_ok(alx_net_set_labels(net, labels));
}

static const alx_step one_step = { .training = true, .seed = 5, .step = 1, .images = BATCH };

/* Three steps of training; what came out. */
static run train(alx_net *net)
{
    size_t params = 0, at = 0;
    const alx_param_info *info = alx_graph_params(alx_net_graph(net), &params);
    const char *bad = NULL;
    run out = { .params = NULL };

    feed(net, test_host_random(INPUT_COUNT, 3, -1.0f, 1.0f));
    for (uint32_t i = 0; i < 3; ++i) {
        alx_step step = one_step;

        step.step = i;
        assert_ok(alx_net_forward(net, &step));
        assert_ok(alx_net_backward(net, &step));
        assert_ok(alx_net_update(net, &(alx_update_rule){ 0.05, 0.9, 5e-4, false, 0.0, 0.0 }));
    }
    assert_ok(alx_net_read_loss(net, out.loss, NULL));
    assert_ok(alx_net_read_grad_norm(net, &out.norm, &bad));
    assert_null(bad);
    for (size_t i = 0; i < params; ++i)
        out.count += info[i].count;
    out.params = test_host(2 * out.count);
    for (size_t i = 0; i < params; ++i) {
        assert_ok(alx_net_get_param(net, i, ALX_PARAM_VALUE, out.params + at));
        assert_ok(alx_net_get_param(net, i, ALX_PARAM_GRADIENT, out.params + out.count + at));
        at += info[i].count;
    }
    return out;
}

static void sharing_memory_changes_no_bit(void **state)
{
    alx_config *config = test_alloc(sizeof *config);
    run runs[2];

    (void)state;
    make_config(config, NULL);
    for (int keep = 0; keep < 2; ++keep) {
        alx_net *net = make_net(config, BATCH, keep == 1, false);

        runs[keep] = train(net);
        alx_net_free(net);
    }
    assert_memory_equal(runs[0].loss, runs[1].loss, sizeof runs[0].loss);
    assert_memory_equal(runs[0].params, runs[1].params, 2 * runs[0].count * sizeof(float));
    free(config);
}

static int fused_pools(const alx_net *net)
{
    int count = 0;

    for (int i = 0; i < net->node_count; ++i)
        count += net->nodes[i].type == &net_node_norm_pool;
    return count;
}

/* What is left of a training net's outputs after a forward pass; returns how many that are. */
static int assert_same_stages(alx_net *got, alx_net *want)
{
    assert_ok(alx_net_forward(got, &one_step));
    assert_ok(alx_net_forward(want, &one_step));

    size_t count;
    const alx_layer_info *stages = alx_graph_layers(alx_net_graph(got), &count);
    int compared = 0;

    for (size_t i = 0; i < count; ++i) {
        alx_shape shape = stages[i].whole;

        if (!alx_net_has_output(got, i))
            continue;
        shape.n = BATCH;
        const size_t floats = alx_shape_count(shape);
        float *a = test_host(floats), *b = test_host(floats);

        assert_ok(alx_net_read_output(got, i, a));
        assert_ok(alx_net_read_output(want, i, b));
        test_assert_rel_max(stages[i].name, a, b, floats, 1e-4);
        ++compared;
    }
    return compared;
}

/* Enough channels for the fused kernels of CPU devices; a net that keeps its stages runs none. */
static void fused_stages_equal_single_ones(void **state)
{
    static const char *const overrides[] = { "conv1.filters=32", "conv3.filters=64" };
    alx_config *config = test_alloc(sizeof *config);
    alx_net *nets[2];
    run runs[2];

    (void)state;
    assert_ok(alx_config_parse(config, two_towers, "test", overrides, ALX_COUNT(overrides)));
    for (int keep = 0; keep < 2; ++keep) {
        nets[keep] = make_net(config, BATCH, keep == 1, false);
        runs[keep] = train(nets[keep]);
    }
    assert_int_equal(fused_pools(nets[0]) > 0,
                     alx_device_get_info(test_device())->type == ALX_DEVICE_CPU);
    assert_int_equal(fused_pools(nets[1]), 0);
    assert_true(assert_same_stages(nets[0], nets[1]) > 3);
    alx_net_free(nets[0]);
    alx_net_free(nets[1]);
    test_assert_rel_max("loss", runs[0].loss, runs[1].loss, BATCH, 1e-5);
    test_assert_rel_max("parameters", runs[0].params, runs[1].params, runs[0].count, 1e-5);
    test_assert_rel_max("gradients", runs[0].params + runs[0].count, runs[1].params + runs[1].count,
                        runs[0].count, 1e-4);
    free(config);
}

static void two_towers_equal_one_with_groups(void **state)
{
    static const char no_lrn[] = "conv1.lrn=off", folded[] = "net.lrn-across-towers=yes";
    alx_config *config = test_alloc(sizeof *config);
    run runs[2];

    (void)state;
    for (int fold = 0; fold < 2; ++fold) {
        const char *overrides[] = { no_lrn, folded };

        assert_ok(alx_config_parse(config, two_towers, "test", overrides, (size_t)(1 + fold)));
        alx_net *net = make_net(config, BATCH, false, false);
        size_t count = 0;
        const alx_layer_info *stages = alx_graph_layers(alx_net_graph(net), &count);
        assert_int_equal(stages[0].parts, fold ? 1 : 2);
        runs[fold] = train(net);
        alx_net_free(net);
    }
    test_assert_rel_max("loss", runs[1].loss, runs[0].loss, BATCH, 1e-5);
    test_assert_rel_max("parameters", runs[1].params, runs[0].params, runs[0].count, 1e-5);
    test_assert_rel_max("gradients", runs[1].params + runs[1].count, runs[0].params + runs[0].count,
                        runs[0].count, 1e-4);
    free(config);
}

/* The slope of the loss along a random direction in all weights, against gradient * direction.
 * tanh everywhere: no kinks, so that central differences hold. */
static void gradient_is_the_slope_of_the_loss(void **state)
{
    static const char *const smooth[] = { "conv1.activation=tanh",    "conv3.activation=sigmoid",
                                          "fc4.activation=leaky 0.9", "conv1.pool=off",
                                          "conv3.pool=off",           "conv3.adaptive-pool=2" };
    const double step_size = 2e-3;
    alx_config *config = test_alloc(sizeof *config);
    size_t params = 0;
    double slope = 0.0, losses[2];

    (void)state;
    assert_ok(alx_config_parse(config, two_towers, "test", smooth, ALX_COUNT(smooth)));
    alx_net *net = make_net(config, BATCH, false, false);
    const alx_param_info *info = alx_graph_params(alx_net_graph(net), &params);
    feed(net, test_host_random(INPUT_COUNT, 3, -1.0f, 1.0f));
    assert_ok(alx_net_forward(net, &one_step));
    assert_ok(alx_net_backward(net, &one_step));
    for (size_t i = 0; i < params; ++i) {
        float *grad = test_host(info[i].count);
        const float *direction = test_host_random(info[i].count, 90 + (uint32_t)i, -1.0f, 1.0f);

        assert_ok(alx_net_get_param(net, i, ALX_PARAM_GRADIENT, grad));
        for (size_t j = 0; j < info[i].count; ++j)
            slope += (double)grad[j] * (double)direction[j];
    }
    for (int sign = 0; sign < 2; ++sign) {
        for (size_t i = 0; i < params; ++i) {
            float *value = test_host(info[i].count);
            const float *direction = test_host_random(info[i].count, 90 + (uint32_t)i, -1.0f, 1.0f);
            const double by = sign == 0 ? step_size : -2.0 * step_size;

            assert_ok(alx_net_get_param(net, i, ALX_PARAM_VALUE, value));
            for (size_t j = 0; j < info[i].count; ++j)
                value[j] += (float)(by * (double)direction[j]);
            assert_ok(alx_net_set_param(net, i, ALX_PARAM_VALUE, value));
        }
        assert_ok(alx_net_forward(net, &one_step));
        losses[sign] = mean_loss(net);
    }
    const double measured = (losses[0] - losses[1]) / (2.0 * step_size);
    print_message("slope %.6f, by differences %.6f\n", slope, measured);
    assert_true(fabs(slope) > 1e-2);
    assert_true(fabs(measured - slope) < 2e-3 * fabs(slope));
    alx_net_free(net);
    free(config);
}

static void accumulated_gradients_equal_the_larger_batch(void **state)
{
    alx_config *config = test_alloc(sizeof *config);
    const float *images = test_host_random(INPUT_COUNT, 3, -1.0f, 1.0f);
    float *grads[2];
    size_t params = 0;

    (void)state;
    make_config(config, NULL);
    for (int split = 0; split < 2; ++split) {
        const int passes = split ? 3 : 1, batch = BATCH / passes;
        alx_net *net = make_net(config, batch, false, false);
        const alx_param_info *info = alx_graph_params(alx_net_graph(net), &params);

        for (int pass = 0; pass < passes; ++pass) {
            alx_step step = one_step;

            step.image0 = pass * batch;
            step.accumulate = pass > 0;
            assert_ok(alx_tensor_write(alx_net_input(net, 0),
                                       images + (size_t)step.image0 * 21 * 21 * 3));
            assert_ok(alx_net_set_labels(net, labels + step.image0));
            assert_ok(alx_net_forward(net, &step));
            assert_ok(alx_net_backward(net, &step));
        }
        grads[split] = test_host(info[0].count);
        assert_ok(alx_net_get_param(net, 0, ALX_PARAM_GRADIENT, grads[split]));
        if (split)
            test_assert_rel_max("conv1.weight", grads[1], grads[0], info[0].count, 1e-5);
        alx_net_free(net);
    }
    free(config);
}

/* ---- factors on the rate ------------------------------------------------------------------- */

/* All values, one parameter after the other. */
static float *read_values(alx_net *net)
{
    size_t params = 0, count = 0;
    const alx_param_info *info = alx_graph_params(alx_net_graph(net), &params);

    for (size_t i = 0; i < params; ++i)
        count += info[i].count;
    float *values = test_host(count);

    count = 0;
    for (size_t i = 0; i < params; count += info[i++].count)
        assert_ok(alx_net_get_param(net, i, ALX_PARAM_VALUE, values + count));
    return values;
}

/* The first update, from the same start whatever the factors are. */
static void update_once(alx_net *net, double weight_decay, bool torch_form)
{
    const alx_update_rule rule = { 0.5, 0.9, weight_decay, torch_form, 0.0, 0.0 };

    feed(net, test_host_random(INPUT_COUNT, 3, -1.0f, 1.0f));
    assert_ok(alx_net_forward(net, &one_step));
    assert_ok(alx_net_backward(net, &one_step));
    assert_ok(alx_net_update(net, &rule));
}

/* As in the 2012 networks, whose biases learn twice as fast. */
static void factors_multiply_the_rate(void **state)
{
    static const char *const overrides[] = { "net.bias-lr=2", "fc4.weight-lr=3" };
    alx_config *config = test_alloc(sizeof *config);

    (void)state;
    for (int torch_form = 0; torch_form < 2; ++torch_form) {
        const float *start = NULL, *end[2];
        const alx_param_info *info = NULL;
        size_t params = 0, at = 0;
        alx_net *nets[2];

        for (int with = 0; with < 2; ++with) {
            assert_ok(alx_config_parse(config, two_towers, "test", overrides, with ? 2 : 0));
            nets[with] = make_net(config, BATCH, false, false);
            start = read_values(nets[with]);
            update_once(nets[with], 5e-4, torch_form);
            end[with] = read_values(nets[with]);
        }
        info = alx_graph_params(alx_net_graph(nets[0]), &params);
        for (size_t i = 0; i < params; at += info[i++].count) {
            const float factor = info[i].bias                              ? 2.0f
                                 : strcmp(info[i].name, "fc4.weight") == 0 ? 3.0f
                                                                           : 1.0f;
            float *want = test_host(info[i].count), *got = test_host(info[i].count);

            for (size_t k = 0; k < info[i].count; ++k) {
                want[k] = factor * (end[0][at + k] - start[at + k]);
                got[k] = end[1][at + k] - start[at + k];
            }
            test_assert_rel_max(info[i].name, got, want, info[i].count, 1e-4);
        }
        alx_net_free(nets[0]);
        alx_net_free(nets[1]);
    }
    free(config);
}

/* The same gradients with and without decay: what differs is rate * decay * factor * value. */
static void factors_multiply_the_decay(void **state)
{
    static const char *const overrides[] = { "net.bias-decay=2", "fc4.weight-decay=3",
                                             "conv2.bias=0.5", "fc4.bias=-0.25" };
    alx_config *config = test_alloc(sizeof *config);
    const float *start = NULL, *end[2];
    const alx_param_info *info = NULL;
    size_t params = 0, at = 0;
    alx_net *nets[2];

    (void)state;
    assert_ok(alx_config_parse(config, two_towers, "test", overrides, ALX_COUNT(overrides)));
    for (int with = 0; with < 2; ++with) {
        nets[with] = make_net(config, BATCH, false, false);
        start = read_values(nets[with]);
        update_once(nets[with], with ? 0.125 : 0.0, false);
        end[with] = read_values(nets[with]);
    }
    info = alx_graph_params(alx_net_graph(nets[0]), &params);
    for (size_t i = 0; i < params; at += info[i++].count) {
        const float factor = info[i].bias                              ? 2.0f
                             : strcmp(info[i].name, "fc4.weight") == 0 ? 3.0f
                                                                       : 1.0f;
        float *want = test_host(info[i].count);

        for (size_t k = 0; k < info[i].count; ++k)
            want[k] = end[0][at + k] - 0.5f * 0.125f * factor * start[at + k];
        test_assert_rel_max(info[i].name, end[1] + at, want, info[i].count, 1e-6);
    }
    alx_net_free(nets[0]);
    alx_net_free(nets[1]);
    free(config);
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Beforehand, for the device's own algorithms and for those of tuning rows, is what is taken. */
static void memory_is_known_beforehand(void **state)
{
    static const alx_algorithms each[] = {
        { .conv = ALX_CONV_AUTO, .gemm = ALX_GEMM_AUTO },
        { .conv = ALX_CONV_TUNED, .gemm = ALX_GEMM_TUNED },
    };
    alx_device *dev = test_device();
    alx_config *config = test_alloc(sizeof *config);

    (void)state;
    make_config(config, NULL);
    for (size_t i = 0; i < ALX_COUNT(each); ++i) {
        const alx_net_options options = {
            .batch = BATCH, .training = true, .fuse_update = true, .algorithms = each[i]
        };
        alx_memory_plan plans[ALX_MAX_TOWERS];
        alx_net *net = NULL;

        assert_ok(alx_net_memory(plans, &config->net, &dev, 1, &options));
        assert_ok(alx_net_create(&net, &config->net, &dev, 1, &options));
        assert_int_equal(plans[0].total, alx_net_device_bytes(net));
        alx_net_free(net);
    }
    free(config);
}

static void too_large_a_batch_names_the_one_that_fits(void **state)
{
    alx_config *config = test_alloc(sizeof *config);
    alx_device *dev = test_device();
    const alx_net_options options = { .batch = 1 << 24, .training = true };
    alx_net *net = NULL;

    (void)state;
    make_config(config, NULL);
    assert_int_equal(alx_net_create(&net, &config->net, &dev, 1, &options), ALX_E_MEMORY);
    assert_null(net);
    assert_non_null(strstr(alx_status_text(ALX_E_MEMORY), "the largest batch that fits is"));
    free(config);
}

static void three_devices_are_refused(void **state)
{
    alx_config *config = malloc(sizeof *config);
    alx_device *const devs[] = { test_device(), test_device(), test_device() };
    const alx_net_options options = { .batch = 1 };
    alx_memory_plan plans[ALX_MAX_TOWERS];
    alx_net *net = NULL;

    (void)state;
    make_config(config, NULL);
    assert_int_equal(alx_net_create(&net, &config->net, devs, 3, &options), ALX_E_USAGE);
    assert_null(net);
    assert_string_equal(alx_status_text(ALX_E_USAGE),
                        "a network lives on one device or two, not 3");
    assert_int_equal(alx_net_memory(plans, &config->net, devs, 0, &options), ALX_E_USAGE);
    free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(sharing_memory_changes_no_bit),
        test_on_device(fused_stages_equal_single_ones),
        test_on_device(two_towers_equal_one_with_groups),
        test_on_device(gradient_is_the_slope_of_the_loss),
        test_on_device(accumulated_gradients_equal_the_larger_batch),
        test_on_device(factors_multiply_the_rate),
        test_on_device(factors_multiply_the_decay),
        test_on_device(memory_is_known_beforehand),
        test_on_device(too_large_a_batch_names_the_one_that_fits),
        test_on_device(three_devices_are_refused),
    };

    return cmocka_run_group_tests_name("net", tests, NULL, test_device_close);
}
