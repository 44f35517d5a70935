/* json.c - a tree of cJSON as text. cJSON passes bytes on that are no UTF-8, which strict readers
 * refuse, and controls that it need not escape, which a terminal obeys. */
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

/* Outside its strings JSON has none of these characters. Takes `text` over. */
static char *escape_controls(char *text)
{
    size_t count = 0, at = 0;
    unsigned code = 0;

    for (const char *s = text; *s != '\0'; ++s)
        count += control_length(s, &code) > 0;
    if (count == 0)
        return text;
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
    free(text);
    return out;
}

/* Whether cJSON has run out of memory in this thread: then a part of the tree at hand is NULL, and
 * cJSON leaves that out without a word. */
static _Thread_local bool part_is_missing;

static void *allocate(size_t bytes)
{
    void *block = malloc(bytes);

    part_is_missing |= block == NULL;
    return block;
}

__attribute__((constructor)) static void watch_allocations(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = allocate, .free_fn = free });
}

char *base_json_text(cJSON *tree, bool indented)
{
    const bool whole = tree != NULL && !part_is_missing;
    char *text = NULL;

    part_is_missing = false;
    if (whole && clean_tree(tree))
        text = indented ? cJSON_Print(tree) : cJSON_PrintUnformatted(tree);
    return text != NULL ? escape_controls(text) : NULL;
}
