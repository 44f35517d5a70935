/* version.h - which version of the library this is. */
#ifndef ALEXNET_VERSION_H
#define ALEXNET_VERSION_H

#include "alexnet/export.h"

/** Of these headers, "MAJOR.MINOR.PATCH"; CMake reads it here. */
#define ALX_VERSION "0.2.0"

ALX_BEGIN_DECLS

/** Of the library that runs. Static. */
const char *alx_version(void);

ALX_END_DECLS

#endif
