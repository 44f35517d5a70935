/* shell.c - paths in commands that are shown to be copied. */
#include "report/guide/guide.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/name_write.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+@:,="
#define PIECE_BYTES 6 /* at most, of a character, and the end */

static const char *quoted(char piece[PIECE_BYTES], char c)
{
    snprintf(piece, PIECE_BYTES, c == '\'' ? "'\\''" : "%c", c);
    return piece;
}

/* In three octal digits, as it may be followed by a hexadecimal one. */
static const char *escaped(char piece[PIECE_BYTES], char c)
{
    const bool itself = c >= ' ' && c < 0x7F && c != '\'' && c != '\\';

    snprintf(piece, PIECE_BYTES, itself ? "%c" : "\\%03o", (unsigned char)c);
    return piece;
}

void report_shell_word(char *out, size_t bytes, const char *path)
{
    const char *here = path[0] == '-' ? "./" : ""; /* it would be taken for an option */
    const bool shown = base_name_write(NULL, 0, path, BASE_NAME_LINE) == strlen(path);
    char piece[PIECE_BYTES];
    size_t used = 0;

    if (path[strspn(path, PLAIN)] == '\0') {
        snprintf(out, bytes, "%s%s", here, path);
        return;
    }
    used = (size_t)snprintf(out, bytes, "%s%s'", here, shown ? "" : "$");
    for (; *path != '\0' && used + PIECE_BYTES < bytes; ++path)
        used += (size_t)snprintf(out + used, bytes - used, "%s",
                                 shown ? quoted(piece, *path) : escaped(piece, *path));
    snprintf(out + used, bytes - used, "'");
}
