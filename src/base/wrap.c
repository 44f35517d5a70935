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
