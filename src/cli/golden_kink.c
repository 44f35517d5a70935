/* golden_kink.c - what a rounding error may do where the reference is next to a kink: a ReLU or the
 * choice of a maximum flips, and gradients jump (section 6). */
#include "cli/golden.h"

#include <math.h>
#include <string.h>

int golden_read_margin(golden_net *run)
{
    const cJSON *margins = cJSON_GetObjectItemCaseSensitive(run->json, "margins");
    double relu = 0.0, maxpool = 0.0;
    int rc = 0;

    TRY(golden_number(&relu, margins, "relu", INFINITY));
    TRY(golden_number(&maxpool, margins, "maxpool", INFINITY));
    run->margin = fmin(relu, maxpool);
done:
    return rc;
}

/* Twice what one flip did with other data: 4e-3 in gradients, 7e-5 in losses. Activations do not
 * jump. */
static double flip_tolerance(const char *quantity)
{
    static const struct {
        const char *word;
        double limit;
    } jumps[] = { { ".grad", 8e-3 }, { ".norm", 8e-3 }, { ".final", 8e-3 }, { ".losses", 1.4e-4 } };

    for (size_t i = 0; i < ALX_COUNT(jumps); ++i)
        if (strstr(quantity, jumps[i].word) != NULL)
            return jumps[i].limit;
    return 0.0;
}

double golden_kink_tolerance(const golden_net *run, const char *quantity, double error)
{
    const double limit = golden_tolerance(quantity, 0), flip = flip_tolerance(quantity);
    const double rounding = golden_tolerance("full.act", 0);

    if (error <= limit || !(error <= flip) || run->margin > rounding)
        return limit;
    alx_info("%s: %s differs by %.2g: a ReLU or maximum %.2g from its kink may have flipped",
             run->name, quantity, error, run->margin);
    return flip;
}
