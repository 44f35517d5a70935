/* tensors.c - files of tensors compared bit for bit. */
#include "support/tensors.h"

#include <string.h>

#include "alexnet/dev/io.h"

size_t test_assert_same_tensors(const char *path_a, const char *path_b, const char *prefix)
{
    alx_safetensors *a = NULL, *b = NULL;
    size_t compared = 0;

    assert_ok(alx_safetensors_open(&a, path_a));
    assert_ok(alx_safetensors_open(&b, path_b));
    for (size_t i = 0; i < alx_safetensors_count(a); ++i) {
        const alx_st_tensor *x = alx_safetensors_at(a, i);
        const alx_st_tensor *y = alx_safetensors_find(b, x->name);

        if (strncmp(x->name, prefix, strlen(prefix)) != 0)
            continue;
        assert_non_null(y);
        assert_int_equal(x->count, y->count);
        if (memcmp(x->data, y->data, x->count * alx_dtype_bytes(x->dtype)) != 0)
            fail_msg("%s differs between %s and %s", x->name, path_a, path_b);
        ++compared;
    }
    alx_safetensors_close(a);
    alx_safetensors_close(b);
    return compared;
}
