/* terminal.c - how wide the terminal is. */
#include "cli/ui/terminal.h"

#include <sys/ioctl.h>

int cli_columns(int fd, int otherwise)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : otherwise;
}
