/* help.c - the schema as text. */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>

#define HELP_WIDTH 96 /* at most */
#define HELP_INDENT 20

typedef struct help_page {
    FILE *out;
    int width;
} help_page;

/* Prints words of `text` from column `at` on, broken at the page's width, indented below. */
static void print_wrapped(const help_page *page, const char *text, int at, int indent)
{
    const char *gap = "";

    while (*text != '\0') {
        const int length = (int)strcspn(text, " \n");

        if (at + length >= page->width) {
            fprintf(page->out, "\n%*s", indent, "");
            at = indent;
            gap = "";
        }
        at += fprintf(page->out, "%s%.*s", gap, length, text);
        gap = " ";
        text += length;
        text += strspn(text, " \n");
    }
    fputc('\n', page->out);
}

/* Lines as they are, where they fit. */
static void print_paragraph(const help_page *page, const char *text)
{
    if (page->width < HELP_WIDTH)
        print_wrapped(page, text, 0, 0);
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
    print_wrapped(page, line, name, HELP_INDENT);
    fprintf(page->out, "%*s", HELP_INDENT, "");
    print_wrapped(page, key->doc, HELP_INDENT, HELP_INDENT);
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
