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

const char config_help_intro[] =
    "A config is an INI file: [section] lines, key = value lines, comments after ; (or # in\n"
    "front of a line). A value goes on in the next line after a \\ at the end. An unknown\n"
    "key is an error. --set section.key=value overrides a key; the last one wins.";

const char config_help_presets[] =
    "Presets, part of the program: `alexnet train paper` reads paper.ini";

const config_help_part config_help_parts[] = {
    { "net", "[net]", NULL },
    { "layer", "[NAME]",
      "a layer; any other section, in the order of the file. After\n"
      "its weights come activation, normalisation, pooling and dropout." },
    { "data", "[data]", NULL },
    { "train", "[train]", NULL },
    { NULL, NULL, NULL },
};

void config_describe(char *out, size_t bytes, const config_key *key)
{
    char allowed[512];
    const char *fallback = key->fallback;

    key->type->describe(key, allowed, sizeof allowed);
    snprintf(out, bytes, "%s%s%s%s%s", allowed,
             fallback != NULL && fallback[0] != '\0' ? "; default " : "",
             fallback != NULL ? fallback : "", key->flags & CONFIG_REQUIRED ? "; required" : "",
             key->flags & CONFIG_NET_WIDE ? "; in [net]: of every layer" : "");
}

static void print_key(const help_page *page, const config_key *key)
{
    char line[640];
    const int name = fprintf(page->out, "  %-*s", HELP_INDENT - 2, key->name);

    config_describe(line, sizeof line, key);
    base_wrap(page->out, line, name, HELP_INDENT, page->width);
    fprintf(page->out, "%*s", HELP_INDENT, "");
    base_wrap(page->out, key->doc, HELP_INDENT, HELP_INDENT, page->width);
}

static void print_part(const help_page *page, const config_help_part *part)
{
    char title[256];

    snprintf(title, sizeof title, "%s%s%s", part->title, part->text != NULL ? ": " : "",
             part->text != NULL ? part->text : "");
    fputc('\n', page->out);
    print_paragraph(page, title);
    for (size_t i = 0; i < config_key_count; ++i)
        if (strcmp(config_keys[i].section, part->section) == 0)
            print_key(page, &config_keys[i]);
}

void alx_config_help(FILE *out, int columns)
{
    const help_page page = { out, columns < HELP_WIDTH ? columns : HELP_WIDTH };
    const char *const *presets = alx_config_presets();

    print_paragraph(&page, config_help_intro);
    for (const config_help_part *part = config_help_parts; part->section != NULL; ++part)
        print_part(&page, part);
    fputc('\n', out);
    print_paragraph(&page, config_help_presets);
    for (size_t i = 0; presets[i] != NULL; ++i)
        fprintf(out, "  %s\n", presets[i]);
}
