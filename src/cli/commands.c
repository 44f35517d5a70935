/* commands.c - the only list of commands, in the order of `alexnet help`. */
#include "cli/cli.h"

/* Each is src/cli/cmd/NAME.c, which defines cli_cmd_NAME. */
#define COMMANDS(EACH)                                                                             \
    EACH(train)                                                                                    \
    EACH(eval)                                                                                     \
    EACH(predict)                                                                                  \
    EACH(features)                                                                                 \
    EACH(convert)                                                                                  \
    EACH(info)                                                                                     \
    EACH(dump)                                                                                     \
    EACH(bench)                                                                                    \
    EACH(tune)                                                                                     \
    EACH(check)                                                                                    \
    EACH(pack)                                                                                     \
    EACH(viz)                                                                                      \
    EACH(devices)                                                                                  \
    EACH(help)

#define DECLARE(name) extern const cli_command cli_cmd_##name;
#define ADDRESS(name) &cli_cmd_##name,

COMMANDS(DECLARE)

const cli_command *const cli_commands[] = { COMMANDS(ADDRESS) NULL };
