/* datum.c - Caffe's Datum, read and written by hand: seven fields need no protobuf library. */
#include "data/source/datum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "base/wire.h"
#include "data/image/image.h"

enum { CHANNELS = 1, HEIGHT, WIDTH, DATA, LABEL, FLOAT_DATA, ENCODED };

/* ---- reading ------------------------------------------------------------------------------- */

static void datum_set_number(data_datum *datum, uint64_t field, uint64_t number)
{
    const int value = (int)(int32_t)(uint32_t)number;

    if (field == CHANNELS)
        datum->channels = value;
    else if (field == HEIGHT)
        datum->height = value;
    else if (field == WIDTH)
        datum->width = value;
    else if (field == LABEL)
        datum->label = value;
    else if (field == ENCODED)
        datum->encoded = number != 0;
}

/* Counts little-endian floats, packed or one per field, and copies them to `floats` unless it is
 * NULL. */
static void datum_add_floats(data_datum *datum, const uint8_t *at, size_t bytes, float *floats)
{
    if (floats != NULL)
        for (size_t i = 0; i < bytes / 4; ++i) {
            const uint32_t bits = (uint32_t)at[4 * i] | (uint32_t)at[4 * i + 1] << 8 |
                                  (uint32_t)at[4 * i + 2] << 16 | (uint32_t)at[4 * i + 3] << 24;

            memcpy(floats + datum->float_count + i, &bits, 4);
        }
    datum->float_count += bytes / 4;
}

static bool datum_walk(data_datum *datum, const uint8_t *record, size_t bytes, float *floats)
{
    base_wire in = { record, record + bytes };
    base_wire_field field;
    int more;

    *datum = (data_datum){ .record = record, .record_bytes = bytes };
    while ((more = base_wire_next(&in, &field)) > 0) {
        const bool block = field.type == BASE_WIRE_BYTES;

        if (field.type == BASE_WIRE_VARINT)
            datum_set_number(datum, field.field, field.number);
        else if (field.field == FLOAT_DATA && (block || field.type == BASE_WIRE_32))
            datum_add_floats(datum, field.bytes, field.count, floats);
        else if (field.field == DATA && block) {
            datum->data = field.bytes;
            datum->data_bytes = field.count;
        }
    }
    return more == 0;
}

bool data_datum_parse(data_datum *out, const uint8_t *record, size_t bytes)
{
    return datum_walk(out, record, bytes, NULL);
}

/* ---- pixels -------------------------------------------------------------------------------- */

static int datum_alloc(alx_image *image, const data_datum *datum, size_t count, const char *name)
{
    const uint64_t width = (uint64_t)datum->width, height = (uint64_t)datum->height;

    if ((datum->channels != 1 && datum->channels != 3) || datum->width < 1 || datum->height < 1 ||
        width > ALX_MAX_PIXELS || height > ALX_MAX_PIXELS || width * height > ALX_MAX_PIXELS ||
        width * height * (uint64_t)datum->channels != count)
        return alx_fail(ALX_E_DATA, "%s: %zu values are not an image of %d x %d in %d channels",
                        name, count, datum->width, datum->height, datum->channels);
    image->rgb = malloc(width * height * 3);
    if (image->rgb == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", name);
    image->width = datum->width;
    image->height = datum->height;
    return 0;
}

static const uint8_t *datum_plane(const data_datum *datum, const uint8_t *data, size_t rgb_channel)
{
    const size_t pixels = (size_t)datum->width * (size_t)datum->height;

    return datum->channels == 3 ? data + (2 - rgb_channel) * pixels : data;
}

static int datum_load_planes(alx_image *image, const data_datum *datum, const uint8_t *data,
                             size_t count, const char *name)
{
    TRY(datum_alloc(image, datum, count, name));
    const size_t pixels = (size_t)datum->width * (size_t)datum->height;

    for (size_t c = 0; c < 3; ++c) {
        const uint8_t *plane = datum_plane(datum, data, c);

        for (size_t i = 0; i < pixels; ++i)
            image->rgb[3 * i + c] = plane[i];
    }
    return 0;
}

static int datum_load_floats(alx_image *image, const data_datum *datum, const char *name)
{
    const size_t count = datum->float_count;
    float *values = malloc(count * sizeof *values);
    uint8_t *bytes = malloc(count);
    data_datum again;
    int rc = 0;

    if (values == NULL || bytes == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", name);
        goto done;
    }
    datum_walk(&again, datum->record, datum->record_bytes, values);
    for (size_t i = 0; i < count; ++i) {
        if (!(values[i] >= 0.0f && values[i] <= 255.0f)) {
            rc = alx_fail(ALX_E_DATA, "%s: float_data beyond 0 to 255 are not pixels", name);
            goto done;
        }
        bytes[i] = (uint8_t)lrintf(values[i]);
    }
    TRY_DONE(datum_load_planes(image, datum, bytes, count, name));
done:
    free(values);
    free(bytes);
    return rc;
}

int data_datum_load(uint8_t *rgb, const data_datum *datum, int size, bool whole, const char *name)
{
    alx_image image = { 0 };
    int rc = 0;

    if (datum->encoded)
        return data_image_load(rgb, datum->data, datum->data_bytes, size, whole, name);
    if (datum->float_count > 0 && datum->data_bytes == 0)
        TRY_DONE(datum_load_floats(&image, datum, name));
    else
        TRY_DONE(datum_load_planes(&image, datum, datum->data, datum->data_bytes, name));
    TRY_DONE(alx_image_resize_crop(rgb, &image, size));
done:
    alx_image_free(&image);
    return rc;
}

/* ---- writing ------------------------------------------------------------------------------- */

static uint8_t *put_varint(uint8_t *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}

static uint8_t *put_number(uint8_t *out, unsigned field, int value)
{
    *out++ = (uint8_t)(field << 3 | BASE_WIRE_VARINT);
    return put_varint(out, (uint64_t)(int64_t)value); /* negative ones take ten bytes */
}

int data_datum_write(uint8_t **record, size_t *bytes, const data_datum *datum)
{
    uint8_t *out = malloc(datum->data_bytes + 80), *next = out; /* 80: five fields, tag, length */

    *record = NULL;
    if (out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a record of %zu bytes",
                        datum->data_bytes);
    next = put_number(next, LABEL, datum->label);
    next = put_number(next, ENCODED, datum->encoded);
    next = put_number(next, CHANNELS, datum->channels);
    next = put_number(next, HEIGHT, datum->height);
    next = put_number(next, WIDTH, datum->width);
    *next++ = DATA << 3 | BASE_WIRE_BYTES;
    next = put_varint(next, datum->data_bytes);
    memcpy(next, datum->data, datum->data_bytes);
    *record = out;
    *bytes = (size_t)(next - out) + datum->data_bytes;
    return 0;
}
