/* test_wrap.c - text broken into lines: where lines end, and where the next ones begin. */
#include "base/wrap.h"
#include "support/test.h"

#include <stdlib.h>

static void assert_wrapped(const char *text, int at, int indent, int columns, const char *want)
{
    char *got = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&got, &bytes);

    assert_non_null(out);
    base_wrap(out, text, at, indent, columns);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(got, want);
    free(got);
}

static void lines_are_as_long_as_they_may(void **state)
{
    (void)state;
    assert_wrapped("one two three", 0, 0, 13, "one two three\n");
    assert_wrapped("one two three", 0, 0, 12, "one two\nthree\n");
    assert_wrapped("one two three", 0, 0, 7, "one two\nthree\n");
    assert_wrapped("one two three", 0, 0, 6, "one\ntwo\nthree\n");
    assert_wrapped("one\ntwo   three", 0, 0, 99, "one two three\n");
    assert_wrapped("", 0, 0, 9, "\n");
}

static void a_word_that_fits_nowhere_is_left_whole(void **state)
{
    (void)state;
    assert_wrapped("a longer-than-all b", 0, 0, 5, "a\nlonger-than-all\nb\n");
    assert_wrapped("longer-than-all", 2, 2, 5, "longer-than-all\n");
}

/* What stands before `at` is the caller's. */
static void later_lines_are_indented(void **state)
{
    (void)state;
    assert_wrapped("one two three", 4, 4, 11, "one two\n    three\n");
    assert_wrapped("one two three", 8, 4, 12, " one\n    two\n    three\n");
    assert_wrapped("one two three", 8, 2, 11, "\n  one two\n  three\n");
}

static void a_message_goes_on_under_its_text(void **state)
{
    char out[64];

    (void)state;
    base_fold(out, sizeof out, "run   one two  three", 6, 13);
    assert_string_equal(out, "run   one two\n       three"); /* of two blanks one is the line's */
    base_fold(out, sizeof out, "run   one two  three", 6, 20);
    assert_string_equal(out, "run   one two  three");
    base_fold(out, sizeof out, "run   onetwothree four", 6, 9);
    assert_string_equal(out, "run   onetwothree\n      four");
    base_fold(out, 16, "run   one two three", 6, 99);
    assert_string_equal(out, "run   on");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_as_long_as_they_may),
        cmocka_unit_test(a_word_that_fits_nowhere_is_left_whole),
        cmocka_unit_test(later_lines_are_indented),
        cmocka_unit_test(a_message_goes_on_under_its_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
