/* locale.c - a locale with a decimal comma. */
#include "support/locale.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/folder.h"
#include "support/test.h"

static const char name[] = "de_DE.UTF-8";

/* Where setlocale looks is read anew each time. */
static bool build(const test_folder *folder)
{
    char command[1024];

    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 '%s/%s' >'%s/log' 2>&1",
             folder->path, name, folder->path);
    return system(command) == 0 && setenv("LOCPATH", folder->path, 1) == 0 &&
           setlocale(LC_ALL, name) != NULL;
}

void test_locale_comma(void)
{
    if (setlocale(LC_ALL, name) != NULL)
        return;
    test_folder folder = test_folder_create();
    const bool built = build(&folder);

    test_folder_remove(&folder); /* what is set stays */
    unsetenv("LOCPATH");
    if (!built) {
        print_message("no locale %s, and localedef (Debian: locales) cannot build it\n", name);
        skip();
    }
}

void test_locale_plain(void)
{
    setlocale(LC_ALL, "C");
}
