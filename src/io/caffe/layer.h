/* layer.h - one layer of Caffe's. */
#ifndef IO_CAFFE_LAYER_H
#define IO_CAFFE_LAYER_H

#include "base/wire.h"
#include "io/caffe/schema.h"
#include "io/weights_list.h"

/** What a layer of this type computes, with its numbers; inputs, tensors and names are not set. */
void io_caffe_describe(alx_weights_layer *out, const char *type, const caffe_form *form,
                       base_wire layer);
/** Whether layers of the type bring the data. */
bool io_caffe_is_data(const char *type);

#endif
