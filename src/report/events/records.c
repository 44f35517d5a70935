/* records.c - TFRecords: https://www.tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format
 * details". Numbers are little-endian. */
#include "report/events/records.h"

#include <stdlib.h>

#include "alexnet/status.h"
#include "base/wire.h"

#define CRC32C_REVERSED 0x82F63B78u /* the polynomial */
#define MASK_DELTA 0xA282EAD8u

uint32_t report_crc32c(const void *bytes, size_t count)
{
    const uint8_t *at = bytes;
    uint32_t crc = ~0u;

    for (; count > 0; --count, ++at) {
        crc ^= *at;
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ ((crc & 1u) != 0 ? CRC32C_REVERSED : 0u);
    }
    return ~crc;
}

/* A check sum of data that hold check sums would be weak: it is turned, and shifted. */
static void put_masked_crc(FILE *file, const void *bytes, size_t count)
{
    const uint32_t crc = report_crc32c(bytes, count);
    const uint32_t masked = (crc >> 15 | crc << 17) + MASK_DELTA;

    fwrite(&masked, sizeof masked, 1, file);
}

int report_put_record(FILE *file, base_message *message)
{
    const uint64_t length = message->count;

    if (message->failed) {
        free(message->bytes);
        *message = (base_message){ 0 };
        return alx_fail(ALX_E_MEMORY, "out of host memory for a record of TensorBoard");
    }
    fwrite(&length, sizeof length, 1, file);
    put_masked_crc(file, &length, sizeof length);
    fwrite(message->bytes, 1, message->count, file);
    put_masked_crc(file, message->bytes, message->count);
    free(message->bytes);
    *message = (base_message){ 0 };
    return 0;
}

void report_put_double(base_message *m, int field, double value)
{
    base_put_tag(m, field, BASE_WIRE_64);
    base_put(m, &value, sizeof value);
}

void report_put_doubles(base_message *m, int field, const double *values, size_t count)
{
    base_put_bytes(m, field, values, count * sizeof *values);
}
