/* values.h - what a pickle describes, as plain data. Nothing in it is ever called: what Python
 * would call is kept by its name and arguments, if both are known. */
#ifndef IO_TORCH_VALUES_H
#define IO_TORCH_VALUES_H

#include "alexnet/dev/io.h"

typedef enum {
    PICKLE_NONE, /**< and numbers that nothing asks for: of more than 64 bits */
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_FLOAT,
    PICKLE_TEXT,
    PICKLE_TUPLE,
    PICKLE_LIST,
    PICKLE_DICT,    /**< items are key, value, key, value, ... */
    PICKLE_GLOBAL,  /**< a name of Python's; `number` is its place in the table of globals */
    PICKLE_STORAGE, /**< `number`: the tuple ("storage", class, key, device, elements) */
    PICKLE_TENSOR,  /**< `number`: the tuple (storage, offset, sizes, strides, ...) */
    PICKLE_MARK,    /**< on the stack only */
} pickle_kind;

typedef struct pickle_value {
    pickle_kind kind;
    int64_t number;
    const char *text; /**< in the pickle, not NUL-terminated */
    size_t length;
    uint32_t *items; /**< places of values; owned */
    size_t count, room;
} pickle_value;

/** All values of a pickle; they refer to one another by place, and may do so in circles. */
typedef struct io_pickle {
    pickle_value *values;
    size_t count, room;
    size_t item_count; /**< of all values */
    uint32_t root;
} io_pickle;

/** Adds a value and gives its place. */
int io_pickle_add(io_pickle *pickle, uint32_t *place, const pickle_value *value) ALX_MUST_USE;
/** Appends an item to a tuple, list or dict. */
int io_pickle_append(io_pickle *pickle, uint32_t place, uint32_t item) ALX_MUST_USE;
/** Fine for one that is zeroed. */
void io_pickle_free(io_pickle *pickle);

/** The item of a tuple, list or dict if it is there and of that kind, else NULL. */
const pickle_value *io_pickle_item(const io_pickle *pickle, const pickle_value *of, size_t index,
                                   pickle_kind kind);
/** The value of a text key: the last, as Python has it. NULL: none. */
const pickle_value *io_pickle_get(const io_pickle *pickle, const pickle_value *dict,
                                  const char *key);
bool io_pickle_is_text(const pickle_value *value, const char *text);

#endif
