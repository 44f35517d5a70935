/* glance.c - what a path looks like as a data set, without listing its images: how many classes,
 * and the size of one image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"
#include "data/layout.h"
#include "data/naming.h"
#include "data/source/source.h"

#define ARCHIVE_BYTES (64 << 20) /* of one that is unpacked for it */
#define IMAGE_BYTES (64 << 20)
#define FEWEST_CLASSES 2 /* of folders: one with pictures in it may be anything */

static void measure_image(alx_data_glance *out, const uint8_t *bytes, size_t count,
                          const char *name)
{
    alx_image image = { 0 };

    if (alx_image_decode(&image, bytes, count, 0, name) == 0) {
        out->width = image.width;
        out->height = image.height;
    }
    alx_image_free(&image);
}

static void measure_file(alx_data_glance *out, const char *path)
{
    struct stat info;
    char *bytes = NULL;
    size_t count = 0;

    if (stat(path, &info) == 0 && info.st_size <= IMAGE_BYTES &&
        base_file_read(&bytes, &count, path) == 0)
        measure_image(out, (const uint8_t *)bytes, count, path);
    free(bytes);
}

/* ---- a folder ------------------------------------------------------------------------------ */

/* The first image that lies in one of its class folders, as a path in `folder`; "" if none does. */
static int find_image(char found[DATA_PATH_BYTES], const char *folder, const char *class_folder)
{
    data_listing level = { 0 };
    int rc = 0;

    found[0] = '\0';
    TRY_DONE(data_folder_level(&level, folder, class_folder));
    data_listing_sort(&level);
    for (size_t i = 0; i < level.count && found[0] == '\0'; ++i)
        if (level.items[i].kind == DATA_IMAGE)
            snprintf(found, DATA_PATH_BYTES, "%s%s", class_folder, level.items[i].path);
done:
    data_listing_free(&level);
    return rc;
}

static int count_classes(alx_data_glance *out, const char *folder, const char *base)
{
    data_listing level = { 0 };
    char image[DATA_PATH_BYTES] = "", path[DATA_PATH_BYTES];
    int rc = 0;

    TRY_DONE(data_folder_level(&level, folder, base));
    data_listing_sort(&level);
    for (size_t i = 0; i < level.count; ++i) {
        char class_folder[DATA_PATH_BYTES];

        if (level.items[i].kind != DATA_FOLDER)
            continue;
        ++out->classes;
        if (image[0] != '\0' || snprintf(class_folder, sizeof class_folder, "%s%s", base,
                                         level.items[i].path) >= (int)sizeof class_folder)
            continue;
        TRY_DONE(find_image(image, folder, class_folder));
    }
    if (out->classes < FEWEST_CLASSES || image[0] == '\0')
        TRY_DONE(alx_fail(ALX_E_DATA, "%s: no images in class folders", folder));
    TRY_DONE(data_path_join(path, folder, image));
    measure_file(out, path);
done:
    data_listing_free(&level);
    return rc;
}

static int list_level(data_listing *level, const void *folder, const char *prefix)
{
    return data_folder_level(level, folder, prefix);
}

static int glance_at_folder(alx_data_glance *out, alx_dataset *set)
{
    const char *const *base = (const char *const *)set->layout.base;

    TRY(data_foreign_refuse_folder(set->path));
    data_folder_open(set);
    TRY(data_layout_find(set, list_level, set->path));
    out->has_test = base[ALX_SPLIT_TEST] != NULL;
    if (base[ALX_SPLIT_TRAIN] == NULL)
        return alx_fail(ALX_E_DATA, "%s: no training images", set->path);
    return count_classes(out, set->path, base[ALX_SPLIT_TRAIN]);
}

/* ---- what is opened for it ------------------------------------------------------------------- */

static void measure_member(alx_data_glance *out, const alx_dataset *set)
{
    const data_item *item = set->items;
    const uint8_t *bytes = NULL;
    uint8_t *owned = NULL;

    if (data_tar_read(&bytes, &owned, set, 0) == 0)
        measure_image(out, bytes, (size_t)item->bytes, item->path);
    free(owned);
}

static int glance_inside(alx_data_glance *out, const char *path, bool archive)
{
    alx_dataset *set = NULL;

    TRY(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    out->classes = alx_dataset_classes(set);
    out->has_test = alx_dataset_has_split(set, ALX_SPLIT_TEST);
    if (archive)
        measure_member(out, set);
    alx_dataset_close(set);
    return 0;
}

/* ---- any path ------------------------------------------------------------------------------ */

static int glance(alx_data_glance *out, alx_dataset *set)
{
    struct stat info;

    if (stat(set->path, &info) != 0)
        return alx_fail(ALX_E_DATA, "%s: no data set there", set->path);
    if (S_ISDIR(info.st_mode) && data_cifar_is(set->path)) {
        out->width = out->height = 32;
        return glance_inside(out, set->path, false);
    }
    if (S_ISDIR(info.st_mode) && data_lmdb_is(set->path))
        return glance_inside(out, set->path, false);
    if (S_ISDIR(info.st_mode))
        return glance_at_folder(out, set);
    if (!S_ISREG(info.st_mode) || info.st_size > ARCHIVE_BYTES || !data_path_is_archive(set->path))
        return alx_fail(ALX_E_DATA, "%s: not looked at", set->path);
    return glance_inside(out, set->path, true);
}

bool alx_data_look(alx_data_glance *out, const char *path)
{
    const enum alx_log_level level = alx_log_get_level();
    alx_dataset *set = NULL;
    bool found = false;

    *out = (alx_data_glance){ .classes = 0 };
    alx_log_set_level(ALX_LOG_QUIET);
    found = data_set_create(&set, path) == 0 && glance(out, set) == 0;
    alx_log_set_level(level);
    alx_dataset_close(set);
    return found;
}
