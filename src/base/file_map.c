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

static int not_read(const char *path)
{
    return alx_fail(ALX_E_DATA, "%s: cannot be read: %s", path, strerror(errno));
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
    *out = (base_file_map){ bytes, (size_t)info.st_size };
    return 0;
}

int base_file_map_open(base_file_map *out, const char *path)
{
    *out = (base_file_map){ 0 };
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not wait */

    if (fd < 0)
        return not_read(path);
    const int rc = map_descriptor(out, fd, path);

    close(fd);
    return rc;
}

void base_file_map_close(base_file_map *map)
{
    if (map->bytes != NULL)
        munmap((void *)(uintptr_t)map->bytes, map->count);
    *map = (base_file_map){ 0 };
}
