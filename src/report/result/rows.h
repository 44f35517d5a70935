/* rows.h - rows of a result that belong together. */
#ifndef REPORT_ROWS_H
#define REPORT_ROWS_H

#include "alexnet/dev/report.h"

/** Of one pass of one layer, whatever computed it. */
bool report_same_pass(const alx_result_row *a, const alx_result_row *b);

#endif
