/* list.c - which image a row of features is of, and where that is written. */
#include "alexnet/dev/train.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/name_write.h"

void alx_features_line(char line[ALX_FEATURES_LINE_BYTES], const alx_dataset *set, size_t index,
                       int label)
{
    char name[PATH_MAX];
    size_t at;

    alx_dataset_image_name(set, index, name, sizeof name);
    at = base_name_write(line, ALX_FEATURES_LINE_BYTES, name, BASE_NAME_LINE);
    if (label < 0)
        return;
    line[at++] = '\t';
    base_name_write(line + at, ALX_FEATURES_LINE_BYTES - at, alx_dataset_class_name(set, label),
                    BASE_NAME_LINE);
}

bool alx_features_is_npy(const char *path)
{
    const size_t length = strlen(base_path_base(path));

    return length > 4 && strcmp(base_path_base(path) + length - 4, ".npy") == 0;
}

int alx_features_list_path(char path[PATH_MAX], const char *npy_path)
{
    const size_t length = strlen(npy_path);

    if (!alx_features_is_npy(npy_path))
        return alx_fail(ALX_E_USAGE,
                        "%.300s: features go to a file whose name ends in .npy, and "
                        "their images' names to one in .txt beside it",
                        npy_path);
    return snprintf(path, PATH_MAX, "%.*s.txt", (int)length - 4, npy_path) < PATH_MAX
               ? 0
               : alx_fail(ALX_E_IO, "%.64s...: path too long", npy_path);
}
