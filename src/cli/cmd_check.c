/* cmd_check.c - does this device compute right? Every kernel against its twin and a gradient check,
 * or everything in a folder of golden numbers. */
#include "base/try.h"
#include "check/check.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/setup.h"

int cmd_check(const cli_options *options)
{
    check_report report = { .rows = options->json ? cJSON_CreateArray() : NULL };
    check_options check = { .only = options->only,
                            .quick = options->quick,
                            .max_macs = options->max_macs,
                            .steps = options->steps };
    cli_devices devices = { .count = 0 };
    int rc = 0;

    if (options->golden == NULL && (options->max_macs > 0 || options->steps > 0)) {
        rc = alx_fail(ALX_E_USAGE, "--max-macs and --steps want --golden; "
                                   "try alexnet help check");
        goto done;
    }
    if (options->golden != NULL && options->quick) {
        rc = alx_fail(ALX_E_USAGE, "--quick and --golden exclude each other; --only and --max-macs "
                                   "make a golden folder short");
        goto done;
    }
    TRY_DONE(cli_progress_start(options));
    if (options->golden == NULL && options->only != NULL)
        TRY_DONE(check_only(options->only));
    TRY_DONE(cli_open_devices(&devices, options));
    check.devs = devices.dev;
    check.dev_count = devices.count;
    check.algorithms = devices.count == 1 ? devices.resolved[0] : devices.asked;
    if (options->golden != NULL) {
        TRY_DONE(check_golden(&report, &check, options->golden));
    } else {
        TRY_DONE(check_twins(&report, &check));
        if (!check.quick || check.only != NULL)
            TRY_DONE(check_gradient(&report, &check));
    }
    cli_progress_stop();
    if (options->json) {
        rc = cli_print_json(report.rows);
        report.rows = NULL;
        TRY_DONE(rc);
    }
    TRY_DONE(check_result(&report));
done:
    cJSON_Delete(report.rows);
    rc = cli_close_devices(&devices, rc);
    return rc;
}
