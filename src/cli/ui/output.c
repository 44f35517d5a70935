/* output.c - what was printed reaches standard output, or it is known why not; messages on stderr;
 * how wide a terminal is. */
#include "cli/ui/output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "alexnet/status.h"
#include "base/wrap.h"

#define LABEL 12         /* "device      " */
#define LEAST_COLUMNS 40 /* below this nothing is gained */
#define MOST_BYTES 4096

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

static bool has_label(const char *text)
{
    const size_t word = strcspn(text, " ");

    return word > 0 && word < LABEL && word + strspn(text + word, " ") == LABEL;
}

void cli_log(enum alx_log_level level, const char *text, void *user)
{
    const int columns = cli_columns(STDERR_FILENO, 0);
    char folded[MOST_BYTES];

    if (level != ALX_LOG_INFO || columns < LEAST_COLUMNS || strlen(text) <= (size_t)columns ||
        strlen(text) >= MOST_BYTES / 2 || !has_label(text)) {
        alx_log_to_stderr(level, text, user);
        return;
    }
    base_fold(folded, sizeof folded, text, LABEL, (size_t)columns);
    alx_log_to_stderr(level, folded, user);
}
