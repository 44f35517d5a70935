/* lars.cl - layer-wise rates (LARS): how much of the rate each part of a parameter gets
 * Layout   vectors with an entry for each slot of the sums of squares
 * Work     one item per slot
 * Launch   {slots}, local {1}
 * -D       none
 * Traffic  reads 4 sums and writes 1 float per slot
 * Checked  against src/ref/lars.c, rtol 1e-6 */

/* As include/alexnet/dev/ops.h has it. */
struct lars_slot {
    uint other;  /* the slot of the parameter's other part; its own where it is whole */
    uint adapts; /* 0: the rate stays, as that of biases */
    float decay; /* factor on the weight decay */
};

/* eta |w| / (|g| + decay |w|), of all parts of a parameter; 1 where |w| or |g| is 0. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void lars_rates(__global float *restrict rates, __global const float *restrict gradient_sums,
                __global const float *restrict weight_sums,
                __global const struct lars_slot *restrict slots,
                __global const float *restrict grad_scale, const float eta, const float decay)
{
    const size_t i = get_global_id(0);
    const struct lars_slot slot = slots[i];
    const size_t j = slot.other;
    const float factor = grad_scale != 0 ? grad_scale[0] : 1.0f;
    const float gradient = factor *
                           sqrt(i == j ? gradient_sums[i] : gradient_sums[i] + gradient_sums[j]);
    const float weight = sqrt(i == j ? weight_sums[i] : weight_sums[i] + weight_sums[j]);

    rates[i] = slot.adapts != 0 && weight > 0.0f && gradient > 0.0f
                   ? eta * weight / (gradient + slot.decay * decay * weight)
                   : 1.0f;
}
