/* params.c - parameters in and out in PyTorch's order, and their initial values. */
#include "net/net.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/cpus.h"
#include "base/rng.h"
#include "base/try.h"

bool net_param_is_left(const alx_net *net, size_t index)
{
    const alx_param_info *info = &net->graph->params[index];
    const alx_layer_config *layer = &net->graph->config.layers[info->layer];

    return (info->bias ? layer->bias_lr : layer->weight_lr) != 0.0 &&
           !net->graph->fused_update[index];
}

/* Shape of one image as the layer of parameter `index` reads it. */
static alx_shape layer_input(const alx_net *net, size_t index)
{
    for (int i = 0; i < net->node_count; ++i)
        if (net->graph->nodes[i].weight == (int)(index & ~(size_t)1))
            return net->graph->nodes[i].in;
    return (alx_shape){ 1, 1, 1, 1 };
}

int alx_net_get_param(alx_net *net, size_t index, alx_param_what what, float *data)
{
    net_param *param = &net->params[index];
    const alx_tensor *tensors = net_param_tensors(param, what);
    float *part_data = malloc(alx_shape_count(param->shape) * sizeof *part_data);
    int rc = 0;

    if (part_data == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %s", net->graph->params[index].name);
    if (what == ALX_PARAM_GRADIENT && net->graph->fused_update[index]) {
        rc = alx_fail(ALX_E_USAGE, "%s: its update is fused, there is no gradient to look at",
                      net->graph->params[index].name);
        goto done;
    }
    for (int part = 0; part < param->parts; ++part) {
        TRY_DONE(alx_tensor_read(part_data, &tensors[part]));
        net_order_whole(data, part_data, &net->graph->params[index], layer_input(net, index), part,
                        param->parts);
    }
done:
    free(part_data);
    return rc;
}

/* ---- filling ------------------------------------------------------------------------------- */

#define PIECE_FLOATS ((size_t)1 << 20) /* that a reader is asked for, if a row is no longer */

typedef struct filling {
    const alx_tensor *tensors; /* by part */
    const net_param *param;
    const alx_param_info *info;
    alx_shape in;
    alx_param_read *read;
    void *user;
    float *room, *part_data; /* a piece as it comes, and in the device's order */
} filling;

static int fill_whole(const filling *f)
{
    const float *data = f->room;

    TRY(f->read(&data, f->room, 0, f->info->count, f->user));
    for (int part = 0; part < f->param->parts; ++part) {
        net_order_part(f->part_data, data, f->info, f->in, part, f->param->parts);
        TRY(alx_tensor_write(&f->tensors[part], f->part_data));
    }
    return 0;
}

/* Some rows of a fully connected layer, which are one part's, or have a share of every part. */
static int fill_rows(const filling *f, size_t row, size_t rows)
{
    const size_t inputs = (size_t)f->info->dims[1], part_rows = (size_t)f->param->shape.n;
    const size_t columns = alx_shape_count(f->param->shape) / part_rows;
    const bool shared = columns < inputs;
    const int first = shared ? 0 : (int)(row / part_rows);
    const int last = shared ? f->param->parts - 1 : first;
    alx_param_info info = *f->info;
    const float *data = f->room;

    info.dims[0] = (int)rows;
    info.count = rows * inputs;
    TRY(f->read(&data, f->room, row * inputs, info.count, f->user));
    for (int part = first; part <= last; ++part) {
        net_order_part(f->part_data, data, &info, f->in, part - first, last - first + 1);
        TRY(alx_tensor_write_range(&f->tensors[part], f->part_data, row % part_rows * columns,
                                   rows * columns));
    }
    return 0;
}

static size_t rows_at_once(const filling *f)
{
    const size_t rows = PIECE_FLOATS / (size_t)f->info->dims[1], all = (size_t)f->info->dims[0];

    return rows == 0 ? 1 : rows < all ? rows : all;
}

static int fill_by_rows(const filling *f)
{
    const size_t part_rows = (size_t)f->param->shape.n, most = rows_at_once(f);
    size_t rows = 0;

    for (size_t row = 0; row < (size_t)f->info->dims[0]; row += rows) {
        const size_t left = part_rows - row % part_rows;

        rows = left < most ? left : most;
        TRY(fill_rows(f, row, rows));
    }
    return 0;
}

int alx_net_fill_param(alx_net *net, size_t index, alx_param_what what, alx_param_read *read,
                       void *user)
{
    net_param *param = &net->params[index];
    filling f = { .tensors = net_param_tensors(param, what),
                  .param = param,
                  .info = &net->graph->params[index],
                  .in = layer_input(net, index),
                  .read = read,
                  .user = user };
    const bool by_rows = f.info->dim_count == 2;
    const size_t count = by_rows ? rows_at_once(&f) * (size_t)f.info->dims[1] : f.info->count;
    int rc = 0;

    ++net->written;
    f.room = malloc(count * sizeof *f.room);
    f.part_data = malloc(count * sizeof *f.part_data);
    if (f.room == NULL || f.part_data == NULL)
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %s", f.info->name);
    else
        rc = by_rows ? fill_by_rows(&f) : fill_whole(&f);
    free(f.part_data);
    free(f.room);
    return rc;
}

static int point_to(const float **out, float *room, size_t first, size_t count, void *user)
{
    (void)room;
    (void)count;
    *out = (const float *)user + first;
    return 0;
}

int alx_net_set_param(alx_net *net, size_t index, alx_param_what what, const float *data)
{
    return alx_net_fill_param(net, index, what, point_to, (void *)(uintptr_t)data);
}

/* ---- initial values ------------------------------------------------------------------------ */

/* A range of blocks of four elements, filled by one thread: values depend on the place alone. */
typedef struct init_job {
    float *data;
    size_t count, first_block, end_block, param;
    uint32_t seed;
    bool uniform;
    float scale; /* standard deviation, or half the width of the uniform range */
} init_job;

#define RUN_BLOCKS 64 /* drawn at a time, for the compiler to vectorise */

static void init_run(const init_job *job, size_t block, size_t blocks)
{
    uint32_t words[RUN_BLOCKS * 4];
    float values[RUN_BLOCKS * 4];
    const size_t rest = job->count - block * 4;

    for (size_t i = 0; i < blocks; ++i)
        base_rng_words(words + 4 * i, job->seed, BASE_RNG_INIT, job->param, block + i);
    if (job->uniform)
        for (size_t i = 0; i < blocks * 4; ++i)
            values[i] = 2.0f * base_rng_unit(words[i]) - 1.0f;
    else
        base_rng_normals(values, words, blocks * 2);
    for (size_t i = 0; i < blocks * 4 && i < rest; ++i)
        job->data[block * 4 + i] = values[i] * job->scale;
}

static void *init_blocks(void *argument)
{
    const init_job *job = argument;

    for (size_t block = job->first_block; block < job->end_block; block += RUN_BLOCKS) {
        const size_t left = job->end_block - block;

        init_run(job, block, left < RUN_BLOCKS ? left : RUN_BLOCKS);
    }
    return NULL;
}

#define INIT_THREADS 8
#define BLOCKS_PER_THREAD 4096 /* below this a thread costs more than it gains */

static void fill_random(const init_job *whole)
{
    const size_t blocks = (whole->count + 3) / 4;
    size_t threads = (size_t)base_cpu_count();
    pthread_t ids[INIT_THREADS];
    init_job jobs[INIT_THREADS];
    bool started[INIT_THREADS] = { false };

    threads = threads > INIT_THREADS ? INIT_THREADS : threads;
    threads = blocks / BLOCKS_PER_THREAD < threads ? 1 + blocks / BLOCKS_PER_THREAD : threads;
    for (size_t i = 0; i < threads; ++i) {
        jobs[i] = *whole;
        jobs[i].first_block = blocks * i / threads;
        jobs[i].end_block = blocks * (i + 1) / threads;
        started[i] = i > 0 && pthread_create(&ids[i], NULL, init_blocks, &jobs[i]) == 0;
    }
    for (size_t i = 0; i < threads; ++i)
        if (!started[i]) /* the first one is ours, and any that did not start */
            init_blocks(&jobs[i]);
    for (size_t i = 0; i < threads; ++i)
        if (started[i])
            pthread_join(ids[i], NULL);
}

static void init_values(const alx_net *net, size_t index, uint32_t seed, float *data)
{
    const alx_param_info *info = &net->graph->params[index];
    const alx_param_info *weight = &net->graph->params[index & ~(size_t)1];
    const alx_layer_config *layer = &net->graph->config.layers[info->layer];
    const double fan_in = (double)(weight->count / (size_t)weight->dims[0]);
    init_job job = { .data = data, .count = info->count, .param = index, .seed = seed };

    if (layer->init == ALX_INIT_TORCH) {
        job.uniform = true;
        job.scale = (float)(1.0 / sqrt(fan_in));
    } else if (info->bias) {
        for (size_t i = 0; i < info->count; ++i)
            data[i] = (float)layer->bias;
        return;
    } else {
        job.scale = (float)(layer->init == ALX_INIT_HE ? sqrt(2.0 / fan_in) : layer->init_std);
    }
    fill_random(&job);
}

int alx_net_init(alx_net *net, uint32_t seed)
{
    size_t most = 0;
    float *data = NULL;
    int rc = 0;

    for (size_t i = 0; i < net->param_count; ++i)
        most = net->graph->params[i].count > most ? net->graph->params[i].count : most;
    data = malloc(most * sizeof *data);
    if (data == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the initial weights");
    for (size_t i = 0; i < net->param_count; ++i) {
        init_values(net, i, seed, data);
        TRY_DONE(alx_net_set_param(net, i, ALX_PARAM_VALUE, data));
    }
done:
    free(data);
    return rc;
}
