/* rows.h - tuning rows: how long each way to compute a problem took on a device, and whether its
 * numbers were right. Devices, kernels and problems come in as text. */
#ifndef ALEXNET_DEV_ROWS_H
#define ALEXNET_DEV_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/status.h"

ALX_BEGIN_DECLS

#define ALX_PROBLEM_BYTES 96
#define ALX_CHOICE_BYTES 256
#define ALX_ROWS_MOST_ERROR 1e-4 /**< of a way that counts, of any pass */

/** How long one way to compute a problem took on a device. */
typedef struct alx_row {
    char problem[ALX_PROBLEM_BYTES]; /**< "conv2d forward 27x27x48 to 27x27x128 5/1+2 g1" */
    int batch;
    char choice[ALX_CHOICE_BYTES]; /**< "winograd vectors=3": algorithm, then its parameters */
    double ms;                     /**< the fastest of several; 0 = it failed or its numbers are
                                          wrong */
    double error;                  /**< from the twin, relative to the maximum */
    bool shipped;                  /**< with the program, not in the user's file */
} alx_row;

/** Problems whose first word is `name`, and the kernels that their rows depend on. */
typedef struct alx_rows_family {
    char name[16], kernels[17];
} alx_rows_family;

#define ALX_ROWS_FAMILIES 4

/** Whose rows count. */
typedef struct alx_rows_key {
    char device[256], driver[128];
    alx_rows_family families[ALX_ROWS_FAMILIES];
    size_t family_count;
    /** Whether a row is one that could have been measured on this device. */
    bool (*is_known)(const alx_row *row, const void *user);
    const void *user;
} alx_rows_key;

/**
 * The rows of one device, from those that ship with the program (configs/tuned/) and from the
 * user's file. A row counts only for the device's name and driver and for the kernels that it was
 * measured with. A line that is no row, or no row that is known, is refused with a warning: with
 * parameters that nobody has checked, CLBlast may compute wrong numbers.
 */
typedef struct alx_rows alx_rows; /* as in alexnet/algorithms.h */

/** Whether `path`, as of alx_rows_open, means no rows at all. */
bool alx_rows_are_off(const char *path);
/** @param key   copied; is_known and user are used during the call only
 *  @param path  the user's file, which need not be there; "off": no rows at all, shipped ones
 *               neither; NULL = $ALEXNET_TUNING, else tuning.jsonl in the cache folder */
int alx_rows_open(alx_rows **out, const alx_rows_key *key, const char *path) ALX_MUST_USE;
void alx_rows_close(alx_rows *rows);

typedef struct alx_rows_counts {
    size_t user, shipped; /**< rows that count */
    size_t stale;         /**< of this device, but of another driver or other kernels */
} alx_rows_counts;

alx_rows_counts alx_rows_count(const alx_rows *rows);
/** Path of the user's file; "" = none. Borrowed. */
const char *alx_rows_path(const alx_rows *rows);
/** All rows that count, in the order of the files. Borrowed until the next alx_rows_add. */
const alx_row *alx_rows_all(const alx_rows *rows, size_t *count);

/** True if problems that begin with `family` ("conv2d", "fc") have right rows; false for NULL. */
bool alx_rows_cover(const alx_rows *rows, const char *family);
/** The fastest right row of a problem, of the batch nearest to `batch`, the user's rows before
 *  shipped ones; NULL if there is none, or `rows` is NULL. Borrowed until the next alx_rows_add. */
const alx_row *alx_rows_find(const alx_rows *rows, const char *problem, int batch);

/** Whether the user's file takes rows: ALX_E_USAGE if there is none, ALX_E_DATA if it holds
 *  lines of which none is a row (a first one may be torn). */
int alx_rows_check_file(const alx_rows *rows) ALX_MUST_USE;
/** Adds a row, rounded, and appends it to the user's file.
 *  @return 0; what alx_rows_check_file returns; ALX_E_IO; ALX_E_MEMORY */
int alx_rows_add(alx_rows *rows, const alx_row *row) ALX_MUST_USE;

ALX_END_DECLS

#endif
