/* classes.c - what a label means: a place in the list of classes that a network was trained on. */
#include <string.h>

#include "alexnet/train.h"

int alx_checkpoint_check_classes(const alx_checkpoint *checkpoint, const char *path,
                                 const alx_dataset *set, const char *data)
{
    const int known = checkpoint->class_count, count = alx_dataset_classes(set);

    if (count != known)
        return alx_fail(ALX_E_DATA, "%s: %d classes, %s was trained on %d", data, count, path,
                        known);
    for (int i = 0; i < count; ++i)
        if (strncmp(alx_dataset_class_name(set, i), checkpoint->class_names[i],
                    sizeof *checkpoint->class_names - 1) != 0)
            return alx_fail(ALX_E_DATA, "%s: class %d is '%s', in %s '%s'", data, i,
                            alx_dataset_class_name(set, i), path, checkpoint->class_names[i]);
    return 0;
}
