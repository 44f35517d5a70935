/* lists.c - what all shells complete from: commands, presets and keys as variables of a shell. */
#include <string.h>

#include "alexnet/config.h"
#include "config/schema.h"
#include "pages.h"

static void print_keys(FILE *out)
{
    for (size_t i = 0; i < config_key_count; ++i)
        if (strcmp(config_keys[i].section, "layer") != 0) /* layers have names of their own */
            fprintf(out, "%s%s.%s", i > 0 ? " " : "", config_keys[i].section, config_keys[i].name);
}

void pages_lists(FILE *out, const char *set, const char *equals)
{
    fprintf(out, "%s_alexnet_commands%s'", set, equals);
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command)
        fprintf(out, "%s%s", command != cli_commands ? " " : "", (*command)->name);
    fprintf(out, "'\n%s_alexnet_presets%s'", set, equals);
    for (const char *const *preset = alx_config_presets(); *preset != NULL; ++preset)
        fprintf(out, "%s%s", preset != alx_config_presets() ? " " : "", *preset);
    fprintf(out, "'\n%s_alexnet_keys%s'", set, equals);
    print_keys(out);
    fputs("'\n", out);
}
