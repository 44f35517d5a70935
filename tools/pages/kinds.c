/* kinds.c - what a value or an argument may be, by the word that help has for it. */
#include <ctype.h>
#include <string.h>

#include "alexnet/export.h"
#include "pages.h"

static const struct {
    const char *value;
    pages_kind kind;
} kinds[] = {
    { "CONFIG", PAGES_CONFIG },   { "D", PAGES_DEVICE },
    { "A,B", PAGES_DEVICE },      { "RUN", PAGES_RUN },
    { "CHECKPOINT", PAGES_RUN },  { "WEIGHTS", PAGES_RUN },
    { "PATH", PAGES_RUN },        { "SECTION.KEY=VALUE", PAGES_KEY },
    { "COMMAND", PAGES_COMMAND }, { "FILE", PAGES_FILE },
    { "F.npy", PAGES_FILE },      { "DIR", PAGES_FILE },
    { "FILE.png", PAGES_FILE },   { "DB", PAGES_FILE },
    { "SET", PAGES_FILE },        { "SOURCE", PAGES_FILE },
    { "IMAGE", PAGES_FILE },      { "IN", PAGES_RUN },
    { "OUT", PAGES_FILE },
};

static const char *const names[PAGES_KINDS] = { "none", "file", "config", "device",
                                                "run",  "key",  "command" };

pages_kind pages_kind_of(const char *value)
{
    for (size_t i = 0; i < ALX_COUNT(kinds); ++i)
        if (strcmp(kinds[i].value, value) == 0)
            return kinds[i].kind;
    return PAGES_NONE;
}

const char *pages_kind_name(pages_kind kind)
{
    return names[kind];
}

static void add_word(pages_arguments *out, const char *word)
{
    if (out->words[0] != '\0')
        strncat(out->words, " ", sizeof out->words - strlen(out->words) - 1);
    strncat(out->words, word, sizeof out->words - strlen(out->words) - 1);
}

void pages_arguments_of(pages_arguments *out, const cli_command *command)
{
    static const char between[] = " |[]";
    char text[256];
    bool of_option = false;

    *out = (pages_arguments){ .words = "" };
    strncat(strcpy(text, ""), command->arguments, sizeof text - 1);
    for (char *word = strtok(text, between); word != NULL; word = strtok(NULL, between)) {
        if (strstr(word, "...") != NULL)
            *strstr(word, "...") = '\0';
        if (word[0] == '-')
            of_option = true;
        else if (of_option)
            of_option = false;
        else if (islower((unsigned char)word[0]))
            add_word(out, word);
        else
            out->kinds[pages_kind_of(word)] = true;
    }
    if (out->kinds[PAGES_RUN]) /* which is a file too */
        out->kinds[PAGES_FILE] = false;
}

void pages_short(char *out, size_t bytes, const char *text)
{
    size_t length = strcspn(text, ";");

    if (length >= bytes)
        length = bytes - 1;
    memcpy(out, text, length);
    out[length] = '\0';
}
