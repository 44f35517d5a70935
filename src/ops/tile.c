/* tile.c - register tiles: as large as the registers allow, with little waste at the edges. */
#include "ops/tile.h"

#include <limits.h>

/* The most rows whose accumulators stay in registers: 32 of 16 floats (AVX-512), 16 of 8 (AVX2).
 * In order of preference among those that waste equally few columns. */
static const struct {
    int width;
    enum alx_tile_rows where;
    int vectors, rows;
} limits[] = {
    { ALX_TILE_WIDE, ALX_TILE_NEAR, 2, 14 }, { ALX_TILE_WIDE, ALX_TILE_NEAR, 3, 9 },
    { ALX_TILE_WIDE, ALX_TILE_NEAR, 1, 14 }, { ALX_TILE_NARROW, ALX_TILE_NEAR, 1, 6 },
    { ALX_TILE_WIDE, ALX_TILE_APART, 4, 6 }, { ALX_TILE_WIDE, ALX_TILE_APART, 3, 8 },
    { ALX_TILE_WIDE, ALX_TILE_APART, 2, 8 }, { ALX_TILE_WIDE, ALX_TILE_APART, 1, 8 },
    { ALX_TILE_NARROW, ALX_TILE_APART, 1, 6 },
};

int alx_ops_tile_width(const alx_device *dev)
{
    return alx_device_get_info(dev)->vector_floats >= ALX_TILE_WIDE ? ALX_TILE_WIDE
                                                                    : ALX_TILE_NARROW;
}

/* A pass over k costs a tile about as much as one more row, for the loads of b and the loop. */
static int tile_rows(int rows, int most)
{
    int best = 1, best_cost = INT_MAX;

    for (int candidate = 1; candidate <= most && candidate <= rows; ++candidate) {
        const int cost = alx_ops_parts(rows, candidate) * (candidate + 1);

        if (cost <= best_cost) {
            best = candidate;
            best_cost = cost;
        }
    }
    return best;
}

alx_ops_tile alx_ops_tile_choose(int width, enum alx_tile_rows where, int rows, int columns)
{
    alx_ops_tile tile = { 0 };
    int least = INT_MAX;

    for (size_t i = 0; i < ALX_COUNT(limits); ++i) {
        const int wide = 16 * limits[i].vectors;
        const int covered = alx_ops_parts(columns, wide) * wide;

        if (limits[i].width != width || limits[i].where != where || covered >= least)
            continue;
        least = covered;
        tile = (alx_ops_tile){ tile_rows(rows, limits[i].rows), limits[i].vectors, wide };
    }
    return tile;
}
