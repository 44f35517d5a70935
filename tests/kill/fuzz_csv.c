/* fuzz_csv.c - the tables that plots are made from. */
#include "fuzz.h"

#include <stdint.h>

#include "report/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *path = fuzz_write("metrics.csv", data, bytes);
    csv_table table;
    const int rc = report_csv_read(&table, path, "layer");

    fuzz_expect_named(rc, path);
    for (size_t i = 0; rc == 0 && i < table.columns; ++i)
        fuzz_expect(report_csv_column(&table, table.names[i]) != NULL, "a column is found by name");
    report_csv_free(&table);
    return 0;
}
