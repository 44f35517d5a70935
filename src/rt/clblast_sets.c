/* clblast_sets.c - parameters of CLBlast's kernels worth trying: a short list of what its own tuner
 * found on many devices, and on CPUs for the shapes of this program. Each kernel wants all of its
 * parameters. https://github.com/CNugteren/CLBlast/blob/master/doc/tuning.md */
#include "rt/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const alx_clblast_kernels[ALX_CLBLAST_KERNELS + 1] = { "Xgemm", "GemmRoutine", NULL };

/* XGEMM_MIN_INDIRECT_SIZE: products of more multiplications than its cube take Xgemm; those of
 * fewer take XgemmDirect, with the parameters that come with it.
 * MWG x NWG of C by MDIMC x NDIMC items, KWG of K at a time; SA, SB: A, B through local memory;
 * VWM, VWN: vectors. GEMMK=1 is wrong with MWG != NWG before 1.6.3. */
#define XGEMM(mwg, nwg, kwg, mdimc, ndimc, mdima, ndimb, vwm, vwn, local)                          \
    "GEMMK=0 KREG=1 KWG=" #kwg " KWI=2 MDIMA=" #mdima " MDIMC=" #mdimc " MWG=" #mwg                \
    " NDIMB=" #ndimb " NDIMC=" #ndimc " NWG=" #nwg " SA=" #local " SB=" #local                     \
    " STRM=0 STRN=0 VWM=" #vwm " VWN=" #vwn
static const struct {
    const char *kernel, *params;
} sets[] = {
    { "Xgemm", XGEMM(128, 128, 16, 8, 8, 32, 16, 1, 4, 0) },
    { "Xgemm", XGEMM(64, 128, 16, 8, 8, 16, 16, 4, 4, 0) },
    { "Xgemm", XGEMM(128, 64, 16, 8, 8, 16, 16, 8, 4, 0) },
    { "Xgemm", XGEMM(64, 64, 32, 8, 8, 8, 8, 8, 1, 0) },
    { "Xgemm", XGEMM(64, 64, 16, 4, 4, 4, 4, 16, 1, 0) },
    { "Xgemm", XGEMM(64, 32, 32, 16, 8, 16, 8, 4, 4, 0) },
    { "Xgemm", XGEMM(32, 32, 32, 8, 8, 8, 8, 4, 4, 0) },
    { "Xgemm", XGEMM(128, 128, 32, 8, 16, 8, 16, 4, 4, 1) },
    { "Xgemm", XGEMM(128, 128, 16, 16, 16, 16, 16, 8, 8, 1) },
    { "Xgemm", XGEMM(128, 64, 32, 32, 8, 32, 8, 4, 4, 1) },
    { "Xgemm", XGEMM(64, 64, 16, 8, 8, 8, 8, 4, 4, 1) },
    { "Xgemm", XGEMM(32, 64, 32, 8, 16, 8, 16, 4, 4, 1) },
    { "GemmRoutine", "XGEMM_MIN_INDIRECT_SIZE=64" },
    { "GemmRoutine", "XGEMM_MIN_INDIRECT_SIZE=1024" },
    { "GemmRoutine", "XGEMM_MIN_INDIRECT_SIZE=2048" },
    { "GemmRoutine", "XGEMM_MIN_INDIRECT_SIZE=4096" },
};

static size_t param(const char *params, const char *name)
{
    const char *found = strstr(params, name);

    return found != NULL ? strtoul(found + strlen(name), NULL, 10) : 0;
}

/* Local memory is for GPUs; what CLBlast says of the rest is heard when it runs. */
static bool set_fits(const alx_device_info *info, const char *kernel, const char *params)
{
    const size_t k = param(params, " KWG="), m = param(params, " MWG="), n = param(params, " NWG=");
    const bool local = param(params, " SA=") > 0;

    if (strcmp(kernel, "Xgemm") != 0)
        return true;
    return local == (info->type != ALX_DEVICE_CPU) &&
           param(params, " MDIMC=") * param(params, " NDIMC=") <= info->max_group &&
           (!local || k * (m + n) * sizeof(float) <= info->local_bytes);
}

size_t alx_clblast_sets(char list[ALX_MAX_SETS][ALX_CLBLAST_SET_BYTES], const alx_device_info *info,
                        const char *kernel)
{
    size_t count = 0;

    if (strcmp(kernel, "Xgemm") == 0)
        snprintf(list[count++], ALX_CLBLAST_SET_BYTES, ALX_CLBLAST_PACKAGED);
    for (size_t i = 0; i < ALX_COUNT(sets) && count < ALX_MAX_SETS; ++i)
        if (strcmp(sets[i].kernel, kernel) == 0 && set_fits(info, kernel, sets[i].params))
            snprintf(list[count++], ALX_CLBLAST_SET_BYTES, "%s", sets[i].params);
    return count;
}
