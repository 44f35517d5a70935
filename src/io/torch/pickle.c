/* pickle.c - the machine: a stack of values, a memo of values, and an opcode after the other. */
#include "io/torch/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/elements.h"
#include "io/torch/globals.h"
#include "io/weights_list.h"

#define MOST_BYTES ((size_t)16 << 20) /* a value takes memory for every byte, or nearly */

typedef struct places {
    uint32_t *at;
    size_t count, room;
} places;

typedef struct machine {
    io_pickle *pickle;
    const uint8_t *start, *next, *end;
    places stack, memo;
} machine;

/* ---- stack and input ----------------------------------------------------------------------- */

static int damaged(void)
{
    return alx_fail(ALX_E_DATA, "a damaged pickle");
}

static int put(places *in, uint32_t place)
{
    uint32_t *grown = io_weights_grow(in->at, in->count, &in->room, sizeof *grown);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu values", in->count + 1);
    in->at = grown;
    in->at[in->count++] = place;
    return 0;
}

static int push(machine *m, const pickle_value *value)
{
    uint32_t place = 0;

    TRY(io_pickle_add(m->pickle, &place, value));
    return put(&m->stack, place);
}

static pickle_value *value_at(const machine *m, uint32_t place)
{
    return &m->pickle->values[place];
}

static int pop(machine *m, uint32_t *place)
{
    if (m->stack.count == 0)
        return damaged();
    *place = m->stack.at[--m->stack.count];
    return value_at(m, *place)->kind == PICKLE_MARK ? damaged() : 0;
}

/* The value on top, which stays there. */
static int top(const machine *m, uint32_t *place)
{
    if (m->stack.count == 0)
        return damaged();
    *place = m->stack.at[m->stack.count - 1];
    return value_at(m, *place)->kind == PICKLE_MARK ? damaged() : 0;
}

/* Takes all above the last mark, and the mark; they stay readable at stack.at + first. */
static int pop_to_mark(machine *m, size_t *first, size_t *count)
{
    size_t at = m->stack.count;

    while (at > 0 && value_at(m, m->stack.at[at - 1])->kind != PICKLE_MARK)
        --at;
    if (at == 0)
        return damaged();
    *first = at;
    *count = m->stack.count - at;
    m->stack.count = at - 1;
    return 0;
}

static int take(machine *m, size_t bytes, const uint8_t **at)
{
    if (bytes > (size_t)(m->end - m->next))
        return damaged();
    *at = m->next;
    m->next += bytes;
    return 0;
}

static int take_number(machine *m, size_t bytes, uint64_t *number)
{
    const uint8_t *at = NULL;

    TRY(take(m, bytes, &at));
    *number = io_element_bits(at, bytes, false);
    return 0;
}

static int take_line(machine *m, const char **text, size_t *length)
{
    const uint8_t *end = memchr(m->next, '\n', (size_t)(m->end - m->next));

    if (end == NULL)
        return damaged();
    *text = (const char *)m->next;
    *length = (size_t)(end - m->next);
    m->next = end + 1;
    return 0;
}

/* ---- numbers and texts --------------------------------------------------------------------- */

/* Of `what` bytes: the protocol's number, the length of a frame. */
static int op_skip(machine *m, unsigned what)
{
    uint64_t number = 0;

    return take_number(m, what, &number);
}

static int op_push(machine *m, unsigned kind)
{
    return push(m, &(pickle_value){ .kind = (pickle_kind)kind });
}

static int op_bool(machine *m, unsigned what)
{
    return push(m, &(pickle_value){ .kind = PICKLE_BOOL, .number = what });
}

static int op_int(machine *m, unsigned bytes)
{
    uint64_t number = 0;

    TRY(take_number(m, bytes, &number));
    const int64_t value = bytes == 4 ? (int32_t)(uint32_t)number : (int64_t)number;

    return push(m, &(pickle_value){ .kind = PICKLE_INT, .number = value });
}

/* Two's complement of 0 to 255 bytes; nothing in a tensor needs more than 8. */
static int op_long(machine *m, unsigned length_bytes)
{
    uint64_t bytes = 0, number = 0;
    const uint8_t *at = NULL;

    TRY(take_number(m, length_bytes, &bytes));
    if (bytes > 8) {
        TRY(take(m, bytes, &at));
        return op_push(m, PICKLE_NONE);
    }
    TRY(take_number(m, bytes, &number));
    if (bytes > 0 && bytes < 8 && (number >> (8 * bytes - 1) & 1) != 0)
        number |= UINT64_MAX << 8 * bytes;
    return push(m, &(pickle_value){ .kind = PICKLE_INT, .number = (int64_t)number });
}

static int op_float(machine *m, unsigned bytes)
{
    const uint8_t *at = NULL;

    TRY(take(m, bytes, &at));
    return push(m, &(pickle_value){ .kind = PICKLE_FLOAT });
}

static int op_text(machine *m, unsigned length_bytes)
{
    uint64_t length = 0;
    const uint8_t *at = NULL;

    TRY(take_number(m, length_bytes, &length));
    TRY(take(m, length, &at));
    return push(m,
                &(pickle_value){ .kind = PICKLE_TEXT, .text = (const char *)at, .length = length });
}

/* ---- containers ---------------------------------------------------------------------------- */

/* A tuple of the `count` values at stack.at + first, which are taken already. */
static int push_tuple(machine *m, size_t first, size_t count)
{
    uint32_t tuple = 0;

    TRY(io_pickle_add(m->pickle, &tuple, &(pickle_value){ .kind = PICKLE_TUPLE }));
    for (size_t i = 0; i < count; ++i)
        TRY(io_pickle_append(m->pickle, tuple, m->stack.at[first + i]));
    return put(&m->stack, tuple);
}

static int op_tuple(machine *m, unsigned what)
{
    size_t first = 0, count = 0;

    (void)what;
    TRY(pop_to_mark(m, &first, &count));
    return push_tuple(m, first, count);
}

static int op_tuple_of(machine *m, unsigned count)
{
    uint32_t item = 0;

    for (unsigned i = 0; i < count; ++i)
        TRY(pop(m, &item));
    return push_tuple(m, m->stack.count, count);
}

/* Appends what is on the stack from `first` on to the value on top. */
static int extend(machine *m, size_t first, size_t count, pickle_kind kind)
{
    uint32_t to = 0;

    TRY(top(m, &to));
    if (value_at(m, to)->kind != kind || (kind == PICKLE_DICT && count % 2 != 0))
        return damaged();
    for (size_t i = 0; i < count; ++i)
        TRY(io_pickle_append(m->pickle, to, m->stack.at[first + i]));
    return 0;
}

static int op_append(machine *m, unsigned what)
{
    uint32_t item = 0;

    (void)what;
    TRY(pop(m, &item));
    return extend(m, m->stack.count, 1, PICKLE_LIST);
}

static int op_extend(machine *m, unsigned kind)
{
    size_t first = 0, count = 0;

    TRY(pop_to_mark(m, &first, &count));
    return extend(m, first, count, (pickle_kind)kind);
}

static int op_set_item(machine *m, unsigned what)
{
    uint32_t item = 0;

    (void)what;
    TRY(pop(m, &item));
    TRY(pop(m, &item));
    return extend(m, m->stack.count, 2, PICKLE_DICT);
}

/* ---- memo ---------------------------------------------------------------------------------- */

/* Numbers grow by one, from zero, in Python 2 from one; what is put again is replaced. */
static int memorise(machine *m, uint64_t number)
{
    uint32_t place = 0;

    TRY(top(m, &place));
    if (number == 1 && m->memo.count == 0)
        TRY(put(&m->memo, place));
    if (number > m->memo.count)
        return damaged();
    if (number == m->memo.count)
        return put(&m->memo, place);
    m->memo.at[number] = place;
    return 0;
}

static int op_put(machine *m, unsigned bytes)
{
    uint64_t number = 0;

    TRY(take_number(m, bytes, &number));
    return memorise(m, number);
}

static int op_memorise(machine *m, unsigned what)
{
    (void)what;
    return memorise(m, m->memo.count);
}

static int op_get(machine *m, unsigned bytes)
{
    uint64_t number = 0;

    TRY(take_number(m, bytes, &number));
    return number < m->memo.count ? put(&m->stack, m->memo.at[number]) : damaged();
}

/* ---- what Python would look up and call ---------------------------------------------------- */

static int op_global(machine *m, unsigned what)
{
    const char *module = NULL, *name = NULL;
    size_t module_length = 0, name_length = 0;
    pickle_value value = { .kind = PICKLE_GLOBAL };

    (void)what;
    TRY(take_line(m, &module, &module_length));
    TRY(take_line(m, &name, &name_length));
    TRY(io_torch_global(&value.number, module, module_length, name, name_length));
    return push(m, &value);
}

static int op_stack_global(machine *m, unsigned what)
{
    pickle_value value = { .kind = PICKLE_GLOBAL };
    uint32_t module = 0, name = 0;

    (void)what;
    TRY(pop(m, &name));
    TRY(pop(m, &module));
    const pickle_value *in = value_at(m, module), *is = value_at(m, name);

    if (in->kind != PICKLE_TEXT || is->kind != PICKLE_TEXT)
        return damaged();
    TRY(io_torch_global(&value.number, in->text, in->length, is->text, is->length));
    return push(m, &value);
}

static int op_reduce(machine *m, unsigned what)
{
    uint32_t callee = 0, arguments = 0, result = 0;

    (void)what;
    TRY(pop(m, &arguments));
    TRY(pop(m, &callee));
    TRY(io_torch_call(m->pickle, &result, callee, arguments));
    return put(&m->stack, result);
}

/* Attributes of an OrderedDict: versions of modules, which nothing needs. */
static int op_build(machine *m, unsigned what)
{
    uint32_t state = 0, object = 0;

    (void)what;
    TRY(pop(m, &state));
    TRY(top(m, &object));
    const pickle_kind kind = value_at(m, object)->kind;

    return kind == PICKLE_DICT || kind == PICKLE_TENSOR
               ? 0
               : alx_fail(ALX_E_DATA, "the pickle gives attributes to what has none");
}

static int op_storage(machine *m, unsigned what)
{
    uint32_t id = 0;

    (void)what;
    TRY(pop(m, &id));
    const pickle_value *first = io_pickle_item(m->pickle, value_at(m, id), 0, PICKLE_TEXT);

    if (value_at(m, id)->kind != PICKLE_TUPLE || first == NULL ||
        !io_pickle_is_text(first, "storage"))
        return alx_fail(ALX_E_DATA, "the pickle refers to what is no storage of PyTorch's");
    return push(m, &(pickle_value){ .kind = PICKLE_STORAGE, .number = id });
}

/* ---- the machine --------------------------------------------------------------------------- */

static const struct {
    uint8_t code;
    int (*run)(machine *m, unsigned what);
    unsigned what;
} opcodes[] = {
    { 0x80, op_skip, 1 },            /* PROTO */
    { 0x95, op_skip, 8 },            /* FRAME */
    { 'N', op_push, PICKLE_NONE },   /* NONE */
    { 0x88, op_bool, 1 },            /* NEWTRUE */
    { 0x89, op_bool, 0 },            /* NEWFALSE */
    { 'K', op_int, 1 },              /* BININT1 */
    { 'M', op_int, 2 },              /* BININT2 */
    { 'J', op_int, 4 },              /* BININT */
    { 0x8a, op_long, 1 },            /* LONG1 */
    { 'G', op_float, 8 },            /* BINFLOAT */
    { 'X', op_text, 4 },             /* BINUNICODE */
    { 'T', op_text, 4 },             /* BINSTRING, of Python 2 */
    { 0x8c, op_text, 1 },            /* SHORT_BINUNICODE */
    { 'U', op_text, 1 },             /* SHORT_BINSTRING, of Python 2 */
    { '}', op_push, PICKLE_DICT },   /* EMPTY_DICT */
    { ']', op_push, PICKLE_LIST },   /* EMPTY_LIST */
    { ')', op_push, PICKLE_TUPLE },  /* EMPTY_TUPLE */
    { '(', op_push, PICKLE_MARK },   /* MARK */
    { 't', op_tuple, 0 },            /* TUPLE */
    { 0x85, op_tuple_of, 1 },        /* TUPLE1 */
    { 0x86, op_tuple_of, 2 },        /* TUPLE2 */
    { 0x87, op_tuple_of, 3 },        /* TUPLE3 */
    { 'a', op_append, 0 },           /* APPEND */
    { 'e', op_extend, PICKLE_LIST }, /* APPENDS */
    { 's', op_set_item, 0 },         /* SETITEM */
    { 'u', op_extend, PICKLE_DICT }, /* SETITEMS */
    { 'q', op_put, 1 },              /* BINPUT */
    { 'r', op_put, 4 },              /* LONG_BINPUT */
    { 0x94, op_memorise, 0 },        /* MEMOIZE */
    { 'h', op_get, 1 },              /* BINGET */
    { 'j', op_get, 4 },              /* LONG_BINGET */
    { 'c', op_global, 0 },           /* GLOBAL */
    { 0x93, op_stack_global, 0 },    /* STACK_GLOBAL */
    { 'R', op_reduce, 0 },           /* REDUCE */
    { 'b', op_build, 0 },            /* BUILD */
    { 'Q', op_storage, 0 },          /* BINPERSID */
};

static int run_opcode(machine *m, uint8_t code)
{
    for (size_t i = 0; i < ALX_COUNT(opcodes); ++i)
        if (opcodes[i].code == code)
            return opcodes[i].run(m, opcodes[i].what);
    return alx_fail(ALX_E_DATA, "a pickle with the opcode 0x%02x, which torch.save does not write",
                    code);
}

static int run(machine *m)
{
    const uint8_t *at = NULL;

    for (;;) {
        if ((size_t)(m->next - m->start) > MOST_BYTES)
            return alx_fail(ALX_E_DATA, "a pickle of more than %zu bytes", MOST_BYTES);
        TRY(take(m, 1, &at));
        if (*at == '.') /* STOP */
            return pop(m, &m->pickle->root);
        TRY(run_opcode(m, *at));
    }
}

int io_pickle_read(io_pickle *out, const uint8_t *bytes, size_t count, size_t *used)
{
    machine m = { .pickle = out, .start = bytes, .next = bytes, .end = bytes + count };

    *out = (io_pickle){ 0 };
    const int rc = run(&m);

    *used = (size_t)(m.next - bytes);
    free(m.stack.at);
    free(m.memo.at);
    return rc;
}
