/* rows.c - rows of a result that belong together. */
#include "report/result/rows.h"

#include <string.h>

bool report_same_pass(const alx_result_row *a, const alx_result_row *b)
{
    return strcmp(a->layer, b->layer) == 0 && strcmp(a->pass, b->pass) == 0;
}

static bool is_clblast(const alx_result_row *row)
{
    return strcmp(row->algorithm, "im2col") == 0 || strcmp(row->algorithm, "clblast") == 0;
}

size_t alx_result_fastest(const alx_result_row **own, const alx_result_row **clblast,
                          const alx_result *result, size_t first)
{
    size_t i = first;

    *own = *clblast = NULL;
    for (; i < result->row_count && report_same_pass(&result->rows[i], &result->rows[first]); ++i) {
        const alx_result_row *row = &result->rows[i], **best = is_clblast(row) ? clblast : own;

        if (*best == NULL || row->median_ms < (*best)->median_ms)
            *best = row;
    }
    return i;
}
