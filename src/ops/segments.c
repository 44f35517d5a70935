/* segments.c - the table of many parameters for kernels that take all of them in one launch, or in
 * one for each set of buffers that they lie in. */
#include "ops/segments.h"

#include <stdlib.h>

#include "base/try.h"

/* As cl/segments.clh has it. */
typedef struct segment_row {
    uint32_t end, count, chunk, at[3], slot;
} segment_row;

#define ROW_WORDS ((int)(sizeof(segment_row) / sizeof(uint32_t)))

/* Elements per partial sum. */
#define SUM_CHUNK 32768

/* Where a parameter lies in its buffers. */
typedef struct segment_place {
    alx_tensor w, v, g;
    size_t w_first, v_first, g_first;
} segment_place;

typedef struct segment_builder {
    alx_segments *to;
    const alx_segment *list;
    size_t count;
    segment_place *places;
    segment_row *rows;
    uint32_t row_count, update_chunk;
} segment_builder;

/* Of a gradient, per partial sum; of a matrix a row, which a fused update has at hand. */
static uint32_t chunk_of(alx_shape s)
{
    return s.n > 1 && s.h == 1 && s.w == 1 ? (uint32_t)s.c : SUM_CHUNK;
}

size_t alx_op_sum_squares_scratch(alx_shape shape)
{
    const size_t chunk = chunk_of(shape);

    return (alx_shape_count(shape) + chunk - 1) / chunk;
}

static bool shares_run(const segment_builder *b, segment_use use, size_t i, size_t j)
{
    const segment_place *p = &b->places[i], *q = &b->places[j];

    if (use == SEGMENT_SUMS)
        return true;
    if (use == SEGMENT_CHUNKS)
        return p->g.mem == q->g.mem;
    return b->list[i].kind == b->list[j].kind && p->w.mem == q->w.mem && p->v.mem == q->v.mem &&
           p->g.mem == q->g.mem;
}

/* Without `end`; `partial` is the first of its sums over chunks. */
static segment_row make_row(const segment_builder *b, segment_use use, size_t i, size_t partial)
{
    const segment_place *p = &b->places[i];
    const alx_shape shape = b->list[i].g->shape;
    const uint32_t count = (uint32_t)alx_shape_count(shape);
    const uint32_t sums = (uint32_t)alx_op_sum_squares_scratch(shape);

    switch (use) {
    case SEGMENT_UPDATE:
        return (segment_row){
            0,
            count,
            b->update_chunk,
            { (uint32_t)p->w_first, (uint32_t)p->v_first, (uint32_t)p->g_first },
            (uint32_t)b->list[i].slot,
        };
    case SEGMENT_CHUNKS:
        return (segment_row){
            0, count, chunk_of(shape), { (uint32_t)p->g_first, (uint32_t)partial }, 0
        };
    default:
        return (segment_row){ 0, sums, sums, { (uint32_t)partial, (uint32_t)b->list[i].slot }, 0 };
    }
}

/* The run of element `i`, the first of it, with all others that share it. */
static void add_run(segment_builder *b, segment_use use, size_t i)
{
    const segment_place *place = &b->places[i];
    segment_run run = {
        .kind = b->list[i].kind, .row0 = b->row_count, .w = place->w, .v = place->v, .g = place->g
    };
    size_t partial = 0;

    for (size_t j = 0; j < b->count; ++j) {
        const size_t sums = alx_op_sum_squares_scratch(b->list[j].g->shape);

        if (shares_run(b, use, i, j)) {
            segment_row row = make_row(b, use, j, partial);

            run.groups += (row.count + row.chunk - 1) / row.chunk;
            row.end = run.groups;
            b->rows[b->row_count++] = row;
            ++run.rows;
        }
        partial += sums;
    }
    b->to->partials = partial;
    b->to->runs[use][b->to->run_count[use]++] = run;
}

static void add_runs(segment_builder *b, segment_use use)
{
    for (size_t i = 0; i < b->count; ++i) {
        bool is_first = true;

        for (size_t j = 0; j < i && is_first; ++j)
            is_first = !shares_run(b, use, i, j);
        if (is_first)
            add_run(b, use, i);
    }
}

/* One that is not `updated` but only measured has no w and v. */
static int find_place(segment_place *place, const alx_segment *s, bool updated)
{
    const size_t count = alx_shape_count(s->g->shape);

    TRY(ops_require("update", count > 0 && count <= UINT32_MAX / 2, "no elements, or too many"));
    TRY(ops_require("update", s->slot >= 0, "no such slot"));
    TRY(ops_require("update", (s->w != NULL) == updated && (s->v != NULL) == updated,
                    "w and v of all parameters, or of none"));
    TRY(alx_tensor_whole(&place->g, &place->g_first, s->g));
    TRY(ops_require("update", place->g_first <= UINT32_MAX - count, "a buffer is too large"));
    if (!updated)
        return 0;
    TRY(ops_same_shape("update", s->w, s->v));
    TRY(ops_same_shape("update", s->w, s->g));
    TRY(alx_tensor_whole(&place->w, &place->w_first, s->w));
    TRY(alx_tensor_whole(&place->v, &place->v_first, s->v));
    return ops_require("update",
                       place->w_first <= UINT32_MAX - count && place->v_first <= UINT32_MAX - count,
                       "a buffer is too large");
}

static int find_places(segment_builder *b)
{
    size_t elements = 0;

    for (size_t i = 0; i < b->count; ++i) {
        TRY(find_place(&b->places[i], &b->list[i], b->list[0].w != NULL));
        elements += alx_shape_count(b->list[i].g->shape);
        if (b->list[i].slot > b->to->most_slot)
            b->to->most_slot = b->list[i].slot;
    }
    b->update_chunk = ops_chunk(b->to->dev, elements);
    return 0;
}

static int fill(segment_builder *b)
{
    alx_segments *s = b->to;

    TRY(find_places(b));
    for (int use = b->list[0].w != NULL ? SEGMENT_UPDATE : SEGMENT_CHUNKS; use < SEGMENT_USES;
         ++use)
        add_runs(b, (segment_use)use);
    TRY(alx_tensor_create(&s->table, s->dev, (alx_shape){ 1, 1, (int)b->row_count, ROW_WORDS }));
    return alx_tensor_write(&s->table, b->rows);
}

int alx_segments_create(alx_segments **out, const alx_segment *list, size_t count)
{
    alx_segments *s = calloc(1, sizeof *s);
    segment_builder b = { .to = s, .list = list, .count = count };
    int rc = 0;

    *out = NULL;
    if (count == 0)
        goto done;
    if (s == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the table of parameters");
    s->dev = list[0].g->dev;
    b.places = calloc(count, sizeof *b.places);
    b.rows = calloc(count * SEGMENT_USES, sizeof *b.rows);
    for (int use = 0; use < SEGMENT_USES; ++use)
        s->runs[use] = calloc(count, sizeof *s->runs[use]);
    if (b.places == NULL || b.rows == NULL || s->runs[0] == NULL || s->runs[1] == NULL ||
        s->runs[2] == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for the table of parameters");
        goto done;
    }
    TRY_DONE(fill(&b));
    *out = s;
    s = NULL;
done:
    free(b.places);
    free(b.rows);
    alx_segments_free(s);
    return rc;
}

void alx_segments_free(alx_segments *s)
{
    if (s == NULL)
        return;
    for (int use = 0; use < SEGMENT_USES; ++use)
        free(s->runs[use]);
    alx_tensor_free(&s->table);
    free(s);
}
