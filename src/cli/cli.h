/* cli.h - what the files of this room share: parsed options, the two tables (commands, options),
 * and the helpers of the commands. A command is one function in cmd_<name>.c and one row in
 * main.c; its options are rows in options.c that carry its bit. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/export.h"

/* ---- commands ------------------------------------------------------------------------------ */

/** One bit per command, of bench one per kind: the option table says with them which commands take
 *  an option. */
enum cli_command_bit {
    CLI_TRAIN = 1 << 0,
    CLI_EVAL = 1 << 1,
    CLI_PREDICT = 1 << 2,
    CLI_INFO = 1 << 3,
    CLI_CHECK = 1 << 4,
    CLI_DEVICES = 1 << 5,
    CLI_DUMP = 1 << 6,
    CLI_VIZ = 1 << 7,
    CLI_HELP = 1 << 8,
    CLI_BENCH_STEP = 1 << 9,
    CLI_TUNE = 1 << 10,
    CLI_PACK = 1 << 11,
    CLI_FEATURES = 1 << 12,
    CLI_BENCH_OPS = 1 << 13,
    CLI_BENCH_ALGOS = 1 << 14,
    CLI_BENCH_REPORT = 1 << 15,
    CLI_ALL = (1 << 16) - 1,
    CLI_BENCH_STEPS = CLI_BENCH_STEP | CLI_BENCH_OPS, /**< those that run whole steps */
    CLI_BENCH_TIMES = CLI_BENCH_STEPS | CLI_BENCH_ALGOS,
    CLI_BENCH = CLI_BENCH_TIMES | CLI_BENCH_REPORT,
    CLI_ONLY_PRINTS = CLI_HELP | CLI_INFO | CLI_DEVICES | CLI_PREDICT,
    CLI_COMPUTES = CLI_TRAIN | CLI_EVAL | CLI_PREDICT | CLI_FEATURES | CLI_CHECK | CLI_DUMP |
                   CLI_BENCH_STEPS,
};

typedef struct cli_options cli_options;

typedef struct cli_command {
    const char *name;
    unsigned bit;
    int (*run)(const cli_options *options); /**< 0 or ALX_E_*; data on stdout */
    const char *summary;                    /**< one line for the list of commands */
    const char *arguments;                  /**< what follows the name in the usage line */
    int min_args, max_args;                 /**< positional ones */
    const char *examples;                   /**< lines without indentation, each ends in \n */
    const char *details;                    /**< paragraphs after the examples; may be NULL */
} cli_command;

/** The only list of commands (main.c); ends with a row whose name is NULL. */
extern const cli_command cli_commands[];
/** NULL if there is none of that name. */
const cli_command *cli_command_find(const char *name);

int cmd_train(const cli_options *options);
int cmd_eval(const cli_options *options);
int cmd_predict(const cli_options *options);
int cmd_features(const cli_options *options);
int cmd_info(const cli_options *options);
int cmd_check(const cli_options *options);
int cmd_devices(const cli_options *options);
int cmd_dump(const cli_options *options);
int cmd_bench(const cli_options *options);
int cmd_tune(const cli_options *options);
int cmd_pack(const cli_options *options);
int cmd_viz(const cli_options *options);
int cmd_help(const cli_options *options);

/* ---- options ------------------------------------------------------------------------------- */

#define CLI_MOST_OPTIONS 128

/** Everything that the command line can say; strings are borrowed from argv. */
struct cli_options {
    const cli_command *command;
    const char **args; /**< positional arguments, NULL-terminated */
    int arg_count;
    char **overrides; /**< "section.key=value" of --set and of options that stand for a key */
    size_t override_count;
    bool given[CLI_MOST_OPTIONS]; /**< which rows of cli_option_table, by their place */
    bool help, verbose, quiet, json;
    /* where and how to compute */
    const char *device, *devices, *conv_algo, *gemm;
    int threads;
    const char *trace;
    int timeout; /**< seconds; 0 = none */
    bool exact;
    /* files */
    const char *data, *weights, *replace, *resume, *output, *batch_file;
    int workers;
    bool skip_bad;
    /* amounts */
    int batch_size, top, iterations, budget;
    size_t max_steps, save_every, check_every;
    bool overfit_batch, diagnose;
    /* eval */
    bool ten_crop;
    int worst;
    const char *names; /* also of predict */
    /* features */
    const char *layer;
    int nearest;
    bool probe;
    /* check */
    const char *golden, *only; /* only also of bench */
    size_t max_macs;
    /* bench */
    const char *csv, *html, *compare, *threshold;
    bool quick; /* check */
    /* dump; steps also of check */
    bool stages;
    int steps;
    const char *lr_steps;
    /* pack */
    int size, quality;
    bool raw, whole;
    const char *labels, *classes, *synset_ids, *root;
    /* progress */
    const char *progress;
    int log_every;
};

typedef enum {
    CLI_FLAG,     /**< bool */
    CLI_TEXT,     /**< const char * */
    CLI_INT,      /**< int, at least `min` */
    CLI_SIZE,     /**< size_t, at least `min` */
    CLI_OVERRIDE, /**< `--name VALUE` becomes the override "key=VALUE" */
    CLI_LAYERS,   /**< layers between commas; each becomes the override "LAYER.key" */
    CLI_SET,      /**< the value is an override as it stands */
} cli_option_kind;

typedef struct cli_option {
    const char *name, *alias; /**< without the dashes; alias may be NULL */
    char letter;              /**< 0 = none */
    cli_option_kind kind;
    size_t offset;   /**< of the field in cli_options; not for overrides */
    const char *key; /**< of an override */
    int min;
    const char *value; /**< what help calls the value; NULL for a flag */
    unsigned commands; /**< bits of the commands that take it */
    const char *doc;
} cli_option;

/** The only list of options (options.c); ends with a row whose name is NULL. */
extern const cli_option cli_option_table[];
/** The largest number that a CLI_INT or CLI_SIZE takes. */
long long cli_option_most(const cli_option *option);

/** Parses what follows the command's name. `options` starts zeroed; free it whatever happens.
 *  @return 0; ALX_E_USAGE; ALX_E_MEMORY */
int cli_parse(cli_options *options, const cli_command *command, int argc, char **argv) ALX_MUST_USE;
void cli_options_free(cli_options *options);

/* ---- the end of the process (main.c) -------------------------------------------------------- */

/** Prints the error of `rc` and ends the process at once, from any thread: for a device that hangs,
 *  where cleaning up would hang too. */
_Noreturn void cli_abandon(int rc);

/* ---- help ---------------------------------------------------------------------------------- */

/** `topic` NULL: the overview; a command; "config"; "all". ALX_E_USAGE for anything else. */
int cli_help(const char *topic) ALX_MUST_USE;
/** Program, compiler and libraries, for bug reports. */
void cli_print_version(void);

#endif
