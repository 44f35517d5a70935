/* folder.h - a folder of a test's own, with a blank in its name on purpose. */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <stddef.h>

typedef struct test_folder {
    char path[256];
} test_folder;

/** An empty folder under $TMPDIR. Pairs with test_folder_remove. */
test_folder test_folder_create(void);
/** Writes `text` to a file in the folder. */
void test_folder_write(const test_folder *folder, const char *name, const char *text);
/** Writes bytes to a file in the folder or deeper, with the folders on the way; not flushed: for
 *  many small files. */
void test_folder_write_bytes(const test_folder *folder, const char *name, const void *data,
                             size_t bytes);
/** Full paths of at most `room` files in the folder; returns how many there are. */
size_t test_folder_list(const test_folder *folder, char (*paths)[512], size_t room);
/** "folder/name" in a static buffer, valid until eight calls later. */
const char *test_folder_path(const test_folder *folder, const char *name);
/** Removes the folder and all that is in it. */
void test_folder_remove(const test_folder *folder);

/** One for a whole test program, with the setup and the teardown of its group. */
extern test_folder test_own_folder;
int test_own_folder_make(void **state);
int test_own_folder_remove(void **state);

#endif
