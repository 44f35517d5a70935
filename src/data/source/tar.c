/* tar.c - a data set in a tar. An uncompressed one is scanned once for the places of its members,
 * which are then read where they lie; of a compressed one the images are unpacked into memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/try.h"
#include "data/naming.h"
#include "data/source/source.h"
#include "data/source/tar_read.h"

#define TAR_MEMORY_BYTES ((uint64_t)1 << 30) /* of unpacked images */
#define TAR_IN_MEMORY ((uint64_t)1 << 62)    /* in an offset: of set->memory, not of the file */
#define TAR_MAX_DEPTH 4
#define TAR_REPORT_SECONDS 5.0

/** Shared by a tar and those in it. */
typedef struct tar_totals {
    uint64_t used_bytes, room_bytes; /**< of set->memory */
    size_t images, members;
    double reported;     /**< when it was last said how many members there are, s */
    const char *foreign; /**< what it holds if it holds no images, once a member told */
} tar_totals;

typedef struct tar_scan {
    alx_dataset *set;
    data_listing *listing;
    tar_reader *reader;
    const char *within; /**< "n01440764/" in that class's tar, else "" */
    bool unpack;        /**< this tar, or one around it, is compressed: images go to memory */
    int depth;
    tar_totals *totals;
} tar_scan;

static int tar_fail(const tar_scan *scan, const char *member, const char *reason)
{
    char name[DATA_PATH_BYTES];

    data_shown_name(scan->set, member, name, sizeof name);
    return alx_fail(ALX_E_DATA, "%s: %s", name, reason);
}

/* Appends a cleaned path: "./a//b/" -> "a/b". False if a part of it is "..", or if it is too
 * long. */
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
    const uint64_t wanted = scan->totals->used_bytes + bytes;

    if (bytes > TAR_MEMORY_BYTES || wanted > TAR_MEMORY_BYTES)
        return alx_fail(ALX_E_DATA,
                        "%s: a compressed tar with more than 1 GiB of images; unpack it, or store "
                        "it uncompressed",
                        scan->set->path);
    if (wanted <= scan->totals->room_bytes)
        return 0;
    const uint64_t room = wanted + wanted / 2;
    uint8_t *memory = realloc(scan->set->memory, (size_t)room);

    if (memory == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for its images", scan->set->path);
    scan->set->memory = memory;
    scan->totals->room_bytes = room;
    return 0;
}

static int tar_unpack(tar_scan *scan, const char *path, uint64_t bytes)
{
    struct archive *archive = scan->reader->archive;
    const uint64_t at = scan->totals->used_bytes;

    TRY(tar_reserve(scan, bytes));
    const la_ssize_t got = archive_read_data(archive, scan->set->memory + at, (size_t)bytes);

    if (got < 0 || (uint64_t)got != bytes)
        return tar_fail(scan, path, got < 0 ? archive_error_string(archive) : "truncated");
    TRY(data_listing_add(scan->listing, DATA_IMAGE, path, TAR_IN_MEMORY | at, bytes));
    scan->totals->used_bytes += bytes;
    return 0;
}

static int tar_add_image(tar_scan *scan, struct archive_entry *entry, const char *path)
{
    const tar_reader *reader = scan->reader;
    const uint64_t bytes = (uint64_t)archive_entry_size(entry), offset = data_tar_offset(reader);

    ++scan->totals->images;
    if (archive_entry_sparse_reset(entry) > 0)
        return tar_fail(scan, path, "stored with holes; make the tar without --sparse");
    if (scan->unpack)
        return tar_unpack(scan, path, bytes);
    if (offset > reader->bytes || bytes > reader->bytes - offset)
        return tar_fail(scan, path, "truncated tar");
    return data_listing_add(scan->listing, DATA_IMAGE, path, reader->start + offset, bytes);
}

/* A tar as a member: its images are those of a class folder of its name, whose length is given. */
static int tar_scan_nested(const tar_scan *scan, struct archive_entry *entry, const char *path,
                           size_t length) ALX_MUST_USE;

static int tar_visit(tar_scan *scan, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    const bool folder = archive_entry_filetype(entry) == AE_IFDIR;
    char path[DATA_PATH_BYTES];
    size_t length = 0, nested = 0;

    snprintf(path, sizeof path, "%s", scan->within);
    if (name == NULL)
        name = archive_entry_pathname_utf8(entry); /* the locale cannot spell it */
    if (name == NULL || !tar_clean_path(path, name))
        return tar_fail(scan, name != NULL ? name : "?", "not a name inside the tar");
    if (path[0] == '\0')
        return 0;
    if (folder)
        memcpy(path + strlen(path), "/", 2);
    const int kind = data_kind_of(path, &length);

    if (data_kind_is_aside(kind)) {
        path[length] = '\0';
        return data_listing_add(scan->listing, kind, path, 0, 0);
    }
    if (archive_entry_hardlink(entry) != NULL || archive_entry_filetype(entry) == AE_IFLNK)
        return tar_fail(scan, path, "a link; make the tar with --dereference --hard-dereference");
    if (!folder && archive_entry_filetype(entry) != AE_IFREG)
        return 0;
    if ((nested = data_tar_stem_length(path)) > 0)
        return tar_scan_nested(scan, entry, path, nested);
    if (scan->totals->foreign == NULL)
        scan->totals->foreign = data_foreign_member(path);
    return kind == DATA_IMAGE ? tar_add_image(scan, entry, path)
                              : data_listing_add(scan->listing, kind, path, 0, 0);
}

/* A scan of a terabyte takes minutes. */
static void tar_report(const tar_scan *scan)
{
    const double now = base_seconds();

    ++scan->totals->members;
    if (now - scan->totals->reported < TAR_REPORT_SECONDS)
        return;
    scan->totals->reported = now;
    alx_info("%s: %zu members so far", scan->set->path, scan->totals->members);
}

static int tar_visit_all(tar_scan *scan)
{
    struct archive_entry *entry = NULL;

    TRY(data_tar_next(scan->reader, &entry));
    while (entry != NULL) {
        TRY(tar_visit(scan, entry));
        tar_report(scan);
        TRY(data_tar_next(scan->reader, &entry));
    }
    return 0;
}

static int tar_scan_nested(const tar_scan *scan, struct archive_entry *entry, const char *path,
                           size_t length)
{
    const uint64_t bytes = (uint64_t)archive_entry_size(entry);
    const uint64_t offset = data_tar_offset(scan->reader);
    char within[DATA_PATH_BYTES], name[DATA_PATH_BYTES];
    tar_reader reader = { .fd = -1 };
    tar_scan nested = *scan;
    int rc = 0;

    if (++nested.depth > TAR_MAX_DEPTH)
        return tar_fail(scan, path, "tars in tars too deep");
    snprintf(within, sizeof within, "%.*s/", (int)length, path);
    data_shown_name(scan->set, path, name, sizeof name);
    nested.within = within;
    nested.reader = &reader;
    if (scan->unpack) {
        TRY_DONE(data_tar_open_member(&reader, name, scan->reader->archive, bytes));
    } else if (offset > scan->reader->bytes || bytes > scan->reader->bytes - offset) {
        rc = tar_fail(scan, path, "truncated tar");
        goto done;
    } else {
        TRY_DONE(
            data_tar_open_range(&reader, name, scan->set->fd, scan->reader->start + offset, bytes));
    }
    nested.unpack = scan->unpack || reader.compressed;
    TRY_DONE(tar_visit_all(&nested));
done:
    data_tar_close(&reader);
    return rc;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int tar_list(alx_dataset *set, data_listing *listing, uint64_t file_bytes)
{
    tar_reader reader = { .fd = -1 };
    tar_totals totals = { .reported = base_seconds() };
    tar_scan scan = {
        .set = set, .listing = listing, .reader = &reader, .within = "", .totals = &totals
    };
    int rc = 0;

    TRY_DONE(data_tar_open_range(&reader, set->path, set->fd, 0, file_bytes));
    scan.unpack = reader.compressed;
    TRY_DONE(tar_visit_all(&scan));
    if (totals.foreign != NULL && totals.images == 0)
        rc = alx_fail(ALX_E_DATA, "%s: %s", set->path, totals.foreign);
done:
    data_tar_close(&reader);
    return rc;
}

int data_tar_read(const uint8_t **bytes, uint8_t **owned, const alx_dataset *set, size_t index)
{
    const data_item *item = &set->items[index];

    *owned = NULL;
    if ((item->offset & TAR_IN_MEMORY) != 0) {
        *bytes = set->memory + (item->offset & ~TAR_IN_MEMORY);
        return 0;
    }
    *bytes = *owned = malloc((size_t)item->bytes + 1);
    if (*owned == NULL)
        return alx_fail(ALX_E_MEMORY, "%s:%s: out of host memory", set->path, item->path);
    return data_read_at(*owned, set->fd, item->offset, (size_t)item->bytes, set->path);
}

static int tar_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    const uint8_t *bytes = NULL;
    uint8_t *owned = NULL;
    int rc = 0;

    TRY_DONE(data_tar_read(&bytes, &owned, set, index));
    TRY_DONE(data_load_encoded(set, &set->items[index], bytes, size, rgb));
done:
    free(owned);
    return rc;
}

static const data_source tar_source = { .separator = ':', .load = tar_load };

int data_tar_open(alx_dataset *set, data_listing *listing)
{
    struct stat info;

    set->source = &tar_source;
    set->fd = open(set->path, O_RDONLY | O_CLOEXEC);
    if (set->fd < 0 || fstat(set->fd, &info) != 0)
        return alx_fail(ALX_E_DATA, "%s: cannot be read: %s", set->path, strerror(errno));
    listing->modified = data_modified(&info);
    return tar_list(set, listing, (uint64_t)info.st_size);
}
