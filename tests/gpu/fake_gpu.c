/* fake_gpu.c - an OpenCL driver with one GPU that computes nothing, so that the program chooses,
 * builds and launches what it would on a real one. `OCL_ICD_VENDORS=.../libfake_gpu.so` names it.
 *
 *     FAKE_GPU          who it says it is: nvidia, amd or intel
 *     FAKE_GPU_FOLDER   gets the source of every program as NUMBER.cl, and `log` with the lines
 *                       BUILD NUMBER OPTION...
 *                       LAUNCH NUMBER KERNEL GLOBAL GLOBAL GLOBAL LOCAL LOCAL LOCAL ARGUMENT...
 *                       where an argument is bBYTES of a buffer, iNUMBER, or - for anything else
 *
 * Only what `alexnet bench step` calls is here; a call of anything else ends the program. */
#include <CL/cl_icd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_gpu.h"

/* As the vendors' drivers say it. */
static const struct gpu {
    const char *who, *platform, *vendor, *name;
    cl_uint units;
    cl_ulong local_bytes;
    size_t max_group;
} gpus[] = {
    { "nvidia", "NVIDIA CUDA", "NVIDIA Corporation", "NVIDIA H200", 132, 48 << 10, 1024 },
    { "amd", "AMD Accelerated Parallel Processing", "Advanced Micro Devices, Inc.", "gfx1032", 16,
      64 << 10, 256 },
    { "intel", "Intel(R) OpenCL Graphics", "Intel(R) Corporation", "Intel(R) Arc(TM) A770 Graphics",
      512, 64 << 10, 1024 },
};
static const struct gpu *gpu;
static const char *folder;
static FILE *log_file;

static struct _cl_platform_id the_platform = { &fake_calls };
static struct _cl_device_id the_device = { &fake_calls };
static struct _cl_context the_context = { &fake_calls };
static struct _cl_command_queue the_queue = { &fake_calls };

/* What has only one of its kind is never freed. */
static cl_int keep_context(cl_context context)
{
    return CL_SUCCESS;
}

static cl_int keep_queue(cl_command_queue queue)
{
    return CL_SUCCESS;
}

/* ---- platform and device --------------------------------------------------------------------- */

static bool gpu_open(void)
{
    const char *who = getenv("FAKE_GPU");
    char path[4096];

    folder = getenv("FAKE_GPU_FOLDER");
    for (size_t i = 0; i < sizeof gpus / sizeof *gpus; ++i)
        if (who != NULL && strcmp(gpus[i].who, who) == 0)
            gpu = &gpus[i];
    if (gpu == NULL || folder == NULL)
        return false;
    snprintf(path, sizeof path, "%s/log", folder);
    log_file = fopen(path, "w");
    return log_file != NULL;
}

static cl_int platform_ids(cl_uint room, cl_platform_id *out, cl_uint *count)
{
    if (gpu == NULL && !gpu_open()) {
        fprintf(stderr, "fake_gpu: FAKE_GPU or FAKE_GPU_FOLDER is not set, or is none\n");
        return CL_INVALID_VALUE;
    }
    if (count != NULL)
        *count = 1;
    if (out != NULL && room > 0)
        *out = &the_platform;
    return CL_SUCCESS;
}

static cl_int platform_info(cl_platform_id platform, cl_platform_info what, size_t bytes, void *out,
                            size_t *needed)
{
    switch (what) {
    case CL_PLATFORM_NAME:
        return fake_answer_text(bytes, out, needed, gpu->platform);
    case CL_PLATFORM_EXTENSIONS:
        return fake_answer_text(bytes, out, needed, "cl_khr_icd");
    case CL_PLATFORM_ICD_SUFFIX_KHR:
        return fake_answer_text(bytes, out, needed, "FAKE");
    case CL_PLATFORM_VERSION:
        return fake_answer_text(bytes, out, needed, "OpenCL 1.2 fake");
    default:
        return fake_answer_text(bytes, out, needed, gpu->vendor);
    }
}

static cl_int device_ids(cl_platform_id platform, cl_device_type type, cl_uint room,
                         cl_device_id *out, cl_uint *count)
{
    if (count != NULL)
        *count = 1;
    if (out != NULL && room > 0)
        *out = &the_device;
    return CL_SUCCESS;
}

static cl_ulong device_number(cl_device_info what)
{
    switch (what) {
    case CL_DEVICE_TYPE:
        return CL_DEVICE_TYPE_GPU;
    case CL_DEVICE_MAX_COMPUTE_UNITS:
        return gpu->units;
    case CL_DEVICE_GLOBAL_MEM_SIZE:
        return 80ULL << 30;
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
        return 20ULL << 30;
    case CL_DEVICE_LOCAL_MEM_SIZE:
        return gpu->local_bytes;
    case CL_DEVICE_MAX_WORK_GROUP_SIZE:
        return gpu->max_group;
    case CL_DEVICE_MEM_BASE_ADDR_ALIGN:
        return 4096;
    case CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT:
    case CL_DEVICE_AVAILABLE:
    case CL_DEVICE_COMPILER_AVAILABLE:
        return 1;
    default:
        return 0;
    }
}

/* Numbers of 8 bytes, whatever their type: the program looks at how many came. */
static cl_int device_info(cl_device_id device, cl_device_info what, size_t bytes, void *out,
                          size_t *needed)
{
    const cl_ulong number = device_number(what);

    switch (what) {
    case CL_DEVICE_NAME:
        return fake_answer_text(bytes, out, needed, gpu->name);
    case CL_DEVICE_VENDOR:
        return fake_answer_text(bytes, out, needed, gpu->vendor);
    case CL_DEVICE_VERSION:
    case CL_DRIVER_VERSION:
        return fake_answer_text(bytes, out, needed, "OpenCL 1.2 fake");
    default:
        return fake_answer(bytes, out, needed, &number, sizeof number);
    }
}

typedef void(CL_CALLBACK context_notify)(const char *, const void *, size_t, void *);

static cl_context context_create(const cl_context_properties *properties, cl_uint count,
                                 const cl_device_id *devices, context_notify *notify, void *user,
                                 cl_int *code)
{
    fake_succeed(code);
    return &the_context;
}

static cl_command_queue queue_create(cl_context context, cl_device_id device,
                                     cl_command_queue_properties properties, cl_int *code)
{
    fake_succeed(code);
    return &the_queue;
}

/* ---- events ---------------------------------------------------------------------------------- */

static cl_int queue_mark(cl_command_queue queue, cl_uint count, const cl_event *list,
                         cl_event *event)
{
    return fake_answer_event(event);
}

static cl_int events_wait(cl_uint count, const cl_event *list)
{
    return CL_SUCCESS;
}

static cl_int event_release(cl_event event)
{
    free(event);
    return CL_SUCCESS;
}

static cl_int event_info(cl_event event, cl_event_info what, size_t bytes, void *out,
                         size_t *needed)
{
    return fake_answer(bytes, out, needed, &(cl_int){ CL_COMPLETE }, sizeof(cl_int));
}

/* ---- programs and kernels -------------------------------------------------------------------- */

static cl_program program_create(cl_context context, cl_uint count, const char **texts,
                                 const size_t *lengths, cl_int *code)
{
    static atomic_int made;
    cl_program program = fake_make(sizeof *program);
    char path[4096];
    FILE *file;

    *program = (struct _cl_program){ &fake_calls, made++, strdup(texts[0]) };
    snprintf(path, sizeof path, "%s/%d.cl", folder, program->number);
    file = fopen(path, "w");
    if (program->source == NULL || file == NULL || fputs(texts[0], file) < 0 || fclose(file) != 0)
        abort();
    fake_succeed(code);
    return program;
}

static cl_int program_build(cl_program program, cl_uint count, const cl_device_id *devices,
                            const char *options, void(CL_CALLBACK *notify)(cl_program, void *),
                            void *user)
{
    fprintf(log_file, "BUILD %d %s\n", program->number, options);
    return CL_SUCCESS;
}

static cl_int program_info(cl_program program, cl_program_info what, size_t bytes, void *out,
                           size_t *needed)
{
    return CL_INVALID_VALUE; /* it has no binary to keep */
}

static cl_int program_release(cl_program program)
{
    free(program->source);
    free(program);
    return CL_SUCCESS;
}

/* Those between the parentheses after `void NAME`; kernels of this project have no others there. */
static cl_uint count_args(const char *source, const char *name)
{
    char begin[160];
    const char *at;
    cl_uint count = 1;

    snprintf(begin, sizeof begin, "void %s(", name);
    at = strstr(source, begin);
    if (at == NULL)
        return 0;
    for (at += strlen(begin); *at != ')' && *at != '\0'; ++at)
        count += *at == ',';
    return count;
}

static cl_kernel kernel_create(cl_program program, const char *name, cl_int *code)
{
    cl_kernel kernel = fake_make(sizeof *kernel);

    *kernel = (struct _cl_kernel){
        .calls = &fake_calls,
        .program = program->number,
        .arg_count = count_args(program->source, name),
    };
    snprintf(kernel->name, sizeof kernel->name, "%s", name);
    fake_succeed(code);
    return kernel;
}

static cl_int kernel_release(cl_kernel kernel)
{
    free(kernel);
    return CL_SUCCESS;
}

static cl_int kernel_info(cl_kernel kernel, cl_kernel_info what, size_t bytes, void *out,
                          size_t *needed)
{
    return fake_answer(bytes, out, needed, &kernel->arg_count, sizeof kernel->arg_count);
}

static cl_int kernel_group_info(cl_kernel kernel, cl_device_id device,
                                cl_kernel_work_group_info what, size_t bytes, void *out,
                                size_t *needed)
{
    const size_t required[3] = { 0, 0, 0 }; /* none */

    if (what == CL_KERNEL_COMPILE_WORK_GROUP_SIZE)
        return fake_answer(bytes, out, needed, required, sizeof required);
    return fake_answer(bytes, out, needed, &gpu->max_group, sizeof gpu->max_group);
}

static cl_int kernel_set_arg(cl_kernel kernel, cl_uint index, size_t bytes, const void *value)
{
    char *arg = index < MOST_ARGS ? kernel->args[index] : NULL;
    const cl_mem mem = fake_mem_find(value, bytes);

    if (arg == NULL)
        return CL_INVALID_ARG_INDEX;
    strcpy(arg, "-");
    if (value != NULL && bytes == sizeof(cl_int))
        sprintf(arg, "i%d", *(const cl_int *)value);
    if (mem != NULL)
        sprintf(arg, "b%zu", mem->bytes);
    return CL_SUCCESS;
}

static cl_int kernel_launch(cl_command_queue queue, cl_kernel kernel, cl_uint dims,
                            const size_t *offset, const size_t *global, const size_t *local,
                            cl_uint count, const cl_event *list, cl_event *event)
{
    fprintf(log_file, "LAUNCH %d %s %zu %zu %zu %zu %zu %zu", kernel->program, kernel->name,
            global[0], global[1], global[2], local[0], local[1], local[2]);
    for (cl_uint i = 0; i < MOST_ARGS && kernel->args[i][0] != '\0'; ++i)
        fprintf(log_file, " %s", kernel->args[i]);
    fputs("\n", log_file);
    return fake_answer_event(event);
}

/* ---- the table ------------------------------------------------------------------------------- */

const cl_icd_dispatch fake_calls = {
    .clGetPlatformIDs = platform_ids,
    .clGetPlatformInfo = platform_info,
    .clGetDeviceIDs = device_ids,
    .clGetDeviceInfo = device_info,
    .clCreateContext = context_create,
    .clReleaseContext = keep_context,
    .clCreateCommandQueue = queue_create,
    .clReleaseCommandQueue = keep_queue,
    .clFlush = keep_queue,
    .clFinish = keep_queue,
    .clCreateBuffer = fake_buffer_create,
    .clCreateSubBuffer = fake_sub_buffer_create,
    .clReleaseMemObject = fake_mem_release,
    .clGetMemObjectInfo = fake_mem_info,
    .clSetMemObjectDestructorCallback = fake_mem_on_release,
    .clEnqueueWriteBuffer = fake_buffer_write,
    .clEnqueueReadBuffer = fake_buffer_read,
    .clEnqueueFillBuffer = fake_buffer_fill,
    .clEnqueueMarkerWithWaitList = queue_mark,
    .clWaitForEvents = events_wait,
    .clReleaseEvent = event_release,
    .clGetEventInfo = event_info,
    .clCreateProgramWithSource = program_create,
    .clBuildProgram = program_build,
    .clGetProgramInfo = program_info,
    .clReleaseProgram = program_release,
    .clCreateKernel = kernel_create,
    .clReleaseKernel = kernel_release,
    .clGetKernelInfo = kernel_info,
    .clGetKernelWorkGroupInfo = kernel_group_info,
    .clSetKernelArg = kernel_set_arg,
    .clEnqueueNDRangeKernel = kernel_launch,
};

/* The two doors of a driver. By these names alone, as the loader's own would be taken instead. */
cl_int clIcdGetPlatformIDsKHR(cl_uint room, cl_platform_id *out, cl_uint *count)
{
    return platform_ids(room, out, count);
}

void *clGetExtensionFunctionAddress(const char *name)
{
    if (strcmp(name, "clIcdGetPlatformIDsKHR") == 0)
        return (void *)clIcdGetPlatformIDsKHR;
    return strcmp(name, "clGetPlatformInfo") == 0 ? (void *)platform_info : NULL;
}
