/* profile.h - the time of every kernel and transfer at the end of a run (ALEXNET_PROFILE=1). */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include "alexnet/dev/rt.h"

/** Starts recording if the environment asks for it. */
int cli_profile_start(alx_device *dev) ALX_MUST_USE;
/** Prints what was recorded since on each device; nothing without recording. */
int cli_profile_print(alx_device *const *devs, int count) ALX_MUST_USE;

#endif
