/* fuzz_dataset.c - what is done with a data set, of whatever kind. */
#include "fuzz_dataset.h"

#include <stddef.h>
#include <stdint.h>

#include "alexnet/data.h"

#define MOST_IMAGES 64

static void ask(const alx_dataset *set, size_t index)
{
    uint8_t square[4 * 4 * 3];
    char name[8192];
    const int label = alx_dataset_label(set, index);
    const int rc = alx_dataset_load(set, index, 4, square);

    alx_dataset_image_name(set, index, name, sizeof name);
    fuzz_expect_named(rc, NULL); /* the paths of a list may be anywhere */
    fuzz_expect(label >= -1 && label < alx_dataset_classes(set), "a label is that of a class");
    fuzz_expect(rc != 0 || label >= 0, "an image that is read has a class");
}

void fuzz_dataset(const char *path, alx_split split, const alx_dataset_options *options)
{
    const char *folder = fuzz_path("");
    alx_dataset *set = NULL;
    const int rc = alx_dataset_open_with(&set, path, split, options);

    fuzz_expect_named(rc, folder);
    for (size_t i = 0; rc == 0 && i < alx_dataset_count(set) && i < MOST_IMAGES; ++i)
        ask(set, i);
    for (int i = 0; rc == 0 && i < alx_dataset_classes(set); ++i)
        fuzz_expect(alx_dataset_class_name(set, i)[0] != '\0', "a class has a name");
    alx_dataset_close(set);
}
