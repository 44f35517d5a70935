/* layout.c - which of the listed files are images of which class: train/<class>/x.jpg with test or
 * val beside it, or <class>/x.jpg, all of it training. */
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const layout_splits[] = { "train/", "test/", "val/" };

int data_listing_add(data_listing *listing, const char *path, uint64_t offset, uint64_t bytes)
{
    char *copy = strdup(path);

    if (copy != NULL && listing->count == listing->capacity) {
        const size_t capacity = listing->capacity * 2 + 64;
        data_item *items = realloc(listing->items, capacity * sizeof *items);

        if (items != NULL) {
            listing->items = items;
            listing->capacity = capacity;
        }
    }
    if (copy == NULL || listing->count == listing->capacity) {
        free(copy);
        return alx_fail(ALX_E_MEMORY, "out of host memory for a list of %zu files",
                        listing->count);
    }
    listing->items[listing->count++] = (data_item){ copy, offset, bytes, 0 };
    return 0;
}

void data_listing_free(data_listing *listing)
{
    for (size_t i = 0; i < listing->count; ++i)
        free(listing->items[i].path);
    free(listing->items);
}

bool data_path_is_hidden(const char *path)
{
    return path[0] == '.' || strstr(path, "/.") != NULL;
}

bool data_path_is_image(const char *path)
{
    const char *dot = strrchr(alx_path_base(path), '.');

    return dot != NULL && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0 ||
                           strcasecmp(dot, ".png") == 0);
}

bool data_name_is_split(const char *name, size_t length)
{
    for (size_t i = 0; i < ALX_COUNT(layout_splits); ++i)
        if (strlen(layout_splits[i]) == length + 1 && memcmp(layout_splits[i], name, length) == 0)
            return true;
    return false;
}

data_layout data_layout_of(bool train, bool test, bool val)
{
    data_layout layout = { { NULL, NULL } };

    if (train)
        layout.base[ALX_SPLIT_TRAIN] = "train/";
    if (test)
        layout.base[ALX_SPLIT_TEST] = "test/";
    else if (val)
        layout.base[ALX_SPLIT_TEST] = "val/";
    if (!train && !test && !val)
        layout.base[ALX_SPLIT_TRAIN] = "";
    return layout;
}

/* Length of the folder that all paths share, 0 if there is none or if it is a split or a class. */
static size_t layout_leading(const data_listing *listing)
{
    const char *first = listing->count > 0 ? listing->items[0].path : "";
    const char *slash = strchr(first, '/');
    const size_t length = slash != NULL ? (size_t)(slash - first) + 1 : 0;
    bool nested = false;

    if (length == 0 || data_name_is_split(first, length - 1))
        return 0;
    for (size_t i = 0; i < listing->count; ++i) {
        const char *path = listing->items[i].path;

        if (strncmp(path, first, length) != 0)
            return 0;
        if (strchr(path + length, '/') != NULL)
            nested = true;
        else if (path[length] != '\0')
            return 0;
    }
    return nested ? length : 0;
}

/* What follows `base` in the item's path; NULL if it lies elsewhere. */
static const char *layout_below(const data_item *item, size_t root, const char *base)
{
    const size_t length = strlen(base);

    if (strlen(item->path) < root || strncmp(item->path + root, base, length) != 0)
        return NULL;
    return item->path + root + length;
}

/* Length of the class's name at the start of `rest`; 0 if `rest` is in no class folder. */
static size_t layout_class_length(const char *rest)
{
    const char *slash = rest != NULL ? strchr(rest, '/') : NULL;

    return slash != NULL ? (size_t)(slash - rest) : 0;
}

data_layout data_layout_find(const data_listing *listing, size_t *root)
{
    bool has[ALX_COUNT(layout_splits)] = { false };

    *root = layout_leading(listing);
    for (size_t i = 0; i < listing->count; ++i)
        for (size_t k = 0; k < ALX_COUNT(layout_splits); ++k)
            if (layout_class_length(layout_below(&listing->items[i], *root, layout_splits[k])) > 0)
                has[k] = true;
    return data_layout_of(has[0], has[1], has[2]);
}

static int layout_compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int layout_compare_paths(const void *a, const void *b)
{
    return strcmp(((const data_item *)a)->path, ((const data_item *)b)->path);
}

void data_listing_sort(data_listing *listing)
{
    if (listing->count > 0)
        qsort(listing->items, listing->count, sizeof *listing->items, layout_compare_paths);
}

static int layout_compare_items(const void *a, const void *b)
{
    const int x = ((const data_item *)a)->label, y = ((const data_item *)b)->label;

    return x != y ? (x > y) - (x < y) : layout_compare_paths(a, b);
}

/* The listing is sorted by path, so the files of a class folder follow one another. */
static int layout_classes(alx_dataset *set, const data_listing *listing, const char *base,
                          size_t root)
{
    const char *last = "";
    size_t last_length = 0;
    int rc = 0;

    for (size_t i = 0; i < listing->count; ++i) {
        const char *name = layout_below(&listing->items[i], root, base);
        const size_t length = layout_class_length(name);

        if (length == 0 || (length == last_length && memcmp(name, last, length) == 0))
            continue;
        if (base[0] == '\0' && data_name_is_split(name, length)) {
            rc = alx_fail(ALX_E_DATA, "%s: images of %.*s must be in class folders, %.*s/<class>/",
                          set->path, (int)length, name, (int)length, name);
            goto done;
        }
        TRY(data_class_add(set, name, length));
        last = name;
        last_length = length;
    }
    if (set->class_count > 0)
        qsort(set->classes, (size_t)set->class_count, sizeof *set->classes, layout_compare_names);
done:
    return rc;
}

/* -1 if there is no such class. */
static int layout_label(const alx_dataset *set, const char *name, size_t length)
{
    int low = 0, high = set->class_count - 1;

    while (low <= high) {
        const int middle = low + (high - low) / 2;
        const char *other = set->classes[middle];
        const int order = strncmp(name, other, length);

        if (order == 0 && other[length] == '\0')
            return middle;
        if (order > 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

/* Images beside the class folders, of which the user may think that they belong to a class. */
static void layout_warn_of_loose(const alx_dataset *set, const data_listing *listing,
                                 const char *base, size_t root)
{
    size_t loose = 0;

    for (size_t i = 0; i < listing->count; ++i) {
        const char *path = listing->items[i].path; /* NULL: taken */
        const char *rest = path != NULL ? layout_below(&listing->items[i], root, base) : NULL;

        loose += rest != NULL && rest[0] != '\0' && strchr(rest, '/') == NULL;
    }
    if (loose > 0)
        alx_warn("%s: %zu image%s in no class folder %s left out", set->path, loose,
                 loose == 1 ? "" : "s", loose == 1 ? "is" : "are");
}

/* Moves the images below `base` to the set. images[label] counts those of each class folder that
 * is there, from 1: 1 is an empty folder. */
static int layout_take_images(alx_dataset *set, data_listing *listing, const char *base,
                              size_t root, size_t *images)
{
    for (size_t i = 0; i < listing->count; ++i) {
        data_item *item = &listing->items[i];
        const char *rest = layout_below(item, root, base);
        const size_t length = layout_class_length(rest);
        const bool folder = item->path[strlen(item->path) - 1] == '/';

        if (length == 0)
            continue;
        item->label = layout_label(set, rest, length);
        if (item->label < 0)
            return alx_fail(ALX_E_DATA, "%s: %s%.*s is a class that train does not have",
                            set->path, base, (int)length, rest);
        if (images[item->label] == 0)
            images[item->label] = 1;
        if (folder)
            continue;
        ++images[item->label];
        set->items[set->count++] = *item;
        item->path = NULL;
    }
    for (int i = 0; i < set->class_count; ++i)
        if (images[i] == 1)
            return alx_fail(ALX_E_DATA, "%s: class folder %s%s holds no JPEG or PNG", set->path,
                            base, set->classes[i]);
    return 0;
}

static int layout_refuse_twins(const alx_dataset *set)
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
    alx_hash *hash = NULL;
    int rc = 0;

    TRY(alx_hash_create(&hash));
    for (size_t i = 0; i < set->count; ++i) {
        const char *name = set->items[i].path + skip;

        alx_hash_update(hash, name, strlen(name) + 1);
        alx_hash_update(hash, &set->items[i].bytes, sizeof set->items[i].bytes);
    }
    alx_hash_hex(hash, set->fingerprint);
done:
    alx_hash_free(hash);
    return rc;
}

int data_layout_apply(alx_dataset *set, data_listing *listing, const data_layout *layout,
                      size_t root, alx_split split)
{
    const char *base = layout->base[split], *train = layout->base[ALX_SPLIT_TRAIN];
    size_t *images = NULL;
    int rc = 0;

    if (base == NULL)
        return alx_fail(ALX_E_DATA, "%s: no %s folder with class folders in it", set->path,
                        split == ALX_SPLIT_TRAIN ? "train" : "test or val");
    for (int i = 0; i < 2; ++i)
        set->has_split[i] = layout->base[i] != NULL;
    data_listing_sort(listing);
    TRY(layout_classes(set, listing, train != NULL ? train : base, root));
    images = calloc((size_t)set->class_count + 1, sizeof *images);
    set->items = calloc(listing->count + 1, sizeof *set->items);
    if (images == NULL || set->items == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for %zu files", set->path,
                      listing->count);
        goto done;
    }
    TRY(layout_take_images(set, listing, base, root, images));
    if (set->count == 0) {
        rc = alx_fail(ALX_E_DATA, "%s: no images found; expected [train/]<class>/*.jpg or *.png",
                      set->path);
        goto done;
    }
    qsort(set->items, set->count, sizeof *set->items, layout_compare_items);
    TRY(layout_refuse_twins(set));
    TRY(layout_fingerprint(set, root + strlen(base)));
    layout_warn_of_loose(set, listing, base, root);
done:
    free(images);
    return rc;
}
