/* splits.h - what the name of a folder says of the images in it: the same for folders, tars, tars
 * of tars and LMDBs. */
#ifndef DATA_SPLITS_H
#define DATA_SPLITS_H

#include "alexnet/data.h"
#include "data/listing.h"

typedef enum data_role {
    DATA_ROLE_NONE, /**< a class, or anything else */
    DATA_ROLE_TRAIN,
    DATA_ROLE_TEST,
    DATA_ROLE_VAL,
    DATA_ROLES,
} data_role;

/** The split that a name stands for by itself, in any case: "train", "Training Set", "val2017",
 *  "ILSVRC2012_img_val". `plain`, which may be NULL, says whether it is the one word alone. */
data_role data_role_of(const char *name, size_t length, bool *plain);

/** True of "images", "data", "dataset_pictures", which are hardly the name of a class. */
bool data_name_says_nothing(const char *name);

/** Sets the role of each folder of `level`. "dogs_train" is a split if "dogs_test"
 *  lies beside it; alone it may be a class. */
void data_roles_mark(data_listing *level);

/** Finds the folders of the splits among those that are filled; "val" is the test where there
 *  is no "test". Of several, the one called exactly "train" ("test", "val"), else the one called so
 *  but for the case.
 *  @param places  by alx_split, in `level`; -1: there is none
 *  @param path    for the message
 *  @return 0; ALX_E_DATA: several, none of them called so */
int data_splits_choose(int places[2], const data_listing *level, const char *path) ALX_MUST_USE;

#endif
