/* context.c - the contexts of the process: one for each root device, or part of it, in use.
 *
 * Handles on the one-core sub-devices of one device share a context, so a tower's output goes from
 * one to the other without a copy through the host. */
#include "rt/runtime.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static alx_context *registry;

static int context_fail(const alx_device_entry *entry, cl_int code, const char *call)
{
    const alx_device unopened = { .info = entry->info, .label = "" };

    return alx_cl(&unopened, code, call, "the device");
}

/* Asked first: Mesa 22.3 has no clCreateSubDevices at all and crashes in the call. */
static bool device_divides(cl_device_id id, cl_device_partition_property how)
{
    cl_device_partition_property ways[16] = { 0 };
    size_t bytes = 0;

    if (clGetDeviceInfo(id, CL_DEVICE_PARTITION_PROPERTIES, sizeof ways, ways, &bytes))
        return false;
    for (size_t i = 0; i < bytes / sizeof ways[0]; ++i)
        if (ways[i] == how)
            return true;
    return false;
}

/* Members become sub-devices: all cores one by one, or one of `threads` cores. */
static int context_partition(alx_context *context, const alx_device_entry *entry)
{
    const cl_device_partition_property by_one[] = { CL_DEVICE_PARTITION_EQUALLY, 1, 0 };
    const cl_device_partition_property by_count[] = { CL_DEVICE_PARTITION_BY_COUNTS,
                                                      context->threads,
                                                      CL_DEVICE_PARTITION_BY_COUNTS_LIST_END, 0 };
    const cl_device_partition_property *how = context->cores ? by_one : by_count;
    const cl_uint wanted = context->cores ? entry->info.compute_units : 1;
    cl_uint made = 0;

    if (!device_divides(entry->id, how[0]))
        return alx_fail(ALX_E_DEVICE, "device %d (%s, %s) cannot be divided by cores",
                        entry->info.index, entry->info.name, entry->info.platform);
    const cl_int code = clCreateSubDevices(entry->id, how, wanted, context->members, &made);

    context->member_count = code == CL_SUCCESS ? made : 0;
    return context_fail(entry, code, "clCreateSubDevices");
}

static void context_free(alx_context *context)
{
    if (context == NULL)
        return;
    if (context->cl != NULL) {
        alx_clblast_forget();
        clReleaseContext(context->cl);
    }
    for (cl_uint i = 0; (context->cores || context->threads > 0) && i < context->member_count; ++i)
        clReleaseDevice(context->members[i]);
    free(context->members);
    free(context);
}

static int context_create(alx_context **out, const alx_device_entry *entry, bool cores, int threads)
{
    const cl_context_properties properties[] = {
        CL_CONTEXT_PLATFORM, (cl_context_properties)entry->platform, 0,
    };
    alx_context *context = calloc(1, sizeof *context);
    const size_t room = cores ? entry->info.compute_units : 1;
    cl_int code = CL_SUCCESS;
    int rc = 0;

    *out = NULL;
    if (context != NULL)
        context->members = calloc(room, sizeof *context->members);
    if (context == NULL || context->members == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a context");
        goto done;
    }
    context->root = entry->id;
    context->cores = cores;
    context->threads = threads;
    if (cores || threads > 0) {
        TRY(context_partition(context, entry));
    } else {
        context->members[0] = entry->id;
        context->member_count = 1;
    }
    context->cl = clCreateContext(properties, context->member_count, context->members, NULL, NULL,
                                  &code);
    TRY(context_fail(entry, code, "clCreateContext"));
    *out = context;
    context = NULL;
done:
    context_free(context);
    return rc;
}

int alx_context_acquire(alx_context **out, const alx_device_entry *entry, bool cores, int threads)
{
    alx_context *context;
    int rc = 0;

    pthread_mutex_lock(&registry_lock);
    for (context = registry; context != NULL; context = context->next)
        if (context->root == entry->id && context->cores == cores && context->threads == threads)
            break;
    if (context == NULL) {
        TRY(context_create(&context, entry, cores, threads));
        context->next = registry;
        registry = context;
    }
    ++context->users;
done:
    pthread_mutex_unlock(&registry_lock);
    *out = context;
    return rc;
}

void alx_context_release(alx_context *context)
{
    if (context == NULL)
        return;
    pthread_mutex_lock(&registry_lock);
    if (--context->users == 0) {
        alx_context **link = &registry;

        while (*link != context)
            link = &(*link)->next;
        *link = context->next;
        context_free(context);
    }
    pthread_mutex_unlock(&registry_lock);
}
