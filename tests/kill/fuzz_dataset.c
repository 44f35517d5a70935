/* fuzz_dataset.c - what is done with a data set, of whatever kind. */
#include "fuzz_dataset.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "alexnet/data.h"
#include "alexnet/status.h"
#include "base/file.h"
#include "base/name_write.h"

#define MOST_IMAGES 64
#define MOST_NAME 128 /* of the end of a path: what a message shows of a long one */

/* The end of an image's path is named, as it is or in print; of a long one the beginning of that. A
 * set that is one file, or a folder, may be named instead, from the start of the message on. */
static void expect_image_named(int rc, const char *name, const char *set_path)
{
    const char *text = alx_status_text(rc), *base = base_path_base(name);
    char plain[MOST_NAME], shown[MOST_NAME];

    snprintf(plain, sizeof plain, "%s", base);
    base_name_write(shown, sizeof shown, base, BASE_NAME_LINE);
    const bool set_named = strncmp(text, set_path, strlen(set_path)) == 0;

    fuzz_expect_named(rc, set_named || strstr(text, plain) != NULL ? NULL : shown);
}

static void ask(const alx_dataset *set, size_t index, const char *set_path)
{
    uint8_t square[4 * 4 * 3];
    char name[8192];
    const int label = alx_dataset_label(set, index);
    const int rc = alx_dataset_load(set, index, 4, square);

    alx_dataset_image_name(set, index, name, sizeof name);
    expect_image_named(rc, name, set_path);
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
        ask(set, i, path);
    for (int i = 0; rc == 0 && i < alx_dataset_classes(set); ++i)
        fuzz_expect(alx_dataset_class_name(set, i)[0] != '\0', "a class has a name");
    alx_dataset_close(set);
}
