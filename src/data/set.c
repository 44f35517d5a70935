/* set.c - the public face of a data set; what differs by source is in folder.c, tar.c, list.c,
 * cifar.c, lmdb.c and pictures.c, the rules of where classes are in layout_find.c and layout.c. */
#include "data/set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/name_write.h"
#include "base/try.h"

enum source_kind { SOURCE_FOLDER, SOURCE_TAR, SOURCE_LIST, SOURCE_LMDB, SOURCE_CIFAR };

static int dataset_find_kind(enum source_kind *kind, alx_dataset *set)
{
    struct stat info;
    bool is_lmdb = false;

    if (stat(set->path, &info) != 0)
        return alx_fail(ALX_E_DATA, "%s: no data set there: %s", set->path, strerror(errno));
    if (S_ISREG(info.st_mode)) {
        *kind = SOURCE_LMDB;
        if (data_lmdb_is_file(set->path))
            return 0;
        TRY(data_foreign_refuse_file(set->path));
        *kind = data_list_is(set->path) ? SOURCE_LIST : SOURCE_TAR;
        return 0;
    }
    if (!S_ISDIR(info.st_mode))
        return alx_fail(ALX_E_DATA,
                        "%s: neither a folder nor a file: a data set is read more than "
                        "once",
                        set->path);
    *kind = SOURCE_CIFAR;
    if (data_cifar_is(set->path))
        return 0;
    TRY(data_foreign_refuse_folder(set->path));
    TRY(data_lmdb_step_down(&is_lmdb, set));
    *kind = is_lmdb ? SOURCE_LMDB : SOURCE_FOLDER;
    return 0;
}

/* What would be ignored is refused: its user expects that it counts. */
static int dataset_check_options(const alx_dataset *set, enum source_kind kind)
{
    const alx_dataset_options *o = &set->options;
    const bool files = kind == SOURCE_FOLDER || kind == SOURCE_TAR, list = kind == SOURCE_LIST;

    if (o->root != NULL && !list)
        return alx_fail(ALX_E_USAGE, "--root %s: is for a list of paths, and %s is none", o->root,
                        set->path);
    if (o->labels != NULL && !files)
        return alx_fail(ALX_E_USAGE, "--labels %s: %s has its labels itself", o->labels, set->path);
    if ((o->classes != NULL || o->ids != NULL) && o->labels == NULL && !list)
        return alx_fail(ALX_E_USAGE,
                        "%s %s: is for --labels and for lists, and %s has its classes "
                        "itself",
                        o->classes != NULL ? "--classes" : "--synset-ids",
                        o->classes != NULL ? o->classes : o->ids, set->path);
    return 0;
}

static int dataset_open_source(alx_dataset *set, alx_split split)
{
    enum source_kind kind;

    TRY(dataset_find_kind(&kind, set));
    TRY(dataset_check_options(set, kind));
    switch (kind) {
    case SOURCE_FOLDER:
        return data_folder_open(set, split);
    case SOURCE_TAR:
        return data_tar_open(set, split);
    case SOURCE_LIST:
        return data_list_open(set);
    case SOURCE_LMDB:
        return data_lmdb_open(set, split);
    case SOURCE_CIFAR:
        return data_cifar_open(set, split);
    }
    return 0;
}

int alx_dataset_open(alx_dataset **out, const char *path, alx_split split)
{
    return alx_dataset_open_with(out, path, split, &(alx_dataset_options){ 0 });
}

int alx_dataset_open_with(alx_dataset **out, const char *path, alx_split split,
                          const alx_dataset_options *options)
{
    alx_dataset *set = calloc(1, sizeof *set);
    size_t length = strlen(path);
    int rc = 0;

    *out = NULL;
    while (length > 1 && path[length - 1] == '/')
        --length;
    if (set == NULL || (set->path = strndup(path, length)) == NULL ||
        (set->given = strndup(path, length)) == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
        goto done;
    }
    set->fd = -1;
    set->options = *options;
    TRY_DONE(dataset_open_source(set, split));
    *out = set;
    set = NULL;
done:
    alx_dataset_close(set);
    return rc;
}

void alx_dataset_close(alx_dataset *set)
{
    if (set == NULL)
        return;
    if (set->fd >= 0)
        close(set->fd);
    data_lmdb_close(set->lmdb);
    for (size_t i = 0; set->items != NULL && i < set->count; ++i)
        free(set->items[i].path);
    for (int i = 0; i < set->class_count; ++i)
        free(set->classes[i]);
    free(set->items);
    free(set->classes);
    free(set->memory);
    free(set->statistics);
    free(set->network_class);
    data_layout_free(&set->layout);
    free(set->path);
    free(set->given);
    free(set);
}

size_t alx_dataset_count(const alx_dataset *set)
{
    return set->count;
}

int alx_dataset_classes(const alx_dataset *set)
{
    return set->class_count;
}

const char *alx_dataset_class_name(const alx_dataset *set, int class_index)
{
    return set->classes[class_index];
}

int alx_dataset_label(const alx_dataset *set, size_t index)
{
    const int label = set->source->label != NULL ? set->source->label(set, index)
                                                 : set->items[index].label;

    return set->network_class == NULL || label < 0 || label >= set->label_count
               ? label
               : set->network_class[label];
}

bool alx_dataset_has_split(const alx_dataset *set, alx_split split)
{
    return set->has_split[split];
}

const char *alx_dataset_fingerprint(const alx_dataset *set)
{
    return set->fingerprint;
}

void data_full_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes)
{
    if (set->path[0] == '\0' || path[0] == '/') /* of a list, where paths may be absolute */
        snprintf(name, name_bytes, "%s", path);
    else
        snprintf(name, name_bytes, "%s%c%s", set->path, set->source->separator, path);
}

void data_shown_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes)
{
    char full[DATA_PATH_BYTES];

    data_full_name(set, path, full, sizeof full);
    base_name_write(name, name_bytes, full, BASE_NAME_LINE);
}

void alx_dataset_image_name(const alx_dataset *set, size_t index, char *name, size_t name_bytes)
{
    if (set->source->name != NULL)
        set->source->name(set, index, name, name_bytes);
    else
        data_full_name(set, set->items[index].path, name, name_bytes);
}

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
    alx_image image = { 0 };
    char name[DATA_PATH_BYTES];
    int rc = 0;

    data_shown_name(set, item->path, name, sizeof name);
    TRY_DONE(
        alx_image_decode(&image, bytes, (size_t)item->bytes, set->options.whole ? 0 : size, name));
    TRY_DONE(alx_image_resize_crop(rgb, &image, size));
done:
    alx_image_free(&image);
    return rc;
}

int alx_dataset_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    return set->source->load(set, index, size, rgb);
}
