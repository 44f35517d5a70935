/* json.c - JSON on stdout. */
#include "cli/ui/json.h"

#include <stdio.h>
#include <stdlib.h>

const cli_option cli_json_row[] = {
    { "json", NULL, "print JSON", .kind = CLI_FLAG },
    CLI_END,
};

int cli_print_json(int rc, char **text)
{
    if (rc == 0)
        puts(*text);
    free(*text);
    *text = NULL;
    return rc;
}
