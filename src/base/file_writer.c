/* file_writer.c - files that are written: beside and then renamed, so that they appear whole or not
 * at all; what is no regular file, such as a device or a pipe, is written where it is. */
#include "base/file_writer.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alexnet/log.h"
#include "base/trust.h"
#include "base/try.h"
#include "base/unfinished.h"

#define BESIDE ".tmp-" /* and the process */

struct base_file_writer {
    int fd, ticket;                        /* of base/unfinished.h */
    char path[PATH_MAX], beside[PATH_MAX]; /* `beside` is empty where nothing is renamed */
};

/* Another descriptor of standard output: a second one of the same file would write over it. */
static bool is_standard_output(const struct stat *info)
{
    struct stat out;

    return fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == info->st_dev &&
           out.st_ino == info->st_ino;
}

static int cannot_write(const char *path)
{
    return alx_fail(ALX_E_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static int open_in_place(base_file_writer *w, const struct stat *info)
{
    struct stat opened;

    if (is_standard_output(info)) {
        w->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
        return w->fd >= 0 ? 0 : cannot_write(w->path);
    }
    TRY(base_open_output(&w->fd, w->path, O_WRONLY));
    if (fstat(w->fd, &opened) == 0 && opened.st_dev == info->st_dev &&
        opened.st_ino == info->st_ino && (opened.st_mode & S_IFMT) == (info->st_mode & S_IFMT))
        return 0;
    close(w->fd);
    return alx_fail(ALX_E_IO, "%s: cannot be written: another file took its name meanwhile",
                    w->path);
}

/* What has the name already, a killed process of this number left; or somebody else put it there: a
 * link of that name would lead this process to any file of its user. */
static int open_new(const char *path)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = open(path, flags, 0666);

    if (fd < 0 && errno == EEXIST && unlink(path) == 0)
        fd = open(path, flags, 0666);
    return fd;
}

static int open_beside(base_file_writer *w)
{
    TRY(base_follow_links(w->path));
    if (snprintf(w->beside, sizeof w->beside, "%s" BESIDE "%ld", w->path, (long)getpid()) >=
        (int)sizeof w->beside)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", w->path);
    w->ticket = base_unfinished_add(w->beside);
    w->fd = open_new(w->beside);
    return w->fd >= 0 ? 0 : cannot_write(w->path);
}

static void remove_beside(const base_file_writer *writer)
{
    if (writer->beside[0] != '\0')
        unlink(writer->beside);
}

static void free_writer(base_file_writer *writer)
{
    base_unfinished_drop(writer->ticket);
    free(writer);
}

int base_file_writer_open(base_file_writer **out, const char *path)
{
    struct stat info;
    const bool exists = stat(path, &info) == 0;

    *out = NULL;
    if (exists && S_ISDIR(info.st_mode))
        return alx_fail(ALX_E_IO, "%s: cannot be written: it is a folder", path);
    if (strlen(path) >= PATH_MAX)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", path);
    base_file_writer *writer = calloc(1, sizeof *writer);

    if (writer == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    writer->ticket = -1;
    strcpy(writer->path, path);
    const bool in_place = exists && (!S_ISREG(info.st_mode) || is_standard_output(&info));

    const int rc = in_place ? open_in_place(writer, &info) : open_beside(writer);

    if (rc == 0)
        *out = writer;
    else
        free_writer(writer);
    return rc;
}

int base_file_writer_write(base_file_writer *writer, const void *data, size_t bytes)
{
    const char *next = data;

    while (bytes > 0) {
        const ssize_t written = write(writer->fd, next, bytes);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return alx_fail(ALX_E_IO, "%s: write failed: %s", writer->path, strerror(errno));
        next += written;
        bytes -= (size_t)written;
    }
    return 0;
}

int base_file_writer_patch(base_file_writer *writer, size_t at, const void *data, size_t bytes)
{
    if (pwrite(writer->fd, data, bytes, (off_t)at) == (ssize_t)bytes)
        return 0;
    return alx_fail(ALX_E_IO, "%s: write failed: %s", writer->path, strerror(errno));
}

int base_file_writer_commit(base_file_writer **writer)
{
    base_file_writer *w = *writer;
    int rc = 0;

    if (w->beside[0] != '\0' && fsync(w->fd) != 0) /* a pipe knows no fsync */
        rc = alx_fail(ALX_E_IO, "%s: write failed: %s", w->path, strerror(errno));
    if (close(w->fd) != 0 && rc == 0)
        rc = alx_fail(ALX_E_IO, "%s: write failed: %s", w->path, strerror(errno));
    w->fd = -1;
    if (rc == 0 && w->beside[0] != '\0' && rename(w->beside, w->path) != 0)
        rc = alx_fail(ALX_E_IO, "%s: cannot be renamed: %s", w->path, strerror(errno));
    if (rc != 0)
        remove_beside(w);
    free_writer(w);
    *writer = NULL;
    return rc;
}

void base_file_writer_abort(base_file_writer **writer)
{
    if (writer == NULL || *writer == NULL)
        return;
    close((*writer)->fd);
    remove_beside(*writer);
    free_writer(*writer);
    *writer = NULL;
}

int base_file_write(const char *path, const void *data, size_t bytes)
{
    base_file_writer *writer = NULL;
    int rc = 0;

    TRY_DONE(base_file_writer_open(&writer, path));
    TRY_DONE(base_file_writer_write(writer, data, bytes));
    TRY_DONE(base_file_writer_commit(&writer));
done:
    base_file_writer_abort(&writer);
    return rc;
}

int base_file_append(const char *path, const char *text)
{
    int fd = -1;

    TRY(base_open_output(&fd, path, O_WRONLY | O_APPEND | O_CREAT));
    FILE *file = fdopen(fd, "a");
    const bool written = file != NULL && fputs(text, file) >= 0;
    const bool closed = file != NULL ? fclose(file) == 0 : close(fd) == 0;
    if (!written || !closed)
        return alx_fail(ALX_E_IO, "%s: write failed: %s", path, strerror(errno));
    return 0;
}

/* ---- what was never finished ----------------------------------------------------------------- */

/* Is `entry` beside one of the files, NAME.tmp-PID? */
static bool is_beside(long *process, const char *entry, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const size_t length = strlen(names[i]) + strlen(BESIDE);
        char *end = NULL;

        if (strncmp(entry, names[i], strlen(names[i])) != 0 ||
            strncmp(entry + strlen(names[i]), BESIDE, strlen(BESIDE)) != 0 ||
            !isdigit((unsigned char)entry[length]))
            continue;
        *process = strtol(entry + length, &end, 10);
        if (*end == '\0')
            return true;
    }
    return false;
}

int base_file_writer_sweep(const char *folder, const char *const *names, size_t count, bool shared)
{
    DIR *dir = opendir(folder);
    long process = 0;

    if (dir == NULL)
        return alx_fail(ALX_E_IO, "%s: cannot be read: %s", folder, strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!is_beside(&process, entry->d_name, names, count) ||
            (shared && (kill((pid_t)process, 0) == 0 || errno == EPERM)))
            continue;
        if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            alx_debug("%s/%s removed: a process that was killed left it", folder, entry->d_name);
    }
    closedir(dir);
    return 0;
}
