/* format.h - numbers as people read them. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stddef.h>

/** Room for every text below. */
typedef struct base_cell {
    char text[64];
} base_cell;

/** "7.8 GiB", "512 KiB", "31 B". */
base_cell base_format_bytes(size_t bytes);
/** "60,965,224". */
base_cell base_format_count(size_t count);
/** "96x55x55"; "" of no dimension. What has no room is left out. */
base_cell base_format_dims(const int *dims, int count);
/** "1:20:05", "3:20", "0:07", "2 d 3:04:05". */
base_cell base_format_clock(double seconds);
/** "12.3"; "-" where it is not above 0 and says nothing. */
base_cell base_format_number(double value, int decimals);
/** "12.34" of a hundred; "-" of none. */
base_cell base_format_percent(size_t part, size_t whole);
/** A rate with about three digits: "0.85", "8.5", "812". */
base_cell base_format_rate(double per_second);

#endif
