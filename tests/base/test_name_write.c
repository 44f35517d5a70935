/* test_name_write.c - names of any bytes leave as UTF-8 and come back; comma-separated values. */
#include "base/name_write.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `valid`: Python 3.11 decodes the name as UTF-8; `data`: name.decode("utf-8", "backslashreplace"),
 * but for the names that look like escapes themselves, which Python would confuse. */
static const struct {
    bool valid;
    const char *name, *data;
} names[] = {
    { true, "plain", "plain" },
    { true, "", "" },
    { false, "caf\xE9", "caf\\xe9" },
    { true, "gr\xC3\xB6\xC3\x9F\x65 \xE7\x8C\xAB \xF0\x9F\x90\x88",
      "gr\xC3\xB6\xC3\x9F\x65 \xE7\x8C\xAB \xF0\x9F\x90\x88" },
    { false, "\xED\xA0\x80 lone", "\\xed\\xa0\\x80 lone" },
    { false, "\xC0\xAF\xE0\x80\xAF\xF0\x80\x80\xAF",
      "\\xc0\\xaf\\xe0\\x80\\xaf\\xf0\\x80\\x80\\xaf" },
    { false, "\xF4\x90\x80\x80\xF5\x80", "\\xf4\\x90\\x80\\x80\\xf5\\x80" },
    { false, "cut \xE2\x82", "cut \\xe2\\x82" },
    { false, "\xE2\x82\x61\xF0\x9F\x90", "\\xe2\\x82\x61\\xf0\\x9f\\x90" },
    { false, "\x80\xBF", "\\x80\\xbf" },
    { true, "\xF4\x8F\xBF\xBF\xEF\xBF\xBF\xED\x9F\xBF\xEE\x80\x80",
      "\xF4\x8F\xBF\xBF\xEF\xBF\xBF\xED\x9F\xBF\xEE\x80\x80" },
    { true, "a\\b\\\\c\\x4 \\xg0", "a\\b\\\\c\\x4 \\xg0" },
    { true, "as typed: \\xe9", "as typed: \\x5cxe9" },
    { true, "\\\\xE9", "\\\\x5cxE9" },
    { false, "\\x\xE9 \\\xE9", "\\x\\xe9 \\\\xe9" },
    { true, "new\nline\x1B[31m\x7F", "new\nline\x1B[31m\x7F" },
};

static void names_become_utf8(void **state)
{
    char text[128];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        const size_t length = base_name_write(text, sizeof text, names[i].name, BASE_NAME_DATA);

        assert_string_equal(text, names[i].data);
        assert_int_equal(length, strlen(names[i].data));
        assert_true(base_name_is_utf8(text));
        assert_int_equal(base_name_is_utf8(names[i].name), names[i].valid);
    }
}

static void names_come_back(void **state)
{
    static const base_name_form forms[] = { BASE_NAME_DATA, BASE_NAME_LINE };
    char name[4], text[64];

    (void)state;
    for (size_t i = 0; i < 2 * ALX_COUNT(names); ++i) {
        base_name_write(text, sizeof text, names[i / 2].name, forms[i % 2]);
        base_name_read(text);
        assert_string_equal(text, names[i / 2].name);
    }
    for (unsigned bytes = 0; bytes < 1 << 16; ++bytes) { /* whatever the bytes are */
        snprintf(name, sizeof name, "%c%c", bytes >> 8, bytes & 0xFF);
        for (size_t i = 0; i < ALX_COUNT(forms); ++i) {
            base_name_write(text, sizeof text, name, forms[i]);
            assert_true(base_name_is_utf8(text));
            base_name_read(text);
            assert_string_equal(text, name);
        }
    }
}

static void a_line_has_nothing_that_a_terminal_obeys(void **state)
{
    char text[128];

    (void)state;
    base_name_write(text, sizeof text, "a\n\tb\x1B[2J\r\x7F", BASE_NAME_LINE);
    assert_string_equal(text, "a\\x0a\\x09b\\x1b[2J\\x0d\\x7f");
    base_name_write(text, sizeof text,
                    "\xC2\x9B"
                    "2J\xC2\xA0",
                    BASE_NAME_LINE); /* CSI; no-break */
    assert_string_equal(text, "\\xc2\\x9b"
                              "2J\xC2\xA0");
    base_name_write(text, sizeof text, "\xE2\x80\xAEgnp.\xE2\x80\xA8\xE2\x81\xA6\xE2\x80\xA7",
                    BASE_NAME_LINE);
    assert_string_equal(text, "\\xe2\\x80\\xaegnp.\\xe2\\x80\\xa8\\xe2\\x81\\xa6\xE2\x80\xA7");
}

static void a_message_keeps_its_lines_and_escapes(void **state)
{
    char text[128];

    (void)state;
    base_name_write(text, sizeof text, "caf\\x5cxe9: bad\n\tline two \x1B[1m\xE9",
                    BASE_NAME_MESSAGE);
    assert_string_equal(text, "caf\\x5cxe9: bad\n\tline two \\x1b[1m\\xe9");
}

static void what_does_not_fit_is_cut_between_characters(void **state)
{
    char text[8] = "#######";

    (void)state;
    assert_int_equal(base_name_write(text, 5,
                                     "ab\xE7\x8C\xAB"
                                     "c",
                                     BASE_NAME_LINE),
                     6);
    assert_string_equal(text, "ab");
    assert_int_equal(base_name_write(text, 6,
                                     "ab\xE7\x8C\xAB"
                                     "c",
                                     BASE_NAME_LINE),
                     6);
    assert_string_equal(text, "ab\xE7\x8C\xAB");
    assert_int_equal(base_name_write(text, 6,
                                     "ab\xE9"
                                     "c",
                                     BASE_NAME_LINE),
                     7);
    assert_string_equal(text, "ab");
    assert_int_equal(base_name_write(text, 1, "ab", BASE_NAME_LINE), 2);
    assert_string_equal(text, "");
    assert_int_equal(base_name_write(NULL, 0, "ab", BASE_NAME_LINE), 2);
}

/* ---- files --------------------------------------------------------------------------------- */

static char *csv_of(const char *const *fields, size_t count)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    for (size_t i = 0; i < count; ++i) {
        base_name_csv(out, fields[i], false);
        putc(i + 1 < count ? ',' : '\n', out);
    }
    fclose(out);
    return text;
}

/* Python 3.11's csv.reader makes of this line the six texts again, \xe9 for the byte. */
static void fields_are_quoted_where_they_must_be(void **state)
{
    static const char *const fields[] = { "plain",        "a,b",     "say \"x\"",
                                          "two\r\nlines", " blank ", "caf\xE9" };
    char *text = csv_of(fields, ALX_COUNT(fields));

    (void)state;
    assert_string_equal(text, "plain,\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\", blank ,"
                              "caf\\xe9\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_utf8),
        cmocka_unit_test(names_come_back),
        cmocka_unit_test(a_line_has_nothing_that_a_terminal_obeys),
        cmocka_unit_test(a_message_keeps_its_lines_and_escapes),
        cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
        cmocka_unit_test(fields_are_quoted_where_they_must_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
