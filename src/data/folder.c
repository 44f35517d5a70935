/* folder.c - a data set in a folder: listed once, each image read when it is asked for. Links are
 * followed; one that leads nowhere is a bad image. */
#include "data/dataset.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER_MAX_DEPTH 8 /* a link in a circle has no end */

/* folder/name; without the '/' that `name` may end in */
static int folder_join(char path[DATA_PATH_BYTES], const char *folder, const char *name)
{
    const int length = snprintf(path, DATA_PATH_BYTES, "%s/%s", folder, name);

    if (length < 0 || length >= DATA_PATH_BYTES)
        return alx_fail(ALX_E_DATA, "%.64s...: path too long", folder);
    if (path[length - 1] == '/')
        path[length - 1] = '\0';
    return 0;
}

/* Adds what `name` is: an image, or a folder with a '/' after its name; else nothing. */
static int folder_add(data_listing *listing, const char *folder, DIR *dir, const char *name)
{
    char with_slash[DATA_PATH_BYTES];
    struct stat info;

    if (fstatat(dirfd(dir), name, &info, 0) != 0) {
        if (errno == ENOENT && data_path_is_image(name)) /* a bad image, like one that is cut */
            return data_listing_add(listing, name, 0, 0);
        return alx_fail(ALX_E_DATA, "%s/%s: %s", folder, name,
                        errno == ENOENT ? "a link that leads nowhere" : strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        snprintf(with_slash, sizeof with_slash, "%s/", name);
        return data_listing_add(listing, with_slash, 0, 0);
    }
    if (!data_path_is_image(name))
        return 0;
    if (!S_ISREG(info.st_mode))
        return alx_fail(ALX_E_DATA, "%s/%s: not a file", folder, name);
    listing->modified += data_modified(&info);
    return data_listing_add(listing, name, 0, (uint64_t)info.st_size);
}

/* One folder's images and folders, without what is hidden. */
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
        if (!data_path_is_hidden(entry->d_name))
            TRY(folder_add(listing, path, dir, entry->d_name));
    }
    if (errno != 0)
        rc = alx_fail(ALX_E_DATA, "%s: folder cannot be read: %s", path, strerror(errno));
done:
    closedir(dir);
    return rc;
}

static bool folder_item_is_folder(const data_item *item)
{
    return item->path[strlen(item->path) - 1] == '/';
}

/* All below root/within to the listing; `within` is "" or ends in '/'. */
static int folder_walk(data_listing *listing, const char *root, const char *within, int depth)
{
    data_listing here = { 0 };
    char path[DATA_PATH_BYTES];
    int rc = 0;

    TRY(folder_join(path, root, within));
    if (depth == 0) {
        rc = alx_fail(ALX_E_DATA, "%s: more than %d folders deep; a link in a circle?", path,
                      FOLDER_MAX_DEPTH);
        goto done;
    }
    TRY(folder_list(&here, path));
    listing->modified += here.modified;
    for (size_t i = 0; i < here.count; ++i) {
        const data_item *item = &here.items[i];

        snprintf(path, sizeof path, "%s%s", within, item->path);
        TRY(data_listing_add(listing, path, 0, item->bytes));
        if (folder_item_is_folder(item))
            TRY(folder_walk(listing, root, path, depth - 1));
    }
done:
    data_listing_free(&here);
    return rc;
}

/* Only the class folders: what they hold does not matter. */
static int folder_walk_classes(data_listing *listing, const char *root, const char *within)
{
    data_listing here = { 0 };
    char path[DATA_PATH_BYTES];
    int rc = 0;

    TRY(folder_join(path, root, within));
    TRY(folder_list(&here, path));
    for (size_t i = 0; i < here.count; ++i) {
        if (!folder_item_is_folder(&here.items[i]))
            continue;
        snprintf(path, sizeof path, "%s%s", within, here.items[i].path);
        TRY(data_listing_add(listing, path, 0, 0));
    }
done:
    data_listing_free(&here);
    return rc;
}

/* True if `root` has the folder `name` ("train/") and it has folders. */
static int folder_has_classes(bool *out, const char *root, const data_listing *top,
                              const char *name)
{
    data_listing classes = { 0 };
    int rc = 0;

    *out = false;
    for (size_t i = 0; i < top->count; ++i) {
        if (strcmp(top->items[i].path, name) != 0)
            continue;
        TRY(folder_walk_classes(&classes, root, name));
        *out = classes.count > 0;
    }
done:
    data_listing_free(&classes);
    return rc;
}

static int folder_layout(data_layout *layout, const char *root)
{
    data_listing top = { 0 };
    bool train = false, test = false, val = false;
    int rc = 0;

    TRY(folder_list(&top, root));
    TRY(folder_has_classes(&train, root, &top, "train/"));
    TRY(folder_has_classes(&test, root, &top, "test/"));
    TRY(folder_has_classes(&val, root, &top, "val/"));
    *layout = data_layout_of(train, test, val);
done:
    data_listing_free(&top);
    return rc;
}

/* Steps into a leading folder, as an unpacked tar leaves it: the set's path becomes longer. */
static int folder_skip_leading(alx_dataset *set)
{
    data_listing top = { 0 }, below = { 0 };
    char path[DATA_PATH_BYTES];
    int rc = 0;

    TRY(folder_list(&top, set->path));
    if (top.count != 1 || !folder_item_is_folder(&top.items[0]) ||
        data_name_is_split(top.items[0].path, strlen(top.items[0].path) - 1))
        goto done;
    TRY(folder_join(path, set->path, top.items[0].path));
    TRY(folder_list(&below, path));
    for (size_t i = 0; i < below.count; ++i)
        if (!folder_item_is_folder(&below.items[i]))
            goto done;
    if (below.count > 0) {
        char *longer = strdup(path);

        if (longer == NULL) {
            rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
            goto done;
        }
        free(set->path);
        set->path = longer;
    }
done:
    data_listing_free(&top);
    data_listing_free(&below);
    return rc;
}

static int folder_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    char path[DATA_PATH_BYTES], *bytes = NULL;
    data_item now = set->items[index]; /* the file may have changed its size since it was listed */
    size_t count = 0;
    int rc = 0;

    TRY(folder_join(path, set->path, now.path));
    TRY(alx_file_read(&bytes, &count, path));
    now.bytes = count;
    TRY(data_load_encoded(set, &now, (const uint8_t *)bytes, size, rgb));
done:
    free(bytes);
    return rc;
}

int data_folder_list(data_listing *out, const char *folder)
{
    size_t kept = 0;
    int rc = 0;

    TRY(folder_walk(out, folder, "", FOLDER_MAX_DEPTH));
    for (size_t i = 0; i < out->count; ++i)
        if (folder_item_is_folder(&out->items[i]))
            free(out->items[i].path);
        else
            out->items[kept++] = out->items[i];
    out->count = kept;
    data_listing_sort(out);
done:
    return rc;
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

    TRY(folder_walk(&listing, set->path, "", FOLDER_MAX_DEPTH));
    TRY(data_labels_apply(set, &listing));
done:
    data_listing_free(&listing);
    return rc;
}

int data_folder_open(alx_dataset *set, alx_split split)
{
    data_listing listing = { 0 };
    data_layout layout = { { NULL, NULL } };
    int rc = 0;

    set->source = &folder_source;
    if (set->options.labels != NULL)
        return folder_open_labelled(set);
    TRY(folder_skip_leading(set));
    TRY(folder_layout(&layout, set->path));
    if (layout.base[split] != NULL)
        TRY(folder_walk(&listing, set->path, layout.base[split], FOLDER_MAX_DEPTH));
    if (split == ALX_SPLIT_TEST && layout.base[ALX_SPLIT_TRAIN] != NULL)
        TRY(folder_walk_classes(&listing, set->path, layout.base[ALX_SPLIT_TRAIN]));
    TRY(data_layout_apply(set, &listing, &layout, 0, split));
    set->modified = listing.modified;
done:
    data_listing_free(&listing);
    return rc;
}
