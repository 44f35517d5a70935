/* zip.h - a ZIP in memory, by its central directory: where each entry lies, and what it unpacks to.
 *
 * Read by hand for what libraries do not give: the place of a stored entry in the map, so that
 * nothing is copied, and claims that are checked before anything is asked for.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
#ifndef IO_ZIP_H
#define IO_ZIP_H

#include "alexnet/dev/io.h"
#include "base/file_map.h"
#include "base/lookup.h"

typedef struct io_zip_entry {
    const char *name; /**< NUL-terminated */
    unsigned method;  /**< 0: stored, 8: deflated */
    uint32_t crc;     /**< of what it unpacks to */
    size_t packed_bytes, bytes;
    const uint8_t *data; /**< packed, in the ZIP's memory */
} io_zip_entry;

typedef struct io_zip {
    io_zip_entry *entries;
    size_t count;
    char *names;      /**< of all, one after the other */
    char **name_list; /**< where each begins */
    base_lookup *lookup;
    bool *checked;          /**< entries whose check sums were right */
    const uint8_t *comment; /**< what follows the directory, in the ZIP's memory */
    size_t comment_bytes;
} io_zip;

bool io_zip_is(const uint8_t *bytes, size_t count);
/** @param bytes  borrowed as long as the ZIP lives
 *  @return 0; ALX_E_DATA, without a path: entries that lie outside the file, that are encrypted,
 *          packed in a way that we do not read, or that claim more than they can hold */
int io_zip_open(io_zip *out, const uint8_t *bytes, size_t count) ALX_MUST_USE;
/** Fine for one that is zeroed. */
void io_zip_close(io_zip *zip);
/** By name; NULL: none. */
const io_zip_entry *io_zip_find(const io_zip *zip, const char *name);
/** The first whose name ends in `end`; NULL: none. */
const io_zip_entry *io_zip_find_end(const io_zip *zip, const char *end);

/** Up to `most` bytes from the start of what an entry unpacks to. */
int io_zip_head(const io_zip_entry *entry, uint8_t *out, size_t most, size_t *got) ALX_MUST_USE;

/** Takes the next bytes of an entry: a multiple of 8 of them, but for the last. */
typedef int io_zip_take(void *user, const uint8_t *bytes, size_t count);
/** Unpacks an entry in pieces, from byte `skip` on, and compares its check sum at the end.
 *  @param map  whose bytes the ZIP's are: packed ones are read from its file; NULL: of memory */
int io_zip_unpack(const io_zip_entry *entry, const base_file_map *map, size_t skip,
                  io_zip_take *take, void *user) ALX_MUST_USE;
/** Compares the check sum of a stored entry, once. @param map  whose bytes the ZIP's are */
int io_zip_check(io_zip *zip, const io_zip_entry *entry, const base_file_map *map) ALX_MUST_USE;

#endif
