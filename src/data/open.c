/* open.c - opens a data set: finds out which source its path is, and lets the source, the folders
 * or a file of labels say which images are of which class. Sources know nothing of the choice. */
#include <string.h>

#include "base/try.h"
#include "base/unread.h"
#include "data/labels.h"
#include "data/layout.h"
#include "data/source/source.h"

/* ---- what is there ------------------------------------------------------------------------- */

enum source_kind { SOURCE_FOLDER, SOURCE_TAR, SOURCE_LIST, SOURCE_LMDB, SOURCE_CIFAR };

static int open_find_kind(enum source_kind *kind, alx_dataset *set)
{
    struct stat info;
    bool is_lmdb = false;

    if (stat(set->path, &info) != 0)
        return base_fail_unread(set->path, "no data set there");
    if (S_ISREG(info.st_mode)) {
        if (info.st_size == 0)
            return alx_fail(ALX_E_DATA, "%s: an empty file", set->path);
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

/* An option that would be ignored is refused, since its user expects it to have an effect. */
static int open_check_options(const alx_dataset *set, enum source_kind kind)
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

/* ---- files, whose classes their folders or a file of labels say ----------------------------- */

static int folder_level(data_listing *level, const void *folder, const char *prefix)
{
    return data_folder_level(level, folder, prefix);
}

/* Without labels only the split that is asked for is listed: a folder may hold a million files. */
static int open_folder(alx_dataset *set, data_listing *listing, alx_split split)
{
    data_folder_open(set);
    if (set->options.labels != NULL)
        return data_folder_list_all(listing, set->path);
    TRY(data_layout_find(set, folder_level, set->path));
    TRY(data_folder_list_split(listing, set, split));
    return data_foreign_refuse_listed(set->path, listing);
}

static int tar_level(data_listing *level, const void *listing, const char *prefix)
{
    return data_listing_level(level, listing, prefix);
}

static int open_tar(alx_dataset *set, data_listing *listing)
{
    TRY(data_tar_open(set, listing));
    if (set->options.labels != NULL)
        return 0;
    data_listing_sort(listing);
    return data_layout_find(set, tar_level, listing);
}

static int open_files(alx_dataset *set, enum source_kind kind, alx_split split)
{
    data_listing listing = { 0 };
    int rc = 0;

    TRY_DONE(kind == SOURCE_TAR ? open_tar(set, &listing) : open_folder(set, &listing, split));
    set->modified = listing.modified;
    TRY_DONE(set->options.labels != NULL ? data_labels_apply(set, &listing)
                                         : data_layout_apply(set, &listing, split));
done:
    data_listing_free(&listing);
    return rc;
}

/* ---- any source ---------------------------------------------------------------------------- */

static int open_source(alx_dataset *set, alx_split split)
{
    enum source_kind kind;

    TRY(open_find_kind(&kind, set));
    TRY(open_check_options(set, kind));
    switch (kind) {
    case SOURCE_FOLDER:
    case SOURCE_TAR:
        return open_files(set, kind, split);
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
    alx_dataset *set = NULL;
    int rc = 0;

    *out = NULL;
    TRY_DONE(data_set_create(&set, path));
    set->options = *options;
    TRY_DONE(open_source(set, split));
    TRY_DONE(data_set_finish(set));
    if (!set->has_split[ALX_SPLIT_TEST]) /* then it is not split, or has no other */
        set->has_split[ALX_SPLIT_TRAIN] = true;
    *out = set;
    set = NULL;
done:
    alx_dataset_close(set);
    return rc;
}
