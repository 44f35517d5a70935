/* test_upload.c - an upload passes what the device computes, and waits for what still uses the
 * tensor. The queue that computes is held by an event until the test lets it go. */
#include "support/device.h"

#include <stdlib.h>
#include <string.h>

#include "rt/device.h"

#define COUNT 1000

typedef struct fixture {
    alx_device *dev;
    alx_upload *upload;
    alx_tensor tensor;
    cl_event gate;
    float data[COUNT], back[COUNT];
} fixture;

static fixture make_fixture(void)
{
    fixture f = { .dev = test_device() };
    cl_int code = CL_SUCCESS;

    test_fill(f.data, COUNT, 7, -1.0f, 1.0f);
    assert_ok(alx_tensor_create(&f.tensor, f.dev, (alx_shape){ 1, 1, 1, COUNT }));
    assert_ok(alx_tensor_fill(&f.tensor, 0.0f));
    assert_ok(alx_device_finish(f.dev));
    assert_ok(alx_upload_create(&f.upload, "test", f.dev));
    f.gate = clCreateUserEvent(f.dev->context->cl, &code);
    assert_int_equal(code, CL_SUCCESS);
    return f;
}

static void free_fixture(fixture *f)
{
    alx_upload_free(f->upload);
    alx_tensor_free(&f->tensor);
    clReleaseEvent(f->gate);
}

static void close_gate(const fixture *f)
{
    assert_int_equal(clEnqueueBarrierWithWaitList(f->dev->queue, 1, &f->gate, NULL), CL_SUCCESS);
}

static void open_gate(const fixture *f)
{
    assert_int_equal(clSetUserEventStatus(f->gate, CL_COMPLETE), CL_SUCCESS);
}

static void an_upload_passes_what_is_computed(void **state)
{
    fixture f = make_fixture();

    (void)state;
    close_gate(&f);
    assert_ok(alx_upload_write(f.upload, &f.tensor, f.data, sizeof f.data));
    assert_ok(alx_upload_await(f.upload));
    assert_ok(alx_upload_wait(f.upload)); /* returns, though the other queue stands */
    open_gate(&f);
    assert_ok(alx_tensor_read(f.back, &f.tensor));
    assert_memory_equal(f.back, f.data, sizeof f.data);
    free_fixture(&f);
}

static void an_upload_waits_for_the_last_use(void **state)
{
    fixture f = make_fixture();
    alx_tensor kept = { 0 };

    (void)state;
    assert_ok(alx_tensor_create(&kept, f.dev, f.tensor.shape));
    close_gate(&f);
    assert_ok(alx_tensor_copy(&kept, &f.tensor)); /* of the zeros */
    assert_ok(alx_upload_release(f.upload));
    assert_ok(alx_upload_write(f.upload, &f.tensor, f.data, sizeof f.data));
    assert_ok(alx_upload_await(f.upload));
    open_gate(&f);
    assert_ok(alx_tensor_read(f.back, &f.tensor));
    assert_memory_equal(f.back, f.data, sizeof f.data);
    assert_ok(alx_tensor_read(f.back, &kept));
    for (int i = 0; i < COUNT; ++i)
        assert_true(f.back[i] == 0.0f);
    alx_tensor_free(&kept);
    free_fixture(&f);
}

/* ---- failures -------------------------------------------------------------------------------- */

/* Of as many writes as a batch takes, then as many batches: one fails when all are queued. */
static void assert_failure_is_seen(const char *fault, int writes, bool waits)
{
    float data[COUNT] = { 0 };
    alx_tensor tensor = { 0 };
    alx_upload *upload = NULL;
    alx_device *dev = NULL;

    setenv("ALEXNET_FAULT", fault, 1);
    assert_ok(alx_device_open(&dev, NULL, NULL));
    unsetenv("ALEXNET_FAULT");
    assert_ok(alx_tensor_create(&tensor, dev, (alx_shape){ 1, 1, 1, COUNT }));
    assert_ok(alx_upload_create(&upload, "test", dev));
    for (int i = 0; i < writes; ++i)
        assert_ok(alx_upload_write(upload, &tensor, data, sizeof data));
    assert_ok(alx_upload_await(upload));
    assert_ok(alx_device_finish(dev));
    if (waits)
        assert_int_equal(alx_upload_wait(upload), ALX_E_DEVICE);
    else
        assert_int_equal(alx_upload_write(upload, &tensor, data, sizeof data), ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "test"));
    assert_ok(alx_upload_check(upload)); /* is told once */
    assert_ok(alx_upload_write(upload, &tensor, data, sizeof data));
    assert_ok(alx_upload_await(upload));
    assert_ok(alx_upload_wait(upload));
    alx_upload_free(upload);
    alx_tensor_free(&tensor);
    alx_device_close(dev);
}

static void a_write_that_fails_is_seen(void **state)
{
    (void)state;
    test_device(); /* skips where there is none */
    assert_failure_is_seen("upload:1:test", 1, true);
    assert_failure_is_seen("upload:1:test", 2, true);
    assert_failure_is_seen("upload:2:test", 2, false);
    assert_failure_is_seen("upload:1:test", 2, false);
    assert_failure_is_seen("upload:3:test", 7, true);
}

/* More than are kept: the host waits for the oldest. Each begins a number later. */
static void any_number_of_writes_arrives(void **state)
{
    enum { WRITES = 50 };
    float many[COUNT + WRITES];
    fixture f = make_fixture();

    (void)state;
    test_fill(many, COUNT + WRITES, 8, -1.0f, 1.0f);
    for (int i = 0; i < WRITES; ++i)
        assert_ok(alx_upload_write(f.upload, &f.tensor, many + i, sizeof f.data));
    assert_ok(alx_upload_await(f.upload));
    assert_ok(alx_tensor_read(f.back, &f.tensor));
    assert_memory_equal(f.back, many + WRITES - 1, sizeof f.back);
    assert_ok(alx_upload_wait(f.upload));
    free_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload_passes_what_is_computed),
        cmocka_unit_test(an_upload_waits_for_the_last_use),
        cmocka_unit_test(a_write_that_fails_is_seen),
        cmocka_unit_test(any_number_of_writes_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
