/* life.c - life of a network and its step: forward, loss, backward. */
#include "net/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

#define MEBIBYTE 1048576.0

static int fits_device(const alx_net *net, const alx_memory_plan *plan, int dev)
{
    const alx_device_info *info = alx_device_get_info(net->devs[dev]);

    if (plan->total <= info->global_bytes)
        return 0;
    return alx_fail(ALX_E_MEMORY, "batch %d needs %.0f MiB, device %s has %.0f MiB",
                    net->options.batch, (double)plan->total / MEBIBYTE, info->name,
                    (double)info->global_bytes / MEBIBYTE);
}

static void device_limits(const alx_net *net, size_t *align_bytes, size_t *slab_bytes)
{
    *align_bytes = 64;
    *slab_bytes = SIZE_MAX / 2;
    for (int dev = 0; dev < net->dev_count; ++dev) {
        const alx_device_info *info = alx_device_get_info(net->devs[dev]);

        if (info->base_align_bytes > *align_bytes)
            *align_bytes = info->base_align_bytes;
        if (info->max_alloc_bytes < *slab_bytes)
            *slab_bytes = info->max_alloc_bytes;
    }
}

static int build_and_plan(alx_net *net, const alx_net_config *config, bool allocate)
{
    alx_memory_plan *plans = net->plans;
    size_t align_bytes, slab_bytes;

    device_limits(net, &align_bytes, &slab_bytes);
    TRY(net_build(net, config, align_bytes));
    TRY(net_plan_memory(net, plans, align_bytes, slab_bytes, false));
    for (int dev = 0; dev < net->dev_count; ++dev)
        TRY(fits_device(net, &plans[dev], dev));
    if (!allocate)
        return 0;
    TRY(net_plan_memory(net, plans, align_bytes, slab_bytes, true));
    return net_open_transfers(net);
}

static alx_net *net_shell(alx_device *const *devs, int dev_count, const alx_net_options *options)
{
    alx_net *net = calloc(1, sizeof *net);

    if (net == NULL)
        return NULL;
    net->options = *options;
    net->dev_count = dev_count;
    for (int dev = 0; dev < dev_count && dev < ALX_MAX_TOWERS; ++dev) {
        net->devs[dev] = devs != NULL ? devs[dev] : NULL;
        net->algorithms[dev] = devs != NULL ? alx_algorithms_resolve(options->algorithms, devs[dev])
                                            : options->algorithms;
    }
    return net;
}

/* The largest batch that fits, at most options->batch; 0 if not even one image does. */
static int largest_batch(const alx_net_config *config, alx_device *const *devs, int dev_count,
                         const alx_net_options *options)
{
    int fits = 0, too_large = options->batch + 1;

    while (too_large - fits > 1) {
        alx_net_options trial = *options;

        trial.batch = fits + (too_large - fits) / 2;
        alx_net *net = net_shell(devs, dev_count, &trial);
        if (net != NULL && build_and_plan(net, config, false) == 0)
            fits = trial.batch;
        else
            too_large = trial.batch;
        alx_net_free(net);
    }
    return fits;
}

static int out_of_memory(const alx_net_config *config, alx_device *const *devs, int dev_count,
                         const alx_net_options *options)
{
    char reason[512];

    snprintf(reason, sizeof reason, "%s", alx_status_text(ALX_E_MEMORY));
    const int batch = largest_batch(config, devs, dev_count, options);
    if (batch == options->batch) /* by plan; others have taken the memory */
        return alx_fail(ALX_E_MEMORY, "%s", reason);
    if (batch == 0)
        return alx_fail(ALX_E_MEMORY, "%s; not even a batch of 1 fits", reason);
    return alx_fail(ALX_E_MEMORY, "%s; the largest batch that fits is %d (--batch-size %d)", reason,
                    batch, batch);
}

int alx_net_create(alx_net **out, const alx_net_config *config, alx_device *const *devs,
                   int dev_count, const alx_net_options *options)
{
    alx_net *net = net_shell(devs, dev_count, options);
    int rc = 0;

    *out = NULL;
    if (net == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the network");
    rc = build_and_plan(net, config, true);
    if (rc == ALX_E_MEMORY && net->graph != NULL) {
        alx_net_free(net);
        return out_of_memory(config, devs, dev_count, options);
    }
    if (rc != 0)
        goto done;
    *out = net;
    net = NULL;
done:
    alx_net_free(net);
    return rc;
}

void alx_net_free(alx_net *net)
{
    if (net == NULL)
        return;
    net_close_transfers(net);
    free(net->twin_held);
    for (int dev = 0; dev < net->dev_count; ++dev) {
        if (net->devs[dev] != NULL)
            alx_device_set_label(net->devs[dev], NULL); /* labels are the nodes' */
        alx_arena_free(net->parameter_arena[dev]);
        alx_arena_free(net->gradient_arena[dev]);
        alx_arena_free(net->momentum_arena[dev]);
        alx_arena_free(net->activation_arena[dev]);
        alx_tensor_free(&net->scratch[dev]);
    }
    alx_graph_free(net->graph);
    free(net);
}

int alx_net_memory(alx_memory_plan plans[ALX_MAX_TOWERS], const alx_net_config *config,
                   alx_device *const *devs, int dev_count, const alx_net_options *options)
{
    alx_net *net = net_shell(devs, dev_count, options);
    size_t align_bytes = 128, slab_bytes = SIZE_MAX / 2;
    int rc = 0;

    if (net == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the network");
    if (devs != NULL)
        device_limits(net, &align_bytes, &slab_bytes);
    TRY_DONE(net_build(net, config, align_bytes));
    rc = net_plan_memory(net, plans, align_bytes, slab_bytes, false);
done:
    alx_net_free(net);
    return rc;
}

const alx_graph *alx_net_graph(const alx_net *net)
{
    return net->graph;
}

const alx_net_options *alx_net_get_options(const alx_net *net)
{
    return &net->options;
}

alx_algorithms alx_net_algorithms(const alx_net *net)
{
    alx_algorithms common = net->algorithms[0];

    for (int dev = 1; dev < net->dev_count; ++dev) {
        if (net->algorithms[dev].conv != common.conv)
            common.conv = ALX_CONV_AUTO;
        if (net->algorithms[dev].gemm != common.gemm)
            common.gemm = ALX_GEMM_AUTO;
    }
    return common;
}

size_t alx_net_device_bytes(const alx_net *net)
{
    size_t bytes = 0;

    for (int dev = 0; dev < net->dev_count; ++dev)
        bytes += net->plans[dev].total;
    return bytes;
}

const alx_tensor *alx_net_input(alx_net *net, int dev)
{
    return &net->input[dev].data;
}

int alx_net_dev_count(const alx_net *net)
{
    return net->dev_count;
}

alx_device *alx_net_device(alx_net *net, int dev)
{
    return net->devs[dev];
}

int alx_net_set_labels(alx_net *net, const int32_t *labels)
{
    return alx_tensor_write(&net->labels, labels);
}

/* With ALEXNET_CHECK=1 every output is looked at as soon as it is there. */
static int check_output(alx_net *net, size_t stage)
{
    bool finite = true;

    if (!alx_env_flag(ALX_ENV_CHECK) || alx_device_collecting(net->devs[0]))
        return 0;
    TRY(net_stage_is_finite(net, stage, &finite));
    if (!finite)
        return alx_fail(ALX_E_NUMERIC, "%s: the output is not finite", net->nodes[stage].name);
    return 0;
}

/* What runs on the device from now on belongs to this pass. */
static void name_pass(alx_net *net, const net_node *node, alx_pass pass, int part, int dev)
{
    alx_device_set_label(net->devs[dev], node->label[pass][part]);
}

int alx_net_forward(alx_net *net, const alx_step *step)
{
    for (int i = 0; i < net->node_count; ++i) {
        net_node *node = &net->nodes[i];

        for (int part = 0; part < node->graph->parts; ++part) {
            name_pass(net, node, ALX_PASS_FORWARD, part, node->out[part].dev);
            TRY(net_twins_before(net, node, part, ALX_PASS_FORWARD));
            TRY(net_observe_pass(net, node, part, ALX_PASS_FORWARD, step, true));
            TRY(node->type->forward(net, node, part, step));
            TRY(net_observe_pass(net, node, part, ALX_PASS_FORWARD, step, false));
            TRY(net_twins_after(net, node, part, ALX_PASS_FORWARD, step));
        }
        TRY(net_gather_settle(node->gather));
        TRY(check_output(net, (size_t)i));
    }
    alx_device_set_label(net->devs[0], "loss forward");
    TRY(net_observe_loss(net, ALX_PASS_FORWARD, step, true));
    TRY(alx_op_softmax_loss(&net->prob, &net->loss, &net->rank, &net_output(net)->data,
                            &net->labels));
    TRY(net_observe_loss(net, ALX_PASS_FORWARD, step, false));
    return net_twins_loss(net, ALX_PASS_FORWARD, step);
}

/* The gradient of the input first: where it crosses to the other device, that of the weights is
 * made meanwhile. */
static int backward_node(alx_net *net, net_node *node, const alx_step *step)
{
    const bool meets = net_node_meets(node->graph), back = node->graph->input_needs_grad;
    const int turns = meets ? node->graph->in_parts : node->graph->parts;

    for (int part = 0; part < turns && back; ++part) {
        const int dev = meets ? node->in[part]->dev : node->out[part].dev;

        name_pass(net, node, ALX_PASS_GRAD_INPUT, part, dev);
        TRY(net_twins_before(net, node, part, ALX_PASS_GRAD_INPUT));
        TRY(net_observe_pass(net, node, part, ALX_PASS_GRAD_INPUT, step, true));
        TRY(node->type->backward(net, node, part, step));
        TRY(net_observe_pass(net, node, part, ALX_PASS_GRAD_INPUT, step, false));
        TRY(net_twins_after(net, node, part, ALX_PASS_GRAD_INPUT, step));
    }
    if (back)
        TRY(net_gather_return(node->gather));
    for (int part = 0; part < turns && node->graph->trains; ++part) {
        name_pass(net, node, ALX_PASS_GRAD_WEIGHT, part, node->out[part].dev);
        TRY(net_observe_pass(net, node, part, ALX_PASS_GRAD_WEIGHT, step, true));
        TRY(node->type->gradients(net, node, part, step));
        TRY(net_observe_pass(net, node, part, ALX_PASS_GRAD_WEIGHT, step, false));
        TRY(net_twins_after(net, node, part, ALX_PASS_GRAD_WEIGHT, step));
    }
    return 0;
}

int alx_net_backward(alx_net *net, const alx_step *step)
{
    alx_device_set_label(net->devs[0], "loss backward");
    TRY(net_observe_loss(net, ALX_PASS_GRAD_INPUT, step, true));
    TRY(alx_op_softmax_loss_backward(&net_output(net)->grad, &net->prob, &net->labels,
                                     (float)(1.0 / step->images)));
    TRY(net_observe_loss(net, ALX_PASS_GRAD_INPUT, step, false));
    TRY(net_twins_loss(net, ALX_PASS_GRAD_INPUT, step));
    for (int i = net->node_count - 1; i >= 0; --i) {
        net_node *node = &net->nodes[i];

        if (!node->graph->input_needs_grad && !node->graph->trains)
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
    if (rule != NULL)
        TRY(alx_net_update(net, rule));
    return 0;
}

int alx_net_build_kernels(alx_net *net, const alx_update_rule *rule,
                          void (*progress)(int built, int total))
{
    int rc = 0;

    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_device_collect(net->devs[dev], true);
    rc = walk_step(net, rule);
    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_device_collect(net->devs[dev], false);
    for (int dev = 0; dev < net->dev_count && rc == 0; ++dev)
        rc = alx_device_build(net->devs[dev], progress);
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
