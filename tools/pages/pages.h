/* pages.h - what is installed beside the program, made from its own tables of commands, options,
 * variables and keys, which alexnet help prints too: there is no second list of them. */
#ifndef PAGES_H
#define PAGES_H

#include <stdio.h>

#include "cli/cli.h"

/** What the value of an option, or an argument, may be, as shells complete it. */
typedef enum {
    PAGES_NONE, /**< a number, or a word that is nobody's to guess */
    PAGES_FILE,
    PAGES_CONFIG,  /**< a preset, or an INI file */
    PAGES_DEVICE,  /**< cpu, gpu, or an index of `alexnet devices` */
    PAGES_RUN,     /**< a run's folder, or a file */
    PAGES_KEY,     /**< section.key=value */
    PAGES_COMMAND, /**< of alexnet help */
    PAGES_KINDS,
} pages_kind;

/** What the text of a value says: "CONFIG", "A,B". */
pages_kind pages_kind_of(const char *value);
/** Name of the shell functions' kind. */
const char *pages_kind_name(pages_kind kind);

/** What a command's arguments may be, by its usage line. */
typedef struct pages_arguments {
    bool kinds[PAGES_KINDS];
    char words[256]; /**< those that stand there as they are, between blanks: "step ops algos" */
} pages_arguments;

void pages_arguments_of(pages_arguments *out, const cli_command *command);

/** The beginning of a text, up to its first ";", for a list of choices. */
void pages_short(char *out, size_t bytes, const char *text);

/* Each writes one file; errors stay in the stream. */
void pages_man_program(FILE *out);
void pages_man_command(FILE *out, const cli_command *command);
void pages_man_config(FILE *out);
/** Variables of a shell, _alexnet_commands, _alexnet_presets and _alexnet_keys, set by
 *  `set`NAME`equals`'words'. */
void pages_lists(FILE *out, const char *set, const char *equals);
void pages_bash(FILE *out);
void pages_zsh(FILE *out);
void pages_fish(FILE *out);

#endif
