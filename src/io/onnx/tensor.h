/* tensor.h - TensorProtos: weights of a model, inside its file or beside it, and small
 * constants. */
#ifndef IO_ONNX_TENSOR_H
#define IO_ONNX_TENSOR_H

#include "base/wire.h"
#include "io/weights_list.h"

/** A file beside a model that holds weights of it; kept by the model's. */
typedef struct onnx_outside_file {
    const char *name;
    base_file_map map;
} onnx_outside_file;

/** All of them; zeroed at first. */
typedef struct onnx_outside {
    onnx_outside_file **files;
    size_t count, room;
} onnx_outside;

/** Whether the file of that name still has its bytes. @return 0; ALX_E_DATA */
int io_onnx_outside_check(const onnx_outside *outside, const char *name) ALX_MUST_USE;
void io_onnx_outside_close(onnx_outside *outside);

/** Adds a TensorProto to the file's tensors, by this name. A type that we do not know is left out
 *  with a warning: then *index is -1. */
int io_onnx_add_tensor(alx_weights_file *file, onnx_outside *outside, base_wire message,
                       const char *name, long *index) ALX_MUST_USE;
/** Adds a tensor of these dims whose elements all are the only one of a TensorProto; of 0.0f if
 *  that is empty. */
int io_onnx_add_filled(alx_weights_file *file, base_wire message, const char *name,
                       const int64_t *dims, size_t dim_count, long *index) ALX_MUST_USE;
/** Numbers of one whose `first` is NULL. */
int io_onnx_read_tensor(const io_tensor *tensor, float *out) ALX_MUST_USE;

/** The first `most` numbers of a constant of integers. Returns how many there are of them; none for
 *  one that lies outside the model. */
size_t io_onnx_tensor_ints(base_wire message, int64_t *out, size_t most);
/** The only number of a constant of float32 or float64. */
bool io_onnx_tensor_number(base_wire message, double *out);

#endif
