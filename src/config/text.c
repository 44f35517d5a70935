/* text.c - what the user wrote, entry by entry: added, overridden, looked up, named in messages. */
#include "config/schema.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/numbers.h"
#include "base/text.h"
#include "base/try.h"

/* ---- entries ------------------------------------------------------------------------------- */

int config_add_entry(config_text *text, const char *section, const char *key, const char *value,
                     int line)
{
    config_entry *grown = realloc(text->entries, (text->entry_count + 1) * sizeof *grown);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", text->name);
    text->entries = grown;
    config_entry *entry = &grown[text->entry_count];

    *entry = (config_entry){ .value = strdup(value), .line = line };
    if (entry->value == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", text->name);
    snprintf(entry->section, sizeof entry->section, "%s", section);
    snprintf(entry->key, sizeof entry->key, "%s", key);
    ++text->entry_count;
    return 0;
}

int config_extend_entry(config_text *text, const char *more)
{
    config_entry *entry = &text->entries[text->entry_count - 1];
    const size_t bytes = strlen(entry->value) + strlen(more) + 1;
    char *grown = realloc(entry->value, bytes);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", text->name);
    strcat(grown, more);
    entry->value = grown;
    return 0;
}

/* ---- looking up ---------------------------------------------------------------------------- */

const config_entry *config_find(const config_text *text, const char *section, const char *key)
{
    for (size_t i = 0; i < text->entry_count; ++i)
        if (strcmp(text->entries[i].section, section) == 0 &&
            strcmp(text->entries[i].key, key) == 0)
            return &text->entries[i];
    return NULL;
}

const config_section *config_find_section(const config_text *text, const char *name)
{
    for (int i = 0; i < text->section_count; ++i)
        if (strcmp(text->sections[i].name, name) == 0)
            return &text->sections[i];
    return NULL;
}

void config_text_free(config_text *text)
{
    for (size_t i = 0; i < text->entry_count; ++i)
        free(text->entries[i].value);
    free(text->entries);
}

/* ---- messages ------------------------------------------------------------------------------ */

int config_place(int rc, const config_text *text, const char *section, const char *key)
{
    const config_entry *entry = key != NULL ? config_find(text, section, key) : NULL;
    const config_section *whole = config_find_section(text, section);
    const int line = entry != NULL ? entry->line : whole != NULL ? whole->line : 0;

    if (entry != NULL && line == 0)
        return alx_fail_context(rc, "%s.%s=%.100s", section, key, entry->value);
    const char *gap = key != NULL ? " " : "", *name = key != NULL ? key : "";

    if (line == 0)
        return alx_fail_context(rc, "%.300s: [%s]%s%s", text->name, section, gap, name);
    return alx_fail_context(rc, "%.300s:%d: [%s]%s%s", text->name, line, section, gap, name);
}

int config_error(const config_text *text, const char *section, const char *key, const char *format,
                 ...)
{
    char what[1024];
    va_list args;

    va_start(args, format);
    base_vprint(what, sizeof what, format, args);
    va_end(args);
    return config_place(alx_fail(ALX_E_USAGE, "%s", what), text, section, key);
}

/* ---- overrides ----------------------------------------------------------------------------- */

static int override_section(const config_text *text, const char *override, const char *section)
{
    const char *names[CONFIG_MAX_SECTIONS + 3] = { "net", "data", "train" };
    size_t count = 3;

    if (!config_is_layer(section) || config_find_section(text, section) != NULL)
        return 0;
    for (int i = 0; i < text->section_count; ++i)
        names[count++] = text->sections[i].name;
    const char *near = base_nearest(section, names, count);

    return alx_fail(ALX_E_USAGE, "%.100s: %s has no section [%s]%s%s%s", override, text->name,
                    section, near != NULL ? " (did you mean " : "", near != NULL ? near : "",
                    near != NULL ? "?)" : "");
}

/* Copies text[0..length) without blanks at its ends. @return false if it is empty or too long */
static bool trim(char out[ALX_NAME_BYTES], const char *text, size_t length)
{
    while (length > 0 && isspace((unsigned char)*text)) {
        ++text;
        --length;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        --length;
    if (length == 0 || length >= ALX_NAME_BYTES)
        return false;
    snprintf(out, ALX_NAME_BYTES, "%.*s", (int)length, text);
    return true;
}

int config_text_override(config_text *text, const char *override)
{
    const size_t left = strcspn(override, "="), dot = strcspn(override, ".");
    char section[ALX_NAME_BYTES], key[ALX_NAME_BYTES], *value = NULL;
    size_t plain = 0;
    int rc = 0;

    while (override[plain] == '\t' ||
           (override[plain] != '\0' && !iscntrl((unsigned char) override[plain])))
        ++plain;
    if (override[plain] != '\0')
        return alx_fail(ALX_E_USAGE, "--set %.*s: control character after that",
                        plain < 100 ? (int)plain : 100, override);
    if (override[left] == '\0' || dot > left || !trim(section, override, dot) ||
        !trim(key, override + dot + 1, left - dot - 1))
        return alx_fail(ALX_E_USAGE, "--set %.100s: must be section.key=value", override);
    TRY_DONE(override_section(text, override, section));
    config_entry *before = (config_entry *)config_find(text, section, key);

    value = strdup(override + left + 1);
    if (value == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "--set %.100s: out of host memory", override);
        goto done;
    }
    const char *trimmed = base_text_trim(value);

    if (before == NULL) {
        rc = config_add_entry(text, section, key, trimmed, 0);
        goto done;
    }
    memmove(value, trimmed, strlen(trimmed) + 1);
    free(before->value);
    before->value = value;
    before->line = 0;
    value = NULL;
done:
    free(value);
    return rc;
}
