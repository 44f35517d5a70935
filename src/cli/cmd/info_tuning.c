/* info_tuning.c - which way each pass takes on a device, and who says so. */
#include "cli/cmd/info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

int info_read_ways(info_facts *facts, const alx_chooser *by)
{
    alx_pass_info *passes = NULL;
    size_t count = 0;
    int rc = 0;

    TRY_DONE(alx_graph_passes(&passes, &count, facts->graph, facts->batch, true));
    facts->ways = calloc(count + 1, sizeof *facts->ways);
    if (facts->ways == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu passes", count);
        goto done;
    }
    for (size_t i = 0; i < count; ++i) {
        const alx_row *row = alx_pass_row(by, &passes[i]);
        info_way *way = &facts->ways[facts->way_count];

        if (row == NULL)
            continue;
        ++facts->way_count;
        way->row = *row;
        snprintf(way->label, sizeof way->label, "%s", passes[i].label);
    }
done:
    free(passes);
    return rc;
}

static const char *origin(const alx_row *row)
{
    return row->shipped ? "shipped" : "tuned";
}

void info_print_ways(const info_facts *facts)
{
    if (facts->way_count == 0)
        return;
    printf("\n%-20s  %-8s  %10s  way\n", "pass", "row", "ms");
    for (size_t i = 0; i < facts->way_count; ++i) {
        const info_way *way = &facts->ways[i];

        printf("%-20s  %-8s  %10.2f  %s\n", way->label, origin(&way->row), way->row.ms,
               way->row.choice);
    }
    printf("other passes take the default of their kind of device\n");
}

cJSON *info_ways_json(const info_facts *facts)
{
    cJSON *array = cJSON_CreateArray();

    for (size_t i = 0; i < facts->way_count; ++i) {
        const info_way *way = &facts->ways[i];
        cJSON *object = cJSON_CreateObject();

        cJSON_AddStringToObject(object, "pass", way->label);
        cJSON_AddStringToObject(object, "choice", way->row.choice);
        cJSON_AddStringToObject(object, "row", origin(&way->row));
        cJSON_AddNumberToObject(object, "batch", way->row.batch);
        cJSON_AddNumberToObject(object, "ms", way->row.ms);
        cJSON_AddItemToArray(array, object);
    }
    return array;
}
