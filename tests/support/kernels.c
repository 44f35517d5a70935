/* kernels.c - the program's kernels with a fault. */
#include "support/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "support/test.h"

test_folder test_kernels_create(const char *wrong, const char *from, const char *to)
{
    test_folder folder = test_folder_create();

    for (size_t i = 0; i < base_embedded_count; ++i) {
        const base_embedded *file = &base_embedded_files[i];
        const char *found = strcmp(file->name, wrong) == 0 ? strstr(file->text, from) : NULL;
        const size_t before = found != NULL ? (size_t)(found - file->text) : file->bytes;
        const size_t room = file->bytes + strlen(to) + 1;
        char *text = test_alloc(room);

        snprintf(text, room, "%.*s%s%s", (int)before, file->text, found != NULL ? to : "",
                 found != NULL ? found + strlen(from) : "");
        test_folder_write(&folder, file->name, text);
        free(text);
    }
    return folder;
}
