/* folder.c - temporary folders of tests. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "support/folder.h"

#include "base/file.h"
#include "base/file_writer.h"
#include "support/test.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    assert_ok(base_file_write(test_folder_path(folder, name), text, strlen(text)));
}

void test_folder_write_bytes(const test_folder *folder, const char *name, const void *data,
                             size_t bytes)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    char *slash = strrchr(path, '/');

    *slash = '\0';
    assert_ok(base_mkdirs(path));
    *slash = '/';
    remove(path); /* a file cut to nothing would be flushed by ext4 */
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
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

const char *test_folder_path(const test_folder *folder, const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % ALX_COUNT(paths)];

    snprintf(path, sizeof paths[0], "%s/%s", folder->path, name);
    return path;
}

static int entry_remove(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void test_folder_remove(const test_folder *folder)
{
    if (nftw(folder->path, entry_remove, 8, FTW_DEPTH | FTW_PHYS) != 0)
        fail_msg("%s: cannot be removed", folder->path);
}

test_folder test_own_folder;

int test_own_folder_make(void **state)
{
    (void)state;
    test_own_folder = test_folder_create();
    return 0;
}

int test_own_folder_remove(void **state)
{
    (void)state;
    test_folder_remove(&test_own_folder);
    return 0;
}
