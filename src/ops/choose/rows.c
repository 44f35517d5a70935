/* rows.c - the tuning rows of a device, and what depends on the kernels that they were measured
 * with. */
#include "ops/choose/choose.h"

#include <stdio.h>
#include <string.h>

#include "base/try.h"

/* Problems by their first word, and the kernel sources that their rows depend on. */
static const struct {
    const char *name, *sources[3];
} families[] = {
    { "conv2d", { "conv2d", "im2col" } },
    { "fc", { "gemm" } },
    { "clblast", { NULL } }, /* its version */
};

static bool row_is_known(const alx_row *row, const void *info)
{
    return alx_row_is_known(row, info);
}

/* Without rows nobody asks for the kernels' hashes, and reading the sources takes time. */
static int key_fill(alx_rows_key *key, const alx_device_info *info, bool off)
{
    const char *core = info->core >= 0 ? strstr(info->name, ", core ") : NULL;

    *key = (alx_rows_key){ .is_known = row_is_known, .user = info };
    /* the cores of a device share its rows */
    snprintf(key->device, sizeof key->device, "%.*s",
             core != NULL ? (int)(core - info->name) : (int)strlen(info->name), info->name);
    snprintf(key->driver, sizeof key->driver, "%s", info->driver);
    for (size_t i = 0; i < ALX_COUNT(families); ++i) {
        alx_rows_family *family = &key->families[key->family_count++];

        snprintf(family->name, sizeof family->name, "%s", families[i].name);
        if (off)
            continue;
        if (families[i].sources[0] == NULL)
            snprintf(family->kernels, sizeof family->kernels, "%s", alx_rt_libraries());
        else
            TRY(alx_kernels_hash(family->kernels, families[i].sources));
    }
    return 0;
}

int alx_rows_of_device(alx_rows **out, const alx_device_info *info, const char *path)
{
    alx_rows_key key;

    *out = NULL;
    TRY(key_fill(&key, info, alx_rows_are_off(path)));
    return alx_rows_open(out, &key, path);
}
