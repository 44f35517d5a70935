/* network.c - whether the weights of a checkpoint have a place in a network, and why not. */
#include <stdio.h>
#include <string.h>

#include "alexnet/train.h"
#include "base/try.h"

static bool same_params(const alx_graph *one, const alx_graph *other)
{
    size_t count = 0, other_count = 0;
    const alx_param_info *p = alx_graph_params(one, &count);
    const alx_param_info *q = alx_graph_params(other, &other_count);

    if (count != other_count)
        return false;
    for (size_t i = 0; i < count; ++i)
        if (strcmp(p[i].name, q[i].name) != 0 || p[i].dim_count != q[i].dim_count ||
            memcmp(p[i].dims, q[i].dims, (size_t)p[i].dim_count * sizeof *p[i].dims) != 0)
            return false;
    return true;
}

/* Keys that shapes of weights follow from. */
static bool shapes(const char *key)
{
    static const char *const keys[] = { "input", "classes",  "towers",       "lrn-across-towers",
                                        "sees",  "filters",  "kernel",       "stride",
                                        "pad",   "rounding", "groups",       "pool",
                                        "units", "order",    "adaptive-pool" };

    for (size_t i = 0; i < ALX_COUNT(keys); ++i)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static void keep_first(const char *section, const char *key, const char *old_value,
                       const char *new_value, void *user)
{
    char *first = user;

    if (first[0] == '\0' && shapes(key))
        snprintf(first, 256, "%s.%s %.60s, now %.60s", section, key, old_value, new_value);
}

int alx_checkpoint_check_network(const alx_checkpoint *checkpoint, const char *path,
                                 const alx_config *config)
{
    alx_graph *then = NULL, *now = NULL;
    char first[256] = "";
    int rc = 0;

    TRY_DONE(alx_graph_create(&then, &checkpoint->config.net));
    TRY_DONE(alx_graph_create(&now, &config->net));
    if (same_params(then, now))
        goto done;
    TRY_DONE(alx_config_differences(&checkpoint->config, config, keep_first, first));
    rc = alx_fail(ALX_E_DATA,
                  "%s is of another network (%s): a run goes on with its own; --weights begins one "
                  "with another",
                  path, first[0] != '\0' ? first : "its layers have other names");
done:
    alx_graph_free(now);
    alx_graph_free(then);
    return rc;
}
