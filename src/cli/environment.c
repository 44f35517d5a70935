/* environment.c - what OpenCL's drivers read in this process's environment. */
#include <stdlib.h>

#include "alexnet/device.h"
#include "cli/devices.h"

void cli_set_environment(int threads)
{
    alx_driver_setting settings[ALX_MOST_SETTINGS];
    const size_t count = alx_driver_settings(settings, threads);

    for (size_t i = 0; i < count; ++i)
        setenv(settings[i].name, settings[i].value, 0);
}
