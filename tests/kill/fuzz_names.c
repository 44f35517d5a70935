/* fuzz_names.c - files that say what classes are called in print. */
#include "fuzz.h"

#include "alexnet/dev/train.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static char classes[3][64] = { "cat", "n01440764", "a dog" };
    const alx_checkpoint checkpoint = { .config.net.classes = 3,
                                        .class_count = 3,
                                        .class_names = classes };
    const char *path = fuzz_write("names.txt", data, bytes);
    alx_class_names names;
    const int rc = alx_class_names_create(&names, &checkpoint, path);

    fuzz_expect_named(rc, path);
    for (int i = 0; rc == 0 && i < names.count; ++i)
        fuzz_expect(names.name[i] != NULL && names.name[i][0] != '\0', "a class has a name");
    alx_class_names_free(&names);
    return 0;
}
