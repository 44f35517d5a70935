/* network.h - a network that is ready to work: with weights, kernels and a feeder. */
#ifndef TRAIN_NETWORK_H
#define TRAIN_NETWORK_H

#include "alexnet/train.h"

typedef struct train_network {
    const alx_config *config;
    const alx_statistics *statistics; /* of the feeder */
    alx_net_options options;
    int (*fill)(alx_net *net, void *fill_user); /* gives it weights; NULL: zero */
    void *fill_user;
    const alx_update_rule *rule; /* of the updates to come; NULL: none */
    alx_on_build *on_build;
    void *user; /* of on_build */
} train_network;

/** Weights come before kernels: a file that cannot be read is known at once.
 *  @param net, feeder  the caller's, NULL if it fails */
int train_network_create(alx_net **net, alx_feeder **feeder, const train_network *wanted,
                         alx_device *const *devs, int dev_count) ALX_MUST_USE;

#endif
