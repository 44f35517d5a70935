/* labels.c - ground truths in a file for images that lie in no class folder: names and labels, or
 * labels alone in the order of the sorted names. A label is the number of a class from 0, a class's
 * name, or, with a file that names ILSVRC's ids, such an id from 1. */
#include "data/labels.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lookup.h"
#include "base/try.h"
#include "data/classes.h"
#include "data/kinds.h"

#define LABELS_MAX_CLASS 1000000

/* ---- classes ------------------------------------------------------------------------------- */

/* -1 if the label is no number. */
static long label_number(const char *label)
{
    char *end = NULL;

    errno = 0;
    const long number = strtol(label, &end, 10);

    return *end == '\0' && errno == 0 && number >= 0 && number < LABELS_MAX_CLASS ? number : -1;
}

static int label_fail(const label_rows *file, size_t i, const char *what)
{
    return alx_fail(ALX_E_DATA, "%s: line %zu: label '%.64s': %s", file->path, file->rows[i].number,
                    file->rows[i].label, what);
}

/* Every name once, sorted. */
static int labels_add_names(alx_dataset *set, const label_rows *file)
{
    char **names = calloc(file->count, sizeof *names);
    int rc = 0;

    if (names == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    for (size_t i = 0; i < file->count; ++i)
        names[i] = file->rows[i].label;
    qsort(names, file->count, sizeof *names, data_class_compare);
    for (size_t i = 0; i < file->count; ++i)
        if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
            TRY_DONE(data_class_add(set, names[i], strlen(names[i])));
done:
    free(names);
    return rc;
}

/* Where labels are numbers, the classes are called by them. */
static int labels_name_classes(alx_dataset *set, const label_rows *file)
{
    const bool numbers = label_number(file->rows[0].label) >= 0;
    long last = -1;

    for (size_t i = 0; i < file->count; ++i) {
        const long value = label_number(file->rows[i].label);

        if ((value >= 0) != numbers)
            return label_fail(file, i,
                              "names and numbers are mixed: --classes FILE must say "
                              "which class has which number");
        if (value > last)
            last = value;
    }
    return numbers ? data_classes_number(set, last) : labels_add_names(set, file);
}

/* The list of ids that ILSVRC's development kit has, meta.mat. */
static int labels_refuse_matlab(const char *path)
{
    static const char magic[] = "MATLAB ";
    char head[sizeof magic - 1];

    if (base_file_head(head, sizeof head, path) < sizeof head ||
        memcmp(head, magic, sizeof head) != 0)
        return 0;
    return alx_fail(ALX_E_DATA,
                    "%s: is a file of MATLAB, which is not read: write the WNIDs of its synsets "
                    "into a text file, one a line, in the order of their ILSVRC2012_ID",
                    path);
}

/* An ILSVRC id is the line of a class's name in `ids`. */
static int labels_from_ids(alx_dataset *set, label_rows *file)
{
    alx_dataset ids = { .given = set->given };
    base_lookup *classes = NULL;
    int rc = 0;

    TRY_DONE(labels_refuse_matlab(set->options.ids));
    TRY_DONE(data_classes_read(&ids, set->options.ids));
    for (int i = 0; set->options.classes == NULL && i < ids.class_count; ++i)
        TRY_DONE(data_class_add(set, ids.classes[i], strlen(ids.classes[i])));
    if (set->options.classes == NULL && ids.class_count > 0)
        qsort(set->classes, (size_t)set->class_count, sizeof *set->classes, data_class_compare);
    TRY_DONE(base_lookup_create(&classes, set->classes, (size_t)set->class_count));
    for (size_t i = 0; i < file->count; ++i) {
        const long id = label_number(file->rows[i].label);
        const char *name = id >= 1 && id <= ids.class_count ? ids.classes[id - 1] : NULL;
        const long index = name != NULL ? base_lookup_find(classes, name, strlen(name)) : -1;

        if (index < 0) {
            rc = label_fail(file, i, "no such id, or no such class");
            goto done;
        }
        file->rows[i].index = (int)index;
    }
done:
    base_lookup_free(classes);
    for (int i = 0; i < ids.class_count; ++i)
        free(ids.classes[i]);
    free(ids.classes);
    return rc;
}

static int labels_from_names(alx_dataset *set, label_rows *file)
{
    base_lookup *classes = NULL;
    int rc = 0;

    if (set->class_count == 0)
        TRY_DONE(labels_name_classes(set, file));
    TRY_DONE(base_lookup_create(&classes, set->classes, (size_t)set->class_count));
    for (size_t i = 0; i < file->count; ++i) {
        const char *label = file->rows[i].label;
        const long named = base_lookup_find(classes, label, strlen(label));
        const long index = named >= 0 ? named : label_number(label);

        if (index == set->class_count)
            rc = label_fail(file, i,
                            "classes are counted from 0; ids of ILSVRC, from 1, want "
                            "--synset-ids");
        else if (index < 0 || index > set->class_count)
            rc = label_fail(file, i, "no such class");
        TRY_DONE(rc);
        file->rows[i].index = (int)index;
    }
done:
    base_lookup_free(classes);
    return rc;
}

int data_labels_resolve(alx_dataset *set, label_rows *file)
{
    if (set->options.classes != NULL)
        TRY(data_classes_read(set, set->options.classes));
    return set->options.ids != NULL ? labels_from_ids(set, file) : labels_from_names(set, file);
}

/* ---- images -------------------------------------------------------------------------------- */

int data_labels_fingerprint(alx_dataset *set)
{
    base_hash *hash = NULL;
    int rc = 0;

    TRY_DONE(base_hash_create(&hash));
    for (size_t i = 0; i < set->count; ++i) {
        const data_item *item = &set->items[i];

        base_hash_update(hash, item->path, strlen(item->path) + 1);
        base_hash_update(hash, &item->bytes, sizeof item->bytes);
        base_hash_update(hash, &item->label, sizeof item->label);
    }
    base_hash_hex(hash, set->fingerprint);
done:
    base_hash_free(hash);
    return rc;
}

/* The names in the rows, without a leading "./", and a lookup of them. */
static int labels_look_up(base_lookup **out, char ***names, const label_rows *file)
{
    size_t rows[2];

    *names = calloc(file->count, sizeof **names);
    if (*names == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    for (size_t i = 0; i < file->count; ++i) {
        char *name = file->rows[i].name;

        if (name == NULL)
            return alx_fail(ALX_E_DATA, "%s: line %zu: a %s", file->path, file->rows[i].number,
                            data_path_is_image(file->rows[i].label) ? "path without a label"
                                                                    : "label without a name");
        while (name[0] == '.' && name[1] == '/')
            name += 2;
        (*names)[i] = name;
    }
    TRY(base_lookup_create(out, *names, file->count));
    if (base_lookup_duplicates(*out, rows))
        return alx_fail(ALX_E_DATA, "%s: lines %zu and %zu: %s is there twice", file->path,
                        file->rows[rows[0]].number, file->rows[rows[1]].number, (*names)[rows[0]]);
    return 0;
}

int data_labels_refuse_duplicates(const label_rows *file)
{
    base_lookup *lookup = NULL;
    char **names = NULL;
    const int rc = labels_look_up(&lookup, &names, file);

    base_lookup_free(lookup);
    free(names);
    return rc;
}

/* The row of an image. Tries its whole path, the data set's included, then without its first
 * folder, and so on down to the file's name; each with and without the ending. -1: none. */
static long labels_find(const base_lookup *lookup, const char *path)
{
    const char *at = path;

    while (at != NULL) {
        const char *dot = strrchr(base_path_base(at), '.'), *slash = strchr(at, '/');
        long found = base_lookup_find(lookup, at, strlen(at));

        if (found < 0 && dot != NULL)
            found = base_lookup_find(lookup, at, (size_t)(dot - at));
        if (found >= 0)
            return found;
        at = slash != NULL ? slash + 1 : NULL;
    }
    return -1;
}

static void labels_warn_of_unused(const label_rows *file)
{
    size_t unused = 0, example = 0;

    for (size_t i = 0; i < file->count; ++i) {
        example = file->rows[i].image == 0 && unused == 0 ? i : example;
        unused += file->rows[i].image == 0;
    }
    if (unused > 0)
        alx_warn("%s: %zu line%s no image, such as line %zu: %.200s", file->path, unused,
                 unused == 1 ? " names" : "s name", file->rows[example].number,
                 file->rows[example].name);
}

static int labels_by_name(alx_dataset *set, label_rows *file)
{
    base_lookup *lookup = NULL;
    char **names = NULL, path[2 * DATA_PATH_BYTES];
    int rc = 0;

    TRY_DONE(labels_look_up(&lookup, &names, file));
    for (size_t i = 0; i < set->count; ++i) {
        snprintf(path, sizeof path, "%s/%s", set->path, set->items[i].path);
        const long found = labels_find(lookup, path);

        if (found < 0) {
            rc = alx_fail(ALX_E_DATA, "%s: no label of %s", file->path, set->items[i].path);
            goto done;
        }
        label_row *row = &file->rows[found];

        if (row->image != 0) {
            rc = alx_fail(ALX_E_DATA, "%s: line %zu: %.200s may be %s or %s: write its whole path",
                          file->path, row->number, row->name, set->items[row->image - 1].path,
                          set->items[i].path);
            goto done;
        }
        row->image = i + 1;
        set->items[i].label = row->index;
    }
    labels_warn_of_unused(file);
done:
    base_lookup_free(lookup);
    free(names);
    return rc;
}

static int labels_in_order(alx_dataset *set, const label_rows *file)
{
    if (file->count != set->count)
        return alx_fail(ALX_E_DATA, "%s: %zu labels, but %s has %zu images", file->path,
                        file->count, set->path, set->count);
    for (size_t i = 0; i < set->count; ++i)
        set->items[i].label = file->rows[i].index;
    return 0;
}

int data_labels_apply(alx_dataset *set, data_listing *listing)
{
    label_rows file = { .path = NULL };
    int rc = 0;

    TRY_DONE(data_label_rows_read(&file, set->options.labels));
    TRY_DONE(data_labels_resolve(set, &file));
    set->items = calloc(listing->count + 1, sizeof *set->items);
    if (set->items == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->path);
        goto done;
    }
    for (size_t i = 0; i < listing->count; ++i) {
        data_item *item = &listing->items[i];

        if (item->kind >= DATA_LEFT)
            ++set->layout.left[item->kind - DATA_LEFT];
        if (item->kind != DATA_IMAGE)
            continue;
        set->items[set->count++] = *item;
        item->path = NULL;
    }
    if (set->count == 0) {
        rc = alx_fail(ALX_E_DATA, "%s: no images found", set->path);
        goto done;
    }
    qsort(set->items, set->count, sizeof *set->items, data_item_compare);
    TRY_DONE(file.rows[0].name != NULL ? labels_by_name(set, &file) : labels_in_order(set, &file));
    TRY_DONE(data_labels_fingerprint(set));
done:
    data_label_rows_free(&file);
    return rc;
}
