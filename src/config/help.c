/* help.c - the schema as text. */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/wrap.h"

#define HELP_WIDTH 96 /* at most */
#define HELP_INDENT 20

typedef struct help_page {
    FILE *out;
    int width;
} help_page;

/* Lines as they are, where they fit. */
static void print_paragraph(const help_page *page, const char *text)
{
    if (page->width < HELP_WIDTH)
        base_wrap(page->out, text, 0, 0, page->width);
    else
        fprintf(page->out, "%s\n", text);
}

static void print_key(const help_page *page, const config_key *key)
{
    char allowed[512], line[640];
    const char *fallback = key->fallback;
    const int name = fprintf(page->out, "  %-*s", HELP_INDENT - 2, key->name);

    key->type->describe(key, allowed, sizeof allowed);
    snprintf(line, sizeof line, "%s%s%s%s%s", allowed,
             fallback != NULL && fallback[0] != '\0' ? "; default " : "",
             fallback != NULL ? fallback : "", key->flags & CONFIG_REQUIRED ? "; required" : "",
             key->flags & CONFIG_NET_WIDE ? "; in [net]: of every layer" : "");
    base_wrap(page->out, line, name, HELP_INDENT, page->width);
    fprintf(page->out, "%*s", HELP_INDENT, "");
    base_wrap(page->out, key->doc, HELP_INDENT, HELP_INDENT, page->width);
}

static void print_section(const help_page *page, const char *section, const char *title)
{
    fputc('\n', page->out);
    print_paragraph(page, title);
    for (size_t i = 0; i < config_key_count; ++i)
        if (strcmp(config_keys[i].section, section) == 0)
            print_key(page, &config_keys[i]);
}

void alx_config_help(FILE *out, int columns)
{
    const help_page page = { out, columns < HELP_WIDTH ? columns : HELP_WIDTH };
    const char *const *presets = alx_config_presets();

    print_paragraph(
        &page,
        "A config is an INI file: [section] lines, key = value lines, comments after ; (or # in\n"
        "front of a line). A value goes on in the next line after a \\ at the end. An unknown\n"
        "key is an error. --set section.key=value overrides a key; the last one wins.");
    print_section(&page, "net", "[net]");
    print_section(&page, "layer",
                  "[NAME]: a layer; any other section, in the order of the file. After\n"
                  "its weights come activation, normalisation, pooling and dropout.");
    print_section(&page, "data", "[data]");
    print_section(&page, "train", "[train]");
    fputc('\n', out);
    print_paragraph(&page, "Presets, part of the program: `alexnet train paper` reads paper.ini");
    for (size_t i = 0; presets[i] != NULL; ++i)
        fprintf(out, "  %s\n", presets[i]);
}
