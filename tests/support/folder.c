/* folder.c - temporary folders of tests. */
#include "support/folder.h"

#include "support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

test_folder test_folder_create(void)
{
    const char *parent = getenv("TMPDIR");
    test_folder folder;

    snprintf(folder.path, sizeof folder.path, "%s/alexnet test-XXXXXX",
             parent != NULL ? parent : "/tmp");
    if (mkdtemp(folder.path) == NULL)
        fail_msg("%s: cannot be made", folder.path);
    return folder;
}

void test_folder_write(const test_folder *folder, const char *name, const char *text)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    assert_ok(alx_file_write(path, text, strlen(text)));
}

size_t test_folder_list(const test_folder *folder, char (*paths)[512], size_t room)
{
    DIR *dir = opendir(folder->path);
    size_t count = 0;

    if (dir == NULL)
        fail_msg("%s: cannot be listed", folder->path);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (count < room)
            snprintf(paths[count], 512, "%s/%.255s", folder->path, entry->d_name);
        ++count;
    }
    closedir(dir);
    return count;
}

void test_folder_remove(const test_folder *folder)
{
    char paths[64][512];
    const size_t count = test_folder_list(folder, paths, ALX_COUNT(paths));

    for (size_t i = 0; i < count && i < ALX_COUNT(paths); ++i)
        unlink(paths[i]);
    rmdir(folder->path);
}
