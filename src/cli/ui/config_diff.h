/* config_diff.h - where two configs differ. */
#ifndef CLI_CONFIG_DIFF_H
#define CLI_CONFIG_DIFF_H

#include "alexnet/config.h"

/** One message per key that differs: "section.key  old -> new". */
int cli_print_differences(const alx_config *old_config, const alx_config *new_config) ALX_MUST_USE;

#endif
