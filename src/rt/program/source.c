/* source.c - kernel source: embedded in the program or read from $ALEXNET_CL_DIR.
 *
 * `#include "x.clh"` is expanded here, each file once: a compiler's include path breaks on blanks
 * in folder names, and an embedded file has no path at all. */
#include "rt/program/program.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embedded.h"
#include "base/env.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/try.h"
#include "rt/device.h"

#define MAX_INCLUDES 16

typedef struct source_text {
    char *text; /* NUL-terminated; owned */
    size_t length;
    char included[MAX_INCLUDES][64];
    size_t included_count;
} source_text;

static int source_append(source_text *source, const char *text, size_t length)
{
    char *grown = realloc(source->text, source->length + length + 1);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for kernel source");
    memcpy(grown + source->length, text, length);
    source->text = grown;
    source->length += length;
    grown[source->length] = '\0';
    return 0;
}

#define BUILTINS "builtins.clh" /* a folder of one's own kernels need not have it */

/* A file of cl/ as it is; the caller's (free). */
static int source_load(char **text, const char *name)
{
    const char *folder = base_env(BASE_ENV_CL_DIR);
    char path[PATH_MAX];
    size_t bytes = 0;

    *text = NULL;
    if (folder != NULL) {
        snprintf(path, sizeof path, "%s/%s", folder, name);
        if (strcmp(name, BUILTINS) != 0 || access(path, F_OK) == 0)
            return base_file_read(text, &bytes, path);
    }
    const char *embedded = base_embedded_find(name);

    if (embedded == NULL)
        return alx_fail(ALX_E_BUILD, "cl/%s is not part of this program", name);
    *text = strdup(embedded);
    return *text != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for cl/%s", name);
}

/* Name between the quotes if `line` is `#include "name"`. */
static bool line_include(char name[64], const char *line)
{
    return sscanf(line, " # include \"%63[^\"\n]\"", name) == 1;
}

static int source_add_file(source_text *source, const char *name);

/* Adds the file the first time that it is asked for. */
static int source_add_include(source_text *source, const char *name)
{
    for (size_t i = 0; i < source->included_count; ++i)
        if (strcmp(source->included[i], name) == 0)
            return 0;
    if (source->included_count == MAX_INCLUDES)
        return alx_fail(ALX_E_BUILD, "cl/%s: more than %d files included", name, MAX_INCLUDES);
    snprintf(source->included[source->included_count++], 64, "%s", name);
    return source_add_file(source, name);
}

static int source_add_file(source_text *source, const char *name)
{
    char *text = NULL, include[64];
    int rc = 0;

    TRY_DONE(source_load(&text, name));
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        const size_t length = end != NULL ? (size_t)(end - line) + 1 : strlen(line);

        if (line_include(include, line))
            TRY_DONE(source_add_include(source, include));
        else
            TRY_DONE(source_append(source, line, length));
        line += length;
    }
    TRY_DONE(source_append(source, "\n", 1)); /* the last line may lack its end */
done:
    free(text);
    return rc;
}

/* Cuts all kernels out but one. A kernel begins with a line that begins with __kernel, and ends
 * with one that begins with a brace. */
static void source_keep_kernel(char *text, const char *kernel)
{
    const size_t length = strlen(kernel);
    char *out = text;

    for (const char *at = text, *next; *at != '\0'; at = next) {
        const char *end = strchr(at, '\n'), *name = NULL;

        next = end + 1;
        if (strncmp(at, "__kernel", 8) == 0 && (name = strstr(at, "void ")) != NULL &&
            (strncmp(name + 5, kernel, length) != 0 || name[5 + length] != '(') &&
            (end = strstr(at, "\n}\n")) != NULL) {
            next = end + 3;
            continue;
        }
        memmove(out, at, (size_t)(next - at));
        out += next - at;
    }
    *out = '\0';
}

int rt_source_read(char **text, const char *file, const char *kernel, bool declared)
{
    source_text source = { 0 };
    char name[64];
    int rc = 0;

    *text = NULL;
    snprintf(name, sizeof name, "%s.cl", file);
    if (declared)
        TRY_DONE(source_add_include(&source, BUILTINS));
    TRY_DONE(source_add_file(&source, name));
    if (kernel != NULL)
        source_keep_kernel(source.text, kernel);
    *text = source.text;
    source.text = NULL;
done:
    free(source.text);
    return rc;
}

static bool prefix_matches(const char *name, const char *const *prefixes)
{
    for (; *prefixes != NULL; ++prefixes)
        if (strncmp(name, *prefixes, strlen(*prefixes)) == 0)
            return true;
    return false;
}

int alx_kernels_hash(char hex[17], const char *const *prefixes)
{
    base_hash *hash = NULL;
    char full[33], file[48], *text = NULL;
    int rc = 0;

    TRY_DONE(base_hash_create(&hash));
    for (size_t i = 0; i < base_embedded_count; ++i) {
        const char *name = base_embedded_files[i].name, *end = strstr(name, ".cl");

        if (end == NULL || strcmp(end, ".cl") != 0 || !prefix_matches(name, prefixes))
            continue;
        snprintf(file, sizeof file, "%.*s", (int)(end - name), name);
        TRY_DONE(rt_source_read(&text, file, NULL, false));
        base_hash_update(hash, text, strlen(text) + 1);
        free(text);
        text = NULL;
    }
    base_hash_hex(hash, full);
    snprintf(hex, 17, "%.16s", full);
done:
    free(text);
    base_hash_free(hash);
    return rc;
}
