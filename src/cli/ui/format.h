/* format.h - numbers as people read them. */
#ifndef CLI_FORMAT_H
#define CLI_FORMAT_H

#include <stddef.h>

/** Room for every text below. */
typedef struct cli_text {
    char text[32];
} cli_text;

/** "7.8 GiB", "512 KiB", "31 B". */
cli_text cli_bytes(size_t bytes);
/** "60,965,224". */
cli_text cli_count(size_t count);
/** "1:20:05", "3:20", "0:07", "2 d 3:04:05". */
cli_text cli_clock(double seconds);
/** A rate with about three digits: "0.85", "8.5", "812". */
cli_text cli_rate(double per_second);

#endif
