/* fuzz_describe.c - files of weights of any format, and the networks that they describe or fit, as
 * `alexnet info` finds them. */
#include "fuzz.h"

#include <stdlib.h>

#include "alexnet/dev/report.h"
#include "alexnet/dev/train.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *path = fuzz_write("weights", data, bytes);
    alx_weights_facts facts;
    const int rc = alx_weights_facts_gather(&facts, path, NULL);

    fuzz_expect_named(rc, path);
    if (rc == 0) {
        char *json = NULL;

        fuzz_expect_named(alx_weights_facts_json(&json, &facts), NULL);
        free(json);
    }
    alx_weights_facts_free(&facts);
    return 0;
}
