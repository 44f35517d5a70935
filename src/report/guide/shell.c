/* shell.c - paths in commands that are shown to be copied. */
#include "report/guide/guide.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+@:,="

void report_shell_word(char *out, size_t bytes, const char *path)
{
    const bool option = path[0] == '-'; /* would be taken for one */
    size_t used = 0;

    if (path[strspn(path, PLAIN)] == '\0') {
        snprintf(out, bytes, "%s%s", option ? "./" : "", path);
        return;
    }
    used = (size_t)snprintf(out, bytes, "%s'", option ? "./" : "");
    for (; *path != '\0' && used + 6 < bytes; ++path)
        used += (size_t)snprintf(out + used, bytes - used, *path == '\'' ? "'\\''" : "%c", *path);
    snprintf(out + used, bytes - used, "'");
}
