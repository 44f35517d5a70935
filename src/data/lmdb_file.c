/* lmdb_file.c - a B+tree of pages: branches hold keys and page numbers, leaves keys and values;
 * large values have pages of their own. See MDB_meta, MDB_page and MDB_node in LMDB 0.9's mdb.c
 * (format 1, machines of 64 bits); a file comes from a machine of this byte order. */
#include "data/lmdb_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LMDB_MAGIC 0xBEEFC0DEu
#define LMDB_FORMAT 1
#define LMDB_MIN_PAGE 512
#define LMDB_MAX_PAGE 32768
#define LMDB_ODD_ORDER 0x0E /* reversed keys, sorted duplicates, keys that are integers */

enum { PAGE_BRANCH = 0x01, PAGE_LEAF = 0x02, PAGE_OVERFLOW = 0x04, PAGE_META = 0x08 };
enum { PAGE_KINDS = 0x6F }; /* the four, and two of sorted duplicates */
enum { NODE_IN_PLACE = 0, NODE_OVERFLOW = 1, NODE_DATABASE = 2 };

typedef struct page_header {
    uint64_t number;
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

static int file_map(lmdb_file *file)
{
    const int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    void *map = MAP_FAILED;
    int rc = 0;

    if (fd < 0 || fstat(fd, &info) != 0) {
        rc = alx_fail(ALX_E_DATA, "%s: cannot be read: %s", file->path, strerror(errno));
    } else if (!S_ISREG(info.st_mode) || info.st_size < 2 * LMDB_MIN_PAGE) {
        rc = alx_fail(ALX_E_DATA, "%s: not an LMDB", file->path);
    } else {
        map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED)
            rc = alx_fail(ALX_E_DATA, "%s: cannot be mapped: %s", file->path, strerror(errno));
    }
    if (fd >= 0)
        close(fd);
    if (rc != 0)
        return rc;
    (void)posix_madvise(map, (size_t)info.st_size, POSIX_MADV_RANDOM);
    file->map = map;
    file->mapped_bytes = (size_t)info.st_size;
    file->modified = data_modified(&info);
    return 0;
}

/* One of the two at the file's start, which are written in turn. */
static bool file_header_read(file_header *out, const lmdb_file *file, size_t at)
{
    page_header page;

    if (at + sizeof page + sizeof *out > file->mapped_bytes)
        return false;
    memcpy(&page, file->map + at, sizeof page);
    memcpy(out, file->map + at + sizeof page, sizeof *out);
    return (page.flags & PAGE_KINDS) == PAGE_META && out->magic == LMDB_MAGIC &&
           out->format == LMDB_FORMAT;
}

static int file_take_header(lmdb_file *file, const file_header *header)
{
    const tree_header *tree = &header->records;
    const uint64_t there = file->mapped_bytes / file->page_bytes;

    if (header->last_page >= there)
        return alx_fail(ALX_E_DATA, "%s: truncated: %zu bytes, want %llu pages of %zu", file->path,
                        file->mapped_bytes, (unsigned long long)header->last_page + 1,
                        file->page_bytes);
    if ((tree->flags & LMDB_ODD_ORDER) != 0)
        return alx_fail(ALX_E_DATA, "%s: keys or values sorted in a way that Caffe never writes",
                        file->path);
    if (tree->entries > file->mapped_bytes / sizeof(node_header) || tree->depth > LMDB_MAX_DEPTH ||
        (tree->depth == 0) != (tree->entries == 0))
        return alx_fail(ALX_E_DATA, "%s: damaged: its header is wrong", file->path);
    file->page_count = header->last_page + 1;
    file->entries = tree->entries;
    file->root = tree->root;
    file->version = header->version;
    file->depth = tree->depth;
    return 0;
}

int data_lmdb_file_open(lmdb_file *out, const char *path)
{
    file_header headers[2];
    int rc = 0;

    *out = (lmdb_file){ .path = path };
    TRY(file_map(out));
    out->page_bytes = file_header_read(&headers[0], out, 0) ? headers[0].unused.page_bytes : 0;
    if (out->page_bytes < LMDB_MIN_PAGE || out->page_bytes > LMDB_MAX_PAGE ||
        !file_header_read(&headers[1], out, out->page_bytes)) {
        rc = alx_fail(ALX_E_DATA, "%s: not an LMDB, damaged, or of another kind of machine", path);
        goto done;
    }
    TRY(file_take_header(out, &headers[headers[1].version > headers[0].version]));
done:
    if (rc != 0)
        data_lmdb_file_close(out);
    return rc;
}

void data_lmdb_file_close(lmdb_file *file)
{
    if (file->map != NULL)
        munmap((void *)(uintptr_t)file->map, file->mapped_bytes);
    *file = (lmdb_file){ 0 };
}

/* ---- pages and nodes ------------------------------------------------------------------------- */

static int file_damaged(const lmdb_file *file, uint64_t page)
{
    return alx_fail(ALX_E_DATA, "%s: damaged: page %llu is wrong", file->path,
                    (unsigned long long)page);
}

static int file_page(const uint8_t **out, page_header *header, const lmdb_file *file,
                     uint64_t number, unsigned kind)
{
    if (number >= file->page_count)
        return file_damaged(file, number);
    *out = file->map + number * file->page_bytes;
    memcpy(header, *out, sizeof *header);
    if (header->number != number || (header->flags & PAGE_KINDS) != kind)
        return file_damaged(file, number);
    return 0;
}

static int place_open(lmdb_place *out, const lmdb_file *file, uint64_t number, unsigned kind)
{
    page_header header;
    int rc = 0;

    *out = (lmdb_place){ .page = NULL };
    TRY(file_page(&out->page, &header, file, number, kind));
    if (header.lower < sizeof header + sizeof(uint16_t) || header.lower > header.upper ||
        header.upper > file->page_bytes)
        rc = file_damaged(file, number);
    else
        out->count = (unsigned)(header.lower - sizeof header) / (unsigned)sizeof(uint16_t);
done:
    return rc;
}

static uint64_t place_number(const lmdb_place *place, const lmdb_file *file)
{
    return (uint64_t)(place->page - file->map) / file->page_bytes;
}

static int place_node(page_node *out, const lmdb_place *place, const lmdb_file *file, unsigned at)
{
    uint16_t start;

    *out = (page_node){ .end = 0 };
    memcpy(&start, place->page + sizeof(page_header) + at * sizeof start, sizeof start);
    out->end = start + sizeof out->header;
    if (out->end > file->page_bytes)
        return file_damaged(file, place_number(place, file));
    memcpy(&out->header, place->page + start, sizeof out->header);
    out->key = (lmdb_bytes){ place->page + out->end, out->header.key_bytes };
    out->end += out->key.count;
    if (out->end > file->page_bytes)
        return file_damaged(file, place_number(place, file));
    return 0;
}

static int key_compare(lmdb_bytes a, lmdb_bytes b)
{
    const size_t common = a.count < b.count ? a.count : b.count;
    const int order = common > 0 ? memcmp(a.at, b.at, common) : 0;

    return order != 0 ? order : (a.count > b.count) - (a.count < b.count);
}

/* To the first node of a leaf whose key is not less, maybe one beyond the last; in a branch, whose
 * first key stands for all that are less, to the last whose key is not greater. */
static int place_find(lmdb_place *place, const lmdb_file *file, lmdb_bytes wanted, bool leaf)
{
    unsigned low = leaf ? 0 : 1, high = place->count;
    int rc = 0;

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
done:
    return rc;
}

/* ---- walking ------------------------------------------------------------------------------- */

static int place_child(uint64_t *number, const lmdb_place *place, const lmdb_file *file)
{
    page_node node;
    const int rc = place_node(&node, place, file, place->at);

    *number = node.header.low | (uint64_t)node.header.flags << 32;
    return rc;
}

/* From a page of that level down to where `key` is in a leaf. */
static int cursor_descend(lmdb_cursor *cursor, int level, uint64_t number, lmdb_bytes key)
{
    const lmdb_file *file = cursor->file;
    int rc = 0;

    for (; level < file->depth; ++level) {
        const bool leaf = level == file->depth - 1;

        TRY(place_open(&cursor->level[level], file, number, leaf ? PAGE_LEAF : PAGE_BRANCH));
        TRY(place_find(&cursor->level[level], file, key, leaf));
        if (!leaf)
            TRY(place_child(&number, &cursor->level[level], file));
    }
done:
    return rc;
}

/* A value in pages of its own; `reference` is what the leaf has in its place. */
static int overflow_read(lmdb_bytes *value, const lmdb_file *file, const uint8_t *reference)
{
    page_header header;
    uint64_t number;
    uint32_t pages;
    const uint8_t *page = NULL;
    int rc = 0;

    memcpy(&number, reference, sizeof number);
    TRY(file_page(&page, &header, file, number, PAGE_OVERFLOW));
    memcpy(&pages, page + offsetof(page_header, lower), sizeof pages);
    if (pages > file->page_count - number ||
        value->count + sizeof header > pages * file->page_bytes)
        rc = file_damaged(file, number);
    value->at = page + sizeof header;
done:
    return rc;
}

static int cursor_read(const lmdb_cursor *cursor, lmdb_record *record)
{
    const lmdb_file *file = cursor->file;
    const lmdb_place *place = &cursor->level[file->depth - 1];
    page_node node;
    int rc = 0;

    TRY(place_node(&node, place, file, place->at));
    const size_t room = file->page_bytes - node.end;
    const unsigned kind = node.header.flags;

    record->key = node.key;
    record->value = (lmdb_bytes){ place->page + node.end, node.header.low };
    if (kind == NODE_OVERFLOW && room >= sizeof(uint64_t))
        TRY(overflow_read(&record->value, file, place->page + node.end));
    else if (kind == NODE_DATABASE)
        rc = alx_fail(ALX_E_DATA, "%s: holds named databases, not images", file->path);
    else if (kind != NODE_IN_PLACE || room < node.header.low)
        rc = file_damaged(file, place_number(place, file));
done:
    return rc;
}

int data_lmdb_find(lmdb_cursor *cursor, lmdb_record *record, const lmdb_file *file, lmdb_bytes key)
{
    int rc = 0;

    *record = (lmdb_record){ { NULL, 0 }, { NULL, 0 } };
    *cursor = (lmdb_cursor){ .file = file };
    if (file->depth == 0)
        return 0;
    TRY(cursor_descend(cursor, 0, file->root, key));
    const lmdb_place *leaf = &cursor->level[file->depth - 1];

    if (leaf->at == leaf->count)
        return data_lmdb_next(cursor, record);
    TRY(cursor_read(cursor, record));
done:
    return rc;
}

int data_lmdb_next(lmdb_cursor *cursor, lmdb_record *record)
{
    const lmdb_bytes least = { NULL, 0 };
    int level = cursor->file->depth - 1, rc = 0;
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
    TRY(cursor_read(cursor, record));
done:
    return rc;
}
