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
#define TAR_NESTED_BLOCK_BYTES 4096 /* small: between headers it skips */
#define TAR_MEMORY_BYTES ((uint64_t)1 << 30) /* of unpacked images */

typedef struct tar_scan {
    alx_dataset *set;
    data_listing *listing;
    struct archive *reader;
    bool compressed;
    const char *within;              /**< "n01440764/" in that class's tar, else "" */
    uint64_t start, end;             /**< where the tar lies in the file */
    uint64_t used_bytes, room_bytes; /**< of set->memory */
} tar_scan;

/** A tar in a tar, as libarchive reads it. */
typedef struct tar_range {
    int fd;
    uint64_t next, end;
    uint8_t block[TAR_NESTED_BLOCK_BYTES];
} tar_range;

static int tar_fail(const tar_scan *scan, const char *member, const char *reason)
{
    char name[DATA_PATH_BYTES];

    data_full_name(scan->set, member, name, sizeof name);
    return alx_fail(ALX_E_DATA, "%s: %s", name, reason);
}

/* Appends: "./a//b/" -> "a/b"; false if a part is "..", or if it is too long. */
static bool tar_clean_path(char clean[DATA_PATH_BYTES], const char *path)
{
    size_t used = strlen(clean);

    while (*path != '\0') {
        const size_t length = strcspn(path, "/");

        if (length == 2 && path[0] == '.' && path[1] == '.')
            return false;
        if (length > 0 && !(length == 1 && path[0] == '.')) {
            if (used + length + 3 > DATA_PATH_BYTES) /* both slashes and the end */
                return false;
            if (used > 0 && clean[used - 1] != '/')
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
    const uint64_t offset = scan->start + (uint64_t)archive_filter_bytes(scan->reader, 0);

    if (archive_entry_sparse_reset(entry) > 0)
        return tar_fail(scan, path, "stored with holes; make the tar without --sparse");
    if (scan->compressed)
        return tar_unpack(scan, path, bytes);
    if (offset > scan->end || bytes > scan->end - offset)
        return tar_fail(scan, path, "truncated tar");
    return data_listing_add(scan->listing, path, offset, bytes);
}

/* A tar as a member: its images are those of a class folder of its name. */
static bool tar_is_nested(const tar_scan *scan, const char *path)
{
    const size_t length = strlen(path);

    return scan->within[0] == '\0' && !scan->compressed && length > 4 &&
           strcmp(path + length - 4, ".tar") == 0;
}

static int tar_scan_nested(const tar_scan *scan, struct archive_entry *entry,
                           const char *path) ALX_MUST_USE;

static int tar_visit(tar_scan *scan, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    char path[DATA_PATH_BYTES];

    snprintf(path, sizeof path, "%s", scan->within);
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
    if (archive_entry_filetype(entry) != AE_IFREG)
        return 0;
    if (tar_is_nested(scan, path))
        return tar_scan_nested(scan, entry, path);
    return data_path_is_image(path) ? tar_add_image(scan, entry, path) : 0;
}

/* Visits all members, whatever has opened the reader. */
static int tar_visit_all(tar_scan *scan)
{
    struct archive_entry *entry = NULL;
    int status = ARCHIVE_OK, rc = 0;

    while ((status = archive_read_next_header(scan->reader, &entry)) != ARCHIVE_EOF) {
        if (status < ARCHIVE_WARN)
            return alx_fail(ALX_E_DATA, "%s%s%s: cannot be read as a tar: %s", scan->set->path,
                            scan->within[0] != '\0' ? ":" : "", scan->within,
                            archive_error_string(scan->reader));
        TRY(tar_visit(scan, entry));
    }
done:
    return rc;
}

/* ---- a tar in a tar ------------------------------------------------------------------------ */

static la_ssize_t range_read(struct archive *reader, void *user, const void **block)
{
    tar_range *range = user;
    const uint64_t left = range->end - range->next;
    const size_t wanted = left < sizeof range->block ? (size_t)left : sizeof range->block;
    const ssize_t got = pread(range->fd, range->block, wanted, (off_t)range->next);

    if (got < 0) {
        archive_set_error(reader, errno, "%s", strerror(errno));
        return -1;
    }
    range->next += (uint64_t)got;
    *block = range->block;
    return got;
}

static la_int64_t range_skip(struct archive *reader, void *user, la_int64_t bytes)
{
    tar_range *range = user;
    const uint64_t left = range->end - range->next;
    const uint64_t step = (uint64_t)bytes < left ? (uint64_t)bytes : left;

    (void)reader;
    range->next += step;
    return (la_int64_t)step;
}

static int tar_scan_nested(const tar_scan *scan, struct archive_entry *entry, const char *path)
{
    const uint64_t bytes = (uint64_t)archive_entry_size(entry);
    char within[DATA_PATH_BYTES];
    tar_scan nested = *scan;
    tar_range range = { .fd = scan->set->fd };
    int rc = 0;

    nested.start = scan->start + (uint64_t)archive_filter_bytes(scan->reader, 0);
    nested.end = nested.start + bytes;
    if (nested.start > scan->end || bytes > scan->end - nested.start)
        return tar_fail(scan, path, "truncated tar");
    snprintf(within, sizeof within, "%.*s/", (int)strlen(path) - 4, path);
    nested.within = within;
    range.next = nested.start;
    range.end = nested.end;
    nested.reader = archive_read_new();
    if (nested.reader == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", scan->set->path);
    archive_read_support_format_tar(nested.reader);
    if (archive_read_open2(nested.reader, &range, NULL, range_read, range_skip, NULL) != ARCHIVE_OK)
        rc = tar_fail(scan, path, archive_error_string(nested.reader));
    else
        rc = tar_visit_all(&nested);
    archive_read_free(nested.reader);
    return rc;
}

/* ---- the whole ----------------------------------------------------------------------------- */

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
    tar_scan scan = { .set = set, .listing = listing, .within = "", .end = file_bytes };
    int rc = 0;

    TRY(tar_start(&scan));
    TRY(tar_visit_all(&scan));
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
    if (set->options.labels != NULL) {
        rc = data_labels_apply(set, &listing);
        goto done;
    }
    const data_layout layout = data_layout_find(&listing, &root);

    TRY(data_layout_apply(set, &listing, &layout, root, split));
    set->modified = data_modified(&info);
done:
    data_listing_free(&listing);
    return rc;
}
