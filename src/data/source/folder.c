/* folder.c - a data set in a folder: listed once, each image read when it is asked for. Links are
 * followed; one that leads nowhere is a bad image. */
#include "data/set.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"

#define FOLDER_MAX_DEPTH 8 /* a link in a circle has no end */

int data_path_join(char path[DATA_PATH_BYTES], const char *folder, const char *name)
{
    size_t used = strlen(folder);

    while (used > 0 && folder[used - 1] == '/')
        --used;
    const int length = snprintf(path, DATA_PATH_BYTES, "%.*s/%s", (int)used, folder,
                                name + strspn(name, "/"));

    if (length < 0 || length >= DATA_PATH_BYTES)
        return alx_fail(ALX_E_DATA, "%.64s...: path too long", folder);
    if (length > 1 && path[length - 1] == '/')
        path[length - 1] = '\0';
    return 0;
}

/* Adds what `name` is, by its name and what lies there. */
static int folder_add(data_listing *listing, const char *folder, DIR *dir, const char *name)
{
    char with_slash[DATA_PATH_BYTES];
    struct stat info;
    size_t length = 0;
    int kind = data_kind_of(name, &length);

    if (fstatat(dirfd(dir), name, &info, 0) != 0) {
        if (data_kind_is_aside(kind) || /* or a bad image, like one that is cut */
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

/* All below root/within to the listing; `within` is "" or ends in '/'. */
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

/* Only what says the classes: what the class folders hold does not matter. */
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

int data_load_file(const alx_dataset *set, size_t index, const char *path, int size, uint8_t *rgb)
{
    data_item now = set->items[index];
    char *bytes = NULL;
    size_t count = 0;
    int rc = 0;

    TRY_DONE(base_file_read(&bytes, &count, path));
    now.bytes = count; /* the file may have changed its size since it was listed */
    TRY_DONE(data_load_encoded(set, &now, (const uint8_t *)bytes, size, rgb));
done:
    free(bytes);
    return rc;
}

static int folder_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    char path[DATA_PATH_BYTES];

    TRY(data_path_join(path, set->path, set->items[index].path));
    return data_load_file(set, index, path, size, rgb);
}

int data_folder_list(data_listing *out, const char *folder)
{
    size_t kept = 0, left[DATA_LEFT_ROWS] = { 0 };
    char pictures[256] = "";

    TRY(folder_walk(out, folder, "", FOLDER_MAX_DEPTH));
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

void data_folder_source(alx_dataset *set)
{
    set->source = &folder_source;
}

static int folder_open_labelled(alx_dataset *set)
{
    data_listing listing = { 0 };
    int rc = 0;

    TRY_DONE(folder_walk(&listing, set->path, "", FOLDER_MAX_DEPTH));
    TRY_DONE(data_labels_apply(set, &listing));
done:
    data_listing_free(&listing);
    return rc;
}

static int folder_level(data_listing *level, const void *source, const char *prefix)
{
    return data_folder_level(level, source, prefix);
}

int data_folder_open(alx_dataset *set, alx_split split)
{
    char *const *base = set->layout.base;
    data_listing listing = { 0 };
    int rc = 0;

    set->source = &folder_source;
    if (set->options.labels != NULL)
        return folder_open_labelled(set);
    TRY_DONE(data_layout_find(set, folder_level, set->path));
    if (base[split] != NULL)
        TRY_DONE(folder_walk(&listing, set->path, base[split], FOLDER_MAX_DEPTH));
    if (split == ALX_SPLIT_TEST && base[ALX_SPLIT_TRAIN] != NULL && !set->options.alone)
        TRY_DONE(folder_add_classes(&listing, set->path, base[ALX_SPLIT_TRAIN]));
    TRY_DONE(data_foreign_refuse_listed(set->path, &listing));
    TRY_DONE(data_layout_apply(set, &listing, split));
    set->modified = listing.modified;
done:
    data_listing_free(&listing);
    return rc;
}
