/* io.h - weights and data formats in and out. */
#ifndef ALEXNET_DEV_IO_H
#define ALEXNET_DEV_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alexnet/status.h"

ALX_BEGIN_DECLS

/* ---- safetensors --------------------------------------------------------------------------- */

/** Element types of the format. The program itself writes, and computes with, the first five. */
typedef enum {
    ALX_F32,
    ALX_F64,
    ALX_I64,
    ALX_I32,
    ALX_U8,
    ALX_F16,
    ALX_BF16,
    ALX_BOOL,
    ALX_I8,
    ALX_I16,
    ALX_U16,
    ALX_U32,
    ALX_U64,
    ALX_C64,
    ALX_F8_E5M2,
    ALX_F8_E4M3,
    ALX_F8_E8M0,
    ALX_F8_E4M3FNUZ,
    ALX_F8_E5M2FNUZ,
    ALX_F6_E2M3,
    ALX_F6_E3M2,
    ALX_F4,
} alx_dtype;

/** Of one element; 0 for the types smaller than a byte, whose elements are packed. */
size_t alx_dtype_bytes(alx_dtype dtype);
/** NumPy's name: "float32". */
const char *alx_dtype_text(alx_dtype dtype);

#define ALX_MAX_DIMS 8

/** One tensor of a file; `data` is borrowed from it. */
typedef struct alx_st_tensor {
    char name[128];
    alx_dtype dtype;
    int dims[ALX_MAX_DIMS], dim_count;
    size_t count; /**< elements */
    const void *data;
} alx_st_tensor;

typedef struct alx_safetensors alx_safetensors;

/** Reads and checks a whole file: header length, JSON, dtypes, offsets inside the file and without
 *  overlap. @return 0; ALX_E_DATA naming file and fault; ALX_E_MEMORY */
int alx_safetensors_open(alx_safetensors **out, const char *path) ALX_MUST_USE;
/** The same from memory, which is copied. @param name  for messages */
int alx_safetensors_parse(alx_safetensors **out, const void *bytes, size_t count,
                          const char *name) ALX_MUST_USE;
void alx_safetensors_close(alx_safetensors *file);
/** Whether the file still is as long as it was when it was opened: tensors of one that another
 *  process has cut must not be touched, which ends the program (SIGBUS). Ask before one is.
 *  @return 0; ALX_E_DATA naming the file */
int alx_safetensors_check(const alx_safetensors *file) ALX_MUST_USE;
/** `count` elements of a tensor, in its type, from `first` on. Those of a file are read from it:
 *  that needs no question before, and its map takes no memory.
 *  @return 0; ALX_E_DATA naming the file, which was cut */
int alx_safetensors_copy(void *out, const alx_safetensors *file, const alx_st_tensor *tensor,
                         size_t first, size_t count) ALX_MUST_USE;
/** alx_safetensors_copy as float32: F16 and BF16 exactly, F64 rounded to the nearest.
 *  @param file  NULL: the tensor's elements lie in memory
 *  @return 0; ALX_E_DATA, without the file's name: for another type, for a finite F64 beyond
 *          float32's range, which is counted from the tensor's first, and if the file was cut */
int alx_safetensors_floats(float *out, const alx_safetensors *file, const alx_st_tensor *tensor,
                           size_t first, size_t count) ALX_MUST_USE;
/** Whether a file begins as one, whatever is behind; false if it cannot be read. */
bool alx_safetensors_begins(const char *path);
size_t alx_safetensors_count(const alx_safetensors *file);
const alx_st_tensor *alx_safetensors_at(const alx_safetensors *file, size_t index);
/** By name; NULL if the file has none such. */
const alx_st_tensor *alx_safetensors_find(const alx_safetensors *file, const char *name);
/** Value of a `__metadata__` key, or NULL; borrowed. */
const char *alx_safetensors_metadata(const alx_safetensors *file, const char *key);

/** Collects tensors (data is borrowed until the write) and writes them: largest element type first,
 *  then in the order added, header padded with spaces to 8 bytes. */
typedef struct alx_safetensors_writer alx_safetensors_writer;

int alx_safetensors_writer_create(alx_safetensors_writer **out) ALX_MUST_USE;
int alx_safetensors_writer_add(alx_safetensors_writer *writer, const char *name, alx_dtype dtype,
                               const int *dims, int dim_count, const void *data) ALX_MUST_USE;
/** A tensor of which the writer keeps its own copy. */
int alx_safetensors_writer_add_copy(alx_safetensors_writer *writer, const char *name,
                                    alx_dtype dtype, const int *dims, int dim_count,
                                    const void *data) ALX_MUST_USE;
/** Names and metadata must be UTF-8, or it is ALX_E_USAGE. */
int alx_safetensors_writer_metadata(alx_safetensors_writer *writer, const char *key,
                                    const char *value) ALX_MUST_USE;
/** Atomic (written beside, renamed). */
int alx_safetensors_writer_write(const alx_safetensors_writer *writer,
                                 const char *path) ALX_MUST_USE;
void alx_safetensors_writer_free(alx_safetensors_writer *writer);

/* ---- NumPy --------------------------------------------------------------------------------- */

/** A float32 array in C order as rows along its first axis; the other axes are one. */
typedef struct alx_npy {
    size_t rows, columns;
    const float *data;
    char *file; /**< owned (alx_npy_free) */
} alx_npy;

/** @return 0; ALX_E_DATA naming file and fault; ALX_E_MEMORY */
int alx_npy_read(alx_npy *out, const char *path) ALX_MUST_USE;
void alx_npy_free(alx_npy *npy);

#define ALX_NPY_HEADER_BYTES 128
/** What stands before the numbers in a NumPy file: float32 in C order, up to 4 dimensions. */
void alx_npy_header(char head[ALX_NPY_HEADER_BYTES], const size_t *dims, int dim_count);

/** An array of an archive; float32, or float16 that alx_narrow has made. */
typedef struct alx_npz_array {
    char name[64];
    alx_dtype dtype;
    const int *dims; /**< up to 4 */
    int dim_count;
    const void *data;
} alx_npz_array;

/** What an archive says beside its arrays: alx_weights_file_metadata finds it. */
typedef struct alx_npz_note {
    const char *key, *text;
} alx_npz_note;

/** Writes a .npz as numpy.savez does, not packed; atomic. Notes are the ZIP's comment, which NumPy
 *  does not look at: KEY, a zero byte, TEXT, a zero byte, of each.
 *  @return 0; ALX_E_IO; ALX_E_USAGE: more than 4 GiB, or notes of more than 64 KiB */
int alx_npz_write(const char *path, const alx_npz_array *arrays, size_t count,
                  const alx_npz_note *notes, size_t note_count) ALX_MUST_USE;

/** float32 to ALX_F16 or ALX_BF16, to the nearest, ties to even. `out` may lie at the start of
 *  `in`. */
void alx_narrow(uint16_t *out, const float *in, size_t count, alx_dtype dtype);

/* ---- ONNX ---------------------------------------------------------------------------------- */

/** Collects a graph of opset 17: nodes in the order of computation, each
 *
 *      alx_onnx_node(w, "Conv", "conv1");
 *      alx_onnx_node_input(w, "input");  ...  alx_onnx_node_int(w, "group", 2);  ...
 *      alx_onnx_node_end(w);
 *
 *  Texts are copied. Out of memory is what alx_onnx_write says. */
typedef struct alx_onnx_writer alx_onnx_writer;

int alx_onnx_writer_create(alx_onnx_writer **out) ALX_MUST_USE;
void alx_onnx_writer_free(alx_onnx_writer *writer);
/** @param output  also the node's name */
void alx_onnx_node(alx_onnx_writer *writer, const char *op, const char *output);
void alx_onnx_node_input(alx_onnx_writer *writer, const char *name);
/** One more, behind that of alx_onnx_node. */
void alx_onnx_node_output(alx_onnx_writer *writer, const char *name);
void alx_onnx_node_int(alx_onnx_writer *writer, const char *name, int64_t value);
void alx_onnx_node_float(alx_onnx_writer *writer, const char *name, double value);
void alx_onnx_node_ints(alx_onnx_writer *writer, const char *name, const int *values, int count);
void alx_onnx_node_end(alx_onnx_writer *writer);
/** Weights: ALX_F32, ALX_F16 or ALX_BF16, borrowed until alx_onnx_write. */
int alx_onnx_tensor(alx_onnx_writer *writer, const char *name, alx_dtype dtype, const int *dims,
                    int dim_count, const void *numbers) ALX_MUST_USE;
/** What comes into the network, and out of it: float32 of (batch, dims...), batch any number. */
void alx_onnx_input(alx_onnx_writer *writer, const char *name, const int *dims, int dim_count);
void alx_onnx_output(alx_onnx_writer *writer, const char *name, const int *dims, int dim_count);
void alx_onnx_metadata(alx_onnx_writer *writer, const char *key, const char *value);
/** Once; atomic. @return 0; ALX_E_IO; ALX_E_MEMORY; ALX_E_USAGE: 2 GiB or more */
int alx_onnx_write(alx_onnx_writer *writer, const char *path) ALX_MUST_USE;

/* ---- Caffe --------------------------------------------------------------------------------- */

/** Writes a .caffemodel, and the same network without weights as .prototxt beside it, layer by
 *  layer; numbers are those of caffe.proto's fields. Texts are copied, blobs are borrowed until
 *  their layer ends. */
typedef struct alx_caffe_writer alx_caffe_writer;

/** @param path  ends in .caffemodel; @return 0; ALX_E_IO; ALX_E_MEMORY; ALX_E_USAGE: too long */
int alx_caffe_writer_open(alx_caffe_writer **out, const char *path, const char *name) ALX_MUST_USE;
/** Leaves no file, unless alx_caffe_commit has made them. NULL is fine. */
void alx_caffe_writer_free(alx_caffe_writer *writer);
/** Begins a layer; what follows belongs to it, in this order. */
void alx_caffe_layer(alx_caffe_writer *writer, const char *name, const char *type);
void alx_caffe_bottom(alx_caffe_writer *writer, const char *name);
void alx_caffe_top(alx_caffe_writer *writer, const char *name);
/** Weights, then the bias. */
void alx_caffe_blob(alx_caffe_writer *writer, const int *dims, int dim_count, const float *numbers);
/** Begins parameters of it, and ends those before: "convolution_param", 106. */
void alx_caffe_params(alx_caffe_writer *writer, int field, const char *name);
void alx_caffe_int(alx_caffe_writer *writer, int field, const char *name, int value);
void alx_caffe_float(alx_caffe_writer *writer, int field, const char *name, double value);
/** Begins an Input layer, whole but for its end. */
void alx_caffe_input(alx_caffe_writer *writer, const char *name, const int *dims, int dim_count);
int alx_caffe_layer_end(alx_caffe_writer *writer) ALX_MUST_USE;
/** Both files appear. */
int alx_caffe_commit(alx_caffe_writer *writer) ALX_MUST_USE;

ALX_END_DECLS

#endif
