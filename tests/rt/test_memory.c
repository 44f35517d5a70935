/* test_memory.c - tensors and arenas: contents, views, refusals. */
#include "support/device.h"

#include <stdlib.h>
#include <string.h>

#include "rt/device.h"

static void shapes_count_beyond_32_bits(void **state)
{
    (void)state;
    assert_int_equal(alx_shape_count((alx_shape){ 2, 3, 5, 7 }), 210);
    assert_int_equal(alx_shape_count((alx_shape){ 70000, 70000, 1, 1 }), 4900000000ull);
    assert_int_equal(alx_shape_count((alx_shape){ 70000, 70000, 0, 1 }), 0);
    assert_true(alx_shape_equal((alx_shape){ 1, 2, 3, 4 }, (alx_shape){ 1, 2, 3, 4 }));
    assert_false(alx_shape_equal((alx_shape){ 1, 2, 3, 4 }, (alx_shape){ 1, 2, 4, 3 }));
}

static void what_is_written_is_read(void **state)
{
    const alx_shape shape = { 2, 3, 5, 7 };
    const size_t count = alx_shape_count(shape);
    alx_device *dev = test_device();
    float *data = test_host_random(count, 1, -1.0f, 1.0f);
    alx_tensor *a = test_tensor_of(dev, shape, data);
    alx_tensor *b = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)count });

    (void)state;
    assert_memory_equal(test_download(a), data, count * sizeof *data);
    assert_ok(alx_tensor_copy(b, a));
    assert_memory_equal(test_download(b), data, count * sizeof *data);
    assert_ok(alx_tensor_fill(b, -2.5f));
    float *filled = test_download(b);

    for (size_t i = 0; i < count; ++i)
        assert_true(filled[i] == -2.5f);
    assert_ok(alx_tensor_write_async(b, data, 11 * sizeof *data));
    assert_ok(alx_device_finish(dev));
    filled = test_download(b);
    assert_memory_equal(filled, data, 11 * sizeof *data);
    assert_true(filled[11] == -2.5f);
    test_assert_canary("a", a);
    test_assert_canary("b", b);
}

/* From the driver, and plain where it refuses so much. */
static void pinned_memory_reaches_the_device(void **state)
{
    const size_t count = 1000, bytes = count * sizeof(float);
    alx_device *dev = test_device();
    const size_t most = dev->info.max_alloc_bytes;
    alx_tensor *tensor = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)count });

    (void)state;
    for (uint32_t plain = 0; plain < 2; ++plain) {
        alx_pinned *pinned = NULL;

        dev->info.max_alloc_bytes = plain ? bytes - 1 : most;
        const int rc = alx_pinned_create(&pinned, dev, bytes);

        dev->info.max_alloc_bytes = most;
        assert_ok(rc);
        float *memory = alx_pinned_memory(pinned);

        test_fill(memory, count, 5 + plain, -1.0f, 1.0f);
        assert_ok(alx_tensor_write_async(tensor, memory, bytes));
        assert_memory_equal(test_download(tensor), memory, bytes);
        alx_pinned_free(pinned);
    }
    alx_pinned_free(NULL);
}

static void canary_notices_one_stray_word(void **state)
{
    alx_device *dev = test_device();
    alx_tensor *tensor = test_tensor(dev, (alx_shape){ 1, 1, 1, 5 }), wider = *tensor;
    const float *values = test_download(tensor);

    (void)state;
    assert_true(values[0] != values[0]); /* NaN until something is written */
    test_assert_canary("untouched", tensor);
    wider.shape.c = 6;
    assert_ok(alx_tensor_write(&wider, test_host(6)));
    assert_int_equal(test_canary_broken(tensor), 1);
}

static void empty_tensors_are_harmless(void **state)
{
    alx_device *dev = test_device();
    alx_tensor empty;

    (void)state;
    assert_ok(alx_tensor_create(&empty, dev, (alx_shape){ 0, 3, 3, 3 }));
    assert_null(empty.mem);
    assert_ok(alx_tensor_write(&empty, NULL));
    assert_ok(alx_tensor_read(NULL, &empty));
    assert_ok(alx_tensor_fill(&empty, 1.0f));
    assert_ok(alx_tensor_copy(&empty, &empty));
    alx_tensor_free(&empty);
    alx_tensor_free(NULL);
}

static void arena_is_zero_and_views_share_it(void **state)
{
    alx_device *dev = test_device();
    const size_t align = alx_device_get_info(dev)->base_align_bytes, slab = 4 * align;
    const int slab_floats = (int)(slab / 4), align_floats = (int)(align / 4);
    alx_arena *arena = NULL;
    alx_tensor all, part, second;

    (void)state;
    assert_ok(alx_arena_create(&arena, dev, "activations", slab + align, slab));
    assert_ok(alx_arena_tensor(&all, arena, 0, (alx_shape){ 1, 1, 1, slab_floats }));
    assert_ok(alx_arena_tensor(&part, arena, 2 * align, (alx_shape){ 1, 1, 1, align_floats }));
    assert_ok(alx_arena_tensor(&second, arena, slab, (alx_shape){ 1, 1, 1, align_floats }));
    const float *values = test_download(&all);

    for (int i = 0; i < slab_floats; ++i)
        assert_true(values[i] == 0.0f);
    values = test_download(&second);
    for (int i = 0; i < align_floats; ++i)
        assert_true(values[i] == 0.0f);
    assert_ok(alx_tensor_fill(&part, 3.0f));
    assert_ok(alx_tensor_fill(&second, 4.0f));
    values = test_download(&all);
    for (int i = 0; i < slab_floats; ++i)
        assert_true(values[i] == (i / align_floats == 2 ? 3.0f : 0.0f));
    alx_arena_free(arena);
}

/* Beyond the size from which CPU devices get host pages. */
static void large_arena_is_zero_and_its_views_reach_the_end(void **state)
{
    alx_device *dev = test_device();
    const size_t bytes = (size_t)9 << 20, slab = (size_t)6 << 20, part = (size_t)1 << 20;
    const alx_shape shape = { 1, 1, 1, (int)(part / sizeof(float)) };
    alx_arena *arena = NULL;
    alx_tensor last, before;
    float *data = test_host_random((size_t)shape.c, 2, -1.0f, 1.0f);

    (void)state;
    assert_ok(alx_arena_create(&arena, dev, "large", bytes, slab));
    assert_ok(alx_arena_tensor(&before, arena, slab - part, shape));
    assert_ok(alx_arena_tensor(&last, arena, bytes - part, shape));
    assert_ok(alx_tensor_write(&last, data));
    assert_memory_equal(test_download(&last), data, part);
    const float *values = test_download(&before);

    for (int i = 0; i < shape.c; ++i)
        assert_true(values[i] == 0.0f);
    assert_ok(alx_tensor_copy(&before, &last));
    assert_memory_equal(test_download(&before), data, part);
    alx_arena_free(arena);
}

static void arena_refuses_what_does_not_fit(void **state)
{
    alx_device *dev = test_device();
    const size_t align = alx_device_get_info(dev)->base_align_bytes, slab = 2 * align;
    const int align_floats = (int)(align / 4);
    alx_arena *arena = NULL;
    alx_tensor view;

    (void)state;
    assert_ok(alx_arena_create(&arena, dev, "scratch", 2 * slab, slab));
    const alx_shape one = { 1, 1, 1, align_floats }, two = { 1, 1, 2, align_floats };

    assert_ok(alx_arena_tensor(&view, arena, slab + align, one));
    assert_int_equal(alx_arena_tensor(&view, arena, align, two), ALX_E_MEMORY); /* straddles */
    assert_null(view.mem);
    assert_non_null(strstr(alx_status_text(ALX_E_MEMORY), "scratch"));
    assert_int_equal(alx_arena_tensor(&view, arena, slab + align, two), ALX_E_MEMORY);
    assert_int_equal(alx_arena_tensor(&view, arena, 2 * slab, one), ALX_E_MEMORY);
    assert_int_equal(alx_arena_tensor(&view, arena, align + 4, one), ALX_E_DEVICE);
    assert_ok(alx_arena_tensor(&view, arena, 2 * slab, (alx_shape){ 0, 1, 1, 1 }));
    alx_arena_free(arena);
    alx_arena_free(NULL);
}

static void many_views_and_an_empty_arena(void **state)
{
    alx_device *dev = test_device();
    const size_t align = alx_device_get_info(dev)->base_align_bytes;
    alx_arena *arena = NULL;
    alx_tensor view;

    (void)state;
    assert_ok(alx_arena_create(&arena, dev, "many", align, align));
    for (int i = 0; i < 200; ++i)
        assert_ok(alx_arena_tensor(&view, arena, 0, (alx_shape){ 1, 1, 1, 1 }));
    alx_arena_free(arena);
    assert_ok(alx_arena_create(&arena, dev, "none", 0, align));
    alx_arena_free(arena);
}

static void too_much_memory_is_an_error_with_a_name(void **state)
{
    alx_device *dev = test_device();
    const size_t align = alx_device_get_info(dev)->base_align_bytes;
    const size_t slab = ((size_t)1 << 46) / align * align; /* 64 TiB */
    alx_arena *arena = NULL;
    alx_tensor tensor;

    (void)state;
    assert_int_equal(alx_arena_create(&arena, dev, "momentum", slab, slab), ALX_E_MEMORY);
    assert_null(arena);
    assert_non_null(strstr(alx_status_text(ALX_E_MEMORY), "momentum"));
    assert_int_equal(alx_tensor_create(&tensor, dev, (alx_shape){ 1 << 20, 1 << 20, 16, 1 }),
                     ALX_E_MEMORY);
    assert_null(tensor.mem);
    assert_non_null(strstr(alx_status_text(ALX_E_MEMORY), "1048576x1048576x16x1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_count_beyond_32_bits),
        test_on_device(pinned_memory_reaches_the_device),
        test_on_device(what_is_written_is_read),
        test_on_device(canary_notices_one_stray_word),
        test_on_device(empty_tensors_are_harmless),
        test_on_device(arena_is_zero_and_views_share_it),
        test_on_device(large_arena_is_zero_and_its_views_reach_the_end),
        test_on_device(arena_refuses_what_does_not_fit),
        test_on_device(many_views_and_an_empty_arena),
        test_on_device(too_much_memory_is_an_error_with_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
