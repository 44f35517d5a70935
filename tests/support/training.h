/* training.h - small training runs: a data set of coloured stripes, configs/tiny.ini, a folder. */
#ifndef TEST_TRAINING_H
#define TEST_TRAINING_H

#include "alexnet/train.h"
#include "support/device.h"
#include "support/folder.h"

#define TRAINING_IMAGES 210 /* 7 batches of tiny.ini, the last of 18 images */
#define TRAINING_TEST_IMAGES 50

/** Writes CIFAR-10 binaries of ten classes that a small network tells apart. */
void training_write_data(const test_folder *data, size_t images, size_t test_images);

/** A group's: these data, and no messages; training_data_remove closes the device too. */
extern test_folder training_data;
int training_data_make(void **state);
int training_data_remove(void **state);

/** configs/tiny.ini with overrides ("" = none), a run of three epochs in `run_dir`. */
alx_train_options training_options(const char *data, const char *run_dir, const char *override);

/** A network of two layers without dropout, batches of 16; three epochs, images as they are: it
 *  trains in no time, and what it does can be told beforehand. */
alx_train_options training_plain_options(const char *data, const char *run_dir,
                                         const char *const *overrides, size_t count);

/** alx_train_run on the test device. */
int training_run(alx_train_result *result, const alx_train_options *options);

/** Fails unless both runs left the same bytes in the file `name`. */
void training_assert_same(const char *run_a, const char *run_b, const char *name);
/** All values of the parameters in a checkpoint, one after the other; valid until test_teardown. */
float *training_params(const char *run_dir, const char *name, size_t *count);

#endif
