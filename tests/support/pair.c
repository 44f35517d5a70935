/* pair.c - finds two devices of a kind in the list. */
#include "support/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A device other than `first` on the same platform, or on another one; -1: there is none. */
static int pair_partner(const alx_device_info *first, bool same_platform)
{
    alx_device_info *list = NULL;
    size_t count = 0;
    int partner = -1;

    test_set_environment();
    assert_ok(alx_devices_list(&list, &count));
    for (size_t i = 0; i < count && partner < 0; ++i)
        if (list[i].index != first->index &&
            (strcmp(list[i].platform, first->platform) == 0) == same_platform)
            partner = list[i].index;
    free(list);
    return partner;
}

static bool pair_open(alx_device *pair[2], test_pair_kind kind)
{
    const alx_device_info *first = alx_device_get_info(test_device());
    char names[2][16];
    const char *which[2] = { names[0], names[1] };
    int partner = first->index;

    if (kind == TEST_PAIR_DEVICES || kind == TEST_PAIR_PLATFORMS)
        partner = pair_partner(first, kind == TEST_PAIR_DEVICES);
    if (partner < 0 || (kind == TEST_PAIR_CORES && first->compute_units < 2))
        return false;
    snprintf(names[0], sizeof names[0], kind == TEST_PAIR_CORES ? "%d.0" : "%d", first->index);
    snprintf(names[1], sizeof names[1], kind == TEST_PAIR_CORES ? "%d.1" : "%d", partner);
    if (kind != TEST_PAIR_CONTEXTS)
        return alx_devices_open(pair, which, 2, NULL) == 0; /* fails where cores are one */
    assert_ok(alx_device_open(&pair[0], which[0], NULL));
    assert_ok(alx_device_open(&pair[1], which[1], NULL));
    return true;
}

void test_pair_two_pocl_devices(void)
{
    setenv("POCL_DEVICES", "pthread pthread", 0);
}

void test_pair_run(void **state)
{
    const test_pair_case *row = *state;
    const bool must = getenv("ALEXNET_TEST_PLATFORMS") != NULL;
    alx_device *pair[2] = { NULL, NULL };

    if (must && row->kind != TEST_PAIR_PLATFORMS) {
        print_message("left out: not two platforms\n");
    } else if (pair_open(pair, row->kind)) {
        row->body(pair);
        alx_device_close(pair[0]);
        alx_device_close(pair[1]);
    } else if (must) {
        fail_msg("no second platform");
    } else {
        print_message("left out: no such pair of devices\n");
    }
}
