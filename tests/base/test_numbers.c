/* test_numbers.c - numbers have a decimal point in a process whose locale has a comma, which the
 * process keeps. */
#include "base/numbers.h"
#include "support/folder.h"
#include "support/locale.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"

static int plain(void **state)
{
    (void)state;
    test_locale_plain();
    return 0;
}

static void assert_comma(void)
{
    char text[16];

    snprintf(text, sizeof text, "%g", 0.5);
    assert_string_equal(text, "0,5");
}

static void numbers_are_read_and_printed(void **state)
{
    char text[16], *end = NULL;

    (void)state;
    test_locale_comma();
    assert_comma();
    assert_int_equal(base_print(text, sizeof text, "%g %.2f", 0.5, 1e6), 14);
    assert_string_equal(text, "0.5 1000000.00");
    assert_true(base_number_read("2.5e-1,7", &end) == 0.25);
    assert_string_equal(end, ",7");
    assert_comma();
}

static void files_too(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "numbers");
    char *text = NULL;
    size_t bytes = 0;

    (void)state;
    test_locale_comma();
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(base_print_file(file, "%.3f\n", -1.0625), 7);
    assert_int_equal(fclose(file), 0);
    assert_ok(base_file_read(&text, &bytes, path));
    assert_string_equal(text, "-1.062\n");
    free(text);
    assert_comma();
}

static void keep(enum alx_log_level level, const char *text, void *user)
{
    (void)level;
    snprintf(user, 64, "%s", text);
}

static void messages_too(void **state)
{
    char said[64] = "";

    (void)state;
    test_locale_comma();
    assert_int_equal(alx_fail(ALX_E_DATA, "rate %g", 0.01), ALX_E_DATA);
    assert_int_equal(alx_fail_context(ALX_E_DATA, "epoch %.1f", 1.5), ALX_E_DATA);
    assert_int_equal(alx_fail_hint(ALX_E_DATA, "; try %g", 0.001), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), "epoch 1.5: rate 0.01; try 0.001");
    alx_log_set_level(ALX_LOG_INFO);
    alx_log_set_sink(keep, said);
    alx_info("loss %.3f", 2.25);
    alx_log_set_sink(NULL, NULL);
    assert_string_equal(said, "loss 2.250");
    assert_comma();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(numbers_are_read_and_printed, plain),
        cmocka_unit_test_teardown(files_too, plain),
        cmocka_unit_test_teardown(messages_too, plain),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
