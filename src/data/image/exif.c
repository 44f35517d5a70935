/* exif.c - how a camera was held, as a file's metadata tell it: the EXIF tag 0x0112 of its first
 * directory or, where that is not there at all, XMP's tiff:Orientation. The rules are those of
 * ImageOps.exif_transpose in Pillow 13. */
#include "data/image/image.h"

#include <string.h>

#define TIFF_HEADER_BYTES 8
#define TIFF_ENTRY_BYTES 12
#define TIFF_ORIENTATION 0x0112
#define NOT_THERE 0 /* an orientation that nobody writes: look elsewhere */

static const struct tiff_type {
    uint8_t code, bytes;
    bool number; /* an entry without a number counts as 1, and XMP is not asked */
} tiff_types[] = {
    { 1, 1, false }, /* BYTE, which Pillow reads as a string */
    { 2, 1, false }, /* ASCII */
    { 3, 2, true },  /* SHORT, as the standard wants it */
    { 4, 4, true },  /* LONG */
    { 6, 1, true },  /* SBYTE */
    { 7, 1, false }, /* UNDEFINED */
    { 8, 2, true },  /* SSHORT */
    { 9, 4, true },  /* SLONG */
    { 13, 4, true }, /* IFD */
};

static uint32_t tiff_number(const uint8_t *at, int bytes, bool big_endian)
{
    uint32_t value = 0;

    for (int i = 0; i < bytes; ++i)
        value |= (uint32_t)at[i] << 8 * (big_endian ? bytes - 1 - i : i);
    return value;
}

/* Some cameras write 42 the other way round. */
static bool tiff_begins(const uint8_t *tiff, size_t bytes)
{
    const uint32_t little = bytes >= TIFF_HEADER_BYTES ? tiff_number(tiff + 2, 2, false) : 0;

    return (little == 42 || little == 42 << 8) &&
           (memcmp(tiff, "II", 2) == 0 || memcmp(tiff, "MM", 2) == 0);
}

static int orientation_checked(uint32_t value)
{
    return value >= 1 && value <= 8 ? (int)value : 1;
}

/* The entry's first value. Values of more than four bytes lie elsewhere in the file. */
static int tiff_entry_orientation(const uint8_t *tiff, size_t bytes, const uint8_t *entry, bool big)
{
    const uint32_t code = tiff_number(entry + 2, 2, big);
    const uint64_t count = tiff_number(entry + 4, 4, big);
    const uint8_t *value = entry + 8;
    const struct tiff_type *type = tiff_types;

    while (type < tiff_types + ALX_COUNT(tiff_types) && type->code != code)
        ++type;
    if (type == tiff_types + ALX_COUNT(tiff_types) || count == 0)
        return NOT_THERE;
    if (count * type->bytes > 4) {
        const uint64_t start = tiff_number(value, 4, big);

        if (start > bytes || count * type->bytes > bytes - start)
            return NOT_THERE;
        value = tiff + start;
    }
    return type->number ? orientation_checked(tiff_number(value, type->bytes, big)) : 1;
}

static int exif_orientation(const uint8_t *tiff, size_t bytes)
{
    static const uint8_t prefix[] = { 'E', 'x', 'i', 'f', 0, 0 };

    while (bytes >= sizeof prefix && memcmp(tiff, prefix, sizeof prefix) == 0) {
        tiff += sizeof prefix;
        bytes -= sizeof prefix;
    }
    if (!tiff_begins(tiff, bytes))
        return NOT_THERE;
    const bool big = tiff[0] == 'M';
    const size_t start = tiff_number(tiff + 4, 4, big);

    if (start > bytes - 2)
        return NOT_THERE;
    const size_t entries = tiff_number(tiff + start, 2, big);

    for (size_t i = 0; i < entries; ++i) {
        const size_t at = start + 2 + i * TIFF_ENTRY_BYTES;

        if (at + TIFF_ENTRY_BYTES > bytes)
            break;
        if (tiff_number(tiff + at, 2, big) != TIFF_ORIENTATION)
            continue;
        const int orientation = tiff_entry_orientation(tiff, bytes, tiff + at, big);

        if (orientation != NOT_THERE)
            return orientation;
    }
    return NOT_THERE;
}

/* tiff:Orientation="6" or <tiff:Orientation>6</tiff:Orientation> */
static int xmp_orientation(const char *xmp, size_t bytes)
{
    static const char tag[] = "tiff:Orientation";
    const size_t length = sizeof tag - 1;

    for (size_t i = 0; i + length + 2 <= bytes; ++i) {
        if (memcmp(xmp + i, tag, length) != 0)
            continue;
        const char *value = xmp + i + length, *end = xmp + bytes;
        const char *digit = value[0] == '>'                ? value + 1
                            : memcmp(value, "=\"", 2) == 0 ? value + 2
                                                           : end;

        if (digit < end && *digit >= '0' && *digit <= '9')
            return orientation_checked((uint32_t)(*digit - '0'));
    }
    return 1;
}

int data_orientation(const data_metadata *metadata)
{
    const int orientation = exif_orientation(metadata->exif, metadata->exif_bytes);

    return orientation != NOT_THERE ? orientation
                                    : xmp_orientation(metadata->xmp, metadata->xmp_bytes);
}
