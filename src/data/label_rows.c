/* label_rows.c - see label_rows.h. */
#include "data/label_rows.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/text.h"
#include "base/try.h"
#include "data/kinds.h"
#include "data/listing.h"

#define ROW_MAX_FIELDS 64

/* What the columns of tables are called, without case and what is no letter or digit; the surest
 * word first. */
static const char *const name_words[] = {
    "filepath", "filepaths", "filename",  "filenames", "file",    "files", "path",
    "paths",    "imagepath", "imagename", "imagefile", "imageid", "image", "images",
    "imgpath",  "imgname",   "imgid",     "img",       "name",    "id",
};
static const char *const label_words[] = {
    "label",     "labels",     "classname", "class",      "classes",
    "category",  "categories", "target",    "targets",    "synset",
    "wnid",      "breed",      "species",   "y",          "predictionstring",
    "labelname", "labelid",    "classid",   "categoryid",
};

/* How a table's lines are read. */
typedef struct row_form {
    char separator; /* ' ': the last blanks */
    size_t columns, name, label;
    bool header;
} row_form;

static int row_fail(const label_rows *file, size_t i, const char *what)
{
    return alx_fail(ALX_E_DATA, "%s: line %zu: %s", file->path, file->rows[i].number, what);
}

/* ---- fields -------------------------------------------------------------------------------- */

/* Removes the quotes around a field, in place. Returns what follows the closing one, NULL if there
 * is none. */
static char *row_unquote(char *field)
{
    char *in = field + 1, *out = field;

    for (; *in != '\0'; ++in) {
        if (*in == '"' && in[1] != '"') {
            *out = '\0';
            return in + 1;
        }
        in += *in == '"'; /* two stand for one */
        *out++ = *in;
    }
    return NULL;
}

/* Cuts the line in place. 0 fields if a quote is not closed, or if something follows a closing
 * one. */
static size_t row_split(char *fields[ROW_MAX_FIELDS], char *line, char separator)
{
    const char stop[] = { separator, '\0' };
    size_t count = 0;

    while (line != NULL && count < ROW_MAX_FIELDS) {
        line += strspn(line, " ");
        char *field = line, *end = *line == '"' ? row_unquote(line) : line;

        if (end == NULL)
            return 0;
        const size_t rest = strcspn(end, stop);

        if (end != line && strspn(end, " ") < rest)
            return 0;
        line = end[rest] == separator ? end + rest + 1 : NULL;
        end[rest] = '\0';
        fields[count++] = base_text_trim(field);
    }
    return count;
}

/* Splits a line at its last blanks: a name may hold some. */
static void row_split_at_blanks(label_row *row, char *line)
{
    char *label = line + strlen(line);

    while (label > line && strchr(" \t", label[-1]) == NULL)
        --label;
    row->name = label > line ? line : NULL;
    row->label = label;
    if (label > line) {
        label[-1] = '\0';
        base_text_trim(line);
    }
}

/* ---- the form of the whole ------------------------------------------------------------------ */

/* "a, b.jpg 0" is a name with a comma and its label, no table. */
static bool row_ends_in_blank_label(const char *line)
{
    const size_t length = strlen(line);
    char copy[DATA_PATH_BYTES];
    label_row row = { .name = NULL };

    if (length >= sizeof copy)
        return false;
    memcpy(copy, line, length + 1);
    row_split_at_blanks(&row, copy);
    return row.name != NULL && data_path_is_image(row.name);
}

static char rows_separator(const label_rows *file)
{
    static const char separators[] = "\t,;";

    for (const char *s = separators; *s != '\0'; ++s) {
        size_t with = 0;

        while (with < file->count && strchr(file->rows[with].label, *s) != NULL)
            ++with;
        if (with == file->count &&
            (*s == '\t' || !row_ends_in_blank_label(file->rows[file->count - 1].label)))
            return *s;
    }
    return ' ';
}

static bool row_word_is(const char *field, const char *word)
{
    for (; *field != '\0'; ++field) {
        if (!isalnum((unsigned char)*field))
            continue;
        if (tolower((unsigned char)*field) != *word)
            return false;
        ++word;
    }
    return *word == '\0';
}

/* The column that is called by the first of the words; -1: none. */
static int row_find_word(char *const *fields, size_t count, const char *const *words, size_t many)
{
    for (size_t w = 0; w < many; ++w)
        for (size_t i = 0; i < count; ++i)
            if (row_word_is(fields[i], words[w]))
                return (int)i;
    return -1;
}

/* Every line but the first begins with the name of an image file. */
static bool rows_name_images_but_first(const label_rows *file, char separator)
{
    char copy[DATA_PATH_BYTES], *fields[ROW_MAX_FIELDS];

    for (size_t i = 0; i < file->count; ++i) {
        snprintf(copy, sizeof copy, "%s", file->rows[i].label);
        if (row_split(fields, copy, separator) == 0 || data_path_is_image(fields[0]) != (i > 0))
            return false;
    }
    return file->count > 1;
}

/* Fills in what the first line of a table says about it. */
static int rows_read_header(row_form *form, const label_rows *file)
{
    char copy[DATA_PATH_BYTES], *fields[ROW_MAX_FIELDS];

    if (strlen(file->rows[0].label) >= sizeof copy)
        return row_fail(file, 0, "too long");
    snprintf(copy, sizeof copy, "%s", file->rows[0].label);
    form->columns = row_split(fields, copy, form->separator);
    if (form->columns == 0)
        return row_fail(file, 0, "a quote that is not closed, or something behind one");
    int name = row_find_word(fields, form->columns, name_words, ALX_COUNT(name_words));
    int label = row_find_word(fields, form->columns, label_words, ALX_COUNT(label_words));

    form->header = name >= 0 || label >= 0 || rows_name_images_but_first(file, form->separator);
    if (form->columns == 2) {
        name = name >= 0 ? name : label == 0 ? 1 : 0;
        label = 1 - name;
    }
    if (name < 0 || label < 0)
        return row_fail(file, 0,
                        "more than two columns, and no header that calls one of them "
                        "image and one of them label");
    form->name = (size_t)name;
    form->label = (size_t)label;
    return 0;
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* "n01440764 85 1 499 272": a synset, and boxes of it. */
static void row_cut_boxes(char *label)
{
    if (data_synset_is(label, ' '))
        label[DATA_SYNSET_LENGTH] = '\0';
}

static int row_read(label_rows *file, size_t i, const row_form *form)
{
    label_row *row = &file->rows[i];
    char *fields[ROW_MAX_FIELDS];

    if (form->separator == ' ') {
        row_split_at_blanks(row, row->label);
        return 0;
    }
    const size_t count = row_split(fields, row->label, form->separator);

    if (count == 0)
        return row_fail(file, i, "a quote that is not closed, or something behind one");
    if (count != form->columns)
        return alx_fail(ALX_E_DATA, "%s: line %zu: %zu columns, %zu in the first", file->path,
                        row->number, count, form->columns);
    row->name = fields[form->name];
    row->label = fields[form->label];
    row_cut_boxes(row->label);
    if (row->name[0] == '\0' || row->label[0] == '\0')
        return row_fail(file, i, row->name[0] == '\0' ? "no name" : "no label");
    return 0;
}

/* Makes each line a row, with the whole line as its label for now. */
static int rows_take_lines(label_rows *file)
{
    char *rest = file->text, *line = NULL;
    size_t number = 0;

    file->rows = calloc(base_text_line_count(file->text) + 1, sizeof *file->rows);
    if (file->rows == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    while ((line = base_text_line(&rest)) != NULL) {
        line = base_text_trim(line);
        ++number;
        if (line[0] != '\0')
            file->rows[file->count++] = (label_row){ .label = line, .number = number };
    }
    return 0;
}

int data_label_rows_read(label_rows *out, const char *path)
{
    row_form form = { .separator = ' ' };
    int rc = 0;

    *out = (label_rows){ .path = path };
    TRY(base_text_read(&out->text, path, BASE_TEXT_MAX_BYTES));
    TRY(rows_take_lines(out));
    if (out->count > 0)
        form.separator = rows_separator(out);
    if (form.separator != ' ')
        TRY(rows_read_header(&form, out));
    if (form.header)
        memmove(out->rows, out->rows + 1, --out->count * sizeof *out->rows);
    for (size_t i = 0; i < out->count; ++i)
        TRY(row_read(out, i, &form));
    if (out->count == 0)
        rc = alx_fail(ALX_E_DATA, "%s: no labels in it", path);
    alx_debug("%s: %zu lines of labels", path, out->count);
    return rc;
}

void data_label_rows_free(label_rows *file)
{
    free(file->text);
    free(file->rows);
}
