/* lmdb_file.c - a B+tree of pages: branches hold keys and page numbers, leaves keys and values;
 * large values have pages of their own. See MDB_meta, MDB_page and MDB_node in mdb.c of LMDB 0.9
 * (format 1) and 1.0 (format 3), machines of 64 bits; a file comes from a machine of this byte
 * order. Pages are read, not mapped: in a map, a page that another process cuts off ends the
 * program by SIGBUS, and a handler for that would be the whole process's. */
#include "data/source/lmdb_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/try.h"
#include "data/source/source.h"

#define LMDB_MAGIC 0xBEEFC0DEu
#define LMDB_MIN_PAGE 512
#define LMDB_ODD_ORDER 0x0E /* reversed keys, sorted duplicates, keys that are integers */

enum { PAGE_BRANCH = 0x01, PAGE_LEAF = 0x02, PAGE_OVERFLOW = 0x04, PAGE_META = 0x08 };
enum { PAGE_KINDS = 0x6F }; /* the four, and two of sorted duplicates */
enum { NODE_IN_PLACE = 0, NODE_OVERFLOW = 1, NODE_DATABASE = 2 };

/* What differs between formats. LMDB 1.0 notes the transaction in each page, and in each reference
 * to an overflow page, counts places in a page from the end of its header, and pads keys to an even
 * length where a value follows. */
struct lmdb_format {
    uint32_t number;
    size_t header_bytes, places_from, reference_bytes, key_step;
};

static const lmdb_format formats[] = { { 1, 16, 0, 8, 1 }, { 3, 24, 24, 24, 2 } };

/* The end of a page's header; its number is at the start. */
typedef struct page_header {
    uint16_t pad, flags;
    uint16_t lower, upper; /* free space; of overflow pages together their count */
} page_header;

typedef struct tree_header {
    uint32_t page_bytes; /* in the first tree of a file */
    uint16_t flags, depth;
    uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
} tree_header;

typedef struct file_header {
    uint32_t magic, format;
    uint64_t address, map_bytes;
    tree_header unused, records;
    uint64_t last_page, version;
} file_header;

typedef struct node_header {
    uint32_t low; /* of a leaf the value's size, of a branch the low bits of the page below */
    uint16_t flags, key_bytes;
} node_header;

typedef struct page_node {
    node_header header;
    lmdb_bytes key;
    size_t end; /* of the key, in the page */
} page_node;

/* ---- the file ------------------------------------------------------------------------------ */

static int file_start(lmdb_file *file)
{
    struct stat info;

    file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0 || fstat(file->fd, &info) != 0)
        return alx_fail(ALX_E_DATA, "%s: cannot be read: %s", file->path, strerror(errno));
    if (!S_ISREG(info.st_mode) || info.st_size < 2 * LMDB_MIN_PAGE)
        return alx_fail(ALX_E_DATA, "%s: not an LMDB", file->path);
    file->bytes = (size_t)info.st_size;
    file->modified = data_modified(&info);
    return 0;
}

/* One of the two at the file's start, which are written in turn. */
static bool file_header_read(file_header *out, const lmdb_file *file, const lmdb_format *format,
                             size_t at)
{
    uint8_t start[sizeof(uint64_t) * 3 + sizeof *out];
    page_header page;

    if (data_read_at(start, file->fd, at, format->header_bytes + sizeof *out, file->path) != 0)
        return false;
    memcpy(&page, start + format->header_bytes - sizeof page, sizeof page);
    memcpy(out, start + format->header_bytes, sizeof *out);
    return (page.flags & PAGE_KINDS) == PAGE_META && out->magic == LMDB_MAGIC &&
           out->format == format->number;
}

static int file_find_headers(file_header headers[2], lmdb_file *file)
{
    for (size_t i = 0; i < ALX_COUNT(formats); ++i) {
        if (!file_header_read(&headers[0], file, &formats[i], 0))
            continue;
        file->format = &formats[i];
        file->page_bytes = headers[0].unused.page_bytes;
        if (file->page_bytes >= LMDB_MIN_PAGE && file->page_bytes <= LMDB_MAX_PAGE &&
            file_header_read(&headers[1], file, &formats[i], file->page_bytes))
            return 0;
    }
    return alx_fail(ALX_E_DATA, "%s: not an LMDB, damaged, or of another kind of machine",
                    file->path);
}

static int file_take_header(lmdb_file *file, const file_header *header)
{
    const tree_header *tree = &header->records;
    const uint64_t there = file->bytes / file->page_bytes;

    if (header->last_page >= there)
        return alx_fail(ALX_E_DATA, "%s: truncated: %zu bytes, want %llu pages of %zu", file->path,
                        file->bytes, (unsigned long long)header->last_page + 1, file->page_bytes);
    if ((tree->flags & LMDB_ODD_ORDER) != 0)
        return alx_fail(ALX_E_DATA, "%s: keys or values sorted in a way that Caffe never writes",
                        file->path);
    if (tree->entries > file->bytes / sizeof(node_header) || tree->depth > LMDB_MAX_DEPTH ||
        (tree->depth == 0) != (tree->entries == 0))
        return alx_fail(ALX_E_DATA, "%s: damaged: its header is wrong", file->path);
    file->page_count = header->last_page + 1;
    file->entries = tree->entries;
    file->root = tree->root;
    file->version = header->version;
    file->depth = tree->depth;
    file->flags = tree->flags;
    file->free = (struct lmdb_free){ header->unused.entries, header->unused.root,
                                     header->unused.depth, header->unused.flags };
    return 0;
}

int data_lmdb_file_open(lmdb_file *out, const char *path)
{
    file_header headers[2];
    int rc = 0;

    *out = (lmdb_file){ .path = path, .fd = -1 };
    TRY_DONE(file_start(out));
    TRY_DONE(file_find_headers(headers, out));
    TRY_DONE(file_take_header(out, &headers[headers[1].version > headers[0].version]));
done:
    if (rc != 0)
        data_lmdb_file_close(out);
    return rc;
}

void data_lmdb_file_close(lmdb_file *file)
{
    if (file->path != NULL && file->fd >= 0)
        close(file->fd);
    *file = (lmdb_file){ 0 };
}

/* ---- pages and nodes ----------------------------------------------------------------------- */

static int file_damaged(const lmdb_file *file, uint64_t page)
{
    return alx_fail(ALX_E_DATA, "%s: damaged: page %llu is wrong", file->path,
                    (unsigned long long)page);
}

/* Reads the first `bytes` of a page. */
static int file_page(uint8_t *page, page_header *header, const lmdb_file *file, uint64_t number,
                     unsigned kind, size_t bytes)
{
    uint64_t says = 0;

    if (number >= file->page_count)
        return file_damaged(file, number);
    TRY(data_read_at(page, file->fd, number * file->page_bytes, bytes, file->path));
    memcpy(&says, page, sizeof says);
    memcpy(header, page + file->format->header_bytes - sizeof *header, sizeof *header);
    if (says != number || (header->flags & PAGE_KINDS) != kind)
        return file_damaged(file, number);
    return 0;
}

int data_lmdb_mark(const lmdb_cursor *cursor, uint64_t page)
{
    if (page >= cursor->file->page_count || cursor->seen[page] != 0)
        return file_damaged(cursor->file, page);
    cursor->seen[page] = 1;
    return 0;
}

/* `count` pages from that one, the first with these flags. */
static int cursor_mark(const lmdb_cursor *cursor, uint64_t page, uint64_t count, unsigned kind,
                       unsigned flags)
{
    if (cursor->seen == NULL)
        return 0;
    if (flags != kind) /* a page of a file that says it is being written to */
        return file_damaged(cursor->file, page);
    for (uint64_t i = 0; i < count; ++i)
        TRY(data_lmdb_mark(cursor, page + i));
    return 0;
}

static int place_open(lmdb_cursor *cursor, int level, uint64_t number, unsigned kind)
{
    const lmdb_file *file = cursor->file;
    lmdb_place *place = &cursor->level[level];
    const size_t header_bytes = file->format->header_bytes, from = file->format->places_from;
    page_header header;
    int rc = 0;

    place->at = place->count = 0;
    place->number = number;
    TRY(file_page(place->page, &header, file, number, kind, file->page_bytes));
    TRY(cursor_mark(cursor, number, 1, kind, header.flags));
    if (header.lower + from < header_bytes + sizeof(uint16_t) || header.lower > header.upper ||
        header.upper + from > file->page_bytes)
        rc = file_damaged(file, number);
    else
        place->count = (unsigned)(header.lower + from - header_bytes) / (unsigned)sizeof(uint16_t);
    return rc;
}

static int place_node(page_node *out, const lmdb_place *place, const lmdb_file *file, unsigned at)
{
    uint16_t start;

    *out = (page_node){ .end = 0 };
    memcpy(&start, place->page + file->format->header_bytes + at * sizeof start, sizeof start);
    const size_t node = start + file->format->places_from;

    out->end = node + sizeof out->header;
    if (out->end > file->page_bytes)
        return file_damaged(file, place->number);
    memcpy(&out->header, place->page + node, sizeof out->header);
    out->key = (lmdb_bytes){ place->page + out->end, out->header.key_bytes };
    out->end += out->key.count;
    if (out->end > file->page_bytes)
        return file_damaged(file, place->number);
    return 0;
}

static int key_compare(lmdb_bytes a, lmdb_bytes b)
{
    const size_t common = a.count < b.count ? a.count : b.count;
    const int order = common > 0 ? memcmp(a.at, b.at, common) : 0;

    return order != 0 ? order : (a.count > b.count) - (a.count < b.count);
}

/* In a leaf, moves to the first node whose key is not less, maybe one beyond the last. In a branch,
 * whose first key stands for all lesser ones, moves to the last node whose key is not greater. */
static int place_find(lmdb_place *place, const lmdb_file *file, lmdb_bytes wanted, bool leaf)
{
    unsigned low = leaf ? 0 : 1, high = place->count;

    while (low < high) {
        const unsigned middle = (low + high) / 2;
        page_node node;

        TRY(place_node(&node, place, file, middle));
        const int order = key_compare(node.key, wanted);

        if (order < 0 || (order == 0 && !leaf))
            low = middle + 1;
        else
            high = middle;
    }
    place->at = leaf ? low : low - 1;
    return 0;
}

/* ---- walking ------------------------------------------------------------------------------- */

static int place_child(uint64_t *number, const lmdb_place *place, const lmdb_file *file)
{
    page_node node;
    const int rc = place_node(&node, place, file, place->at);

    *number = node.header.low | (uint64_t)node.header.flags << 32;
    return rc;
}

/* Walks from a page of that level down to the place of `key` in a leaf. */
static int cursor_descend(lmdb_cursor *cursor, int level, uint64_t number, lmdb_bytes key)
{
    const lmdb_file *file = cursor->file;

    for (; level < file->depth; ++level) {
        const bool leaf = level == file->depth - 1;

        TRY(place_open(cursor, level, number, leaf ? PAGE_LEAF : PAGE_BRANCH));
        TRY(place_find(&cursor->level[level], file, key, leaf));
        if (!leaf)
            TRY(place_child(&number, &cursor->level[level], file));
    }
    return 0;
}

static int cursor_value_room(lmdb_cursor *cursor, size_t bytes)
{
    if (bytes <= cursor->value_room)
        return 0;
    free(cursor->value);
    cursor->value_room = 0;
    cursor->value = malloc(bytes);
    if (cursor->value == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for a record of %zu bytes",
                        cursor->file->path, bytes);
    cursor->value_room = bytes;
    return 0;
}

/* A value in pages of its own; `reference` is what the leaf has in its place. */
static int overflow_read(lmdb_cursor *cursor, lmdb_bytes *value, const uint8_t *reference)
{
    const lmdb_file *file = cursor->file;
    const size_t header_bytes = file->format->header_bytes, bytes = header_bytes + value->count;
    uint8_t start[sizeof(uint64_t) * 3];
    page_header header;
    uint64_t number;
    uint32_t pages;

    memcpy(&number, reference, sizeof number);
    TRY(file_page(start, &header, file, number, PAGE_OVERFLOW, header_bytes));
    memcpy(&pages, start + header_bytes - sizeof pages, sizeof pages);
    if (pages > file->page_count - number || bytes > pages * file->page_bytes)
        return file_damaged(file, number);
    TRY(cursor_mark(cursor, number, pages, PAGE_OVERFLOW, header.flags));
    TRY(cursor_value_room(cursor, value->count));
    TRY(data_read_at(cursor->value, file->fd, number * file->page_bytes + header_bytes,
                     value->count, file->path));
    value->at = cursor->value;
    return 0;
}

static int cursor_read(lmdb_cursor *cursor, lmdb_record *record)
{
    const lmdb_file *file = cursor->file;
    const lmdb_place *place = &cursor->level[file->depth - 1];
    page_node node;
    int rc = 0;

    TRY(place_node(&node, place, file, place->at));
    const size_t start = node.end + node.key.count % file->format->key_step;
    const size_t room = start < file->page_bytes ? file->page_bytes - start : 0;
    const unsigned kind = node.header.flags;

    record->key = node.key;
    record->value = (lmdb_bytes){ place->page + start, node.header.low };
    if (kind == NODE_OVERFLOW && cursor->keys_only)
        record->value.at = NULL;
    else if (kind == NODE_OVERFLOW && room >= file->format->reference_bytes)
        TRY(overflow_read(cursor, &record->value, record->value.at));
    else if (kind == NODE_DATABASE)
        rc = alx_fail(ALX_E_DATA, "%s: holds named databases, not images", file->path);
    else if (kind != NODE_IN_PLACE || room < node.header.low)
        rc = file_damaged(file, place->number);
    return rc;
}

/* A page for each level of the tree. */
static int cursor_start(lmdb_cursor *cursor, const lmdb_file *file)
{
    const size_t depth = (size_t)file->depth;

    cursor->file = file;
    if (cursor->pages == NULL)
        cursor->pages = malloc(depth * file->page_bytes);
    if (cursor->pages == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    for (size_t i = 0; i < depth; ++i)
        cursor->level[i].page = cursor->pages + i * file->page_bytes;
    return 0;
}

void data_lmdb_cursor_close(lmdb_cursor *cursor)
{
    free(cursor->pages);
    free(cursor->value);
    *cursor = (lmdb_cursor){ 0 };
}

int data_lmdb_find(lmdb_cursor *cursor, lmdb_record *record, const lmdb_file *file, lmdb_bytes key)
{
    *record = (lmdb_record){ { NULL, 0 }, { NULL, 0 } };
    if (file->depth == 0)
        return 0;
    TRY(cursor_start(cursor, file));
    TRY(cursor_descend(cursor, 0, file->root, key));
    const lmdb_place *leaf = &cursor->level[file->depth - 1];

    if (leaf->at == leaf->count)
        return data_lmdb_next(cursor, record);
    return cursor_read(cursor, record);
}

int data_lmdb_next(lmdb_cursor *cursor, lmdb_record *record)
{
    const lmdb_bytes least = { NULL, 0 };
    int level = cursor->file->depth - 1;
    uint64_t number = 0;

    *record = (lmdb_record){ { NULL, 0 }, { NULL, 0 } };
    while (level >= 0 && cursor->level[level].at + 1 >= cursor->level[level].count)
        --level;
    if (level < 0)
        return 0;
    ++cursor->level[level].at;
    if (level < cursor->file->depth - 1) {
        TRY(place_child(&number, &cursor->level[level], cursor->file));
        TRY(cursor_descend(cursor, level + 1, number, least));
    }
    return cursor_read(cursor, record);
}
