/* labels.h - the classes of images whose labels are in a file. */
#ifndef DATA_LABELS_H
#define DATA_LABELS_H

#include "data/label_rows.h"
#include "data/set.h"

/** Takes all images out of the listing, with labels from the file of the options: classes, order,
 *  fingerprint. */
int data_labels_apply(alx_dataset *set, data_listing *listing) ALX_MUST_USE;

/** Fills the rows' indices of classes, and the set's classes: from the options, else what the
 *  labels say. */
int data_labels_resolve(alx_dataset *set, label_rows *file) ALX_MUST_USE;
/** Refuses lines that are a label alone, and a name that is there twice. */
int data_labels_refuse_duplicates(const label_rows *file) ALX_MUST_USE;
/** Of the images' paths, sizes and labels. */
int data_labels_fingerprint(alx_dataset *set) ALX_MUST_USE;

#endif
