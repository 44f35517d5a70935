/* neighbours.c - the nearest of many feature vectors, kept while they pass by. */
#include <math.h>
#include <stdlib.h>

#include "alexnet/train.h"

int alx_neighbours_create(alx_neighbours *out, const float *queries, size_t count, size_t length,
                          size_t k)
{
    *out = (alx_neighbours){ .queries = queries, .count = count, .length = length, .k = k };
    out->list = calloc(count * k + 1, sizeof *out->list);
    if (out->list == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu neighbours of %zu images", k,
                        count);
    return 0;
}

void alx_neighbours_free(alx_neighbours *neighbours)
{
    free(neighbours->list);
    *neighbours = (alx_neighbours){ 0 };
}

static double distance_between(const float *a, const float *b, size_t length)
{
    double lanes[8] = { 0 }, sum = 0.0; /* independent sums: one vector register of them */
    size_t i = 0;

    for (; i + ALX_COUNT(lanes) <= length; i += ALX_COUNT(lanes))
        for (size_t lane = 0; lane < ALX_COUNT(lanes); ++lane) {
            const double difference = (double)a[i + lane] - (double)b[i + lane];

            lanes[lane] += difference * difference;
        }
    for (; i < length; ++i)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    for (size_t lane = 0; lane < ALX_COUNT(lanes); ++lane)
        sum += lanes[lane];
    return sqrt(sum);
}

/* Behind those that are as near. `found` entries of the list are in use. */
static void insert_neighbour(alx_neighbour *list, size_t found, size_t k, alx_neighbour next)
{
    size_t place = found < k ? found : k;

    while (place > 0 && list[place - 1].distance > next.distance) {
        if (place < k)
            list[place] = list[place - 1];
        --place;
    }
    if (place < k)
        list[place] = next;
}

void alx_neighbours_add(alx_neighbours *neighbours, const float *features)
{
    const size_t k = neighbours->k, added = neighbours->added++;

    for (size_t q = 0; q < neighbours->count; ++q) {
        const float *query = neighbours->queries + q * neighbours->length;
        const double distance = distance_between(query, features, neighbours->length);

        insert_neighbour(neighbours->list + q * k, added, k, (alx_neighbour){ added, distance });
    }
}
