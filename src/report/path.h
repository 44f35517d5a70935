/* path.h - where a file of a report lies. */
#ifndef REPORT_PATH_H
#define REPORT_PATH_H

#include <limits.h>

#include "alexnet/export.h"

/* folder/name; ALX_E_IO if that is too long. */
int report_path_in(char path[PATH_MAX], const char *folder, const char *name) ALX_MUST_USE;

#endif
