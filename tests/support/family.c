/* family.c - changes what an opened device says it is. */
#include "support/family.h"

void test_family_run(void **state)
{
    static const alx_device_type types[] = { ALX_DEVICE_CPU, ALX_DEVICE_GPU };
    const test_family_body *body = *state;
    alx_device *dev = test_device();
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const alx_device_type real = info->type;

    for (size_t i = 0; i < ALX_COUNT(types); ++i) {
        info->type = types[i];
        (*body)(dev);
    }
    info->type = real;
}
