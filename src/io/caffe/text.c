/* text.c - protobuf's text format, written as the wire format: nothing else then reads text.
 * https://protobuf.dev/reference/protobuf/textformat-spec */
#include "io/caffe/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "base/try.h"
#include "io/caffe/schema.h"
#include "io/weights_list.h"

#define MOST_DEPTH 16
#define MOST_WORD 255
#define LENGTH_BYTES 5 /* of a message, always as long: it is known when the message is written */

typedef struct parser {
    const char *next, *end;
    int line, depth;
    char word[MOST_WORD + 1]; /* the last that was read */
    size_t word_bytes;        /* a text may hold a byte 0 */
    uint8_t *out;
    size_t count, room;
} parser;

/* ---- what is written ----------------------------------------------------------------------- */

static int put(parser *p, uint8_t byte)
{
    uint8_t *grown = io_weights_grow(p->out, p->count, &p->room, 1);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    p->out = grown;
    p->out[p->count++] = byte;
    return 0;
}

static int put_varint(parser *p, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        TRY(put(p, (uint8_t)(value | 0x80)));
    return put(p, (uint8_t)value);
}

static int put_tag(parser *p, const caffe_name *field, unsigned type)
{
    return put_varint(p, field->number << 3 | type);
}

static int put_float(parser *p, const caffe_name *field, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    TRY(put_tag(p, field, BASE_WIRE_32));
    for (int i = 0; i < 4; ++i)
        TRY(put(p, (uint8_t)(bits >> 8 * i)));
    return 0;
}

static int put_text(parser *p, const caffe_name *field)
{
    TRY(put_tag(p, field, BASE_WIRE_BYTES));
    TRY(put_varint(p, p->word_bytes));
    for (size_t i = 0; i < p->word_bytes; ++i)
        TRY(put(p, (uint8_t)p->word[i]));
    return 0;
}

/* ---- what is read -------------------------------------------------------------------------- */

static int wrong(const parser *p, const char *what)
{
    return alx_fail(ALX_E_DATA, "line %d: %s", p->line, what);
}

static void skip_comment(parser *p)
{
    while (p->next < p->end && *p->next != '\n')
        ++p->next;
}

/* The next character that is no blank or comment; 0 at the end. */
static char look(parser *p)
{
    while (p->next < p->end) {
        if (*p->next == '#')
            skip_comment(p);
        else if (!isspace((unsigned char)*p->next))
            return *p->next;
        else
            p->line += *p->next++ == '\n';
    }
    return '\0';
}

static bool take(parser *p, char c)
{
    if (look(p) != c || c == '\0')
        return false;
    ++p->next;
    return true;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '+' || c == '.';
}

static int take_word(parser *p)
{
    p->word_bytes = 0;
    (void)look(p);
    while (p->next < p->end && is_word(*p->next)) {
        if (p->word_bytes == MOST_WORD)
            return wrong(p, "a word of more than 255 letters");
        p->word[p->word_bytes++] = *p->next++;
    }
    p->word[p->word_bytes] = '\0';
    return p->word_bytes > 0 ? 0 : wrong(p, "a name or a value is missing");
}

/* Between quotes; several behind one another are one. Escapes stand for the letter behind them. */
static int take_text(parser *p)
{
    p->word_bytes = 0;
    while (look(p) == '"' || look(p) == '\'') {
        const char quote = *p->next++;

        for (; p->next < p->end && *p->next != quote && *p->next != '\n'; ++p->next) {
            if (*p->next == '\\' && p->next + 1 < p->end)
                ++p->next;
            if (p->word_bytes == MOST_WORD)
                return wrong(p, "a text of more than 255 letters");
            p->word[p->word_bytes++] = *p->next;
        }
        if (p->next == p->end || *p->next++ != quote)
            return wrong(p, "a text without its second quote");
    }
    p->word[p->word_bytes] = '\0';
    return 0;
}

/* ---- fields -------------------------------------------------------------------------------- */

static int parse_fields(parser *p, const caffe_name *names, char close);

static const caffe_name *find_name(const caffe_name *names, const char *name)
{
    for (; names != NULL && names->name != NULL; ++names)
        if (strcmp(names->name, name) == 0)
            return names;
    return NULL;
}

static int put_int(parser *p, const caffe_name *field)
{
    char *end = NULL;
    int64_t number = strtoll(p->word, &end, 0);

    if (*end != '\0' && !io_caffe_word(&number, p->word))
        return wrong(p, "a value that is neither a whole number nor a word that Caffe knows");
    TRY(put_tag(p, field, BASE_WIRE_VARINT));
    return put_varint(p, (uint64_t)number);
}

static int put_number(parser *p, const caffe_name *field)
{
    char *end = NULL;
    const double number = base_number_read(p->word, &end);

    if (end == p->word || (*end != '\0' && strcmp(end, "f") != 0))
        return wrong(p, "a value that is no number");
    return put_float(p, field, (float)number);
}

/* Of a field that is NULL the value is read and left out. */
static int parse_scalar(parser *p, const caffe_name *field)
{
    const char first = look(p);
    const bool quoted = first == '"' || first == '\'';

    TRY(quoted ? take_text(p) : take_word(p));
    if (field == NULL)
        return 0;
    if (field->kind == CAFFE_MESSAGE || quoted != (field->kind == CAFFE_TEXT))
        return wrong(p, "a value of another kind than the field's");
    return field->kind == CAFFE_TEXT  ? put_text(p, field)
           : field->kind == CAFFE_INT ? put_int(p, field)
                                      : put_number(p, field);
}

static int parse_list(parser *p, const caffe_name *field)
{
    while (!take(p, ']')) {
        TRY(parse_scalar(p, field));
        (void)take(p, ',');
    }
    return 0;
}

static int parse_message(parser *p, const caffe_name *field, char close)
{
    size_t start = 0;

    if (field != NULL && field->kind != CAFFE_MESSAGE)
        return wrong(p, "a message where a value belongs");
    if (p->depth == MOST_DEPTH)
        return wrong(p, "messages inside messages, too deep");
    if (field != NULL) {
        TRY(put_tag(p, field, BASE_WIRE_BYTES));
        for (int i = 0; i < LENGTH_BYTES; ++i)
            TRY(put(p, 0));
        start = p->count;
    }
    ++p->depth;
    TRY(parse_fields(p, field != NULL ? field->inside : NULL, close));
    --p->depth;
    for (int i = 0; field != NULL && i < LENGTH_BYTES; ++i)
        p->out[start - LENGTH_BYTES + (size_t)i] = (uint8_t)(((p->count - start) >> 7 * i & 0x7F) |
                                                             (i + 1 < LENGTH_BYTES ? 0x80 : 0));
    return 0;
}

static int parse_fields(parser *p, const caffe_name *names, char close)
{
    while (close == '\0' ? look(p) != '\0' : !take(p, close)) {
        TRY(take_word(p));
        const caffe_name *field = find_name(names, p->word);
        const bool colon = take(p, ':');

        if (take(p, '{'))
            TRY(parse_message(p, field, '}'));
        else if (take(p, '<'))
            TRY(parse_message(p, field, '>'));
        else if (!colon)
            return wrong(p, "a name without a colon or a brace");
        else if (take(p, '['))
            TRY(parse_list(p, field));
        else
            TRY(parse_scalar(p, field));
        if (!take(p, ';'))
            (void)take(p, ',');
    }
    return 0;
}

/* ---- the file ------------------------------------------------------------------------------ */

bool io_caffe_text_is(const base_file_map *map)
{
    parser p = { .next = (const char *)map->bytes, .end = (const char *)map->bytes + map->count };

    if (!isalpha((unsigned char)look(&p)) || take_word(&p) != 0)
        return false;
    return find_name(io_caffe_net, p.word) != NULL && (look(&p) == ':' || look(&p) == '{');
}

int io_caffe_text_read(uint8_t **bytes, base_wire *message, const base_file_map *map)
{
    parser p = { .next = (const char *)map->bytes,
                 .end = (const char *)map->bytes + map->count,
                 .line = 1 };

    const int rc = parse_fields(&p, io_caffe_net, '\0');

    *bytes = p.out;
    *message = (base_wire){ p.out, p.out != NULL ? p.out + p.count : NULL };
    return rc;
}
