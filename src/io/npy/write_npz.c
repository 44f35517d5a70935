/* write_npz.c - a NumPy archive: a ZIP of stored .npy entries, as numpy.savez writes it.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "alexnet/dev/io.h"
#include "base/file_writer.h"
#include "base/try.h"

enum {
    LOCAL_BYTES = 30,
    CENTRAL_BYTES = 46,
    END_BYTES = 22,
    VERSION = 20,     /* of the format: stored entries */
    DATE = 0x21,      /* 1 January 1980: the same bytes every time */
    NAME_BYTES = 128, /* with ".npy" */
};

typedef struct entry {
    char name[NAME_BYTES];
    char head[ALX_NPY_HEADER_BYTES];
    const void *data;
    size_t data_bytes;
    uint32_t crc, at; /* at: of the local header */
} entry;

static void put(uint8_t *out, size_t at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        out[at + (size_t)i] = (uint8_t)(value >> (8 * i));
}

static int fill(entry *e, const alx_npz_array *array)
{
    size_t dims[ALX_MAX_DIMS], count = 1;

    if (strlen(array->name) + sizeof ".npy" > sizeof e->name)
        return alx_fail(ALX_E_USAGE, "%.64s...: too long a name", array->name);
    strcpy(e->name, array->name);
    strcat(e->name, ".npy");
    for (int i = 0; i < array->dim_count; ++i) {
        dims[i] = (size_t)array->dims[i];
        count *= dims[i];
    }
    alx_npy_header(e->head, dims, array->dim_count);
    if (array->dtype == ALX_F16)
        memcpy(strstr(e->head + 10, "<f4"), "<f2", 3);
    e->data = array->data;
    e->data_bytes = count * alx_dtype_bytes(array->dtype);
    e->crc = (uint32_t)crc32_z(0, (const Bytef *)e->head, sizeof e->head);
    e->crc = (uint32_t)crc32_z(e->crc, e->data, e->data_bytes);
    return 0;
}

/* What local header and directory share: version to time, then sizes. */
static void put_shared(uint8_t *out, size_t at, const entry *e)
{
    const uint32_t bytes = (uint32_t)(sizeof e->head + e->data_bytes);

    put(out, at, VERSION, 2);
    put(out, at + 8, DATE, 2);
    put(out, at + 10, e->crc, 4);
    put(out, at + 14, bytes, 4);
    put(out, at + 18, bytes, 4);
    put(out, at + 22, (uint32_t)strlen(e->name), 2);
}

static int write_entry(base_file_writer *file, entry *e, size_t *at)
{
    uint8_t local[LOCAL_BYTES] = { 'P', 'K', 3, 4 };
    const size_t bytes = LOCAL_BYTES + strlen(e->name) + sizeof e->head + e->data_bytes;

    if (bytes > UINT32_MAX - *at)
        return alx_fail(ALX_E_USAGE, "more than 4 GiB");
    e->at = (uint32_t)*at;
    put_shared(local, 4, e);
    TRY(base_file_writer_write(file, local, sizeof local));
    TRY(base_file_writer_write(file, e->name, strlen(e->name)));
    TRY(base_file_writer_write(file, e->head, sizeof e->head));
    TRY(base_file_writer_write(file, e->data, e->data_bytes));
    *at += bytes;
    return 0;
}

/* The comment of the ZIP. */
static int write_notes(base_file_writer *file, const alx_npz_note *notes, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        TRY(base_file_writer_write(file, notes[i].key, strlen(notes[i].key) + 1));
        TRY(base_file_writer_write(file, notes[i].text, strlen(notes[i].text) + 1));
    }
    return 0;
}

static int check_notes(size_t *bytes, const alx_npz_note *notes, size_t count)
{
    *bytes = 0;
    for (size_t i = 0; i < count; ++i)
        *bytes += strlen(notes[i].key) + strlen(notes[i].text) + 2;
    return *bytes <= UINT16_MAX ? 0 : alx_fail(ALX_E_USAGE, "notes of %zu bytes", *bytes);
}

static int write_directory(base_file_writer *file, const entry *entries, size_t count, size_t at,
                           size_t note_bytes)
{
    uint8_t end[END_BYTES] = { 'P', 'K', 5, 6 };
    size_t bytes = 0;

    for (size_t i = 0; i < count; ++i) {
        uint8_t central[CENTRAL_BYTES] = { 'P', 'K', 1, 2 };

        put(central, 4, VERSION, 2);
        put_shared(central, 6, &entries[i]);
        put(central, 42, entries[i].at, 4);
        TRY(base_file_writer_write(file, central, sizeof central));
        TRY(base_file_writer_write(file, entries[i].name, strlen(entries[i].name)));
        bytes += sizeof central + strlen(entries[i].name);
    }
    put(end, 8, (uint32_t)count, 2);
    put(end, 10, (uint32_t)count, 2);
    put(end, 12, (uint32_t)bytes, 4);
    put(end, 16, (uint32_t)at, 4);
    put(end, 20, (uint32_t)note_bytes, 2);
    return base_file_writer_write(file, end, sizeof end);
}

static int write_all(const char *path, entry *entries, size_t count, const alx_npz_note *notes,
                     size_t note_count)
{
    base_file_writer *file = NULL;
    size_t at = 0, note_bytes = 0;
    int rc = 0;

    TRY(check_notes(&note_bytes, notes, note_count));
    TRY_DONE(base_file_writer_open(&file, path));
    for (size_t i = 0; i < count; ++i)
        TRY_DONE(write_entry(file, &entries[i], &at));
    TRY_DONE(write_directory(file, entries, count, at, note_bytes));
    TRY_DONE(write_notes(file, notes, note_count));
    TRY_DONE(base_file_writer_commit(&file));
done:
    base_file_writer_abort(&file);
    return rc;
}

int alx_npz_write(const char *path, const alx_npz_array *arrays, size_t count,
                  const alx_npz_note *notes, size_t note_count)
{
    entry *entries = calloc(count + 1, sizeof *entries);
    int rc = 0;

    if (entries == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    for (size_t i = 0; i < count && rc == 0; ++i)
        rc = fill(&entries[i], &arrays[i]);
    if (rc == 0)
        rc = write_all(path, entries, count, notes, note_count);
    free(entries);
    return alx_fail_context(rc, "%s", path);
}
