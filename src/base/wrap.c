/* wrap.c - text broken into lines. */
#include "base/wrap.h"

#include <string.h>

void base_wrap(FILE *out, const char *text, int at, int indent, int columns)
{
    while (*text != '\0') {
        const int word = (int)strcspn(text, " \n");

        if (at > indent && at + 1 + word > columns)
            at = fprintf(out, "\n%*s", indent, "") - 1;
        else if (at > indent)
            at += fprintf(out, " ");
        at += fprintf(out, "%.*s", word, text);
        text += word;
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

void base_fold(char *out, size_t bytes, const char *text, size_t indent, size_t columns)
{
    size_t at = 0, line = 0;

    for (; *text != '\0' && at + indent + 2 < bytes; ++text) {
        const size_t next = *text == ' ' ? 1 + strcspn(text + 1, " ") : 1;

        if (*text == ' ' && line > indent && line + next > columns) {
            at += (size_t)snprintf(out + at, bytes - at, "\n%*s", (int)indent, "");
            line = indent;
        } else {
            out[at++] = *text;
            ++line;
        }
    }
    out[at] = '\0';
}
