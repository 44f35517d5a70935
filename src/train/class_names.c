/* class_names.c - what classes are called in print. */
#include "alexnet/dev/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lookup.h"
#include "base/text.h"
#include "base/try.h"

static int set_name(alx_class_names *names, int index, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for class names");
    free(names->name[index]);
    names->name[index] = copy;
    return 0;
}

/** The file's lines that are not empty. */
typedef struct names_file {
    const char *path;
    char *text, **line;
    long *class;  /**< whose name begins the line; -1: none's */
    size_t *rest; /**< where what follows that name starts in the line */
    size_t count;
    size_t matched; /**< lines that begin with a class */
    size_t classes; /**< classes that begin a line, each counted once */
    bool repeated;  /**< some class begins two lines */
} names_file;

static void names_file_free(names_file *file)
{
    free(file->text);
    free(file->line);
    free(file->class);
    free(file->rest);
}

static int names_file_read(names_file *file, const char *path)
{
    *file = (names_file){ .path = path };
    TRY(base_text_read(&file->text, path, BASE_TEXT_MAX_BYTES));
    const size_t room = base_text_line_count(file->text) + 1;
    char *rest = file->text, *line = NULL;

    file->line = calloc(room, sizeof *file->line);
    file->class = calloc(room, sizeof *file->class);
    file->rest = calloc(room, sizeof *file->rest);
    if (file->line == NULL || file->class == NULL || file->rest == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    while ((line = base_text_line(&rest)) != NULL) {
        line = base_text_trim(line);
        if (line[0] != '\0')
            file->line[file->count++] = line;
    }
    return 0;
}

/* A class's name may hold blanks: the longest that begins the line. */
static long names_find_class(size_t *rest, const base_lookup *classes, const char *line)
{
    for (size_t length = strlen(line); length > 0; --length) {
        if (strchr(" \t", line[length]) == NULL)
            continue; /* strchr finds the line's end too */
        const long found = base_lookup_find(classes, line, length);

        if (found < 0)
            continue;
        *rest = length + strspn(line + length, " \t");
        return found;
    }
    return -1;
}

static int names_match(names_file *file, const alx_class_names *names)
{
    base_lookup *classes = NULL;
    bool *seen = calloc((size_t)names->count, sizeof *seen);
    int rc = 0;

    if (seen == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    TRY_DONE(base_lookup_create(&classes, names->name, (size_t)names->count));
    for (size_t i = 0; i < file->count; ++i) {
        const long class = names_find_class(&file->rest[i], classes, file->line[i]);

        file->class[i] = class;
        if (class < 0)
            continue;
        ++file->matched;
        file->classes += !seen[class];
        file->repeated = file->repeated || seen[class];
        seen[class] = true;
    }
done:
    base_lookup_free(classes);
    free(seen);
    return rc;
}

static int names_take(alx_class_names *names, const names_file *file, bool words)
{
    for (size_t i = 0; i < file->count; ++i) {
        const char *rest = words ? file->line[i] + file->rest[i] : file->line[i];

        if (words && (file->class[i] < 0 || rest[0] == '\0'))
            continue;
        TRY(set_name(names, words ? (int)file->class[i] : (int)i, rest));
    }
    return 0;
}

/* A word that begins a line by chance must not decide: either no line or no class is left out. */
static int read_names(alx_class_names *names, const char *path)
{
    names_file file;
    const size_t classes = (size_t)names->count;
    int rc = 0;

    TRY_DONE(names_file_read(&file, path));
    TRY_DONE(names_match(&file, names));
    const bool words = file.matched > 0 && !file.repeated &&
                       (file.matched == file.count || file.classes == classes);

    if (words || file.count == classes)
        TRY_DONE(names_take(names, &file, words));
    else
        rc = alx_fail(ALX_E_DATA,
                      "%s has %zu line%s; want one for each of the %zu classes, or lines that all "
                      "begin with a class, such as '%s' (%zu of them do)",
                      path, file.count, file.count == 1 ? "" : "s", classes, names->name[0],
                      file.matched);
done:
    names_file_free(&file);
    return rc;
}

int alx_class_names_create(alx_class_names *out, const alx_checkpoint *checkpoint, const char *path)
{
    const int count = checkpoint->config.net.classes;
    char text[32];

    *out = (alx_class_names){ .name = calloc((size_t)count, sizeof *out->name), .count = count };
    if (out->name == NULL) {
        out->count = 0;
        return alx_fail(ALX_E_MEMORY, "out of host memory for class names");
    }
    for (int i = 0; i < count; ++i) {
        snprintf(text, sizeof text, "class %d", i);
        TRY(set_name(out, i, i < checkpoint->class_count ? checkpoint->class_names[i] : text));
    }
    if (path != NULL)
        TRY(read_names(out, path));
    return 0;
}

void alx_class_names_free(alx_class_names *names)
{
    for (int i = 0; i < names->count; ++i)
        free(names->name[i]);
    free(names->name);
    *names = (alx_class_names){ 0 };
}
