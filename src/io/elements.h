/* elements.h - numbers as files hold them: any floating-point type, byte order and strides. */
#ifndef IO_ELEMENTS_H
#define IO_ELEMENTS_H

#include "alexnet/dev/io.h"
#include "base/file_map.h"

/** A block of numbers in memory, which need not be aligned. */
typedef struct io_elements {
    alx_dtype dtype;
    bool big_endian;
    int dim_count;
    const int *dims;
    const size_t *strides; /**< in elements; NULL: C order without gaps */
    const uint8_t *first;  /**< the element (0, ..., 0) */
    size_t place;          /**< what messages call it: 0, but for a piece of a tensor */
} io_elements;

/** The 1 to 8 bytes of a number as one, whatever their order. */
uint64_t io_element_bits(const uint8_t *at, size_t bytes, bool big_endian);
/** Product of dims and its bytes; false if one is negative, the product does not fit, or a part
 *  of a byte is left over. */
bool io_elements_size(size_t *count, size_t *bytes, alx_dtype dtype, const int *dims,
                      int dim_count);
/** Strides of C order without gaps. */
void io_elements_c_order(size_t *strides, const int *dims, int dim_count);
/** Elements from the first to the last, with what lies between; 0 if there are none, SIZE_MAX if
 *  that does not fit. */
size_t io_elements_span(const int *dims, const size_t *strides, int dim_count);

/** Whether elements of the type can become float32: F32, F64, F16, BF16. */
bool io_elements_can(alx_dtype dtype);
/** @return 0; ALX_E_DATA naming the tensor and its type */
int io_elements_check(alx_dtype dtype, const char *name) ALX_MUST_USE;
/** Whether they lie one after the other, in C order. */
bool io_elements_are_run(const io_elements *elements);
/** Whether a run's bytes are what io_elements_run would write. */
bool io_elements_are_floats(const io_elements *elements);
/** `count` elements without gaps as float32; dims and strides are ignored. */
int io_elements_run(float *out, const io_elements *elements, size_t count,
                    const char *name) ALX_MUST_USE;
/** The same of elements that lie in a file's map, which are read from the file: pages that were
 *  looked at would count as this process's memory beside the copy. @param map  NULL: in memory */
int io_elements_read(float *out, const base_file_map *map, const io_elements *elements,
                     size_t count, const char *name) ALX_MUST_USE;
/** All of them in C order as float32: F16 and BF16 exactly, F64 rounded to the nearest.
 *  @param name  of the tensor, for messages
 *  @return 0; ALX_E_DATA for another type, and for a finite F64 beyond float32's range */
int io_elements_floats(float *out, const io_elements *elements, const char *name) ALX_MUST_USE;

#endif
