/* split.c - seeded permutations, and the validation split made of one. */
#include "data/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/rng.h"
#include "base/try.h"

void data_shuffle(size_t *index, size_t count, uint32_t seed, enum base_rng_purpose purpose,
                  uint64_t step)
{
    uint32_t words[4];

    for (size_t i = count; i-- > 1;) {
        base_rng_words(words, seed, purpose, step, i);
        const size_t j = base_rng_below(words[0], (uint32_t)(i + 1)), kept = index[i];

        index[i] = index[j];
        index[j] = kept;
    }
}

static int split_compare(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

static int subset_alloc(alx_subset *subset, size_t count)
{
    *subset = (alx_subset){ .index = malloc((count + 1) * sizeof *subset->index), .count = count };
    if (subset->index == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a list of %zu images", count);
    return 0;
}

int alx_subset_all(alx_subset *out, const alx_dataset *set)
{
    TRY(subset_alloc(out, alx_dataset_count(set)));
    for (size_t i = 0; i < out->count; ++i)
        out->index[i] = i;
    return 0;
}

void alx_subset_free(alx_subset *subset)
{
    if (subset == NULL)
        return;
    free(subset->index);
    *subset = (alx_subset){ 0 };
}

/* A sorted copy: files are then read in the order in which they lie. */
static int split_take(alx_subset *subset, const size_t *index, size_t count)
{
    TRY(subset_alloc(subset, count));
    memcpy(subset->index, index, count * sizeof *index);
    qsort(subset->index, count, sizeof *subset->index, split_compare);
    return 0;
}

int alx_dataset_split(alx_subset *train, alx_subset *validation, const alx_dataset *set,
                      double share, uint32_t seed)
{
    const size_t count = alx_dataset_count(set);
    alx_subset all = { 0 };
    int rc = 0;

    *train = *validation = (alx_subset){ 0 };
    if (!(share >= 0.0 && share < 1.0) || count > UINT32_MAX)
        return alx_fail(ALX_E_USAGE, "a validation share of %g of %zu images; it must be in [0, 1)",
                        share, count);
    const size_t held = (size_t)llround(share * (double)count);

    TRY_DONE(alx_subset_all(&all, set));
    if (held > 0)
        data_shuffle(all.index, count, seed, BASE_RNG_SPLIT, 0);
    TRY_DONE(split_take(train, all.index, count - held));
    TRY_DONE(split_take(validation, all.index + (count - held), held));
done:
    alx_subset_free(&all);
    if (rc != 0) {
        alx_subset_free(train);
        alx_subset_free(validation);
    }
    return rc;
}
