/* info.h - what the files of the info command share. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "cli/setup.h"

/** All that is printed, as text or as JSON. */
typedef struct info_facts {
    alx_checkpoint checkpoint; /* of a config: only `config` is set */
    bool from_checkpoint;
    alx_graph *graph;
    const alx_stage_info *stages; /* borrowed from graph */
    size_t stage_count;
    alx_algorithms algorithms;
    int batch;
    alx_memory_plan training, inference;
} info_facts;

/** As tables for people. */
void info_print_text(const info_facts *facts);
int info_print_json(const info_facts *facts) ALX_MUST_USE;

#endif
