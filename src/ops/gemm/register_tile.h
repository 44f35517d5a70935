/* register_tile.h - choice of the register tile of cl/tile.clh. */
#ifndef OPS_REGISTER_TILE_H
#define OPS_REGISTER_TILE_H

#include "alexnet/dev/rt.h"

/** MR rows x NV vectors of 16 columns. */
typedef struct ops_tile {
    int rows, vectors, columns;
} ops_tile;

/** How many floats a register of a device holds, as far as tiles differ. */
enum { OPS_TILE_NARROW = 8, OPS_TILE_WIDE = 16 };
int ops_tile_width(const alx_device *dev);

/** The tile that wastes least on a matrix of `rows` x `columns`; at most `rows` rows. The choice
 *  never changes a sum's order. */
ops_tile ops_tile_choose(int width, int rows, int columns);
/** The same for rows that lie so far apart, by powers of two, that all of them share the few lines
 *  of one set of a first-level cache. */
ops_tile ops_tile_choose_apart(int width, int rows, int columns);

/** The tile of `vectors` vectors if there is one, else ops_tile_choose. */
ops_tile ops_tile_tuned(int vectors, int width, int rows, int columns);

/** ceil(a / b) */
static inline int ops_parts(int a, int b)
{
    return (a + b - 1) / b;
}

#endif
