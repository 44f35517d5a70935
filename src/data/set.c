/* set.c - what is asked of a data set once it is open, whatever its source. */
#include "data/set.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/layout.h"
#include "data/naming.h"

int data_set_create(alx_dataset **out, const char *path)
{
    alx_dataset *set = calloc(1, sizeof *set);
    size_t length = strlen(path);

    *out = NULL;
    while (length > 1 && path[length - 1] == '/')
        --length;
    if (set != NULL) {
        set->fd = -1;
        set->path = strndup(path, length);
        set->given = strndup(path, length);
    }
    if (set == NULL || set->path == NULL || set->given == NULL) {
        alx_dataset_close(set);
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    }
    *out = set;
    return 0;
}

int data_set_finish(alx_dataset *set)
{
    set->told = calloc(set->count + 1, sizeof *set->told);
    return set->told != NULL ? 0 : alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->given);
}

bool data_set_tell(const alx_dataset *set, size_t index)
{
    return !atomic_exchange(&set->told[index], true);
}

void alx_dataset_close(alx_dataset *set)
{
    if (set == NULL)
        return;
    if (set->source != NULL && set->source->close != NULL)
        set->source->close(set);
    if (set->fd >= 0)
        close(set->fd);
    for (size_t i = 0; set->items != NULL && i < set->count; ++i)
        free(set->items[i].path);
    for (int i = 0; i < set->class_count; ++i)
        free(set->classes[i]);
    free(set->items);
    free(set->classes);
    free(set->memory);
    free(set->statistics);
    free(set->network_class);
    free(set->told);
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

void alx_dataset_image_name(const alx_dataset *set, size_t index, char *name, size_t name_bytes)
{
    if (set->source->name != NULL)
        set->source->name(set, index, name, name_bytes);
    else
        data_full_name(set, set->items[index].path, name, name_bytes);
}

int alx_dataset_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    return set->source->load(set, index, size, rgb);
}
