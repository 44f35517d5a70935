/* write.c - one safetensors file:
 *     statistics/...    F64, and mean_image (size,size,3) F32: what preprocessing needs
 *     param/<name>, momentum/<name>    F32, PyTorch's order, towers together
 *     __metadata__      format, name and config (INI), state (JSON), checksum
 * Names in the metadata are BASE_NAME_DATA, as the format wants UTF-8. */
#include "train/checkpoint/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name_write.h"
#include "base/try.h"

typedef struct checkpoint_writer {
    alx_safetensors_writer *file;
    base_hash *hash;
} checkpoint_writer;

/* The calls follow the order of the file (F64 first), which the checksum takes. */
static int add_tensor(checkpoint_writer *writer, const alx_st_tensor *t)
{
    train_checkpoint_hash_head(writer->hash, t);
    train_checkpoint_hash_data(writer->hash, t, t->data, t->count);
    return alx_safetensors_writer_add_copy(writer->file, t->name, t->dtype, t->dims, t->dim_count,
                                           t->data);
}

static int add_statistics(checkpoint_writer *writer, const alx_statistics *statistics)
{
    const int size = statistics->size;
    alx_st_tensor mean = { .name = "mean_image",
                           .dtype = ALX_F32,
                           .dims = { size, size, 3 },
                           .dim_count = 3,
                           .count = (size_t)size * (size_t)size * 3,
                           .data = statistics->mean_image };

    if (statistics->mean_image == NULL)
        return 0;
    for (size_t i = 0; i < CHECKPOINT_STATISTICS; ++i) {
        const checkpoint_statistic *what = &train_checkpoint_statistics[i];
        alx_st_tensor t = { .dtype = ALX_F64,
                            .dims = { what->dims[0], what->dims[1] },
                            .dim_count = what->dim_count,
                            .count = what->dim_count == 1 ? 3 : 9,
                            .data = (const char *)statistics + what->offset };

        snprintf(t.name, sizeof t.name, "%s", what->name);
        TRY(add_tensor(writer, &t));
    }
    return add_tensor(writer, &mean);
}

static int add_params(checkpoint_writer *writer, const checkpoint_source *source,
                      alx_param_what what, const char *prefix)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(source->graph, &count);
    float *data = NULL;
    int rc = 0;

    for (size_t i = 0; i < count; ++i) {
        alx_st_tensor t = { .dtype = ALX_F32,
                            .dim_count = params[i].dim_count,
                            .count = params[i].count };

        free(data);
        t.data = data = malloc(t.count * sizeof *data);
        if (data == NULL) {
            rc = alx_fail(ALX_E_MEMORY, "out of host memory for %s", params[i].name);
            goto done;
        }
        snprintf(t.name, sizeof t.name, "%s/%s", prefix, params[i].name);
        memcpy(t.dims, params[i].dims, sizeof params[i].dims);
        TRY_DONE(source->read(data, i, what, source->user));
        TRY_DONE(add_tensor(writer, &t));
    }
done:
    free(data);
    return rc;
}

static int add_metadata(checkpoint_writer *writer, const char *const values[KEY_COUNT])
{
    char checksum[33];

    for (int key = 0; key < KEY_COUNT; ++key) {
        train_checkpoint_hash_text(writer->hash, values[key]);
        TRY(alx_safetensors_writer_metadata(writer->file, train_checkpoint_keys[key], values[key]));
    }
    base_hash_hex(writer->hash, checksum);
    return alx_safetensors_writer_metadata(writer->file, CHECKPOINT_CHECKSUM, checksum);
}

static int escape_config(char **out, const char *plain)
{
    const size_t length = base_name_write(NULL, 0, plain, BASE_NAME_DATA);

    *out = malloc(length + 1);
    if (*out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a checkpoint's config");
    base_name_write(*out, length + 1, plain, BASE_NAME_DATA);
    return 0;
}

int train_checkpoint_write(const char *path, const alx_checkpoint *checkpoint,
                           const checkpoint_source *source)
{
    checkpoint_writer writer = { 0 };
    char *plain = NULL, *config = NULL, *state = NULL, name[4 * ALX_NAME_BYTES];
    int rc = 0;

    TRY_DONE(alx_config_write(&plain, &checkpoint->config));
    TRY_DONE(escape_config(&config, plain));
    base_name_write(name, sizeof name, checkpoint->config.name, BASE_NAME_DATA);
    TRY_DONE(train_checkpoint_state_write(&state, checkpoint));
    TRY_DONE(base_hash_create(&writer.hash));
    TRY_DONE(alx_safetensors_writer_create(&writer.file));
    TRY_DONE(add_statistics(&writer, &checkpoint->statistics));
    TRY_DONE(add_params(&writer, source, ALX_PARAM_VALUE, "param"));
    if (source->momentum)
        TRY_DONE(add_params(&writer, source, ALX_PARAM_MOMENTUM, "momentum"));
    const char *const values[KEY_COUNT] = {
        [KEY_FORMAT] = CHECKPOINT_VERSION,
        [KEY_NAME] = name,
        [KEY_CONFIG] = config,
        [KEY_STATE] = state,
    };
    TRY_DONE(add_metadata(&writer, values));
    TRY_DONE(alx_safetensors_writer_write(writer.file, path));
done:
    alx_safetensors_writer_free(writer.file);
    base_hash_free(writer.hash);
    free(state);
    free(config);
    free(plain);
    return rc;
}

static int read_net(float *out, size_t param, alx_param_what what, void *user)
{
    return alx_net_get_param(user, param, what, out);
}

int alx_checkpoint_write(const char *path, const alx_checkpoint *checkpoint, alx_net *net)
{
    const checkpoint_source source = { .graph = alx_net_graph(net),
                                       .momentum = alx_net_get_options(net)->training,
                                       .read = read_net,
                                       .user = net };

    return train_checkpoint_write(path, checkpoint, &source);
}
