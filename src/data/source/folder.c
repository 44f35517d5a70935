/* folder.c - a data set in a folder: listed once, each image read when it is asked for. Links are
 * followed; one that leads nowhere is a bad image. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/log.h"
#include "base/try.h"
#include "data/naming.h"
#include "data/source/source.h"

#define FOLDER_MAX_DEPTH 8 /* a link in a circle has no end */

/* Adds `name` to the listing, as the kind that its name and the file itself say. */
static int folder_add(data_listing *listing, const char *folder, DIR *dir, const char *name)
{
    char with_slash[DATA_PATH_BYTES];
    struct stat info;
    size_t length = 0;
    int kind = data_kind_of(name, &length);

    if (fstatat(dirfd(dir), name, &info, 0) != 0) {
        if (data_kind_is_aside(kind) || /* or a bad image, as a truncated one is */
            (errno == ENOENT && kind == DATA_IMAGE))
            return data_listing_add(listing, kind, name, 0, 0);
        return alx_fail(ALX_E_DATA, "%s/%s: %s", folder, name,
                        errno == ENOENT ? "a link that leads nowhere" : strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        snprintf(with_slash, sizeof with_slash, "%s/", name);
        kind = data_kind_of(with_slash, &length);
        return data_listing_add(listing, kind, with_slash, 0, 0);
    }
    if (kind == DATA_IMAGE && !S_ISREG(info.st_mode))
        return alx_fail(ALX_E_DATA, "%s/%s: not a file", folder, name);
    if (kind == DATA_IMAGE)
        listing->modified += data_modified(&info);
    return data_listing_add(listing, kind, name, 0, (uint64_t)info.st_size);
}

/* What is in one folder. */
static int folder_list(data_listing *listing, const char *path)
{
    DIR *dir = opendir(path);
    int rc = 0;

    *listing = (data_listing){ 0 };
    if (dir == NULL)
        return alx_fail(ALX_E_DATA, "%s: folder cannot be read: %s", path, strerror(errno));
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);

        if (entry == NULL)
            break;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            TRY_DONE(folder_add(listing, path, dir, entry->d_name));
    }
    if (errno != 0)
        rc = alx_fail(ALX_E_DATA, "%s: folder cannot be read: %s", path, strerror(errno));
done:
    closedir(dir);
    return rc;
}

int data_folder_level(data_listing *level, const char *folder, const char *within)
{
    char path[DATA_PATH_BYTES];

    TRY(data_path_join(path, folder, within));
    return folder_list(level, path);
}

/* Adds everything below root/within to the listing; `within` is "" or ends in '/'. */
static int folder_walk(data_listing *listing, const char *root, const char *within, int depth)
{
    data_listing here = { 0 };
    char path[DATA_PATH_BYTES];
    int rc = 0;

    TRY_DONE(data_path_join(path, root, within));
    if (depth == 0) {
        rc = alx_fail(ALX_E_DATA, "%s: more than %d folders deep; a link in a circle?", path,
                      FOLDER_MAX_DEPTH);
        goto done;
    }
    TRY_DONE(folder_list(&here, path));
    listing->modified += here.modified;
    for (size_t i = 0; i < here.count; ++i) {
        const data_item *item = &here.items[i];

        snprintf(path, sizeof path, "%s%s", within, item->path);
        TRY_DONE(data_listing_add(listing, item->kind, path, 0, item->bytes));
        if (item->kind == DATA_FOLDER)
            TRY_DONE(folder_walk(listing, root, path, depth - 1));
    }
done:
    data_listing_free(&here);
    return rc;
}

int data_folder_list_all(data_listing *listing, const char *folder)
{
    return folder_walk(listing, folder, "", FOLDER_MAX_DEPTH);
}

/* Adds only what says which classes there are, not what the class folders hold. */
static int folder_add_classes(data_listing *listing, const char *root, const char *within)
{
    data_listing here = { 0 };
    char path[DATA_PATH_BYTES];
    int rc = 0;

    TRY_DONE(data_folder_level(&here, root, within));
    for (size_t i = 0; i < here.count; ++i) {
        if (here.items[i].kind >= DATA_LEFT)
            continue;
        snprintf(path, sizeof path, "%s%s", within, here.items[i].path);
        TRY_DONE(data_listing_add(listing, here.items[i].kind, path, 0, 0));
    }
done:
    data_listing_free(&here);
    return rc;
}

int data_folder_list_split(data_listing *listing, const alx_dataset *set, alx_split split)
{
    char *const *base = set->layout.base;

    if (base[split] != NULL)
        TRY(folder_walk(listing, set->path, base[split], FOLDER_MAX_DEPTH));
    if (split == ALX_SPLIT_TEST && base[ALX_SPLIT_TRAIN] != NULL && !set->options.alone)
        TRY(folder_add_classes(listing, set->path, base[ALX_SPLIT_TRAIN]));
    return 0;
}

static int folder_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    char path[DATA_PATH_BYTES];

    TRY(data_path_join(path, set->path, set->items[index].path));
    return data_load_file(set, index, path, size, rgb);
}

int data_folder_list_images(data_listing *out, const char *folder)
{
    size_t kept = 0, left[DATA_LEFT_ROWS] = { 0 };
    char pictures[256] = "";

    TRY(data_folder_list_all(out, folder));
    for (size_t i = 0; i < out->count; ++i) {
        const data_item item = out->items[i];

        if (item.kind == DATA_IMAGE) {
            out->items[kept++] = item;
            continue;
        }
        if (item.kind >= DATA_LEFT)
            ++left[item.kind - DATA_LEFT];
        free(item.path);
    }
    out->count = kept;
    data_listing_sort(out);
    data_left_text(pictures, sizeof pictures, left, true);
    if (pictures[0] != '\0')
        alx_warn("%s: %s left out: only JPEG and PNG are read", folder, pictures);
    return 0;
}

static const data_source folder_source = { .separator = '/', .load = folder_load };

void data_folder_open(alx_dataset *set)
{
    set->source = &folder_source;
}
