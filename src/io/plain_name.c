/* plain_name.c - names of tensors without what wrappers around a network put into them. */
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/weights_file.h"

/* What DataParallel (around the network or its features alone), torch.compile and Lightning put
 * into names: module.features.0.weight, features.module.0.weight, model._orig_mod.conv1.bias. */
static bool is_wrapper(const char *part, size_t length)
{
    static const char *const wrappers[] = { "module", "_orig_mod", "model" };
    size_t i = 0;

    while (i < ALX_COUNT(wrappers) &&
           (strlen(wrappers[i]) != length || strncmp(wrappers[i], part, length) != 0))
        ++i;
    return i < ALX_COUNT(wrappers);
}

char *alx_weights_plain_name(const char *name)
{
    char *plain = strdup(name), *to = plain;

    while (plain != NULL && *name != '\0') {
        const size_t length = strcspn(name, "."), taken = length + (name[length] == '.');

        if (taken == length || !is_wrapper(name, length)) {
            memcpy(to, name, taken);
            to += taken;
        }
        name += taken;
    }
    if (plain != NULL)
        *to = '\0';
    return plain;
}
