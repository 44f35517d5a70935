/* override.c - other values for some keys of a config that is resolved. */
#include "alexnet/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"

int alx_config_override(alx_config *config, const char *const *overrides, size_t override_count)
{
    char *text = NULL;
    char name[sizeof config->name];
    int rc = 0;

    if (override_count == 0)
        return 0;
    snprintf(name, sizeof name, "%s", config->name);
    TRY_DONE(alx_config_write(&text, config));
    TRY_DONE(alx_config_parse(config, text, name, overrides, override_count));
done:
    free(text);
    return rc;
}
