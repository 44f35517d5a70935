/* clblast_force.c - which parameters CLBlast's kernels run with. It keeps them by device for the
 * whole process, and its programs by parameters; handles of one device may want different ones, so
 * that each product begins with its own. */
#include "rt/device.h"

#include <clblast_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"

#define MOST_PARAMETERS 16

/* What a device has been given; lives as long as the process, as CLBlast's memory of it does. */
typedef struct force {
    struct force *next;
    cl_device_id id;
    alx_clblast_params now;     /* "": the packaged ones */
    alx_clblast_params refused; /* by CLBlast, last */
} force;

static force *forces; /* under rt_clblast_lock */

/* ---- CLBlast --------------------------------------------------------------------------------- */

/* Splits "A=1 B=2"; false if there are too many or one is no such pair. */
static bool params_split(char names[MOST_PARAMETERS][32], size_t values[MOST_PARAMETERS],
                         size_t *count, const char *params)
{
    *count = 0;
    for (int used = 0; *params != '\0'; params += used) {
        if (*count == MOST_PARAMETERS ||
            sscanf(params, " %31[^=]=%zu%n", names[*count], &values[*count], &used) != 2)
            return false;
        ++*count;
    }
    return true;
}

/* Under rt_clblast_lock. */
static int override(const alx_device *dev, const char *kernel, const char *params)
{
    char names[MOST_PARAMETERS][32];
    const char *pointers[MOST_PARAMETERS];
    size_t values[MOST_PARAMETERS], count = 0;

    if (!params_split(names, values, &count, params))
        return alx_fail(ALX_E_USAGE, "CLBlast's %s: '%s' are no parameters", kernel, params);
    for (size_t i = 0; i < count; ++i)
        pointers[i] = names[i];
    const CLBlastStatusCode status = CLBlastOverrideParameters(
        dev->id, kernel, CLBlastPrecisionSingle, count, pointers, values);

    if (status == CLBlastSuccess)
        return 0;
    return alx_fail(ALX_E_DEVICE, "CLBlastOverrideParameters of %s with '%s' failed on %s: %d",
                    kernel, params, dev->info.name, (int)status);
}

/* ---- in force -------------------------------------------------------------------------------- */

/* NULL: the device has had nothing else than the packaged ones. */
static force *force_find(const alx_device *dev)
{
    force *f = forces;

    while (f != NULL && f->id != dev->id)
        f = f->next;
    return f;
}

static force *force_of(const alx_device *dev)
{
    force *f = force_find(dev);

    if (f != NULL)
        return f;
    f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->id = dev->id;
    f->next = forces;
    forces = f;
    return f;
}

static bool is_packaged(const char *params)
{
    return params[0] == '\0' || strcmp(params, ALX_CLBLAST_PACKAGED) == 0;
}

/* Under rt_clblast_lock. */
static int put_in_force(const alx_device *dev, size_t kernel, const char *params)
{
    force *f = force_of(dev);

    if (f == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for CLBlast's parameters");
    if (strcmp(f->now.set[kernel], params) == 0)
        return 0;
    snprintf(f->refused.set[kernel], sizeof f->refused.set[kernel], "%s", params);
    TRY(override(dev, alx_clblast_kernels[kernel], params));
    memcpy(f->now.set[kernel], f->refused.set[kernel], sizeof f->now.set[kernel]);
    f->refused.set[kernel][0] = '\0';
    return 0;
}

/* ---- what a handle wants --------------------------------------------------------------------- */

int alx_clblast_override(alx_device *dev, const char *kernel, const char *params)
{
    size_t k = 0;

    while (k < ALX_CLBLAST_KERNELS && strcmp(alx_clblast_kernels[k], kernel) != 0)
        ++k;
    if (k == ALX_CLBLAST_KERNELS || is_packaged(params))
        return alx_fail(ALX_E_USAGE, "CLBlast's %s: '%s' cannot be set", kernel, params);
    rt_clblast_lock();
    const int rc = put_in_force(dev, k, params);

    rt_clblast_unlock();
    if (rc == 0)
        snprintf(dev->clblast.set[k], sizeof dev->clblast.set[k], "%s", params);
    return rc;
}

void alx_clblast_prefer(alx_device *dev, const alx_clblast_params *params)
{
    dev->clblast = *params;
}

/* False if others are in force than these: the packaged ones cannot be had back. Where CLBlast
 * refuses a set, packaged ones are wanted. `*rc` gets the refusal. */
static bool settle(const alx_device *dev, size_t kernel, int *rc)
{
    const char *wanted = dev->clblast.set[kernel];
    const force *f = force_find(dev);

    if (!is_packaged(wanted) && (f == NULL || strcmp(f->refused.set[kernel], wanted) != 0)) {
        const int put = put_in_force(dev, kernel, wanted);

        if (put == 0)
            return true;
        *rc = put;
        f = force_find(dev);
    }
    return f == NULL || f->now.set[kernel][0] == '\0';
}

void rt_clblast_begin(alx_device *dev)
{
    rt_clblast_lock();
    dev->clblast_refusal = 0;
    dev->clblast_foreign = false;
    for (size_t i = 0; i < ALX_CLBLAST_KERNELS; ++i)
        if (!settle(dev, i, &dev->clblast_refusal))
            dev->clblast_foreign = true;
}

void rt_clblast_end(alx_device *dev)
{
    rt_clblast_unlock();
    if (dev->clblast_refusal != 0)
        alx_warn("a tuning row is not used: %s", alx_status_text(dev->clblast_refusal));
    if (dev->clblast_foreign && !dev->clblast_warned)
        alx_warn("CLBlast runs on %s with parameters of other tuning rows than this network's: "
                 "it has no way back to its own in one process. Numbers may differ in their last "
                 "digits; networks with the same rows do not disturb one another",
                 dev->info.name);
    dev->clblast_warned = dev->clblast_warned || dev->clblast_foreign;
}
