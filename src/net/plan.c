/* plan.c - the static memory plan: every tensor's offset, from lifetimes; one arena per family.
 * Activations and their gradients share an arena: largest first, each at the lowest offset where no
 * tensor that is alive at the same time lies. No tensor straddles a slab. */
#include "net/net.h"

#include <stdlib.h>
#include <string.h>

#include "base/try.h"

typedef struct plan_item {
    size_t bytes, offset;
    int first, last;
    alx_shape shape;
    alx_tensor *target;
    alx_tensor *chunk; /* views of equal runs of images, for values in chunks */
    int chunks;
} plan_item;

#define MAX_ITEMS (NET_MAX_NODES * ALX_MAX_TOWERS * 4 + 8)

typedef struct family {
    const char *name;
    plan_item items[MAX_ITEMS];
    int count;
    size_t bytes;
} family;

/* What is being planned: one device, with its alignment and largest buffer. */
typedef struct plan_state {
    size_t align_bytes, slab_bytes;
    family family;
} plan_state;

static plan_item *add_item(plan_state *planner, alx_tensor *target, alx_shape shape, int first,
                           int last)
{
    family *f = &planner->family;
    plan_item *item = &f->items[f->count++];

    *item = (plan_item){
        .bytes = alx_round_up(alx_shape_count(shape) * sizeof(float), planner->align_bytes),
        .first = first,
        .last = last,
        .shape = shape,
        .target = target,
    };
    return item;
}

static int larger_first(const void *a, const void *b)
{
    const plan_item *x = a, *y = b;

    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return x->target < y->target ? -1 : x->target > y->target; /* qsort is not stable */
}

static bool alive_together(const plan_item *a, const plan_item *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Moves an offset to the next slab if the item would straddle two. */
static size_t whole_slab(const plan_state *planner, size_t offset, size_t bytes)
{
    if (offset / planner->slab_bytes == (offset + bytes - 1) / planner->slab_bytes)
        return offset;
    return alx_round_up(offset, planner->slab_bytes);
}

static void place_item(plan_state *planner, int index)
{
    family *f = &planner->family;
    plan_item *item = &f->items[index];
    size_t offset = 0;
    bool moved = true;

    while (moved) { /* until no placed item that is alive at the same time overlaps */
        moved = false;
        offset = whole_slab(planner, offset, item->bytes);
        for (int i = 0; i < index; ++i) {
            const plan_item *other = &f->items[i];

            if (alive_together(item, other) && offset < other->offset + other->bytes &&
                other->offset < offset + item->bytes) {
                offset = other->offset + other->bytes;
                moved = true;
            }
        }
    }
    item->offset = offset;
    if (offset + item->bytes > f->bytes)
        f->bytes = offset + item->bytes;
}

static int make_tensors(const plan_item *item, alx_arena *arena)
{
    alx_shape shape = item->shape;

    TRY(alx_arena_tensor(item->target, arena, item->offset, shape));
    for (int i = 0; i < item->chunks; ++i) {
        shape.n = item->shape.n / item->chunks;
        TRY(alx_arena_tensor(&item->chunk[i], arena,
                             item->offset + (size_t)i * alx_shape_count(shape) * sizeof(float),
                             shape));
    }
    return 0;
}

/* Places all items of the family and, if asked, allocates it and makes the tensors. */
static int settle_family(plan_state *planner, const char *name, alx_device *dev, alx_arena **arena)
{
    family *f = &planner->family;

    f->bytes = 0;
    qsort(f->items, (size_t)f->count, sizeof f->items[0], larger_first);
    for (int i = 0; i < f->count; ++i) {
        if (f->items[i].bytes > planner->slab_bytes)
            return alx_fail(ALX_E_MEMORY,
                            "%s: one tensor needs %.1f MiB, the device's largest buffer is %.1f",
                            name, (double)f->items[i].bytes / 1048576.0,
                            (double)planner->slab_bytes / 1048576.0);
        place_item(planner, i);
    }
    if (arena == NULL || f->count == 0)
        return 0;
    TRY(alx_arena_create(arena, dev, name, f->bytes, planner->slab_bytes));
    for (int i = 0; i < f->count; ++i)
        TRY(make_tensors(&f->items[i], *arena));
    return 0;
}

static void add_param(plan_state *planner, const net_param *param, alx_tensor *tensors, int dev)
{
    for (int part = 0; part < param->parts; ++part)
        if (param->dev[part] == dev)
            add_item(planner, &tensors[part], param->shape, 0, 0);
}

static void add_params(plan_state *planner, alx_net *net, int dev, alx_param_what what)
{
    planner->family.count = 0;
    for (size_t i = 0; i < net->param_count; ++i)
        if (what != ALX_PARAM_GRADIENT || !net->graph->fused_update[i])
            add_param(planner, &net->params[i], net_param_tensors(&net->params[i], what), dev);
}

static void add_kept(plan_state *planner, alx_net *net, int dev, int set)
{
    planner->family.count = 0;
    for (size_t i = 0; i < net->param_count; ++i)
        if (net_param_is_left(net, i))
            add_param(planner, &net->params[i], net->params[i].kept[set], dev);
}

static void add_filters(plan_state *planner, alx_net *net, int dev)
{
    planner->family.count = 0;
    for (int i = 0; i < net->node_count; ++i) {
        net_node *node = &net->nodes[i];

        for (int part = 0; part < node->info->parts && node->filter_count[dev] > 0; ++part)
            if (node->out[part].dev == dev)
                add_item(planner, &node->filters[part],
                         (alx_shape){ 1, 1, 1, (int)node->filter_count[dev] }, 0, 0);
    }
}

static void add_value(plan_state *planner, net_value *value)
{
    plan_item *item = add_item(planner, &value->data, value->shape, value->first, value->last);

    if (value->chunks > 1) {
        item->chunk = value->chunk;
        item->chunks = value->chunks;
    }
}

/* Halves of the gradient of a gather, where the device that makes them is not their owner's. */
static void add_halves(plan_state *planner, alx_net *net, int index, int dev)
{
    const int end = 2 * net->node_count + 1;
    net_node *gather = &net->nodes[index];
    bool reads = false;

    for (int part = 0; part < gather->info->parts; ++part)
        reads = reads || gather->out[part].dev == dev;
    for (int t = 0; t < gather->info->in_parts && reads; ++t)
        if (gather->in[t]->dev != dev)
            add_item(planner, &gather->half[t], gather->in[t]->shape, end - (index + 1),
                     end - index);
}

static void add_activations(plan_state *planner, alx_net *net, int dev)
{
    const int end = 2 * net->node_count + 1;
    const alx_shape images = { 1, 1, 1, net->options.batch }, sums = { 1, 1, 1, net->slot_count };
    net_value *input = &net->input[dev];

    planner->family.count = 0;
    add_item(planner, &input->data, input->shape, input->first, input->last);
    for (int i = 0; i < net->node_count; ++i) {
        net_node *node = &net->nodes[i];

        for (int part = 0; part < node->info->parts; ++part) {
            net_value *out = &node->out[part];

            if (out->dev != dev)
                continue;
            if (out->data_of == NULL)
                add_value(planner, out);
            if (out->needs_grad && out->grad_of == NULL)
                add_item(planner, &out->grad, out->shape, out->grad_first, out->grad_last);
            if (alx_shape_count(node->saved_shape) > 0)
                add_item(planner, &node->saved[part], node->saved_shape, i, end - i);
        }
        if (net_node_meets(node->info) && net->options.training && node->info->input_needs_grad)
            add_halves(planner, net, i, dev);
    }
    add_item(planner, &net->square_sums[dev], sums, -1, end);
    if (net_has_rates(net))
        add_item(planner, &net->weight_sums[dev], sums, -1, end);
    if (dev != 0)
        return;
    if (net->dev_count > 1)
        add_item(planner, &net->all_sums, sums, -1, end);
    if (net->dev_count > 1 && net_has_rates(net))
        add_item(planner, &net->all_weight_sums, sums, -1, end);
    if (net_has_rates(net))
        add_item(planner, &net->rates, sums, -1, end);
    add_item(planner, &net->labels, images, -1, end);
    add_item(planner, &net->loss, images, -1, end);
    add_item(planner, &net->rank, images, -1, end);
    add_item(planner, &net->prob, net_output(net)->shape, -1, end);
    add_item(planner, &net->clip, (alx_shape){ 1, 1, 1, 2 }, -1, end);
}

static size_t scratch_elements(const alx_net *net, int dev)
{
    size_t most = 1, sums = 0;

    for (int i = 0; i < net->node_count; ++i) {
        const net_node *node = &net->nodes[i];

        if (node->type->scratch == NULL || (node->info->parts == 1 && dev != 0))
            continue;
        const size_t elements = node->type->scratch(net, node, dev);
        most = elements > most ? elements : most;
    }
    for (size_t i = 0; i < net->param_count && net->options.training; ++i) { /* of the norm */
        for (int part = 0; part < net->params[i].parts; ++part)
            if (net->params[i].dev[part] == dev)
                sums += alx_op_sum_squares_scratch(net->params[i].shape);
    }
    return sums > most ? sums : most;
}

static size_t arrival_bytes(const alx_net *net, int dev)
{
    alx_transfer_info list[ALX_MAX_TRANSFERS];
    const size_t count = alx_graph_transfers(list, net->graph, net->options.batch,
                                             net->options.training);
    size_t bytes = 0;

    for (size_t i = 0; i < count && net->dev_count > 1; ++i)
        bytes += list[i].to == dev ? list[i].bytes : 0;
    return bytes;
}

/* Values that share memory become views once the owners have theirs. */
static void share_views(alx_net *net)
{
    for (int i = 0; i < net->node_count; ++i)
        for (int part = 0; part < net->nodes[i].info->parts; ++part) {
            net_value *value = &net->nodes[i].out[part];

            if (value->data_of != NULL) {
                value->data = alx_tensor_as(value->data_of->data, value->shape);
                memcpy(value->chunk, value->data_of->chunk, sizeof value->chunk);
            }
            if (value->grad_of != NULL)
                value->grad = alx_tensor_as(value->grad_of->grad, value->shape);
        }
    if (net->dev_count == 1)
        net->all_sums = net->square_sums[0];
    if (net->dev_count == 1)
        net->all_weight_sums = net->weight_sums[0];
}

static int plan_device(alx_net *net, int dev, alx_memory_plan *plan, plan_state *planner,
                       bool allocate)
{
    alx_device *device = net->devs[dev];

    add_params(planner, net, dev, ALX_PARAM_VALUE);
    TRY(settle_family(planner, "parameters", device, allocate ? &net->parameter_arena[dev] : NULL));
    plan->parameters = planner->family.bytes;
    add_filters(planner, net, dev);
    TRY(settle_family(planner, "filters", device, allocate ? &net->filter_arena[dev] : NULL));
    plan->filters = planner->family.bytes;
    if (net->options.training) {
        add_params(planner, net, dev, ALX_PARAM_GRADIENT);
        TRY(settle_family(planner, "gradients", device,
                          allocate ? &net->gradient_arena[dev] : NULL));
        plan->gradients = planner->family.bytes;
        for (int set = 0; set < net->options.kept_gradients; ++set) {
            add_kept(planner, net, dev, set);
            TRY(settle_family(planner, "kept gradients", device,
                              allocate ? &net->kept_arena[set][dev] : NULL));
            plan->gradients += planner->family.bytes;
        }
        add_params(planner, net, dev, ALX_PARAM_MOMENTUM);
        TRY(settle_family(planner, "momentum", device,
                          allocate ? &net->momentum_arena[dev] : NULL));
        plan->momentum = planner->family.bytes;
    }
    add_activations(planner, net, dev);
    TRY(settle_family(planner, "activations", device,
                      allocate ? &net->activation_arena[dev] : NULL));
    plan->activations = planner->family.bytes;

    const size_t scratch = scratch_elements(net, dev);
    plan->scratch = scratch * sizeof(float);
    if (scratch > INT32_MAX)
        return alx_fail(ALX_E_MEMORY, "scratch of %zu elements is beyond any device", scratch);
    if (allocate)
        TRY(alx_tensor_create(&net->scratch[dev], device, (alx_shape){ 1, 1, 1, (int)scratch }));
    plan->arrivals = arrival_bytes(net, dev);
    plan->total = plan->parameters + plan->filters + plan->gradients + plan->momentum +
                  plan->activations + plan->scratch + plan->arrivals;
    return 0;
}

int net_plan_memory(alx_net *net, alx_memory_plan plans[ALX_MAX_TOWERS], size_t align_bytes,
                    size_t slab_bytes, bool allocate)
{
    plan_state *planner = calloc(1, sizeof *planner);
    int rc = 0;

    if (planner == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the memory plan");
    planner->align_bytes = align_bytes;
    planner->slab_bytes = slab_bytes / align_bytes * align_bytes;
    for (int dev = 0; dev < net->dev_count; ++dev) {
        plans[dev] = (alx_memory_plan){ 0 };
        TRY_DONE(plan_device(net, dev, &plans[dev], planner, allocate));
    }
    if (allocate)
        share_views(net);
done:
    free(planner);
    return rc;
}
