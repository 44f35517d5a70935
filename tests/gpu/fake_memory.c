/* fake_memory.c - buffers of the driver that computes nothing: plain memory. */
#include "fake_gpu.h"

static cl_mem all_mems;

static cl_mem mem_make(char *data, size_t bytes, bool owned, cl_int *code)
{
    cl_mem mem = fake_make(sizeof *mem);

    *mem = (struct _cl_mem){
        .calls = &fake_calls, .data = data, .bytes = bytes, .owned = owned, .next = all_mems
    };
    all_mems = mem;
    fake_succeed(code);
    return mem;
}

cl_mem fake_buffer_create(cl_context context, cl_mem_flags flags, size_t bytes, void *host,
                          cl_int *code)
{
    return flags & CL_MEM_USE_HOST_PTR ? mem_make(host, bytes, false, code)
                                       : mem_make(fake_make(bytes), bytes, true, code);
}

cl_mem fake_sub_buffer_create(cl_mem mem, cl_mem_flags flags, cl_buffer_create_type type,
                              const void *region, cl_int *code)
{
    const cl_buffer_region *part = region;
    cl_mem view = mem_make(mem->data + part->origin, part->size, false, code);

    view->whole = mem;
    return view;
}

cl_int fake_mem_release(cl_mem mem)
{
    cl_mem *at = &all_mems;

    if (mem->on_release != NULL)
        mem->on_release(mem, mem->user);
    while (*at != mem)
        at = &(*at)->next;
    *at = mem->next;
    free(mem->owned ? mem->data : NULL);
    free(mem);
    return CL_SUCCESS;
}

cl_int fake_mem_info(cl_mem mem, cl_mem_info what, size_t bytes, void *out, size_t *needed)
{
    const size_t offset = mem->whole != NULL ? (size_t)(mem->data - mem->whole->data) : 0;

    if (what == CL_MEM_OFFSET)
        return fake_answer(bytes, out, needed, &offset, sizeof offset);
    return fake_answer(bytes, out, needed, &mem->whole, sizeof mem->whole);
}

cl_int fake_mem_on_release(cl_mem mem, void(CL_CALLBACK *on_release)(cl_mem, void *), void *user)
{
    mem->on_release = on_release;
    mem->user = user;
    return CL_SUCCESS;
}

cl_int fake_buffer_write(cl_command_queue queue, cl_mem mem, cl_bool blocks, size_t offset,
                         size_t bytes, const void *data, cl_uint count, const cl_event *list,
                         cl_event *event)
{
    memcpy(mem->data + offset, data, bytes);
    return fake_answer_event(event);
}

cl_int fake_buffer_read(cl_command_queue queue, cl_mem mem, cl_bool blocks, size_t offset,
                        size_t bytes, void *data, cl_uint count, const cl_event *list,
                        cl_event *event)
{
    memcpy(data, mem->data + offset, bytes);
    return fake_answer_event(event);
}

cl_int fake_buffer_fill(cl_command_queue queue, cl_mem mem, const void *pattern,
                        size_t pattern_bytes, size_t offset, size_t bytes, cl_uint count,
                        const cl_event *list, cl_event *event)
{
    return fake_answer_event(event);
}

cl_mem fake_mem_find(const void *value, size_t bytes)
{
    cl_mem mem = value != NULL && bytes == sizeof mem ? all_mems : NULL;

    while (mem != NULL && mem != *(const cl_mem *)value)
        mem = mem->next;
    return mem;
}
