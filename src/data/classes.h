/* classes.h - the names of a set's classes. */
#ifndef DATA_CLASSES_H
#define DATA_CLASSES_H

#include "data/set.h"

/** Adds a copy of `name` as the set's last class. */
int data_class_add(alx_dataset *set, const char *name, size_t length) ALX_MUST_USE;
/** Adds each line of a file as a class. Refuses a name that is there twice, and an empty line with
 *  others after it, as it would shift their numbers. */
int data_classes_read(alx_dataset *set, const char *path) ALX_MUST_USE;
/** For qsort: two names of classes. */
int data_class_compare(const void *a, const void *b);
/** Adds classes that are called 0, 1, ... up to `last`. */
int data_classes_number(alx_dataset *set, long last) ALX_MUST_USE;

#endif
