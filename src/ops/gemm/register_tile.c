/* register_tile.c - as large as the registers allow, with little waste at the edges. */
#include "ops/gemm/register_tile.h"

#include <limits.h>

/* The most rows whose accumulators stay in registers: 32 of 16 floats (AVX-512), 16 of 8 (AVX2).
 * In order of preference among those that waste equally few columns. */
typedef struct tile_limit {
    int width, vectors, rows;
} tile_limit;

static const tile_limit limits[] = {
    { OPS_TILE_WIDE, 2, 14 },
    { OPS_TILE_WIDE, 3, 9 },
    { OPS_TILE_WIDE, 1, 14 },
    { OPS_TILE_NARROW, 1, 6 },
};

/* At most 8 rows: first-level caches have sets of 8 lines and more. */
static const tile_limit limits_apart[] = {
    { OPS_TILE_WIDE, 4, 6 }, { OPS_TILE_WIDE, 3, 8 },   { OPS_TILE_WIDE, 2, 8 },
    { OPS_TILE_WIDE, 1, 8 }, { OPS_TILE_NARROW, 1, 6 },
};

int ops_tile_width(const alx_device *dev)
{
    return alx_device_get_info(dev)->vector_floats >= OPS_TILE_WIDE ? OPS_TILE_WIDE
                                                                    : OPS_TILE_NARROW;
}

/* A pass over k costs a tile about as much as one more row, for the loads of b and the loop. */
static int tile_rows(int rows, int most)
{
    int best = 1, best_cost = INT_MAX;

    for (int candidate = 1; candidate <= most && candidate <= rows; ++candidate) {
        const int cost = ops_parts(rows, candidate) * (candidate + 1);

        if (cost <= best_cost) {
            best = candidate;
            best_cost = cost;
        }
    }
    return best;
}

static ops_tile tile_choose(const tile_limit *limit, size_t count, int width, int rows, int columns)
{
    ops_tile tile = { 0 };
    int least = INT_MAX;

    for (size_t i = 0; i < count; ++i) {
        const int panel = 16 * limit[i].vectors;
        const int covered = ops_parts(columns, panel) * panel;

        if (limit[i].width != width || covered >= least)
            continue;
        least = covered;
        tile = (ops_tile){ tile_rows(rows, limit[i].rows), limit[i].vectors, panel };
    }
    return tile;
}

ops_tile ops_tile_choose(int width, int rows, int columns)
{
    return tile_choose(limits, ALX_COUNT(limits), width, rows, columns);
}

ops_tile ops_tile_tuned(int vectors, int width, int rows, int columns)
{
    for (size_t i = 0; i < ALX_COUNT(limits); ++i)
        if (limits[i].width == width && limits[i].vectors == vectors)
            return (ops_tile){ tile_rows(rows, limits[i].rows), vectors, 16 * vectors };
    return ops_tile_choose(width, rows, columns);
}

ops_tile ops_tile_choose_apart(int width, int rows, int columns)
{
    return tile_choose(limits_apart, ALX_COUNT(limits_apart), width, rows, columns);
}
