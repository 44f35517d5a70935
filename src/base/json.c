/* json.c - builds a tree of cJSON and prints it. cJSON leaves out what memory does not suffice for,
 * passes bytes on that are no UTF-8, which strict readers refuse, and controls that it need not
 * escape, which a terminal obeys. */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name_write.h"

static bool clean_string(cJSON *item)
{
    const char *value = item->valuestring;
    const size_t length = base_name_write(NULL, 0, value, BASE_NAME_DATA);

    if (length == strlen(value))
        return true;
    char *clean = malloc(length + 1);

    if (clean == NULL)
        return false;
    base_name_write(clean, length + 1, value, BASE_NAME_DATA);
    const bool set = cJSON_SetValuestring(item, clean) != NULL;

    free(clean);
    return set;
}

static bool clean_tree(cJSON *tree)
{
    bool good = !cJSON_IsString(tree) || clean_string(tree);
    cJSON *child = NULL;

    cJSON_ArrayForEach(child, tree) good = good && clean_tree(child);
    return good;
}

/* Bytes of DEL or of one of U+0080 to U+009F at `s`, else 0; `*code` gets its number. */
static size_t control_length(const char *s, unsigned *code)
{
    const unsigned char first = (unsigned char)s[0], second = (unsigned char)s[1];

    *code = first == 0x7F ? first : second;
    if (first == 0x7F)
        return 1;
    return first == 0xC2 && second < 0xA0 ? 2 : 0;
}

/* Outside its strings JSON has none of these characters. */
static char *escape_controls(const char *text)
{
    size_t count = 0, at = 0;
    unsigned code = 0;

    for (const char *s = text; *s != '\0'; ++s)
        count += control_length(s, &code) > 0;
    const size_t room = strlen(text) + 6 * count + 1;
    char *out = malloc(room);

    for (const char *s = text; out != NULL && *s != '\0';) {
        const size_t control = control_length(s, &code);

        if (control > 0)
            at += (size_t)snprintf(out + at, room - at, "\\u%04x", code);
        else
            out[at++] = *s;
        s += control > 0 ? control : 1;
    }
    if (out != NULL)
        out[at] = '\0';
    return out;
}

char *base_json_text(cJSON *tree, bool indented)
{
    char *printed = NULL, *text = NULL;

    if (tree != NULL && clean_tree(tree))
        printed = indented ? cJSON_Print(tree) : cJSON_PrintUnformatted(tree);
    if (printed != NULL)
        text = escape_controls(printed);
    cJSON_free(printed);
    return text;
}

/* ---- building ------------------------------------------------------------------------------ */

/* cJSON prints nothing that holds an item of no type. */
static bool spoil(cJSON *parent)
{
    if (parent != NULL)
        parent->type = cJSON_Invalid;
    return false;
}

bool base_json_add(cJSON *object, const char *name, cJSON *item)
{
    if (cJSON_AddItemToObject(object, name, item))
        return true;
    cJSON_Delete(item);
    return spoil(object);
}

bool base_json_append(cJSON *array, cJSON *item)
{
    if (cJSON_AddItemToArray(array, item))
        return true;
    cJSON_Delete(item);
    return spoil(array);
}

cJSON *base_json_add_object(cJSON *object, const char *name)
{
    cJSON *item = cJSON_CreateObject();

    return base_json_add(object, name, item) ? item : NULL;
}

cJSON *base_json_add_array(cJSON *object, const char *name)
{
    cJSON *item = cJSON_CreateArray();

    return base_json_add(object, name, item) ? item : NULL;
}

bool base_json_add_text(cJSON *object, const char *name, const char *text)
{
    return base_json_add(object, name, cJSON_CreateString(text));
}

bool base_json_add_number(cJSON *object, const char *name, double number)
{
    return base_json_add(object, name, cJSON_CreateNumber(number));
}

bool base_json_add_bool(cJSON *object, const char *name, bool value)
{
    return base_json_add(object, name, cJSON_CreateBool(value));
}

bool base_json_add_null(cJSON *object, const char *name)
{
    return base_json_add(object, name, cJSON_CreateNull());
}

int base_json_take(char **text, cJSON *tree)
{
    *text = base_json_text(tree, true);
    cJSON_Delete(tree);
    return *text != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for the JSON text");
}
