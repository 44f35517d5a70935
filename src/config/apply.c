/* apply.c - entries to structs through the table: unknown keys, keys that miss, wrong values. */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/try.h"

/* ---- unknown keys -------------------------------------------------------------------------- */

static bool key_fits(const config_key *key, const char *section)
{
    const bool net_wide = strcmp(section, "net") == 0 && (key->flags & CONFIG_NET_WIDE) != 0;

    return net_wide || config_find_key(section, key->name) == key;
}

static const char *const fixed_sections[] = { "net", "data", "train" };

/* "[train]", "a layer's section or [train]": where a key of that name belongs; "" if nowhere. */
static void homes_of_key(const char *name, char *out, size_t bytes)
{
    out[0] = '\0';
    for (size_t i = 0; i < config_key_count; ++i) {
        const bool layer = strcmp(config_keys[i].section, "layer") == 0;

        if (strcmp(config_keys[i].name, name) == 0)
            snprintf(out + strlen(out), bytes - strlen(out), "%s%s%s%s",
                     out[0] != '\0' ? " or " : "", layer ? "a layer's section" : "[",
                     layer ? "" : config_keys[i].section, layer ? "" : "]");
    }
}

static int unknown_key(const config_text *text, const config_entry *entry)
{
    const char *names[128], *section = entry->section, *key = entry->key;
    const char *meant = config_is_layer(section) ? base_nearest(section, fixed_sections, 3) : NULL;
    char homes[128], all[1024] = "";
    size_t count = 0;

    if (meant != NULL && config_find_key(meant, key) != NULL)
        return config_error(text, section, key, "no key of a layer; is [%s] meant for [%s]?",
                            section, meant);
    homes_of_key(key, homes, sizeof homes);
    if (homes[0] != '\0')
        return config_error(text, section, key, "belongs into %s", homes);
    for (size_t i = 0; i < config_key_count && count < ALX_COUNT(names); ++i)
        if (key_fits(&config_keys[i], section))
            names[count++] = config_keys[i].name;
    const char *near = base_nearest(key, names, count);

    if (near != NULL)
        return config_error(text, section, key, "unknown key (did you mean %s?)", near);
    for (size_t i = 0; i < count; ++i)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i > 0 ? ", " : "", names[i]);
    return config_error(text, section, key, "unknown key; there are %s", all);
}

static int check_keys(const config_text *text)
{
    for (size_t i = 0; i < text->entry_count; ++i) {
        const config_entry *entry = &text->entries[i];
        bool known = false;

        for (size_t k = 0; k < config_key_count && !known; ++k)
            known = strcmp(config_keys[k].name, entry->key) == 0 &&
                    key_fits(&config_keys[k], entry->section);
        if (!known)
            return unknown_key(text, entry);
    }
    return 0;
}

/* ---- values -------------------------------------------------------------------------------- */

/* Sets one key of `target` from its entry, the net-wide entry or the default. */
static int apply_key(const config_text *text, const char *section, const config_key *key,
                     void *target)
{
    const bool given = config_find(text, section, key->name) != NULL;
    const char *from = !given && (key->flags & CONFIG_NET_WIDE) ? "net" : section;
    const config_entry *entry = config_find(text, from, key->name);
    const char *value = entry != NULL ? entry->value : key->fallback;

    if (value == NULL && (key->flags & CONFIG_REQUIRED))
        return config_error(text, section, key->name, "missing");
    if (value == NULL)
        return 0;
    return config_place(key->type->set(key, (char *)target + key->offset, value), text, from,
                        key->name);
}

static int apply_section(const config_text *text, const char *section, void *target)
{
    for (size_t i = 0; i < config_key_count; ++i) {
        int rc = 0;

        if (strcmp(config_keys[i].section, section) == 0)
            rc = apply_key(text, section, &config_keys[i], target);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* Convolution or fully connected must be known before the keys that only one of them has. */
static int layer_kind(const config_text *text, const char *section, bool *conv)
{
    const bool filters = config_find(text, section, "filters") != NULL;
    const bool units = config_find(text, section, "units") != NULL;
    const char *near = base_nearest(section, fixed_sections, ALX_COUNT(fixed_sections));

    if (filters && units)
        return config_error(text, section, "units", "a layer has filters or units, not both");
    if (!filters && !units && near != NULL)
        return config_error(text, section, NULL,
                            "a layer needs filters or units; did you mean "
                            "[%s]?",
                            near);
    if (!filters && !units)
        return config_error(text, section, NULL,
                            "a layer needs filters (convolution) or units "
                            "(fully connected)");
    *conv = filters;
    return 0;
}

static int apply_layer(const config_text *text, const config_section *section,
                       alx_layer_config *layer)
{
    bool conv = false;

    snprintf(layer->name, sizeof layer->name, "%s", section->name);
    layer->line = section->line;
    TRY(layer_kind(text, section->name, &conv));
    for (size_t i = 0; i < config_key_count; ++i) {
        const config_key *key = &config_keys[i];
        const bool fits = conv || (key->flags & CONFIG_CONV_ONLY) == 0;

        if (strcmp(key->section, "layer") != 0)
            continue;
        if (!fits && config_find(text, section->name, key->name) != NULL)
            return config_error(text, section->name, key->name,
                                "only a convolution has it; units "
                                "make the layer fully connected");
        if (fits || key->fallback != NULL)
            TRY(apply_key(text, section->name, key, layer));
    }
    return 0;
}

int config_apply(alx_config *config, const config_text *text)
{
    alx_net_config *net = &config->net;

    if (config_find_section(text, "net") == NULL)
        return alx_fail(ALX_E_USAGE, "%s: no [net] section; is this a config?", text->name);
    TRY(check_keys(text));
    TRY(apply_section(text, "net", net));
    for (int i = 0; i < text->section_count; ++i) {
        if (!config_is_layer(text->sections[i].name))
            continue;
        if (net->layer_count == ALX_MAX_LAYERS)
            return config_error(text, text->sections[i].name, NULL, "more than %d layers",
                                ALX_MAX_LAYERS);
        TRY(apply_layer(text, &text->sections[i], &net->layers[net->layer_count]));
        ++net->layer_count;
    }
    if (net->layer_count == 0)
        return alx_fail(ALX_E_USAGE,
                        "%s: no layer: every section but [net], [data] and [train] is "
                        "one",
                        text->name);
    TRY(apply_section(text, "data", &config->data));
    return apply_section(text, "train", &config->train);
}
