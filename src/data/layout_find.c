/* layout_find.c - where the class folders are: below how many leading folders, in which folder the
 * training and in which the test images. Looks at one level of folders at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "data/layout.h"
#include "data/splits.h"

typedef struct layout_search {
    alx_dataset *set;
    data_level_lister *list;
    const void *source;
} layout_search;

/** What lies directly in a folder. */
typedef struct layout_level {
    char path[DATA_PATH_BYTES];             /**< "" or "sets/mine/" */
    data_listing names;                     /**< roles of folders are marked */
    size_t folders, roles, images, synsets; /**< `synsets`: of the images, those named by one */
} layout_level;

static void level_free(layout_level *level)
{
    data_listing_free(&level->names);
}

static int level_list(layout_level *level, const layout_search *search, const char *path,
                      const char *within)
{
    const char *synset = NULL;
    char joined[DATA_PATH_BYTES];

    if (snprintf(joined, sizeof joined, "%s%s", path, within) >= (int)sizeof joined)
        return alx_fail(ALX_E_DATA, "%s/%.64s...: path too long", search->set->path, path);
    level_free(level);
    *level = (layout_level){ .folders = 0 };
    memcpy(level->path, joined, strlen(joined) + 1);
    TRY(search->list(&level->names, search->source, level->path));
    data_listing_sort(&level->names);
    data_roles_mark(&level->names);
    for (size_t i = 0; i < level->names.count; ++i) {
        const data_item *item = &level->names.items[i];

        level->folders += item->kind == DATA_FOLDER;
        level->roles += item->kind == DATA_FOLDER && item->role != DATA_ROLE_NONE;
        level->images += item->kind == DATA_IMAGE;
        level->synsets += item->kind == DATA_IMAGE && data_name_has_synset(item->path, &synset);
    }
    return 0;
}

static const char *level_only_folder(const layout_level *level)
{
    for (size_t i = 0; level->folders == 1 && i < level->names.count; ++i)
        if (level->names.items[i].kind == DATA_FOLDER)
            return level->names.items[i].path;
    return NULL;
}

/* Class folders, or images that need none. */
static bool level_has_classes(const layout_level *level)
{
    return level->folders > 0 || (level->images > 0 && level->synsets == level->images);
}

static int layout_copy(char **out, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the layout of a data set");
    free(*out);
    *out = copy;
    return 0;
}

/* ---- leading folders ------------------------------------------------------------------------- */

/* A folder that is alone is stepped over if it holds splits, or folders and nothing else; not if
 * it is a split itself. */
static bool level_is_leading(const layout_level *level, const layout_level *below, const char *only)
{
    bool plain = false;
    const data_role role = data_role_of(only, strlen(only) - 1, &plain);

    if (role != DATA_ROLE_NONE && plain)
        return below->roles > 1 && below->roles == below->folders;
    if (below->roles > 0)
        return true;
    return level->images == 0 && below->images == 0 && below->folders > 0;
}

/* Counts what is not looked at again; `layout` may be NULL. */
static void level_leave_behind(data_layout *layout, const layout_level *level)
{
    if (layout == NULL)
        return;
    layout->loose_outside += level->images;
    for (size_t i = 0; i < level->names.count; ++i)
        if (level->names.items[i].kind >= DATA_LEFT)
            ++layout->left_outside[level->names.items[i].kind - DATA_LEFT];
}

static int layout_step_down(layout_level *here, const layout_search *search)
{
    layout_level below = { .folders = 0 };
    const char *only = NULL;
    int rc = 0;

    TRY_DONE(level_list(here, search, "", ""));
    while ((only = level_only_folder(here)) != NULL) {
        TRY_DONE(level_list(&below, search, here->path, only));
        if (!level_is_leading(here, &below, only))
            break;
        level_leave_behind(&search->set->layout, here);
        level_free(here);
        *here = below;
        below.names = (data_listing){ 0 };
    }
done:
    level_free(&below);
    return rc;
}

/* ---- a split ------------------------------------------------------------------------------- */

/* True if the level has that folder. */
static bool level_has_folder(const layout_level *level, const char *name)
{
    for (size_t i = 0; i < level->names.count; ++i)
        if (strcmp(level->names.items[i].path, name) == 0)
            return true;
    return false;
}

/* True if `only`, "seg_train/", is the name of the folder that it is in. */
static bool level_repeats_itself(const layout_level *level, const char *only)
{
    const size_t length = strlen(level->path), end = strlen(only);

    return length >= end && strcmp(level->path + length - end, only) == 0 &&
           (length == end || level->path[length - end - 1] == '/');
}

/* The folder `only` alone in a split is stepped over if it is the split once more, as in
 * seg_train/seg_train, or holds several folders and nothing else and is no class of train. */
static bool split_is_leading(const layout_level *split, const layout_level *below, const char *only,
                             data_role role, const layout_level *train)
{
    if (split->images > 0)
        return false;
    if (level_repeats_itself(split, only) || data_role_of(only, strlen(only) - 1, NULL) == role)
        return true;
    return below->images == 0 && below->folders > 1 &&
           (train == NULL || !level_has_folder(train, only));
}

/* Moves from the folder of a split down to that of its classes. What is left behind on the way is
 * counted in `layout`, unless it is NULL. `train`: the level of the training images, or NULL. */
static int split_step_down(layout_level *split, const layout_search *search, data_role role,
                           data_layout *layout, const layout_level *train)
{
    layout_level below = { .folders = 0 };
    const char *only = NULL;
    int rc = 0;

    while ((only = level_only_folder(split)) != NULL) {
        TRY_DONE(level_list(&below, search, split->path, only));
        if (!split_is_leading(split, &below, only, role, train))
            break;
        level_leave_behind(layout, split);
        level_free(split);
        *split = below;
        below.names = (data_listing){ 0 };
    }
done:
    level_free(&below);
    return rc;
}

static int layout_set_base(data_layout *layout, alx_split split, const layout_level *level)
{
    layout->flat[split] = level->folders == 0;
    return layout_copy(&layout->base[split], level->path);
}

/* ---- which folders are splits ---------------------------------------------------------------- */

/* Of each folder that is called like a split: whether it holds classes. */
static int layout_mark_filled(layout_level *here, const layout_search *search, size_t *unfilled,
                              size_t *loose)
{
    layout_level below = { .folders = 0 };
    int rc = 0;

    for (size_t i = 0; i < here->names.count; ++i) {
        data_item *item = &here->names.items[i];

        if (item->kind != DATA_FOLDER || item->role == DATA_ROLE_NONE)
            continue;
        TRY_DONE(level_list(&below, search, here->path, item->path));
        TRY_DONE(split_step_down(&below, search, (data_role)item->role, NULL, NULL));
        item->filled = level_has_classes(&below);
        item->images = below.images; /* said where it is not taken */
        *unfilled += item->filled == 0;
        *loose += item->filled == 0 ? below.images : 0;
    }
done:
    level_free(&below);
    return rc;
}

/* "extra/, val/ (test/ is taken), test/ (100 images in no class folder)" */
int data_layout_name_beside(data_layout *layout, const data_listing *level, int train, int test)
{
    char text[1024] = "";
    size_t used = 0;

    for (size_t i = 0; i < level->count && used < sizeof text; ++i) {
        const data_item *item = &level->items[i];

        if (item->kind != DATA_FOLDER || (int)i == train || (int)i == test)
            continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "",
                                 item->path);
        if (used < sizeof text && item->role != DATA_ROLE_NONE && item->filled == 0)
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     " (%zu image%s in no class folder)", (size_t)item->images,
                                     item->images == 1 ? "" : "s");
        else if (used < sizeof text && item->role != DATA_ROLE_NONE && test >= 0 &&
                 item->role != DATA_ROLE_TRAIN)
            used += (size_t)snprintf(text + used, sizeof text - used, " (%s is taken)",
                                     level->items[test].path);
    }
    return used > 0 ? layout_copy(&layout->beside, text) : 0;
}

/* Images of a split without class folders, or a class that is called like a split. */
static int layout_refuse_unfilled(const alx_dataset *set, const layout_level *here, size_t loose)
{
    const char *name = "", *other = NULL;

    for (size_t i = 0; i < here->names.count; ++i) {
        const data_item *item = &here->names.items[i];

        if (item->kind == DATA_FOLDER && item->role == DATA_ROLE_NONE && other == NULL)
            other = item->path;
        else if (item->kind == DATA_FOLDER && item->role != DATA_ROLE_NONE &&
                 (name[0] == '\0' || item->role == DATA_ROLE_TRAIN))
            name = item->path;
    }
    const int length = (int)strcspn(name, "/");

    if (other != NULL)
        return alx_fail(ALX_E_DATA,
                        "%s: %s%.*s is called like a split but lies beside %s: images "
                        "of %.*s must be in class folders, %s<class>/; if it is a "
                        "class, move all classes into a folder train and give the "
                        "folder that holds it",
                        set->path, here->path, length, name, other, length, name, name);
    return alx_fail(ALX_E_DATA,
                    "%s: images of %.*s must be in class folders, %s%s<class>/; %zu "
                    "image%s in no class folder",
                    set->path, length, name, here->path, name, loose,
                    loose == 1 ? " lies" : "s lie");
}

/* Nothing is split: all images are for training, and also for a test that is asked for alone. */
static int layout_unsplit(alx_dataset *set, const layout_level *here)
{
    set->layout.flat[ALX_SPLIT_TRAIN] = set->layout.flat[ALX_SPLIT_TEST] = here->images > 0 &&
                                                                           here->folders == 0 &&
                                                                           level_has_classes(here);
    TRY(layout_copy(&set->layout.base[ALX_SPLIT_TRAIN], here->path));
    if (set->options.alone)
        TRY(layout_copy(&set->layout.base[ALX_SPLIT_TEST], here->path));
    set->layout.unsplit = true;
    return 0;
}

static int layout_split(const layout_search *search, const layout_level *here, int train, int test)
{
    data_layout *layout = &search->set->layout;
    layout_level classes = { .folders = 0 }, tested = { .folders = 0 };
    int rc = 0;

    level_leave_behind(layout, here);
    if (train >= 0) {
        TRY_DONE(level_list(&classes, search, here->path, here->names.items[train].path));
        TRY_DONE(split_step_down(&classes, search, DATA_ROLE_TRAIN, layout, NULL));
        TRY_DONE(layout_set_base(layout, ALX_SPLIT_TRAIN, &classes));
    }
    if (test >= 0) {
        const data_item *item = &here->names.items[test];

        TRY_DONE(level_list(&tested, search, here->path, item->path));
        TRY_DONE(split_step_down(&tested, search, (data_role)item->role, layout,
                                 train >= 0 ? &classes : NULL));
        TRY_DONE(layout_set_base(layout, ALX_SPLIT_TEST, &tested));
    }
    for (int i = 0; i < 2; ++i)
        search->set->has_split[i] = layout->base[i] != NULL;
    TRY_DONE(data_layout_name_beside(layout, &here->names, train, test));
done:
    level_free(&classes);
    level_free(&tested);
    return rc;
}

int data_layout_find(alx_dataset *set, data_level_lister *list, const void *source)
{
    const layout_search search = { set, list, source };
    layout_level here = { .folders = 0 };
    size_t unfilled = 0, loose = 0;
    int at[2] = { -1, -1 }, rc = 0;

    TRY_DONE(layout_step_down(&here, &search));
    TRY_DONE(layout_mark_filled(&here, &search, &unfilled, &loose));
    TRY_DONE(data_splits_choose(at, &here.names, set->path));
    if (at[ALX_SPLIT_TRAIN] >= 0 || at[ALX_SPLIT_TEST] >= 0)
        rc = layout_split(&search, &here, at[ALX_SPLIT_TRAIN], at[ALX_SPLIT_TEST]);
    else if (unfilled > 0)
        rc = layout_refuse_unfilled(set, &here, loose);
    else
        rc = layout_unsplit(set, &here);
done:
    level_free(&here);
    return rc;
}
