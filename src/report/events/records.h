/* records.h - files of TensorBoard: messages of protobuf's wire format, framed as TFRecords. */
#ifndef REPORT_RECORDS_H
#define REPORT_RECORDS_H

#include <stdio.h>

#include "alexnet/export.h"
#include "base/message.h"

/** CRC-32C (Castagnoli). */
uint32_t report_crc32c(const void *bytes, size_t count);
/** Length, its check sum, the message, its check sum; empties the message. Errors of the file stay
 *  in it. @return 0; ALX_E_MEMORY */
int report_put_record(FILE *file, base_message *message) ALX_MUST_USE;

/** A field of 64 bits. */
void report_put_double(base_message *m, int field, double value);
/** A list of them. */
void report_put_doubles(base_message *m, int field, const double *values, size_t count);

#endif
