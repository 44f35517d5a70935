/* datum.h - Caffe's record of an image, in protobuf's wire format:
 *
 *     message Datum { optional int32 channels = 1, height = 2, width = 3; optional bytes data = 4;
 *                     optional int32 label = 5; repeated float float_data = 6;
 *                     optional bool encoded = 7; }
 *
 * `data` is an image file if `encoded`, else planes of bytes: blue, green, red (OpenCV's order). */
#ifndef DATA_DATUM_H
#define DATA_DATUM_H

#include "alexnet/data.h"

typedef struct data_datum {
    int channels, height, width, label;
    bool encoded;
    const uint8_t *data; /**< borrowed from the record */
    size_t data_bytes;
    size_t float_count;
    const uint8_t *record; /**< the whole record, borrowed: floats are read from it again */
    size_t record_bytes;
} data_datum;

/** False if the bytes are not whole fields. Fields that are absent are 0, others are ignored. */
bool data_datum_parse(data_datum *out, const uint8_t *record, size_t bytes);

/** Decodes what the record holds and makes it size*size*3 bytes.
 *  @param whole  an image file is decoded whole, never at a fraction of its size */
int data_datum_load(uint8_t *rgb, const data_datum *datum, int size, bool whole,
                    const char *name) ALX_MUST_USE;

/** The record of a datum without floats; label and `encoded` first, so that reading them touches
 *  one page. Owned by the caller (free). */
int data_datum_write(uint8_t **record, size_t *bytes, const data_datum *datum) ALX_MUST_USE;

#endif
