/* file.c - whole files read at once; folders; the cache. */
#include "alexnet/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int alx_file_read(char **data, size_t *bytes, const char *path)
{
    int rc = 0;
    char *buffer = NULL;
    FILE *file = NULL;
    struct stat info;
    size_t size = 0;

    *data = NULL;
    *bytes = 0;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) { /* opening a pipe would wait */
        rc = alx_fail(ALX_E_DATA, "%s: not a file", path);
        goto done;
    }
    file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &info) != 0) {
        rc = alx_fail(ALX_E_DATA, "%s: cannot be read: %s", path, strerror(errno));
        goto done;
    }
    size = (size_t)info.st_size;
    buffer = malloc(size + 1);
    if (buffer == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for %zu bytes", path, size);
        goto done;
    }
    if (fread(buffer, 1, size, file) != size) {
        rc = alx_fail(ALX_E_DATA, "%s: read failed", path);
        goto done;
    }
    buffer[size] = '\0';
    *data = buffer;
    *bytes = size;
    buffer = NULL;
done:
    free(buffer);
    if (file != NULL)
        fclose(file);
    return rc;
}

static bool is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

int alx_mkdirs(const char *path)
{
    char part[PATH_MAX];
    const size_t length = strlen(path);

    if (length == 0 || length >= sizeof part)
        return alx_fail(ALX_E_IO, "%.64s: not a usable folder name", path);
    memcpy(part, path, length + 1);
    for (char *p = part + 1; p <= part + length; ++p) {
        if (*p != '/' && *p != '\0')
            continue;
        const char end = *p;

        *p = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return alx_fail(ALX_E_IO, "%s: folder cannot be made: %s", part, strerror(errno));
        *p = end;
    }
    return is_folder(path) ? 0 : alx_fail(ALX_E_IO, "%s: not a folder", path);
}

int alx_mkdirs_check(const char *path)
{
    char part[PATH_MAX];
    struct stat info = { 0 };

    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part || path[0] == '\0')
        return alx_fail(ALX_E_IO, "%.64s: not a usable folder name", path);
    while (stat(part, &info) != 0 && strcmp(part, ".") != 0) { /* up to what is there */
        char *slash = strrchr(part, '/');

        if (slash == NULL || slash == part)
            strcpy(part, slash == NULL ? "." : "/");
        else
            *slash = '\0';
    }
    if (!S_ISDIR(info.st_mode))
        return alx_fail(ALX_E_IO, "%s: not a folder", part);
    if (access(part, W_OK | X_OK) != 0)
        return alx_fail(ALX_E_IO, "%s: cannot be written: %s", part, strerror(errno));
    return 0;
}

bool alx_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

const char *alx_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

bool alx_cache_path(char *path, size_t path_bytes, const char *name)
{
    const char *wanted = alx_env(ALX_ENV_CACHE_DIR);
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char folder[PATH_MAX];
    int length = 0;

    if (wanted != NULL && strcmp(wanted, "off") == 0)
        return false;
    if (wanted != NULL)
        length = snprintf(folder, sizeof folder, "%s", wanted);
    else if (xdg != NULL && xdg[0] == '/')
        length = snprintf(folder, sizeof folder, "%s/alexnet", xdg);
    else if (home != NULL && home[0] == '/')
        length = snprintf(folder, sizeof folder, "%s/.cache/alexnet", home);
    if (length <= 0 || (size_t)length >= sizeof folder || alx_mkdirs(folder) != 0)
        return false;
    length = snprintf(path, path_bytes, "%s/%s", folder, name);
    return length > 0 && (size_t)length < path_bytes;
}
