/* test_text.c - files that people write, as their editors save them. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "support/folder.h"

static const char *write_bytes(const char *bytes, size_t count)
{
    test_folder_write_bytes(&test_own_folder, "text", bytes, count);
    return test_folder_path(&test_own_folder, "text");
}

/* A literal, which may hold zeros. */
#define WRITE(text) write_bytes(text, sizeof(text) - 1)

static void assert_lines(const char *path, const char *const *want, size_t count)
{
    char *text = NULL, *rest = NULL;

    assert_ok(base_text_read(&text, path, BASE_TEXT_MAX_BYTES));
    assert_int_equal(base_text_line_count(text), count);
    rest = text;
    for (size_t i = 0; i < count; ++i)
        assert_string_equal(base_text_line(&rest), want[i]);
    assert_null(base_text_line(&rest));
    free(text);
}

static void assert_refused(const char *path, const char *message)
{
    char *text = NULL;

    assert_int_equal(base_text_read(&text, path, 100), ALX_E_DATA);
    assert_null(text);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("want '%s', got '%s'", message, alx_status_text(ALX_E_DATA));
}

static void every_line_end_counts(void **state)
{
    static const char *const want[] = { "one", "", "two\twords ", "three" };

    (void)state;
    assert_lines(WRITE("one\n\ntwo\twords \nthree"), want, 4);
    assert_lines(WRITE("one\r\n\r\ntwo\twords \r\nthree\r\n"), want, 4);
    assert_lines(WRITE("one\r\rtwo\twords \rthree"), want, 4);
    assert_lines(WRITE("one\r\rtwo\twords \r\nthree\n"), want, 4);
    assert_lines(WRITE("one\r\r\n\r\r\ntwo\twords \r\r\nthree\r\r\n"), want, 4);
    assert_lines(WRITE(""), want, 0);
    assert_lines(WRITE("\n"), (const char *const[]){ "" }, 1);
    assert_lines(WRITE("caf\xe9\n"), (const char *const[]){ "caf\xe9" }, 1); /* Latin-1 */
}

static void marks_are_skipped_where_a_line_begins(void **state)
{
    static const char *const want[] = { "one", "t\xEF\xBB\xBFwo" };

    (void)state;
    assert_lines(WRITE("\xEF\xBB\xBFone\nt\xEF\xBB\xBFwo\n"), want, 2);
    assert_lines(WRITE("\xEF\xBB\xBFone\r\n\xEF\xBB\xBFt\xEF\xBB\xBFwo"), want, 2);
    assert_lines(WRITE("\xEF\xBB\xBF\xEF\xBB\xBFone\rt\xEF\xBB\xBFwo\r"), want, 2);
    assert_lines(WRITE("\xEF\xBB\xBF"), want, 0);
    assert_lines(WRITE("\xEF\xBB"), (const char *const[]){ "\xEF\xBB" }, 1);
}

/* Bytes as Python's str.encode writes them: utf-16, utf-16-be, utf-32-le, ... of "a 0\nb 1\n". */
static void wider_encodings_are_named(void **state)
{
    static const char utf16[] = "is UTF-16: save it as UTF-8", utf32[] = "is UTF-32: save it";

    (void)state;
    assert_refused(WRITE("\xFF\xFE"
                         "a\0 \0"
                         "0\0\n\0b\0 \0"
                         "1\0\n\0"),
                   utf16);
    assert_refused(WRITE("\xFE\xFF\0a\0 \0"
                         "0\0\n\0b\0 \0"
                         "1\0\n"),
                   utf16);
    assert_refused(WRITE("a\0 \0"
                         "0\0\n\0b\0 \0"
                         "1\0\n\0"),
                   utf16);
    assert_refused(WRITE("\0a\0 \0"
                         "0\0\n\0b\0 \0"
                         "1\0\n"),
                   utf16);
    assert_refused(WRITE("\x2d\x4e 0\0\n\0"), "not a text file: byte 0x00"); /* too few zeros */
    assert_refused(WRITE("\xFF\xFE\0\0a\0\0\0\n\0\0\0"), utf32);
    assert_refused(WRITE("\0\0\xFE\xFF\0\0\0a\0\0\0\n"), utf32);
    assert_refused(WRITE("a\0\0\0\n\0\0\0b\0\0\0"), utf32);
    assert_refused(WRITE("\0\0\0a\0\0\0\n\0\0\0b"), utf32);
    assert_refused(WRITE("\xFF\xFE\x2d\x4e\n\0"), utf16);
}

static void control_characters_are_no_text(void **state)
{
    (void)state;
    assert_refused(WRITE("one\ntw\0o\n"), "text: line 2: not a text file: byte 0x00");
    assert_refused(WRITE("one\r\rtw\033o\n"), "text: line 3: not a text file: byte 0x1b");
    assert_refused(WRITE("\x7f"
                         "ELF"),
                   "text: line 1: not a text file: byte 0x7f");
    assert_refused(WRITE("\x1f\x8b\x08"), "text: line 1: not a text file: byte 0x1f");
}

static void the_size_is_bounded(void **state)
{
    char bytes[101];

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    char *text = NULL;

    assert_ok(base_text_read(&text, write_bytes(bytes, 100), 100));
    assert_int_equal(strlen(text), 101);
    free(text);
    assert_refused(write_bytes(bytes, 101), "text: more than 100 bytes");
}

static void what_is_no_file_is_named(void **state)
{
    (void)state;
    assert_refused(test_own_folder.path, ": is a folder, not a file");
    assert_refused("/dev/null", "/dev/null: not a file");
    assert_refused(test_folder_path(&test_own_folder, "none"), "none: cannot be read: No such");
}

/* As a shell's <(...) is: longer than a pipe holds, and without an end until the writer is done. */
static void a_pipe_is_read_to_its_end(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "pipe");
    char *text = NULL;
    int status = 0;

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    const pid_t writer = fork();

    assert_true(writer >= 0);
    if (writer == 0) {
        FILE *file = fopen(path, "w");

        for (int i = 0; i < 200000; ++i)
            fprintf(file, "%d\r\n", i);
        _exit(fclose(file));
    }
    assert_ok(base_text_read(&text, path, BASE_TEXT_MAX_BYTES));
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    assert_int_equal(base_text_line_count(text), 200000);
    assert_string_equal(text + strlen(text) - 8, "\n199999\n");
    free(text);
}

static void blanks_are_trimmed(void **state)
{
    char line[] = " \ttwo words\t ", empty[] = " \t ";

    (void)state;
    assert_string_equal(base_text_trim(line), "two words");
    assert_string_equal(base_text_trim(empty), "");
}

/* By its first bytes, before all of it is read. */
static void a_text_is_known_by_its_head(void **state)
{
    const char *path = WRITE("a\tb\r\ncaf\xe9");
    const char *pipe = test_folder_path(&test_own_folder, "head-pipe");
    char head[8];

    (void)state;
    assert_int_equal(base_file_head(head, sizeof head, path), 8);
    assert_memory_equal(head, "a\tb\r\ncaf", 8);
    assert_int_equal(base_file_head(head, sizeof head, WRITE("abc")), 3);
    assert_int_equal(base_file_head(head, sizeof head, test_own_folder.path), 0);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(base_file_head(head, sizeof head, pipe), 0); /* and waits for no writer */
    assert_true(base_text_begins("a\tb\r\ncaf\xe9", 9));
    assert_true(base_text_begins("\xFF\xFE"
                                 "a\0",
                                 4));
    assert_true(base_text_begins("\0\0\xFE\xFF\0\0\0a", 8));
    assert_false(base_text_begins("a\0", 2));
    assert_false(base_text_begins("a\x7F", 2));
    assert_false(base_text_begins("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_end_counts),
        cmocka_unit_test(marks_are_skipped_where_a_line_begins),
        cmocka_unit_test(wider_encodings_are_named),
        cmocka_unit_test(control_characters_are_no_text),
        cmocka_unit_test(the_size_is_bounded),
        cmocka_unit_test(what_is_no_file_is_named),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
        cmocka_unit_test(blanks_are_trimmed),
        cmocka_unit_test(a_text_is_known_by_its_head),
    };
    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
