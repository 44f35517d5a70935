/* sgd.c - twin of the update: stochastic gradient descent with momentum, in both forms. */
#include "alexnet/dev/ref.h"

void alx_ref_sgd(float *w, float *v, const float *g, size_t count, float grad_scale,
                 const alx_sgd_params *p)
{
    const double lr = (double)p->lr, momentum = (double)p->momentum;
    const double decay = (double)p->weight_decay;

    for (size_t i = 0; i < count; ++i) {
        const double weight = (double)w[i], gradient = (double)grad_scale * (double)g[i];
        double velocity = momentum * (double)v[i];

        if (p->torch_form) {
            velocity += gradient + decay * weight;
            w[i] = (float)(weight - lr * velocity);
        } else {
            velocity -= decay * lr * weight + lr * gradient;
            w[i] = (float)(weight + velocity);
        }
        v[i] = (float)velocity;
    }
}
