/* log.c - see log.h. */
#include "cli/ui/log.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/wrap.h"
#include "cli/ui/output.h"

#define LABEL 12         /* "device      " */
#define LEAST_COLUMNS 40 /* below this nothing is gained */
#define MOST_BYTES 4096

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
