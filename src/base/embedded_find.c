/* embedded_find.c - looks up a file that is part of the program. */
#include "base/embedded.h"

#include <string.h>

const char *base_embedded_find(const char *name)
{
    for (size_t i = 0; i < base_embedded_count; ++i)
        if (strcmp(base_embedded_files[i].name, name) == 0)
            return base_embedded_files[i].text;
    return NULL;
}
