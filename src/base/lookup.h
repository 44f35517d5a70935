/* lookup.h - names by which their places are found. */
#ifndef BASE_LOOKUP_H
#define BASE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/status.h"

/** Names by which their places are found, in a time that hardly grows with their number. */
typedef struct base_lookup base_lookup;

/** @param names  borrowed, as long as the lookup lives; they may repeat */
int base_lookup_create(base_lookup **out, char *const *names, size_t count) ALX_MUST_USE;
/** The first place of the name that is the first `length` characters of `name`; -1: none. */
long base_lookup_find(const base_lookup *lookup, const char *name, size_t length);
/** The first two places of some name that is there more than once; false if there is none. */
bool base_lookup_duplicates(const base_lookup *lookup, size_t places[2]);
void base_lookup_free(base_lookup *lookup);

#endif
