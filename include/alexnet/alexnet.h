/* alexnet.h - the library: everything that is promised to stay within 0.x. */
#ifndef ALEXNET_ALEXNET_H
#define ALEXNET_ALEXNET_H

#include "alexnet/algorithms.h"
#include "alexnet/config.h"
#include "alexnet/data.h"
#include "alexnet/device.h"
#include "alexnet/log.h"
#include "alexnet/model.h"
#include "alexnet/net.h"
#include "alexnet/shape.h"
#include "alexnet/status.h"
#include "alexnet/train.h"
#include "alexnet/version.h"

#endif
