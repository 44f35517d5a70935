/* buffer.c - plain memory of a device. */
#include "rt/memory/memory.h"

#include "rt/device.h"

/* The limit is checked here: drivers are known to abort on a size beyond it (Oclgrind 21.10). */
int rt_buffer_create(cl_mem *out, const alx_device *dev, size_t bytes, const char *subject)
{
    cl_int code = CL_SUCCESS;

    *out = NULL;
    if (bytes > dev->info.max_alloc_bytes)
        return alx_fail(ALX_E_MEMORY, "%s needs %.1f MiB, the largest buffer of %s is %.1f MiB",
                        subject, (double)bytes / 1048576.0, dev->info.name,
                        (double)dev->info.max_alloc_bytes / 1048576.0);
    if (rt_host_pages_wanted(dev, bytes))
        return rt_host_pages_buffer(out, dev, bytes, subject);
    *out = clCreateBuffer(dev->context->cl, CL_MEM_READ_WRITE, bytes, NULL, &code);
    return rt_cl(dev, code, "clCreateBuffer", subject);
}
