/* test_step.c - alx_check_step: what a right step is off by, and where a wrong one is found. */
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/check.h"
#include "alexnet/dev/net.h"
#include "alexnet/dev/ref.h"
#include "support/device.h"
#include "support/kernels.h"

#define BATCH 3
#define CLASSES 4

static const char text[] = "[net]\n"
                           "input = 12x12x3\n"
                           "classes = 4\n"
                           "init = he\n"
                           "[conv1]\n"
                           "filters = 6\n"
                           "kernel = 3\n"
                           "activation = tanh\n"
                           "lrn = n=3 k=2 alpha=0.5 beta=0.75\n"
                           "pool = max 2/2\n"
                           "[fc2]\n"
                           "units = 4\n";
static const int32_t labels[BATCH] = { 0, 3, 1 };

/* Observed while it makes one step. */
static alx_net *make_net(void)
{
    alx_device *dev = test_device();
    const alx_net_options options = { .batch = BATCH, .training = true };
    alx_config config;
    alx_net *net = NULL;

    assert_ok(alx_config_parse(&config, text, "test", NULL, 0));
    assert_ok(alx_net_create(&net, &config.net, &dev, 1, &options));
    assert_ok(alx_net_init(net, 1));
    float *x = test_host_random(alx_shape_count(alx_net_input(net, 0)->shape), 2, -1.0f, 1.0f);

    assert_ok(alx_tensor_write(alx_net_input(net, 0), x));
    assert_ok(alx_net_set_labels(net, labels));
    return net;
}

static void check_step(alx_check_step *check)
{
    const alx_step step = { .training = true, .images = BATCH };
    alx_net *net = make_net();

    const alx_train_check run = alx_check_step_watch(check);

    for (size_t turn = 0; turn < BATCH; ++turn) {
        run.begin(turn, run.user);
        alx_net_observe(net, run.look, run.user);
        assert_ok(alx_net_forward(net, &step));
        assert_ok(alx_net_backward(net, &step));
        alx_net_observe(net, NULL, NULL);
        if (run.judge(turn + 1, run.user) != 0)
            break;
    }
    alx_net_free(net);
}

static void a_right_step_is_near_its_twins(void **state)
{
    alx_check_step *check = NULL;

    (void)state;
    assert_ok(alx_check_step_create(&check));
    check_step(check);
    assert_ok(alx_check_step_judge(check));
    const alx_check_step_errors *errors = alx_check_step_result(check);

    for (int pass = 0; pass < 3; ++pass) {
        assert_true(errors->where[pass][0] != '\0'); /* something was compared */
        assert_true(errors->error[pass] <= alx_ref_pass_limit((alx_pass)pass));
    }
    alx_check_step_free(check);
}

static void find_wrong(const char *file, const char *from, const char *to, alx_pass pass,
                       const char *where)
{
    test_folder kernels = test_kernels_create(file, from, to);
    alx_check_step *check = NULL;

    test_device_close(NULL);
    setenv("ALEXNET_CL_DIR", kernels.path, 1);
    assert_ok(alx_check_step_create(&check));
    check_step(check);
    unsetenv("ALEXNET_CL_DIR");
    test_folder_remove(&kernels);
    assert_int_equal(alx_check_step_judge(check), ALX_E_NUMERIC);
    assert_non_null(strstr(alx_status_text(ALX_E_NUMERIC), where));
    assert_string_equal(alx_check_step_result(check)->where[pass], where);
    alx_check_step_free(check);
    test_teardown(NULL);
    test_device_close(NULL);
}

static void a_wrong_pass_is_found_with_its_place(void **state)
{
    (void)state;
    find_wrong("activation.cl", "TANH_VALUE(x) tanh(x)", "TANH_VALUE(x) (0.999f * tanh(x))",
               ALX_PASS_FORWARD, "tanh1 forward");
    find_wrong("activation.cl", "((g) * (ONE - (y) * (y)))", "((g) * (ONE - (y)))",
               ALX_PASS_GRAD_INPUT, "tanh1 grad-input");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(a_right_step_is_near_its_twins),
        test_on_device(a_wrong_pass_is_found_with_its_place),
    };

    return cmocka_run_group_tests_name("step", tests, NULL, test_device_close);
}
