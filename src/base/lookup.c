/* lookup.c - places of names in a list: the list sorted, halved until the name is found. */
#include "base/lookup.h"

#include <stdlib.h>
#include <string.h>

typedef struct lookup_name {
    const char *text;
    size_t place;
} lookup_name;

struct base_lookup {
    lookup_name *names; /* sorted by text, then by place */
    size_t count;
};

static int lookup_compare(const void *a, const void *b)
{
    const lookup_name *x = a, *y = b;
    const int order = strcmp(x->text, y->text);

    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

int base_lookup_create(base_lookup **out, char *const *names, size_t count)
{
    base_lookup *lookup = calloc(1, sizeof *lookup);
    int rc = 0;

    *out = NULL;
    if (lookup == NULL || (lookup->names = calloc(count + 1, sizeof *lookup->names)) == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu names", count);
        goto done;
    }
    for (size_t i = 0; i < count; ++i)
        lookup->names[i] = (lookup_name){ names[i], i };
    lookup->count = count;
    if (count > 0)
        qsort(lookup->names, count, sizeof *lookup->names, lookup_compare);
    *out = lookup;
    lookup = NULL;
done:
    base_lookup_free(lookup);
    return rc;
}

long base_lookup_find(const base_lookup *lookup, const char *name, size_t length)
{
    size_t low = 0, high = lookup->count;

    if (memchr(name, '\0', length) !=
        NULL) /* no text has one, and none is compared beyond its end */
        return -1;
    while (low < high) { /* to the first that is not before the name */
        const size_t middle = low + (high - low) / 2;

        if (strncmp(lookup->names[middle].text, name, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == lookup->count || strncmp(lookup->names[low].text, name, length) != 0 ||
        lookup->names[low].text[length] != '\0')
        return -1;
    return (long)lookup->names[low].place;
}

bool base_lookup_duplicates(const base_lookup *lookup, size_t places[2])
{
    bool found = false;

    for (size_t i = 1; i < lookup->count; ++i) {
        const lookup_name *a = &lookup->names[i - 1], *b = &lookup->names[i];

        if (strcmp(a->text, b->text) != 0 || (found && b->place >= places[1]))
            continue;
        places[0] = a->place;
        places[1] = b->place;
        found = true;
    }
    return found;
}

void base_lookup_free(base_lookup *lookup)
{
    if (lookup == NULL)
        return;
    free(lookup->names);
    free(lookup);
}
