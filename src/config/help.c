/* help.c - the schema as text. */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>

#define HELP_WIDTH 96
#define HELP_INDENT 20

/* Prints words of `text` from column `at` on, broken at HELP_WIDTH, indented below. */
static void print_wrapped(FILE *out, const char *text, int at)
{
    const char *gap = "";

    while (*text != '\0') {
        const int length = (int)strcspn(text, " ");

        if (at + length >= HELP_WIDTH) {
            fprintf(out, "\n%*s", HELP_INDENT, "");
            at = HELP_INDENT;
            gap = "";
        }
        at += fprintf(out, "%s%.*s", gap, length, text);
        gap = " ";
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_key(FILE *out, const config_key *key)
{
    char allowed[512], line[640];
    const char *fallback = key->fallback;
    const int name = fprintf(out, "  %-*s", HELP_INDENT - 2, key->name);

    key->type->describe(key, allowed, sizeof allowed);
    snprintf(line, sizeof line, "%s%s%s%s%s", allowed,
             fallback != NULL && fallback[0] != '\0' ? "; default " : "",
             fallback != NULL ? fallback : "", key->flags & CONFIG_REQUIRED ? "; required" : "",
             key->flags & CONFIG_NET_WIDE ? "; in [net]: of every layer" : "");
    print_wrapped(out, line, name);
    fprintf(out, "%*s", HELP_INDENT, "");
    print_wrapped(out, key->doc, HELP_INDENT);
}

static void print_section(FILE *out, const char *section, const char *title)
{
    fprintf(out, "\n%s\n", title);
    for (size_t i = 0; i < config_key_count; ++i)
        if (strcmp(config_keys[i].section, section) == 0)
            print_key(out, &config_keys[i]);
}

void alx_config_help(FILE *out)
{
    const char *const *presets = alx_config_presets();

    fputs("A config is an INI file: [section] lines, key = value lines, comments after ; (or # in\n"
          "front of a line). A value goes on in the next line after a \\ at the end. An unknown\n"
          "key is an error. --set section.key=value overrides a key; the last one wins.\n",
          out);
    print_section(out, "net", "[net]");
    print_section(out, "layer",
                  "[NAME]: a layer; any other section, in the order of the file. After\n"
                  "its weights come activation, normalisation, pooling and dropout.");
    print_section(out, "data", "[data]");
    print_section(out, "train", "[train]");
    fputs("\nPresets, part of the program: `alexnet train paper` reads paper.ini\n", out);
    for (size_t i = 0; presets[i] != NULL; ++i)
        fprintf(out, "  %s\n", presets[i]);
}
