/* fuzz_lists.c - text files about images: lists, labels, names of classes, ILSVRC's ids. The input:
 * three such files with a byte 0 between them, of which the last two may be missing. */
#include "fuzz_dataset.h"

#include "alexnet/data.h"
#include "base/file.h"

static const char *write_part(const char *name, fuzz_part part)
{
    return part.bytes > 0 ? fuzz_write(name, part.data, part.bytes) : NULL;
}

/* A set of three images in no class folders. */
static const char *images(void)
{
    static const char *const names[] = { "images/a.jpg", "images/b.jpg", "images/c d.png" };

    if (!base_file_exists(fuzz_path(names[0])))
        for (size_t i = 0; i < ALX_COUNT(names); ++i)
            fuzz_write(names[i], "", 0);
    return fuzz_path("images");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *set = images();
    const fuzz_part list = fuzz_next_part(&data, &bytes);
    alx_dataset_options options = { 0 };

    options.classes = write_part("classes.txt", fuzz_next_part(&data, &bytes));
    options.ids = write_part("ids.txt", fuzz_next_part(&data, &bytes));
    options.labels = fuzz_write("labels.txt", list.data, list.bytes);
    fuzz_dataset(set, ALX_SPLIT_TRAIN, &options);
    options.labels = NULL;
    fuzz_dataset(fuzz_path("labels.txt"), ALX_SPLIT_TRAIN, &options);
    return 0;
}
