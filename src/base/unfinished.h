/* unfinished.h - the files that this process has begun and not yet given their names: what is to be
 * removed when it is ended by a signal. */
#ifndef BASE_UNFINISHED_H
#define BASE_UNFINISHED_H

/** @return a ticket for base_unfinished_drop, or -1 where no more are kept; from any thread */
int base_unfinished_add(const char *path);
/** The file is gone or has its name. -1 is fine. */
void base_unfinished_drop(int ticket);
/** Removes all of them; may be called by a signal handler. The process must end then. */
void base_unfinished_remove(void);

#endif
