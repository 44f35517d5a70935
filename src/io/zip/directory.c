/* directory.c - the central directory of a ZIP, with its 64-bit form. */
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/elements.h"
#include "io/zip/zip.h"

enum { END_BYTES = 22, END64_BYTES = 56, LOCATOR_BYTES = 20, CENTRAL_BYTES = 46, LOCAL_BYTES = 30 };
enum { MOST_COMMENT_BYTES = 65535, ENCRYPTED = 1, STORED = 0, DEFLATED = 8, EXTRA_64 = 1 };

#define DEFLATE_MOST 1032 /* bytes that one byte can become */

typedef struct source {
    const uint8_t *bytes;
    size_t count;
} source;

static uint64_t number(const uint8_t *at, size_t bytes)
{
    return io_element_bits(at, bytes, false);
}

static bool holds(const source *in, uint64_t start, uint64_t bytes)
{
    return start <= in->count && bytes <= in->count - start;
}

static bool has_mark(const source *in, uint64_t at, const char *mark, size_t bytes)
{
    return holds(in, at, bytes) && memcmp(in->bytes + at, mark, 4) == 0;
}

bool io_zip_is(const uint8_t *bytes, size_t count)
{
    return count >= 4 &&
           (memcmp(bytes, "PK\x03\x04", 4) == 0 || memcmp(bytes, "PK\x05\x06", 4) == 0);
}

/* ---- the end of the file ------------------------------------------------------------------- */

/* Where the last record begins, which only a comment may follow; -1: nowhere. */
static long long find_end(const source *in)
{
    for (size_t back = END_BYTES; back <= END_BYTES + MOST_COMMENT_BYTES && back <= in->count;
         ++back)
        if (has_mark(in, in->count - back, "PK\x05\x06", END_BYTES) &&
            number(in->bytes + in->count - back + 20, 2) == back - END_BYTES)
            return (long long)(in->count - back);
    return -1;
}

typedef struct directory {
    uint64_t start, bytes, entries;
    const uint8_t *comment;
    size_t comment_bytes;
} directory;

static int find_directory(directory *out, const source *in)
{
    const long long end = find_end(in);

    if (end < 0)
        return alx_fail(ALX_E_DATA, "a ZIP without its directory at the end: cut");
    const uint8_t *at = in->bytes + end;

    *out = (directory){ .start = number(at + 16, 4),
                        .bytes = number(at + 12, 4),
                        .entries = number(at + 10, 2),
                        .comment = at + END_BYTES,
                        .comment_bytes = number(at + 20, 2) };
    const uint64_t locator = (uint64_t)end - LOCATOR_BYTES;

    if (end >= LOCATOR_BYTES && has_mark(in, locator, "PK\x06\x07", LOCATOR_BYTES)) {
        const uint64_t end64 = number(in->bytes + locator + 8, 8);

        if (!has_mark(in, end64, "PK\x06\x06", END64_BYTES))
            return alx_fail(ALX_E_DATA, "a ZIP whose 64-bit directory is not where it says");
        at = in->bytes + end64;
        out->start = number(at + 48, 8);
        out->bytes = number(at + 40, 8);
        out->entries = number(at + 32, 8);
    }
    if (!holds(in, out->start, out->bytes) || out->entries > out->bytes / CENTRAL_BYTES)
        return alx_fail(ALX_E_DATA, "a ZIP whose directory lies outside the file");
    return 0;
}

/* ---- entries ------------------------------------------------------------------------------- */

typedef struct record {
    uint64_t packed, bytes, local;
    const uint8_t *name, *extra;
    size_t name_bytes, extra_bytes;
} record;

/* Numbers that did not fit stand in a field of the extra block, in this order. */
static bool widen(record *r)
{
    uint64_t *const wide[] = { &r->bytes, &r->packed, &r->local };
    const uint8_t *at = r->extra, *end = r->extra + r->extra_bytes;

    while (end - at >= 4 && number(at, 2) != EXTRA_64)
        at += 4 + number(at + 2, 2) < (size_t)(end - at) ? 4 + number(at + 2, 2)
                                                         : (size_t)(end - at);
    const size_t length = end - at >= 4 ? number(at + 2, 2) : 0;
    const uint8_t *next = end - at >= 4 ? at + 4 : end;

    if (length < (size_t)(end - next))
        end = next + length;
    for (size_t i = 0; i < ALX_COUNT(wide); ++i)
        if (*wide[i] == UINT32_MAX) {
            if (end - next < 8)
                return false;
            *wide[i] = number(next, 8);
            next += 8;
        }
    return true;
}

/* The record at `at` of the directory; returns its bytes, 0: it is none. */
static size_t parse_record(record *r, const uint8_t *at, uint64_t left)
{
    if (left < CENTRAL_BYTES || memcmp(at, "PK\x01\x02", 4) != 0)
        return 0;
    const size_t whole = CENTRAL_BYTES + number(at + 28, 2) + number(at + 30, 2) +
                         number(at + 32, 2);

    *r = (record){ .packed = number(at + 20, 4),
                   .bytes = number(at + 24, 4),
                   .local = number(at + 42, 4),
                   .name = at + CENTRAL_BYTES,
                   .name_bytes = number(at + 28, 2),
                   .extra = at + CENTRAL_BYTES + number(at + 28, 2),
                   .extra_bytes = number(at + 30, 2) };
    return whole <= left && widen(r) ? whole : 0;
}

/* The data follow the entry's own header. */
static int find_data(io_zip_entry *entry, const source *in, uint64_t local)
{
    if (!has_mark(in, local, "PK\x03\x04", LOCAL_BYTES))
        return alx_fail(ALX_E_DATA, "ZIP entry %s is not where the directory says", entry->name);
    const uint8_t *at = in->bytes + local;
    const uint64_t start = local + LOCAL_BYTES + number(at + 26, 2) + number(at + 28, 2);

    if (!holds(in, start, entry->packed_bytes))
        return alx_fail(ALX_E_DATA, "ZIP entry %s: %zu bytes lie outside the file", entry->name,
                        entry->packed_bytes);
    entry->data = in->bytes + start;
    return 0;
}

static int check_claims(const io_zip_entry *entry, unsigned flags)
{
    if ((flags & ENCRYPTED) != 0)
        return alx_fail(ALX_E_DATA, "ZIP entry %s is encrypted", entry->name);
    if (entry->method != STORED && entry->method != DEFLATED)
        return alx_fail(ALX_E_DATA, "ZIP entry %s is packed by method %u; want stored or deflate",
                        entry->name, entry->method);
    if (entry->method == STORED ? entry->bytes != entry->packed_bytes
                                : entry->bytes / DEFLATE_MOST > entry->packed_bytes)
        return alx_fail(ALX_E_DATA, "ZIP entry %s claims %zu bytes in %zu", entry->name,
                        entry->bytes, entry->packed_bytes);
    return 0;
}

static int add_entry(io_zip *zip, const source *in, const uint8_t *at, const record *r,
                     char **names)
{
    io_zip_entry *entry = &zip->entries[zip->count++];

    zip->name_list[zip->count - 1] = *names;
    *entry = (io_zip_entry){ .name = *names,
                             .method = (unsigned)number(at + 10, 2),
                             .crc = (uint32_t)number(at + 16, 4),
                             .packed_bytes = r->packed,
                             .bytes = r->bytes };
    memcpy(*names, r->name, r->name_bytes);
    (*names)[r->name_bytes] = '\0';
    *names += r->name_bytes + 1;
    TRY(check_claims(entry, (unsigned)number(at + 8, 2)));
    return find_data(entry, in, r->local);
}

static int list_entries(io_zip *zip, const source *in, const directory *where)
{
    const uint8_t *at = in->bytes + where->start;
    uint64_t left = where->bytes;
    char *names = zip->names;

    for (uint64_t i = 0; i < where->entries; ++i) {
        record r;
        const size_t used = parse_record(&r, at, left);

        if (used == 0)
            return alx_fail(ALX_E_DATA, "a ZIP whose directory is damaged at entry %zu", (size_t)i);
        TRY(add_entry(zip, in, at, &r, &names));
        at += used;
        left -= used;
    }
    return 0;
}

int io_zip_open(io_zip *out, const uint8_t *bytes, size_t count)
{
    const source in = { bytes, count };
    directory where = { 0 };
    int rc = 0;

    *out = (io_zip){ 0 };
    TRY(find_directory(&where, &in));
    out->comment = where.comment;
    out->comment_bytes = where.comment_bytes;
    /* a record is longer than its name with a NUL, and about as long as an entry: no claim costs */
    out->entries = calloc(where.entries + 1, sizeof *out->entries);
    out->names = malloc(where.bytes + 1);
    out->name_list = calloc(where.entries + 1, sizeof *out->name_list);
    out->checked = calloc(where.entries + 1, sizeof *out->checked);
    if (out->entries == NULL || out->names == NULL || out->name_list == NULL ||
        out->checked == NULL)
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu entries", (size_t)where.entries);
    else
        rc = list_entries(out, &in, &where);
    if (rc == 0)
        rc = base_lookup_create(&out->lookup, out->name_list, out->count);
    if (rc != 0)
        io_zip_close(out);
    return rc;
}

void io_zip_close(io_zip *zip)
{
    base_lookup_free(zip->lookup);
    free(zip->name_list);
    free(zip->checked);
    free(zip->entries);
    free(zip->names);
    *zip = (io_zip){ 0 };
}

const io_zip_entry *io_zip_find(const io_zip *zip, const char *name)
{
    const long place = base_lookup_find(zip->lookup, name, strlen(name));

    return place >= 0 ? &zip->entries[place] : NULL;
}

const io_zip_entry *io_zip_find_end(const io_zip *zip, const char *end)
{
    const size_t length = strlen(end);

    for (size_t i = 0; i < zip->count; ++i) {
        const size_t whole = strlen(zip->entries[i].name);

        if (whole >= length && strcmp(zip->entries[i].name + whole - length, end) == 0)
            return &zip->entries[i];
    }
    return NULL;
}
