/* converted.h - a small network's weights in another format, and what they answer. */
#ifndef TEST_CONVERTED_H
#define TEST_CONVERTED_H

#include "alexnet/model.h"

/** The network of tests/data/weights/state.pth, make_weight_files.py's Small.
 *  @param form  of dropout */
void test_small_config(alx_config *config, const char *form);
/** A path in test_own_folder. */
const char *test_own_path(const char *name);
/** @param config  or NULL: found; @param naming  or NULL: ours */
void test_convert(const char *from, const char *to, const alx_config *config, const char *naming);
/** Logits of three classes of a picture of 20 x 20. */
void test_answer(float got[3], const alx_model_weights *weights);

#endif
