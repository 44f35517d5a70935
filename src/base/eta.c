/* eta.c - how long the rest of some work will take, by the pace so far. */
#include "base/eta.h"

double base_eta_seconds(base_eta *eta, size_t done, size_t total, double now)
{
    if (eta->first == 0 || done < eta->first)
        *eta = (base_eta){ done, now };
    if (done == eta->first)
        return -1.0;
    return (now - eta->started) * (double)(total - done) / (double)(done - eta->first);
}
