/* test_two_rows.c - networks with different tuning rows on one device: each multiplies with its own
 * parameters of CLBlast, in whatever order they take turns. */
#include "support/device.h"
#include "support/folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/ops.h"
#include "alexnet/dev/rows.h"
#include "alexnet/log.h"
#include "alexnet/net.h"

enum { BATCH = 32, CLASSES = 10 };

#define XGEMM(m, n, mdim, ndim)                                                                    \
    "GEMMK=0 KREG=1 KWG=16 KWI=2 MDIMA=" #mdim " MDIMC=" #mdim " MWG=" #m " NDIMB=" #ndim          \
    " NDIMC=" #ndim " NWG=" #n " SA=0 SB=0 STRM=0 STRN=0 VWM=1 VWN=1"
/* The last one asks for groups of 16384 items, more than a device takes. */
static const char narrow[] = XGEMM(32, 32, 8, 8), broad[] = XGEMM(64, 32, 16, 8),
                  impossible[] = XGEMM(128, 128, 128, 128);

static const char text[] = "[net]\n"
                           "input = 8x8x3\n"
                           "classes = 10\n"
                           "[fc1]\n"
                           "units = 64\n"
                           "[fc2]\n"
                           "units = 10\n";

static bool any_is_known(const alx_row *row, const void *user)
{
    (void)row;
    (void)user;
    return true;
}

static void add_row(alx_rows *rows, const char *problem, const char *choice)
{
    alx_row row = { .ms = 1.0 };

    snprintf(row.problem, sizeof row.problem, "%s", problem);
    snprintf(row.choice, sizeof row.choice, "%s", choice);
    assert_ok(alx_rows_add(rows, &row));
}

/* Of which every product takes Xgemm with the set; NULL: none at all. */
static alx_rows *make_rows(const char *name, const char *set)
{
    const alx_rows_key key = { .device = "d",
                               .driver = "1",
                               .families = { { "clblast", "k" } },
                               .family_count = 1,
                               .is_known = any_is_known };
    alx_rows *rows = NULL;

    if (set == NULL)
        return NULL;
    assert_ok(alx_rows_open(&rows, &key, test_folder_path(&test_own_folder, name)));
    add_row(rows, "clblast Xgemm", set);
    add_row(rows, "clblast GemmRoutine", "XGEMM_MIN_INDIRECT_SIZE=1");
    return rows;
}

typedef struct user {
    alx_rows *rows;
    alx_net *net;
} user;

static void make_user(user *u, alx_device *dev, const char *name, const char *set)
{
    alx_config config;
    const alx_net_options options = {
        .batch = BATCH,
        .training = true,
        .algorithms = { .conv = ALX_CONV_IM2COL, .gemm = ALX_GEMM_CLBLAST },
        .rows = &u->rows,
    };

    u->rows = make_rows(name, set);
    assert_ok(alx_config_parse(&config, text, "test", NULL, 0));
    assert_ok(alx_net_create(&u->net, &config.net, &dev, 1, &options));
    assert_ok(alx_net_init(u->net, 1));
}

static void drop_user(user *u)
{
    alx_net_free(u->net);
    alx_rows_close(u->rows);
}

/* A whole step; its probabilities. */
static int run(float prob[BATCH * CLASSES], const user *u)
{
    static const alx_step step = { .training = true, .images = BATCH };
    int32_t labels[BATCH] = { 0 };
    int rc = alx_tensor_write(alx_net_input(u->net, 0),
                              test_host_random((size_t)BATCH * 8 * 8 * 3, 7, -1, 1));

    if (rc == 0)
        rc = alx_net_set_labels(u->net, labels);
    if (rc == 0)
        rc = alx_net_forward(u->net, &step);
    if (rc == 0)
        rc = alx_net_backward(u->net, &step);
    if (rc == 0)
        rc = alx_net_read_prob(u->net, prob);
    return rc;
}

static void assert_own_parameters(alx_device *dev, alx_device *other)
{
    float alone[BATCH * CLASSES], prob[BATCH * CLASSES];
    user good, bad;

    make_user(&good, dev, "narrow", narrow);
    make_user(&bad, other, "impossible", impossible);
    assert_ok(run(alone, &good));
    for (int turn = 0; turn < 2; ++turn) {
        assert_int_equal(run(prob, &bad), ALX_E_DEVICE);
        assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "CLBlast"));
        assert_ok(run(prob, &good));
        assert_memory_equal(prob, alone, sizeof prob);
    }
    drop_user(&bad);
    drop_user(&good);
}

static void networks_of_one_handle(void **state)
{
    (void)state;
    assert_own_parameters(test_device(), test_device());
}

static void networks_of_two_handles(void **state)
{
    alx_device *other = NULL;

    (void)state;
    test_device();
    assert_ok(alx_device_open(&other, NULL, NULL));
    assert_own_parameters(test_device(), other);
    alx_device_close(other);
}

static void turns_change_no_bit(void **state)
{
    alx_device *dev = test_device();
    float alone[2][BATCH * CLASSES], prob[BATCH * CLASSES];
    user users[2];

    (void)state;
    make_user(&users[0], dev, "narrow", narrow);
    make_user(&users[1], dev, "broad", broad);
    for (int i = 0; i < 2; ++i)
        assert_ok(run(alone[i], &users[i]));
    for (int turn = 0; turn < 4; ++turn) {
        assert_ok(run(prob, &users[turn % 2]));
        assert_memory_equal(prob, alone[turn % 2], sizeof prob);
    }
    drop_user(&users[0]);
    drop_user(&users[1]);
}

/* ---- what cannot be had back --------------------------------------------------------------- */

static void count_warning(enum alx_log_level level, const char *said, void *seen)
{
    int *count = seen;

    *count += level == ALX_LOG_WARN && strstr(said, "parameters of other tuning rows") != NULL;
}

static void packaged_parameters_are_missed_aloud(void **state)
{
    alx_device *dev = test_device();
    float prob[BATCH * CLASSES];
    user tuned, plain;
    int warnings = 0;

    (void)state;
    make_user(&tuned, dev, "narrow", narrow);
    make_user(&plain, dev, "none", NULL);
    alx_log_set_level(ALX_LOG_WARN);
    alx_log_set_sink(count_warning, &warnings);
    assert_ok(run(prob, &tuned));
    assert_int_equal(warnings, 0);
    assert_ok(run(prob, &plain));
    assert_int_equal(warnings, 1);
    assert_ok(run(prob, &plain));
    assert_int_equal(warnings, 1); /* a handle says it once */
    alx_log_set_sink(NULL, NULL);
    drop_user(&plain);
    drop_user(&tuned);
}

static int close_all(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(networks_of_one_handle),
        test_on_device(networks_of_two_handles),
        test_on_device(turns_change_no_bit),
        test_on_device(packaged_parameters_are_missed_aloud),
    };

    alx_log_set_level(ALX_LOG_QUIET);
    return cmocka_run_group_tests(tests, test_own_folder_make, close_all);
}
