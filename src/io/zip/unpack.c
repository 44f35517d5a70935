/* unpack.c - what an entry of a ZIP holds, in pieces of bounded size. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/try.h"
#include "io/zip/zip.h"

#define PIECE_BYTES 65536
#define RAW_WINDOW (-15) /* deflate without a header around it */

typedef struct unpacker {
    const io_zip_entry *entry;
    const base_file_map *map; /* NULL: packed bytes are read where they lie */
    z_stream stream;
    const uint8_t *next; /* packed byte that zlib has not been given */
    size_t left;         /* of these */
    size_t done;         /* bytes that came out */
    uLong crc;           /* of these */
    uint8_t piece[PIECE_BYTES], packed[PIECE_BYTES];
} unpacker;

static int damaged(const io_zip_entry *entry)
{
    return alx_fail(ALX_E_DATA, "ZIP entry %s is damaged", entry->name);
}

static int unpacker_create(unpacker **out, const io_zip_entry *entry, const base_file_map *map)
{
    unpacker *u = calloc(1, sizeof *u);

    *out = NULL;
    if (u == NULL || inflateInit2(&u->stream, RAW_WINDOW) != Z_OK) {
        free(u);
        return alx_fail(ALX_E_MEMORY, "out of host memory to unpack %s", entry->name);
    }
    u->entry = entry;
    u->map = map;
    u->next = entry->data;
    u->left = entry->packed_bytes;
    *out = u;
    return 0;
}

static void unpacker_free(unpacker *u)
{
    if (u != NULL)
        inflateEnd(&u->stream);
    free(u);
}

static int give_packed(unpacker *u)
{
    const size_t now = u->left < PIECE_BYTES ? u->left : PIECE_BYTES;

    u->stream.next_in = (Bytef *)(uintptr_t)u->next; /* zlib does not write to it */
    if (u->map != NULL) {
        TRY(base_file_map_copy(u->map, u->packed, u->next, now));
        u->stream.next_in = u->packed;
    }
    u->stream.avail_in = (uInt)now;
    u->next += now;
    u->left -= now;
    return 0;
}

/* Fills `most` bytes, or as many as are left. */
static int unpack_piece(unpacker *u, uint8_t *out, size_t most, size_t *got)
{
    u->stream.next_out = out;
    u->stream.avail_out = (uInt)most;
    while (u->stream.avail_out > 0) {
        if (u->stream.avail_in == 0)
            TRY(give_packed(u));
        const int status = inflate(&u->stream, Z_NO_FLUSH);

        if (status == Z_STREAM_END)
            break;
        if (status != Z_OK)
            return damaged(u->entry);
    }
    *got = most - u->stream.avail_out;
    return 0;
}

/* The next of the entry, counted and summed. */
static int next_piece(unpacker *u, size_t most, size_t *got)
{
    TRY(unpack_piece(u, u->piece, most < sizeof u->piece ? most : sizeof u->piece, got));
    if (*got > u->entry->bytes - u->done)
        return damaged(u->entry);
    u->crc = crc32(u->crc, u->piece, (uInt)*got);
    u->done += *got;
    return 0;
}

static int unpack_all(unpacker *u, size_t skip, io_zip_take *take, void *user)
{
    size_t got = 1;

    u->crc = crc32(0, NULL, 0);
    while (u->done < skip && got > 0)
        TRY(next_piece(u, skip - u->done, &got));
    while (got > 0) {
        TRY(next_piece(u, sizeof u->piece, &got));
        TRY(take(user, u->piece, got));
    }
    return u->done == u->entry->bytes && u->crc == u->entry->crc ? 0 : damaged(u->entry);
}

/* Of an entry that is not packed. */
static int check_sum(const io_zip_entry *entry, const base_file_map *map)
{
    uLong crc = crc32(0, NULL, 0);
    uint8_t piece[PIECE_BYTES];

    for (size_t done = 0; done < entry->bytes; done += sizeof piece) {
        const size_t left = entry->bytes - done, now = left < sizeof piece ? left : sizeof piece;
        const uint8_t *at = entry->data + done;

        if (map != NULL) {
            TRY(base_file_map_copy(map, piece, at, now));
            at = piece;
        }
        crc = crc32_z(crc, at, now);
    }
    return crc == entry->crc ? 0 : damaged(entry);
}

int io_zip_check(io_zip *zip, const io_zip_entry *entry, const base_file_map *map)
{
    bool *checked = &zip->checked[entry - zip->entries];

    if (!*checked)
        TRY(check_sum(entry, map));
    *checked = true;
    return 0;
}

int io_zip_unpack(const io_zip_entry *entry, const base_file_map *map, size_t skip,
                  io_zip_take *take, void *user)
{
    unpacker *u = NULL;

    if (entry->method == 0) {
        TRY(check_sum(entry, map));
        return take(user, entry->data + skip, entry->bytes - skip);
    }
    TRY(unpacker_create(&u, entry, map));
    const int rc = unpack_all(u, skip, take, user);

    unpacker_free(u);
    return rc;
}

int io_zip_head(const io_zip_entry *entry, uint8_t *out, size_t most, size_t *got)
{
    unpacker *u = NULL;

    if (entry->method == 0) {
        *got = entry->bytes < most ? entry->bytes : most;
        memcpy(out, entry->data, *got);
        return 0;
    }
    TRY(unpacker_create(&u, entry, NULL));
    const int rc = unpack_piece(u, out, most, got);

    unpacker_free(u);
    return rc;
}
