/* unread.h - why a file cannot be read. */
#ifndef BASE_UNREAD_H
#define BASE_UNREAD_H

#include "alexnet/status.h"

/** "PATH: WHAT: No such file or directory (did you mean ...?)", by errno. @return ALX_E_DATA */
int base_fail_unread(const char *path, const char *what);

#endif
