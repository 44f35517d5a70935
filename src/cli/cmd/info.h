/* info.h - what the files of the info command share. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "alexnet/dev/report.h"
#include "cli/source.h"

/** As tables for people. */
void cli_print_facts(const alx_facts *facts);
/** What a file of weights holds. */
void cli_print_weights(const alx_weights_facts *facts);

#endif
