/* drivers.h - what `alexnet devices` says of OpenCL's loader and drivers. */
#ifndef CLI_DRIVERS_H
#define CLI_DRIVERS_H

#include <stdio.h>

#include "alexnet/export.h"

/** All that is known: why a device may be missing. */
int cli_print_drivers(FILE *out) ALX_MUST_USE;
/** A warning for each driver that the loader is told of and cannot use. */
int cli_warn_drivers(void) ALX_MUST_USE;
/** A line where this process may use fewer cores than the machine has. */
void cli_print_cores(void);

#endif
