/* format_zip.c - the ZIP that torch.save writes since PyTorch 1.6, among the formats of weights. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/formats.h"
#include "io/torch/pickle.h"
#include "io/torch/state_dict.h"
#include "io/zip/zip.h"

#define PICKLE "data.pkl"

typedef struct torch_zip {
    io_zip zip;
    const char *top; /* the folder in which all lies, of `top_length` with its slash */
    size_t top_length;
} torch_zip;

static const io_zip_entry *find_pickle(const io_zip *zip)
{
    const io_zip_entry *entry = io_zip_find_end(zip, "/" PICKLE);

    return entry != NULL || zip->count == 0 || strcmp(zip->entries[0].name, PICKLE) != 0
               ? entry
               : &zip->entries[0];
}

static bool is_torch_zip(const base_file_map *map)
{
    io_zip zip;

    if (!io_zip_is(map->bytes, map->count) || io_zip_open(&zip, map->bytes, map->count) != 0)
        return false;
    const bool has = find_pickle(&zip) != NULL;

    io_zip_close(&zip);
    return has;
}

static const io_zip_entry *find_in_top(const torch_zip *self, const char *folder, const char *name,
                                       size_t length)
{
    char path[512];
    const int whole = snprintf(path, sizeof path, "%.*s%s%.*s", (int)self->top_length, self->top,
                               folder, (int)length, name);

    return whole < (int)sizeof path ? io_zip_find(&self->zip, path) : NULL;
}

static bool find_storage(const alx_weights_file *file, const char *key, size_t key_length,
                         torch_storage *out)
{
    const io_zip_entry *entry = key_length < 256
                                    ? find_in_top(file->state, "data/", key, key_length)
                                    : NULL;

    if (entry == NULL || entry->method != 0)
        return false;
    *out = (torch_storage){
        .data = entry->data, .bytes = entry->bytes, .part = entry->name, .source = entry
    };
    return true;
}

static int read_order(const torch_zip *self, bool *big_endian)
{
    const io_zip_entry *order = find_in_top(self, "", "byteorder", strlen("byteorder"));
    uint8_t text[3];
    size_t got = 0;

    if (order != NULL)
        TRY(io_zip_head(order, text, sizeof text, &got));
    *big_endian = got == sizeof text && order->bytes == got && memcmp(text, "big", got) == 0;
    return 0;
}

static int list_pickle(alx_weights_file *file, const torch_zip *self, const io_zip_entry *entry)
{
    io_pickle pickle;
    bool big_endian = false;
    size_t used = 0;

    TRY(read_order(self, &big_endian));
    if (entry->method != 0)
        return alx_fail(ALX_E_DATA, "%s is packed, which torch.save never does", entry->name);
    int rc = io_pickle_read(&pickle, entry->data, entry->bytes, &used);

    if (rc == 0)
        rc = io_torch_list(file, &pickle, find_storage, big_endian);
    io_pickle_free(&pickle);
    return rc;
}

static int open_torch_zip(alx_weights_file *file)
{
    torch_zip *self = calloc(1, sizeof *self);

    file->state = self;
    if (self == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    TRY(io_zip_open(&self->zip, file->map.bytes, file->map.count));
    const io_zip_entry *entry = find_pickle(&self->zip);

    self->top = entry->name;
    self->top_length = strlen(entry->name) - strlen(PICKLE);
    return list_pickle(file, self, entry);
}

/* A check sum of 0 is none: torch.serialization.set_crc32_options(False). */
static int check_storage(const alx_weights_file *file, const io_tensor *tensor, float *out)
{
    torch_zip *self = file->state;
    const io_zip_entry *entry = tensor->source;

    (void)out;
    return entry->crc != 0 ? io_zip_check(&self->zip, entry, &file->map) : 0;
}

static void close_torch_zip(alx_weights_file *file)
{
    torch_zip *self = file->state;

    if (self == NULL)
        return;
    io_zip_close(&self->zip);
    free(self);
}

const io_weights_format io_format_torch_zip = {
    .format = ALX_WEIGHTS_TORCH,
    .text = "a state dict of PyTorch (.pth)",
    .is = is_torch_zip,
    .open = open_torch_zip,
    .read = check_storage,
    .close = close_torch_zip,
};
