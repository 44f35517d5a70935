/* values.c - keeps the values of a pickle. */
#include "io/torch/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/weights_list.h"

#define MOST_VALUES 1000000          /* of a state dict with its optimizer: some ten thousand */
#define MOST_ITEMS ((size_t)1 << 24) /* a call may repeat a list that was stored once */

int io_pickle_add(io_pickle *pickle, uint32_t *place, const pickle_value *value)
{
    if (pickle->count == MOST_VALUES)
        return alx_fail(ALX_E_DATA, "a pickle of more than %d values", MOST_VALUES);
    pickle_value *grown = io_weights_grow(pickle->values, pickle->count, &pickle->room,
                                          sizeof *grown);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu values", pickle->count + 1);
    pickle->values = grown;
    pickle->values[pickle->count] = *value;
    *place = (uint32_t)pickle->count++;
    return 0;
}

int io_pickle_append(io_pickle *pickle, uint32_t place, uint32_t item)
{
    pickle_value *to = &pickle->values[place];
    uint32_t *grown = to->items;

    if (++pickle->item_count > MOST_ITEMS)
        return alx_fail(ALX_E_DATA, "a pickle of more than %zu items", MOST_ITEMS);
    if (to->count == to->room) {
        const size_t room = to->room > 0 ? 2 * to->room : 4;

        grown = realloc(to->items, room * sizeof *grown);
        if (grown == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for %zu items", to->count + 1);
        to->items = grown;
        to->room = room;
    }
    to->items[to->count++] = item;
    return 0;
}

void io_pickle_free(io_pickle *pickle)
{
    for (size_t i = 0; i < pickle->count; ++i)
        free(pickle->values[i].items);
    free(pickle->values);
    *pickle = (io_pickle){ 0 };
}

const pickle_value *io_pickle_item(const io_pickle *pickle, const pickle_value *of, size_t index,
                                   pickle_kind kind)
{
    const pickle_value *item = index < of->count ? &pickle->values[of->items[index]] : NULL;

    return item != NULL && item->kind == kind ? item : NULL;
}

bool io_pickle_is_text(const pickle_value *value, const char *text)
{
    return value->kind == PICKLE_TEXT && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}

const pickle_value *io_pickle_get(const io_pickle *pickle, const pickle_value *dict,
                                  const char *key)
{
    for (size_t i = dict->count; i >= 2; i -= 2)
        if (io_pickle_is_text(&pickle->values[dict->items[i - 2]], key))
            return &pickle->values[dict->items[i - 1]];
    return NULL;
}
