/* softmax_loss.c - twin of softmax with cross-entropy and of the label's rank. */
#include "alexnet/dev/ref.h"

#include <math.h>

static bool softmax_labelled(int32_t label, int classes)
{
    return label >= 0 && label < classes;
}

static int32_t softmax_rank(const float *logits, int32_t label, int classes)
{
    int32_t rank = 0;

    for (int i = 0; i < classes; ++i) {
        if (isnan(logits[i]) || !softmax_labelled(label, classes))
            return classes;
        rank += logits[i] > logits[label] || (logits[i] == logits[label] && i < label);
    }
    return rank;
}

/* One row; returns the logarithm of sum_j exp(z_j - m) and m through `maximum`. */
static double softmax_row(float *prob, double *maximum, const float *logits, int classes)
{
    double sum = 0.0;

    *maximum = -INFINITY;
    for (int i = 0; i < classes; ++i)
        *maximum = fmax(*maximum, (double)logits[i]);
    for (int i = 0; i < classes; ++i)
        sum += exp((double)logits[i] - *maximum);
    for (int i = 0; i < classes; ++i)
        prob[i] = (float)(exp((double)logits[i] - *maximum) / sum);
    return log(sum);
}

void alx_ref_softmax_loss(float *prob, float *loss, int32_t *rank, const float *logits,
                          const int32_t *labels, int rows, int classes)
{
    for (int n = 0; n < rows; ++n) {
        const float *row = logits + (size_t)n * (size_t)classes;
        double maximum;
        const double log_sum = softmax_row(prob + (size_t)n * (size_t)classes, &maximum, row,
                                           classes);

        loss[n] = softmax_labelled(labels[n], classes)
                      ? (float)(log_sum + (maximum - (double)row[labels[n]]))
                      : 0.0f;
        rank[n] = softmax_rank(row, labels[n], classes);
    }
}

void alx_ref_softmax_loss_backward(float *grad_logits, const float *prob, const int32_t *labels,
                                   int rows, int classes, float scale)
{
    for (int n = 0; n < rows; ++n)
        for (int i = 0; i < classes; ++i) {
            const size_t at = (size_t)n * (size_t)classes + (size_t)i;
            const double target = i == labels[n] ? 1.0 : 0.0;

            grad_logits[at] = softmax_labelled(labels[n], classes)
                                  ? (float)(((double)prob[at] - target) * (double)scale)
                                  : 0.0f;
        }
}
