/* version.c - what a bug report should start with. */
#include "alexnet/version.h"
#include "alexnet/dev/rt.h"
#include "cli/cli.h"

#include <stdio.h>

#include <commit.h>
#include <jpeglib.h>

#define TEXT_OF(token) #token
#define TEXT(macro) TEXT_OF(macro)

#if defined __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

void cli_print_version(void)
{
    printf("alexnet %s (%s)\n", ALX_VERSION, ALEXNET_COMMIT);
    printf("compiler %s\n", COMPILER);
    printf("%s\n", alx_rt_libraries());
    printf("libjpeg-turbo %s\n", TEXT(LIBJPEG_TURBO_VERSION));
}
