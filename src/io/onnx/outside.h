/* outside.h - external data: files beside a model, never elsewhere. */
#ifndef IO_ONNX_OUTSIDE_H
#define IO_ONNX_OUTSIDE_H

#include "io/onnx/tensor.h"

typedef struct onnx_place {
    const char *name; /**< of the file, as the model has it; kept */
    const base_file_map *map;
    const uint8_t *bytes;
    size_t offset, length;
} onnx_place;

/** Where the external data of a TensorProto lie; maps the file if it is not yet.
 *  @return 0; ALX_E_DATA that names the tensor: a path that leaves the model's folder, a file that
 *          is not there, a place outside it */
int io_onnx_outside_find(onnx_place *out, alx_weights_file *file, onnx_outside *outside,
                         base_wire message, const char *tensor) ALX_MUST_USE;

#endif
