/* nodes.c - nodes, values and parameters of a network: shapes, who reads what, and when. */
#include "net/net.h"

#include "base/try.h"

static const net_node_type *const node_types[] = {
    [ALX_NODE_GATHER] = &net_node_gather,   [ALX_NODE_SUM] = &net_node_sum,
    [ALX_NODE_DROPOUT] = &net_node_dropout, [ALX_NODE_CONV] = &net_node_conv,
    [ALX_NODE_FC] = &net_node_fc,           [ALX_NODE_ACTIVATION] = &net_node_activation,
    [ALX_NODE_LRN] = &net_node_lrn,         [ALX_NODE_SPATIAL_NORM] = &net_node_spatial_norm,
    [ALX_NODE_POOL] = &net_node_pool,       [ALX_NODE_ADAPTIVE_POOL] = &net_node_adaptive_pool,
};

static void param_shapes(alx_net *net, const net_node *node)
{
    const net_graph_node *graph = node->graph;
    net_param *weight = &net->params[graph->weight], *bias = weight + 1;
    const alx_layer_config *layer = node->config;
    const int outputs = graph->out.c;

    weight->shape = graph->kind == ALX_NODE_CONV
                        ? (alx_shape){ layer->kernel, layer->kernel, graph->in.c / graph->groups,
                                       outputs }
                        : (alx_shape){ outputs, 1, 1, (int)alx_shape_count(graph->in) };
    bias->shape = (alx_shape){ 1, 1, 1, outputs };
    weight->parts = graph->parts;
    bias->parts = graph->by_input ? 1 : graph->parts;
    net_update_label(weight->label, net->graph, (size_t)graph->weight);
    net_update_label(bias->label, net->graph, (size_t)graph->weight);
    for (int part = 0; part < graph->parts; ++part) {
        weight->dev[part] = bias->dev[part] = net_part_dev(net, part);
        weight->slot[part] = net->slot_count++;
        bias->slot[part] = net->slot_count++;
    }
}

static net_value *input_of(alx_net *net, int index, int part)
{
    if (index == 0)
        return &net->input[net_part_dev(net, part)];
    const net_graph_node *before = net->nodes[index - 1].graph;

    /* a node between the towers reads all of them; it asks again in its own forward pass */
    return &net->nodes[index - 1].out[part < before->parts ? part : 0];
}

#define CHUNK_ALIGN ((size_t)1024) /* at least: beyond what devices want, so all cut alike */

/* How many chunks a batch of these images can be cut into. A function of shapes: one device takes
 * the same, and sums come out the same. */
static int chunk_count(int batch, alx_shape a, alx_shape b, size_t align_bytes)
{
    const size_t align = align_bytes > CHUNK_ALIGN ? align_bytes : CHUNK_ALIGN;

    for (int chunks = NET_MAX_CHUNKS; chunks > 1; chunks /= 2) {
        const size_t images = (size_t)(batch / chunks);

        if (batch % chunks == 0 && images >= 2 &&
            images * alx_shape_count(a) * sizeof(float) % align == 0 &&
            images * alx_shape_count(b) * sizeof(float) % align == 0)
            return chunks;
    }
    return 1;
}

/* A convolution where the towers meet goes over the batch in chunks: one computes while the next
 * comes from the other device. Matrix products would read their weights once for each. */
static void cut_chunks(alx_net *net, int index, size_t align_bytes)
{
    net_node *gather = &net->nodes[index], *reader = gather + 1;
    int chunks = 1;

    if (gather->graph->kind != ALX_NODE_GATHER)
        return;
    reader->gather = gather;
    if (reader->graph->kind == ALX_NODE_CONV)
        chunks = chunk_count(net->options.batch, gather->graph->out, reader->graph->out,
                             align_bytes);
    for (int part = 0; part < gather->graph->parts; ++part)
        gather->out[part].chunks = reader->out[part].chunks = chunks;
}

static void build_node(alx_net *net, int index)
{
    net_node *node = &net->nodes[index];
    const net_graph_node *graph = &net->graph->nodes[index];

    node->type = node_types[graph->kind];
    node->graph = graph;
    node->config = net_node_config(net->graph, index);
    node->name = net->graph->stages[index].name;
    const int reads = net_node_meets(graph) ? graph->in_parts : graph->parts;
    for (int part = 0; part < reads; ++part)
        node->in[part] = input_of(net, index, part);
    for (int part = 0; part < graph->parts; ++part) {
        net_value *out = &node->out[part];

        *out = (net_value){ .shape = graph->out, .dev = net_part_dev(net, part) };
        out->shape.n = net->options.batch;
        out->chunks = 1;
        out->needs_grad = graph->input_needs_grad || graph->trains;
    }
    for (int part = 0; part < ALX_MAX_TOWERS; ++part)
        for (int pass = ALX_PASS_FORWARD; pass <= (int)ALX_PASS_GRAD_WEIGHT; ++pass)
            net_pass_label(node->label[pass][part], net->graph, index, part, (alx_pass)pass);
    if (graph->weight >= 0)
        param_shapes(net, node);
}

/* Max-pooling keeps the winners; it looks at its input and output again only for all ties. */
bool net_node_reads_back(const net_node *node, bool needs)
{
    return needs && (node->type != &net_node_pool || node->config->pool.all_ties);
}

static bool is_relu(const net_node *node)
{
    return node->graph->kind == ALX_NODE_ACTIVATION && node->config->activation == ALX_ACT_RELU;
}

/* Whether all devices run kernels for CPU devices; without devices, by their algorithms. */
static bool all_on_cpu(const alx_net *net)
{
    for (int dev = 0; dev < net->dev_count; ++dev) {
        const alx_conv_algo conv = net->algorithms[dev].conv;

        if (net->devs[dev] != NULL ? alx_device_get_info(net->devs[dev])->type != ALX_DEVICE_CPU
                                   : conv != ALX_CONV_VEC && conv != ALX_CONV_WINOGRAD)
            return false;
    }
    return true;
}

/* A pool behind ReLU, or ReLU and norm, does their work with its own where a kernel can. */
static void fuse_pool(alx_net *net, int index)
{
    net_node *pool = &net->nodes[index];
    const bool norm = index >= 1 && net->nodes[index - 1].graph->kind == ALX_NODE_LRN;
    const int relu = index - 1 - norm;
    const alx_pool_params params = net_node_pool_params(pool);
    alx_lrn_params norm_params = { 0 };

    if (norm)
        norm_params = net_node_norm_params(pool - 1);
    if (relu < 1 || !is_relu(&net->nodes[relu]) || !net->nodes[relu - 1].takes_relu ||
        !all_on_cpu(net))
        return;
    for (int dev = 0; dev < net->dev_count; ++dev)
        if (!alx_op_norm_pool_fits(net->devs[dev], pool->graph->in, norm ? &norm_params : NULL,
                                   &params))
            return;
    pool->type = &net_node_norm_pool;
    pool->takes_norm = norm;
    for (int i = relu; i < index; ++i)
        net->nodes[i].type = &net_node_taken;
}

/* Nodes that others do along with their own work. */
static void fuse_nodes(alx_net *net)
{
    for (int i = 0; i + 1 < net->node_count && !net->options.keep_stages; ++i)
        if (net->nodes[i].graph->kind == ALX_NODE_CONV && is_relu(&net->nodes[i + 1])) {
            net->nodes[i].takes_relu = true;
            net->nodes[i + 1].type = &net_node_made_relu;
        }
    for (int i = 0; i < net->node_count; ++i) {
        net_node *node = &net->nodes[i];

        if (node->graph->kind != ALX_NODE_POOL)
            continue;
        if (!net->options.keep_stages)
            fuse_pool(net, i);
        if (net->options.training)
            node->saved_shape = node->out[0].shape;
        if (net->options.training && node->type == &net_node_norm_pool)
            node->saved_shape.c /= 4; /* bytes */
    }
}

/* Fully connected weights that train, where every device has a kernel for it. */
static void fuse_updates(alx_net *net)
{
    for (int i = 0; i < net->node_count && net->options.fuse_update; ++i) {
        const net_graph_node *graph = net->nodes[i].graph;
        bool fits = graph->kind == ALX_NODE_FC && net->nodes[i].config->weight_lr != 0.0;

        for (int dev = 0; dev < net->dev_count && fits; ++dev)
            fits = alx_op_fc_updates(net->devs[dev], net->algorithms[dev].gemm, net->options.batch,
                                     (int)alx_shape_count(graph->in), graph->out.c);
        if (fits)
            net->graph->fused_update[graph->weight] = true;
    }
}

/* From node i's forward time to the last time that its output is read. */
static void output_lifetime(alx_net *net, int index, net_value *out)
{
    const int count = net->node_count, end = 2 * count + 1;
    const net_node *node = &net->nodes[index];
    const net_node *reader = index + 1 < count ? &net->nodes[index + 1] : NULL;

    out->first = index;
    out->last = reader != NULL ? index + 1 : end; /* logits stay */
    out->grad_first = reader != NULL ? end - (index + 1) : count + 1;
    out->grad_last = end - index;
    if (!net->options.training) {
        out->needs_grad = false;
    } else {
        if (net_node_reads_back(node, node->type->needs_output) && node->graph->input_needs_grad)
            out->last = end - index;
        if (reader != NULL && net_node_reads_back(reader, reader->type->needs_input))
            out->last = end - (index + 1);
    }
    if (net->options.keep_stages)
        out->last = end;
    if (reader != NULL && net_node_meets(reader->graph) && net->dev_count > 1 &&
        out->last < index + 2)
        out->last = index + 2; /* it is sent while the node after the gather runs */
}

/* An in-place node writes over its input where nobody reads that again. */
static void share_in_place(alx_net *net, int index)
{
    net_node *node = &net->nodes[index];

    if (!node->type->in_place || index == 0)
        return;
    const net_node *writer = &net->nodes[index - 1];
    const bool input_read_again = net->options.training &&
                                  net_node_reads_back(writer, writer->type->needs_output);

    for (int part = 0; part < node->graph->parts; ++part) {
        net_value *in = node->in[part], *out = &node->out[part];

        if (!net->options.keep_stages && !input_read_again) {
            out->data_of = in->data_of != NULL ? in->data_of : in;
            if (out->last > out->data_of->last)
                out->data_of->last = out->last;
        }
        if (in->needs_grad) { /* grad of input is written over that of output */
            in->grad_of = out->grad_of != NULL ? out->grad_of : out;
        }
    }
}

/* Chains of in-place nodes hand their gradient down: the first one in the backward pass owns it. */
static void settle_gradients(alx_net *net)
{
    for (int i = net->node_count - 1; i >= 0; --i)
        for (int part = 0; part < net->nodes[i].graph->parts; ++part) {
            net_value *value = &net->nodes[i].out[part];

            if (value->grad_of == NULL)
                continue;
            while (value->grad_of->grad_of != NULL)
                value->grad_of = value->grad_of->grad_of;
            if (value->grad_last > value->grad_of->grad_last)
                value->grad_of->grad_last = value->grad_last;
        }
}

int net_build(alx_net *net, const alx_net_config *config, size_t align_bytes)
{
    alx_net_config used = *config;

    for (int i = 0; i < used.layer_count && net->options.no_dropout; ++i)
        used.layers[i].dropout = 0.0;
    TRY(alx_graph_create(&net->graph, &used));
    TRY(net_graph_check_devices(net->graph, net->dev_count));
    net->node_count = net->graph->node_count;
    net->param_count = net->graph->param_count;
    for (int dev = 0; dev < net->dev_count; ++dev)
        net->input[dev] = (net_value){
            .shape = { net->options.batch, config->height, config->width, config->channels },
            .dev = dev,
            .chunks = 1,
            .first = -1,
            .last = 2 * net->node_count + 1,
        };
    for (int i = 0; i < net->node_count; ++i)
        build_node(net, i);
    fuse_nodes(net);
    fuse_updates(net);
    for (int i = 0; i < net->node_count; ++i)
        cut_chunks(net, i, align_bytes);
    for (int i = 0; i < net->node_count; ++i)
        for (int part = 0; part < net->nodes[i].graph->parts; ++part)
            output_lifetime(net, i, &net->nodes[i].out[part]);
    for (int i = 0; i < net->node_count; ++i)
        share_in_place(net, i);
    settle_gradients(net);
    return 0;
}
