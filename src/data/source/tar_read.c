/* tar_read.c - see tar_read.h. */
#include "data/source/tar_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/name_write.h"
#include "base/try.h"
#include "data/kinds.h"

#define TAR_BLOCK 512 /* of the format: headers and data begin at multiples of it */

/* ---- where the bytes come from ------------------------------------------------------------- */

/* The next bytes as they lie there. */
static ssize_t tar_feed(void *user, const uint8_t **bytes)
{
    tar_reader *reader = user;
    const uint64_t left = reader->bytes - reader->next;
    const size_t wanted = left < sizeof reader->block ? (size_t)left : sizeof reader->block;
    ssize_t got = (ssize_t)reader->peeked;

    *bytes = reader->block;
    reader->peeked = 0;
    if (got > 0)
        return got;
    if (reader->fd < 0)
        got = archive_read_data(reader->outer, reader->block, wanted);
    else
        got = pread(reader->fd, reader->block, wanted, (off_t)(reader->start + reader->next));
    if (got < 0) {
        archive_set_error(reader->archive, errno, "%s",
                          reader->fd >= 0 ? strerror(errno) : archive_error_string(reader->outer));
        return -1;
    }
    reader->next += (uint64_t)got;
    return got;
}

static bool tar_gzip_failed(const tar_reader *reader)
{
    return reader->gzip != NULL && data_gzip_error(reader->gzip)[0] != '\0';
}

static la_ssize_t tar_read_bytes(struct archive *archive, void *user, const void **block)
{
    tar_reader *reader = user;
    const uint8_t *bytes = NULL;
    const ssize_t got = reader->gzip != NULL ? data_gzip_next(reader->gzip, &bytes)
                                             : tar_feed(reader, &bytes);

    if (got < 0 && tar_gzip_failed(reader))
        archive_set_error(archive, EINVAL, "%s", data_gzip_error(reader->gzip));
    *block = bytes;
    return got;
}

static la_int64_t tar_skip_bytes(struct archive *archive, void *user, la_int64_t bytes)
{
    tar_reader *reader = user;
    const uint64_t left = reader->bytes - reader->next;
    const uint64_t step = (uint64_t)bytes < left ? (uint64_t)bytes : left;

    (void)archive;
    if (reader->fd < 0 || reader->gzip != NULL)
        return 0; /* then it reads on */
    reader->next += step;
    return (la_int64_t)step;
}

static int tar_open_gzip(tar_reader *reader)
{
    const uint8_t *head = NULL;
    const ssize_t got = tar_feed(reader, &head);

    if (got < 0)
        return alx_fail(ALX_E_DATA, "%s: cannot be read as a tar: %s", reader->name,
                        archive_error_string(reader->archive));
    reader->peeked = (size_t)got;
    return data_gzip_is(head, reader->peeked) ? data_gzip_create(&reader->gzip, tar_feed, reader)
                                              : 0;
}

/* What is not called like a tar may have been meant as something else. */
static int tar_is_none(const tar_reader *reader)
{
    const char *reason = archive_error_string(reader->archive);

    if (!data_path_is_archive(reader->name))
        return alx_fail(ALX_E_DATA,
                        "%s: no data set: neither a tar (%s) nor a list, an LMDB or a folder",
                        reader->name, reason);
    return alx_fail(ALX_E_DATA, "%s: cannot be read as a tar: %s", reader->name, reason);
}

static int tar_open(tar_reader *reader, const char *name)
{
    struct archive *archive = archive_read_new();

    reader->archive = archive;
    reader->name = name;
    if (archive == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", name);
    TRY(tar_open_gzip(reader));
    archive_read_support_format_tar(archive);
    archive_read_support_filter_gzip(archive); /* of what is packed twice */
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_set_option(archive, "tar", "read_concatenated_archives", "1");
    if (archive_read_open2(archive, reader, NULL, tar_read_bytes, tar_skip_bytes, NULL) !=
        ARCHIVE_OK)
        return tar_is_none(reader);
    reader->compressed = reader->gzip != NULL || archive_filter_count(archive) > 1;
    return 0;
}

int data_tar_open_range(tar_reader *reader, const char *name, int fd, uint64_t start,
                        uint64_t bytes)
{
    reader->fd = fd;
    reader->start = start;
    reader->bytes = bytes;
    return tar_open(reader, name);
}

int data_tar_open_member(tar_reader *reader, const char *name, struct archive *outer,
                         uint64_t bytes)
{
    reader->fd = -1;
    reader->outer = outer;
    reader->bytes = bytes;
    return tar_open(reader, name);
}

void data_tar_close(tar_reader *reader)
{
    archive_read_free(reader->archive);
    reader->archive = NULL;
    data_gzip_free(reader->gzip);
    reader->gzip = NULL;
}

/* ---- members ------------------------------------------------------------------------------- */

uint64_t data_tar_offset(const tar_reader *reader)
{
    return (uint64_t)archive_filter_bytes(reader->archive, 0);
}

/* `no_header`: where a header should be is a block that is none. Else libarchive knows the
 * reason. */
static int tar_damaged(const tar_reader *reader, bool no_header)
{
    const char *reason = archive_error_string(reader->archive);
    const char *unpacked = reader->compressed ? " of the unpacked tar" : "";
    const uint64_t at = data_tar_offset(reader) - (no_header ? TAR_BLOCK : 0);

    if (reader->members == 0)
        return tar_is_none(reader);
    if (at >= reader->last_end + TAR_BLOCK &&
        !tar_gzip_failed(reader)) /* zeros were between, as at a tar's end */
        return alx_fail(ALX_E_DATA,
                        "%s: what follows its end marker is no tar, from byte %llu%s "
                        "on: is it damaged? If it does not belong to it, cut it off",
                        reader->name, (unsigned long long)at, unpacked);
    return alx_fail(ALX_E_DATA, "%s: damaged tar: %s at byte %llu%s, after %s", reader->name,
                    no_header ? "no header" : reason, (unsigned long long)at, unpacked,
                    reader->last);
}

/* A compressed stream ends where something else begins; zeros are padding. */
static int tar_check_rest(const tar_reader *reader)
{
    const uint64_t used = reader->gzip != NULL
                              ? reader->next - data_gzip_left(reader->gzip)
                              : (uint64_t)archive_filter_bytes(reader->archive, -1);
    uint8_t block[TAR_READ_BYTES];
    bool zeros = true;

    for (uint64_t at = used; at < reader->bytes && zeros;) {
        const uint64_t left = reader->bytes - at;
        const ssize_t got = reader->fd < 0 ? 0
                                           : pread(reader->fd, block,
                                                   left < sizeof block ? left : sizeof block,
                                                   (off_t)(reader->start + at));

        zeros = got > 0;
        for (ssize_t i = 0; i < got; ++i)
            zeros = zeros && block[i] == 0;
        at += got > 0 ? (uint64_t)got : 0;
    }
    if (!zeros)
        return alx_fail(ALX_E_DATA,
                        "%s: what follows the compressed tar is compressed otherwise, "
                        "or not, from byte %llu on: if it does not belong to it, cut "
                        "it off",
                        reader->name, (unsigned long long)used);
    return 0;
}

static int tar_check_end(const tar_reader *reader)
{
    const uint64_t last = (uint64_t)archive_read_header_position(reader->archive);

    if (reader->members > 0 && data_tar_offset(reader) < last + TAR_BLOCK)
        return alx_fail(ALX_E_DATA, "%s: ends without its end marker: is it complete? If so, %s",
                        reader->name,
                        reader->compressed || reader->fd < 0 || reader->start > 0
                            ? "unpack it"
                            : "add the marker: head -c 1024 /dev/zero >> that file");
    return reader->compressed ? tar_check_rest(reader) : 0;
}

static void tar_remember(tar_reader *reader, struct archive_entry *entry)
{
    const uint64_t end = data_tar_offset(reader) + (uint64_t)archive_entry_size(entry);
    const char *name = archive_entry_pathname(entry);

    base_name_write(reader->last, sizeof reader->last, name != NULL ? name : "?", BASE_NAME_LINE);
    reader->last_end = (end + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    ++reader->members;
}

int data_tar_next(tar_reader *reader, struct archive_entry **entry)
{
    struct archive_entry *found = NULL;
    const int status = archive_read_next_header(reader->archive, &found);

    *entry = NULL;
    if (status == ARCHIVE_EOF)
        return tar_check_end(reader);
    if (status == ARCHIVE_RETRY || status < ARCHIVE_WARN)
        return tar_damaged(reader, status == ARCHIVE_RETRY);
    tar_remember(reader, found);
    *entry = found;
    return 0;
}
