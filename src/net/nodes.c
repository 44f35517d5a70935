/* nodes.c - nodes, values and parameters of a network: shapes and who reads what; then which nodes
 * fuse (fuse.c) and how long values live (lifetimes.c). */
#include "net/layers/layers.h"

#include "base/try.h"

static void param_shapes(alx_net *net, const net_node *node)
{
    const alx_layer_info *info = node->info;
    net_param *weight = &net->params[info->weight], *bias = weight + 1;

    weight->shape = node->type->weights(node);
    bias->shape = (alx_shape){ 1, 1, 1, info->out.c };
    weight->parts = info->parts;
    bias->parts = info->by_input ? 1 : info->parts;
    for (int part = 0; part < info->parts; ++part) {
        weight->dev[part] = bias->dev[part] = net_part_dev(net, part);
        weight->slot[part] = net->slot_count++;
        bias->slot[part] = net->slot_count++;
    }
}

static net_value *input_of(alx_net *net, const net_node *node, int part)
{
    if (node->source == NULL)
        return &net->input[net_part_dev(net, part)];

    /* a node between the towers reads all of them; it asks again in its own forward pass */
    return &node->source->out[part < node->source->info->parts ? part : 0];
}

#define CHUNK_ALIGN ((size_t)1024) /* at least: beyond what devices want, so all cut alike */

/* Whether chunks begin where devices want it, and are computed as all at once would be. */
static bool chunks_fit(const alx_net *net, const net_node *conv, int chunks, size_t align_bytes)
{
    const size_t align = align_bytes > CHUNK_ALIGN ? align_bytes : CHUNK_ALIGN;
    const int batch = net->options.batch;
    const size_t images = (size_t)(batch / chunks);
    const alx_conv2d_params p = net_conv_params(conv->config, conv->info->groups);
    alx_shape in = conv->info->in, out = conv->info->out;

    in.n = out.n = batch;
    return batch % chunks == 0 && images >= 2 &&
           images * alx_shape_count(conv->info->in) * sizeof(float) % align == 0 &&
           images * alx_shape_count(conv->info->out) * sizeof(float) % align == 0 &&
           alx_op_conv2d_cuts(&conv->conv[0][ALX_PASS_FORWARD], in, out, &p, chunks);
}

/* How many chunks the batch of a convolution can be cut into. A function of shapes: one device
 * takes the same, and sums come out the same. */
static int chunk_count(const alx_net *net, const net_node *conv, size_t align_bytes)
{
    int chunks = NET_MAX_CHUNKS;

    while (chunks > 1 && !chunks_fit(net, conv, chunks, align_bytes))
        chunks /= 2;
    return chunks;
}

/* Whether outputs of a convolution could round otherwise if it went over the batch at once. */
static bool batch_matters(const net_node *conv, int dev)
{
    const alx_conv_algo algo = conv->conv[dev][ALX_PASS_FORWARD].algo;

    return algo != ALX_CONV_TILE && algo != ALX_CONV_TILE_WINOGRAD;
}

/* A convolution where the towers meet goes over the batch in chunks: one computes while the next
 * comes from the other device, and one device does the same where sums come out the same only so.
 * Matrix products would read their weights once for each. */
static void cut_chunks(const alx_net *net, net_node *gather, size_t align_bytes)
{
    net_node *reader = gather->reader;
    int chunks = 1;

    if (gather->info->kind != ALX_NODE_GATHER)
        return;
    reader->gather = gather;
    if (reader->info->kind == ALX_NODE_CONV && (net->dev_count > 1 || batch_matters(reader, 0)))
        chunks = chunk_count(net, reader, align_bytes);
    for (int part = 0; part < gather->info->parts; ++part)
        gather->out[part].chunks = reader->out[part].chunks = chunks;
}

static void build_node(alx_net *net, int index)
{
    net_node *node = &net->nodes[index];
    const alx_layer_info *info = &net->graph->nodes[index];

    node->type = net_node_type_of(info->kind);
    node->info = info;
    node->config = net_node_config(net->graph, index);
    node->source = index > 0 ? node - 1 : NULL;
    node->reader = index + 1 < net->node_count ? node + 1 : NULL;
    const int reads = net_node_meets(info) ? info->in_parts : info->parts;
    for (int part = 0; part < reads; ++part)
        node->in[part] = input_of(net, node, part);
    for (int part = 0; part < info->parts; ++part) {
        net_value *out = &node->out[part];

        *out = (net_value){ .shape = info->out, .dev = net_part_dev(net, part) };
        out->shape.n = net->options.batch;
        out->chunks = 1;
        out->needs_grad = info->input_needs_grad || info->trains;
    }
    for (int part = 0; part < ALX_MAX_TOWERS; ++part)
        for (int pass = ALX_PASS_FORWARD; pass <= (int)ALX_PASS_GRAD_WEIGHT; ++pass)
            net_pass_label(node->label[pass][part], net->graph, index, part, (alx_pass)pass);
    if (info->weight >= 0)
        param_shapes(net, node);
    for (int dev = 0; dev < net->dev_count && node->type->choose != NULL; ++dev)
        node->type->choose(net, node, dev);
}

/* What the type that fuse.c has left a node needs beside values and weights. */
static void plan_node(const alx_net *net, net_node *node)
{
    node->reads_input = node->type->needs_input;
    node->reads_output = node->type->needs_output;
    if (node->type->plan != NULL)
        node->type->plan(net, node);
}

int net_build(alx_net *net, const alx_net_config *config, size_t align_bytes)
{
    alx_net_config used = *config;

    for (int i = 0; i < used.layer_count && net->options.no_dropout; ++i)
        used.layers[i].dropout = 0.0;
    TRY(alx_graph_create(&net->graph, &used));
    TRY(alx_graph_check_devices(net->graph, net->dev_count));
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
    net_fuse(net);
    for (int i = 0; i < net->node_count; ++i)
        plan_node(net, &net->nodes[i]);
    for (int i = 0; i < net->node_count; ++i)
        cut_chunks(net, &net->nodes[i], align_bytes);
    net_set_lifetimes(net);
    return 0;
}
