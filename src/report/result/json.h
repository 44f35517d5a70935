/* json.h - trees that several documents hold. */
#ifndef REPORT_RESULT_JSON_H
#define REPORT_RESULT_JSON_H

#include "report/result/keys.h"

/** A result; NULL if out of memory. */
cJSON *report_result_tree(const alx_result *result);
/** Adds one to the list, with its `file` number.
 *  @return 0; ALX_E_DATA; ALX_E_MEMORY */
int report_result_add(alx_results *results, const cJSON *json, size_t file) ALX_MUST_USE;

/** Adds a suite and its results.
 *  @return 0; ALX_E_DATA; ALX_E_MEMORY */
int report_suite_add(alx_results *results, const cJSON *json) ALX_MUST_USE;
void report_suite_free(alx_suite *suite);

#endif
