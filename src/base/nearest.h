/* nearest.h - "did you mean". */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/** "Did you mean": the name nearest to `text` of `count` names, or NULL if none is near. */
const char *base_nearest(const char *text, const char *const *names, size_t count);

#endif
