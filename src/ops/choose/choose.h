/* choose.h - what tuning rows say of an operation: a choice is the name of an algorithm, then
 * parameters ("winograd tiles=36"), which take the place of the algorithm's own. */
#ifndef OPS_CHOOSE_H
#define OPS_CHOOSE_H

#include "ops/shared.h"

/** What AUTO is where no row says more: never AUTO or TUNED. */
alx_algorithms ops_default_algorithms(const alx_device *dev, bool exact);

/** Algorithm and parameters ("" or " tiles=36", borrowed from the row) of the device's row for a
 *  problem; the device's default and "" if there is none, or none that this program knows. */
alx_conv_algo ops_tuned_conv(const char **params, const alx_device *dev, const char *problem,
                             int batch);
alx_gemm_algo ops_tuned_gemm(const char **params, const alx_device *dev, const char *problem,
                             int batch);

/** The value of `name` among parameters; `own` if it is not there or not within least ... most. */
int ops_param(const char *params, const char *name, int own, int least, int most);

/** True if the first word of `choice` is `name`; what follows it are the parameters. */
bool ops_choice_is(const char **params, const char *choice, const char *name);

#endif
