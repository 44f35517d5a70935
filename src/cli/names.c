/* names.c - what classes are called in print. */
#include "cli/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_name(cli_names *names, int index, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for class names");
    free(names->name[index]);
    names->name[index] = copy;
    return 0;
}

/* The next line of `*at`, without its ending and blanks around; NULL at the end. Cuts the text. */
static char *next_line(char **at)
{
    char *line = *at, *end;

    if (*line == '\0')
        return NULL;
    *at = line + strcspn(line, "\n");
    if (**at == '\n')
        *(*at)++ = '\0';
    line += strspn(line, " \t");
    for (end = line + strlen(line); end > line && strchr(" \t\r", end[-1]) != NULL; --end)
        end[-1] = '\0';
    return line;
}

static int find_class(const alx_checkpoint *checkpoint, const char *word, size_t length)
{
    for (int i = 0; i < checkpoint->class_count; ++i)
        if (strlen(checkpoint->class_names[i]) == length &&
            strncmp(checkpoint->class_names[i], word, length) == 0)
            return i;
    return -1;
}

static int read_words(cli_names *names, const alx_checkpoint *checkpoint, char *text,
                      int *matched, int *lines)
{
    char *line;
    int rc = 0;

    while ((line = next_line(&text)) != NULL) {
        const size_t word = strcspn(line, " \t");
        const int found = find_class(checkpoint, line, word);
        const char *rest = line + word + strspn(line + word, " \t");

        *lines += line[0] != '\0';
        *matched += found >= 0;
        if (found >= 0 && rest[0] != '\0')
            TRY(set_name(names, found, rest));
    }
done:
    return rc;
}

static int read_in_order(cli_names *names, char *text)
{
    char *line;
    int rc = 0;

    for (int i = 0; (line = next_line(&text)) != NULL;)
        if (line[0] != '\0')
            TRY(set_name(names, i++, line));
done:
    return rc;
}

static int read_names(cli_names *names, const alx_checkpoint *checkpoint, const char *path)
{
    char *text = NULL, *copy = NULL;
    size_t bytes = 0;
    int rc = 0, matched = 0, lines = 0;

    TRY(alx_file_read(&text, &bytes, path));
    copy = strdup(text);
    if (copy == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
        goto done;
    }
    TRY(read_words(names, checkpoint, text, &matched, &lines));
    if (matched == 0 && lines == names->count)
        TRY(read_in_order(names, copy));
    else if (matched == 0)
        rc = alx_fail(ALX_E_DATA, "%s: %d lines, not one for each of the checkpoint's %d classes, "
                                  "and none begins with one, such as '%s'", path, lines,
                      names->count, names->name[0]);
done:
    free(copy);
    free(text);
    return rc;
}

int cli_names_create(cli_names *out, const alx_checkpoint *checkpoint, const char *path)
{
    const int count = checkpoint->config.net.classes;
    char text[32];
    int rc = 0;

    *out = (cli_names){ .name = calloc((size_t)count, sizeof *out->name), .count = count };
    if (out->name == NULL) {
        out->count = 0;
        return alx_fail(ALX_E_MEMORY, "out of host memory for class names");
    }
    for (int i = 0; i < count; ++i) {
        snprintf(text, sizeof text, "class %d", i);
        TRY(set_name(out, i, i < checkpoint->class_count ? checkpoint->class_names[i] : text));
    }
    if (path != NULL)
        TRY(read_names(out, checkpoint, path));
done:
    return rc;
}

void cli_names_free(cli_names *names)
{
    for (int i = 0; i < names->count; ++i)
        free(names->name[i]);
    free(names->name);
    *names = (cli_names){ 0 };
}
