/* choose.h - how a pass is computed: what a choice is made of, and what it is where no tuning row
 * says more. */
#ifndef OPS_CHOOSE_H
#define OPS_CHOOSE_H

#include "ops/shared.h"

/** What AUTO is where no row says more: never AUTO or TUNED. */
alx_algorithms ops_default_algorithms(const alx_device *dev, bool exact);

/** Parameters as a choice has them behind its algorithm, " tiles=36 vectors=3"; what is no number
 *  above 0 is the algorithm's own. */
alx_way_params ops_params_parse(const char *text);

/** A parameter that was asked for, if it is within least ... most; else the algorithm's own. */
static inline int ops_param(int asked, int own, int least, int most)
{
    return asked >= least && asked <= most ? asked : own;
}

/** The choices that are measured for a problem on a device of this kind, the default first; those
 *  with CLBlast's best parameters come later. Static texts. Returns how many: 0 if the problem's
 *  name is none. */
size_t ops_ways(const char *ways[ALX_MAX_WAYS], const char *problem, const alx_device_info *info);

/** What rows call a pass: alx_pass_names[pass], then sizes. Written and read by this pattern. */
#define OPS_CONV_PROBLEM "conv2d %s %dx%dx%d to %dx%dx%d %d/%d+%d g%d"
#define OPS_FC_PROBLEM "fc %s %d to %d"
#define OPS_CLBLAST_PROBLEM "clblast %s"

/** True if the first word of `choice` is `name`; what follows it are the parameters. */
bool ops_choice_is(const char **params, const char *choice, const char *name);

#endif
