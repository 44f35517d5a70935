/* json.c - JSON on stdout. */
#include "cli/ui/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "alexnet/status.h"

const cli_option cli_json_row[] = {
    { "json", NULL, "print JSON", .kind = CLI_FLAG },
    CLI_END,
};

int cli_print_json(cJSON **tree)
{
    char *text = base_json_text(*tree, true);

    cJSON_Delete(*tree);
    *tree = NULL;
    if (text == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the JSON text");
    puts(text);
    free(text);
    return 0;
}
