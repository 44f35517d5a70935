/* bench_sign.c - who measures. */
#include <stdio.h>

#include <commit.h>

#include "alexnet/version.h"
#include "cli/cmd/bench.h"

void cli_bench_sign(alx_result *r)
{
    snprintf(r->program, sizeof r->program, "alexnet");
    snprintf(r->version, sizeof r->version, "%s", ALX_VERSION);
    snprintf(r->commit, sizeof r->commit, "%s", ALEXNET_COMMIT);
}
