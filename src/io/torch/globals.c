/* globals.c - the table of names; everything that is not in it is refused. */
#include "io/torch/globals.h"

#include <stdio.h>
#include <string.h>

#include "base/try.h"

typedef enum {
    CLASS,   /* of storages: is not called */
    TENSOR,  /* (storage, offset, sizes, strides, ...) */
    WRAPPER, /* gives its first argument: a parameter is its tensor */
    DICT,    /* (), (dict) or ([(key, value), ...]) */
} use;

static const struct {
    const char *module, *name;
    use use;
    alx_dtype dtype;
} globals[] = {
    { "torch._utils", "_rebuild_tensor_v2", TENSOR, 0 },
    { "torch._utils", "_rebuild_tensor", TENSOR, 0 }, /* before 0.4 */
    { "torch._utils", "_rebuild_parameter", WRAPPER, 0 },
    { "torch._utils", "_rebuild_parameter_with_state", WRAPPER, 0 },
    { "torch", "Size", WRAPPER, 0 },
    { "torch", "device", WRAPPER, 0 },
    { "collections", "OrderedDict", DICT, 0 },
    { "collections", "Counter", DICT, 0 }, /* milestones of learning rates in checkpoints */
    { "torch", "FloatStorage", CLASS, ALX_F32 },
    { "torch", "DoubleStorage", CLASS, ALX_F64 },
    { "torch", "HalfStorage", CLASS, ALX_F16 },
    { "torch", "BFloat16Storage", CLASS, ALX_BF16 },
    { "torch", "LongStorage", CLASS, ALX_I64 },
    { "torch", "IntStorage", CLASS, ALX_I32 },
    { "torch", "ShortStorage", CLASS, ALX_I16 },
    { "torch", "CharStorage", CLASS, ALX_I8 },
    { "torch", "ByteStorage", CLASS, ALX_U8 },
    { "torch", "BoolStorage", CLASS, ALX_BOOL },
    { "torch", "ComplexFloatStorage", CLASS, ALX_C64 },
};

static bool is(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(text, name, length) == 0;
}

int io_torch_global(int64_t *out, const char *module, size_t module_length, const char *name,
                    size_t name_length)
{
    if (is(module, module_length, "torch.cuda")) /* classes of old files */
        module_length = strlen("torch");
    for (size_t i = 0; i < ALX_COUNT(globals); ++i)
        if (is(module, module_length, globals[i].module) &&
            is(name, name_length, globals[i].name)) {
            *out = (int64_t)i;
            return 0;
        }
    return alx_fail(ALX_E_DATA,
                    "the pickle asks for Python's %.*s.%.*s, which is not looked up: files of "
                    "torch.save(model.state_dict(), ...) are read",
                    module_length < 100 ? (int)module_length : 100, module,
                    name_length < 100 ? (int)name_length : 100, name);
}

bool io_torch_storage_type(alx_dtype *out, const pickle_value *global)
{
    if (global->kind != PICKLE_GLOBAL || globals[global->number].use != CLASS)
        return false;
    *out = globals[global->number].dtype;
    return true;
}

/* ---- calls --------------------------------------------------------------------------------- */

static int wrong_call(int64_t global)
{
    return alx_fail(ALX_E_DATA, "the pickle calls %s.%s with what it does not take",
                    globals[global].module, globals[global].name);
}

static int make_tensor(io_pickle *pickle, uint32_t *result, uint32_t arguments)
{
    const pickle_value tensor = { .kind = PICKLE_TENSOR, .number = arguments };

    return io_pickle_add(pickle, result, &tensor);
}

static int add_pair(io_pickle *pickle, uint32_t dict, uint32_t pair, int64_t global)
{
    const pickle_value *from = &pickle->values[pair];

    if ((from->kind != PICKLE_TUPLE && from->kind != PICKLE_LIST) || from->count != 2)
        return wrong_call(global);
    const uint32_t key = from->items[0], value = from->items[1];

    TRY(io_pickle_append(pickle, dict, key));
    return io_pickle_append(pickle, dict, value);
}

/* Pairs, as Python 2 stored them. */
static int make_dict_of_pairs(io_pickle *pickle, uint32_t *result, uint32_t pairs, int64_t global)
{
    TRY(io_pickle_add(pickle, result, &(pickle_value){ .kind = PICKLE_DICT }));
    for (size_t i = 0; i < pickle->values[pairs].count; ++i)
        TRY(add_pair(pickle, *result, pickle->values[pairs].items[i], global));
    return 0;
}

static int make_dict(io_pickle *pickle, uint32_t *result, uint32_t arguments, int64_t global)
{
    const pickle_value *with = &pickle->values[arguments];

    if (with->count == 0)
        return io_pickle_add(pickle, result, &(pickle_value){ .kind = PICKLE_DICT });
    *result = with->items[0];
    if (with->count > 1)
        return wrong_call(global);
    if (pickle->values[*result].kind == PICKLE_DICT)
        return 0;
    return pickle->values[*result].kind == PICKLE_LIST
               ? make_dict_of_pairs(pickle, result, with->items[0], global)
               : wrong_call(global);
}

int io_torch_call(io_pickle *pickle, uint32_t *result, uint32_t global, uint32_t arguments)
{
    const pickle_value *callee = &pickle->values[global], *with = &pickle->values[arguments];

    if (callee->kind != PICKLE_GLOBAL || with->kind != PICKLE_TUPLE)
        return alx_fail(ALX_E_DATA, "the pickle calls what is no name of Python's");
    const use how = globals[callee->number].use;

    if (how == CLASS || (how != DICT && with->count == 0))
        return wrong_call(callee->number);
    if (how == TENSOR)
        return make_tensor(pickle, result, arguments);
    if (how == DICT)
        return make_dict(pickle, result, arguments, callee->number);
    *result = with->items[0];
    return 0;
}
