/* version.c - the library's version. */
#include "alexnet/version.h"

const char *alx_version(void)
{
    return ALX_VERSION;
}
