/* env.h - every environment variable that the program reads. */
#ifndef BASE_ENV_H
#define BASE_ENV_H

#include <stdbool.h>

/** Every environment variable that the program reads, in one table (src/base/env.c). */
enum base_env_name {
    BASE_ENV_LOG,       /**< ALEXNET_LOG: quiet, warn, info, debug */
    BASE_ENV_DEVICE,    /**< ALEXNET_DEVICE: default of --device */
    BASE_ENV_CL_DIR,    /**< ALEXNET_CL_DIR: read kernels from this folder, not the embedded ones */
    BASE_ENV_CACHE_DIR, /**< ALEXNET_CACHE_DIR: cache folder, or "off" */
    BASE_ENV_TUNING,    /**< ALEXNET_TUNING: file of tuning rows, or "off": none at all */
    BASE_ENV_PROFILE,   /**< ALEXNET_PROFILE: 1 prints the time of every kernel at the end */
    BASE_ENV_SYNC,      /**< ALEXNET_SYNC: 1 waits after every launch and names the culprit */
    BASE_ENV_FAULT,     /**< ALEXNET_FAULT: a fault that tests ask for */
    BASE_ENV_CHECK,     /**< ALEXNET_CHECK: 1 looks for NaN and Inf after every layer */
    BASE_ENV_COUNT
};

/** Value of the variable, or NULL if unset or empty. Borrowed from the environment. */
const char *base_env(enum base_env_name name);
/** True if the variable is set to something other than "0". */
bool base_env_flag(enum base_env_name name);
/** Name and one-line meaning of a variable, for help. */
const char *base_env_variable(enum base_env_name name);
const char *base_env_doc(enum base_env_name name);

#endif
