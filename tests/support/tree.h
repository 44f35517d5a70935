/* tree.h - walks the project's own source files, for tests of how the code looks. */
#ifndef TEST_TREE_H
#define TEST_TREE_H

/**
 * Calls `visit` for every file of `folder` ("src", "cl", ...) whose name ends in one of `endings`
 * (NULL at the end); path from the project's root. Returns the sum of what `visit` returns. A
 * folder that is not there has no files.
 */
int test_tree_visit(const char *folder, const char *const *endings,
                    int (*visit)(const char *path, const char *text));

#endif
