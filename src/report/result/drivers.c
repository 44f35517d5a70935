/* drivers.c - what is said of OpenCL's loader, drivers and platforms, and of cores. */
#include <stdlib.h>

#include "alexnet/dev/report.h"
#include "alexnet/dev/rt.h"
#include "alexnet/log.h"
#include "base/cpus.h"
#include "base/file.h"
#include "base/try.h"

int alx_drivers_print(FILE *out)
{
    alx_driver *drivers = NULL;
    alx_platform *platforms = NULL;
    size_t driver_count = 0, platform_count = 0;
    int rc = 0;

    TRY_DONE(alx_platforms_list(&platforms, &platform_count));
    TRY_DONE(alx_drivers_list(&drivers, &driver_count));
    fprintf(out, "loader %s\n", alx_opencl_library());
    fprintf(out, "drivers of %s: %zu\n", alx_drivers_folder(), driver_count);
    for (size_t i = 0; i < driver_count; ++i) {
        const alx_driver *d = &drivers[i];

        fprintf(out, "  %s: %s%s%s\n", base_path_base(d->file), d->library,
                d->library[0] != '\0' ? ": " : "", d->problem[0] != '\0' ? d->problem : "loaded");
    }
    fprintf(out, "platforms: %zu\n", platform_count);
    for (size_t i = 0; i < platform_count; ++i) {
        const alx_platform *p = &platforms[i];

        if (p->devices > 0)
            fprintf(out, "  %s: %zu device%s\n", p->name, p->devices, p->devices == 1 ? "" : "s");
        else
            fprintf(out, "  %s: %s\n", p->name, p->why);
    }
done:
    free(drivers);
    free(platforms);
    return rc;
}

int alx_drivers_warn(void)
{
    alx_driver *list = NULL;
    size_t count = 0;
    int rc = 0;

    TRY_DONE(alx_drivers_list(&list, &count));
    for (size_t i = 0; i < count; ++i)
        if (list[i].problem[0] != '\0')
            alx_warn("%s: not used: %s%s%s", list[i].file, list[i].library,
                     list[i].library[0] != '\0' ? ": " : "", list[i].problem);
done:
    free(list);
    return rc;
}

void alx_cores_log(void)
{
    const int total = base_cpu_total(), allowed = base_cpu_count();

    if (allowed < total)
        alx_info("cores       %d of the machine's %d: this process may use no more", allowed,
                 total);
}
