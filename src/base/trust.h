/* trust.h - files and folders that others can reach: what they may have put there is not used. */
#ifndef BASE_TRUST_H
#define BASE_TRUST_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "alexnet/status.h"

/** Whether somebody else may write there: all, or a group other than this user's own. */
bool base_others_may_write(const struct stat *info);
/** Whether a file or folder is this user's or root's, and nobody else may write there. False if it
 *  is not there. */
bool base_path_is_trusted(const char *path);
/** A regular file of that kind, for reading: programs are loaded from such ones only. It is the
 *  open file that is looked at: another may have its name by now. @return -1 without one */
int base_open_trusted(const char *path);

/** Replaces symbolic links at the end of `path` by what they name, as an output follows them. Where
 *  others may write into the folder, a link must be this user's, or of the folder's owner: the rule
 *  of Linux (fs.protected_symlinks), for every folder that is shared.
 *  @return 0; ALX_E_IO with path and reason */
int base_follow_links(char path[PATH_MAX]) ALX_MUST_USE;
/** open() of a file that is written where it is: it follows those links only.
 *  @param flags  O_CREAT makes it if it is not there
 *  @return 0; ALX_E_IO with path and reason */
int base_open_output(int *fd, const char *path, int flags) ALX_MUST_USE;

#endif
