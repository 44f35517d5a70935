/* tile.c - register tiles: as large as the registers allow, with little waste at the edges. */
#include "ops/tile.h"

#include <limits.h>

/* The most rows whose accumulators stay in registers: 32 of 16 floats (AVX-512), 16 of 8 (AVX2).
 * In order of preference among those that waste equally few columns. */
static const struct {
    int width, vectors, rows;
} limits[] = {
    { ALX_TILE_WIDE, 2, 14 },
    { ALX_TILE_WIDE, 3, 9 },
    { ALX_TILE_WIDE, 1, 14 },
    { ALX_TILE_NARROW, 1, 6 },
};

int alx_ops_tile_width(const alx_device *dev)
{
    return alx_device_get_info(dev)->vector_floats >= ALX_TILE_WIDE ? ALX_TILE_WIDE
                                                                    : ALX_TILE_NARROW;
}

/* A pass over k costs a row about as much as one more row for its loads and its loop. */
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

alx_ops_tile alx_ops_tile_choose(int width, int rows, int columns)
{
    alx_ops_tile tile = { 0 };
    int least = INT_MAX;

    for (size_t i = 0; i < ALX_COUNT(limits); ++i) {
        const int columns_of = 16 * limits[i].vectors;
        const int covered = alx_ops_parts(columns, columns_of) * columns_of;

        if (limits[i].width != width || covered >= least)
            continue;
        least = covered;
        tile = (alx_ops_tile){ tile_rows(rows, limits[i].rows), limits[i].vectors, columns_of };
    }
    return tile;
}
