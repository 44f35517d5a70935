/* json.c - JSON on stdout. */
#include "cli/ui/json.h"

#include <stdio.h>
#include <stdlib.h>

const cli_option cli_json_row[] = {
    { "json", NULL, "print JSON", .kind = CLI_FLAG },
    CLI_END,
};

void cli_print_json(char *text)
{
    puts(text);
    free(text);
}
