/* host_pages.c - large buffers on CPU devices: pages of the process itself, huge where the kernel
 * has them. A step walks through gigabytes: with pages of 4 KiB, the first touch of each costs more
 * than what is computed there, and so does finding it again. Untouched pages are zero and free. */
#define _DEFAULT_SOURCE
#include "rt/memory/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/try.h"
#include "rt/device.h"

#define HUGE_PAGE ((size_t)2 << 20)
/* How far a buffer starts behind a huge page, times its number up to STAGGERED: a kernel walks
 * through several buffers at equal offsets, and where their addresses agree in the low bits they
 * push each other out of the caches. */
#define STAGGER ((size_t)(64 + 4 + 1) << 10)
#define STAGGERED 16

typedef struct host_pages {
    void *map, *start; /* start: a little behind a huge page's */
    size_t bytes;      /* of the map */
} host_pages;

bool rt_host_pages_wanted(const alx_device *dev, size_t bytes)
{
    return dev->info.type == ALX_DEVICE_CPU && bytes >= 2 * HUGE_PAGE;
}

static host_pages *pages_create(size_t bytes)
{
    static atomic_uint count; /* networks of several threads may ask at once */
    host_pages *pages = malloc(sizeof *pages);

    if (pages == NULL)
        return NULL;
    pages->bytes = alx_round_up(bytes, HUGE_PAGE) + 2 * HUGE_PAGE;
    pages->map = mmap(NULL, pages->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                      0);
    if (pages->map == MAP_FAILED) {
        free(pages);
        return NULL;
    }
    pages->start = (void *)(alx_round_up((uintptr_t)pages->map, HUGE_PAGE) +
                            count++ % STAGGERED * STAGGER);
#ifdef MADV_HUGEPAGE
    (void)madvise(pages->map, pages->bytes, MADV_HUGEPAGE); /* refused: small pages do too */
#endif
    return pages;
}

static void pages_free(host_pages *pages)
{
    munmap(pages->map, pages->bytes);
    free(pages);
}

static void CL_CALLBACK buffer_is_gone(cl_mem mem, void *user)
{
    (void)mem;
    pages_free(user);
}

int rt_host_pages_buffer(cl_mem *out, const alx_device *dev, size_t bytes, const char *subject)
{
    host_pages *pages = pages_create(bytes);
    cl_mem mem = NULL;
    cl_int code = CL_SUCCESS;
    int rc = 0;

    *out = NULL;
    if (pages == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: %.1f MiB of host memory are not to be had", subject,
                        (double)bytes / 1048576.0);
    mem = clCreateBuffer(dev->context->cl, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, bytes,
                         pages->start, &code);
    TRY_DONE(rt_cl(dev, code, "clCreateBuffer", subject));
    TRY_DONE(rt_cl(dev, clSetMemObjectDestructorCallback(mem, buffer_is_gone, pages),
                   "clSetMemObjectDestructorCallback", subject));
    *out = mem;
    mem = NULL;
    pages = NULL;
done:
    if (mem != NULL)
        clReleaseMemObject(mem);
    if (pages != NULL)
        pages_free(pages);
    return rc;
}
