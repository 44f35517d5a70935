/* step.c - a step of a network: labels, forward, loss, backward, and what came out. */
#include "net/layers/layers.h"

#include "base/env.h"
#include "base/try.h"

int alx_net_set_labels(alx_net *net, const int32_t *labels)
{
    return alx_tensor_write(&net->labels, labels);
}

/* With ALEXNET_CHECK=1 every output is looked at as soon as it is there. */
static int check_output(alx_net *net, size_t index)
{
    bool finite = true;

    if (!base_env_flag(BASE_ENV_CHECK) || alx_device_collecting(net->devs[0]))
        return 0;
    TRY(net_output_is_finite(net, index, &finite));
    if (!finite)
        return alx_fail(ALX_E_NUMERIC, "%s: the output is not finite",
                        net->nodes[index].info->name);
    return 0;
}

/* One pass of one part on a device; what runs there from now on belongs to it. */
static int run_pass(net_pass_function *function, const net_pass_context *at, int dev)
{
    if (function == NULL)
        return 0;
    alx_device_set_label(at->net->devs[dev], at->node->label[at->pass][at->part]);
    TRY(net_observe_pass(at, true));
    TRY(function(at));
    return net_observe_pass(at, false);
}

/* Another network may have computed there. */
static void take_devices(const alx_net *net)
{
    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_chooser_use(&net->choosers[dev]);
}

int alx_net_forward(alx_net *net, const alx_step *step)
{
    take_devices(net);
    for (int i = 0; i < net->node_count; ++i) {
        net_node *node = &net->nodes[i];

        for (int part = 0; part < node->info->parts; ++part)
            TRY(run_pass(node->type->forward,
                         &(net_pass_context){ net, node, ALX_PASS_FORWARD, part, step },
                         node->out[part].dev));
        TRY(net_gather_settle(node->gather));
        TRY(check_output(net, (size_t)i));
    }
    alx_device_set_label(net->devs[0], "loss forward");
    TRY(net_observe_loss(net, ALX_PASS_FORWARD, step, true));
    TRY(alx_op_softmax_loss(&net->prob, &net->loss, &net->rank, &net_output(net)->data,
                            &net->labels));
    return net_observe_loss(net, ALX_PASS_FORWARD, step, false);
}

/* The gradient of the input first: where it crosses to the other device, that of the weights is
 * made meanwhile. */
static int backward_node(alx_net *net, net_node *node, const alx_step *step)
{
    const bool meets = net_node_meets(node->info), back = node->info->input_needs_grad;
    const int turns = meets ? node->info->in_parts : node->info->parts;

    for (int part = 0; part < turns && back; ++part)
        TRY(run_pass(node->type->backward,
                     &(net_pass_context){ net, node, ALX_PASS_GRAD_INPUT, part, step },
                     meets ? node->in[part]->dev : node->out[part].dev));
    if (back)
        TRY(net_gather_return(node->gather));
    for (int part = 0; part < turns && node->info->trains; ++part)
        TRY(run_pass(node->type->gradients,
                     &(net_pass_context){ net, node, ALX_PASS_GRAD_WEIGHT, part, step },
                     node->out[part].dev));
    return 0;
}

int alx_net_backward(alx_net *net, const alx_step *step)
{
    take_devices(net);
    alx_device_set_label(net->devs[0], "loss backward");
    TRY(net_observe_loss(net, ALX_PASS_GRAD_INPUT, step, true));
    TRY(alx_op_softmax_loss_backward(&net_output(net)->grad, &net->prob, &net->labels,
                                     (float)(1.0 / step->images)));
    TRY(net_observe_loss(net, ALX_PASS_GRAD_INPUT, step, false));
    for (int i = net->node_count - 1; i >= 0; --i) {
        net_node *node = &net->nodes[i];

        if (!node->info->input_needs_grad && !node->info->trains)
            break;
        TRY(backward_node(net, node, step));
    }
    return 0;
}

/* A pass that evaluates, which training makes between its steps, then one that trains. */
static int walk_step(alx_net *net, const alx_update_rule *rule)
{
    const alx_step step = { .training = true, .images = 1, .rule = rule };

    TRY(alx_net_forward(net, &(alx_step){ .images = 1 }));
    if (!net->options.training)
        return 0;
    TRY(alx_net_forward(net, &step));
    TRY(alx_net_backward(net, &step));
    if (net->options.kept_gradients > 0)
        TRY(alx_net_add_gradients(net, 0));
    if (rule != NULL)
        TRY(alx_net_update(net, rule));
    return 0;
}

int alx_net_build_kernels(alx_net *net, const alx_update_rule *rule, alx_on_build *on_build,
                          void *user)
{
    int rc = 0;

    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_device_collect(net->devs[dev], true);
    rc = walk_step(net, rule);
    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_device_collect(net->devs[dev], false);
    for (int dev = 0; dev < net->dev_count && rc == 0; ++dev)
        rc = alx_device_build(net->devs[dev], on_build, user);
    return rc;
}

int alx_net_read_loss(alx_net *net, float *loss, int32_t *rank)
{
    if (loss != NULL)
        TRY(alx_tensor_read(loss, &net->loss));
    if (rank != NULL)
        TRY(alx_tensor_read(rank, &net->rank));
    return net_check_transfers(net);
}

/* A read waits for all that device 0 was given. */
static int read_checked(alx_net *net, float *data, const alx_tensor *tensor)
{
    TRY(alx_tensor_read(data, tensor));
    return net_check_transfers(net);
}

int alx_net_read_prob(alx_net *net, float *prob)
{
    return read_checked(net, prob, &net->prob);
}

int alx_net_read_logits(alx_net *net, float *logits)
{
    return read_checked(net, logits, &net_output(net)->data);
}
