/* net.h - a NetParameter of Caffe's: its layers, and the blobs that are their weights. */
#ifndef IO_CAFFE_NET_H
#define IO_CAFFE_NET_H

#include "base/wire.h"
#include "io/weights_list.h"

/** Adds blobs and layers to the file. `net` must live as long as it. */
int io_caffe_list(alx_weights_file *file, base_wire net) ALX_MUST_USE;
/** Adds a BlobProto. An array of weights of a fully connected layer, and a bias, lose the
 *  dimensions of 1 that old files put before theirs.
 *  @param wanted dimensions; 0: as they are */
int io_caffe_add_blob(alx_weights_file *file, base_wire blob, const char *name, int wanted,
                      long *index) ALX_MUST_USE;
/** Numbers of a blob that does not lie in one piece. */
int io_caffe_read_blob(const io_tensor *tensor, float *out) ALX_MUST_USE;

#endif
