/* fuzz_tuning.c - files of tuning rows. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/ops.h"
#include "rows/rows.h"

/* Bytes that are no UTF-8 are written as escapes, for which a long name may have no room. */
static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; ++i)
        if (text[i] == '\\' || (text[i] & 0x80) != 0)
            return false;
    return true;
}

/* Whether the text is a row; a plain one that is written reads back the same. */
static bool check_line(const char *text, size_t length)
{
    rows_line line = { 0 }, again = { 0 };
    char *written = NULL;

    if (!rows_line_parse(&line, text, length))
        return false;
    if (!is_plain(text, length))
        return true;
    written = rows_line_text(&line);
    fuzz_expect(written != NULL && rows_line_parse(&again, written, strlen(written)),
                "a row that was written is one");
    fuzz_expect(strcmp(line.row.problem, again.row.problem) == 0 &&
                    strcmp(line.row.choice, again.row.choice) == 0 &&
                    line.row.batch == again.row.batch,
                "a row that was read back is the same");
    free(written);
    return true;
}

static void check_rows(const alx_rows *rows)
{
    size_t count = 0;
    const alx_row *all = alx_rows_all(rows, &count);

    for (size_t i = 0; i < count; ++i)
        fuzz_expect(!(all[i].ms > 0.0) || alx_rows_find(rows, all[i].problem, all[i].batch) != NULL,
                    "a row that counts is found");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const alx_device_info machine = { .core = -1, .name = "a GPU", .driver = "1.2" };
    static unsigned files;
    alx_rows *rows = NULL;
    const char *text = (const char *)data, *end = text + bytes;
    bool any = false;

    while (text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        const size_t length = (size_t)((line_end != NULL ? line_end : end) - text);

        any |= check_line(text, length);
        text += length + (line_end != NULL);
    }
    if (!any || ++files % 16 != 1) /* every load reads all the kernels */
        return 0;
    if (alx_rows_of_device(&rows, &machine, fuzz_write("tuning.jsonl", data, bytes)) == 0)
        check_rows(rows);
    alx_rows_close(rows);
    return 0;
}
