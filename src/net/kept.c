/* kept.c - gradients of earlier passes, kept beside those of the last and added to them; gradients
 * in and out. */
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

size_t alx_net_gradient_count(const alx_net *net)
{
    size_t count = 0;

    for (size_t i = 0; i < net->param_count; ++i)
        if (net_param_is_left(net, i))
            count += (size_t)net->params[i].parts * alx_shape_count(net->params[i].shape);
    return count;
}

int alx_net_read_gradients(alx_net *net, int set, float *data)
{
    for (size_t i = 0; i < net->param_count; ++i) {
        const net_param *param = &net->params[i];
        const alx_tensor *from = set == ALX_LAST_GRADIENTS ? param->grad : param->kept[set];

        for (int part = 0; part < param->parts && net_param_is_left(net, i); ++part) {
            TRY(alx_tensor_read(data, &from[part]));
            data += alx_shape_count(param->shape);
        }
    }
    return net_check_transfers(net);
}

int alx_net_write_gradients(alx_net *net, const float *data)
{
    for (size_t i = 0; i < net->param_count; ++i) {
        const net_param *param = &net->params[i];

        for (int part = 0; part < param->parts && net_param_is_left(net, i); ++part) {
            TRY(alx_tensor_write(&param->grad[part], data));
            data += alx_shape_count(param->shape);
        }
    }
    return 0;
}
