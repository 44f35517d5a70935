/* eval_worst.h - what an evaluation got wrong, in print and as JSON. */
#ifndef CLI_EVAL_WORST_H
#define CLI_EVAL_WORST_H

#include "alexnet/dev/report.h"
#include "cli/ui/json.h"

/** At most `count` pairs and as many images on stdout. */
void eval_print_worst(const alx_eval_report *report, int count);
/** The same as members "confused" and "worst" of a tree. */
void eval_json_worst(const alx_eval_report *report, int count, cJSON *tree);

#endif
