/* format_old.c - what torch.save wrote before PyTorch 1.6, among the formats of weights: five
 * pickles (a number that marks the format, its version, the machine, the object, the storages'
 * keys), then each storage: its elements in 8 bytes, and they. */
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/elements.h"
#include "io/formats.h"
#include "io/torch/globals.h"
#include "io/torch/pickle.h"
#include "io/torch/state_dict.h"

#define MAGIC "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."

enum { MARK, VERSION, MACHINE, OBJECT, KEYS, PICKLES };

typedef struct torch_old {
    io_pickle pickles[PICKLES];
    char **keys; /* in the order of the file; kept by the file */
    torch_storage *storages;
    alx_dtype *types;
    bool *typed; /* the type is known */
    size_t count;
    base_lookup *lookup; /* of keys */
} torch_old;

static bool is_torch_old(const base_file_map *map)
{
    return map->count >= sizeof MAGIC - 1 && memcmp(map->bytes, MAGIC, sizeof MAGIC - 1) == 0;
}

/* ---- storages ------------------------------------------------------------------------------ */

/* What refers to a storage tells its type. */
static void find_types(torch_old *self)
{
    const io_pickle *object = &self->pickles[OBJECT];

    for (size_t i = 0; i < object->count; ++i) {
        if (object->values[i].kind != PICKLE_STORAGE)
            continue;
        const pickle_value *id = &object->values[object->values[i].number];
        const pickle_value *key = io_pickle_item(object, id, 2, PICKLE_TEXT);
        const pickle_value *class = io_pickle_item(object, id, 1, PICKLE_GLOBAL);

        if (key == NULL || class == NULL)
            continue;
        const long place = base_lookup_find(self->lookup, key->text, key->length);

        if (place >= 0)
            self->typed[place] = io_torch_storage_type(&self->types[place], class);
    }
}

static int place_storage(torch_old *self, const base_file_map *map, size_t index, size_t *at)
{
    const char *key = self->keys[index];
    const alx_dtype dtype = self->types[index];

    if (!self->typed[index])
        return alx_fail(ALX_E_DATA, "storage %s has no type", key);
    if (map->count - *at < 8)
        return alx_fail(ALX_E_DATA, "storage %s is not there: cut", key);
    const uint64_t count = io_element_bits(map->bytes + *at, 8, false), room = map->count - *at - 8;

    if (count > room / alx_dtype_bytes(dtype))
        return alx_fail(ALX_E_DATA, "storage %s claims %zu elements, %zu bytes are left: cut", key,
                        (size_t)count, (size_t)room);
    *at += 8;
    self->storages[index] = (torch_storage){ .data = map->bytes + *at,
                                             .bytes = count * alx_dtype_bytes(dtype),
                                             .offset = *at };
    *at += self->storages[index].bytes;
    return 0;
}

static int list_keys(torch_old *self, alx_weights_file *file)
{
    const io_pickle *keys = &self->pickles[KEYS];
    const pickle_value *list = &keys->values[keys->root];

    if (list->kind != PICKLE_LIST)
        return alx_fail(ALX_E_DATA, "no list of storages: not written by torch.save, or cut");
    self->keys = calloc(list->count + 1, sizeof *self->keys);
    self->storages = calloc(list->count + 1, sizeof *self->storages);
    self->types = calloc(list->count + 1, sizeof *self->types);
    self->typed = calloc(list->count + 1, sizeof *self->typed);
    if (self->keys == NULL || self->storages == NULL || self->types == NULL || self->typed == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu storages", list->count);
    for (; self->count < list->count; ++self->count) {
        const pickle_value *key = io_pickle_item(keys, list, self->count, PICKLE_TEXT);
        const char *text = key != NULL ? io_weights_text(file, key->text, key->length) : NULL;

        if (text == NULL)
            return key == NULL ? alx_fail(ALX_E_DATA, "storage %zu has no name", self->count)
                               : alx_fail(ALX_E_MEMORY, "out of host memory");
        self->keys[self->count] = (char *)(uintptr_t)text;
    }
    return base_lookup_create(&self->lookup, self->keys, self->count);
}

static bool find_storage(const alx_weights_file *file, const char *key, size_t key_length,
                         torch_storage *out)
{
    const torch_old *self = file->state;
    const long place = base_lookup_find(self->lookup, key, key_length);

    if (place >= 0)
        *out = self->storages[place];
    return place >= 0;
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool is_big_endian(const io_pickle *machine)
{
    const pickle_value *root = &machine->values[machine->root];
    const pickle_value *little = root->kind == PICKLE_DICT
                                     ? io_pickle_get(machine, root, "little_endian")
                                     : NULL;

    return little != NULL && little->kind == PICKLE_BOOL && little->number == 0;
}

static int open_torch_old(alx_weights_file *file)
{
    torch_old *self = calloc(1, sizeof *self);
    size_t at = 0, used = 0;

    file->state = self;
    if (self == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    for (int i = 0; i < PICKLES; ++i) {
        TRY(io_pickle_read(&self->pickles[i], file->map.bytes + at, file->map.count - at, &used));
        at += used;
    }
    TRY(list_keys(self, file));
    find_types(self);
    for (size_t i = 0; i < self->count; ++i)
        TRY(place_storage(self, &file->map, i, &at));
    return io_torch_list(file, &self->pickles[OBJECT], find_storage,
                         is_big_endian(&self->pickles[MACHINE]));
}

static void close_torch_old(alx_weights_file *file)
{
    torch_old *self = file->state;

    if (self == NULL)
        return;
    for (int i = 0; i < PICKLES; ++i)
        io_pickle_free(&self->pickles[i]);
    base_lookup_free(self->lookup);
    free(self->keys);
    free(self->storages);
    free(self->types);
    free(self->typed);
    free(self);
}

const io_weights_format io_format_torch_old = {
    .format = ALX_WEIGHTS_TORCH,
    .text = "a state dict of PyTorch (.pth)",
    .is = is_torch_old,
    .open = open_torch_old,
    .close = close_torch_old,
};
