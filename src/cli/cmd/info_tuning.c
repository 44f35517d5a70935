/* info_tuning.c - which way each pass takes on a device, and who says so. */
#include "cli/cmd/info.h"

#include <stdio.h>

static const char *origin(const alx_row *row)
{
    return row->shipped ? "shipped" : "tuned";
}

void cli_print_ways(const alx_facts *facts)
{
    if (facts->way_count == 0)
        return;
    printf("\n%-20s  %-8s  %10s  way\n", "pass", "row", "ms");
    for (size_t i = 0; i < facts->way_count; ++i) {
        const alx_facts_way *way = &facts->ways[i];

        printf("%-20s  %-8s  %10.2f  %s\n", way->label, origin(&way->row), way->row.ms,
               way->row.choice);
    }
    printf("other passes take the default of their kind of device\n");
}
