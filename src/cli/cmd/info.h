/* info.h - what the files of the info command share. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "alexnet/dev/net.h"
#include "cli/source.h"
#include "cli/ui/json.h"

/** A pass that a tuning row decides. */
typedef struct info_way {
    char label[48];
    alx_row row;
} info_way;

/** All that is printed, as text or as JSON. */
typedef struct info_facts {
    alx_checkpoint checkpoint; /* of a config: only `config` is set */
    bool from_checkpoint;
    alx_graph *graph;
    const alx_layer_info *stages; /* borrowed from graph */
    size_t stage_count;
    int batch;

    int dev_count; /**< one, or one per tower */
    alx_algorithms algorithms[ALX_MAX_TOWERS];
    alx_memory_plan training[ALX_MAX_TOWERS], inference[ALX_MAX_TOWERS];

    info_way *ways; /**< of the first device; owned */
    size_t way_count;

    /* of two devices */
    int device_index[ALX_MAX_TOWERS]; /**< as `alexnet devices` numbers them */
    char described[ALX_MAX_TOWERS][512];
    double fma_gflops[ALX_MAX_TOWERS];
    alx_transfer_info transfers[ALX_MAX_TRANSFERS];
    size_t transfer_count;
} info_facts;

/** As tables for people. */
void info_print_text(const info_facts *facts);
/** What lives on which of two devices and what crosses between them. */
void info_print_placement(const info_facts *facts);

/** What tuning rows say of the passes on a device. */
int info_read_ways(info_facts *facts, const alx_chooser *by) ALX_MUST_USE;
void info_print_ways(const info_facts *facts);
cJSON *info_ways_json(const info_facts *facts);

/** Parameters of a stage on a device: a part of each device, or all on the first. */
size_t info_parameters_on(const info_facts *facts, const alx_layer_info *stage, int dev);
int info_print_json(const info_facts *facts) ALX_MUST_USE;

#endif
