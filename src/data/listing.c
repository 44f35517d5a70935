/* listing.c - lists of what a source holds. */
#include "data/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "data/kinds.h"

int data_listing_add(data_listing *listing, int kind, const char *path, uint64_t offset,
                     uint64_t bytes)
{
    const data_item *last = listing->count > 0 ? &listing->items[listing->count - 1] : NULL;

    if (last != NULL && kind >= DATA_LEFT && last->kind == kind && strcmp(last->path, path) == 0)
        return 0; /* a folder that is left out, once for each of its members in a tar */
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
        return alx_fail(ALX_E_MEMORY, "out of host memory for a list of %zu files", listing->count);
    }
    listing->items[listing->count++] =
        (data_item){ .path = copy, .offset = offset, .bytes = bytes, .kind = kind };
    return 0;
}

void data_listing_free(data_listing *listing)
{
    for (size_t i = 0; i < listing->count; ++i)
        free(listing->items[i].path);
    free(listing->items);
    *listing = (data_listing){ 0 };
}

int data_item_compare(const void *a, const void *b)
{
    return strcmp(((const data_item *)a)->path, ((const data_item *)b)->path);
}

void data_listing_sort(data_listing *listing)
{
    if (listing->count > 0)
        qsort(listing->items, listing->count, sizeof *listing->items, data_item_compare);
}

/* The first item whose path is not before `prefix`. */
static size_t listing_first(const data_listing *listing, const char *prefix)
{
    size_t low = 0, high = listing->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(listing->items[middle].path, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Files of a folder follow one another, as all of their paths begin with its own. */
int data_listing_level(data_listing *level, const data_listing *listing, const char *prefix)
{
    const size_t skip = strlen(prefix);
    char name[DATA_PATH_BYTES] = "";

    for (size_t i = listing_first(listing, prefix); i < listing->count; ++i) {
        const data_item *item = &listing->items[i];
        const char *rest = item->path + skip;

        if (strncmp(item->path, prefix, skip) != 0)
            break;
        const size_t length = strcspn(rest, "/") + 1; /* with the '/' or the end */

        if (rest[0] == '\0' || (name[0] != '\0' && strncmp(name, rest, length) == 0))
            continue; /* the folder itself; more of the same folder */
        const bool inside = rest[length - 1] == '/' && rest[length] != '\0';

        if (inside && item->kind >= DATA_LEFT && !data_kind_is_picture(item->kind))
            continue;
        memcpy(name, rest, length);
        name[length] = '\0';
        TRY(data_listing_add(level, inside ? DATA_FOLDER : item->kind, name, item->offset,
                             item->bytes));
    }
    return 0;
}
