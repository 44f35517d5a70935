/* folder_lock.c - a folder that one process at a time works in: a record lock on a file in it. The
 * system drops such a lock when its holder ends, however it ends, and carries it over NFS. */
#define _GNU_SOURCE /* locks of an open file: POSIX's do not keep two users in a process apart */
#include "base/folder_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alexnet/log.h"
#include "base/try.h"

#define LOCK_NAME ".lock"
#define HOLDER_BYTES 320
#define HOLDER_TRIES 20

struct base_folder_lock {
    int folder, file; /* descriptors: the folder may be renamed meanwhile */
};

static int lock_whole_file(int file)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int code = fcntl(file, F_OFD_SETLK, &whole);

    if (code != 0 && errno == EINVAL) /* a kernel without them */
        code = fcntl(file, F_SETLK, &whole);
    return code;
}

/* For people only: who holds the lock is the system's to know. */
static void write_holder(int file)
{
    char host[256] = "", text[HOLDER_BYTES];

    gethostname(host, sizeof host - 1);
    const int length = snprintf(text, sizeof text, "pid %ld on %s\n", (long)getpid(), host);

    if (ftruncate(file, 0) != 0 || pwrite(file, text, (size_t)length, 0) != length)
        alx_debug("%s: nothing written: %s", LOCK_NAME, strerror(errno));
}

/* One that has only just taken the lock is about to write. */
static void read_holder(char holder[HOLDER_BYTES], int file)
{
    const struct timespec pause = { .tv_nsec = 10000000 };
    ssize_t bytes = 0;

    for (int i = 0; i < HOLDER_TRIES; ++i) {
        bytes = pread(file, holder, HOLDER_BYTES - 1, 0);
        if (bytes > 0)
            break;
        nanosleep(&pause, NULL);
    }
    holder[bytes > 0 ? bytes : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
}

static int fail_held(const char *folder, const char *does, int file)
{
    char holder[HOLDER_BYTES];

    read_holder(holder, file);
    return alx_fail(ALX_E_IO,
                    "%s: another process %s there%s%s%s: wait for its end, or choose "
                    "another folder",
                    folder, does, holder[0] != '\0' ? " (" : "", holder,
                    holder[0] != '\0' ? ")" : "");
}

/* @return 0 with `*gone` set where the holder before removed the file between open and lock */
static int take_file(bool *gone, int file, const char *folder, const char *does)
{
    struct stat info;

    *gone = false;
    if (lock_whole_file(file) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            return fail_held(folder, does, file);
        alx_warn("%s: cannot be locked (%s): see to it that no other process %s there", folder,
                 strerror(errno), does);
    }
    *gone = fstat(file, &info) != 0 || info.st_nlink == 0;
    return 0;
}

static int open_file(base_folder_lock *lock, const char *folder, const char *does)
{
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    bool gone = true;
    int rc = 0;

    while (gone) {
        lock->file = openat(lock->folder, LOCK_NAME, flags, 0666);
        if (lock->file < 0)
            return alx_fail(ALX_E_IO, "%s/" LOCK_NAME ": cannot be written: %s", folder,
                            strerror(errno));
        rc = take_file(&gone, lock->file, folder, does);
        if (rc == 0 && !gone)
            break;
        close(lock->file);
        lock->file = -1;
        TRY(rc);
    }
    return rc;
}

/* Not if another process, done with it, has renamed it meanwhile. */
static int check_place(const base_folder_lock *lock, const char *folder)
{
    struct stat held, named;

    if (fstat(lock->folder, &held) == 0 && stat(folder, &named) == 0 &&
        held.st_dev == named.st_dev && held.st_ino == named.st_ino)
        return 0;
    return alx_fail(ALX_E_IO, "%s: was renamed by another process meanwhile: try again", folder);
}

int base_folder_lock_take(base_folder_lock **out, const char *folder, const char *does)
{
    base_folder_lock *lock = malloc(sizeof *lock);
    int rc = 0;

    *out = NULL;
    if (lock == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", folder);
    lock->file = -1;
    lock->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock->folder < 0) {
        rc = alx_fail(ALX_E_IO, "%s: cannot be opened: %s", folder, strerror(errno));
        goto done;
    }
    TRY_DONE(open_file(lock, folder, does));
    TRY_DONE(check_place(lock, folder));
    write_holder(lock->file);
    *out = lock;
    lock = NULL;
done:
    base_folder_lock_free(lock);
    return rc;
}

/* The file goes before the lock does: who opened it by then sees that it is gone. */
void base_folder_lock_free(base_folder_lock *lock)
{
    if (lock == NULL)
        return;
    if (lock->file >= 0) {
        unlinkat(lock->folder, LOCK_NAME, 0);
        close(lock->file);
    }
    if (lock->folder >= 0)
        close(lock->folder);
    free(lock);
}
