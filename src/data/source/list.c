/* list.c - a data set that a file lists: "path label" a line, as Caffe has it, or a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "base/try.h"
#include "data/kinds.h"
#include "data/labels.h"
#include "data/naming.h"
#include "data/source/source.h"

#define LIST_HEAD_BYTES 4096
#define LIST_LOOKED_FOR 100 /* images: enough to tell a missing one from a wrong folder */

/* ---- what is a list ------------------------------------------------------------------------ */

bool data_list_is(const char *path)
{
    const char *dot = strrchr(base_path_base(path), '.');
    char head[LIST_HEAD_BYTES];

    if (dot != NULL && strcmp(dot, ".txt") == 0)
        return true;
    return !data_path_is_archive(path) &&
           base_text_begins(head, base_file_head(head, sizeof head, path));
}

/* ---- images -------------------------------------------------------------------------------- */

/* An absolute path stays as it is. */
static int list_path(char path[DATA_PATH_BYTES], const alx_dataset *set, size_t index)
{
    const char *name = set->items[index].path;

    return data_path_join(path, name[0] == '/' ? "/" : set->path, name);
}

static int list_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    char path[DATA_PATH_BYTES];

    TRY(list_path(path, set, index));
    return data_load_file(set, index, path, size, rgb);
}

static const data_source list_source = { .separator = '/', .load = list_load };

/* Paths are relative to --root or, without it, to the folder of the list. */
static int list_root(alx_dataset *set, const char *list)
{
    const char *root = set->options.root;
    const size_t length = (size_t)(base_path_base(list) - list);

    free(set->path);
    if (root != NULL)
        set->path = strdup(root);
    else
        set->path = length > 1 ? strndup(list, length - 1) : strdup(length == 1 ? "/" : ".");
    return set->path == NULL ? alx_fail(ALX_E_MEMORY, "%s: out of host memory", list) : 0;
}

/* Some tools write "/cat/1.jpg" and join it to the root: if there is such a file below the root,
 * that is meant, else the path is absolute. The first such line decides for all. */
static int list_root_holds(bool *out, const alx_dataset *set, const label_rows *file)
{
    char path[DATA_PATH_BYTES];

    *out = false;
    for (size_t i = 0; i < file->count; ++i) {
        if (file->rows[i].name[0] != '/')
            continue;
        TRY(data_path_join(path, set->path, file->rows[i].name));
        *out = base_file_exists(path);
        break;
    }
    return 0;
}

static int list_take_rows(alx_dataset *set, const label_rows *file)
{
    bool below = false;

    TRY(list_root_holds(&below, set, file));
    set->items = calloc(file->count, sizeof *set->items);
    if (set->items == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    for (; set->count < file->count; ++set->count) {
        const label_row *row = &file->rows[set->count];
        const char *name = row->name + (below ? strspn(row->name, "/") : 0);
        data_item *item = &set->items[set->count];

        *item = (data_item){ .label = row->index, .path = strdup(name) };
        if (item->path == NULL)
            return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    }
    return 0;
}

/* What can be done: only pack takes another root. */
static const char *list_advice(const alx_dataset *set)
{
    return set->options.root != NULL ? "name another folder with --root"
                                     : "move the list to where they begin, or pack it with --root";
}

/* A missing image is a bad image. If none at all is found, the paths belong to another folder, or
 * the file is no list. */
static int list_find_any(const alx_dataset *set, const char *list)
{
    char path[DATA_PATH_BYTES];

    for (size_t i = 0; i < set->count && i < LIST_LOOKED_FOR; ++i) {
        TRY(list_path(path, set, i));
        if (base_file_exists(path))
            return 0;
    }
    return alx_fail(ALX_E_DATA,
                    "%s: read as a list of images, but its paths, such as '%s', lead to none in "
                    "%s: %s",
                    list, set->items[0].path, set->path, list_advice(set));
}

int data_list_open(alx_dataset *set)
{
    char *list = strdup(set->path);
    label_rows file = { .path = NULL };
    int rc = 0;

    if (list == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->path);
    set->source = &list_source;
    TRY_DONE(data_label_rows_read(&file, list));
    TRY_DONE(data_labels_refuse_duplicates(&file));
    TRY_DONE(list_root(set, list));
    TRY_DONE(data_labels_resolve(set, &file));
    TRY_DONE(list_take_rows(set, &file));
    TRY_DONE(list_find_any(set, list));
    TRY_DONE(data_labels_fingerprint(set));
done:
    data_label_rows_free(&file);
    free(list);
    return rc;
}
