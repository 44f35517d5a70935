/* quirks.c - what is special about one implementation of OpenCL or another: the one place that asks
 * which of them a device belongs to. What is done for all alike, because one of them is known to
 * need it, says so where it is done. */
#include "rt/device.h"

#include <stddef.h>
#include <string.h>

typedef enum { BEGINS, CONTAINS, IS } quirk_match;

static const struct {
    alx_quirk quirk;
    size_t text; /* of alx_device_info: what tells who it is */
    quirk_match match;
    const char *who;
    const char *version, *what, *link; /* where it was seen; for readers */
} quirks[] = {
    { ALX_QUIRK_CUTS_LOOPS, offsetof(alx_device_info, name), BEGINS, "llvmpipe", "Mesa 22.3",
      "ends an item's loops after 65535 passes in all, without an error",
      "LP_MAX_TGSI_LOOP_ITERATIONS in "
      "https://gitlab.freedesktop.org/mesa/mesa/-/blob/main/src/gallium/auxiliary/gallivm/"
      "lp_bld_limits.h" },
    { ALX_QUIRK_ONE_BUILD, offsetof(alx_device_info, platform_version), CONTAINS, "PoCL", "3.1",
      "builds one program at a time in a process, however many threads ask",
      "https://github.com/pocl/pocl" },
    { ALX_QUIRK_LARGE_HEADER, offsetof(alx_device_info, platform_version), CONTAINS, "PoCL 3.1",
      "3.1",
      "gives Clang its opencl-c.h, 18,000 lines, before every program: 0.2 s; where the header's "
      "guard _OPENCL_H_ is defined it leaves it out",
      "https://github.com/pocl/pocl/blob/v3.1/include/_clang_opencl.h" },
    { ALX_QUIRK_KERNEL_FOLDER, offsetof(alx_device_info, platform), IS, RT_POCL_PLATFORM, "3.1",
      "ends the process where the libraries that it makes of kernels cannot be loaded",
      "https://github.com/pocl/pocl" },
    { ALX_QUIRK_FRAGILE_BUILDS, offsetof(alx_device_info, platform), CONTAINS, "Oclgrind", "21.10",
      "crashes where two threads build at once: Clang's option tables, which it fills for every "
      "build, belong to the process",
      "https://github.com/jrprice/Oclgrind" },
    { ALX_QUIRK_OWN_CACHE, offsetof(alx_device_info, platform), CONTAINS, "NVIDIA", "all",
      "keeps what it has compiled in a cache of its own", "CUDA_CACHE_PATH in NVIDIA's manual" },
    { ALX_QUIRK_COUNTS_ALL_CORES, offsetof(alx_device_info, platform), IS, RT_INTEL_PLATFORM,
      "2026.2",
      "keeps a sub-device of one core busy on two, but heeds a limit in the environment, of which "
      "its count of compute units knows nothing",
      "measured" },
};

static bool text_matches(const char *text, quirk_match how, const char *who)
{
    switch (how) {
    case BEGINS:
        return strncmp(text, who, strlen(who)) == 0;
    case CONTAINS:
        return strstr(text, who) != NULL;
    default:
        return strcmp(text, who) == 0;
    }
}

unsigned rt_quirks_find(const alx_device_info *info)
{
    unsigned found = 0;

    for (size_t i = 0; i < ALX_COUNT(quirks); ++i)
        if (text_matches((const char *)info + quirks[i].text, quirks[i].match, quirks[i].who))
            found |= quirks[i].quirk;
    return found;
}
