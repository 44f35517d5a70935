/* arena.c - a family's memory in slabs, and the tensors that look into them. */
#include "rt/memory/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "rt/device.h"

struct alx_arena {
    alx_device *dev;
    char name[64];
    size_t bytes, slab_bytes, slab_count;
    cl_mem *slabs; /* all of slab_bytes but the last, which holds the rest */
    cl_mem *views; /* grows by doubling */
    size_t view_count, view_room;
};

static size_t slab_size(const alx_arena *arena, size_t slab)
{
    const size_t rest = arena->bytes - slab * arena->slab_bytes;

    return rest < arena->slab_bytes ? rest : arena->slab_bytes;
}

/* Drivers allocate late: filling makes too large a slab fail here, not in the middle of a step.
 * Host pages are zero already, and stay untouched until the step uses them. */
static int slab_create(alx_arena *arena, size_t slab)
{
    const cl_uint zero = 0;
    const size_t bytes = slab_size(arena, slab);
    cl_int code = CL_SUCCESS;

    TRY(rt_buffer_create(&arena->slabs[slab], arena->dev, bytes, arena->name));
    if (rt_host_pages_wanted(arena->dev, bytes))
        return 0;
    code = clEnqueueFillBuffer(arena->dev->queue, arena->slabs[slab], &zero, sizeof zero, 0, bytes,
                               0, NULL, NULL);
    return rt_cl(arena->dev, code, "clEnqueueFillBuffer", arena->name);
}

/* Out of resources while filling fresh memory means that there is too little of it. */
static int arena_fill_failure(const alx_arena *arena, int rc)
{
    char reason[512];

    if (rc == 0)
        return 0;
    snprintf(reason, sizeof reason, "%s", alx_status_text(rc));
    return alx_fail(ALX_E_MEMORY, "%zu MiB for %s do not fit on the device: %s", arena->bytes >> 20,
                    arena->name, reason);
}

int alx_arena_create(alx_arena **out, alx_device *dev, const char *name, size_t bytes,
                     size_t slab_bytes)
{
    alx_arena *arena = calloc(1, sizeof *arena);
    int rc = 0;

    *out = NULL;
    assert(slab_bytes > 0 && slab_bytes % dev->info.base_align_bytes == 0);
    if (arena == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %s", name);
    arena->dev = dev;
    snprintf(arena->name, sizeof arena->name, "%s", name);
    arena->bytes = alx_round_up(bytes, sizeof(float));
    arena->slab_bytes = slab_bytes;
    arena->slab_count = (arena->bytes + slab_bytes - 1) / slab_bytes;
    arena->slabs = calloc(arena->slab_count + 1, sizeof *arena->slabs);
    if (arena->slabs == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %s", name);
        goto done;
    }
    for (size_t i = 0; i < arena->slab_count; ++i)
        TRY_DONE(arena_fill_failure(arena, slab_create(arena, i)));
    TRY_DONE(arena_fill_failure(arena, alx_device_finish(dev)));
    *out = arena;
    arena = NULL;
done:
    alx_arena_free(arena);
    return rc;
}

void alx_arena_free(alx_arena *arena)
{
    if (arena == NULL)
        return;
    for (size_t i = 0; i < arena->view_count; ++i)
        clReleaseMemObject(arena->views[i]);
    for (size_t i = 0; arena->slabs != NULL && i < arena->slab_count; ++i)
        if (arena->slabs[i] != NULL)
            clReleaseMemObject(arena->slabs[i]);
    free(arena->views);
    free(arena->slabs);
    free(arena);
}

static int arena_grow_views(alx_arena *arena)
{
    if (arena->view_count < arena->view_room)
        return 0;
    const size_t room = arena->view_room > 0 ? 2 * arena->view_room : 64;
    cl_mem *views = realloc(arena->views, room * sizeof *views);

    if (views == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %s", arena->name);
    arena->views = views;
    arena->view_room = room;
    return 0;
}

int alx_arena_tensor(alx_tensor *out, alx_arena *arena, size_t offset_bytes, alx_shape shape)
{
    const size_t bytes = alx_shape_count(shape) * sizeof(float);
    const size_t slab = offset_bytes / arena->slab_bytes;
    const cl_buffer_region region = { offset_bytes % arena->slab_bytes, bytes };
    cl_int code = CL_SUCCESS;

    *out = (alx_tensor){ .dev = arena->dev };
    if (bytes == 0)
        return 0;
    if (offset_bytes % arena->dev->info.base_align_bytes != 0)
        return alx_fail(ALX_E_DEVICE, "%s: offset %zu is not a multiple of %zu bytes", arena->name,
                        offset_bytes, arena->dev->info.base_align_bytes);
    if (slab >= arena->slab_count || region.origin + bytes > slab_size(arena, slab))
        return alx_fail(ALX_E_MEMORY, "%s: %zu bytes at %zu do not lie in one slab of %zu",
                        arena->name, bytes, offset_bytes, arena->slab_bytes);
    TRY(arena_grow_views(arena));
    cl_mem view = clCreateSubBuffer(arena->slabs[slab], CL_MEM_READ_WRITE,
                                    CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    TRY(rt_cl(arena->dev, code, "clCreateSubBuffer", arena->name));
    arena->views[arena->view_count++] = view;
    *out = (alx_tensor){ .dev = arena->dev, .mem = view, .shape = shape };
    return 0;
}
