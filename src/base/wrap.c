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

/* How much of it stands before a \ at the edge: up to an option, which keeps its value. */
static int command_part(const char *line, int length, int room)
{
    int space = 0;

    if (length <= room)
        return length;
    for (int at = room - 2; at > 0; --at) {
        if (line[at] != ' ')
            continue;
        if (line[at + 1] == '-')
            return at;
        space = space > 0 ? space : at;
    }
    return space > 0 ? space : length;
}

void base_wrap_command(FILE *out, const char *line, int length, int indent, int columns)
{
    int more = 0;

    for (int part; length > 0; line += part + 1, length -= part + 1, more = 4) {
        part = command_part(line, length, columns - indent - more);
        fprintf(out, "%*s%.*s%s\n", indent + more, "", part, line, part < length ? " \\" : "");
    }
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
