/* env.c - the only place that reads the environment of the program's own variables. */
#include "base/env.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *variable, *doc;
} table[BASE_ENV_COUNT] = {
    [BASE_ENV_LOG] = { "ALEXNET_LOG", "messages on stderr: quiet, warn, info (default), debug" },
    [BASE_ENV_DEVICE] = { "ALEXNET_DEVICE", "default of --device" },
    [BASE_ENV_CL_DIR] = { "ALEXNET_CL_DIR",
                          "read kernels from this folder, not the embedded ones" },
    [BASE_ENV_CACHE_DIR] = { "ALEXNET_CACHE_DIR", "cache folder, or \"off\"; default "
                                                  "$XDG_CACHE_HOME/alexnet, ~/.cache/alexnet or, "
                                                  "without either, $TMPDIR/alexnet-UID" },
    [BASE_ENV_TUNING] = { "ALEXNET_TUNING", "file of tuning rows, or \"off\": none, not even those "
                                            "that ship; default tuning.jsonl in the cache folder" },
    [BASE_ENV_PROFILE] = { "ALEXNET_PROFILE", "1: print the time of every kernel at the end" },
    [BASE_ENV_SYNC] = { "ALEXNET_SYNC", "1: wait after every launch, to name the one that fails" },
    [BASE_ENV_FAULT] = { "ALEXNET_FAULT", "for tests: device|memory|hang|skip:N:LABEL, what "
                                          "goes wrong at the N-th launch of LABEL "
                                          "(\"conv3.1 grad-input\"); upload:N:LABEL, the N-th "
                                          "write of an upload fails (\"input\")" },
    [BASE_ENV_CHECK] = { "ALEXNET_CHECK", "1: look for NaN and Inf after every layer" },
};

const char *base_env(enum base_env_name name)
{
    const char *value = getenv(table[name].variable);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

bool base_env_flag(enum base_env_name name)
{
    const char *value = base_env(name);

    return value != NULL && strcmp(value, "0") != 0;
}

const char *base_env_variable(enum base_env_name name)
{
    return table[name].variable;
}

const char *base_env_doc(enum base_env_name name)
{
    return table[name].doc;
}
