/* layout.h - what folders say: where the classes of which split are, and which of the listed files
 * are images of which class. */
#ifndef DATA_LAYOUT_H
#define DATA_LAYOUT_H

#include "data/set.h"

/* ---- layout_find.c ------------------------------------------------------------------------- */

/** Lists a level (data_listing_level) of the source behind `source`. */
typedef int data_level_lister(data_listing *level, const void *source, const char *prefix);

/** Finds set->layout: below any number of leading folders, the folders of the splits; if there are
 *  none, the class folders, which are all for training. */
int data_layout_find(alx_dataset *set, data_level_lister *list, const void *source) ALX_MUST_USE;
/** Names in `layout` the folders of a level other than the two splits taken, whose indices are
 *  given (-1: none). */
int data_layout_name_beside(data_layout *layout, const data_listing *level, int train,
                            int test) ALX_MUST_USE;

/* ---- layout.c ------------------------------------------------------------------------------ */

/** Takes the images of `split` out of the listing (sorted on the way): classes, labels, order,
 *  fingerprint. */
int data_layout_apply(alx_dataset *set, data_listing *listing, alx_split split) ALX_MUST_USE;
void data_layout_free(data_layout *layout);

#endif
