/* output.c - what was printed reaches standard output, or it is known why not; how wide a terminal
 * is. */
#include "cli/ui/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "alexnet/status.h"

int cli_flush_stdout(void)
{
    static int reason;

    errno = 0;
    if (fflush(stdout) != 0 && reason == 0)
        reason = errno;
    if (reason == 0 && ferror(stdout) == 0)
        return 0;
    return alx_fail(ALX_E_IO, "standard output cannot be written%s%s", reason != 0 ? ": " : "",
                    reason != 0 ? strerror(reason) : "");
}

int cli_columns(int fd, int otherwise)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : otherwise;
}
