/* golden.c - a folder of golden numbers: which of its three sets are there. */
#include "check/golden/golden.h"

#include <limits.h>
#include <stdio.h>

#include "base/file.h"
#include "base/try.h"

static const struct {
    const char *files[2]; /* both or none; NULL = one file only */
    int (*run)(check_report *, const alx_check_options *, const char *folder);
} sets[] = {
    { { "ops.json", "ops.safetensors" }, golden_ops },
    { { "nets.json", "nets.safetensors" }, golden_stored_nets },
    { { "full.json", NULL }, golden_full_nets },
};

static bool has_file(const char *folder, const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return base_file_exists(path);
}

int alx_check_golden(alx_check_total *total, const alx_check_options *options, const char *folder)
{
    check_report report = { .options = options, .total = total };
    int found = 0;

    for (size_t i = 0; i < ALX_COUNT(sets); ++i) {
        const char *second = sets[i].files[1];

        if (!has_file(folder, sets[i].files[0]) && (second == NULL || !has_file(folder, second)))
            continue;
        ++found;
        TRY(sets[i].run(&report, options, folder));
    }
    if (found == 0)
        return alx_fail(ALX_E_DATA, "%s: %s", folder,
                        base_file_exists(folder) && !base_path_is_folder(folder)
                            ? "not a folder"
                            : "no ops.json, nets.json or full.json there");
    return 0;
}
