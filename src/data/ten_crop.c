/* ten_crop.c - the ten views of an image at test time (paper, section 4.1). */
#include "alexnet/data.h"

void alx_ten_crop_boxes(alx_crop boxes[10], int size, int crop_height, int crop_width)
{
    const int down = size - crop_height, right = size - crop_width;
    const int tops[5] = { 0, 0, down, down, down / 2 };
    const int lefts[5] = { 0, right, 0, right, right / 2 };

    for (int i = 0; i < 10; ++i)
        boxes[i] = (alx_crop){ .top = tops[i % 5], .left = lefts[i % 5], .mirror = i / 5 };
}
