/* params.c - parameters of a way to compute. */
#include "ops/choose/choose.h"

#include <stdlib.h>
#include <string.h>

int ops_param(const char *params, const char *name, int own, int least, int most)
{
    const size_t length = strlen(name);

    for (const char *at = params; (at = strchr(at, ' ')) != NULL;) {
        ++at;
        if (strncmp(at, name, length) == 0 && at[length] == '=') {
            const long value = strtol(at + length + 1, NULL, 10);

            return value >= least && value <= most ? (int)value : own;
        }
    }
    return own;
}
