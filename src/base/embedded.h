/* embedded.h - kernels (cl/), presets (configs/) and tuning rows (configs/tuned/) that CMake puts
 * into the program. */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

typedef struct base_embedded {
    const char *name; /* "lrn.cl", "paper.ini" */
    const char *text; /* NUL-terminated */
    size_t bytes;     /* without the NUL */
} base_embedded;

extern const base_embedded base_embedded_files[];
extern const size_t base_embedded_count;

/* Text of a file by name, or NULL. */
const char *base_embedded_find(const char *name);

#endif
