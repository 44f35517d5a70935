/* fields.h - single fields of protobuf messages, by their number. */
#ifndef IO_FIELDS_H
#define IO_FIELDS_H

#include "base/wire.h"
#include "io/weights_list.h"

/** The last that is bytes: a message, a text. Empty if there is none. */
base_wire io_field_bytes(base_wire message, uint64_t number);
size_t io_field_length(base_wire bytes);
/** The last that is a number. */
int64_t io_field_int(base_wire message, uint64_t number, int64_t otherwise);
/** The last that is a float. */
double io_field_float(base_wire message, uint64_t number, double otherwise);
/** A copy that lives as long as the file; "" for an empty one. NULL: out of memory. */
const char *io_field_text(alx_weights_file *file, base_wire bytes);

#endif
