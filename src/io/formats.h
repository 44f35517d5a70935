/* formats.h - the formats of files of weights. */
#ifndef IO_FORMATS_H
#define IO_FORMATS_H

#include "io/weights_list.h"

extern const io_weights_format io_format_safetensors;
extern const io_weights_format io_format_torch_zip;
extern const io_weights_format io_format_torch_old; /* before PyTorch 1.6 */
extern const io_weights_format io_format_onnx;
extern const io_weights_format io_format_caffe;
extern const io_weights_format io_format_prototxt;
extern const io_weights_format io_format_npz;
extern const io_weights_format io_format_npy;

#endif
