/* softmax_loss.cl - softmax, cross-entropy and rank of the label; gradient of the mean loss
 * Layout   rows of `classes` floats
 * Work     forward: one group per row, its items stride over the classes and one of them adds
 *          their sums in order; backward: VEC classes of a row
 * Launch   forward: `rows` groups of WG; backward: ceil(total / (WG * run)) groups, total =
 *          rows * classes / VEC
 * -D       VEC (backward; divides classes), WG: vector.clh
 * Traffic  forward reads a row three times, from the cache; backward reads and writes 1 float each
 * Checked  against src/ref/softmax_loss.c, rtol 5e-6; ranks exact */
#include "vector.clh"

/* The sum, or the maximum, of one value per item; `lanes` holds WG + 1 floats. */
static inline float group_reduce(__local float *lanes, const float value, const bool maximum)
{
    lanes[get_local_id(0)] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        float total = lanes[0];

        for (int i = 1; i < WG; ++i)
            total = maximum ? fmax(total, lanes[i]) : total + lanes[i];
        lanes[WG] = total;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return lanes[WG];
}

/* A label outside [0, classes) is none: loss 0, rank `classes`. */
__kernel GROUP void softmax_loss_forward(__global float *restrict prob,
                                         __global float *restrict loss, __global int *restrict rank,
                                         __global const float *restrict logits,
                                         __global const int *restrict labels, const int classes)
{
    __local float lanes[WG + 1];
    const size_t n = get_group_id(0);
    const int item = get_local_id(0), label = labels[n];
    const bool labelled = label >= 0 && label < classes;
    __global const float *row = logits + n * classes;
    const float score = labelled ? row[label] : 0.0f;
    float maximum = -INFINITY, sum = 0.0f, beaten = 0.0f;

    for (int i = item; i < classes; i += WG) {
        maximum = fmax(maximum, row[i]);
        if (isnan(row[i]))
            beaten += classes; /* worse than any rank */
        else if (row[i] > score || (row[i] == score && i < label))
            beaten += 1.0f;
    }
    maximum = group_reduce(lanes, maximum, true);
    beaten = group_reduce(lanes, beaten, false);
    for (int i = item; i < classes; i += WG)
        sum += exp(row[i] - maximum);
    sum = group_reduce(lanes, sum, false);
    for (int i = item; i < classes; i += WG)
        prob[n * classes + i] = exp(row[i] - maximum) / sum;
    if (item == 0) {
        loss[n] = labelled ? log(sum) + (maximum - score) : 0.0f;
        rank[n] = labelled ? (int)fmin(beaten, (float)classes) : classes;
    }
}

/* grad_logits = (prob - onehot(label)) * scale; 0 in a row without a label */
__kernel GROUP void softmax_loss_backward(__global float *restrict grad_logits,
                                          __global const float *restrict prob,
                                          __global const int *restrict labels, const uint classes,
                                          const float scale, const uint total, const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const size_t at = unit * VEC;
        const uint n = (uint)unit / (classes / VEC), first = (uint)unit % (classes / VEC) * VEC;
        const uint label = labels[n];

        STORE(label < classes ? LOAD(prob + at) * scale : (floatv)(0.0f), grad_logits + at);
        if (label >= first && label < first + VEC)
            grad_logits[at + label - first] = (prob[at + label - first] - 1.0f) * scale;
    }
}
