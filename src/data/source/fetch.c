/* fetch.c - the bytes of one image, and its pixels, for all sources of image files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/try.h"
#include "data/image/image.h"
#include "data/naming.h"
#include "data/source/source.h"

int data_read_at(void *out, int fd, uint64_t offset, size_t bytes, const char *path)
{
    uint8_t *next = out;

    while (bytes > 0) {
        const ssize_t got = pread(fd, next, bytes, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return alx_fail(ALX_E_DATA, "%s: %s", path,
                            got == 0 ? "has become shorter while it is read" : strerror(errno));
        next += got;
        offset += (uint64_t)got;
        bytes -= (size_t)got;
    }
    return 0;
}

int data_load_encoded(const alx_dataset *set, const data_item *item, const uint8_t *bytes, int size,
                      uint8_t *rgb)
{
    char name[DATA_PATH_BYTES];

    data_shown_name(set, item->path, name, sizeof name);
    return data_image_load(rgb, bytes, (size_t)item->bytes, size, set->options.whole, name);
}

int data_load_file(const alx_dataset *set, size_t index, const char *path, int size, uint8_t *rgb)
{
    data_item now = set->items[index];
    char *bytes = NULL;
    size_t count = 0;
    int rc = 0;

    TRY_DONE(base_file_read_listed(&bytes, &count, path));
    now.bytes = count; /* the size may have changed since the file was listed */
    TRY_DONE(data_load_encoded(set, &now, (const uint8_t *)bytes, size, rgb));
done:
    free(bytes);
    return rc;
}
