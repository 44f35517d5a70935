/* sum.c - the tree's sum of all shards: a rank adds a slice of it, from what all send, and sends
 * that slice to all. */
#include "comm/comm.h"

#include <stdlib.h>
#include <string.h>

#include "base/sum_tree.h"
#include "base/try.h"

typedef struct summing {
    alx_comm *comm;
    int shards, of;
    size_t count; /* floats of a sum */
    comm_message *sends, *receives;
    int send_count, receive_count, total; /* sums of all ranks together */
} summing;

/* The sums that a rank is left with once it has added all that the tree adds first. */
static base_tree sums_of(const summing *s, int rank)
{
    base_tree tree = { 0 };
    int first, end;

    alx_comm_share(s->comm, rank, s->of, &first, &end);
    for (int shard = first; shard < end && shard < s->shards; ++shard)
        base_tree_enter(&tree, (base_tree_sum){ 0, shard });
    return tree;
}

static size_t slice_first(const summing *s, int rank)
{
    return s->count / (size_t)s->comm->size * (size_t)rank;
}

static size_t slice_count(const summing *s, int rank)
{
    const size_t end = rank + 1 < s->comm->size ? slice_first(s, rank + 1) : s->count;

    return end - slice_first(s, rank);
}

static int prepare(summing *s)
{
    const size_t most = (size_t)s->comm->size * BASE_TREE_SUMS;

    for (int rank = 0; rank < s->comm->size; ++rank)
        s->total += sums_of(s, rank).count;
    s->sends = calloc(most, sizeof *s->sends);
    s->receives = calloc(most, sizeof *s->receives);
    if (s->sends == NULL || s->receives == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for messages between %d ranks",
                        s->comm->size);
    return 0;
}

/* Slices of all sums to where they are added; this rank's from all arrive in the order of the
 * tree. */
static int send_slices(summing *s, float *room, const float *const *own)
{
    const size_t slice = slice_count(s, s->comm->rank);
    const base_tree mine = sums_of(s, s->comm->rank);
    float *next = room;

    for (int peer = 0; peer < s->comm->size; ++peer) {
        const base_tree theirs = sums_of(s, peer);

        for (int i = 0; i < theirs.count; ++i, next += slice) {
            if (peer == s->comm->rank)
                memcpy(next, own[i] + slice_first(s, peer), slice * sizeof *next);
            else
                s->receives[s->receive_count++] = (comm_message){ peer, next,
                                                                  slice * sizeof *next };
        }
        for (int i = 0; i < mine.count && peer != s->comm->rank; ++i)
            s->sends[s->send_count++] = (comm_message){ peer,
                                                        (void *)(own[i] + slice_first(s, peer)),
                                                        slice_count(s, peer) * sizeof *next };
    }
    return comm_exchange(s->comm, s->sends, s->send_count, s->receives, s->receive_count);
}

/* to + from, both of the tree's sums that meet. */
static void add(float *restrict to, const float *restrict from, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        to[i] += from[i];
}

/* The last of so many places to the one before it, and so on. */
static void add_due(float *const *places, int last, int due, size_t slice)
{
    for (; due > 0; --due, --last)
        add(places[last - 1], places[last], slice);
}

/* The slice's sum, in the first place. */
static void add_slices(const summing *s, float *room)
{
    const size_t slice = slice_count(s, s->comm->rank);
    float *places[BASE_TREE_SUMS], *next = room;
    base_tree tree = { 0 };

    for (int peer = 0; peer < s->comm->size; ++peer) {
        const base_tree theirs = sums_of(s, peer);

        for (int i = 0; i < theirs.count; ++i, next += slice) {
            const int last = tree.count;

            places[last] = next;
            add_due(places, last, base_tree_enter(&tree, theirs.sums[i]), slice);
        }
    }
    const int last = tree.count - 1;
    add_due(places, last, base_tree_finish(&tree), slice);
}

/* Every rank's slice to every rank. */
static int send_results(summing *s, char *room, float *out)
{
    const size_t bytes = slice_count(s, s->comm->rank) * sizeof *out;
    char *arrived = room + bytes;
    int count = 0;

    for (int peer = 0; peer < s->comm->size; ++peer) {
        if (peer == s->comm->rank)
            continue;
        s->sends[count] = (comm_message){ peer, room, bytes };
        s->receives[count++] = (comm_message){ peer, arrived, slice_count(s, peer) * sizeof *out };
        arrived += slice_count(s, peer) * sizeof *out;
    }
    TRY(comm_exchange(s->comm, s->sends, count, s->receives, count));
    memcpy(out + slice_first(s, s->comm->rank), room, bytes);
    for (int i = 0; i < count; ++i)
        memcpy(out + slice_first(s, s->receives[i].peer), s->receives[i].data,
               s->receives[i].bytes);
    return 0;
}

int alx_comm_sum(alx_comm *comm, float *out, const float *const *own, int shards, int of,
                 size_t count)
{
    summing s = { .comm = comm, .shards = shards, .of = of, .count = count };
    char *room = NULL;
    int rc = 0;

    TRY_DONE(prepare(&s));
    const size_t slice = slice_count(&s, comm->rank);
    const size_t sums = (size_t)s.total * slice * sizeof *out;
    const size_t results = (count + slice) * sizeof *out;

    TRY_DONE(comm_room(&room, comm, sums > results ? sums : results));
    TRY_DONE(send_slices(&s, (float *)(void *)room, own));
    add_slices(&s, (float *)(void *)room);
    TRY_DONE(send_results(&s, room, out));
done:
    free(s.sends);
    free(s.receives);
    return rc;
}
