/* info_placement.c - a network on two devices: what lives where, and what crosses. */
#include "cli/cmd/info.h"

#include <stdio.h>

#include "base/format.h"

static void print_devices(const alx_facts *facts)
{
    const double *peak = facts->fma_gflops;
    const int slower = alx_facts_slower(facts);

    printf("\n");
    for (int dev = 0; dev < facts->dev_count; ++dev)
        printf("tower %d  device %d: %s\n", dev, facts->device_index[dev], facts->described[dev]);
    if (slower < 0)
        printf("the two are alike: FMA peak %.0f and %.0f GFLOP/s\n", peak[0], peak[1]);
    else
        printf("the slower one is tower %d's, which paces the other: FMA peak %.0f against %.0f "
               "GFLOP/s\n",
               slower, peak[slower], peak[1 - slower]);
}

/* "maps 48-95", "all 1000" */
static base_cell share_text(const alx_facts *facts, const alx_layer_info *stage, int dev)
{
    const bool conv = facts->checkpoint.config.net.layers[stage->layer].kind == ALX_LAYER_CONV;
    const char *what = conv ? "maps" : stage->by_input ? "inputs" : "units";
    base_cell out = { "-" };
    size_t first, count;

    alx_facts_share(&first, &count, stage, dev);
    if (stage->parts > 1)
        snprintf(out.text, sizeof out.text, "%s %zu-%zu", what, first, first + count - 1);
    else if (dev == 0)
        snprintf(out.text, sizeof out.text, "all %d", stage->whole.c);
    return out;
}

static void print_parts(const alx_facts *facts)
{
    printf("\n%-8s", "layer");
    for (int dev = 0; dev < facts->dev_count; ++dev)
        printf("  %-16s  %12s", dev == 0 ? "tower 0" : "tower 1", "parameters");
    putchar('\n');
    for (size_t i = 0; i < facts->stage_count; ++i) {
        const alx_layer_info *stage = &facts->stages[i];

        if (stage->parameters == 0)
            continue;
        printf("%-8s", stage->name);
        for (int dev = 0; dev < facts->dev_count; ++dev)
            printf("  %-16s  %12s", share_text(facts, stage, dev).text,
                   base_format_count(alx_facts_parameters_on(facts, stage, dev)).text);
        putchar('\n');
    }
    printf("%-8s", "total");
    for (int dev = 0; dev < facts->dev_count; ++dev)
        printf("  %-16s  %12s", "", base_format_count(alx_facts_parameters_of(facts, dev)).text);
    putchar('\n');
}

static void print_transfers(const alx_facts *facts)
{
    size_t sum = 0;

    printf("\n%-20s  %15s\n", "transfer", "bytes a step");
    for (size_t i = 0; i < facts->transfer_count; ++i) {
        const alx_transfer_info *t = &facts->transfers[i];

        printf("%-20s  %15s\n", t->name, base_format_count(t->bytes).text);
        sum += t->bytes;
    }
    printf("%-20s  %15s\n", "total", base_format_count(sum).text);
}

void cli_print_placement(const alx_facts *facts)
{
    print_devices(facts);
    print_parts(facts);
    print_transfers(facts);
}
