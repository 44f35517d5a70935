/* layout.h - what folders say: where the classes of which split are, and which of the listed files
 * are images of which class. */
#ifndef DATA_LAYOUT_H
#define DATA_LAYOUT_H

#include "data/set.h"

/* ---- layout_find.c ------------------------------------------------------------------------- */

/** Lists a level (data_listing_level) of the source behind `source`. */
typedef int data_level_lister(data_listing *level, const void *source, const char *prefix);

/** Finds set->layout: below single leading folders, however many, the folders of the splits, or
 *  class folders, which are all training then. */
int data_layout_find(alx_dataset *set, data_level_lister *list, const void *source) ALX_MUST_USE;
/** Says in `layout` what folders of a level are beside those of the splits, whose places (or -1)
 *  are given. An item's offset is 0 if it holds no classes; then its bytes are the images in it. */
int data_layout_name_beside(data_layout *layout, const data_listing *level, int train,
                            int test) ALX_MUST_USE;

/* ---- layout.c ------------------------------------------------------------------------------ */

/** Takes the images of `split` out of the listing (sorted on the way): classes, labels, order,
 *  fingerprint. */
int data_layout_apply(alx_dataset *set, data_listing *listing, alx_split split) ALX_MUST_USE;
void data_layout_free(data_layout *layout);

#endif
