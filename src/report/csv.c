/* csv.c - numbers and words separated by commas; nothing is quoted. */
#include "report/csv.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/status.h"
#include "base/numbers.h"
#include "base/text.h"
#include "base/try.h"

static size_t count_char(const char *text, char wanted)
{
    size_t count = 0;

    for (; *text != '\0'; ++text)
        count += *text == wanted;
    return count;
}

/* Cuts `line` at its commas; false if there are not exactly `count` fields. */
static bool split_fields(const char **fields, size_t count, char *line)
{
    for (size_t i = 0; i < count; ++i) {
        fields[i] = line;
        line += strcspn(line, ",");
        if ((*line == ',') != (i + 1 < count))
            return false;
        *line++ = '\0';
    }
    return true;
}

static bool parse_field(double *out, const char *field)
{
    char *end = NULL;

    *out = *field == '\0' ? (double)NAN : base_number_read(field, &end);
    return *field == '\0' || *end == '\0';
}

static size_t word_index(csv_table *table, const char *field)
{
    size_t i = 0;

    while (i < table->word_count && strcmp(table->words[i], field) != 0)
        ++i;
    if (i == table->word_count)
        table->words[table->word_count++] = field;
    return i;
}

static int read_row(csv_table *table, const char **fields, size_t room, char *line,
                    const char *words)
{
    if (!split_fields(fields, table->columns, line))
        return alx_fail(ALX_E_DATA, "line %zu has not %zu fields", table->rows + 2, table->columns);
    for (size_t i = 0; i < table->columns; ++i) {
        double *value = &table->values[i * room + table->rows];

        if (words != NULL && strcmp(table->names[i], words) == 0)
            *value = (double)word_index(table, fields[i]);
        else if (!parse_field(value, fields[i]))
            return alx_fail(ALX_E_DATA, "line %zu, column %s: \"%.32s\" is not a number",
                            table->rows + 2, table->names[i], fields[i]);
    }
    ++table->rows;
    return 0;
}

/* Moves the columns together: they were laid out for `room` rows. */
static void close_gaps(csv_table *table, size_t room)
{
    for (size_t i = 1; i < table->columns; ++i)
        memmove(&table->values[i * table->rows], &table->values[i * room],
                table->rows * sizeof *table->values);
}

static int refuse_twins(const csv_table *table)
{
    for (size_t i = 0; i < table->columns; ++i)
        for (size_t j = 0; j < i; ++j)
            if (strcmp(table->names[i], table->names[j]) == 0)
                return alx_fail(ALX_E_DATA, "line 1: the column \"%.32s\" is there twice",
                                table->names[i]);
    return 0;
}

/* `words` has room for one column of them. */
static int parse_text(csv_table *table, const char *words)
{
    const size_t room = count_char(table->text, '\n') + 1;
    char *rest = NULL, *line = strtok_r(table->text, "\n", &rest);
    const char **fields = NULL;
    int rc = 0;

    if (line == NULL)
        return alx_fail(ALX_E_DATA, "empty file");
    table->columns = count_char(line, ',') + 1;
    table->names = calloc(table->columns, sizeof *table->names);
    table->values = calloc(table->columns * room, sizeof *table->values);
    table->words = calloc(room, sizeof *table->words);
    fields = calloc(table->columns, sizeof *fields);
    if (table->names == NULL || table->values == NULL || table->words == NULL || fields == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu rows", room);
        goto done;
    }
    split_fields(table->names, table->columns, line);
    TRY_DONE(refuse_twins(table));
    while ((line = strtok_r(NULL, "\n", &rest)) != NULL)
        TRY_DONE(read_row(table, fields, room, line, words));
    close_gaps(table, room);
done:
    free(fields);
    return rc;
}

int report_csv_read(csv_table *out, const char *path, const char *words)
{
    *out = (csv_table){ 0 };
    TRY(base_text_read(&out->text, path, BASE_TEXT_MAX_BYTES));
    return alx_fail_context(parse_text(out, words), "%s", path);
}

void report_csv_free(csv_table *table)
{
    free(table->text);
    free(table->names);
    free(table->values);
    free(table->words);
    *table = (csv_table){ 0 };
}

const double *report_csv_column(const csv_table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; ++i)
        if (strcmp(table->names[i], name) == 0)
            return &table->values[i * table->rows];
    return NULL;
}
