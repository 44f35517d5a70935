/* read.c - a config from a file, from a preset that is part of the program, or from text. */
#include "base/embedded.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"
#include "config/schema.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES (1 << 20) /* above, it is no config: a checkpoint, an archive, ... */
#define MAX_PRESETS 64

/* "runs/a/paper.ini" gives "paper". */
static void name_of_path(char *out, size_t bytes, const char *path)
{
    const char *base = base_path_base(path);
    const char *suffix = strrchr(base, '.');
    const size_t length = suffix != NULL && suffix > base ? (size_t)(suffix - base) : strlen(base);

    snprintf(out, bytes, "%.*s", (int)length, base);
}

int alx_config_parse(alx_config *config, const char *text, const char *name,
                     const char *const *overrides, size_t override_count)
{
    config_text lines = { .name = name };
    alx_config *parsed = calloc(1, sizeof *parsed); /* zero padding: equal ones compare equal */
    int rc = 0;

    if (parsed == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", name);
    TRY_DONE(config_text_read(&lines, text));
    for (size_t i = 0; i < override_count; ++i)
        TRY_DONE(config_text_override(&lines, overrides[i]));
    name_of_path(parsed->name, sizeof parsed->name, name);
    TRY_DONE(config_apply(parsed, &lines));
    TRY_DONE(config_resolve(parsed, &lines));
    TRY_DONE(config_check(parsed, &lines));
    memcpy(config, parsed, sizeof *config);
done:
    free(parsed);
    config_text_free(&lines);
    return rc;
}

/* ---- presets ------------------------------------------------------------------------------- */

/* Text of a built-in preset by its name with or without .ini, else NULL. */
static const char *find_preset(char file[128], const char *name)
{
    const size_t length = strlen(name);
    const bool suffixed = length > 4 && strcmp(name + length - 4, ".ini") == 0;

    if (strchr(name, '/') != NULL || length >= 120)
        return NULL;
    snprintf(file, 128, "%s%s", name, suffixed ? "" : ".ini");
    return base_embedded_find(file);
}

static char preset_names[MAX_PRESETS][ALX_NAME_BYTES];
static const char *preset_list[MAX_PRESETS + 1];

static void list_presets(void)
{
    size_t count = 0;

    for (size_t i = 0; i < base_embedded_count && count < MAX_PRESETS; ++i) {
        const char *suffix = strrchr(base_embedded_files[i].name, '.');

        if (suffix == NULL || strcmp(suffix, ".ini") != 0)
            continue;
        name_of_path(preset_names[count], sizeof preset_names[count], base_embedded_files[i].name);
        preset_list[count] = preset_names[count];
        ++count;
    }
}

const char *const *alx_config_presets(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, list_presets);
    return preset_list;
}

bool alx_config_is_name(const char *name)
{
    const char *const *preset = alx_config_presets();
    const size_t length = strlen(name);

    while (*preset != NULL && strcmp(*preset, name) != 0)
        ++preset;
    return *preset != NULL || (length > 4 && strcmp(name + length - 4, ".ini") == 0);
}

const char *alx_config_nearest(const char *path)
{
    const char *const *presets = alx_config_presets();
    char name[128];
    size_t count = 0;

    while (presets[count] != NULL)
        ++count;
    name_of_path(name, sizeof name, path);
    return strchr(path, '/') == NULL ? base_nearest(name, presets, count) : NULL;
}

static int no_such_config(const char *path)
{
    const char *const *presets = alx_config_presets(), *near = alx_config_nearest(path);
    char all[1024] = "";
    size_t count = 0;

    for (; presets[count] != NULL; ++count)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", count > 0 ? ", " : "",
                 presets[count]);
    if (near != NULL)
        return alx_fail(ALX_E_USAGE, "%.300s: no such file or preset (did you mean %s?)", path,
                        near);
    return alx_fail(ALX_E_USAGE, "%.300s: no such file or preset; presets are %s", path, all);
}

/* ---- files --------------------------------------------------------------------------------- */

/* A config that is no text is a matter of usage. */
static int no_text(int rc)
{
    char why[512];

    if (rc != ALX_E_DATA)
        return rc;
    snprintf(why, sizeof why, "%s", alx_status_text(rc));
    return alx_fail(ALX_E_USAGE, "%s; no config: weights are given by --weights", why);
}

int alx_config_read(alx_config *config, const char *path, const char *const *overrides,
                    size_t override_count)
{
    struct stat info;
    char file[128], *text = NULL;
    const bool exists = stat(path, &info) == 0;
    const int error = exists ? 0 : errno;
    int rc = exists ? base_text_read(&text, path, FILE_MAX_BYTES) : 0;
    /* a folder or weights that are called like a preset do not stand in its way */
    const char *preset = exists && rc != ALX_E_DATA ? NULL : find_preset(file, path);

    if (preset != NULL)
        return alx_config_parse(config, preset, file, overrides, override_count);
    if (!exists && error != ENOENT && error != ENOTDIR)
        return alx_fail(ALX_E_USAGE, "%.300s: cannot be read: %s", path, strerror(error));
    if (!exists)
        return no_such_config(path);
    TRY_DONE(no_text(rc));
    TRY_DONE(alx_config_parse(config, text, path, overrides, override_count));
done:
    free(text);
    return rc;
}
