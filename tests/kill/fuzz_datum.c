/* fuzz_datum.c - records of an LMDB, without one around them. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "data/source/datum.h"

static void check_written(const data_datum *datum)
{
    uint8_t *record = NULL;
    size_t bytes = 0;
    data_datum read;

    fuzz_expect(data_datum_write(&record, &bytes, datum) == 0 &&
                    data_datum_parse(&read, record, bytes),
                "a record that was written is one");
    fuzz_expect(read.label == datum->label && read.data_bytes == datum->data_bytes &&
                    memcmp(read.data, datum->data, read.data_bytes) == 0,
                "a record that was read back is the same");
    free(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char name[] = "fuzzed record";
    uint8_t square[8 * 8 * 3];
    data_datum datum;

    if (!data_datum_parse(&datum, data, bytes))
        return 0;
    fuzz_expect_named(data_datum_load(square, &datum, 8, false, name), name);
    if (datum.data_bytes > 0)
        check_written(&datum);
    return 0;
}
