/* devices.h - the device or two that a command computes on: opened, described at the head of the
 * run, and at its end the profile and the timeline. */
#ifndef CLI_DEVICES_H
#define CLI_DEVICES_H

#include "alexnet/config.h"
#include "alexnet/dev/comm.h"
#include "alexnet/dev/ops.h"
#include "cli/cli.h"

/** What a command line says of them. */
typedef struct cli_device_options {
    const char *device, *devices, *conv_algo, *gemm, *trace;
    int threads;
    int timeout; /**< seconds; 0 = none */
    bool exact;
} cli_device_options;

/** Rows that fill it: one each, but for the two algorithms. */
extern const cli_option cli_device_row[], cli_devices_row[], cli_threads_row[],
    cli_algorithm_rows[], cli_exact_row[], cli_timeout_row[], cli_trace_row[];
/** All of them: for a command that runs a network. */
extern const cli_option cli_compute_rows[];

typedef struct cli_devices {
    alx_device *dev[ALX_MAX_TOWERS]; /**< tower t lives on dev[t] */
    int count;
    const alx_comm *comm;                    /**< of whose ranks on this host it is one; or NULL */
    const char *rows_path;                   /**< where tuning rows are; NULL: the usual file */
    alx_rows *rows[ALX_MAX_TOWERS];          /**< of each device */
    alx_algorithms asked;                    /**< --conv-algo, --gemm; not resolved */
    alx_algorithms resolved[ALX_MAX_TOWERS]; /**< for each device */
    const char *trace;                       /**< --trace, or NULL */
} cli_devices;

/** Before the first OpenCL call, and before threads: sets what drivers read in the environment, but
 *  for what the user has set. @param threads  of --threads, 0 = all */
void cli_set_environment(int threads);

/** --conv-algo and --gemm, not resolved. */
int cli_algorithms(alx_algorithms *out, const cli_device_options *options) ALX_MUST_USE;

/** Opens what --device or --devices names, one device without either, and resolves the algorithms.
 *  @param devices  zeroed but for comm and rows_path; close it whatever happens */
int cli_find_devices(cli_devices *devices, const cli_device_options *options) ALX_MUST_USE;

/** The same; prints the head of every run that computes (devices, drivers, libraries, algorithms)
 *  and starts what ALEXNET_PROFILE, --trace and --timeout ask for. */
int cli_open_devices(cli_devices *devices, const cli_device_options *options) ALX_MUST_USE;

/** One line, where a network's step is long and the first device has no tuning rows of its passes.
 *  @return 0; what alx_graph_create returns; ALX_E_MEMORY */
int cli_hint_tuning(const cli_devices *devices, const alx_config *config) ALX_MUST_USE;

/** Prints the profile and writes the timeline where asked, then closes.
 *  @param rc  how the command went; @return that, or if it went well what failed here */
int cli_close_devices(cli_devices *devices, int rc);

#endif
