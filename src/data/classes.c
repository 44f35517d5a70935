/* classes.c - the names of a set's classes, and files of them: one a line. */
#include "data/classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lookup.h"
#include "base/text.h"
#include "base/try.h"

/* Index of the first control character, which a terminal obeys or which ends a line of a list;
 * `length` if there is none. */
static size_t class_find_control(const char *name, size_t length)
{
    for (size_t i = 0; i < length; ++i) {
        const unsigned char c = (unsigned char)name[i];
        const unsigned char next = i + 1 < length ? (unsigned char)name[i + 1] : 0;

        if (c < ' ' || c == 0x7F || (c == 0xC2 && next >= 0x80 && next < 0xA0)) /* U+0080 to 9F */
            return i;
    }
    return length;
}

/* Room doubles whenever the count is a power of two. */
int data_class_add(alx_dataset *set, const char *name, size_t length)
{
    const size_t count = (size_t)set->class_count;
    const size_t control = class_find_control(name, length);

    if (control < length)
        return alx_fail(ALX_E_DATA,
                        "%s: class '%.*s...' has a control character, such as a line's "
                        "end, in its name: rename it",
                        set->given, (int)(control < 64 ? control : 64), name);
    if ((count & (count - 1)) == 0) {
        char **grown = realloc(set->classes, (count == 0 ? 1 : 2 * count) * sizeof *grown);

        if (grown == NULL)
            return alx_fail(ALX_E_MEMORY, "%s: out of host memory for the classes", set->given);
        set->classes = grown;
    }
    set->classes[count] = strndup(name, length);
    if (set->classes[count] == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for the classes", set->given);
    ++set->class_count;
    return 0;
}

int data_class_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int data_classes_number(alx_dataset *set, long last)
{
    char number[24];

    set->numbered = true;
    for (long i = 0; i <= last; ++i) {
        const int length = snprintf(number, sizeof number, "%ld", i);

        TRY(data_class_add(set, number, (size_t)length));
    }
    return 0;
}

/* numbers[i] is the line of class i. */
static int classes_refuse_duplicates(const alx_dataset *set, const char *path,
                                     const size_t *numbers)
{
    base_lookup *lookup = NULL;
    size_t lines[2];
    int rc = 0;

    TRY_DONE(base_lookup_create(&lookup, set->classes, (size_t)set->class_count));
    if (base_lookup_duplicates(lookup, lines))
        rc = alx_fail(ALX_E_DATA, "%s: lines %zu and %zu: '%.64s' is there twice", path,
                      numbers[lines[0]], numbers[lines[1]], set->classes[lines[0]]);
done:
    base_lookup_free(lookup);
    return rc;
}

int data_classes_read(alx_dataset *set, const char *path)
{
    char *text = NULL, *rest = NULL, *line = NULL;
    size_t *numbers = NULL, number = 0, empty = 0;
    int rc = 0;

    TRY_DONE(base_text_read(&text, path, BASE_TEXT_MAX_BYTES));
    numbers = calloc(base_text_line_count(text) + 1, sizeof *numbers);
    if (numbers == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
        goto done;
    }
    for (rest = text; (line = base_text_line(&rest)) != NULL;) {
        const char *name = base_text_trim(line);

        ++number;
        if (name[0] == '\0') {
            empty = empty == 0 ? number : empty;
            continue;
        }
        if (empty != 0) {
            rc = alx_fail(ALX_E_DATA,
                          "%s: line %zu is empty, line %zu is not: empty lines may "
                          "only stand at the end",
                          path, empty, number);
            goto done;
        }
        numbers[set->class_count] = number;
        TRY_DONE(data_class_add(set, name, strlen(name)));
    }
    if (set->class_count == 0)
        rc = alx_fail(ALX_E_DATA, "%s: names no class", path);
    TRY_DONE(rc);
    TRY_DONE(classes_refuse_duplicates(set, path, numbers));
done:
    free(numbers);
    free(text);
    return rc;
}
