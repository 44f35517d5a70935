/* fuzz.c - files, promises and parts of the input for the fuzz targets. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "fuzz.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/log.h"
#include "alexnet/status.h"

#define MOST_FILES 8

static char folder[256];

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_folder(void)
{
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void make_folder(void)
{
    const char *parent = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/alexnet-fuzz-XXXXXX", parent != NULL ? parent : "/tmp");
    fuzz_expect(mkdtemp(folder) != NULL, "a folder can be made");
    atexit(remove_folder);
    alx_log_set_level(ALX_LOG_QUIET);
    setenv("ALEXNET_CACHE_DIR", "off", 1);
}

const char *fuzz_path(const char *name)
{
    static char paths[MOST_FILES][512];
    size_t i = 0;

    if (folder[0] == '\0')
        make_folder();
    while (i < MOST_FILES && paths[i][0] != '\0' &&
           strcmp(paths[i] + strlen(folder) + 1, name) != 0)
        ++i;
    fuzz_expect(i < MOST_FILES, "there is room for another path");
    snprintf(paths[i], sizeof paths[i], "%s/%s", folder, name);
    return paths[i];
}

const char *fuzz_write(const char *name, const void *data, size_t bytes)
{
    const char *path = fuzz_path(name);
    char *slash = strrchr(path, '/');

    *slash = '\0';
    mkdir(path, 0777);
    *slash = '/';
    FILE *file = fopen(path, "wb");

    fuzz_expect(file != NULL && fwrite(data, 1, bytes, file) == bytes && fclose(file) == 0,
                "a file can be written");
    return path;
}

void fuzz_expect(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken promise: %s\n", promise);
    abort();
}

void fuzz_expect_named(int rc, const char *named)
{
    const char *text = alx_status_text(rc);
    const bool right_code = rc == ALX_E_DATA || rc == ALX_E_USAGE || rc == ALX_E_MEMORY;

    if (rc == 0 || (right_code && text[0] != '\0' && strchr(text, '\n') == NULL &&
                    (named == NULL || strstr(text, named) != NULL)))
        return;
    fprintf(stderr, "status %d: '%s'\n", rc, text);
    fuzz_expect(false, "a failure is of data, usage or memory, in one line that names the file");
}

fuzz_part fuzz_next_part(const uint8_t **data, size_t *bytes)
{
    const uint8_t *end = *bytes > 0 ? memchr(*data, 0, *bytes) : NULL;
    const fuzz_part part = { *data, end != NULL ? (size_t)(end - *data) : *bytes };
    const size_t used = part.bytes + (end != NULL);

    *data += used;
    *bytes -= used;
    return part;
}

char *fuzz_text(fuzz_part part)
{
    char *text = malloc(part.bytes + 1);

    fuzz_expect(text != NULL, "there is memory");
    if (part.bytes > 0)
        memcpy(text, part.data, part.bytes);
    text[part.bytes] = '\0';
    return text;
}
