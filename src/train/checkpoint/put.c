/* put.c - a tensor of a checkpoint becomes a parameter of a network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"

static int put_converted(alx_net *net, size_t param, alx_param_what what,
                         const alx_st_tensor *tensor)
{
    float *floats = malloc(tensor->count * sizeof *floats);
    int rc = 0;

    if (floats == NULL)
        return alx_fail(ALX_E_MEMORY, "tensor %s: out of host memory", tensor->name);
    TRY_DONE(alx_st_floats(floats, tensor));
    TRY_DONE(alx_net_set_param(net, param, what, floats));
done:
    free(floats);
    return rc;
}

int train_checkpoint_put(alx_net *net, size_t param, alx_param_what what,
                         const alx_st_tensor *tensor, const char *name)
{
    size_t count = 0;
    const alx_param_info *p = &alx_graph_params(alx_net_graph(net), &count)[param];
    const base_cell wants = base_format_dims(p->dims, p->dim_count);

    if (tensor == NULL)
        return alx_fail(ALX_E_DATA, "no tensor %s (%s)", name, wants.text);
    if (tensor->dim_count != p->dim_count ||
        memcmp(tensor->dims, p->dims, (size_t)p->dim_count * sizeof *p->dims) != 0)
        return alx_fail(ALX_E_DATA, "tensor %s is %s, the network's %s is %s", tensor->name,
                        base_format_dims(tensor->dims, tensor->dim_count).text, p->name,
                        wants.text);
    return tensor->dtype == ALX_F32 ? alx_net_set_param(net, param, what, tensor->data)
                                    : put_converted(net, param, what, tensor);
}
