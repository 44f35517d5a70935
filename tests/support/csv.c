/* csv.c - a file of comma-separated values as a test reads it. */
#include "support/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/test.h"

test_csv test_csv_read(const char *path)
{
    test_csv csv = { .text = NULL };
    size_t bytes = 0;

    assert_ok(base_file_read(&csv.text, &bytes, path));
    for (const char *end = strchr(csv.text, '\n'); end != NULL && end[1] != '\0';
         end = strchr(end + 1, '\n'))
        ++csv.rows;
    return csv;
}

void test_csv_free(test_csv *csv)
{
    free(csv->text);
}

static const char *line_at(const test_csv *csv, size_t index)
{
    const char *line = csv->text;

    for (; index > 0; --index) {
        line = strchr(line, '\n');
        assert_non_null(line);
        ++line;
    }
    return line;
}

static const char *field_at(const char *line, size_t index)
{
    for (; index > 0; --index) {
        line += strcspn(line, ",\n");
        assert_int_equal(*line, ',');
        ++line;
    }
    return line;
}

static size_t column_of(const test_csv *csv, const char *name)
{
    const char *at = csv->text;
    size_t column = 0;

    while (strncmp(at, name, strlen(name)) != 0 || strchr(",\n", at[strlen(name)]) == NULL) {
        at += strcspn(at, ",\n");
        if (*at != ',')
            fail_msg("no column %s", name);
        ++at;
        ++column;
    }
    return column;
}

static const char *field_of(const test_csv *csv, const char *column, size_t row)
{
    assert_true(row < csv->rows);
    return field_at(line_at(csv, row + 1), column_of(csv, column));
}

double test_csv_number(const test_csv *csv, const char *column, size_t row)
{
    const char *field = field_of(csv, column, row);

    return strchr(",\n", *field) != NULL ? (double)NAN : strtod(field, NULL);
}

void test_csv_word(char word[64], const test_csv *csv, const char *column, size_t row)
{
    const char *field = field_of(csv, column, row);

    snprintf(word, 64, "%.*s", (int)strcspn(field, ",\n"), field);
}
