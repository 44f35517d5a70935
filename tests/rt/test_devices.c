/* test_devices.c - how a user names a device, and what opening one gives. */
#include "support/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "rt/device.h"

/* ---- the choice, on a list that no machine has --------------------------------------------- */

static const rt_device_entry machine[] = {
    { .info = { .index = 0,
                .type = ALX_DEVICE_CPU,
                .name = "pthread-AMD EPYC",
                .platform = "Portable Computing Language" } },
    { .info = { .index = 1,
                .type = ALX_DEVICE_CPU,
                .name = "AMD EPYC",
                .platform = "Intel(R) OpenCL" } },
    { .info = { .index = 2,
                .type = ALX_DEVICE_GPU,
                .name = "Radeon RX 7900 XT",
                .platform = "rusticl" } },
    { .info = { .index = 3,
                .type = ALX_DEVICE_GPU,
                .name = "GeForce RTX 3090",
                .platform = "NVIDIA CUDA 12.4" } },
};

static const struct {
    const char *which;
    int index, core; /* index -1: refused */
} choices[] = {
    { "0", 0, -1 },        { "3", 3, -1 },        { "cpu", 0, -1 },      { "GPU", 2, -1 },
    { "rtx", 3, -1 },      { "intel(r)", 1, -1 }, { "portable", 0, -1 }, { "3090", 3, -1 },
    { "rx 7900", 2, -1 },  { "0.1", 0, 1 },       { "cpu.3", 0, 3 },     { "portable.0", 0, 0 },
    { "cuda 12.4", 3, 4 }, /* read as D.k, D = "cuda 12" */
    { "7", -1, -1 },       /* no seventh device, and not "7900" either */
    { "4", -1, -1 },       { "EPYC", -1, -1 },    { "", -1, -1 },        { "tpu", -1, -1 },
    { ".1", -1, -1 },      { "9.1", -1, -1 },     { "rtx.", -1, -1 },
};

static void names_choose_one_device_or_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(choices); ++i) {
        const rt_device_entry *entry = NULL;
        int core = -2;
        const int rc = rt_devices_choose(&entry, &core, machine, ALX_COUNT(machine),
                                         choices[i].which);

        print_message("'%s'\n", choices[i].which);
        if (choices[i].index < 0) {
            assert_int_equal(rc, ALX_E_DEVICE);
            assert_non_null(strstr(alx_status_text(rc), choices[i].which));
            continue;
        }
        assert_ok(rc);
        assert_int_equal(entry->info.index, choices[i].index);
        assert_int_equal(core, choices[i].core);
    }
}

static void ambiguous_name_lists_the_candidates(void **state)
{
    const rt_device_entry *entry = NULL;
    int core = 0;

    (void)state;
    assert_int_equal(rt_devices_choose(&entry, &core, machine, ALX_COUNT(machine), "epyc"),
                     ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "0: pthread-AMD EPYC"));
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "1: AMD EPYC (Intel(R) OpenCL)"));
}

static void default_is_the_environment_then_a_gpu_then_the_first(void **state)
{
    const rt_device_entry *entry = NULL;
    char *kept = getenv("ALEXNET_DEVICE");
    int core = 0;

    (void)state;
    kept = kept != NULL ? strdup(kept) : NULL;
    setenv("ALEXNET_DEVICE", "intel", 1);
    assert_ok(rt_devices_choose(&entry, &core, machine, ALX_COUNT(machine), NULL));
    assert_int_equal(entry->info.index, 1);
    setenv("ALEXNET_DEVICE", "tpu", 1);
    assert_int_equal(rt_devices_choose(&entry, &core, machine, ALX_COUNT(machine), NULL),
                     ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "ALEXNET_DEVICE"));
    unsetenv("ALEXNET_DEVICE");
    assert_ok(rt_devices_choose(&entry, &core, machine, ALX_COUNT(machine), NULL));
    assert_int_equal(entry->info.index, 2);
    assert_ok(rt_devices_choose(&entry, &core, machine, 2, NULL));
    assert_int_equal(entry->info.index, 0);
    if (kept != NULL)
        setenv("ALEXNET_DEVICE", kept, 1);
    free(kept);
}

/* ---- real devices -------------------------------------------------------------------------- */

static void list_says_what_planning_needs(void **state)
{
    alx_device_info *list = NULL;
    size_t count = 0;

    (void)state;
    test_device(); /* skips where there is none */
    assert_ok(alx_devices_list(&list, &count));
    assert_true(count > 0);
    for (size_t i = 0; i < count; ++i) {
        print_message("%d: %s | %s | %s | %u units\n", list[i].index, list[i].name,
                      list[i].platform, list[i].driver, list[i].compute_units);
        assert_int_equal(list[i].index, i);
        assert_true(list[i].name[0] != '\0' && list[i].name[0] != ' ');
        assert_true(list[i].compute_units > 0 && list[i].max_group > 0);
        assert_true(list[i].global_bytes >= list[i].max_alloc_bytes);
        assert_true(list[i].max_alloc_bytes >= 16u << 20);
        assert_true(list[i].base_align_bytes >= 4 && list[i].base_align_bytes % 4 == 0);
    }
    free(list);
}

static void wrong_names_open_nothing(void **state)
{
    alx_device *dev = (alx_device *)(void *)&dev;

    (void)state;
    test_device();
    assert_int_equal(alx_device_open(&dev, "no such device", NULL), ALX_E_DEVICE);
    assert_null(dev);
    assert_int_equal(alx_device_open(&dev, "0.9999", NULL), ALX_E_DEVICE);
    assert_null(dev);
}

static bool device_divides(const alx_device *dev)
{
    cl_uint parts = 0;

    clGetDeviceInfo(dev->id, CL_DEVICE_PARTITION_MAX_SUB_DEVICES, sizeof parts, &parts, NULL);
    return parts >= 2;
}

static int random_words(alx_device *dev, const alx_tensor *out)
{
    const alx_arg args[] = { ALX_BUF(out), ALX_UINT(1), ALX_UINT(0), ALX_UINT(0),
                             ALX_UINT(0),  ALX_UINT(0), ALX_UINT(0), ALX_UINT(0) };
    const alx_grid grid = { { 64, 1, 1 }, { 64, 1, 1 } };

    return alx_launch(dev, "rng", "rng_words", "", args, ALX_COUNT(args), &grid);
}

static void assert_computes(alx_device *dev)
{
    alx_tensor out;
    uint32_t words[4], want[4];

    base_rng_words(want, 0, (enum base_rng_purpose)0, 0, 0);
    assert_ok(alx_tensor_create(&out, dev, (alx_shape){ 1, 1, 1, 4 }));
    assert_ok(random_words(dev, &out));
    assert_ok(alx_tensor_read(words, &out));
    assert_memory_equal(words, want, sizeof want);
    alx_tensor_free(&out);
}

static void cores_opened_together_share_a_context(void **state)
{
    alx_device *cores[2] = { NULL, NULL };
    char names[2][32];
    const char *which[2] = { names[0], names[1] };

    (void)state;
    if (!device_divides(test_device())) {
        print_message("not a CPU of two cores that can be divided\n");
        return;
    }
    for (int i = 0; i < 2; ++i)
        snprintf(names[i], sizeof names[i], "%d.%d", test_device()->info.index, i);
    assert_ok(alx_devices_open(cores, which, 2, NULL));
    assert_ptr_equal(cores[0]->context, cores[1]->context);
    assert_ptr_not_equal(cores[0]->id, cores[1]->id);
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(alx_device_get_info(cores[i])->compute_units, 1);
        assert_int_equal(alx_device_get_info(cores[i])->core, i);
        assert_computes(cores[i]);
    }
    alx_device_close(cores[0]);
    assert_computes(cores[1]); /* the context lives as long as one handle does */
    alx_device_close(cores[1]);
}

static void one_wrong_name_opens_nothing(void **state)
{
    alx_device *devs[2];
    char index[16];
    const char *which[2] = { index, "no such device" };

    (void)state;
    snprintf(index, sizeof index, "%d", test_device()->info.index);
    assert_int_equal(alx_devices_open(devs, which, 2, NULL), ALX_E_DEVICE);
    assert_null(devs[0]);
    assert_null(devs[1]);
    which[1] = index;
    assert_ok(alx_devices_open(devs, which, 2, NULL)); /* one device twice */
    assert_ptr_equal(devs[0]->context, devs[1]->context);
    alx_device_close(devs[0]);
    alx_device_close(devs[1]);
}

static void more_than_are_opened_together_are_refused(void **state)
{
    alx_device *devs[ALX_MAX_DEVICES + 1];
    const char *which[ALX_MAX_DEVICES + 1];
    char index[16];

    (void)state;
    snprintf(index, sizeof index, "%d", test_device()->info.index);
    for (int i = 0; i <= ALX_MAX_DEVICES; ++i)
        which[i] = index;
    assert_int_equal(alx_devices_open(devs, which, ALX_MAX_DEVICES + 1, NULL), ALX_E_USAGE);
    assert_int_equal(alx_devices_open(devs, which, 0, NULL), ALX_E_USAGE);
    assert_ok(alx_devices_open(devs, which, ALX_MAX_DEVICES, NULL));
    for (int i = 0; i < ALX_MAX_DEVICES; ++i)
        alx_device_close(devs[i]);
}

static void threads_limit_a_cpu(void **state)
{
    alx_device *dev = NULL;
    char which[16];

    (void)state;
    if (!device_divides(test_device()))
        return;
    snprintf(which, sizeof which, "%d", test_device()->info.index);
    assert_ok(alx_device_open(&dev, which, &(alx_device_options){ .threads = 1 }));
    if (strstr(dev->info.platform, "Intel") == NULL)
        assert_int_equal(dev->info.compute_units, 1);
    alx_device_close(dev);
    assert_ok(alx_device_open(&dev, which, &(alx_device_options){ .threads = 100000 }));
    assert_int_equal(dev->info.compute_units, test_device()->info.compute_units);
    alx_device_close(dev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_choose_one_device_or_none),
        cmocka_unit_test(ambiguous_name_lists_the_candidates),
        cmocka_unit_test(default_is_the_environment_then_a_gpu_then_the_first),
        test_on_device(list_says_what_planning_needs),
        test_on_device(wrong_names_open_nothing),
        test_on_device(cores_opened_together_share_a_context),
        test_on_device(one_wrong_name_opens_nothing),
        cmocka_unit_test(more_than_are_opened_together_are_refused),
        test_on_device(threads_limit_a_cpu),
    };
    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
