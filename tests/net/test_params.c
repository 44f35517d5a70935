/* test_params.c - parameters from a reader, a piece at a time; what was made of earlier ones. */
#include "support/device.h"

#include <stdlib.h>

#include "alexnet/net.h"

/* Rows of fc2 are a tower's own, fc3 has a share of each row in both; both take several pieces. */
static const char net_text[] = "[net]\ninput = 20x20x3\nclasses = 2000\ntowers = 2\n"
                               "[conv1]\nfilters = 16\nkernel = 3\n"
                               "[fc2]\nunits = 600\n"
                               "[fc3]\nunits = classes\ntowers = input\n";

static alx_net *make_net(void)
{
    const alx_net_options options = { .batch = 1 };
    alx_device *dev = test_device();
    alx_config config;
    alx_net *net = NULL;

    assert_ok(alx_config_parse(&config, net_text, "net", NULL, 0));
    assert_ok(alx_net_create(&net, &config.net, &dev, 1, &options));
    return net;
}

/* Every element of a parameter another number that a float holds. */
typedef struct counted {
    size_t next; /* that is to be asked for */
    int pieces, fails_at;
    float *own; /* NULL: put into the room */
} counted;

static int count_up(const float **out, float *room, size_t first, size_t count, void *user)
{
    counted *c = user;
    float *to = room;

    assert_ptr_equal(*out, room);
    assert_int_equal(first, c->next);
    if (c->pieces++ == c->fails_at)
        return alx_fail(ALX_E_NUMERIC, "no more");
    if (c->own != NULL)
        *out = to = c->own;
    for (size_t i = 0; i < count; ++i)
        to[i] = (float)(first + i);
    c->next += count;
    return 0;
}

static void assert_counted(alx_net *net, size_t index, size_t count)
{
    float *got = test_host(count);

    assert_ok(alx_net_get_param(net, index, ALX_PARAM_VALUE, got));
    for (size_t i = 0; i < count; ++i)
        if (got[i] != (float)i)
            fail_msg("parameter %zu: element %zu is %g", index, i, (double)got[i]);
}

static void pieces_make_the_whole(void **state)
{
    alx_net *net = make_net();
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);

    (void)state;
    assert_int_equal(count, 6);
    assert_int_equal(params[4].dims[1], 600);
    for (size_t i = 0; i < count; ++i) {
        counted c = { .fails_at = -1, .own = i % 4 < 2 ? test_host(params[i].count) : NULL };

        assert_ok(alx_net_fill_param(net, i, ALX_PARAM_VALUE, count_up, &c));
        assert_int_equal(c.next, params[i].count);
        assert_true(c.pieces == 1 || (!params[i].bias && params[i].dim_count == 2));
        assert_true(params[i].count < 1000000 || c.pieces > 1);
        assert_counted(net, i, params[i].count);
    }
    alx_net_free(net);
}

/* With weights of that seed, kernels built beforehand. */
static const float *read_logits(alx_net *net, uint32_t seed)
{
    float *logits = test_host(2000);

    assert_ok(alx_net_init(net, seed));
    assert_ok(alx_net_build_kernels(net, NULL, NULL, NULL));
    assert_ok(
        alx_tensor_write(alx_net_input(net, 0), test_host_random(20 * 20 * 3, 3, -1.0f, 1.0f)));
    assert_ok(alx_net_set_labels(net, (const int32_t[]){ 0 }));
    assert_ok(alx_net_forward(net, &(alx_step){ .images = 1 }));
    assert_ok(alx_net_read_logits(net, logits));
    return logits;
}

/* Filters that convolutions keep are made anew. */
static void new_weights_count_at_once(void **state)
{
    alx_net *used = make_net(), *fresh = make_net();
    const float *before = read_logits(used, 1), *got = read_logits(used, 2);

    (void)state;
    assert_memory_equal(got, read_logits(fresh, 2), 2000 * sizeof(float));
    assert_memory_not_equal(got, before, 2000 * sizeof(float));
    alx_net_free(fresh);
    alx_net_free(used);
}

static void a_failure_of_the_reader_ends_it(void **state)
{
    alx_net *net = make_net();
    counted c = { .fails_at = 1 };

    (void)state;
    assert_int_equal(alx_net_fill_param(net, 2, ALX_PARAM_VALUE, count_up, &c), ALX_E_NUMERIC);
    assert_string_equal(alx_status_text(ALX_E_NUMERIC), "no more");
    assert_int_equal(c.pieces, 2);
    alx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(pieces_make_the_whole),
        test_on_device(new_weights_count_at_once),
        test_on_device(a_failure_of_the_reader_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
