/* kept.c - gradients of earlier passes, kept beside those of the last and added to them. */
#include "net/net.h"

#include <assert.h>

#include "base/try.h"

typedef int kept_function(const alx_tensor *grad, const alx_tensor *kept);

static int each_gradient(alx_net *net, int set, const char *label, kept_function *function)
{
    assert(set >= 0 && set < net->options.kept_gradients);
    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_device_set_label(net->devs[dev], label);
    for (size_t i = 0; i < net->param_count; ++i) {
        const net_param *param = &net->params[i];

        for (int part = 0; part < param->parts && net_param_is_left(net, i); ++part)
            TRY(function(&param->grad[part], &param->kept[set][part]));
    }
    return 0;
}

static int keep(const alx_tensor *grad, const alx_tensor *kept)
{
    return alx_tensor_copy(kept, grad);
}

static int add(const alx_tensor *grad, const alx_tensor *kept)
{
    return alx_op_take_channels(grad, kept, 0, true);
}

int alx_net_keep_gradients(alx_net *net, int set)
{
    return each_gradient(net, set, "gradients kept", keep);
}

int alx_net_add_gradients(alx_net *net, int set)
{
    return each_gradient(net, set, "gradients added", add);
}
