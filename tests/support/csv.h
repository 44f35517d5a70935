/* csv.h - a file of comma-separated values as a test reads it. */
#ifndef TEST_CSV_H
#define TEST_CSV_H

#include <stddef.h>

typedef struct test_csv {
    char *text;
    size_t rows; /* without the line of names */
} test_csv;

test_csv test_csv_read(const char *path);
void test_csv_free(test_csv *csv);

/** NAN where the field is empty; fails where there is no such column or row. */
double test_csv_number(const test_csv *csv, const char *column, size_t row);

/** Cut at the size of `word`; fails where there is no such column or row. */
void test_csv_word(char word[64], const test_csv *csv, const char *column, size_t row);

#endif
