/* labels.c - images whose labels are in a file: Caffe's lists ("path label" a line), and ground
 * truths for images that lie in no class folder: "name label", or labels alone in the order of the
 * sorted names. A label is the number of a class from 0, a class's name, or, with a file that names
 * ILSVRC's ids, such an id from 1. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"

#define LABELS_MAX_CLASS 1000000

typedef struct label_line {
    char *name;    /**< in the text; NULL: the label stands alone */
    char *label;
    size_t number; /**< of the line in the file, from 1 */
    int index;     /**< of the class */
} label_line;

typedef struct label_file {
    const char *path;
    char *text;
    label_line *lines;
    size_t count;
} label_file;

static void labels_free(label_file *file)
{
    free(file->text);
    free(file->lines);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Splits a line without blanks around it at the last ones inside: a name may hold some. */
static char *label_split(char *line, char **name)
{
    char *label = line + strlen(line);

    while (label > line && strchr(" \t", label[-1]) == NULL)
        --label;
    *name = label > line ? line : NULL;
    if (label > line) {
        label[-1] = '\0';
        alx_text_trim(line);
    }
    return label;
}

static int labels_read(label_file *file, const char *path)
{
    char *rest = NULL, *line = NULL;
    size_t number = 0;
    int rc = 0;

    *file = (label_file){ .path = path };
    TRY(alx_text_read(&file->text, path, ALX_TEXT_MAX_BYTES));
    file->lines = calloc(alx_text_line_count(file->text) + 1, sizeof *file->lines);
    if (file->lines == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
        goto done;
    }
    for (rest = file->text; (line = alx_text_line(&rest)) != NULL;) {
        label_line *entry = &file->lines[file->count];

        line = alx_text_trim(line);
        entry->number = ++number;
        if (line[0] == '\0')
            continue;
        entry->label = label_split(line, &entry->name);
        ++file->count;
    }
    if (file->count == 0)
        rc = alx_fail(ALX_E_DATA, "%s: no labels in it", path);
done:
    return rc;
}

/* ---- classes ------------------------------------------------------------------------------- */

/* -1 if the label is no number. */
static long label_number(const char *label)
{
    char *end = NULL;

    errno = 0;
    const long number = strtol(label, &end, 10);

    return *end == '\0' && errno == 0 && number >= 0 && number < LABELS_MAX_CLASS ? number : -1;
}

static int label_compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int label_fail(const label_file *file, size_t i, const char *what)
{
    return alx_fail(ALX_E_DATA, "%s: line %zu: label '%.64s': %s", file->path,
                    file->lines[i].number, file->lines[i].label, what);
}

/* Every name once, sorted. */
static int labels_add_names(alx_dataset *set, const label_file *file)
{
    char **names = calloc(file->count, sizeof *names);
    int rc = 0;

    if (names == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    for (size_t i = 0; i < file->count; ++i)
        names[i] = file->lines[i].label;
    qsort(names, file->count, sizeof *names, label_compare_names);
    for (size_t i = 0; i < file->count; ++i)
        if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
            TRY(data_class_add(set, names[i], strlen(names[i])));
done:
    free(names);
    return rc;
}

/* Numbers name the classes themselves. */
static int labels_name_classes(alx_dataset *set, const label_file *file)
{
    const bool numbers = label_number(file->lines[0].label) >= 0;
    long last = -1;

    for (size_t i = 0; i < file->count; ++i) {
        const long value = label_number(file->lines[i].label);

        if ((value >= 0) != numbers)
            return label_fail(file, i, "names and numbers are mixed: --classes FILE must say "
                                       "which class has which number");
        if (value > last)
            last = value;
    }
    return numbers ? data_classes_number(set, last) : labels_add_names(set, file);
}

/* An ILSVRC id is the line of a class's name in `ids`. */
static int labels_from_ids(alx_dataset *set, label_file *file)
{
    alx_dataset ids = { .path = set->path };
    alx_lookup *classes = NULL;
    int rc = 0;

    TRY(data_classes_read(&ids, set->options.ids));
    for (int i = 0; set->options.classes == NULL && i < ids.class_count; ++i)
        TRY(data_class_add(set, ids.classes[i], strlen(ids.classes[i])));
    if (set->options.classes == NULL && ids.class_count > 0)
        qsort(set->classes, (size_t)set->class_count, sizeof *set->classes, label_compare_names);
    TRY(alx_lookup_create(&classes, set->classes, (size_t)set->class_count));
    for (size_t i = 0; i < file->count; ++i) {
        const long id = label_number(file->lines[i].label);
        const char *name = id >= 1 && id <= ids.class_count ? ids.classes[id - 1] : NULL;
        const long index = name != NULL ? alx_lookup_find(classes, name, strlen(name)) : -1;

        if (index < 0) {
            rc = label_fail(file, i, "no such id, or no such class");
            goto done;
        }
        file->lines[i].index = (int)index;
    }
done:
    alx_lookup_free(classes);
    for (int i = 0; i < ids.class_count; ++i)
        free(ids.classes[i]);
    free(ids.classes);
    return rc;
}

static int labels_from_names(alx_dataset *set, label_file *file)
{
    alx_lookup *classes = NULL;
    int rc = 0;

    if (set->class_count == 0)
        TRY(labels_name_classes(set, file));
    TRY(alx_lookup_create(&classes, set->classes, (size_t)set->class_count));
    for (size_t i = 0; i < file->count; ++i) {
        const char *label = file->lines[i].label;
        const long named = alx_lookup_find(classes, label, strlen(label));
        const long index = named >= 0 ? named : label_number(label);

        if (index == set->class_count)
            rc = label_fail(file, i, "classes are counted from 0; ids of ILSVRC, from 1, want "
                                     "--synset-ids");
        else if (index < 0 || index > set->class_count)
            rc = label_fail(file, i, "no such class");
        TRY(rc);
        file->lines[i].index = (int)index;
    }
done:
    alx_lookup_free(classes);
    return rc;
}

static int labels_resolve(alx_dataset *set, label_file *file)
{
    int rc = 0;

    if (set->options.classes != NULL)
        TRY(data_classes_read(set, set->options.classes));
    rc = set->options.ids != NULL ? labels_from_ids(set, file) : labels_from_names(set, file);
done:
    return rc;
}

/* ---- images -------------------------------------------------------------------------------- */

static int labels_fingerprint(alx_dataset *set)
{
    alx_hash *hash = NULL;
    int rc = 0;

    TRY(alx_hash_create(&hash));
    for (size_t i = 0; i < set->count; ++i) {
        const data_item *item = &set->items[i];

        alx_hash_update(hash, item->path, strlen(item->path) + 1);
        alx_hash_update(hash, &item->bytes, sizeof item->bytes);
        alx_hash_update(hash, &item->label, sizeof item->label);
    }
    alx_hash_hex(hash, set->fingerprint);
done:
    alx_hash_free(hash);
    return rc;
}

static int label_compare_lines(const void *a, const void *b)
{
    return strcmp(((const label_line *)a)->name, ((const label_line *)b)->name);
}

static int label_compare_items(const void *a, const void *b)
{
    return strcmp(((const data_item *)a)->path, ((const data_item *)b)->path);
}

/* Sorts the lines by name. */
static int labels_refuse_twins(label_file *file)
{
    for (size_t i = 0; i < file->count; ++i)
        if (file->lines[i].name == NULL)
            return alx_fail(ALX_E_DATA, "%s: line %zu: a label without a name", file->path,
                            file->lines[i].number);
    qsort(file->lines, file->count, sizeof *file->lines, label_compare_lines);
    for (size_t i = 1; i < file->count; ++i)
        if (strcmp(file->lines[i - 1].name, file->lines[i].name) == 0)
            return alx_fail(ALX_E_DATA, "%s: %s is there twice", file->path, file->lines[i].name);
    return 0;
}

static int labels_by_name(alx_dataset *set, label_file *file)
{
    int rc = 0;

    TRY(labels_refuse_twins(file));
    for (size_t i = 0; i < set->count; ++i) {
        label_line wanted = { .name = (char *)(uintptr_t)alx_path_base(set->items[i].path) };
        const label_line *line = bsearch(&wanted, file->lines, file->count, sizeof wanted,
                                         label_compare_lines);

        if (line == NULL) {
            wanted.name = set->items[i].path;
            line = bsearch(&wanted, file->lines, file->count, sizeof wanted, label_compare_lines);
        }
        if (line == NULL)
            return alx_fail(ALX_E_DATA, "%s: no label of %s", file->path, set->items[i].path);
        set->items[i].label = line->index;
    }
done:
    return rc;
}

static int labels_in_order(alx_dataset *set, const label_file *file)
{
    if (file->count != set->count)
        return alx_fail(ALX_E_DATA, "%s: %zu labels, but %s has %zu images", file->path,
                        file->count, set->path, set->count);
    for (size_t i = 0; i < set->count; ++i)
        set->items[i].label = file->lines[i].index;
    return 0;
}

int data_labels_apply(alx_dataset *set, data_listing *listing)
{
    label_file file = { .path = NULL };
    int rc = 0;

    TRY(labels_read(&file, set->options.labels));
    TRY(labels_resolve(set, &file));
    set->has_split[ALX_SPLIT_TRAIN] = true;
    set->items = calloc(listing->count + 1, sizeof *set->items);
    if (set->items == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->path);
        goto done;
    }
    for (size_t i = 0; i < listing->count; ++i) {
        data_item *item = &listing->items[i];

        if (item->path[strlen(item->path) - 1] == '/')
            continue;
        set->items[set->count++] = *item;
        item->path = NULL;
    }
    if (set->count == 0) {
        rc = alx_fail(ALX_E_DATA, "%s: no images found", set->path);
        goto done;
    }
    qsort(set->items, set->count, sizeof *set->items, label_compare_items);
    TRY(file.lines[0].name != NULL ? labels_by_name(set, &file) : labels_in_order(set, &file));
    TRY(labels_fingerprint(set));
done:
    labels_free(&file);
    return rc;
}

/* ---- Caffe's lists ------------------------------------------------------------------------- */

/* Paths are below the folder of --root, else that of the list. */
static int list_root(alx_dataset *set, const char *list)
{
    const char *root = set->options.root;
    const size_t length = (size_t)(alx_path_base(list) - list);

    free(set->path);
    if (root != NULL)
        set->path = strdup(root);
    else
        set->path = length > 1 ? strndup(list, length - 1) : strdup(length == 1 ? "/" : ".");
    return set->path == NULL ? alx_fail(ALX_E_MEMORY, "%s: out of host memory", list) : 0;
}

bool data_list_is(const char *path)
{
    const char *dot = strrchr(alx_path_base(path), '.');

    return dot != NULL && strcmp(dot, ".txt") == 0;
}

int data_list_open(alx_dataset *set)
{
    char *list = strdup(set->path);
    label_file file = { .path = NULL };
    int rc = 0;

    if (list == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->path);
    data_folder_source(set);
    TRY(labels_read(&file, list));
    TRY(list_root(set, list));
    TRY(labels_resolve(set, &file));
    set->has_split[ALX_SPLIT_TRAIN] = true;
    set->items = calloc(file.count, sizeof *set->items);
    if (set->items == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", list);
        goto done;
    }
    for (; set->count < file.count; ++set->count) {
        const label_line *line = &file.lines[set->count];
        data_item *item = &set->items[set->count];

        *item = (data_item){ .label = line->index,
                             .path = line->name != NULL ? strdup(line->name) : NULL };
        if (line->name != NULL && item->path == NULL) {
            rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", list);
            goto done;
        }
    }
    TRY(labels_refuse_twins(&file)); /* sorts: after the items have the list's order */
    TRY(labels_fingerprint(set));
done:
    labels_free(&file);
    free(list);
    return rc;
}
