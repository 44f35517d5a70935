/* segments.h - many parameters in one launch: the table of cl/segments.clh on the device, and what
 * launches there are. */
#ifndef OPS_SEGMENTS_H
#define OPS_SEGMENTS_H

#include "ops/shared.h"

/** What is done to parameters: SGD; sums over chunks of their gradients; sums of these sums. */
typedef enum { SEGMENT_UPDATE, SEGMENT_CHUNKS, SEGMENT_SUMS, SEGMENT_USES } segment_use;

/** Rows of the table that one launch takes: their buffers are the same. */
typedef struct segment_run {
    int kind;
    uint32_t row0, rows, groups;
    alx_tensor w, v, g; /**< the whole buffers */
} segment_run;

struct alx_segments {
    alx_device *dev;
    alx_tensor table;
    segment_run *runs[SEGMENT_USES];
    size_t run_count[SEGMENT_USES];
    size_t partials; /**< sums over chunks, of all */
    int most_slot;
};

#endif
