/* split.c - seeded permutations, and the validation split made of one. */
#include "data/split.h"

#include <math.h>
#include <stdlib.h>

#include "alexnet/data.h"
#include "base/try.h"

void data_shuffle(size_t *index, size_t count, uint32_t seed, enum alx_rng_purpose purpose,
                  uint64_t step)
{
    uint32_t words[4];

    for (size_t i = count; i-- > 1;) {
        alx_rng_words(words, seed, purpose, step, i);
        const size_t j = alx_rng_below(words[0], (uint32_t)(i + 1)), kept = index[i];

        index[i] = index[j];
        index[j] = kept;
    }
}

static int split_compare(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* A sorted copy: files are then read in the order in which they lie. */
static int split_take(alx_subset *subset, const size_t *index, size_t count)
{
    subset->index = malloc((count + 1) * sizeof *subset->index);
    if (subset->index == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a list of %zu images", count);
    for (size_t i = 0; i < count; ++i)
        subset->index[i] = index[i];
    qsort(subset->index, count, sizeof *subset->index, split_compare);
    subset->count = count;
    return 0;
}

int alx_dataset_split(alx_subset *train, alx_subset *validation, const alx_dataset *set,
                      double share, uint32_t seed)
{
    const size_t count = alx_dataset_count(set);
    size_t *index = malloc((count + 1) * sizeof *index);
    int rc = 0;

    *train = *validation = (alx_subset){ 0 };
    if (index == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a list of %zu images", count);
    if (!(share >= 0.0 && share < 1.0) || count > UINT32_MAX) {
        rc = alx_fail(ALX_E_USAGE, "a validation share of %g of %zu images; it must be in [0, 1)",
                      share, count);
        goto done;
    }
    for (size_t i = 0; i < count; ++i)
        index[i] = i;
    const size_t held = (size_t)llround(share * (double)count);

    if (held > 0)
        data_shuffle(index, count, seed, ALX_RNG_SPLIT, 0);
    TRY_DONE(split_take(train, index, count - held));
    TRY_DONE(split_take(validation, index + (count - held), held));
done:
    free(index);
    if (rc != 0) {
        free(train->index);
        free(validation->index);
        *train = *validation = (alx_subset){ 0 };
    }
    return rc;
}
