/* test_transfer.c - tensors from one device to another, inside a context and between two. */
#include "support/pair.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rt/device.h"
#include "rt/memory/memory.h"

/* More than one piece of pinned memory a chunk, and not a multiple of it. */
static const alx_shape large = { 6, 1, 700, 257 };

static alx_transfer *transfer_of(alx_device *to, const alx_tensor *from, int chunks)
{
    alx_transfer *transfer = NULL;

    assert_ok(alx_transfer_create(&transfer, "test 0>1", to, from, chunks));
    return transfer;
}

static void assert_arrival(const alx_transfer *transfer, int chunk, const float *want)
{
    const alx_tensor *arrival = alx_transfer_arrival(transfer, chunk);
    const float *got = test_download(arrival);

    assert_memory_equal(got, want, alx_shape_count(arrival->shape) * sizeof *got);
}

static void every_chunk_arrives(alx_device *pair[2])
{
    const size_t count = alx_shape_count(large), third = count / 3;
    const float *values = test_host_random(count, 1, -1.0f, 1.0f);
    const alx_tensor *source = test_tensor_of(pair[0], large, values);
    alx_transfer *transfer = transfer_of(pair[1], source, 3);

    for (int chunk = 2; chunk >= 0; --chunk) /* in any order */
        assert_ok(alx_transfer_start(transfer, chunk));
    for (int chunk = 0; chunk < 3; ++chunk) {
        assert_int_equal(alx_transfer_arrival(transfer, chunk)->shape.n, large.n / 3);
        assert_ok(alx_transfer_await(transfer, chunk));
        assert_arrival(transfer, chunk, values + (size_t)chunk * third);
    }
    assert_ok(alx_transfer_check(transfer));
    alx_transfer_free(transfer);
}

/* The source changes between the transfers: each must see its own value, and no arrival may be
 * overwritten before it is read. The host runs ahead of both devices. */
static void order_holds_without_the_host(alx_device *pair[2])
{
    enum { ROUNDS = 24, WIDTH = 300 * 1024 };
    const alx_shape shape = { 1, 1, 300, 1024 };
    const alx_tensor *source = test_tensor(pair[0], shape);
    const alx_tensor *kept[ROUNDS];
    alx_transfer *transfer = transfer_of(pair[1], source, 1);

    for (int round = 0; round < ROUNDS; ++round)
        kept[round] = test_tensor(pair[1], shape);
    for (int round = 0; round < ROUNDS; ++round) {
        assert_ok(alx_tensor_fill(source, (float)round));
        assert_ok(alx_transfer_start(transfer, 0));
        assert_ok(alx_transfer_await(transfer, 0));
        assert_ok(alx_tensor_copy(kept[round], alx_transfer_arrival(transfer, 0)));
        assert_ok(alx_transfer_release(transfer, 0));
        assert_ok(alx_transfer_settle(transfer));
    }
    for (int round = 0; round < ROUNDS; ++round) {
        const float *got = test_download(kept[round]);

        for (size_t i = 0; i < WIDTH; ++i)
            if (got[i] != (float)round)
                fail_msg("round %d: element %zu is %g", round, i, (double)got[i]);
    }
    assert_ok(alx_transfer_check(transfer));
    alx_transfer_free(transfer);
}

/* Both ways at once, as the towers do. */
static void halves_cross(alx_device *pair[2])
{
    const alx_shape shape = { 4, 13, 13, 48 };
    const size_t count = alx_shape_count(shape);
    const float *values[2];
    alx_transfer *transfers[2];

    for (int i = 0; i < 2; ++i) {
        values[i] = test_host_random(count, 5 + (uint32_t)i, -1.0f, 1.0f);
        transfers[i] = transfer_of(pair[1 - i], test_tensor_of(pair[i], shape, values[i]), 4);
    }
    for (int round = 0; round < 5; ++round)
        for (int chunk = 0; chunk < 4; ++chunk)
            for (int i = 0; i < 2; ++i)
                assert_ok(alx_transfer_start(transfers[i], chunk));
    for (int chunk = 0; chunk < 4; ++chunk)
        for (int i = 0; i < 2; ++i) {
            assert_ok(alx_transfer_await(transfers[i], chunk));
            assert_arrival(transfers[i], chunk, values[i] + (size_t)chunk * count / 4);
        }
    for (int i = 0; i < 2; ++i)
        alx_transfer_free(transfers[i]);
}

/* Arrived bytes and times by name, for the device that receives; times lie within the host's. */
static void the_profile_counts_what_arrives(alx_device *pair[2])
{
    const alx_tensor *source = test_tensor(pair[0], large);
    const size_t bytes = alx_shape_count(large) * sizeof(float);
    const double before_ms = 1e3 * base_seconds();
    const alx_timeline_event *events = NULL;
    alx_profile_row *rows = NULL;
    size_t count = 0, dropped = 0, arrived = 0, seen = 0;

    for (int i = 0; i < 2; ++i)
        assert_ok(alx_timeline_start(pair[i]));
    alx_transfer *transfer = transfer_of(pair[1], source, 2);

    for (int chunk = 0; chunk < 2; ++chunk) {
        assert_ok(alx_transfer_start(transfer, chunk));
        assert_ok(alx_transfer_await(transfer, chunk));
    }
    assert_ok(alx_timeline_take(pair[1], &events, &count, &dropped));
    for (size_t i = 0; i < count; ++i) {
        if (events[i].queue == ALX_TIMELINE_COMPUTE)
            continue;
        assert_string_equal(events[i].label, "test 0>1");
        assert_true(events[i].start_ms <= events[i].end_ms);
        assert_true(events[i].start_ms > before_ms - 1.0);
        assert_true(events[i].end_ms < 1e3 * base_seconds() + 1.0);
        seen += events[i].bytes;
    }
    assert_int_equal(seen, bytes);
    assert_int_equal(dropped, 0);
    assert_ok(alx_profile_take(pair[1], &rows, &count));
    for (size_t i = 0; i < count; ++i) {
        arrived += rows[i].bytes;
        assert_true(rows[i].hidden_ms >= 0.0);
        assert_true(rows[i].hidden_ms <= rows[i].total_ms + 1e-6);
        assert_true(rows[i].transfer || rows[i].bytes == 0);
    }
    assert_int_equal(arrived, bytes);
    free(rows);
    assert_ok(alx_profile_take(pair[0], &rows, &count));
    for (size_t i = 0; i < count; ++i)
        assert_false(rows[i].transfer);
    free(rows);
    alx_transfer_free(transfer);
}

/* Freed with everything under way, never awaited. */
static void nothing_need_be_awaited(alx_device *pair[2])
{
    alx_transfer *transfer = transfer_of(pair[1], test_tensor(pair[0], large), 2);

    assert_ok(alx_transfer_start(transfer, 0));
    assert_ok(alx_transfer_start(transfer, 1));
    alx_transfer_free(transfer);
}

static void a_failed_event_is_noted_and_nothing_hangs(alx_device *pair[2])
{
    _Atomic cl_int failure = CL_SUCCESS;
    cl_int code = CL_SUCCESS;
    cl_event source = NULL, bridged = NULL;

    if (pair[0]->context == pair[1]->context ||
        strstr(pair[0]->info.platform_version, "PoCL 3.1") != NULL) {
        print_message("one context, or PoCL 3.1, which aborts the process when an event fails\n");
        return;
    }
    source = clCreateUserEvent(pair[0]->context->cl, &code);
    assert_int_equal(code, CL_SUCCESS);
    assert_ok(rt_event_bridge(&bridged, pair[1], pair[0], source, &failure));
    assert_int_equal(clSetUserEventStatus(source, CL_OUT_OF_RESOURCES), CL_SUCCESS);
    assert_ok(rt_cl_wait(pair[1], bridged, "waiting", "the bridge"));
    assert_int_equal(failure, CL_OUT_OF_RESOURCES);
    clReleaseEvent(source);
    clReleaseEvent(bridged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_pairs(every_chunk_arrives),
        test_on_pairs(order_holds_without_the_host),
        test_on_pairs(halves_cross),
        test_on_pairs(nothing_need_be_awaited),
        test_on_pairs(the_profile_counts_what_arrives),
        test_on_pairs(a_failed_event_is_noted_and_nothing_hangs),
    };

    test_pair_two_pocl_devices();
    return cmocka_run_group_tests_name("transfer", tests, NULL, test_device_close);
}
