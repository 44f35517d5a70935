/* text.h - a prototxt file as the message that it describes. */
#ifndef IO_CAFFE_TEXT_H
#define IO_CAFFE_TEXT_H

#include "base/file_map.h"
#include "base/wire.h"

/** Whether a file begins as one. */
bool io_caffe_text_is(const base_file_map *map);
/** The NetParameter; fields that schema.c does not know are left out.
 *  @param bytes  owned by the caller (free)
 *  @return 0; ALX_E_DATA that names the line */
int io_caffe_text_read(uint8_t **bytes, base_wire *message, const base_file_map *map) ALX_MUST_USE;

#endif
