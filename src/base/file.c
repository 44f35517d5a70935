/* file.c - whole files read at once; folders. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/try.h"
#include "base/unread.h"

#define FILE_FIRST_BYTES 65536 /* of a pipe, whose size nobody knows */

static int file_too_large(const char *path, size_t max_bytes)
{
    return alx_fail(ALX_E_DATA, "%s: more than %zu bytes, too many for what it should be", path,
                    max_bytes);
}

/* All that comes into memory that begins with room for `expected` bytes. */
static int file_take(char **data, size_t *bytes, FILE *file, const char *path, size_t expected,
                     size_t max_bytes)
{
    size_t room = 0, used = 0, got = 0;
    char *buffer = NULL;
    int rc = 0;

    do {
        if (used + 1 >= room) {
            room = room == 0 ? expected + 2 : 2 * room; /* one to see the end, one for the NUL */
            char *grown = realloc(buffer, room);

            if (grown == NULL) {
                rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for %zu bytes", path, room);
                goto done;
            }
            buffer = grown;
        }
        got = fread(buffer + used, 1, room - 1 - used, file);
        used += got;
    } while (got > 0 && used <= max_bytes);
    if (ferror(file) != 0) {
        rc = alx_fail(ALX_E_DATA, "%s: read failed: %s", path, strerror(errno));
        goto done;
    }
    if (used > max_bytes) {
        rc = file_too_large(path, max_bytes);
        goto done;
    }
    buffer[used] = '\0';
    *data = buffer;
    *bytes = used;
    buffer = NULL;
done:
    free(buffer);
    return rc;
}

int base_not_a_file(const char *path, bool is_folder)
{
    return alx_fail(ALX_E_DATA, "%s: %s", path,
                    is_folder ? "is a folder, not a file" : "not a file");
}

/** What is to be read. */
typedef enum file_kind { FILE_TYPED, FILE_OR_PIPE, FILE_LISTED } file_kind;

static int file_read_checked(char **data, size_t *bytes, const char *path, file_kind kind,
                             size_t max_bytes)
{
    struct stat info;
    FILE *file = NULL;
    int rc = 0;

    *data = NULL;
    *bytes = 0;
    /* before it is opened: opening a pipe waits */
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode) &&
        !(kind == FILE_OR_PIPE && S_ISFIFO(info.st_mode)))
        return base_not_a_file(path, S_ISDIR(info.st_mode));
    file = fopen(path, "rbe");
    if (file == NULL || fstat(fileno(file), &info) != 0) {
        rc = kind == FILE_LISTED
                 ? alx_fail(ALX_E_DATA, "%s: cannot be read: %s", path, strerror(errno))
                 : base_fail_unread(path, "cannot be read");
        goto done;
    }
    const size_t expected = S_ISREG(info.st_mode) ? (size_t)info.st_size : FILE_FIRST_BYTES;

    rc = expected > max_bytes ? file_too_large(path, max_bytes)
                              : file_take(data, bytes, file, path, expected, max_bytes);
done:
    if (file != NULL)
        fclose(file);
    return rc;
}

int base_file_read(char **data, size_t *bytes, const char *path)
{
    return file_read_checked(data, bytes, path, FILE_TYPED, SIZE_MAX);
}

int base_file_read_listed(char **data, size_t *bytes, const char *path)
{
    return file_read_checked(data, bytes, path, FILE_LISTED, SIZE_MAX);
}

int base_file_read_once(char **data, size_t *bytes, const char *path, size_t max_bytes)
{
    return file_read_checked(data, bytes, path, FILE_OR_PIPE, max_bytes);
}

size_t base_file_head(void *head, size_t bytes, const char *path)
{
    FILE *file = base_file_is_regular(path) ? fopen(path, "rbe") : NULL;
    const size_t got = file != NULL ? fread(head, 1, bytes, file) : 0;

    if (file != NULL)
        fclose(file);
    return got;
}

bool base_path_is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool base_file_is_regular(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

int base_mkdirs(const char *path)
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
    return base_path_is_folder(path) ? 0 : alx_fail(ALX_E_IO, "%s: not a folder", path);
}

int base_path_nearest(char *out, size_t out_bytes, const char *path)
{
    if ((size_t)snprintf(out, out_bytes, "%s", path) >= out_bytes || path[0] == '\0')
        return alx_fail(ALX_E_IO, "%.64s: not a usable folder name", path);
    while (!base_file_exists(out) && strcmp(out, ".") != 0) {
        char *slash = strrchr(out, '/');

        if (slash == NULL || slash == out)
            snprintf(out, out_bytes, "%s", slash == NULL ? "." : "/");
        else
            *slash = '\0';
    }
    return 0;
}

int base_mkdirs_check(const char *path)
{
    char part[PATH_MAX];

    TRY(base_path_nearest(part, sizeof part, path));
    if (!base_path_is_folder(part))
        return alx_fail(ALX_E_IO, "%s: not a folder", part);
    if (access(part, W_OK | X_OK) != 0)
        return alx_fail(ALX_E_IO, "%s: cannot be written: %s", part, strerror(errno));
    return 0;
}

bool base_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

int base_path_absolute(char *out, size_t out_bytes, const char *path)
{
    char folder[PATH_MAX] = "", real[PATH_MAX];

    /* "here/../there" would need `here` for ever */
    if (path[0] != '/' && strstr(path, "..") != NULL && realpath(path, real) != NULL)
        path = real;
    if (path[0] != '/' && getcwd(folder, sizeof folder) == NULL)
        return alx_fail(ALX_E_IO, "%.300s: the working folder is not known: %s", path,
                        strerror(errno));
    while (strncmp(path, "./", 2) == 0)
        path += 2 + strspn(path + 2, "/");
    const char *slash = path[0] == '/' || strcmp(folder, "/") == 0 ? "" : "/";

    if (strcmp(path, ".") == 0 || path[0] == '\0')
        path = slash = "";
    if ((size_t)snprintf(out, out_bytes, "%s%s%s", folder, slash, path) >= out_bytes)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", path);
    return 0;
}

int base_path_in(char out[PATH_MAX], const char *folder, const char *name)
{
    if (snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", folder);
    return 0;
}

bool base_path_same(const char *a, const char *b)
{
    struct stat first, second;

    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

int base_path_check_output(const char *output, const char *input)
{
    if (output == NULL || input == NULL || !base_path_same(output, input) ||
        !base_file_is_regular(output))
        return 0;
    return alx_fail(ALX_E_USAGE, "%s: is read and would be overwritten: choose another output",
                    output);
}

bool base_path_ends_in(const char *path, const char *end)
{
    const size_t length = strlen(path), tail = strlen(end);

    return length > tail && strcmp(path + length - tail, end) == 0;
}

const char *base_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

int base_path_folder(char *out, size_t out_bytes, const char *path)
{
    size_t length = (size_t)(base_path_base(path) - path);

    while (length > 1 && path[length - 1] == '/')
        --length;
    if (length >= out_bytes)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", path);
    snprintf(out, out_bytes, "%.*s", length > 0 ? (int)length : 1, length > 0 ? path : ".");
    return 0;
}

int base_file_check_place(const char *path)
{
    char folder[PATH_MAX];

    TRY(base_path_folder(folder, sizeof folder, path));
    if (!base_path_is_folder(folder))
        return alx_fail(ALX_E_IO, "%s: cannot be written: there is no folder %s", path, folder);
    return base_path_is_folder(path)
               ? alx_fail(ALX_E_IO, "%s: cannot be written: it is a folder", path)
               : 0;
}
