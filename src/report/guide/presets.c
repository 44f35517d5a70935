/* presets.c - which of the networks that ship fit a data set, and the command that trains one. */
#include <stdio.h>

#include "alexnet/dev/report.h"
#include "base/format.h"
#include "base/try.h"
#include "report/guide/guide.h"

#define SMALL_SIDE 64 /* up to it there is nothing in an image that 32 x 32 pixels do not show */

/* The others are variants of these. */
static const struct {
    const char *name, *what;
    bool small, large; /* for which images */
} advised[] = {
    { "tiny", "a first look: seconds an epoch, learns little", true, true },
    { "quickstart", "a minute or two for 5,000 images on a CPU", true, true },
    { "cifar10_small", "the paper's network in small", true, false },
    { "cifar10_best", "AlexNet's widths: hours on a CPU", true, false },
    { "owt", "torchvision's AlexNet, for its weights too", false, true },
    { "paper", "the paper's network: for a GPU", false, true },
};

static bool fits(size_t i, const alx_data_glance *set)
{
    const int side = set->width < set->height ? set->width : set->height;

    return side == 0 || (side <= SMALL_SIDE ? advised[i].small : advised[i].large);
}

int alx_presets_print(FILE *out, const alx_data_glance *set)
{
    alx_config config;
    char override[40];
    const char *const classes = override;
    alx_cost cost;

    snprintf(override, sizeof override, "net.classes=%d", set->classes);
    fprintf(out, "%-14s %9s %12s  %s\n", "preset", "images", "parameters", "what for");
    for (size_t i = 0; i < ALX_COUNT(advised); ++i) {
        if (!fits(i, set))
            continue;
        TRY(alx_config_read(&config, advised[i].name, &classes, set->classes > 0 ? 1 : 0));
        TRY(alx_net_cost(&cost, &config.net));
        fprintf(out, "%-14s %9s %12s  %s\n", advised[i].name,
                base_format_dims((const int[]){ config.net.height, config.net.width }, 2).text,
                base_format_count(cost.parameters).text, advised[i].what);
    }
    return 0;
}

int alx_preset_command(char *out, size_t bytes, const alx_data_glance *set, const char *path)
{
    const bool small = set->height > 0 && set->height <= SMALL_SIDE;
    const char *name = small ? "quickstart" : "tiny"; /* what shows soon that all is well */
    alx_config config;
    char shown[PATH_MAX], classes[40] = "", held_out[40] = "";

    TRY(alx_config_read(&config, name, NULL, 0));
    report_shell_word(shown, sizeof shown, path);
    if (set->classes > 0 && set->classes != config.net.classes)
        snprintf(classes, sizeof classes, " --set net.classes=%d", set->classes);
    if (!set->has_test && config.data.validation == 0.0)
        snprintf(held_out, sizeof held_out, " --set data.validation=0.1");
    snprintf(out, bytes, "alexnet train %s --data %s%s%s", name, shown, classes, held_out);
    return 0;
}
