/* state_dict.c - finds the state dict in a pickle; checks tensors against their storages. */
#include "io/torch/state_dict.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "io/elements.h"
#include "io/torch/globals.h"

typedef struct listing {
    alx_weights_file *file;
    const io_pickle *pickle;
    io_torch_find *find;
    bool big_endian;
} listing;

/* ---- a tensor ------------------------------------------------------------------------------ */

static int not_a_tensor(const char *name)
{
    return alx_fail(ALX_E_DATA, "tensor %s is not stored as PyTorch stores tensors", name);
}

/* The sizes or strides: a tuple of numbers from 0 to `most`. Returns how many, -1: it is none. */
static int parse_numbers(const listing *l, const pickle_value *tuple, size_t *out, size_t most)
{
    if (tuple == NULL || tuple->count > ALX_MAX_DIMS)
        return -1;
    for (size_t i = 0; i < tuple->count; ++i) {
        const pickle_value *item = io_pickle_item(l->pickle, tuple, i, PICKLE_INT);

        if (item == NULL || item->number < 0 || (uint64_t)item->number > most)
            return -1;
        out[i] = (size_t)item->number;
    }
    return (int)tuple->count;
}

static int parse_shape(const listing *l, alx_weights_tensor *about, const pickle_value *arguments)
{
    const pickle_value *sizes = io_pickle_item(l->pickle, arguments, 2, PICKLE_TUPLE);
    const pickle_value *strides = io_pickle_item(l->pickle, arguments, 3, PICKLE_TUPLE);
    size_t dims[ALX_MAX_DIMS];

    about->dim_count = parse_numbers(l, sizes, dims, INT_MAX);
    if (about->dim_count < 0 ||
        parse_numbers(l, strides, about->strides, SIZE_MAX) != about->dim_count)
        return alx_fail(ALX_E_DATA, "tensor %s: impossible sizes or strides, or more than %d",
                        about->name, ALX_MAX_DIMS);
    for (int i = 0; i < about->dim_count; ++i)
        about->dims[i] = (int)dims[i];
    return 0;
}

/* The storage that ("storage", class, key, device, elements) names. */
static int parse_storage(const listing *l, io_tensor *tensor, const pickle_value *arguments,
                         torch_storage *out)
{
    const pickle_value *storage = io_pickle_item(l->pickle, arguments, 0, PICKLE_STORAGE);
    const pickle_value *id = storage != NULL ? &l->pickle->values[storage->number] : NULL;
    const pickle_value *class = id != NULL ? io_pickle_item(l->pickle, id, 1, PICKLE_GLOBAL) : NULL;
    const pickle_value *key = id != NULL ? io_pickle_item(l->pickle, id, 2, PICKLE_TEXT) : NULL;

    if (class == NULL || key == NULL || !io_torch_storage_type(&tensor->about.dtype, class))
        return not_a_tensor(tensor->about.name);
    if (!l->find(l->file, key->text, key->length, out))
        return alx_fail(ALX_E_DATA, "tensor %s: its storage %.*s is not in the file",
                        tensor->about.name, key->length < 64 ? (int)key->length : 64, key->text);
    return 0;
}

static int check_place(const alx_weights_tensor *about, size_t offset, const torch_storage *storage)
{
    const size_t room = storage->bytes / alx_dtype_bytes(about->dtype);
    const size_t span = io_elements_span(about->dims, about->strides, about->dim_count);
    size_t count = 0, bytes = 0;

    if (span > room || offset > room - span ||
        !io_elements_size(&count, &bytes, about->dtype, about->dims, about->dim_count) ||
        count > room)
        return alx_fail(ALX_E_DATA, "tensor %s lies outside its storage of %zu elements",
                        about->name, room);
    return 0;
}

static int add_tensor(const listing *l, const pickle_value *key, const pickle_value *value)
{
    const pickle_value *arguments = &l->pickle->values[value->number];
    const pickle_value *offset = io_pickle_item(l->pickle, arguments, 1, PICKLE_INT);
    io_tensor tensor = { .big_endian = l->big_endian };
    torch_storage storage;

    tensor.about.name = io_weights_text(l->file, key->text, key->length);
    if (tensor.about.name == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    if (offset == NULL || offset->number < 0)
        return not_a_tensor(tensor.about.name);
    TRY(parse_storage(l, &tensor, arguments, &storage));
    TRY(parse_shape(l, &tensor.about, arguments));
    TRY(check_place(&tensor.about, (size_t)offset->number, &storage));
    const size_t start = (size_t)offset->number * alx_dtype_bytes(tensor.about.dtype);

    tensor.about.part = storage.part;
    tensor.about.offset = storage.offset + start;
    tensor.first = storage.data + start;
    tensor.room = storage.bytes - start;
    tensor.source = storage.source;
    return io_weights_add(l->file, &tensor, true);
}

/* ---- the dict ------------------------------------------------------------------------------ */

static bool has_tensor(const io_pickle *pickle, const pickle_value *dict)
{
    for (size_t i = 0; i + 1 < dict->count; i += 2)
        if (io_pickle_item(pickle, dict, i, PICKLE_TEXT) != NULL &&
            io_pickle_item(pickle, dict, i + 1, PICKLE_TENSOR) != NULL)
            return true;
    return false;
}

#define MOST_NESTED 4 /* a dict may hold itself */
#define MOST_DICTS 32 /* that are looked into: one that holds itself does so by every key */

/* Where training scripts put it beside the optimiser's state. */
static const pickle_value *find_nested(const io_pickle *pickle, const pickle_value *dict, int depth,
                                       int *dicts)
{
    static const char *const keys[] = { "state_dict", "model_state_dict", "model_state", "model",
                                        "net",        "network",          "weights" };

    for (size_t i = 0; depth < MOST_NESTED && i < ALX_COUNT(keys); ++i) {
        if (++*dicts > MOST_DICTS * (int)ALX_COUNT(keys))
            return NULL;
        const pickle_value *value = io_pickle_get(pickle, dict, keys[i]);
        const pickle_value *found = value != NULL && value->kind == PICKLE_DICT
                                        ? find_nested(pickle, value, depth + 1, dicts)
                                        : NULL;

        if (found != NULL)
            return found;
    }
    return has_tensor(pickle, dict) ? dict : NULL;
}

static int no_state_dict(const io_pickle *pickle, const pickle_value *root)
{
    char keys[200] = "";

    for (size_t i = 0; root->kind == PICKLE_DICT && i < root->count; i += 2) {
        const pickle_value *key = io_pickle_item(pickle, root, i, PICKLE_TEXT);
        const size_t at = strlen(keys);

        if (key != NULL && at + key->length + 3 < sizeof keys)
            snprintf(keys + at, sizeof keys - at, "%s%.*s", at > 0 ? ", " : "", (int)key->length,
                     key->text);
    }
    return alx_fail(ALX_E_DATA, "holds no state dict%s%s: use torch.save(model.state_dict(), ...)",
                    keys[0] != '\0' ? ", only " : "", keys);
}

int io_torch_list(alx_weights_file *file, const io_pickle *pickle, io_torch_find *find,
                  bool big_endian)
{
    const listing l = { file, pickle, find, big_endian };
    const pickle_value *root = &pickle->values[pickle->root];
    int dicts = 0;
    const pickle_value *dict = root->kind == PICKLE_DICT ? find_nested(pickle, root, 0, &dicts)
                                                         : NULL;

    if (dict == NULL)
        return no_state_dict(pickle, root);
    for (size_t i = 0; i + 1 < dict->count; i += 2) {
        const pickle_value *key = io_pickle_item(pickle, dict, i, PICKLE_TEXT);
        const pickle_value *value = io_pickle_item(pickle, dict, i + 1, PICKLE_TENSOR);

        if (key != NULL && value != NULL)
            TRY(add_tensor(&l, key, value));
    }
    return 0;
}
