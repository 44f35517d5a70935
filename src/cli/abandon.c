/* abandon.c - the last words of a process that fails, and the end of one whose device hangs. */
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "alexnet/status.h"
#include "base/name_write.h"
#include "base/unfinished.h"
#include "cli/ui/progress.h"

void cli_print_error(int rc)
{
    cli_progress_stop();
    if (alx_status_text(rc)[0] == '\0') /* another process of the job says it */
        return;
    fputs("alexnet: ", stderr);
    base_name_print(stderr, alx_status_text(rc), BASE_NAME_MESSAGE);
    putc('\n', stderr);
}

void cli_abandon(int rc)
{
    cli_print_error(rc);
    base_unfinished_remove();
    _exit(alx_exit_code(rc));
}
