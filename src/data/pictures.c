/* pictures.c - images to look at, without labels: files, folders of them, standard input. */
#include "data/dataset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PICTURES_STDIN "-"

/* ---- listing ------------------------------------------------------------------------------- */

static int add_folder(data_listing *out, const char *folder)
{
    const size_t before = out->count;
    int length = (int)strlen(folder);
    data_listing below = { 0 };
    int rc = 0;

    while (length > 1 && folder[length - 1] == '/')
        --length;
    TRY(data_folder_list(&below, folder));
    for (size_t i = 0; i < below.count; ++i) {
        char path[DATA_PATH_BYTES];

        snprintf(path, sizeof path, "%.*s/%s", length, folder, below.items[i].path);
        TRY(data_listing_add(out, path, 0, below.items[i].bytes));
    }
    if (out->count == before)
        rc = alx_fail(ALX_E_DATA, "%s: no images found; expected *.jpg or *.png", folder);
done:
    data_listing_free(&below);
    return rc;
}

/* All that comes, into the set's memory. */
static int read_stdin(alx_dataset *set, uint64_t *bytes)
{
    size_t count = 0, capacity = 0;
    ssize_t got = 0;

    if (set->memory != NULL)
        return alx_fail(ALX_E_USAGE, "standard input (-) can be read once");
    do {
        if (count == capacity) {
            capacity = 2 * capacity + 65536;
            uint8_t *grown = realloc(set->memory, capacity);

            if (grown == NULL)
                return alx_fail(ALX_E_MEMORY, "out of host memory for standard input");
            set->memory = grown;
        }
        got = read(STDIN_FILENO, set->memory + count, capacity - count);
        count += got > 0 ? (size_t)got : 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got < 0)
        return alx_fail(ALX_E_DATA, "standard input cannot be read: %s", strerror(errno));
    *bytes = count;
    return 0;
}

static int add_picture(alx_dataset *set, data_listing *listing, const char *path)
{
    struct stat info;
    uint64_t bytes = 0;
    int rc = 0;

    if (strcmp(path, PICTURES_STDIN) == 0) {
        TRY(read_stdin(set, &bytes));
        return data_listing_add(listing, path, 0, bytes);
    }
    if (stat(path, &info) != 0)
        return alx_fail(ALX_E_DATA, "%s: %s", path, strerror(errno));
    rc = S_ISDIR(info.st_mode) ? add_folder(listing, path)
                               : data_listing_add(listing, path, 0, (uint64_t)info.st_size);
done:
    return rc;
}

/* ---- the source ---------------------------------------------------------------------------- */

static int pictures_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    data_item now = set->items[index]; /* the file may have changed its size since it was listed */
    char *bytes = NULL;
    size_t count = 0;
    int rc = 0;

    if (strcmp(now.path, PICTURES_STDIN) == 0)
        return data_load_encoded(set, &now, set->memory, size, rgb);
    TRY(alx_file_read(&bytes, &count, now.path));
    now.bytes = count;
    TRY(data_load_encoded(set, &now, (const uint8_t *)bytes, size, rgb));
done:
    free(bytes);
    return rc;
}

static int pictures_label(const alx_dataset *set, size_t index)
{
    (void)set;
    (void)index;
    return -1;
}

static const data_source pictures_source = { .separator = '/', .load = pictures_load,
                                             .label = pictures_label };

int alx_dataset_of_images(alx_dataset **out, const char *const *paths, size_t count)
{
    alx_dataset *set = calloc(1, sizeof *set);
    data_listing listing = { 0 };
    int rc = 0;

    *out = NULL;
    if (set == NULL || (set->path = strdup("")) == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a list of images");
        goto done;
    }
    set->fd = -1;
    set->source = &pictures_source;
    for (size_t i = 0; i < count; ++i)
        TRY(add_picture(set, &listing, paths[i]));
    set->items = listing.items;
    set->count = listing.count;
    listing = (data_listing){ 0 };
    *out = set;
    set = NULL;
done:
    data_listing_free(&listing);
    alx_dataset_close(set);
    return rc;
}
