/* device.c - the device of a test program, and tensors that notice stray writes. */
#include "support/device.h"

#include <stdlib.h>
#include <string.h>

#define GUARD_WORDS 256
#define CANARY 0x7FC0DEADu /* a NaN: reading it spoils the result, writing over it shows */

/* A link of what test_teardown frees; the payload follows. */
typedef struct test_block {
    struct test_block *next;
    alx_tensor tensor; /* empty for host memory */
    _Alignas(64) unsigned char payload[];
} test_block;

static alx_device *opened;
static test_block *blocks;

void test_set_environment(void)
{
    alx_driver_setting settings[ALX_MOST_SETTINGS];
    const size_t count = alx_driver_settings(settings, 0);

    for (size_t i = 0; i < count; ++i)
        setenv(settings[i].name, settings[i].value, 0);
}

bool test_cuts_loops(const alx_device *dev)
{
    return (alx_device_get_info(dev)->quirks & ALX_QUIRK_CUTS_LOOPS) != 0;
}

alx_device *test_device(void)
{
    alx_device_info *list = NULL;
    size_t count = 0;

    if (opened != NULL)
        return opened;
    test_set_environment();
    if (alx_devices_list(&list, &count) != 0) {
        print_message("%s\n", alx_status_text(ALX_E_DEVICE));
        skip();
    }
    free(list);
    assert_ok(alx_device_open(&opened, NULL, NULL));
    print_message("device: %s\n", alx_device_describe(opened));
    return opened;
}

static test_block *block_new(size_t bytes)
{
    const size_t size = alx_round_up(sizeof(test_block) + bytes, _Alignof(test_block));
    test_block *block = aligned_alloc(_Alignof(test_block), size);

    if (block == NULL)
        fail_msg("out of memory for %zu bytes", size);
    memset(block, 0, size);
    block->next = blocks;
    blocks = block;
    return block;
}

float *test_host(size_t count)
{
    return (float *)(void *)block_new(count * sizeof(float))->payload;
}

float *test_host_random(size_t count, uint32_t stream, float low, float high)
{
    float *values = test_host(count);

    test_fill(values, count, stream, low, high);
    return values;
}

/* The same memory as a vector with the guard words. */
static alx_tensor tensor_with_guard(const alx_tensor *tensor)
{
    alx_tensor whole = *tensor;

    whole.shape = (alx_shape){ 1, 1, 1, (int)alx_shape_count(tensor->shape) + GUARD_WORDS };
    return whole;
}

alx_tensor *test_tensor(alx_device *dev, alx_shape shape)
{
    const size_t count = alx_shape_count(shape) + GUARD_WORDS;
    test_block *block = block_new(0);
    uint32_t *words = (uint32_t *)(void *)test_host(count);

    for (size_t i = 0; i < count; ++i)
        words[i] = CANARY;
    assert_ok(alx_tensor_create(&block->tensor, dev, (alx_shape){ 1, 1, 1, (int)count }));
    assert_ok(alx_tensor_write(&block->tensor, words));
    block->tensor.shape = shape;
    return &block->tensor;
}

alx_tensor *test_tensor_of(alx_device *dev, alx_shape shape, const void *data)
{
    alx_tensor *tensor = test_tensor(dev, shape);

    test_upload(tensor, data);
    return tensor;
}

alx_tensor *test_vector_of(alx_device *dev, size_t count, const void *data)
{
    return test_tensor_of(dev, (alx_shape){ 1, 1, 1, (int)count }, data);
}

alx_tensor *test_tensor_random(alx_device *dev, alx_shape shape, uint32_t stream, float low,
                               float high)
{
    return test_tensor_of(dev, shape, test_host_random(alx_shape_count(shape), stream, low, high));
}

void test_upload(const alx_tensor *tensor, const void *data)
{
    assert_ok(alx_tensor_write(tensor, data));
}

float *test_download(const alx_tensor *tensor)
{
    float *values = test_host(alx_shape_count(tensor->shape));

    assert_ok(alx_tensor_read(values, tensor));
    return values;
}

size_t test_canary_broken(const alx_tensor *tensor)
{
    const size_t count = alx_shape_count(tensor->shape);
    const alx_tensor whole = tensor_with_guard(tensor);
    const uint32_t *words = (const uint32_t *)(void *)test_download(&whole);
    size_t broken = 0;

    for (size_t i = 0; i < GUARD_WORDS; ++i)
        broken += words[count + i] != CANARY;
    return broken;
}

void test_assert_canary(const char *what, const alx_tensor *tensor)
{
    const size_t broken = test_canary_broken(tensor);

    if (broken > 0)
        fail_msg("%s: %zu words past the end were overwritten", what, broken);
}

int test_teardown(void **state)
{
    (void)state;
    while (blocks != NULL) {
        test_block *block = blocks;

        blocks = block->next;
        alx_tensor_free(&block->tensor);
        free(block);
    }
    return 0;
}

int test_device_close(void **state)
{
    test_teardown(state);
    alx_device_close(opened);
    opened = NULL;
    return 0;
}
