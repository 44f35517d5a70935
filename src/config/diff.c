/* diff.c - where two configs differ, found in their INI texts. */
#include "alexnet/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

#define VALUE_BYTES 4096

/* Takes the next line off `*text` into `line`, without its end; false after the last. A '\\' at the
 * end joins the next line's text to it, as alx_config_write cuts long values. */
static bool next_line(const char **text, char *line, size_t bytes)
{
    size_t at = 0;
    bool more = true;

    if (**text == '\0')
        return false;
    while (more && at < bytes) {
        const size_t length = strcspn(*text, "\n");

        more = length > 0 && (*text)[length - 1] == '\\';
        at += (size_t)snprintf(line + at, bytes - at, "%.*s", (int)(length - more), *text);
        *text += length + ((*text)[length] == '\n');
        *text += more ? strspn(*text, " ") : 0;
    }
    return true;
}

/* Walks to the next "key = value", remembering the section; false after the last. */
static bool next_key(const char **text, char *section, char *key, char *value)
{
    char line[VALUE_BYTES + 128];

    while (next_line(text, line, sizeof line)) {
        if (sscanf(line, "[%63[^]]]", section) == 1)
            continue;
        value[0] = '\0';
        if (line[0] != ';' && sscanf(line, "%63[^ =] = %4095[^\n]", key, value) >= 1)
            return true;
    }
    return false;
}

static bool find_key(const char *text, const char *section, const char *key, char *value)
{
    char found_section[64] = "", found_key[64];

    while (next_key(&text, found_section, found_key, value))
        if (strcmp(found_section, section) == 0 && strcmp(found_key, key) == 0)
            return true;
    return false;
}

int alx_config_differences(const alx_config *old_config, const alx_config *new_config,
                           alx_config_difference *differs, void *user)
{
    char *old_text = NULL, *new_text = NULL;
    char section[64] = "", key[64], value[VALUE_BYTES], old_value[VALUE_BYTES];
    int rc = 0;

    TRY_DONE(alx_config_write(&old_text, old_config));
    TRY_DONE(alx_config_write(&new_text, new_config));
    const char *at = new_text;

    while (next_key(&at, section, key, value)) {
        if (!find_key(old_text, section, key, old_value))
            snprintf(old_value, sizeof old_value, "(none)");
        if (strcmp(value, old_value) != 0)
            differs(section, key, old_value, value, user);
    }
done:
    free(old_text);
    free(new_text);
    return rc;
}
