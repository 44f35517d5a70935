/* embedded_find.c - looks up a file that is part of the program. */
#include "base/embedded.h"

#include <string.h>

const char *alx_embedded_find(const char *name)
{
    for (size_t i = 0; i < alx_embedded_count; ++i)
        if (strcmp(alx_embedded_files[i].name, name) == 0)
            return alx_embedded_files[i].text;
    return NULL;
}
