/* fake_gpu.h - what the files of the driver that computes nothing share. */
#ifndef FAKE_GPU_H
#define FAKE_GPU_H

#include <CL/cl_icd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wunused-parameter" /* OpenCL has many that do not matter here */

#define MOST_ARGS 32

/* Every object begins with the table of calls: the loader finds them there. */
struct _cl_platform_id {
    const cl_icd_dispatch *calls;
};
struct _cl_device_id {
    const cl_icd_dispatch *calls;
};
struct _cl_context {
    const cl_icd_dispatch *calls;
};
struct _cl_command_queue {
    const cl_icd_dispatch *calls;
};
struct _cl_event {
    const cl_icd_dispatch *calls;
};
struct _cl_mem {
    const cl_icd_dispatch *calls;
    char *data;
    size_t bytes;
    bool owned;
    cl_mem whole; /* of a sub-buffer */
    void(CL_CALLBACK *on_release)(cl_mem, void *);
    void *user;
    cl_mem next; /* of all that live */
};
struct _cl_program {
    const cl_icd_dispatch *calls;
    int number;
    char *source;
};
struct _cl_kernel {
    const cl_icd_dispatch *calls;
    int program;
    cl_uint arg_count;
    char name[128];
    char args[MOST_ARGS][32]; /* as the log has them */
};

/* The table of calls, which every object begins with. */
extern const cl_icd_dispatch fake_calls;

/* ---- answers --------------------------------------------------------------------------------- */

static inline void *fake_make(size_t bytes)
{
    void *made = calloc(1, bytes);

    if (made == NULL)
        abort();
    return made;
}

static inline cl_int fake_answer(size_t bytes, void *out, size_t *needed, const void *value,
                                 size_t value_bytes)
{
    if (needed != NULL)
        *needed = value_bytes;
    if (out != NULL)
        memcpy(out, value, bytes < value_bytes ? bytes : value_bytes);
    return CL_SUCCESS;
}

static inline cl_int fake_answer_text(size_t bytes, void *out, size_t *needed, const char *text)
{
    return fake_answer(bytes, out, needed, text, strlen(text) + 1);
}

static inline cl_int fake_answer_event(cl_event *out)
{
    if (out != NULL) {
        *out = fake_make(sizeof **out);
        (*out)->calls = &fake_calls;
    }
    return CL_SUCCESS;
}

static inline void fake_succeed(cl_int *code)
{
    if (code != NULL)
        *code = CL_SUCCESS;
}

/* ---- memory (fake_memory.c) ------------------------------------------------------------------ */

cl_mem fake_buffer_create(cl_context context, cl_mem_flags flags, size_t bytes, void *host,
                          cl_int *code);
cl_mem fake_sub_buffer_create(cl_mem mem, cl_mem_flags flags, cl_buffer_create_type type,
                              const void *region, cl_int *code);
cl_int fake_mem_release(cl_mem mem);
cl_int fake_mem_info(cl_mem mem, cl_mem_info what, size_t bytes, void *out, size_t *needed);
cl_int fake_mem_on_release(cl_mem mem, void(CL_CALLBACK *on_release)(cl_mem, void *), void *user);
cl_int fake_buffer_write(cl_command_queue queue, cl_mem mem, cl_bool blocks, size_t offset,
                         size_t bytes, const void *data, cl_uint count, const cl_event *list,
                         cl_event *event);
cl_int fake_buffer_read(cl_command_queue queue, cl_mem mem, cl_bool blocks, size_t offset,
                        size_t bytes, void *data, cl_uint count, const cl_event *list,
                        cl_event *event);
cl_int fake_buffer_fill(cl_command_queue queue, cl_mem mem, const void *pattern,
                        size_t pattern_bytes, size_t offset, size_t bytes, cl_uint count,
                        const cl_event *list, cl_event *event);

/* The buffer that a kernel's argument is, or NULL. */
cl_mem fake_mem_find(const void *value, size_t bytes);

#endif
