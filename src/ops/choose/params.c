/* params.c - parameters of a way to compute, as tuning rows have them. */
#include "ops/choose/choose.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The first value of `name`, 0 if it is not there or no number of an int. */
static int param_find(const char *params, const char *name)
{
    const size_t length = strlen(name);

    for (const char *at = params; (at = strchr(at, ' ')) != NULL;) {
        ++at;
        if (strncmp(at, name, length) == 0 && at[length] == '=') {
            const long value = strtol(at + length + 1, NULL, 10);

            return value > 0 && value <= INT_MAX ? (int)value : 0;
        }
    }
    return 0;
}

alx_way_params ops_params_parse(const char *text)
{
    return (alx_way_params){
        .tiles = param_find(text, "tiles"),
        .vectors = param_find(text, "vectors"),
        .rows = param_find(text, "rows"),
        .columns = param_find(text, "columns"),
        .sub_group = param_find(text, "sub-group"),
        .block = param_find(text, "block"),
        .panels = param_find(text, "panels"),
    };
}
