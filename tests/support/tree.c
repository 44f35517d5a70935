/* tree.c - walks the project's own source files. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "support/tree.h"

#include "base/file.h"
#include "support/test.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT TEST_DIR "/../"

/* nftw has no argument for its caller. */
static const char *const *wanted_endings;
static int (*visitor)(const char *path, const char *text);
static int found;

static bool path_is_wanted(const char *path)
{
    const size_t length = strlen(path);

    for (const char *const *ending = wanted_endings; *ending != NULL; ++ending) {
        const size_t tail = strlen(*ending);

        if (length > tail && strcmp(path + length - tail, *ending) == 0)
            return true;
    }
    return false;
}

static int entry_visit(const char *path, const struct stat *info, int type, struct FTW *place)
{
    char *text = NULL;
    size_t bytes = 0;

    (void)info;
    (void)place;
    if (type != FTW_F || !path_is_wanted(path))
        return 0;
    assert_ok(base_file_read(&text, &bytes, path));
    found += visitor(path + strlen(ROOT), text);
    free(text);
    return 0;
}

int test_tree_visit(const char *folder, const char *const *endings,
                    int (*visit)(const char *path, const char *text))
{
    char path[1024];

    snprintf(path, sizeof path, ROOT "%s", folder);
    wanted_endings = endings;
    visitor = visit;
    found = 0;
    if (base_file_exists(path))
        assert_int_equal(nftw(path, entry_visit, 16, FTW_PHYS), 0);
    return found;
}
