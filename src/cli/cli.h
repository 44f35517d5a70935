/* cli.h - what the files of this room share: a command, its options, a parsed command line.
 * A command is one file, cmd/NAME.c, that defines its cli_command: what help says, the rows of its
 * options, the struct that they fill, and the function that runs it. commands.c lists it. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/export.h"

/* ---- options ------------------------------------------------------------------------------- */

typedef enum {
    CLI_FLAG,     /**< bool */
    CLI_TEXT,     /**< const char * */
    CLI_INT,      /**< int, at least 1 */
    CLI_SIZE,     /**< size_t, at least 1 */
    CLI_OVERRIDE, /**< `--name VALUE` becomes the override "key=VALUE" */
    CLI_LAYERS,   /**< layers between commas; each becomes the override "LAYER.key" */
    CLI_SET,      /**< the value is an override as it stands */
} cli_option_kind;

/** A row of a command's options. Several commands share a table by CLI_ROWS. */
typedef struct cli_option {
    const char *name;  /**< without the dashes; NULL in CLI_ROWS and CLI_END */
    const char *value; /**< what help calls the value; NULL for a flag */
    const char *doc;
    cli_option_kind kind;
    size_t offset;                 /**< of the field in the command's struct; not for overrides */
    int most;                      /**< of a number; 0 = what its type holds */
    const char *key;               /**< of an override */
    const char *alias;             /**< another name, or NULL */
    char letter;                   /**< 0 = none */
    unsigned kinds;                /**< bits of the kinds that take it; 0 = all */
    const struct cli_option *rows; /**< the rows of another table stand here */
} cli_option;

#define CLI_END                                                                                    \
    {                                                                                              \
        .name = NULL                                                                               \
    }
/** The rows of `table` fill the member `field` of a command's struct. */
#define CLI_ROWS(table, type, field) .rows = (table), .offset = offsetof(type, field)

#define CLI_MOST_ROWS 64

/** A command's rows one after the other, CLI_ROWS followed, the offsets those in its struct. At the
 *  end stand the options that every command has. */
typedef struct cli_rows {
    cli_option row[CLI_MOST_ROWS];
    size_t count;
} cli_rows;

/* ---- commands ------------------------------------------------------------------------------ */

/** What a command does by its first argument, where that is a word such as `step`. */
typedef struct cli_kind {
    const char *name; /**< NULL ends the list */
    unsigned bit;     /**< of cli_option's kinds */
    const char *arguments, *summary;
} cli_kind;

typedef struct cli_command {
    const char *name, *summary; /**< one line for the list of commands */
    const char *arguments;      /**< what follows the name in the usage line */
    int min_args, max_args;     /**< positional ones */
    const char *examples;       /**< lines without indentation, each ends in \n */
    const char *details;        /**< paragraphs after the examples; may be NULL */
    const cli_kind *kinds;      /**< may be NULL */
    const cli_option *options;  /**< ends with CLI_END; NULL = only those of every command */
    size_t options_bytes;       /**< of the struct that they fill, whose first member is cli_line */
    int (*run)(const void *options); /**< 0 or ALX_E_*; data on stdout */
} cli_command;

/** The only list of commands (commands.c); ends with NULL. */
extern const cli_command *const cli_commands[];

/** What every command line has; text is borrowed from argv. */
typedef struct cli_line {
    const cli_command *command;
    const cli_command *const *commands; /**< cli_commands */
    const char **args;                  /**< positional arguments, NULL-terminated */
    int arg_count;
    char **overrides; /**< "section.key=value" of --set and of options that stand for a key */
    const char **override_options; /**< which option each came from */
    size_t override_count;
    bool given[CLI_MOST_ROWS]; /**< which of the command's rows, by their place in cli_rows */
    bool help, verbose, quiet;
} cli_line;

void cli_rows_of(cli_rows *out, const cli_command *command);

/** Parses what follows the command's name into the command's struct, which is zeroed but for
 *  line.commands; cli_line_free it whatever happens.
 *  @return 0; ALX_E_USAGE; ALX_E_MEMORY */
int cli_parse(void *options, const cli_command *command, int argc, char **argv) ALX_MUST_USE;
void cli_line_free(cli_line *line);
/** The kind that the first argument names; NULL if the command has none of that name. */
const cli_kind *cli_kind_of(const cli_line *line);

/** NULL if there is none of that name. */
const cli_command *cli_command_find(const cli_command *const *commands, const char *name);

/* ---- help ---------------------------------------------------------------------------------- */

/** `topic` NULL: the overview; a command; "config"; "all". ALX_E_USAGE for anything else. */
int cli_help(const cli_command *const *commands, const char *topic) ALX_MUST_USE;
/** --help: of the line's command, or of its kind if the line begins with one. */
int cli_help_of_line(const cli_line *line) ALX_MUST_USE;
#define CLI_PURPOSE "trains, evaluates and uses AlexNet on any OpenCL device"
typedef struct cli_exit_code {
    int code;
    const char *meaning;
} cli_exit_code;
extern const cli_exit_code cli_exit_codes[]; /**< ends with a meaning NULL */
/** `alexnet` alone: what to do next on this machine. */
int cli_guide(void) ALX_MUST_USE;
/** Program, compiler and libraries, for bug reports. */
void cli_print_version(void);

/* ---- the end of the process ---------------------------------------------------------------- */

/** "alexnet: ..." on stderr, after the progress. */
void cli_print_error(int rc);
/** The same, and the process ends at once, from any thread: for a device that hangs, where cleaning
 *  up would hang too. */
_Noreturn void cli_abandon(int rc);

#endif
