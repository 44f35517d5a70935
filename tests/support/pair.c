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

    assert_ok(alx_devices_list(&list, &count));
    for (size_t i = 0; i < count && partner < 0; ++i)
        if (list[i].index != first->index &&
            (strcmp(list[i].platform, first->platform) == 0) == same_platform)
            partner = list[i].index;
    free(list);
    return partner;
}

void test_pair_open(alx_device *pair[2], test_pair_kind kind)
{
    const alx_device_info *first = alx_device_get_info(test_device());
    char names[2][16];
    const char *which[2] = { names[0], names[1] };
    int partner = first->index;

    if (kind == TEST_PAIR_DEVICES || kind == TEST_PAIR_PLATFORMS)
        partner = pair_partner(first, kind == TEST_PAIR_DEVICES);
    if (partner < 0 || (kind == TEST_PAIR_CORES && first->compute_units < 2)) {
        print_message("no such pair of devices\n");
        skip();
    }
    snprintf(names[0], sizeof names[0], kind == TEST_PAIR_CORES ? "%d.0" : "%d", first->index);
    snprintf(names[1], sizeof names[1], kind == TEST_PAIR_CORES ? "%d.1" : "%d", partner);
    if (kind == TEST_PAIR_CONTEXTS) {
        assert_ok(alx_device_open(&pair[0], which[0], 0));
        assert_ok(alx_device_open(&pair[1], which[1], 0));
    } else if (alx_devices_open(pair, which, 2, 0) != 0) {
        print_message("%s\n", alx_status_text(ALX_E_DEVICE));
        skip();
    }
}

void test_pair_close(alx_device *pair[2])
{
    alx_device_close(pair[0]);
    alx_device_close(pair[1]);
}

void test_pair_two_pocl_devices(void)
{
    setenv("POCL_DEVICES", "pthread pthread", 0);
}

void test_pair_run(void **state)
{
    const test_pair_case *row = *state;
    alx_device *pair[2] = { NULL, NULL };

    test_pair_open(pair, row->kind);
    row->body(pair);
    test_pair_close(pair);
}
