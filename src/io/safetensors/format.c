/* format.c - safetensors among the formats of weights. */
#include "io/formats.h"
#include "io/safetensors/safetensors.h"

#include <string.h>

#include "base/try.h"

/* A header of JSON after its length, of which the upper half is 0. */
static bool is_safetensors(const base_file_map *map)
{
    return map->count > ST_LENGTH_BYTES && memcmp(map->bytes + 4, "\0\0\0", 4) == 0 &&
           map->bytes[ST_LENGTH_BYTES] == '{';
}

static int open_safetensors(alx_weights_file *file)
{
    alx_safetensors *st = NULL;

    TRY(io_st_open_map(&st, &file->map));
    file->state = st;
    for (size_t i = 0; i < alx_safetensors_count(st); ++i) {
        const alx_st_tensor *from = alx_safetensors_at(st, i);
        io_tensor tensor = { .about = { .name = from->name,
                                        .dtype = from->dtype,
                                        .dim_count = from->dim_count,
                                        .offset = io_st_offset(st, i) },
                             .first = from->data,
                             .room = io_st_bytes(st, i) };

        memcpy(tensor.about.dims, from->dims, sizeof from->dims);
        TRY(io_weights_add(file, &tensor, false));
    }
    return 0;
}

static int metadata(const char **out, alx_weights_file *file, const char *key)
{
    *out = alx_safetensors_metadata(file->state, key);
    return 0;
}

static void close_safetensors(alx_weights_file *file)
{
    alx_safetensors_close(file->state);
}

const io_weights_format io_format_safetensors = {
    .format = ALX_WEIGHTS_SAFETENSORS,
    .text = "safetensors",
    .is = is_safetensors,
    .open = open_safetensors,
    .metadata = metadata,
    .close = close_safetensors,
};
