/* embedded.h - kernels (cl/), presets (configs/) and tuning rows (configs/tuned/) that CMake puts
 * into the program. */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

typedef struct alx_embedded {
    const char *name; /* "lrn.cl", "paper.ini" */
    const char *text; /* NUL-terminated */
    size_t bytes;     /* without the NUL */
} alx_embedded;

extern const alx_embedded alx_embedded_files[];
extern const size_t alx_embedded_count;

/* Text of a file by name, or NULL. */
const char *alx_embedded_find(const char *name);

#endif
