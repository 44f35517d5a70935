/* network.c - a network in the order in which a failure costs least: plan and memory, weights,
 * feeder, kernels. */
#include "train/network.h"

#include "base/try.h"

int train_network_create(alx_net **net, alx_feeder **feeder, const train_network *wanted,
                         alx_device *const *devs, int dev_count)
{
    const alx_config *config = wanted->config;
    alx_net *made = NULL;
    int rc = 0;

    *net = NULL;
    *feeder = NULL;
    TRY_DONE(alx_net_create(&made, &config->net, devs, dev_count, &wanted->options));
    if (wanted->fill != NULL)
        TRY_DONE(wanted->fill(made, wanted->fill_user));
    TRY_DONE(alx_feeder_create(feeder, made, &config->data, wanted->statistics));
    TRY_DONE(alx_net_build_kernels(made, wanted->rule, wanted->on_build, wanted->user));
    *net = made;
    made = NULL;
done:
    if (rc != 0) {
        alx_feeder_free(*feeder);
        *feeder = NULL;
    }
    alx_net_free(made);
    return rc;
}
