/* nearest.c - "did you mean": the nearest name by edit distance. */
#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

#define NAME_MAX_LENGTH 31

/* Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MAX_LENGTH + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    const size_t a_length = strlen(a), b_length = strlen(b);

    if (a_length > NAME_MAX_LENGTH || b_length > NAME_MAX_LENGTH)
        return NAME_MAX_LENGTH;
    for (size_t j = 0; j <= b_length; ++j)
        above[j] = j;
    for (size_t i = 1; i <= a_length; ++i) {
        row[0] = i;
        for (size_t j = 1; j <= b_length; ++j) {
            const size_t substituted = above[j - 1] + (a[i - 1] != b[j - 1]);

            row[j] = above[j] < row[j - 1] ? above[j] + 1 : row[j - 1] + 1;
            if (substituted < row[j])
                row[j] = substituted;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *oldest = before;

        before = above;
        above = row;
        row = oldest;
    }
    return above[b_length];
}

const char *base_nearest(const char *text, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(text) / 3 + 1; /* farther is no help */

    for (size_t i = 0; i < count; ++i) {
        const bool starts = strlen(text) > 1 && strncmp(names[i], text, strlen(text)) == 0;
        const size_t distance = starts ? 0 : edit_distance(text, names[i]);

        if (distance < best_distance || (distance == best_distance && best == NULL)) {
            best = names[i];
            best_distance = distance;
        }
    }
    return best;
}
