/* classes.h - the names of a set's classes. */
#ifndef DATA_CLASSES_H
#define DATA_CLASSES_H

#include "data/set.h"

/** Adds a copy of `name` as the set's last class. */
int data_class_add(alx_dataset *set, const char *name, size_t length) ALX_MUST_USE;
/** Adds the lines of a file as classes. A name twice is refused, and so is an empty line before
 *  another: it would shift the numbers of those behind it. */
int data_classes_read(alx_dataset *set, const char *path) ALX_MUST_USE;
/** For qsort: two names of classes. */
int data_class_compare(const void *a, const void *b);
/** Adds classes that are called 0, 1, ... up to `last`. */
int data_classes_number(alx_dataset *set, long last) ALX_MUST_USE;

#endif
