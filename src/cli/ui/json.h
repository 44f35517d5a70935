/* json.h - JSON on stdout. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "cli/cli.h"

/** bool: --json. */
extern const cli_option cli_json_row[];

/** Prints what a function of the library has made, and frees it.
 *  @param rc  what that returned; where it failed, nothing is printed
 *  @return rc */
int cli_print_json(int rc, char **text) ALX_MUST_USE;

#endif
