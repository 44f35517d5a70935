/* split.c - how many units of work a group takes. */
#include "ops/shared.h"

#include "base/try.h"

/* Groups per core on CPU devices: enough to balance, few enough that a launch costs little. */
#define CPU_GROUPS_PER_CORE 16
#define CPU_UNITS_AT_LEAST 16
#define GPU_GROUP 64
/* Vectors of an item where finding what a group works at has its price. */
#define GPU_RUN 4

bool ops_is_cpu(const alx_device *dev)
{
    return alx_device_is_wide(alx_device_get_info(dev));
}

int ops_group(const alx_device *dev)
{
    return ops_is_cpu(dev) ? 1 : GPU_GROUP;
}

int ops_vector(const alx_device *dev)
{
    return ops_is_cpu(dev) ? 16 : 4;
}

int ops_channel_vector(const alx_device *dev, int channels)
{
    const int widest = ops_vector(dev);

    return channels % widest == 0 ? widest : channels % 4 == 0 ? 4 : 1;
}

static size_t cpu_run(const alx_device *dev, size_t units)
{
    const size_t cores = alx_device_get_info(dev)->compute_units;
    const size_t groups = (cores > 0 ? cores : 1) * CPU_GROUPS_PER_CORE;
    const size_t run = (units + groups - 1) / groups;

    return run > CPU_UNITS_AT_LEAST ? run : CPU_UNITS_AT_LEAST;
}

uint32_t ops_chunk(const alx_device *dev, size_t count)
{
    const size_t vector = (size_t)ops_vector(dev);
    const size_t run = ops_is_cpu(dev) ? cpu_run(dev, (count + vector - 1) / vector) : GPU_RUN;

    return (uint32_t)(run * (size_t)ops_group(dev) * vector);
}

int ops_split_units(ops_split *out, const alx_device *dev, size_t units)
{
    const size_t group = (size_t)ops_group(dev), run = ops_is_cpu(dev) ? cpu_run(dev, units) : 1;
    const size_t groups = (units + group * run - 1) / (group * run);

    if (units == 0 || units > UINT32_MAX)
        return alx_fail(ALX_E_USAGE, "%zu units of work: a kernel takes 1 to %lu", units,
                        (unsigned long)UINT32_MAX);
    *out = (ops_split){
        .grid = { .global = { groups * group, 1, 1 }, .local = { group, 1, 1 } },
        .total = (uint32_t)units,
        .run = (uint32_t)run,
        .group = (int)group,
    };
    return 0;
}

int ops_split_elements(ops_split *out, const alx_device *dev, size_t count)
{
    const size_t vector = (size_t)ops_vector(dev);

    if (count > UINT32_MAX)
        return alx_fail(ALX_E_USAGE, "%zu elements: a kernel takes up to %lu", count,
                        (unsigned long)UINT32_MAX);
    TRY(ops_split_units(out, dev, (count + vector - 1) / vector));
    out->total = (uint32_t)count;
    return 0;
}
