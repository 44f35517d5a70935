/* test_rng.c - the device draws the same random words as the host. */
#include "support/device.h"

#include "base/rng.h"

static void device_draws_the_hosts_words(void **state)
{
    enum { COUNT = 67 };
    const uint64_t step = 0x123456789ABCull, first = 0xFFFFFFF0ull; /* carries into the high word */
    const uint32_t seed = 0xDEADBEEF;
    alx_device *dev = test_device();
    alx_tensor *out = test_tensor(dev, (alx_shape){ COUNT, 1, 1, 4 });
    const alx_arg args[] = {
        ALX_BUF(out),
        ALX_UINT(COUNT),
        ALX_UINT(seed),
        ALX_UINT(BASE_RNG_TEST),
        ALX_UINT((uint32_t)step),
        ALX_UINT((uint32_t)(step >> 32)),
        ALX_UINT((uint32_t)first),
        ALX_UINT((uint32_t)(first >> 32)),
    };
    const alx_grid grid = { { alx_round_up(COUNT, 64), 1, 1 }, { 64, 1, 1 } };

    (void)state;
    assert_ok(alx_launch(dev, "rng", "rng_words", "", args, ALX_COUNT(args), &grid));
    const uint32_t *got = (const uint32_t *)(void *)test_download(out);

    for (uint64_t i = 0; i < COUNT; ++i) {
        uint32_t want[4];

        base_rng_words(want, seed, BASE_RNG_TEST, step, first + i);
        assert_memory_equal(got + 4 * i, want, sizeof want);
    }
    test_assert_canary("rng_words", out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(device_draws_the_hosts_words),
    };
    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
