/* status.h - what a call returns, and the text of a failure. */
#ifndef ALEXNET_STATUS_H
#define ALEXNET_STATUS_H

#include "alexnet/export.h"

ALX_BEGIN_DECLS

/** What a function that can fail returns: 0, or one of these. */
enum alx_status {
    ALX_OK = 0,
    ALX_E_IO = -1,          /**< full disk, permission, any other failure: exit 1 */
    ALX_E_USAGE = -2,       /**< bad flag, bad config, impossible shape: exit 2 */
    ALX_E_DEVICE = -3,      /**< no such device, device lost, an OpenCL call failed: exit 3 */
    ALX_E_BUILD = -4,       /**< a kernel does not build: exit 3 */
    ALX_E_DATA = -5,        /**< bad data, image, weights, checkpoint: exit 4 */
    ALX_E_MEMORY = -6,      /**< out of memory, host or device: exit 5 */
    ALX_E_NUMERIC = -7,     /**< not finite, or a comparison failed: exit 6 */
    ALX_E_SLOWER = -8,      /**< slower than the baseline: exit 7 */
    ALX_E_INTERRUPTED = -9, /**< SIGINT or SIGTERM, after saving: exit 130 */
};

/**
 * Records the message of a failure and returns `code`, so that the place that knows the fact says
 * it: `return alx_fail(ALX_E_DATA, "%s: not a JPEG", path);`. The record belongs to the thread.
 */
int alx_fail(int code, const char *format, ...) ALX_PRINTF(2, 3);

/** Puts "context: " before the recorded message and returns `code` unchanged; no-op for 0. */
int alx_fail_context(int code, const char *format, ...) ALX_PRINTF(2, 3);

/** Puts a text, "; how to mend it", behind the recorded message and returns `code` unchanged; no-op
 *  for 0. */
int alx_fail_hint(int code, const char *format, ...) ALX_PRINTF(2, 3);

/** The recorded message if it belongs to `code`, else the code's generic text. Never NULL; valid
 *  until the thread's next alx_fail. */
const char *alx_status_text(int code);

/** Process exit code of a status (architecture: 0, 1 ... 7, 130). */
int alx_exit_code(int code);

ALX_END_DECLS

#endif
