/* tar.c - see tar.h. */
#include "support/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "base/file.h"
#include "support/test.h"

test_tar *test_tar_open(const char *path)
{
    struct archive *tar = archive_write_new();

    assert_non_null(tar);
    archive_write_set_format_pax_restricted(tar);
    assert_int_equal(archive_write_open_filename(tar, path), ARCHIVE_OK);
    return tar;
}

static struct archive_entry *tar_entry(const char *name, __LA_MODE_T type)
{
    struct archive_entry *entry = archive_entry_new();

    assert_non_null(entry);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, 0);
    return entry;
}

static void tar_put(test_tar *tar, struct archive_entry *entry)
{
    if (archive_write_header(tar, entry) != ARCHIVE_OK)
        fail_msg("tar: %s", archive_error_string(tar));
    archive_entry_free(entry);
}

void test_tar_add(test_tar *tar, const char *name, const void *data, size_t bytes)
{
    struct archive_entry *entry = tar_entry(name, AE_IFREG);

    archive_entry_set_size(entry, (la_int64_t)bytes);
    tar_put(tar, entry);
    assert_int_equal(archive_write_data(tar, data, bytes), bytes);
}

void test_tar_add_folder(test_tar *tar, const char *name)
{
    tar_put(tar, tar_entry(name, AE_IFDIR));
}

void test_tar_add_sparse(test_tar *tar, const char *name)
{
    const size_t bytes = 1 << 20;
    uint8_t *zeros = test_alloc(bytes);
    struct archive_entry *entry = tar_entry(name, AE_IFREG);

    archive_entry_set_size(entry, (la_int64_t)bytes);
    archive_entry_sparse_add_entry(entry, (la_int64_t)bytes - 1, 1);
    tar_put(tar, entry);
    assert_int_equal(archive_write_data(tar, zeros, bytes), bytes);
    free(zeros);
}

void test_tar_add_link(test_tar *tar, const char *name, const char *target, int hard)
{
    struct archive_entry *entry = tar_entry(name, hard ? AE_IFREG : AE_IFLNK);

    if (hard)
        archive_entry_set_hardlink(entry, target);
    else
        archive_entry_set_symlink(entry, target);
    tar_put(tar, entry);
}

void test_tar_close(test_tar *tar)
{
    assert_int_equal(archive_write_close(tar), ARCHIVE_OK);
    archive_write_free(tar);
}

void test_compress(const char *path, const char *filter)
{
    struct archive *file = archive_write_new();
    char *data = NULL;
    size_t bytes = 0;

    assert_non_null(file);
    assert_ok(base_file_read(&data, &bytes, path));
    archive_write_set_format_raw(file);
    assert_int_equal(archive_write_add_filter_by_name(file, filter), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(file, path), ARCHIVE_OK);
    tar_put(file, tar_entry("data", AE_IFREG));
    assert_int_equal(archive_write_data(file, data, bytes), bytes);
    test_tar_close(file);
    free(data);
}

void test_gzip(const char *path)
{
    test_compress(path, "gzip");
}
