/* tar.c - a data set in a tar. An uncompressed one is scanned once for the places of its members,
 * which are then read where they lie; of a compressed one the images are unpacked into memory. */
#include "data/dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#define TAR_BLOCK_BYTES 65536
#define TAR_MEMORY_BYTES ((uint64_t)1 << 30) /* of unpacked images */

typedef struct tar_scan {
    alx_dataset *set;
    data_listing *listing;
    struct archive *reader;
    bool compressed;
    uint64_t file_bytes;             /**< of the tar itself */
    uint64_t used_bytes, room_bytes; /**< of set->memory */
} tar_scan;

static int tar_fail(const tar_scan *scan, const char *member, const char *reason)
{
    char name[DATA_PATH_BYTES];

    data_full_name(scan->set, member, name, sizeof name);
    return alx_fail(ALX_E_DATA, "%s: %s", name, reason);
}

/* "./a//b/" -> "a/b"; false if a part is "..", or if it is too long. */
static bool tar_clean_path(char clean[DATA_PATH_BYTES], const char *path)
{
    size_t used = 0;

    while (*path != '\0') {
        const size_t length = strcspn(path, "/");

        if (length == 2 && path[0] == '.' && path[1] == '.')
            return false;
        if (length > 0 && !(length == 1 && path[0] == '.')) {
            if (used + length + 3 > DATA_PATH_BYTES) /* both slashes and the end */
                return false;
            if (used > 0)
                clean[used++] = '/';
            memcpy(clean + used, path, length);
            used += length;
        }
        path += length + (path[length] == '/');
    }
    clean[used] = '\0';
    return true;
}

static int tar_reserve(tar_scan *scan, uint64_t bytes)
{
    const uint64_t wanted = scan->used_bytes + bytes;

    if (bytes > TAR_MEMORY_BYTES || wanted > TAR_MEMORY_BYTES)
        return alx_fail(ALX_E_DATA,
                        "%s: a compressed tar with more than 1 GiB of images; unpack it, or store "
                        "it uncompressed",
                        scan->set->path);
    if (wanted <= scan->room_bytes)
        return 0;
    const uint64_t room = wanted + wanted / 2;
    uint8_t *memory = realloc(scan->set->memory, (size_t)room);

    if (memory == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for its images", scan->set->path);
    scan->set->memory = memory;
    scan->room_bytes = room;
    return 0;
}

static int tar_unpack(tar_scan *scan, const char *path, uint64_t bytes)
{
    int rc = 0;

    TRY(tar_reserve(scan, bytes));
    const la_ssize_t got =
        archive_read_data(scan->reader, scan->set->memory + scan->used_bytes, (size_t)bytes);

    if (got < 0 || (uint64_t)got != bytes) {
        rc = tar_fail(scan, path, got < 0 ? archive_error_string(scan->reader) : "truncated");
        goto done;
    }
    TRY(data_listing_add(scan->listing, path, scan->used_bytes, bytes));
    scan->used_bytes += bytes;
done:
    return rc;
}

static int tar_add_image(tar_scan *scan, struct archive_entry *entry, const char *path)
{
    const uint64_t bytes = (uint64_t)archive_entry_size(entry);
    const uint64_t offset = (uint64_t)archive_filter_bytes(scan->reader, 0);

    if (archive_entry_sparse_reset(entry) > 0)
        return tar_fail(scan, path, "stored with holes; make the tar without --sparse");
    if (scan->compressed)
        return tar_unpack(scan, path, bytes);
    if (offset > scan->file_bytes || bytes > scan->file_bytes - offset)
        return tar_fail(scan, path, "truncated tar");
    return data_listing_add(scan->listing, path, offset, bytes);
}

static int tar_visit(tar_scan *scan, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    char path[DATA_PATH_BYTES];

    if (name == NULL)
        name = archive_entry_pathname_utf8(entry); /* the locale cannot spell it */
    if (name == NULL || !tar_clean_path(path, name))
        return tar_fail(scan, name != NULL ? name : "?", "not a name inside the tar");
    if (path[0] == '\0' || data_path_is_hidden(path))
        return 0;
    if (archive_entry_hardlink(entry) != NULL || archive_entry_filetype(entry) == AE_IFLNK)
        return tar_fail(scan, path,
                        "a link; make the tar with --dereference --hard-dereference");
    if (archive_entry_filetype(entry) == AE_IFDIR) {
        memcpy(path + strlen(path), "/", 2);
        return data_listing_add(scan->listing, path, 0, 0);
    }
    if (archive_entry_filetype(entry) == AE_IFREG && data_path_is_image(path))
        return tar_add_image(scan, entry, path);
    return 0;
}

static int tar_start(tar_scan *scan)
{
    struct archive *reader = archive_read_new();

    scan->reader = reader;
    if (reader == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", scan->set->path);
    archive_read_support_format_tar(reader);
    archive_read_support_filter_gzip(reader);
    archive_read_support_filter_bzip2(reader);
    archive_read_support_filter_xz(reader);
    archive_read_support_filter_zstd(reader);
    if (archive_read_open_filename(reader, scan->set->path, TAR_BLOCK_BYTES) != ARCHIVE_OK)
        return alx_fail(ALX_E_DATA, "%s: cannot be read as a tar: %s", scan->set->path,
                        archive_error_string(reader));
    scan->compressed = archive_filter_count(reader) > 1;
    return 0;
}

static int tar_list(alx_dataset *set, data_listing *listing, uint64_t file_bytes)
{
    tar_scan scan = { .set = set, .listing = listing, .file_bytes = file_bytes };
    struct archive_entry *entry = NULL;
    int rc = 0, status = ARCHIVE_OK;

    TRY(tar_start(&scan));
    while ((status = archive_read_next_header(scan.reader, &entry)) != ARCHIVE_EOF) {
        if (status < ARCHIVE_WARN) {
            rc = alx_fail(ALX_E_DATA, "%s: cannot be read as a tar: %s", set->path,
                          archive_error_string(scan.reader));
            goto done;
        }
        TRY(tar_visit(&scan, entry));
    }
done:
    archive_read_free(scan.reader);
    return rc;
}

static int tar_read_member(const alx_dataset *set, const data_item *item, uint8_t *bytes)
{
    char name[DATA_PATH_BYTES];
    uint64_t have = 0;

    while (have < item->bytes) {
        const ssize_t got = pread(set->fd, bytes + have, (size_t)(item->bytes - have),
                                  (off_t)(item->offset + have));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            data_full_name(set, item->path, name, sizeof name);
            return alx_fail(ALX_E_DATA, "%s: %s", name,
                            got == 0 ? "the tar has become shorter" : strerror(errno));
        }
        have += (uint64_t)got;
    }
    return 0;
}

static int tar_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    const data_item *item = &set->items[index];
    uint8_t *bytes = NULL;
    int rc = 0;

    if (set->memory != NULL)
        return data_load_encoded(set, item, set->memory + item->offset, size, rgb);
    bytes = malloc((size_t)item->bytes + 1);
    if (bytes == NULL)
        return alx_fail(ALX_E_MEMORY, "%s:%s: out of host memory", set->path, item->path);
    TRY(tar_read_member(set, item, bytes));
    TRY(data_load_encoded(set, item, bytes, size, rgb));
done:
    free(bytes);
    return rc;
}

static const data_source tar_source = { .separator = ':', .load = tar_load };

int data_tar_open(alx_dataset *set, alx_split split)
{
    data_listing listing = { 0 };
    size_t root = 0;
    struct stat info;
    int rc = 0;

    set->source = &tar_source;
    set->fd = open(set->path, O_RDONLY | O_CLOEXEC);
    if (set->fd < 0 || fstat(set->fd, &info) != 0) {
        rc = alx_fail(ALX_E_DATA, "%s: cannot be read: %s", set->path, strerror(errno));
        goto done;
    }
    TRY(tar_list(set, &listing, (uint64_t)info.st_size));
    const data_layout layout = data_layout_find(&listing, &root);

    TRY(data_layout_apply(set, &listing, &layout, root, split));
done:
    data_listing_free(&listing);
    return rc;
}
