/* test_split.c - one network on two devices: the same bits as on one where the devices are of a
 * kind, the same numbers where they are not; what crosses is what is said to cross. */
#include "support/pair.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/net.h"
#include "alexnet/net.h"

#define BATCH 8
#define STEPS 20
#define SIDE 21
#define INPUT_COUNT ((size_t)BATCH * SIDE * SIDE * 3)

/* Towers that meet before a convolution and before every fully connected layer. The first meeting
 * is cut into chunks, the second, whose maps are odd, is not. */
static const char config_text[] = "[net]\n"
                                  "input = 21x21x3\n"
                                  "classes = 10\n"
                                  "towers = 2\n"
                                  "init = he\n"
                                  "[conv1]\n"
                                  "filters = 32\n"
                                  "kernel = 5\n"
                                  "stride = 2\n"
                                  "lrn = n=3 k=2 alpha=0.05 beta=0.75\n"
                                  "pool = max 3/2\n"
                                  "[conv2]\n"
                                  "filters = 64\n"
                                  "kernel = 3\n"
                                  "pad = 1\n"
                                  "sees = both\n"
                                  "[conv3]\n"
                                  "filters = 12\n"
                                  "kernel = 3\n"
                                  "pad = 1\n"
                                  "sees = own\n"
                                  "[conv4]\n"
                                  "filters = 10\n"
                                  "kernel = 3\n"
                                  "pad = 1\n"
                                  "sees = both\n"
                                  "pool = max 2/2\n"
                                  "[fc5]\n"
                                  "units = 30\n"
                                  "dropout = 0.5\n"
                                  "[fc6]\n"
                                  "units = 30\n"
                                  "dropout = 0.5\n"
                                  "[fc7]\n"
                                  "units = classes\n";

typedef struct run {
    float losses[STEPS][BATCH];
    double norm;
    float *values; /* of every parameter: value, gradient, momentum; then the stages kept */
    size_t param_count, count; /* floats: without the stages; with them */
} run;

static alx_config *config_with(const char *const *overrides, size_t count)
{
    alx_config *config = (alx_config *)(void *)test_host(sizeof *config / sizeof(float) + 1);

    assert_ok(alx_config_parse(config, config_text, "test", overrides, count));
    return config;
}

static alx_config *config_of(const char *override)
{
    return config_with(&override, override != NULL);
}

static void read_all(run *out, alx_net *net)
{
    size_t param_count = 0, stage_count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &param_count);
    const alx_layer_info *stages = alx_graph_layers(alx_net_graph(net), &stage_count);
    const char *bad = NULL;

    assert_ok(alx_net_read_grad_norm(net, &out->norm, &bad));
    assert_null(bad);
    for (size_t i = 0; i < param_count; ++i)
        out->count += 3 * params[i].count;
    out->param_count = out->count;
    for (size_t i = 0; i < stage_count; ++i)
        out->count += alx_net_has_output(net, i) ? BATCH * alx_shape_count(stages[i].whole) : 0;
    float *next = out->values = test_host(out->count);
    for (size_t i = 0; i < param_count; ++i)
        for (int what = ALX_PARAM_VALUE; what <= ALX_PARAM_MOMENTUM; ++what) {
            assert_ok(alx_net_get_param(net, i, (alx_param_what)what, next));
            next += params[i].count;
        }
    for (size_t i = 0; i < stage_count; ++i) {
        if (!alx_net_has_output(net, i))
            continue;
        assert_ok(alx_net_read_output(net, i, next));
        next += BATCH * alx_shape_count(stages[i].whole);
    }
}

static alx_net *make_net_of(const alx_config *config, alx_device *const *devs, int dev_count,
                            const alx_net_options *options)
{
    alx_net *net = NULL;

    assert_ok(alx_net_create(&net, &config->net, devs, dev_count, options));
    assert_ok(alx_net_init(net, 7));
    assert_ok(alx_net_build_kernels(net, NULL, NULL, NULL));
    return net;
}

static alx_net *make_net(const alx_config *config, alx_device *const *devs, int dev_count,
                         bool keep_outputs)
{
    const alx_net_options options = { .batch = BATCH,
                                      .training = true,
                                      .keep_outputs = keep_outputs };

    return make_net_of(config, devs, dev_count, &options);
}

/* Two passes an update, dropout, clipping in all updates but the first ones. */
static void train_steps(run *out, alx_net *net, int first, int end)
{
    const float *images = test_host_random(2 * INPUT_COUNT, 3, -1.0f, 1.0f);

    for (int i = first; i < end; ++i) {
        for (int pass = 0; pass < 2; ++pass) {
            const alx_step step = { .training = true,
                                    .seed = 5,
                                    .step = (uint32_t)i,
                                    .image0 = pass * BATCH,
                                    .images = 2 * BATCH,
                                    .accumulate = pass > 0 };
            int32_t labels[BATCH];

            for (int n = 0; n < BATCH; ++n)
                labels[n] = (n * 7 + pass) % 10;
            for (int dev = 0; dev < alx_net_dev_count(net); ++dev)
                assert_ok(
                    alx_tensor_write(alx_net_input(net, dev), images + (size_t)pass * INPUT_COUNT));
            assert_ok(alx_net_set_labels(net, labels));
            assert_ok(alx_net_forward(net, &step));
            assert_ok(alx_net_backward(net, &step));
        }
        assert_ok(alx_net_read_loss(net, out->losses[i], NULL));
        assert_ok(alx_net_update(
            net, &(alx_update_rule){ 0.05, 0.9, 5e-4, false, i < 3 ? 0.0 : 0.5, 0.0 }));
    }
}

static run train_and_free(alx_net *net, int steps)
{
    run out = { .count = 0 };

    train_steps(&out, net, 0, steps);
    read_all(&out, net);
    alx_net_free(net);
    return out;
}

static run train_on(const alx_config *config, alx_device *const *devs, int dev_count,
                    bool keep_outputs, int steps)
{
    return train_and_free(make_net(config, devs, dev_count, keep_outputs), steps);
}

static void hand_over(alx_net *to, alx_net *from)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(from), &count);

    for (size_t i = 0; i < count; ++i) {
        float *data = test_host(params[i].count);

        for (int what = 0; what < 2; ++what) {
            const alx_param_what which = what == 0 ? ALX_PARAM_VALUE : ALX_PARAM_MOMENTUM;

            assert_ok(alx_net_get_param(from, i, which, data));
            assert_ok(alx_net_set_param(to, i, which, data));
        }
    }
}

static bool same_kind(alx_device *pair[2])
{
    return strcmp(alx_device_get_info(pair[0])->platform, alx_device_get_info(pair[1])->platform) ==
           0;
}

static void assert_same_bits(const run *got, const run *want)
{
    assert_memory_equal(got->losses, want->losses, sizeof got->losses);
    assert_memory_equal(got->values, want->values, want->param_count * sizeof(float));
    assert_true(got->norm == want->norm);
}

/* Every output, gradient, momentum and weight after 20 updates; then with nothing kept, so that
 * memory is shared as the plan sees fit: a tensor that is overwritten before it has been sent, or
 * read before it has come, would show in the weights. */
static void two_devices_equal_one(alx_device *pair[2])
{
    const alx_config *config = config_of(NULL);
    alx_device *one = test_device();
    const int steps = same_kind(pair) ? STEPS : 2;
    const run want = train_on(config, &one, 1, true, steps);
    const run got = train_on(config, pair, 2, true, steps);
    const run shared = train_on(config, pair, 2, false, steps);

    assert_int_equal(got.count, want.count);
    assert_same_bits(&shared, &got);
    if (same_kind(pair)) {
        assert_same_bits(&got, &want);
        assert_memory_equal(got.values, want.values, want.count * sizeof(float));
    } else {
        test_assert_rel_max("losses", got.losses[0], want.losses[0], 2 * BATCH, 1e-5);
        test_assert_rel_max("all", got.values, want.values, got.count, 1e-4);
    }
}

static void other_networks_are_equal_too(alx_device *pair[2])
{
    static const char *const overrides[] = { "net.dropout-place=input", "conv1.freeze=yes",
                                             "conv4.sees=own",          "conv2.filters=20",
                                             "fc7.towers=input",        "fc5.towers=input" };
    alx_device *one = test_device();

    for (size_t i = 0; i < ALX_COUNT(overrides); ++i) {
        const alx_config *config = config_of(overrides[i]);
        const run want = train_on(config, &one, 1, false, 5);
        const run got = train_on(config, pair, 2, false, 5);

        print_message("%s\n", overrides[i]);
        assert_same_bits(&got, &want);
    }
}

/* For conv2's 10 x 10 pixels tiles pay from 7 images on: all 8 at once, not in chunks of 2 or 4. */
static void chunks_too_small_for_tiles_are_equal_too(alx_device *pair[2])
{
    static const char *const overrides[] = { "conv1.pad=1", "conv1.filters=128", "conv1.pool=off",
                                             "conv2.filters=256" };
    const alx_config *config = config_with(overrides, ALX_COUNT(overrides));
    const alx_net_options options = { .batch = BATCH,
                                      .training = true,
                                      .algorithms = { .conv = ALX_CONV_TILE_WINOGRAD } };
    alx_device *one = test_device();
    const run want = train_and_free(make_net_of(config, &one, 1, &options), 1);
    const run got = train_and_free(make_net_of(config, pair, 2, &options), 1);

    assert_same_bits(&got, &want);
}

/* The same sums in another order: fc7 in tower 0, or divided by its inputs. */
static void the_last_layer_may_be_divided_by_input(alx_device *pair[2])
{
    const run want = train_on(config_of(NULL), pair, 2, true, 2);
    const run got = train_on(config_of("fc7.towers=input"), pair, 2, true, 2);

    test_assert_rel_max("losses", got.losses[0], want.losses[0], 2 * BATCH, 1e-6);
    test_assert_rel_max("parameters", got.values, want.values, want.param_count, 1e-5);
    assert_int_equal(got.count, want.count + BATCH * 10 - BATCH * 30); /* a sum for a gather */
}

/* Parameters and momentum leave one run and go on in another, on another number of devices. */
static void a_run_goes_on_on_another_number_of_devices(alx_device *pair[2])
{
    const alx_config *config = config_of(NULL);
    alx_device *one = test_device();

    const run want = train_on(config, &one, 1, false, STEPS);
    for (int first = 1; first <= 2; ++first) {
        alx_net *nets[2] = { make_net(config, pair, first, false),
                             make_net(config, pair, 3 - first, false) };
        run got = { .count = 0 };

        train_steps(&got, nets[0], 0, STEPS / 2);
        hand_over(nets[1], nets[0]);
        train_steps(&got, nets[1], STEPS / 2, STEPS);
        read_all(&got, nets[1]);
        assert_same_bits(&got, &want);
        alx_net_free(nets[0]);
        alx_net_free(nets[1]);
    }
}

/* What the profile counts in three steps is what is said to cross in one, three times. */
static void the_profile_counts_what_crosses(alx_device *pair[2])
{
    const alx_config *config = config_of(NULL);
    alx_transfer_info list[ALX_MAX_TRANSFERS];
    run out = { .count = 0 };

    for (int i = 0; i < 2; ++i)
        assert_ok(alx_profile_start(pair[i]));
    alx_net *net = make_net(config, pair, 2, false);
    const size_t count = alx_graph_transfers(list, alx_net_graph(net), BATCH, true);

    train_steps(&out, net, 0, 3); /* two passes each, no clipping yet */
    for (int dev = 0; dev < 2; ++dev) {
        alx_profile_row *rows = NULL;
        size_t row_count = 0;

        assert_ok(alx_profile_take(pair[dev], &rows, &row_count));
        for (size_t i = 0; i < count; ++i) {
            size_t bytes = 0;

            for (size_t r = 0; r < row_count; ++r)
                if (rows[r].transfer && strcmp(rows[r].label, list[i].name) == 0)
                    bytes += rows[r].bytes;
            assert_int_equal(bytes, list[i].to == dev ? 2 * 3 * list[i].bytes : 0);
        }
        free(rows);
    }
    alx_net_free(net);
}

static void networks_that_cannot_be_split_say_why(void **state)
{
    static const struct {
        const char *override, *says;
    } cases[] = {
        { "net.lrn-across-towers=yes", "layer conv1: its normalisation reads across the towers" },
        { "conv2.sees=both", NULL },
    };
    alx_device *devs[] = { test_device(), test_device() };
    const alx_net_options options = { .batch = BATCH };
    alx_net *net = NULL;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const int rc = alx_net_create(&net, &config_of(cases[i].override)->net, devs, 2, &options);

        assert_int_equal(rc, cases[i].says != NULL ? ALX_E_USAGE : 0);
        if (rc != 0)
            assert_non_null(strstr(alx_status_text(rc), cases[i].says));
        alx_net_free(net);
    }
    alx_config *half = config_of(NULL);

    assert_ok(alx_config_read(half, "half", NULL, 0));
    assert_int_equal(alx_net_create(&net, &half->net, devs, 2, &options), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "layer conv1: has one tower"));
}

/* The specification's table (section 2) at batch 128, both ways of each layer. */
static void the_paper_crosses_as_specified(void **state)
{
    static const struct {
        const char *name;
        size_t bytes;
    } want[] = {
        { "conv3 forward 0>1", 11075584 },  { "conv3 forward 1>0", 11075584 },
        { "conv3 backward 1>0", 11075584 }, { "conv3 backward 0>1", 11075584 },
        { "fc6 forward 0>1", 2359296 },     { "fc6 forward 1>0", 2359296 },
        { "fc6 backward 1>0", 2359296 },    { "fc6 backward 0>1", 2359296 },
        { "fc7 forward 0>1", 1048576 },     { "fc7 forward 1>0", 1048576 },
        { "fc7 backward 1>0", 1048576 },    { "fc7 backward 0>1", 1048576 },
        { "fc8 forward 1>0", 1048576 },     { "fc8 backward 0>1", 1048576 },
    };
    alx_config *config = config_of(NULL);
    alx_transfer_info list[ALX_MAX_TRANSFERS];
    alx_graph *graph = NULL;
    size_t total = 0;

    (void)state;
    assert_ok(alx_config_read(config, "paper", NULL, 0));
    assert_ok(alx_graph_create(&graph, &config->net));
    assert_int_equal(alx_graph_transfers(list, graph, 128, true), ALX_COUNT(want));
    for (size_t i = 0; i < ALX_COUNT(want); ++i) {
        assert_string_equal(list[i].name, want[i].name);
        assert_int_equal(list[i].bytes, want[i].bytes);
        total += list[i].bytes;
    }
    assert_int_equal(total, 60030976);
    assert_int_equal(alx_graph_transfers(list, graph, 128, false), ALX_COUNT(want) / 2);
    alx_graph_free(graph);
}

/* Its option (b): partial scores and their gradients, 1000 floats an image. */
static void the_last_layer_divided_by_input_crosses_as_specified(void **state)
{
    static const char *const override = "fc8.towers=input";
    alx_config *config = config_of(NULL);
    alx_transfer_info list[ALX_MAX_TRANSFERS];
    alx_graph *graph = NULL;

    (void)state;
    assert_ok(alx_config_read(config, "paper", &override, 1));
    assert_ok(alx_graph_create(&graph, &config->net));
    assert_int_equal(alx_graph_transfers(list, graph, 128, true), 14);
    assert_string_equal(list[12].name, "fc8 forward 1>0");
    assert_int_equal(list[12].bytes, 512000);
    assert_string_equal(list[13].name, "fc8 backward 0>1");
    assert_int_equal(list[13].bytes, 512000);
    alx_graph_free(graph);
}

/* Each device holds its own tower: the specification's parameters, fc8 whole and by input. */
static void parameters_live_once(void **state)
{
    static const struct {
        const char *override;
        size_t parameters[2];
    } want[] = {
        { "fc8.towers=whole", { 32531112, 28434112 } },
        { "fc8.towers=input", { 30483112, 30482112 } },
    };
    const alx_net_options options = { .batch = 1,
                                      .training = true,
                                      .algorithms = { .conv = ALX_CONV_IM2COL,
                                                      .gemm = ALX_GEMM_CLBLAST } };
    alx_config *config = config_of(NULL);
    alx_memory_plan plans[ALX_MAX_TOWERS];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(want); ++i) {
        assert_ok(alx_config_read(config, "paper", &want[i].override, 1));
        assert_ok(alx_net_memory(plans, &config->net, NULL, 2, &options));
        for (int dev = 0; dev < 2; ++dev) {
            const size_t bytes = 4 * want[i].parameters[dev];

            assert_in_range(plans[dev].parameters, bytes, bytes + 16 * 128); /* rounded up */
            assert_int_equal(plans[dev].gradients, plans[dev].parameters);
            assert_int_equal(plans[dev].momentum, plans[dev].parameters);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_pairs(two_devices_equal_one),
        TEST_ON_PAIR(other_networks_are_equal_too, TEST_PAIR_TWICE),
        TEST_ON_PAIR(chunks_too_small_for_tiles_are_equal_too, TEST_PAIR_TWICE),
        TEST_ON_PAIR(the_last_layer_may_be_divided_by_input, TEST_PAIR_TWICE),
        TEST_ON_PAIR(the_last_layer_may_be_divided_by_input, TEST_PAIR_PLATFORMS),
        TEST_ON_PAIR(a_run_goes_on_on_another_number_of_devices, TEST_PAIR_CONTEXTS),
        TEST_ON_PAIR(the_profile_counts_what_crosses, TEST_PAIR_TWICE),
        TEST_ON_PAIR(the_profile_counts_what_crosses, TEST_PAIR_CONTEXTS),
        test_on_device(networks_that_cannot_be_split_say_why),
        test_on_device(the_paper_crosses_as_specified),
        test_on_device(the_last_layer_divided_by_input_crosses_as_specified),
        test_on_device(parameters_live_once),
    };

    test_pair_two_pocl_devices();
    return cmocka_run_group_tests_name("split", tests, NULL, test_device_close);
}
