/* put.c - a tensor of a checkpoint becomes a parameter of a network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"

typedef struct stored_param {
    const alx_safetensors *file;
    const alx_st_tensor *tensor;
} stored_param;

static int read_stored(const float **out, float *room, size_t first, size_t count, void *user)
{
    const stored_param *from = user;

    (void)out;
    return alx_safetensors_floats(room, from->file, from->tensor, first, count);
}

int train_checkpoint_put(alx_net *net, size_t param, alx_param_what what,
                         const alx_safetensors *file, const char *name)
{
    size_t count = 0;
    const alx_param_info *p = &alx_graph_params(alx_net_graph(net), &count)[param];
    const base_cell wants = base_format_dims(p->dims, p->dim_count);
    stored_param from = { file, alx_safetensors_find(file, name) };
    const alx_st_tensor *tensor = from.tensor;

    if (tensor == NULL)
        return alx_fail(ALX_E_DATA, "no tensor %s (%s)", name, wants.text);
    if (tensor->dim_count != p->dim_count ||
        memcmp(tensor->dims, p->dims, (size_t)p->dim_count * sizeof *p->dims) != 0)
        return alx_fail(ALX_E_DATA, "tensor %s is %s, the network's %s is %s", tensor->name,
                        base_format_dims(tensor->dims, tensor->dim_count).text, p->name,
                        wants.text);
    return alx_net_fill_param(net, param, what, read_stored, &from);
}
