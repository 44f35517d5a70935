/* program.c - programs of a device, by (file, kernel, options), and their kernels. */
#include "rt/program/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/log.h"
#include "base/cache_folder.h"
#include "base/clock.h"
#include "base/file_writer.h"
#include "base/try.h"
#include "rt/device.h"

/* ---- the list ------------------------------------------------------------------------------ */

void rt_program_free(rt_program *program)
{
    if (program == NULL)
        return;
    if (program->kernel.cl != NULL)
        clReleaseKernel(program->kernel.cl);
    if (program->cl != NULL)
        clReleaseProgram(program->cl);
    free(program->file);
    free(program->name);
    free(program->options);
    free(program);
}

static bool program_is(const rt_program *program, const char *file, const char *name,
                       const char *options)
{
    return strcmp(program->name, name) == 0 && strcmp(program->file, file) == 0 &&
           strcmp(program->options, options) == 0;
}

int rt_program_note(rt_program **out, alx_device *dev, const char *file, const char *name,
                    const char *options)
{
    rt_program *program;

    for (program = dev->programs; program != NULL; program = program->next)
        if (program_is(program, file, name, options)) {
            *out = program;
            return 0;
        }
    *out = NULL;
    program = calloc(1, sizeof *program);
    if (program != NULL) {
        program->file = strdup(file);
        program->name = strdup(name);
        program->options = strdup(options);
    }
    if (program == NULL || program->file == NULL || program->name == NULL ||
        program->options == NULL) {
        rt_program_free(program);
        return alx_fail(ALX_E_MEMORY, "out of host memory for cl/%s.cl", file);
    }
    program->next = dev->programs;
    dev->programs = program;
    *out = program;
    return 0;
}

/* ---- build --------------------------------------------------------------------------------- */

/* The compiler's log, the caller's (free), or NULL. */
static char *build_log_read(cl_program cl, cl_device_id id)
{
    size_t bytes = 0;
    char *text = NULL;

    if (clGetProgramBuildInfo(cl, id, CL_PROGRAM_BUILD_LOG, 0, NULL, &bytes) == CL_SUCCESS)
        text = calloc(bytes + 1, 1);
    if (text != NULL)
        clGetProgramBuildInfo(cl, id, CL_PROGRAM_BUILD_LOG, bytes, text, NULL);
    return text;
}

/* The source as the compiler saw it, so that the log's line numbers mean something. */
static void source_dump(char *path, size_t path_bytes, const char *file, const char *source)
{
    const bool found = base_private_folder(path, path_bytes);
    const size_t length = found ? strlen(path) : 0;

    snprintf(path + length, path_bytes - length, "/%s-%ld.cl", file, (long)getpid());
    if (!found || base_file_write(path, source, strlen(source)) != 0)
        snprintf(path, path_bytes, "(source could not be dumped)");
}

static int build_failure(const alx_device *dev, const rt_program *program, cl_program cl,
                         const char *options, const char *source, cl_int code)
{
    char path[512], *text = build_log_read(cl, dev->id);
    int rc;

    source_dump(path, sizeof path, program->file, source);
    rc = alx_fail(ALX_E_BUILD, "cl/%s.cl [%s] does not build on %s: %s (%d); source in %s\n%s",
                  program->file, options, dev->info.name, rt_cl_code(code), (int)code, path,
                  text != NULL ? text : "(no log)");
    free(text);
    return rc;
}

static bool source_declares(const alx_device *dev)
{
    return (dev->info.quirks & ALX_QUIRK_LARGE_HEADER) != 0;
}

static int source_read(char **source, const alx_device *dev, const rt_program *program)
{
    return rt_source_read(source, program->file, program->name, source_declares(dev));
}

/* All options of a build, the caller's (free), or NULL. */
static char *options_full(const alx_device *dev, const rt_program *program)
{
    static const char standard[] = "-cl-std=CL1.2", no_header[] = " -D_OPENCL_H_";
    const char *header = source_declares(dev) ? no_header : "";
    const size_t bytes = sizeof standard + sizeof no_header + strlen(program->options);
    char *options = malloc(bytes);

    if (options != NULL)
        snprintf(options, bytes, "%s%s%s%s", standard, header,
                 program->options[0] != '\0' ? " " : "", program->options);
    return options;
}

/* PoCL's compiler writes "15 warnings generated." to standard error, past its own log: of vectors
 * that are wider than the registers, which is meant. -v shows it. */
static cl_int program_compile(cl_program cl, const alx_device *dev, const char *options)
{
    static const char silent[] = " " RT_SILENT_COMPILER;
    const size_t bytes = strlen(options) + sizeof silent;
    char *text = alx_log_get_level() < ALX_LOG_DEBUG ? malloc(bytes) : NULL;
    cl_int code;

    if (text != NULL)
        snprintf(text, bytes, "%s%s", options, silent);
    code = clBuildProgram(cl, 1, &dev->id, text != NULL ? text : options, NULL, NULL);
    free(text);
    return code;
}

bool rt_program_cached(const alx_device *dev, const rt_program *program)
{
    char *source = NULL, *options = options_full(dev, program);
    const bool found = options != NULL && source_read(&source, dev, program) == 0 &&
                       rt_cache_has(dev, source, options);

    free(source);
    free(options);
    return found;
}

int rt_program_build(alx_device *dev, rt_program *program)
{
    char *options = NULL, *source = NULL;
    cl_program cl = NULL;
    cl_int code = CL_SUCCESS;
    const double start = base_seconds();
    int rc = 0;

    if (program->cl != NULL)
        return 0;
    TRY_DONE(source_read(&source, dev, program));
    options = options_full(dev, program);
    if (options == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for cl/%s.cl", program->file);
        goto done;
    }
    program->cl = rt_cache_load(dev, source, options);
    if (program->cl != NULL)
        goto done;
    cl = clCreateProgramWithSource(dev->context->cl, 1, (const char **)&source, NULL, &code);
    TRY_DONE(rt_cl(dev, code, "clCreateProgramWithSource", program->file));
    code = program_compile(cl, dev, options);
    if (code != CL_SUCCESS) {
        rc = build_failure(dev, program, cl, options, source, code);
        goto done;
    }
    rt_cache_store(dev, source, options, cl);
    alx_debug("%s (cl/%s.cl) [%s] built in %.2f s", program->name, program->file, options,
              base_seconds() - start);
    program->cl = cl;
    cl = NULL;
done:
    if (cl != NULL)
        clReleaseProgram(cl);
    free(options);
    free(source);
    return rc;
}

/* ---- kernel -------------------------------------------------------------------------------- */

static int kernel_query(rt_kernel *kernel, const alx_device *dev, const char *name)
{
    TRY(rt_cl(dev,
              clGetKernelInfo(kernel->cl, CL_KERNEL_NUM_ARGS, sizeof kernel->arg_count,
                              &kernel->arg_count, NULL),
              "clGetKernelInfo", name));
    TRY(rt_cl(dev,
              clGetKernelWorkGroupInfo(kernel->cl, dev->id, CL_KERNEL_WORK_GROUP_SIZE,
                                       sizeof kernel->max_group, &kernel->max_group, NULL),
              "clGetKernelWorkGroupInfo", name));
    return rt_cl(dev,
                 clGetKernelWorkGroupInfo(kernel->cl, dev->id, CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
                                          sizeof kernel->required, kernel->required, NULL),
                 "clGetKernelWorkGroupInfo", name);
}

int rt_program_kernel(rt_kernel **out, alx_device *dev, rt_program *program)
{
    rt_kernel kernel = { 0 };
    cl_int code = CL_SUCCESS;
    int rc = 0;

    *out = &program->kernel;
    if (program->kernel.cl != NULL)
        return 0;
    kernel.cl = clCreateKernel(program->cl, program->name, &code);
    TRY_DONE(rt_cl(dev, code, "clCreateKernel", program->name));
    TRY_DONE(kernel_query(&kernel, dev, program->name));
    program->kernel = kernel;
    kernel.cl = NULL;
done:
    if (kernel.cl != NULL)
        clReleaseKernel(kernel.cl);
    return rc;
}
