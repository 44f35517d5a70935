/* launch.c - queues one kernel: program, arguments, checks, event. */
#include "rt/program/program.h"

#include <assert.h>
#include <stdio.h>

#include "base/try.h"
#include "rt/device.h"

static const char *kernel_subject(char subject[192], const char *file, const char *kernel)
{
    snprintf(subject, 192, "kernel %s (cl/%s.cl)", kernel, file);
    return subject;
}

static size_t grid_group(const alx_grid *grid)
{
    return grid->local[0] * grid->local[1] * grid->local[2];
}

static int group_fail(const alx_device *dev, const char *subject, const alx_grid *grid,
                      size_t allowed)
{
    return alx_fail(ALX_E_DEVICE, "%s wants groups of %zu items, %s allows %zu", subject,
                    grid_group(grid), dev->info.name, allowed);
}

static int kernel_check_group(const rt_kernel *kernel, const alx_device *dev, const char *subject,
                              const alx_grid *grid)
{
    const size_t *local = grid->local, *required = kernel->required;

    if (grid_group(grid) > dev->info.max_group)
        return group_fail(dev, subject, grid, dev->info.max_group);
    if (required[0] != 0 &&
        (required[0] != local[0] || required[1] != local[1] || required[2] != local[2]))
        return alx_fail(ALX_E_DEVICE,
                        "%s is built for groups of %zux%zux%zu, launched with %zux%zux%zu", subject,
                        required[0], required[1], required[2], local[0], local[1], local[2]);
    return 0;
}

static cl_int kernel_set_arg(cl_kernel kernel, cl_uint index, const alx_arg *arg)
{
    cl_mem mem = NULL;

    if (arg->kind == ALX_ARG_STRUCT)
        return clSetKernelArg(kernel, index, arg->bytes, arg->value.structure);
    if (arg->kind != ALX_ARG_TENSOR)
        return clSetKernelArg(kernel, index, 4, &arg->value);
    if (arg->value.tensor != NULL)
        mem = arg->value.tensor->mem;
    return clSetKernelArg(kernel, index, sizeof mem, &mem);
}

static int kernel_set_args(const rt_kernel *kernel, const alx_device *dev, const char *subject,
                           const alx_arg *args, size_t arg_count)
{
    char which[256];

    if (arg_count != kernel->arg_count)
        return alx_fail(ALX_E_DEVICE, "%s takes %u arguments, %zu given", subject,
                        (unsigned)kernel->arg_count, arg_count);
    for (size_t i = 0; i < arg_count; ++i) {
        const cl_int code = kernel_set_arg(kernel->cl, (cl_uint)i, &args[i]);

        if (code != CL_SUCCESS) {
            snprintf(which, sizeof which, "argument %zu of %s", i, subject);
            return rt_cl(dev, code, "clSetKernelArg", which);
        }
    }
    return 0;
}

static int kernel_enqueue(const rt_kernel *kernel, alx_device *dev, const char *name,
                          const char *subject, const alx_grid *grid)
{
    static const char call[] = "clEnqueueNDRangeKernel";
    cl_event own = NULL, *slot = NULL;
    bool skip = false;
    int rc = 0;

    TRY_DONE(rt_fault_strike(&skip, dev, subject));
    if (skip)
        goto done;
    slot = rt_profile_slot(dev, name);
    if (slot == NULL && dev->sync)
        slot = &own;
    const cl_int code = clEnqueueNDRangeKernel(dev->queue, kernel->cl, 3, NULL, grid->global,
                                               grid->local, 0, NULL, slot);

    /* Not asked before: Mesa 22.3 says 32 and runs groups of 256. */
    if (code != CL_SUCCESS && grid_group(grid) > kernel->max_group)
        return group_fail(dev, subject, grid, kernel->max_group);
    TRY_DONE(rt_cl(dev, code, call, subject));
    if (dev->sync)
        TRY_DONE(rt_cl_wait(dev, *slot, call, subject));
done:
    if (own != NULL)
        clReleaseEvent(own);
    return rc;
}

int alx_launch(alx_device *dev, const char *file, const char *kernel_name, const char *options,
               const alx_arg *args, size_t arg_count, const alx_grid *grid)
{
    rt_program *program = NULL;
    rt_kernel *kernel = NULL;
    char subject[192];

    for (int i = 0; i < 3; ++i)
        assert(grid->local[i] > 0 && grid->global[i] > 0 && grid->global[i] % grid->local[i] == 0);
    TRY(rt_program_note(&program, dev, file, kernel_name, options != NULL ? options : ""));
    if (dev->collecting) {
        program->noted = true;
        return 0;
    }
    TRY(rt_program_build_now(dev, program));
    TRY(rt_program_kernel(&kernel, dev, program));
    kernel_subject(subject, file, kernel_name);
    TRY(kernel_check_group(kernel, dev, subject, grid));
    TRY(kernel_set_args(kernel, dev, subject, args, arg_count));
    return kernel_enqueue(kernel, dev, kernel_name, subject, grid);
}
