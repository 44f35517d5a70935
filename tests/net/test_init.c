/* test_init.c - initial values: how wide, around what, of which distribution, none twice. */
#include "support/device.h"

#include <math.h>
#include <string.h>

#include "alexnet/net.h"

/* Two towers, so that conv2 reads 32 of conv1's 64 maps; fc3 is enough for several threads. */
static const char net_text[] = "[net]\n"
                               "input = 16x16x3\n"
                               "classes = 50\n"
                               "towers = 2\n"
                               "[conv1]\n"
                               "filters = 64\n"
                               "kernel = 5\n"
                               "pad = 2\n"
                               "init = he\n"
                               "[conv2]\n"
                               "filters = 96\n"
                               "kernel = 3\n"
                               "pad = 1\n"
                               "pool = max 2/2\n"
                               "init = torch\n"
                               "[fc3]\n"
                               "units = 300\n"
                               "init = torch\n"
                               "[fc4]\n"
                               "units = classes\n"
                               "init = gauss 0.02\n"
                               "bias = 0.25\n";

/* fan-in: 5 * 5 * 3 = 75 of conv1, 3 * 3 * 32 = 288 of conv2, 8 * 8 * 96 = 6144 of fc3. He: normal,
 * deviation sqrt(2 / fan-in). PyTorch: uniform within 1 / sqrt(fan-in), biases too. */
static const struct {
    const char *name;
    double reach; /* of a uniform distribution; 0: normal */
    double deviation;
} drawn[] = {
    { "conv1.weight", 0.0, 0.1632993161855452 },
    { "conv2.weight", 0.05892556509887896, 0.03402069087198858 },
    { "conv2.bias", 0.05892556509887896, 0.03402069087198858 },
    { "fc3.weight", 0.01275775907699572, 0.007365695637359871 },
    { "fc3.bias", 0.01275775907699572, 0.007365695637359871 },
    { "fc4.weight", 0.0, 0.02 },
};

/* The values of a parameter by its name. */
static const float *values_of(alx_net *net, const char *name, size_t *count)
{
    size_t params = 0, i = 0;
    const alx_param_info *info = alx_graph_params(alx_net_graph(net), &params);

    while (i < params && strcmp(info[i].name, name) != 0)
        ++i;
    assert_true(i < params);
    float *values = test_host(info[i].count);

    assert_ok(alx_net_get_param(net, i, ALX_PARAM_VALUE, values));
    *count = info[i].count;
    return values;
}

static alx_net *make_net(void)
{
    alx_device *dev = test_device();
    const alx_net_options options = { .batch = 1 };
    alx_config config;
    alx_net *net = NULL;

    assert_ok(alx_config_parse(&config, net_text, "init", NULL, 0));
    assert_ok(alx_net_create(&net, &config.net, &dev, 1, &options));
    return net;
}

/* Within five standard errors. */
static void assert_near(const char *what, const char *name, double got, double want, double error)
{
    if (!(fabs(got - want) < 5.0 * error))
        fail_msg("%s of %s is %g, want %g", what, name, got, want);
}

/* Moments, and what is beyond two deviations: 4.55 % of a normal distribution. */
static void assert_distribution(const float *values, size_t count, size_t row)
{
    const char *name = drawn[row].name;
    const double deviation = drawn[row].deviation, n = (double)count;
    double sum = 0.0, squares = 0.0, reach = 0.0, beyond = 0.0;

    for (size_t i = 0; i < count; ++i) {
        const double value = (double)values[i];

        sum += value;
        squares += value * value;
        reach = fmax(reach, fabs(value));
        beyond += fabs(value) > 2.0 * deviation;
    }
    assert_near("the mean", name, sum / n, 0.0, deviation / sqrt(n));
    assert_near("the deviation", name, sqrt(squares / n), deviation, deviation / sqrt(2.0 * n));
    if (drawn[row].reach > 0.0)
        assert_true(reach <= drawn[row].reach * (1.0 + 1e-6) && reach > 0.95 * drawn[row].reach);
    else
        assert_near("what is beyond two deviations", name, beyond / n, 0.0455,
                    sqrt(0.0455 * 0.9545 / n));
}

static void values_are_of_their_distribution(void **state)
{
    alx_net *net = make_net();
    size_t count = 0;

    (void)state;
    assert_ok(alx_net_init(net, 3));
    for (size_t row = 0; row < ALX_COUNT(drawn); ++row) {
        const float *values = values_of(net, drawn[row].name, &count);

        assert_distribution(values, count, row);
    }
    const float *zero = values_of(net, "conv1.bias", &count);

    for (size_t i = 0; i < count; ++i)
        assert_true(zero[i] == 0.0f);
    const float *quarter = values_of(net, "fc4.bias", &count);

    for (size_t i = 0; i < count; ++i)
        assert_true(quarter[i] == 0.25f);
    alx_net_free(net);
}

static double correlation(const float *a, const float *b, size_t count)
{
    double ab = 0.0, aa = 0.0, bb = 0.0;

    for (size_t i = 0; i < count; ++i) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb);
}

static void no_values_come_twice(void **state)
{
    alx_net *net = make_net();
    size_t count = 0;

    (void)state;
    assert_ok(alx_net_init(net, 3));
    const float *conv1 = values_of(net, "conv1.weight", &count);
    const float *fc4 = values_of(net, "fc4.weight", &count);
    const float *fc3 = values_of(net, "fc3.weight", &count);

    assert_near("the correlation", "conv1 and fc4", correlation(conv1, fc4, 4800), 0.0,
                1.0 / sqrt(4800.0));
    for (size_t apart = 1; apart < count; apart = 3 * apart + 1) /* 1, 4, 13, 40 ... */
        assert_near("the correlation", "fc3 and itself moved",
                    correlation(fc3, fc3 + apart, count - apart), 0.0,
                    1.0 / sqrt((double)(count - apart)));
    for (size_t part = 2; part <= 8; ++part) /* where another thread may begin */
        assert_near("the correlation", "parts of fc3",
                    correlation(fc3, fc3 + count / part, count / 8), 0.0,
                    1.0 / sqrt((double)(count / 8)));
    assert_ok(alx_net_init(net, 4));
    assert_near("the correlation", "two seeds",
                correlation(fc3, values_of(net, "fc3.weight", &count), count), 0.0,
                1.0 / sqrt((double)count));
    assert_ok(alx_net_init(net, 3));
    assert_memory_equal(fc3, values_of(net, "fc3.weight", &count), count * sizeof *fc3);
    alx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(values_are_of_their_distribution),
        test_on_device(no_values_come_twice),
    };

    return cmocka_run_group_tests_name("init", tests, NULL, test_device_close);
}
