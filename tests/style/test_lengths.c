/* test_lengths.c - no line over 100 columns, no file over 500 lines (kernels: 300). */
#include "support/test.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>

enum { MAX_COLUMNS = 100, MAX_LINES = 500, MAX_KERNEL_LINES = 300 };

/* Characters, not bytes: UTF-8 continues with 10xxxxxx. */
static int line_columns(const char *line, size_t bytes)
{
    int columns = 0;

    for (size_t i = 0; i < bytes; ++i)
        columns += ((unsigned char)line[i] & 0xC0) != 0x80;
    return columns;
}

static int path_max_lines(const char *path)
{
    return strncmp(path, "cl/", 3) == 0 ? MAX_KERNEL_LINES : MAX_LINES;
}

static int check_lengths(const char *path, const char *text)
{
    int wrong = 0, lines = 0;

    for (const char *line = text; *line != '\0'; ++lines) {
        const size_t bytes = strcspn(line, "\n");
        const int columns = line_columns(line, bytes);

        if (columns > MAX_COLUMNS) {
            print_error("%s:%d: %d columns\n", path, lines + 1, columns);
            ++wrong;
        }
        line += bytes + (line[bytes] == '\n');
    }
    if (lines > path_max_lines(path)) {
        print_error("%s: %d lines, split it above %d\n", path, lines, path_max_lines(path));
        ++wrong;
    }
    return wrong;
}

static void lines_and_files_are_short(void **state)
{
    static const char *const folders[] = { "include", "src", "cl", "tests", "tools" };
    static const char *const endings[] = { ".c", ".h", ".cl", ".clh", ".cmake", ".sh", NULL };
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(folders); ++i)
        wrong += test_tree_visit(folders[i], endings, check_lengths);
    assert_int_equal(wrong, 0);
}

static void the_check_sees_what_is_long(void **state)
{
    char text[2 * MAX_LINES];

    (void)state;
    memset(text, 'x', sizeof text);
    text[100] = '\0';
    assert_int_equal(check_lengths("src/a.c", text), 0);
    memcpy(text + 98, "\xC3\xA9y", 4); /* e with an accent: two bytes, one column */
    assert_int_equal(check_lengths("src/a.c", text), 0);
    memcpy(text + 98, "xxx\n", 5);
    assert_int_equal(check_lengths("src/a.c", text), 1);
    memset(text, '\n', sizeof text);
    text[MAX_KERNEL_LINES] = '\0';
    assert_int_equal(check_lengths("cl/a.cl", text), 0);
    text[MAX_KERNEL_LINES] = '\n';
    text[MAX_KERNEL_LINES + 1] = '\0';
    assert_int_equal(check_lengths("cl/a.cl", text), 1);
    assert_int_equal(check_lengths("src/a.c", text), 0);
    text[MAX_KERNEL_LINES + 1] = '\n';
    text[MAX_LINES + 1] = '\0';
    assert_int_equal(check_lengths("src/a.c", text), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_sees_what_is_long),
        cmocka_unit_test(lines_and_files_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
