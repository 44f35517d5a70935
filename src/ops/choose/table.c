/* table.c - every choice that a tuning row may hold: for each pass the algorithms and the
 * parameters that `alexnet tune` measures. Parameters are documented where they are read
 * (ops_param); CLBlast's are in src/rt/clblast_sets.c. */
#include "ops/choose/choose.h"

#include <stdio.h>
#include <string.h>

enum { ON_CPU = 1, ON_GPU = 2, ON_ANY = 3, ON_SUB_GROUPS = 4 };
enum { FORWARD = 1, CORRELATION = 3, GRAD_WEIGHT = 4, GRADIENTS = 6, EACH = 7 }; /* passes */

typedef struct way {
    const char *choice;
    unsigned devices, passes;
} way;

/* The default of a kind of device comes first. */
static const way conv_ways[] = {
    { "winograd", ON_CPU, EACH },
    { "winograd tiles=12", ON_CPU, CORRELATION },
    { "winograd tiles=48", ON_CPU, CORRELATION },
    { "winograd vectors=3", ON_CPU, CORRELATION },
    { "winograd tiles=72", ON_CPU, GRAD_WEIGHT },
    { "winograd tiles=288", ON_CPU, GRAD_WEIGHT },
    { "vec", ON_CPU, EACH },
    { "vec vectors=1", ON_CPU, EACH },
    { "vec vectors=3", ON_CPU, EACH },
    { "tile-winograd", ON_GPU, EACH },
    { "tile-winograd rows=128 columns=128", ON_GPU, EACH },
    { "tile-winograd rows=128 columns=64", ON_GPU, EACH },
    { "tile-winograd rows=64 columns=64", ON_GPU, EACH },
    { "tile-winograd rows=64 columns=32", ON_GPU, EACH },
    { "tile-winograd sub-group=16", ON_SUB_GROUPS, EACH },
    { "tile", ON_GPU, EACH },
    { "tile rows=128 columns=128", ON_GPU, EACH },
    { "tile rows=128 columns=96", ON_GPU, EACH },
    { "tile rows=128 columns=64", ON_GPU, EACH },
    { "tile rows=128 columns=48", ON_GPU, EACH },
    { "tile rows=64 columns=64", ON_GPU, EACH },
    { "tile rows=64 columns=32", ON_GPU, EACH },
    { "tile sub-group=16", ON_SUB_GROUPS, EACH },
    { "im2col", ON_ANY, EACH },
};

static const way fc_ways[] = {
    { "vec", ON_CPU, EACH },
    { "vec block=256", ON_CPU, FORWARD },
    { "vec block=1024", ON_CPU, FORWARD },
    { "vec block=64", ON_CPU, GRADIENTS },
    { "vec block=256", ON_CPU, GRADIENTS },
    { "vec panels=2", ON_CPU, GRADIENTS },
    { "vec panels=8", ON_CPU, GRADIENTS },
    { "tile", ON_GPU, EACH },
    { "tile rows=128 columns=128", ON_GPU, EACH },
    { "tile rows=128 columns=96", ON_GPU, EACH },
    { "tile rows=128 columns=64", ON_GPU, EACH },
    { "tile rows=128 columns=48", ON_GPU, EACH },
    { "tile rows=64 columns=64", ON_GPU, EACH },
    { "tile rows=64 columns=32", ON_GPU, EACH },
    { "tile sub-group=16", ON_SUB_GROUPS, EACH },
    { "clblast", ON_ANY, EACH },
};

/* Problems with passes. `tuned`: the way through CLBlast once its parameters are tuned. */
typedef struct way_family {
    const char *tuned;
    const way *ways;
    size_t way_count;
} way_family;

static const way_family conv_family = { ALX_TUNED_IM2COL, conv_ways, ALX_COUNT(conv_ways) };
static const way_family fc_family = { ALX_TUNED_CLBLAST, fc_ways, ALX_COUNT(fc_ways) };

/* ---- problems ------------------------------------------------------------------------------ */

/* The family of a problem, NULL if its name is not as its operation writes it; `*bit`: its pass. */
static const way_family *family_of(unsigned *bit, const char *problem)
{
    const way_family *family = NULL;
    char pass[ALX_PROBLEM_BYTES], again[2 * ALX_PROBLEM_BYTES] = "";
    int n[10];

    *bit = 0;
    if (strlen(problem) >= sizeof pass)
        return NULL;
    if (sscanf(problem, OPS_CONV_PROBLEM, pass, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6],
               &n[7], &n[8], &n[9]) == 11) {
        snprintf(again, sizeof again, OPS_CONV_PROBLEM, pass, n[0], n[1], n[2], n[3], n[4], n[5],
                 n[6], n[7], n[8], n[9]);
        family = &conv_family;
    } else if (sscanf(problem, OPS_FC_PROBLEM, pass, &n[0], &n[1]) == 3) {
        snprintf(again, sizeof again, OPS_FC_PROBLEM, pass, n[0], n[1]);
        family = &fc_family;
    }
    for (unsigned i = 0; i < ALX_PASS_COUNT && strcmp(problem, again) == 0; ++i)
        if (strcmp(pass, alx_pass_names[i]) == 0)
            *bit = 1u << i;
    return *bit != 0 ? family : NULL;
}

size_t ops_ways(const char *ways[ALX_MAX_WAYS], const char *problem, const alx_device_info *info)
{
    const bool asks = info->least_sub_group > 0 && info->least_sub_group < 16;
    const unsigned kind = alx_device_is_wide(info) ? ON_CPU : ON_GPU;
    const unsigned device = kind | (asks ? ON_SUB_GROUPS : 0);
    unsigned pass = 0;
    const way_family *family = family_of(&pass, problem);
    size_t count = 0;

    for (size_t i = 0; family != NULL && i < family->way_count; ++i) {
        const way *w = &family->ways[i];

        if ((w->devices & device) != 0 && (w->passes & pass) != 0 && count < ALX_MAX_WAYS)
            ways[count++] = w->choice;
    }
    return count;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static bool clblast_row_is_known(const alx_row *row, const char *kernel,
                                 const alx_device_info *info)
{
    char sets[ALX_MAX_SETS][ALX_CLBLAST_SET_BYTES];

    for (size_t i = 0; alx_clblast_kernels[i] != NULL; ++i) {
        if (strcmp(kernel, alx_clblast_kernels[i]) != 0)
            continue;
        for (size_t count = alx_clblast_sets(sets, info, kernel); count-- > 0;)
            if (strcmp(row->choice, sets[count]) == 0)
                return row->batch == 0;
    }
    return false;
}

bool alx_row_is_known(const alx_row *row, const alx_device_info *info)
{
    static const char clblast[] = "clblast ";
    const char *ways[ALX_MAX_WAYS];
    unsigned pass = 0;
    const way_family *family = family_of(&pass, row->problem);

    if (strncmp(row->problem, clblast, strlen(clblast)) == 0)
        return clblast_row_is_known(row, row->problem + strlen(clblast), info);
    if (family == NULL || row->batch < 1)
        return false;
    for (size_t count = ops_ways(ways, row->problem, info); count-- > 0;)
        if (strcmp(row->choice, ways[count]) == 0)
            return true;
    return strcmp(row->choice, family->tuned) == 0;
}
