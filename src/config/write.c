/* write.c - structs to an INI file that reads back to the same structs. */
#include "config/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

#define CHUNK_BYTES 150 /* of a value on one line: inih takes lines up to 197 characters */

/* Writes "key = value", over several lines where one would be too long. */
static void write_value(FILE *file, const char *key, const char *value)
{
    fprintf(file, "%s =", key);
    while (strlen(value) > CHUNK_BYTES) {
        size_t cut = CHUNK_BYTES;

        /* Blanks and comment signs would be lost in front of a line; a character stays whole. */
        while (cut > 1 && (strchr(" ;#", value[cut]) != NULL || (value[cut] & 0xC0) == 0x80))
            --cut;
        fprintf(file, " %.*s\\\n   ", (int)cut, value);
        value += cut;
    }
    fprintf(file, " %s\n", value);
}

static void write_section(FILE *file, const char *section, const char *kind, const void *source,
                          bool conv, bool last_layer)
{
    char value[CONFIG_VALUE_BYTES];

    fprintf(file, "\n[%s]\n", section);
    for (size_t i = 0; i < config_key_count; ++i) {
        const config_key *key = &config_keys[i];
        const bool outputs = key->type == &config_filters || key->type == &config_units;

        if (strcmp(key->section, kind) != 0 || key->type->print == NULL ||
            ((key->flags & CONFIG_CONV_ONLY) != 0 && !conv))
            continue;
        key->type->print(key, (const char *)source + key->offset, value);
        if (outputs && last_layer && value[0] != '\0') /* so that net.classes alone changes it */
            snprintf(value, sizeof value, "classes");
        if (value[0] != '\0')
            write_value(file, key->name, value);
    }
}

/* A path may come from elsewhere than a config file. */
static int check_path(const alx_data_config *data)
{
    char scratch[CONFIG_VALUE_BYTES];
    const config_key *key = config_find_key("data", "path");

    return alx_fail_context(key->type->set(key, scratch, data->path), "data.path");
}

int alx_config_write(char **text, const alx_config *config)
{
    const alx_net_config *net = &config->net;
    char *buffer = NULL;
    size_t bytes = 0;
    FILE *file = NULL;
    int rc = 0;

    *text = NULL;
    TRY_DONE(check_path(&config->data));
    file = open_memstream(&buffer, &bytes);
    if (file == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a config file");
        goto done;
    }
    fputs("; resolved: every key as it was in force; `alexnet help config` explains them\n", file);
    write_section(file, "net", "net", net, false, false);
    for (int i = 0; i < net->layer_count; ++i)
        write_section(file, net->layers[i].name, "layer", &net->layers[i],
                      net->layers[i].kind == ALX_LAYER_CONV, i + 1 == net->layer_count);
    write_section(file, "data", "data", &config->data, false, false);
    write_section(file, "train", "train", &config->train, false, false);
    if (fclose(file) != 0) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a config file");
        goto done;
    }
    *text = buffer;
    buffer = NULL;
done:
    free(buffer);
    return rc;
}
