/* json.h - JSON on stdout. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "alexnet/export.h"
#include "base/json.h"
#include "cli/cli.h"

/** bool: --json. */
extern const cli_option cli_json_row[];

/** Prints a tree, indented, deletes it and sets it to NULL. cJSON's functions take NULL, so a tree
 *  may be built without looking. @return 0; ALX_E_MEMORY if it was not built */
int cli_print_json(cJSON **tree) ALX_MUST_USE;

#endif
