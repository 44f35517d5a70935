/* try.h - leave a function where a call fails. The verb says whether anything is owned. */
#ifndef ALEXNET_BASE_TRY_H
#define ALEXNET_BASE_TRY_H

/* Returns what `call` returned, unless that is 0: where the function owns nothing yet. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        const int try_status = (call);                                                             \
        if (try_status != 0)                                                                       \
            return try_status;                                                                     \
    } while (0)

/* Jumps to the label `done` with `rc` set to what `call` returned, unless that is 0: where the
 * label frees what the function owns. */
#define TRY_DONE(call)                                                                             \
    do {                                                                                           \
        rc = (call);                                                                               \
        if (rc != 0)                                                                               \
            goto done;                                                                             \
    } while (0)

#endif
