/* globals.h - the names of Python's that a file of PyTorch's may hold, and what they stand for. */
#ifndef IO_TORCH_GLOBALS_H
#define IO_TORCH_GLOBALS_H

#include "io/torch/values.h"

/** Place of "module" and "name" in the table.
 *  @return 0; ALX_E_DATA that names it, if it is not there */
int io_torch_global(int64_t *out, const char *module, size_t module_length, const char *name,
                    size_t name_length) ALX_MUST_USE;
/** What Python's call of the global would give. */
int io_torch_call(io_pickle *pickle, uint32_t *result, uint32_t global,
                  uint32_t arguments) ALX_MUST_USE;
/** Type of a storage's elements; false if the global is no class of storages. */
bool io_torch_storage_type(alx_dtype *out, const pickle_value *global);

#endif
