/* test_ten_crop.c - the ten views against the golden boxes. */
#include "support/test.h"

#include "alexnet/data.h"
#include "alexnet/dev/io.h"

static void assert_boxes(const alx_safetensors *golden, const char *name, int size, int crop)
{
    const alx_st_tensor *want = alx_safetensors_find(golden, name);
    alx_crop boxes[10];

    assert_non_null(want);
    assert_int_equal(want->count, 30);
    alx_ten_crop_boxes(boxes, size, crop, crop);
    for (int i = 0; i < 10; ++i) {
        const int64_t *box = (const int64_t *)want->data + 3 * i;

        assert_int_equal(boxes[i].top, box[0]);
        assert_int_equal(boxes[i].left, box[1]);
        assert_int_equal(boxes[i].mirror, box[2]);
        assert_true(boxes[i].shift[0] == 0.0f);
    }
}

static void boxes_are_the_golden_ones(void **state)
{
    alx_safetensors *golden = NULL;

    (void)state;
    assert_ok(alx_safetensors_open(&golden, TEST_DIR "/golden/ops.safetensors"));
    assert_boxes(golden, "tencrop/size256_crop227/boxes", 256, 227); /* 29 rounds down */
    assert_boxes(golden, "tencrop/size40_crop32/boxes", 40, 32);
    alx_safetensors_close(golden);
}

static void height_and_width_may_differ(void **state)
{
    alx_crop boxes[10];

    (void)state;
    alx_ten_crop_boxes(boxes, 20, 16, 11);
    assert_int_equal(boxes[3].top, 4);
    assert_int_equal(boxes[3].left, 9);
    assert_int_equal(boxes[9].top, 2);
    assert_int_equal(boxes[9].left, 4);
    assert_int_equal(boxes[9].mirror, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_are_the_golden_ones),
        cmocka_unit_test(height_and_width_may_differ),
    };

    return cmocka_run_group_tests_name("ten_crop", tests, NULL, NULL);
}
