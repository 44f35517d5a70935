/* layout.c - which of the listed files are images of which class, once it is known where the splits
 * are: <class>/x.jpg below the folder of a split, or a synset in the file's name. */
#include "data/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/hash.h"
#include "base/lookup.h"
#include "base/try.h"
#include "data/classes.h"
#include "data/naming.h"
#include "data/splits.h"

/* What follows `base` in the item's path; NULL if it lies elsewhere. */
static const char *layout_below(const data_item *item, const char *base)
{
    const size_t length = strlen(base);

    return strncmp(item->path, base, length) == 0 ? item->path + length : NULL;
}

/* Length of the class's name, which goes to `name`; 0 if the item lies in no class. */
static size_t layout_class(const char **name, const data_item *item, const char *base, bool flat)
{
    const char *rest = layout_below(item, base);
    const char *slash = rest != NULL ? strchr(rest, '/') : NULL;

    if (rest == NULL || (item->kind >= DATA_LEFT && !data_kind_is_picture(item->kind)))
        return 0;
    if (flat)
        return slash == NULL && data_name_has_synset(rest, name) ? DATA_SYNSET_LENGTH : 0;
    *name = rest;
    return slash != NULL ? (size_t)(slash - rest) : 0;
}

void data_layout_free(data_layout *layout)
{
    free(layout->base[0]);
    free(layout->base[1]);
    free(layout->beside);
    free(layout->deep_example);
    *layout = (data_layout){ .deep = 0 };
}

static int layout_compare_items(const void *a, const void *b)
{
    const int x = ((const data_item *)a)->label, y = ((const data_item *)b)->label;

    return x != y ? (x > y) - (x < y) : data_item_compare(a, b);
}

/* If all classes are called like splits, the set is not laid out as was assumed. */
static int layout_refuse_splits(const alx_dataset *set, const char *base)
{
    for (int i = 0; i < set->class_count; ++i)
        if (data_role_of(set->classes[i], strlen(set->classes[i]), NULL) == DATA_ROLE_NONE)
            return 0;
    if (set->class_count == 0)
        return 0;
    return alx_fail(ALX_E_DATA, "%s: %s%s is called like a split: class folders are expected here",
                    set->path, base, set->classes[0]);
}

/* The listing is sorted by path, so the files of a class folder follow one another. */
static int layout_classes(alx_dataset *set, const data_listing *listing, const char *base,
                          bool flat)
{
    const char *last = "", *name = "";
    size_t last_length = 0;
    int kept = 0;

    for (size_t i = 0; i < listing->count; ++i) {
        const size_t length = layout_class(&name, &listing->items[i], base, flat);

        if (length == 0 || (length == last_length && memcmp(name, last, length) == 0))
            continue;
        TRY(data_class_add(set, name, length));
        last = name;
        last_length = length;
    }
    if (set->class_count > 0)
        qsort(set->classes, (size_t)set->class_count, sizeof *set->classes, data_class_compare);
    for (int i = 1; i < set->class_count; ++i) /* names of files need not be sorted by class */
        if (strcmp(set->classes[kept], set->classes[i]) == 0)
            free(set->classes[i]);
        else
            set->classes[++kept] = set->classes[i];
    if (set->class_count > 0)
        set->class_count = kept + 1;
    return layout_refuse_splits(set, base);
}

/* Images beside the class folders: the user may believe that they belong to a class. */
static size_t layout_loose(const alx_dataset *set, const data_listing *listing, const char *base,
                           bool with_outside)
{
    size_t loose = with_outside ? set->layout.loose_outside : 0;

    for (size_t i = 0; i < listing->count; ++i) {
        const data_item *item = &listing->items[i];
        const char *rest = item->path != NULL ? layout_below(item, base) : NULL; /* NULL: taken */

        loose += rest != NULL && item->kind == DATA_IMAGE && strchr(rest, '/') == NULL;
    }
    return loose;
}

/* Folders in a class folder hold images of the class, unless they, or folders in them, are
 * splits. */
static int layout_check_deep(alx_dataset *set, const data_item *item, const char *rest)
{
    const char *first = strchr(rest, '/') + 1, *part = first, *slash;
    data_layout *layout = &set->layout;

    if (strchr(first, '/') == NULL)
        return 0;
    if (data_role_of(rest, (size_t)(first - 1 - rest), NULL) != DATA_ROLE_NONE)
        part = rest;
    for (; (slash = strchr(part, '/')) != NULL; part = slash + 1)
        if (data_role_of(part, (size_t)(slash - part), NULL) != DATA_ROLE_NONE)
            return alx_fail(ALX_E_DATA,
                            "%s: %.*s is called like a split, where classes or their "
                            "images are expected: give the folder of one data set, "
                            "with its splits or its classes in it",
                            set->path, (int)(slash - item->path), item->path);
    if (layout->deep++ == 0) {
        layout->deep_example = strndup(item->path, (size_t)(strrchr(item->path, '/') - item->path));
        if (layout->deep_example == NULL)
            return alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->path);
    }
    return 0;
}

/* True if nothing that follows in the sorted listing lies in the folder. */
static bool layout_is_empty(const data_listing *listing, size_t folder)
{
    const char *path = listing->items[folder].path;

    return folder + 1 == listing->count ||
           strncmp(listing->items[folder + 1].path, path, strlen(path)) != 0;
}

/* Moves item `i` to the set if it lies in the folder of the split. */
static int layout_take_item(alx_dataset *set, data_listing *listing, size_t i, alx_split split,
                            const base_lookup *classes, size_t *images)
{
    const char *base = set->layout.base[split], *name = NULL;
    const bool flat = set->layout.flat[split];
    data_item *item = &listing->items[i];
    const size_t length = layout_class(&name, item, base, flat);

    if (length == 0)
        return 0;
    item->label = (int)base_lookup_find(classes, name, length);
    if (item->label < 0 && item->kind == DATA_IMAGE)
        return alx_fail(ALX_E_DATA, "%s: %s%.*s is a class that train does not have", set->path,
                        base, (int)length, name);
    if (item->label < 0) {
        if (item->kind == DATA_FOLDER && layout_is_empty(listing, i))
            alx_warn("%s: %s%.*s is a class that train does not have, and empty", set->path, base,
                     (int)length, name);
        return 0;
    }
    if (images[item->label] == 0)
        images[item->label] = 1;
    if (item->kind != DATA_IMAGE)
        return 0;
    if (!flat)
        TRY(layout_check_deep(set, item, name));
    ++images[item->label];
    set->items[set->count++] = *item;
    item->path = NULL;
    return 0;
}

/* "; it holds 3 .webp" of the items below base/class. */
static void layout_name_pictures(char *text, size_t bytes, const data_listing *listing,
                                 const char *base, const char *name)
{
    size_t left[DATA_LEFT_ROWS] = { 0 };
    const size_t length = strlen(name);

    for (size_t i = 0; i < listing->count; ++i) {
        const data_item *item = &listing->items[i];
        const char *rest = item->path != NULL ? layout_below(item, base) : NULL;

        if (rest != NULL && item->kind >= DATA_LEFT && strncmp(rest, name, length) == 0 &&
            (length == 0 || rest[length] == '/'))
            ++left[item->kind - DATA_LEFT];
    }
    text[0] = '\0';
    data_left_text(text, bytes, left, true);
}

/* An empty class folder is an error among training images; test images may be of some classes only.
 * images[label] is 0 if the class has no folder, else 1 + the images in it. */
static int layout_check_empty(const alx_dataset *set, const data_listing *listing, const char *base,
                              const size_t *images, alx_split split)
{
    char pictures[256];

    for (int i = 0; i < set->class_count; ++i) {
        if (images[i] != 1)
            continue;
        layout_name_pictures(pictures, sizeof pictures, listing, base, set->classes[i]);
        if (split == ALX_SPLIT_TRAIN)
            return alx_fail(ALX_E_DATA, "%s: class folder %s%s holds no JPEG or PNG%s%s", set->path,
                            base, set->classes[i], pictures[0] != '\0' ? " but " : "", pictures);
        alx_warn("%s: class folder %s%s holds no JPEG or PNG%s%s", set->path, base, set->classes[i],
                 pictures[0] != '\0' ? " but " : "", pictures);
    }
    return 0;
}

static int layout_refuse_none(const alx_dataset *set, const data_listing *listing, const char *base,
                              size_t loose)
{
    char pictures[256], text[320] = "";

    layout_name_pictures(pictures, sizeof pictures, listing, base, "");
    if (loose > 0)
        snprintf(text, sizeof text,
                 "; %zu image%s in no class folder: make one for each class, "
                 "or pack them with --labels",
                 loose, loose == 1 ? " lies" : "s lie");
    else if (pictures[0] != '\0')
        snprintf(text, sizeof text, "; there are %s", pictures);
    return alx_fail(ALX_E_DATA, "%s: no images found; expected [train/]<class>/*.jpg or *.png%s",
                    set->path, text);
}

static void layout_count_left(data_layout *layout, const data_listing *listing, const char *base)
{
    const char *last = "";

    for (size_t i = 0; i < listing->count; ++i) {
        const data_item *item = &listing->items[i];

        if (item->kind < DATA_LEFT || layout_below(item, base) == NULL ||
            strcmp(item->path, last) == 0)
            continue;
        ++layout->left[item->kind - DATA_LEFT];
        last = item->path;
    }
}

static int layout_refuse_duplicates(const alx_dataset *set)
{
    char name[DATA_PATH_BYTES];

    for (size_t i = 1; i < set->count; ++i) {
        if (strcmp(set->items[i - 1].path, set->items[i].path) != 0)
            continue;
        data_shown_name(set, set->items[i].path, name, sizeof name);
        return alx_fail(ALX_E_DATA, "%s: is there twice", name);
    }
    return 0;
}

/* Of classes, names below the split's folder and sizes: a folder and its tar have the same. */
static int layout_fingerprint(alx_dataset *set, size_t skip)
{
    base_hash *hash = NULL;
    int rc = 0;

    TRY_DONE(base_hash_create(&hash));
    for (size_t i = 0; i < set->count; ++i) {
        const char *name = set->items[i].path + skip;

        base_hash_update(hash, name, strlen(name) + 1);
        base_hash_update(hash, &set->items[i].bytes, sizeof set->items[i].bytes);
    }
    base_hash_hex(hash, set->fingerprint);
done:
    base_hash_free(hash);
    return rc;
}

static int layout_refuse_split(const alx_dataset *set, alx_split split)
{
    const char *other = set->layout.base[1 - split];

    return alx_fail(ALX_E_DATA, "%s: no %s folder with class folders in it%s%s%s", set->path,
                    split == ALX_SPLIT_TRAIN ? "train" : "test or val",
                    other != NULL ? "; for the images in " : "", other != NULL ? other : "",
                    other != NULL ? ", give that folder" : "");
}

int data_layout_apply(alx_dataset *set, data_listing *listing, alx_split split)
{
    const char *base = set->layout.base[split], *train = set->layout.base[ALX_SPLIT_TRAIN];
    const bool of_train = train != NULL && !set->options.alone;
    base_lookup *classes = NULL;
    size_t *images = NULL;
    int rc = 0;

    if (base == NULL)
        return layout_refuse_split(set, split);
    data_listing_sort(listing);
    layout_count_left(&set->layout, listing, base);
    TRY_DONE(layout_classes(set, listing, of_train ? train : base,
                            set->layout.flat[of_train ? ALX_SPLIT_TRAIN : split]));
    TRY_DONE(base_lookup_create(&classes, set->classes, (size_t)set->class_count));
    images = calloc((size_t)set->class_count + 1, sizeof *images);
    set->items = calloc(listing->count + 1, sizeof *set->items);
    if (images == NULL || set->items == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for %zu files", set->path,
                      listing->count);
        goto done;
    }
    for (size_t i = 0; i < listing->count; ++i)
        TRY_DONE(layout_take_item(set, listing, i, split, classes, images));
    TRY_DONE(layout_check_empty(set, listing, base, images, split));
    const size_t loose = layout_loose(set, listing, base, split == ALX_SPLIT_TRAIN || !of_train);

    if (set->count == 0) {
        rc = layout_refuse_none(set, listing, base, loose);
        goto done;
    }
    qsort(set->items, set->count, sizeof *set->items, layout_compare_items);
    TRY_DONE(layout_refuse_duplicates(set));
    TRY_DONE(layout_fingerprint(set, strlen(base)));
    if (loose > 0)
        alx_warn("%s: %zu image%s in no class folder %s left out", set->path, loose,
                 loose == 1 ? "" : "s", loose == 1 ? "is" : "are");
done:
    base_lookup_free(classes);
    free(images);
    return rc;
}
