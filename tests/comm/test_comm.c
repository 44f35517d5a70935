/* test_comm.c - what ranks tell each other. The program starts itself as a job; each rank compares
 * what it gets with what it knows that the others have. */
#include "support/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/comm.h"
#include "base/sum_tree.h"

#define MOST_SHARDS 24
#define MOST_FLOATS 1001

/* Of shard `shard`: numbers of many sizes, so that each order of sums has other bits. */
static float value(int shard, size_t i)
{
    const uint32_t mixed = ((uint32_t)shard * 2654435761U) ^ ((uint32_t)i * 40503U + 977U);

    return ((float)(mixed % 10007U) - 5003.0f) / (float)(1U << mixed % 13U);
}

/* Node `index` of level `level` of the tree, by its definition. */
static float tree_sum(int level, int index, int shards, size_t i)
{
    if (level == 0)
        return value(index, i);
    if ((2 * index + 1) << (level - 1) >= shards)
        return tree_sum(level - 1, 2 * index, shards, i);
    return tree_sum(level - 1, 2 * index, shards, i) +
           tree_sum(level - 1, 2 * index + 1, shards, i);
}

/* What a rank's own shards come to. */
static int own_sums(alx_comm *comm, float *room, const float *own[], int shards, int of,
                    size_t count)
{
    base_tree tree = { 0 };
    int first, end;

    alx_comm_share(comm, alx_comm_rank(comm), of, &first, &end);
    for (int shard = first; shard < end && shard < shards; ++shard) {
        int at = tree.count;

        for (size_t i = 0; i < count; ++i)
            room[(size_t)at * count + i] = value(shard, i);
        for (int due = base_tree_enter(&tree, (base_tree_sum){ 0, shard }); due > 0; --due, --at)
            for (size_t i = 0; i < count; ++i)
                room[(size_t)(at - 1) * count + i] += room[(size_t)at * count + i];
    }
    for (int i = 0; i < tree.count; ++i)
        own[i] = room + (size_t)i * count;
    return tree.count;
}

static int check_sum(alx_comm *comm, int shards, int of, size_t count)
{
    const float *own[BASE_TREE_SUMS];
    float *out = calloc(count, sizeof *out);
    void *memory = NULL;
    int rc = alx_comm_memory(&memory, comm, MOST_SHARDS * MOST_FLOATS * sizeof *out);

    if (rc != 0 || out == NULL)
        return 1;
    own_sums(comm, memory, own, shards, of, count);
    rc = alx_comm_sum(comm, out, own, shards, of, count);
    for (size_t i = 0; i < count && rc == 0; ++i)
        if (out[i] != tree_sum(5, 0, shards, i)) {
            fprintf(stderr, "rank %d: %d shards of %d, float %zu: %a, not %a\n",
                    alx_comm_rank(comm), shards, of, i, out[i], tree_sum(5, 0, shards, i));
            rc = 1;
        }
    free(out);
    return rc;
}

static int check_sums(alx_comm *comm)
{
    static const int shards[][2] = { { 8, 8 }, { 5, 8 }, { 1, 8 }, { 24, 24 }, { 23, 24 } };
    static const size_t counts[] = { 1, 2, 7, MOST_FLOATS };

    for (size_t i = 0; i < ALX_COUNT(shards); ++i)
        for (size_t k = 0; k < ALX_COUNT(counts); ++k)
            if (check_sum(comm, shards[i][0], shards[i][1], counts[k]) != 0)
                return 1;
    return 0;
}

static int check_gathered(alx_comm *comm)
{
    int all[64], own = 100 + alx_comm_rank(comm), bad = 0;
    const int rc = alx_comm_gather(comm, all, &own, sizeof own);

    if (rc != 0)
        return rc;
    for (int rank = 0; rank < alx_comm_size(comm); ++rank)
        bad += all[rank] != 100 + rank;
    return bad;
}

/* More than one message of MPI holds, once. */
static int check_spread(alx_comm *comm)
{
    static const size_t sizes[] = { 1, 1000, ((size_t)1 << 28) + 5 };
    int bad = 0;

    for (size_t i = 0; i < ALX_COUNT(sizes); ++i) {
        char *data = malloc(sizes[i]);

        if (data == NULL)
            return 1;
        memset(data, alx_comm_rank(comm) == 0 ? 'x' : '?', sizes[i]);
        bad += alx_comm_spread(comm, data, sizes[i]) != 0;
        bad += data[0] != 'x' || data[sizes[i] / 2] != 'x' || data[sizes[i] - 1] != 'x';
        free(data);
    }
    return bad;
}

/* All ranks of these tests are of one host. */
static int check_place(alx_comm *comm)
{
    return alx_comm_place(comm) != alx_comm_rank(comm) ||
           alx_comm_places(comm) != alx_comm_size(comm);
}

static int be_a_rank(const char *what)
{
    alx_comm *comm = NULL;
    int rc = alx_comm_open(&comm, 0.0);

    if (rc == 0 && strcmp(what, "fail") == 0)
        rc = alx_comm_rank(comm) == 2 ? alx_fail(ALX_E_DATA, "no such image")
                                      : check_gathered(comm);
    else if (rc == 0)
        rc = check_place(comm) + check_gathered(comm) + check_spread(comm) + check_sums(comm);
    rc = alx_comm_close(comm, rc);
    if (rc < 0 && alx_status_text(rc)[0] != '\0')
        fprintf(stderr, "alexnet: %s\n", alx_status_text(rc));
    return rc < 0 ? alx_exit_code(rc) : rc;
}

static char self[512];

static test_run run_job(int ranks, const char *what)
{
    char program[600];

    test_need_mpi();
    snprintf(program, sizeof program, "'%s' %s", self, what);
    return test_ranks(ranks, NULL, program);
}

static void all_ranks_get_the_trees_sum(void **state)
{
    static const int ranks[] = { 2, 3, 8 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(ranks); ++i) {
        test_run run = run_job(ranks[i], "all");

        test_assert_run(&run, 0, "");
        test_run_free(&run);
    }
}

static void a_failure_reaches_all_and_is_told_once(void **state)
{
    test_run run = run_job(4, "fail");

    (void)state;
    test_assert_run(&run, 4, "alexnet: rank 2 (process ");
    assert_non_null(strstr(run.err, "no such image"));
    assert_int_equal(test_count(run.err, "alexnet: "), 1);
    test_run_free(&run);
}

static void one_process_is_alone(void **state)
{
    alx_comm *comm = NULL;
    int first = -1, end = -1, own = 7, all = 0;

    (void)state;
    assert_int_equal(alx_comm_launched(), 1);
    assert_ok(alx_comm_open(&comm, 0.0));
    assert_null(comm);
    assert_int_equal(alx_comm_rank(comm), 0);
    assert_int_equal(alx_comm_size(comm), 1);
    assert_int_equal(alx_comm_place(comm), 0);
    assert_int_equal(alx_comm_places(comm), 1);
    alx_comm_share(comm, 0, 5, &first, &end);
    assert_int_equal(first, 0);
    assert_int_equal(end, 5);
    assert_ok(alx_comm_gather(comm, &all, &own, sizeof own));
    assert_int_equal(all, 7);
    assert_ok(alx_comm_spread(comm, &own, sizeof own));
    assert_int_equal(alx_comm_close(comm, ALX_E_DATA), ALX_E_DATA);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_process_is_alone),
        cmocka_unit_test(all_ranks_get_the_trees_sum),
        cmocka_unit_test(a_failure_reaches_all_and_is_told_once),
    };

    if (argc > 1)
        return be_a_rank(argv[1]);
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
