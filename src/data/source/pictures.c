/* pictures.c - images to look at, without labels: files, folders of them, standard input. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/try.h"
#include "base/unread.h"
#include "data/naming.h"
#include "data/source/source.h"

#define PICTURES_STDIN "-"
#define PICTURES_IN_MEMORY ((uint64_t)1 << 62) /* in an offset: of the set's memory */
#define PICTURES_MAX_BYTES ((size_t)1 << 30)   /* of one that comes through a pipe */

typedef struct pictures {
    alx_dataset *set;
    data_listing listing;
    size_t used_bytes, room_bytes; /* of the set's memory */
    bool stdin_read;
} pictures;

/* ---- listing ------------------------------------------------------------------------------- */

static int add_folder(data_listing *out, const char *folder)
{
    const size_t before = out->count;
    data_listing below = { 0 };
    int rc = 0;

    TRY_DONE(data_folder_list_images(&below, folder));
    for (size_t i = 0; i < below.count; ++i) {
        char path[DATA_PATH_BYTES];

        TRY_DONE(data_path_join(path, folder, below.items[i].path));
        TRY_DONE(data_listing_add(out, DATA_IMAGE, path, 0, below.items[i].bytes));
    }
    if (out->count == before)
        rc = alx_fail(ALX_E_DATA, "%s: no images found; expected *.jpg or *.png", folder);
done:
    data_listing_free(&below);
    return rc;
}

/* Appends all that comes out of a pipe to the set's memory, as it can be read only once. */
static int read_pipe(pictures *p, const char *path, int fd)
{
    const size_t start = p->used_bytes;
    ssize_t got = 0;

    do {
        if (p->used_bytes == p->room_bytes) {
            p->room_bytes = 2 * p->room_bytes + 65536;
            uint8_t *grown = realloc(p->set->memory, p->room_bytes);

            if (grown == NULL)
                return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
            p->set->memory = grown;
        }
        got = read(fd, p->set->memory + p->used_bytes, p->room_bytes - p->used_bytes);
        p->used_bytes += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && p->used_bytes - start <= PICTURES_MAX_BYTES) ||
             (got < 0 && errno == EINTR));
    if (got < 0)
        return alx_fail(ALX_E_DATA, "%s: cannot be read: %s", path, strerror(errno));
    if (got > 0)
        return alx_fail(ALX_E_DATA, "%s: more than %zu bytes, too many for an image", path,
                        PICTURES_MAX_BYTES);
    return data_listing_add(&p->listing, DATA_IMAGE, path, PICTURES_IN_MEMORY | start,
                            p->used_bytes - start);
}

static int add_pipe(pictures *p, const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return alx_fail(ALX_E_DATA, "%s: cannot be read: %s", path, strerror(errno));
    const int rc = read_pipe(p, path, fd);

    close(fd);
    return rc;
}

static int add_stdin(pictures *p)
{
    if (p->stdin_read)
        return alx_fail(ALX_E_USAGE, "standard input (-) can be read once");
    p->stdin_read = true;
    TRY(read_pipe(p, PICTURES_STDIN, STDIN_FILENO));
    if (p->listing.items[p->listing.count - 1].bytes == 0)
        return alx_fail(ALX_E_DATA, "standard input (-) is empty");
    return 0;
}

static int add_picture(pictures *p, const char *path)
{
    struct stat info;

    if (strcmp(path, PICTURES_STDIN) == 0)
        return add_stdin(p);
    if (path[0] == '\0')
        return alx_fail(ALX_E_USAGE, "an image's name is empty");
    if (stat(path, &info) != 0)
        return base_fail_unread(path, "cannot be read");
    if (S_ISDIR(info.st_mode))
        return add_folder(&p->listing, path);
    if (S_ISFIFO(info.st_mode))
        return add_pipe(p, path);
    return data_listing_add(&p->listing, DATA_IMAGE, path, 0, (uint64_t)info.st_size);
}

/* ---- the source ---------------------------------------------------------------------------- */

static int pictures_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    const data_item *item = &set->items[index];

    if ((item->offset & PICTURES_IN_MEMORY) != 0)
        return data_load_encoded(set, item, set->memory + (item->offset & ~PICTURES_IN_MEMORY),
                                 size, rgb);
    return data_load_file(set, index, item->path, size, rgb);
}

static int pictures_label(const alx_dataset *set, size_t index)
{
    (void)set;
    (void)index;
    return -1;
}

static const data_source pictures_source = { .separator = '/',
                                             .load = pictures_load,
                                             .label = pictures_label };

int alx_dataset_of_images(alx_dataset **out, const char *const *paths, size_t count)
{
    alx_dataset *set = NULL;
    pictures p = { .stdin_read = false };
    int rc = 0;

    *out = NULL;
    TRY_DONE(data_set_create(&set, ""));
    p.set = set;
    set->source = &pictures_source;
    for (size_t i = 0; i < count; ++i)
        TRY_DONE(add_picture(&p, paths[i]));
    set->items = p.listing.items;
    set->count = p.listing.count;
    p.listing = (data_listing){ 0 };
    TRY_DONE(data_set_finish(set));
    *out = set;
    set = NULL;
done:
    data_listing_free(&p.listing);
    alx_dataset_close(set);
    return rc;
}
