/* eta.c - how long the rest of some work will take, by the pace so far. */
#include "base/eta.h"

#include <stdbool.h>

/* Nothing follows the last thing, and no thing is undone. The same number may be told twice. */
static bool is_other_work(const base_eta *eta, size_t done, size_t total)
{
    return eta->last == eta->total || done < eta->last || total != eta->total;
}

double base_eta_seconds(base_eta *eta, size_t done, size_t total, double now)
{
    if (is_other_work(eta, done, total))
        *eta = (base_eta){ .first = done, .total = total, .started = now };
    eta->last = done;
    if (done == eta->first)
        return -1.0;
    return (now - eta->started) * (double)(total - done) / (double)(done - eta->first);
}
