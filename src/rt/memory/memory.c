/* memory.c - tensors in device memory: on their own or as views into an arena's slabs. */
#include "rt/memory/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "rt/device.h"

/* ---- shapes -------------------------------------------------------------------------------- */

size_t alx_shape_count(alx_shape s)
{
    return (size_t)s.n * (size_t)s.h * (size_t)s.w * (size_t)s.c;
}

bool alx_shape_equal(alx_shape a, alx_shape b)
{
    return a.n == b.n && a.h == b.h && a.w == b.w && a.c == b.c;
}

static size_t tensor_bytes(const alx_tensor *tensor)
{
    return alx_shape_count(tensor->shape) * sizeof(float);
}

/* ---- tensors with memory of their own ------------------------------------------------------ */

/* What a message calls a tensor: "a tensor of 2x3x4x5". */
static const char *tensor_name(char name[64], alx_shape s)
{
    snprintf(name, 64, "a tensor of %dx%dx%dx%d", s.n, s.h, s.w, s.c);
    return name;
}

static int tensor_cl(const alx_tensor *tensor, cl_int code, const char *call)
{
    char name[64];

    return rt_cl(tensor->dev, code, call, tensor_name(name, tensor->shape));
}

int alx_tensor_create(alx_tensor *out, alx_device *dev, alx_shape shape)
{
    char name[64];
    cl_mem mem = NULL;

    *out = (alx_tensor){ .dev = dev };
    if (alx_shape_count(shape) == 0)
        return 0;
    TRY(rt_buffer_create(&mem, dev, alx_shape_count(shape) * sizeof(float),
                         tensor_name(name, shape)));
    *out = (alx_tensor){ .dev = dev, .mem = mem, .shape = shape };
    return 0;
}

void alx_tensor_free(alx_tensor *tensor)
{
    if (tensor == NULL)
        return;
    if (tensor->mem != NULL)
        clReleaseMemObject(tensor->mem);
    *tensor = (alx_tensor){ 0 };
}

alx_tensor alx_tensor_as(alx_tensor tensor, alx_shape shape)
{
    assert(alx_shape_count(tensor.shape) == alx_shape_count(shape));
    tensor.shape = shape;
    return tensor;
}

int alx_tensor_whole(alx_tensor *out, size_t *first, const alx_tensor *tensor)
{
    cl_mem whole = NULL;
    size_t bytes = 0;

    *out = *tensor;
    *first = 0;
    if (tensor->mem == NULL)
        return 0;
    TRY(tensor_cl(
        tensor,
        clGetMemObjectInfo(tensor->mem, CL_MEM_ASSOCIATED_MEMOBJECT, sizeof whole, &whole, NULL),
        "clGetMemObjectInfo"));
    if (whole == NULL)
        return 0;
    TRY(tensor_cl(tensor,
                  clGetMemObjectInfo(tensor->mem, CL_MEM_OFFSET, sizeof bytes, &bytes, NULL),
                  "clGetMemObjectInfo"));
    out->mem = whole;
    *first = bytes / sizeof(float);
    return 0;
}

/* ---- transfers ----------------------------------------------------------------------------- */

int alx_tensor_write(const alx_tensor *tensor, const void *data)
{
    return alx_tensor_write_range(tensor, data, 0, alx_shape_count(tensor->shape));
}

int alx_tensor_write_range(const alx_tensor *tensor, const void *data, size_t first, size_t count)
{
    assert(first + count <= alx_shape_count(tensor->shape));
    if (tensor->mem == NULL || count == 0)
        return 0;
    rt_wait_begin(tensor->dev);
    const cl_int code = clEnqueueWriteBuffer(tensor->dev->queue, tensor->mem, CL_TRUE,
                                             first * sizeof(float), count * sizeof(float), data, 0,
                                             NULL, rt_profile_slot(tensor->dev, "write"));

    rt_wait_end();
    return tensor_cl(tensor, code, "clEnqueueWriteBuffer");
}

int alx_tensor_read(void *data, const alx_tensor *tensor)
{
    return alx_tensor_read_range(data, tensor, 0, alx_shape_count(tensor->shape));
}

int alx_tensor_read_range(void *data, const alx_tensor *tensor, size_t first, size_t count)
{
    assert(first + count <= alx_shape_count(tensor->shape));
    if (tensor->mem == NULL || count == 0)
        return 0;
    rt_wait_begin(tensor->dev);
    const cl_int code = clEnqueueReadBuffer(tensor->dev->queue, tensor->mem, CL_TRUE,
                                            first * sizeof(float), count * sizeof(float), data, 0,
                                            NULL, rt_profile_slot(tensor->dev, "read"));

    rt_wait_end();
    return tensor_cl(tensor, code, "clEnqueueReadBuffer");
}

int alx_tensor_write_async(const alx_tensor *tensor, const void *data, size_t bytes)
{
    assert(bytes <= tensor_bytes(tensor));
    if (bytes == 0 || tensor->dev->collecting)
        return 0;
    return tensor_cl(tensor,
                     clEnqueueWriteBuffer(tensor->dev->queue, tensor->mem, CL_FALSE, 0, bytes, data,
                                          0, NULL, rt_profile_slot(tensor->dev, "write")),
                     "clEnqueueWriteBuffer");
}

int alx_tensor_fill(const alx_tensor *tensor, float value)
{
    if (tensor->mem == NULL || tensor->dev->collecting)
        return 0;
    return tensor_cl(tensor,
                     clEnqueueFillBuffer(tensor->dev->queue, tensor->mem, &value, sizeof value, 0,
                                         tensor_bytes(tensor), 0, NULL,
                                         rt_profile_slot(tensor->dev, "fill")),
                     "clEnqueueFillBuffer");
}

int alx_tensor_copy(const alx_tensor *out, const alx_tensor *in)
{
    assert(out->dev == in->dev);
    assert(alx_shape_count(out->shape) == alx_shape_count(in->shape));
    if (out->mem == NULL || out->dev->collecting)
        return 0;
    return tensor_cl(out,
                     clEnqueueCopyBuffer(out->dev->queue, in->mem, out->mem, 0, 0,
                                         tensor_bytes(out), 0, NULL,
                                         rt_profile_slot(out->dev, "copy")),
                     "clEnqueueCopyBuffer");
}
