/* test_observe.c - an observer sees every pass of a step once before and once after it ran, in the
 * order in which passes are listed, with the tensors that it reads and writes. */
#include "support/device.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/net.h"

#define BATCH 2
#define SIDE 9
#define MOST_SEEN 256
#define MOST_VALUES 4096

static const char text[] = "[net]\n"
                           "input = 9x9x3\n"
                           "classes = 3\n"
                           "dropout-place = input\n"
                           "towers = 2\n"
                           "init = he\n"
                           "[conv1]\n"
                           "filters = 32\n"
                           "kernel = 3\n"
                           "activation = relu\n"
                           "lrn = n=3 k=2 alpha=0.5 beta=0.75\n"
                           "pool = max 3/2\n"
                           "[conv2]\n"
                           "filters = 6\n"
                           "kernel = 3\n"
                           "pad = 1\n"
                           "sees = both\n"
                           "activation = tanh\n"
                           "[fc3]\n"
                           "units = 3\n"
                           "dropout = 0.5\n";

static const int32_t labels[BATCH] = { 2, 0 };

typedef struct sight {
    char label[48];
    bool before;
} sight;

typedef struct watcher {
    sight seen[MOST_SEEN];
    size_t count;
    const char *stop_at; /* label of the pass that the observer ends; NULL = none */
    float held[MOST_VALUES];
    int activations, products, losses; /* passes whose numbers were compared */
} watcher;

static alx_net *make_net(bool keep_outputs)
{
    alx_device *dev = test_device();
    const alx_net_options options = { .batch = BATCH,
                                      .training = true,
                                      .keep_outputs = keep_outputs };
    float images[BATCH * SIDE * SIDE * 3];
    alx_config config;
    alx_net *net = NULL;

    assert_ok(alx_config_parse(&config, text, "test", NULL, 0));
    assert_ok(alx_net_create(&net, &config.net, &dev, 1, &options));
    assert_ok(alx_net_init(net, 1));
    test_fill(images, ALX_COUNT(images), 3, -1.0f, 1.0f);
    assert_ok(alx_tensor_write(alx_net_input(net, 0), images));
    assert_ok(alx_net_set_labels(net, labels));
    return net;
}

static int run_step(alx_net *net)
{
    const alx_step step = { .training = true, .images = BATCH };
    const int rc = alx_net_forward(net, &step);

    return rc != 0 ? rc : alx_net_backward(net, &step);
}

static size_t read_tensor(float *values, const alx_tensor *tensor)
{
    const size_t count = alx_shape_count(tensor->shape);

    assert_true(count <= MOST_VALUES);
    assert_ok(alx_tensor_read(values, tensor));
    return count;
}

/* ReLU and tanh of what lay there before. */
static void compare_activation(watcher *w, const alx_observation *seen)
{
    static float y[MOST_VALUES];

    if (seen->before) {
        read_tensor(w->held, seen->x);
        return;
    }
    const size_t count = read_tensor(y, seen->y);

    for (size_t i = 0; i < count; ++i) {
        const float want = seen->work.activation == ALX_ACT_TANH ? tanhf(w->held[i])
                                                                 : fmaxf(w->held[i], 0.0f);
        assert_float_equal(y[i], want, 1e-6f);
    }
    ++w->activations;
}

/* y = x w^T + b, the weights' gradient from grad_y and x. */
static void compare_product(watcher *w, const alx_observation *seen)
{
    static float x[MOST_VALUES], y[MOST_VALUES], weights[MOST_VALUES], b[MOST_VALUES];
    const bool forward = seen->pass == ALX_PASS_FORWARD;
    const int in = (int)alx_shape_count(seen->work.in), out = seen->work.out.c;

    if (seen->before)
        return;
    read_tensor(x, seen->x);
    read_tensor(y, forward ? seen->y : seen->grad_y);
    read_tensor(weights, forward ? seen->w : seen->grad_w);
    read_tensor(b, forward ? seen->b : seen->grad_b);
    for (int o = 0; o < out; ++o) {
        double want = (double)b[o], first = 0.0;

        for (int i = 0; i < in && forward; ++i)
            want += (double)x[i] * (double)weights[(size_t)o * (size_t)in + (size_t)i];
        if (forward) {
            assert_float_equal(y[o], (float)want, 1e-4f);
            continue;
        }
        for (int n = 0; n < BATCH; ++n)
            first += (double)y[n * out + o] * (double)x[n * in];
        assert_float_equal(weights[(size_t)o * (size_t)in], (float)first, 1e-5f);
    }
    ++w->products;
}

/* Probabilities add up to 1; the gradient is theirs less 1 for the label, over the images. */
static void compare_loss(watcher *w, const alx_observation *seen)
{
    float prob[BATCH * 3], grad[BATCH * 3];
    int32_t given[BATCH];

    if (seen->before)
        return;
    assert_ok(alx_tensor_read(given, seen->labels));
    assert_memory_equal(given, labels, sizeof given);
    read_tensor(prob, seen->y);
    for (int n = 0; n < BATCH; ++n)
        assert_float_equal(prob[3 * n] + prob[3 * n + 1] + prob[3 * n + 2], 1.0f, 1e-5f);
    if (seen->pass == ALX_PASS_GRAD_INPUT) {
        read_tensor(grad, seen->grad_x);
        for (int i = 0; i < BATCH * 3; ++i)
            assert_float_equal(grad[i], (prob[i] - (float)(labels[i / 3] == i % 3)) / BATCH, 1e-6f);
    }
    ++w->losses;
}

static int watch(const alx_observation *seen, void *user)
{
    watcher *w = user;
    sight *s = &w->seen[w->count++];

    assert_true(w->count < MOST_SEEN);
    snprintf(s->label, sizeof s->label, "%s", seen->label);
    s->before = seen->before;
    if (w->stop_at != NULL && strcmp(w->stop_at, seen->label) == 0)
        return alx_fail(ALX_E_NUMERIC, "the observer has seen enough");
    if (seen->work.kind == ALX_NODE_ACTIVATION && seen->pass == ALX_PASS_FORWARD)
        compare_activation(w, seen);
    if (seen->work.kind == ALX_NODE_FC && seen->pass != ALX_PASS_GRAD_INPUT)
        compare_product(w, seen);
    if (seen->work.kind == ALX_NODE_LOSS)
        compare_loss(w, seen);
    return 0;
}

/* ---- tests --------------------------------------------------------------------------------- */

static void sees_every_pass_in_order_with_its_tensors(void **state)
{
    alx_net *net = make_net(true);
    alx_pass_info *passes = NULL;
    size_t count = 0, at = 0;
    watcher w = { 0 };

    (void)state;
    alx_net_observe(net, watch, &w);
    assert_ok(
        alx_net_build_kernels(net, NULL, NULL, NULL)); /* computes nothing, and shows nothing */
    assert_int_equal(w.count, 0);
    assert_ok(run_step(net));
    assert_ok(alx_graph_passes(&passes, &count, alx_net_graph(net), BATCH, true));
    for (size_t i = 0; i < count && strcmp(passes[i].label, "norm") != 0; ++i)
        for (int before = 1; before >= 0; --before, ++at) {
            assert_true(at < w.count);
            assert_string_equal(w.seen[at].label, passes[i].label);
            assert_int_equal(w.seen[at].before, before);
        }
    assert_int_equal(at, w.count); /* a step's update is no pass of a node */
    assert_int_equal(w.activations, 4);
    assert_int_equal(w.products, 2);
    assert_int_equal(w.losses, 2);
    free(passes);
    alx_net_free(net);
}

static void changes_no_number_and_its_error_ends_the_step(void **state)
{
    alx_net *net = make_net(false);
    watcher w = { .stop_at = "conv1.1 grad-weight" };
    float loss[BATCH], watched[BATCH];

    (void)state;
    assert_ok(run_step(net));
    assert_ok(alx_net_read_loss(net, loss, NULL));
    alx_net_observe(net, watch, &w);
    assert_int_equal(run_step(net), ALX_E_NUMERIC);
    assert_string_equal(w.seen[w.count - 1].label, "conv1.1 grad-weight");
    assert_ok(alx_net_read_loss(net, watched, NULL));
    assert_memory_equal(watched, loss, sizeof loss);
    alx_net_observe(net, NULL, NULL);
    w.count = 0;
    assert_ok(run_step(net));
    assert_int_equal(w.count, 0);
    alx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(sees_every_pass_in_order_with_its_tensors),
        test_on_device(changes_no_number_and_its_error_ends_the_step),
    };

    return cmocka_run_group_tests_name("observe", tests, NULL, test_device_close);
}
