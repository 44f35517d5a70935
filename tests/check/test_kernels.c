/* test_kernels.c - alx_check_kernels and alx_check_gradient: right kernels pass; of one that is a
 * little wrong its own lines fail, with the error that was put in. */
#include "alexnet/dev/check.h"

#include <stdlib.h>
#include <string.h>

#include "support/device.h"
#include "support/kernels.h"

#define MOST_LINES 64

typedef struct lines {
    alx_check_line line[MOST_LINES];
    size_t count;
    alx_check_total total;
} lines;

static void keep_line(const alx_check_line *line, void *user)
{
    lines *all = user;

    assert_true(all->count < MOST_LINES);
    all->line[all->count++] = *line;
}

typedef int check_function(alx_check_total *total, const alx_check_options *options);

static lines run(check_function *check, const char *only)
{
    alx_device *dev = test_device();
    lines all = { .count = 0 };
    const alx_check_options options = { .devs = &dev,
                                        .dev_count = 1,
                                        .quick = true,
                                        .only = only,
                                        .on_line = keep_line,
                                        .user = &all };

    assert_ok(check(&all.total, &options));
    assert_int_equal(all.total.lines, all.count);
    assert_memory_equal(all.total.list, all.line, all.count * sizeof *all.line);
    free(all.total.list); /* the numbers stay */
    all.total.list = NULL;
    return all;
}

/* With kernels of a folder, which a device reads when it first needs them. */
static lines run_with(const test_folder *kernels, check_function *check, const char *only)
{
    lines all;

    test_device_close(NULL);
    setenv("ALEXNET_CL_DIR", kernels->path, 1);
    all = run(check, only);
    unsetenv("ALEXNET_CL_DIR");
    test_device_close(NULL);
    return all;
}

static void right_kernels_pass(void **state)
{
    static const char *const names[] = { "tanh", "scale", "grad-bias" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        const lines all = run(alx_check_kernels, names[i]);

        assert_int_equal(all.count, 1);
        assert_int_equal(all.total.failed, 0);
        assert_string_equal(all.line[0].name, names[i]);
        assert_false(all.line[0].fails);
        assert_true(all.line[0].count > 0);
        assert_true(all.line[0].error <= all.line[0].limit);
    }
}

static void a_wrong_kernel_fails_by_its_error(void **state)
{
    test_folder kernels = test_kernels_create("activation.cl", "TANH_VALUE(x) tanh(x)",
                                              "TANH_VALUE(x) (0.99f * tanh(x))");

    (void)state;
    const lines wrong = run_with(&kernels, alx_check_kernels, "tanh");
    const lines other = run_with(&kernels, alx_check_kernels, "sigmoid");

    test_folder_remove(&kernels);
    assert_int_equal(wrong.total.failed, 1);
    assert_true(wrong.line[0].fails);
    assert_true(wrong.line[0].error > 0.009 && wrong.line[0].error < 0.011);
    assert_int_equal(other.total.failed, 0);
}

static void gradients_equal_differences(void **state)
{
    const lines all = run(alx_check_gradient, NULL);

    (void)state;
    assert_true(all.count > 0);
    assert_int_equal(all.total.failed, 0);
}

static void a_wrong_gradient_is_no_difference(void **state)
{
    test_folder kernels = test_kernels_create("activation.cl", "((g) * (ONE - (y) * (y)))",
                                              "((g) * (1.01f - (y) * (y)))");

    (void)state;
    const lines all = run_with(&kernels, alx_check_gradient, NULL);

    test_folder_remove(&kernels);
    assert_true(all.total.failed > 0);
}

static void an_unknown_line_is_refused_with_the_names(void **state)
{
    (void)state;
    assert_ok(alx_check_only("tanh"));
    assert_ok(alx_check_only(ALX_CHECK_GRADIENT));
    assert_int_equal(alx_check_only("tahn"), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "| sigmoid |"));
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "not 'tahn'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(right_kernels_pass),
        test_on_device(a_wrong_kernel_fails_by_its_error),
        test_on_device(gradients_equal_differences),
        test_on_device(a_wrong_gradient_is_no_difference),
        cmocka_unit_test(an_unknown_line_is_refused_with_the_names),
    };

    return cmocka_run_group_tests_name("kernels", tests, NULL, test_device_close);
}
