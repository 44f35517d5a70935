/* tar.h - tars made by tests. */
#ifndef TEST_TAR_H
#define TEST_TAR_H

#include <stddef.h>

/** A tar being written. */
typedef struct archive test_tar;

/** Names of more than 100 characters become pax headers. */
test_tar *test_tar_open(const char *path);
void test_tar_add(test_tar *tar, const char *name, const void *data, size_t bytes);
/** A name that ends in '/'. */
void test_tar_add_folder(test_tar *tar, const char *name);
/** A file of 1 MiB, all but its last byte a hole, stored as such. */
void test_tar_add_sparse(test_tar *tar, const char *name);
void test_tar_add_link(test_tar *tar, const char *name, const char *target, int hard);
void test_tar_close(test_tar *tar);

/** Compresses a file in place, by libarchive's name of the way: gzip, bzip2, xz, zstd. */
void test_compress(const char *path, const char *filter);
void test_gzip(const char *path);

#endif
