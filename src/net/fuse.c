/* fuse.c - rewrites the list of nodes where the kernel of one can do the work of others along.
 *
 *     conv, fc -> relu                the layer writes max(0, y); relu only goes back (relu_done)
 *     conv -> relu -> [norm ->] pool  pool normalises what it reads and goes back to before the
 *                                     ReLU (norm_pool); relu and norm do nothing (absorbed)
 *     fc and its update               the gradient's kernel makes the SGD step
 *
 * So LRN runs in one of two ways: in `paper` on CPU devices in layers/norm_pool.c, ops/norm_pool.c,
 * cl/norm_pool.cl; elsewhere, and where outputs are kept (check, dump --stages) or no ReLU and pool
 * are beside it (net145), in layers/lrn.c, ops/lrn.c, cl/lrn.cl. */
#include "net/layers/layers.h"

static bool is_relu(const net_node *node)
{
    return node->info->kind == ALX_NODE_ACTIVATION && node->config->activation == ALX_ACT_RELU;
}

static void fuse_relu(net_node *layer)
{
    const alx_node_kind kind = layer->info->kind;
    net_node *relu = layer->reader;

    if ((kind != ALX_NODE_CONV && kind != ALX_NODE_FC) || relu == NULL || !is_relu(relu))
        return;
    layer->relu = true;
    relu->type = &net_node_relu_done;
}

static bool devices_pool_normed(const alx_net *net, const net_node *pool, const net_node *norm)
{
    const alx_pool_params pool_params = net_pool_params(pool->config);
    alx_lrn_params norm_params = { 0 };

    if (norm != NULL)
        norm_params = net_node_norm_params(norm);
    for (int dev = 0; dev < net->dev_count; ++dev)
        if (!net->wide[dev] ||
            !alx_op_norm_pool_fits(net->devs[dev], pool->info->in,
                                   norm != NULL ? &norm_params : NULL, &pool_params))
            return false;
    return true;
}

static void fuse_pool(const alx_net *net, net_node *pool)
{
    net_node *before = pool->source, *norm = NULL;

    if (pool->info->kind != ALX_NODE_POOL)
        return;
    if (before != NULL && before->info->kind == ALX_NODE_LRN) {
        norm = before;
        before = norm->source;
    }
    if (before == NULL || before->type != &net_node_relu_done ||
        !devices_pool_normed(net, pool, norm))
        return;
    pool->type = &net_node_norm_pool;
    pool->norm = norm;
    before->type = &net_node_absorbed;
    if (norm != NULL)
        norm->type = &net_node_absorbed;
}

/* Fully connected weights that train, where every device has a kernel for it. */
static void fuse_update(alx_net *net, const net_node *fc)
{
    const alx_layer_info *info = fc->info;

    if (info->kind != ALX_NODE_FC || fc->config->weight_lr == 0.0)
        return;
    for (int dev = 0; dev < net->dev_count; ++dev)
        if (!alx_op_fc_updates(&fc->gemm[dev][ALX_PASS_GRAD_WEIGHT], net->options.batch,
                               (int)alx_shape_count(info->in), info->out.c))
            return;
    net->graph->fused_update[info->weight] = true;
}

/* Types change here, and pointers are set; what runs, what the plan keeps and what an observer sees
 * follow from them. */
void net_fuse(alx_net *net)
{
    const bool outputs = !net->options.keep_outputs, updates = net->options.fuse_update;

    for (int i = 0; i < net->node_count && outputs; ++i)
        fuse_relu(&net->nodes[i]);
    for (int i = 0; i < net->node_count && outputs; ++i)
        fuse_pool(net, &net->nodes[i]);
    for (int i = 0; i < net->node_count && updates; ++i)
        fuse_update(net, &net->nodes[i]);
}
