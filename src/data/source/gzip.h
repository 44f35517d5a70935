/* gzip.h - gzip's format unpacked. The filter of libarchive 3.6 does so without comparing the check
 * sums: a wrong byte whose image still decodes would be read as if it were right. */
#ifndef DATA_GZIP_H
#define DATA_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "alexnet/status.h"

typedef struct data_gzip data_gzip;

/** Gives the next packed bytes, which stay until the next call.
 *  @return how many; 0 at the end; -1: cannot be read */
typedef ssize_t data_gzip_feed(void *user, const uint8_t **bytes);

/** Whether a file that begins with these bytes is of the format. */
bool data_gzip_is(const uint8_t *bytes, size_t count);
int data_gzip_create(data_gzip **out, data_gzip_feed *feed, void *user) ALX_MUST_USE;
/** The next unpacked bytes, of one member after the other.
 *  @return how many; 0: what follows is no member; -1: damaged, cut, or the feed failed */
ssize_t data_gzip_next(data_gzip *gzip, const uint8_t **bytes);
/** What is wrong with the bytes; "": nothing, or it was the feed. */
const char *data_gzip_error(const data_gzip *gzip);
/** Packed bytes that were fed, but belong to no member. */
size_t data_gzip_left(const data_gzip *gzip);
void data_gzip_free(data_gzip *gzip);

#endif
