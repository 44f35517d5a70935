/* test_fused_update.c - networks whose backward pass updates the fully connected weights: the bits
 * of those that keep the gradients, on one device and on two; less memory; what does not go with it
 * is refused. */
#include "support/pair.h"

#include <stdio.h>
#include <stdlib.h>

#include "alexnet/net.h"

#define BATCH 6
#define STEPS 4
#define INPUT_COUNT ((size_t)BATCH * 13 * 13 * 3)

static const char config_text[] = "[net]\n"
                                  "input = 13x13x3\n"
                                  "classes = 10\n"
                                  "towers = 2\n"
                                  "init = he\n"
                                  "[conv1]\n"
                                  "filters = 12\n"
                                  "kernel = 5\n"
                                  "stride = 2\n"
                                  "activation = relu\n"
                                  "[fc2]\n"
                                  "units = 34\n"
                                  "weight-lr = 0.5\n"
                                  "activation = relu\n"
                                  "dropout = 0.5\n"
                                  "[fc3]\n"
                                  "units = 30\n"
                                  "weight-decay = 3\n"
                                  "activation = relu\n"
                                  "[fc4]\n"
                                  "units = classes\n";

static const alx_config *config_of(const char *override)
{
    alx_config *config = test_alloc(sizeof *config);

    assert_ok(alx_config_parse(config, config_text, "test", &override, override != NULL));
    return config;
}

static alx_algorithms algorithms = { .conv = ALX_CONV_VEC, .gemm = ALX_GEMM_VEC };

static const alx_update_rule papers_form = { .torch_form = false };

static alx_net *make_net(const alx_config *config, alx_device *const *devs, int dev_count,
                         bool fuse, const alx_update_rule *rule)
{
    const alx_net_options options = {
        .batch = BATCH, .training = true, .fuse_update = fuse, .algorithms = algorithms
    };
    alx_net *net = NULL;

    assert_ok(alx_net_create(&net, &config->net, devs, dev_count, &options));
    assert_ok(alx_net_init(net, 7));
    assert_ok(alx_net_build_kernels(net, rule, NULL, NULL));
    return net;
}

static void feed(alx_net *net)
{
    const int32_t labels[BATCH] = { 0, 7, 4, 1, 8, 5 };
    const float *images = test_host_random(INPUT_COUNT, 3, -1.0f, 1.0f);

    for (int dev = 0; dev < alx_net_dev_count(net); ++dev)
        assert_ok(alx_tensor_write(alx_net_input(net, dev), images));
    assert_ok(alx_net_set_labels(net, labels));
}

/* Values and momenta after a few steps, the rate falling. */
typedef struct run {
    float *values;
    size_t count;
    double norm;
} run;

static run train(alx_net *net, bool torch_form)
{
    size_t params = 0;
    const alx_param_info *info = alx_graph_params(alx_net_graph(net), &params);
    const char *bad = NULL;
    run out = { .count = 0 };

    feed(net);
    for (uint32_t i = 0; i < STEPS; ++i) {
        const alx_update_rule rule = { 0.1 / (i + 1), 0.9, 5e-3, torch_form, 0.0, 0.0 };
        const alx_step step = {
            .training = true, .seed = 5, .step = i, .images = BATCH, .rule = &rule
        };

        assert_ok(alx_net_forward(net, &step));
        assert_ok(alx_net_backward(net, &step));
        assert_ok(alx_net_update(net, &rule));
    }
    assert_ok(alx_net_read_grad_norm(net, &out.norm, &bad));
    assert_null(bad);
    for (size_t i = 0; i < params; ++i)
        out.count += 2 * info[i].count;
    float *next = out.values = test_host(out.count);
    for (size_t i = 0; i < params; ++i, next += 2 * info[i - 1].count) {
        assert_ok(alx_net_get_param(net, i, ALX_PARAM_VALUE, next));
        assert_ok(alx_net_get_param(net, i, ALX_PARAM_MOMENTUM, next + info[i].count));
    }
    return out;
}

static run train_on(const alx_config *config, alx_device *const *devs, int dev_count, bool fuse,
                    bool torch_form)
{
    alx_net *net = make_net(config, devs, dev_count, fuse,
                            &(alx_update_rule){ .torch_form = torch_form });
    const run out = train(net, torch_form);

    alx_net_free(net);
    return out;
}

static alx_device *vec_device(void)
{
    alx_device *dev = test_device();

    if (test_cuts_loops(dev))
        skip();
    return dev;
}

static void assert_equal_on(const char *override, alx_device *const *devs, int dev_count)
{
    const alx_config *config = config_of(override);
    alx_device *one = test_device();

    for (int form = 0; form < 2; ++form) {
        const run want = train_on(config, &one, 1, false, form);
        const run got = train_on(config, devs, dev_count, true, form);

        assert_memory_equal(got.values, want.values, want.count * sizeof(float));
        if (algorithms.gemm == ALX_GEMM_VEC)
            assert_true(got.norm == want.norm);
        else /* squares are added up in another order */
            test_assert_close("norm", &(float){ (float)got.norm }, &(float){ (float)want.norm }, 1,
                              1e-6, 0.0);
    }
    free((void *)config);
}

static void bits_are_those_of_the_simple_path(void **state)
{
    static const char *const overrides[] = { NULL, "fc3.freeze=yes", "fc2.weight-lr=0",
                                             "fc4.towers=input", "net.towers=1" };
    alx_device *dev = vec_device();

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(overrides); ++i)
        assert_equal_on(overrides[i], &dev, 1);
}

static void bits_are_those_of_tile_too(void **state)
{
    const alx_algorithms vec = algorithms;
    alx_device *dev = test_device();

    (void)state;
    algorithms = (alx_algorithms){ .conv = ALX_CONV_TILE, .gemm = ALX_GEMM_TILE };
    assert_equal_on(NULL, &dev, 1);
    algorithms = vec;
}

static void bits_are_the_same_on_two_devices(alx_device *pair[2])
{
    vec_device();
    assert_equal_on(NULL, pair, 2);
}

static void count_left(int built, int total, void *user)
{
    (void)built;
    *(int *)user = total;
}

/* How many programs of passes and update a device has not; builds them. */
static int unbuilt(alx_net *net, alx_device *dev, const alx_update_rule *rule)
{
    const bool fused = alx_net_get_options(net)->fuse_update;
    int left = 0;

    alx_device_collect(dev, true);
    for (int pass = 0; pass < 2; ++pass) {
        const alx_step step = { .training = true,
                                .seed = 5,
                                .images = 2 * BATCH,
                                .rule = rule,
                                .accumulate = pass > 0 && !fused };

        assert_ok(alx_net_forward(net, &step));
        assert_ok(alx_net_backward(net, &step));
    }
    assert_ok(alx_net_update(net, rule));
    assert_ok(alx_net_forward(net, &(alx_step){ .images = BATCH })); /* validation */
    alx_device_collect(dev, false);
    assert_ok(alx_device_build(dev, count_left, &left));
    return left;
}

static void kernels_of_the_rule_are_built_before(void **state)
{
    const alx_config *config = config_of(NULL);
    char index[16];
    const char *which[] = { index };

    (void)state;
    snprintf(index, sizeof index, "%d", alx_device_get_info(vec_device())->index);
    for (int variant = 0; variant < 4; ++variant) {
        const bool fuse = variant / 2 == 1, torch_form = variant % 2 == 1;
        const alx_update_rule rule = { 0.1, 0.9, 5e-3, torch_form, fuse ? 0.0 : 1.0, 0.0 };
        const alx_update_rule other = { 0.1, 0.9, 5e-3, !torch_form, 0.0, 0.0 };
        alx_device *dev = NULL;

        assert_ok(alx_devices_open(&dev, which, 1, NULL)); /* without the programs of other tests */
        alx_net *net = make_net(config, &dev, 1, fuse, &rule);
        assert_int_equal(unbuilt(net, dev, &rule), 0);
        assert_true(unbuilt(net, dev, &other) > 0);
        alx_net_free(net);
        alx_device_close(dev);
    }
    free((void *)config);
}

static void gradients_take_no_memory(void **state)
{
    alx_device *dev = vec_device();
    const alx_config *config = config_of(NULL);
    alx_net *fused = make_net(config, &dev, 1, true, &papers_form);
    alx_net *simple = make_net(config, &dev, 1, false, &papers_form);
    size_t params = 0;
    const alx_param_info *info = alx_graph_params(alx_net_graph(fused), &params);
    size_t floats = 0;
    float *gradient = NULL;

    (void)state;
    for (size_t i = 0; i < params; ++i) {
        const bool kept = info[i].bias || info[i].layer == 0;

        gradient = test_host(info[i].count);
        floats += kept ? 0 : info[i].count;
        assert_int_equal(alx_net_get_param(fused, i, ALX_PARAM_GRADIENT, gradient),
                         kept ? 0 : ALX_E_USAGE);
        assert_ok(alx_net_get_param(simple, i, ALX_PARAM_GRADIENT, gradient));
    }
    assert_true(alx_net_device_bytes(simple) - alx_net_device_bytes(fused) >=
                floats * sizeof(float));
    alx_net_free(fused);
    alx_net_free(simple);
    free((void *)config);
}

static void what_wants_the_gradient_is_refused(void **state)
{
    alx_device *dev = vec_device();
    const alx_config *config = config_of(NULL);
    alx_net *net = make_net(config, &dev, 1, true, &papers_form);
    const alx_update_rule rule = { .lr = 0.1 }, clips = { .lr = 0.1, .clip_norm = 1.0 };
    const alx_step steps[] = {
        { .training = true, .images = BATCH },
        { .training = true, .images = BATCH, .rule = &clips },
        { .training = true, .images = 2 * BATCH, .rule = &rule, .accumulate = true },
    };
    alx_train_config train = { .grad_accum = 1 };

    (void)state;
    feed(net);
    for (size_t i = 0; i < ALX_COUNT(steps); ++i) {
        assert_ok(alx_net_forward(net, &steps[i]));
        assert_int_equal(alx_net_backward(net, &steps[i]), ALX_E_USAGE);
    }
    assert_true(alx_update_can_fuse(&train));
    train.grad_accum = 2;
    assert_false(alx_update_can_fuse(&train));
    train = (alx_train_config){ .grad_accum = 1, .batch_size = 8, .shards = 1 };
    assert_true(alx_update_can_fuse(&train));
    train.shards = 2;
    assert_false(alx_update_can_fuse(&train));
    train = (alx_train_config){ .grad_accum = 1, .clip_norm = 1.0 };
    assert_false(alx_update_can_fuse(&train));
    alx_net_free(net);
    free((void *)config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(bits_are_those_of_the_simple_path),
        test_on_device(bits_are_those_of_tile_too),
        TEST_ON_PAIR(bits_are_the_same_on_two_devices, TEST_PAIR_TWICE),
        TEST_ON_PAIR(bits_are_the_same_on_two_devices, TEST_PAIR_CONTEXTS),
        TEST_ON_PAIR(bits_are_the_same_on_two_devices, TEST_PAIR_CORES),
        test_on_device(kernels_of_the_rule_are_built_before),
        test_on_device(gradients_take_no_memory),
        test_on_device(what_wants_the_gradient_is_refused),
    };

    test_pair_two_pocl_devices();
    return cmocka_run_group_tests_name("fused update", tests, NULL, test_device_close);
}
