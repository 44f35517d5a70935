/* file_map.c - files mapped for reading. */
#include "base/file_map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/try.h"
#include "base/unread.h"

/* What lies behind the file on its last page is no one's: the sanitizer is told so. */
#if defined(__SANITIZE_ADDRESS__)
#define POISON_TAIL
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_TAIL
#endif
#endif

#ifdef POISON_TAIL
#include <sanitizer/asan_interface.h>

static size_t tail_bytes(const base_file_map *map)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (page - map->count % page) % page;
}

static void poison_tail(const base_file_map *map)
{
    __asan_poison_memory_region(map->bytes + map->count, tail_bytes(map));
}

static void free_tail(const base_file_map *map)
{
    __asan_unpoison_memory_region(map->bytes + map->count, tail_bytes(map));
}
#else
static void poison_tail(const base_file_map *map)
{
    (void)map;
}

static void free_tail(const base_file_map *map)
{
    (void)map;
}
#endif

static int not_read(const char *path)
{
    return base_fail_unread(path, "cannot be read");
}

static int map_descriptor(base_file_map *out, int fd, const char *path)
{
    struct stat info;

    if (fstat(fd, &info) != 0)
        return not_read(path);
    if (!S_ISREG(info.st_mode))
        return base_not_a_file(path, S_ISDIR(info.st_mode));
    if (info.st_size == 0)
        return 0; /* nothing is mapped */
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

    if (bytes == MAP_FAILED)
        return not_read(path);
    *out = (base_file_map){ bytes, (size_t)info.st_size, fd };
    poison_tail(out);
    return 0;
}

int base_file_map_open(base_file_map *out, const char *path)
{
    *out = (base_file_map){ 0 };
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not wait */

    if (fd < 0)
        return not_read(path);
    const int rc = map_descriptor(out, fd, path);

    if (out->bytes == NULL)
        close(fd);
    return rc;
}

static int was_cut(const base_file_map *map, size_t left)
{
    return alx_fail(ALX_E_DATA, "was cut while it was open: %zu of %zu bytes are left", left,
                    map->count);
}

int base_file_map_check(const base_file_map *map)
{
    struct stat info;

    if (map->bytes == NULL)
        return 0;
    if (fstat(map->fd, &info) != 0)
        return alx_fail(ALX_E_DATA, "cannot be read: %s", strerror(errno));
    if ((size_t)info.st_size >= map->count)
        return 0;
    return was_cut(map, (size_t)info.st_size);
}

bool base_file_map_holds(const base_file_map *map, const uint8_t *at)
{
    const uintptr_t first = (uintptr_t)map->bytes;

    return first <= (uintptr_t)at && (uintptr_t)at - first < map->count;
}

int base_file_map_copy(const base_file_map *map, void *out, const uint8_t *at, size_t bytes)
{
    const off_t start = at - map->bytes;
    size_t done = 0;

    while (done < bytes) {
        const ssize_t got = pread(map->fd, (char *)out + done, bytes - done, start + (off_t)done);

        if (got == 0)
            return was_cut(map, (size_t)start + done);
        if (got < 0 && errno != EINTR)
            return alx_fail(ALX_E_DATA, "cannot be read: %s", strerror(errno));
        done += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

void base_file_map_close(base_file_map *map)
{
    if (map->bytes != NULL) {
        free_tail(map);
        munmap((void *)(uintptr_t)map->bytes, map->count);
        close(map->fd);
    }
    *map = (base_file_map){ 0 };
}
