/* kink.c - what a rounding error may do where the reference is next to a kink: a ReLU or the
 * choice of a maximum flips, and gradients jump (section 6). Small networks are far from theirs. */
#include "check/golden/golden.h"

#include <math.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"

/* One flip with other data: 9e-4 (rel_l2) of the gradients below it. */
#define FLIP 1e-3

int golden_read_margin(golden_net *run)
{
    const cJSON *margins = cJSON_GetObjectItemCaseSensitive(run->json, "margins");
    double relu = 0.0, maxpool = 0.0;

    TRY(golden_number(&relu, margins, "relu", INFINITY));
    TRY(golden_number(&maxpool, margins, "maxpool", INFINITY));
    run->margin = fmin(relu, maxpool);
    return 0;
}

void golden_kink_add(golden_net *run, const char *quantity, const char *where, double error,
                     double jump)
{
    const double limit = golden_tolerance(quantity), rounding = golden_tolerance("full.act");

    if (error <= limit || run->margin > rounding || isnan(jump)) {
        check_add(run->report, error, limit, "%s", where);
        return;
    }
    alx_info("%s: %s differs by %.2g: a ReLU or maximum %.2g from its kink may have flipped",
             run->report->line.name, where, error, run->margin);
    check_add(run->report, jump, FLIP, "%s, after a flip", where);
}
