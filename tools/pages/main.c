/* main.c - writes man pages and completions below a folder:
 *
 *     alexnet_pages FOLDER       man1, man5, bash, zsh, fish
 */
#include <stdio.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"
#include "pages.h"

static int open_page(FILE **out, const char *folder, const char *part, const char *name)
{
    char path[PATH_MAX], place[PATH_MAX];

    TRY(base_path_in(place, folder, part));
    TRY(base_mkdirs(place));
    TRY(base_path_in(path, place, name));
    *out = fopen(path, "w");
    return *out != NULL ? 0 : alx_fail(ALX_E_IO, "%s: cannot be written", path);
}

static int close_page(FILE *out, const char *name)
{
    const int failed = ferror(out);

    return fclose(out) == 0 && failed == 0 ? 0 : alx_fail(ALX_E_IO, "%s: write failed", name);
}

static int write_page(const char *folder, const char *part, const char *name, void (*write)(FILE *))
{
    FILE *out = NULL;

    TRY(open_page(&out, folder, part, name));
    write(out);
    return close_page(out, name);
}

static int write_command(const char *folder, const cli_command *command)
{
    char name[64];
    FILE *out = NULL;

    snprintf(name, sizeof name, "alexnet-%s.1", command->name);
    TRY(open_page(&out, folder, "man1", name));
    pages_man_command(out, command);
    return close_page(out, name);
}

static int write_all(const char *folder)
{
    TRY(write_page(folder, "man1", "alexnet.1", pages_man_program));
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command)
        TRY(write_command(folder, *command));
    TRY(write_page(folder, "man5", "alexnet-config.5", pages_man_config));
    TRY(write_page(folder, "bash", "alexnet", pages_bash));
    TRY(write_page(folder, "zsh", "_alexnet", pages_zsh));
    return write_page(folder, "fish", "alexnet.fish", pages_fish);
}

int main(int argc, char **argv)
{
    const int rc = argc == 2 ? write_all(argv[1]) : alx_fail(ALX_E_USAGE, "alexnet_pages FOLDER");

    if (rc != 0)
        fprintf(stderr, "%s\n", alx_status_text(rc));
    return rc == 0 ? 0 : 1;
}
