/* gzip.c - see gzip.h. zlib compares the check sum and the length at the end of each member. */
#include "data/source/gzip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* the largest; 16: gzip's header, not zlib's */
#define GZIP_ROOM 65536

struct data_gzip {
    z_stream stream;
    data_gzip_feed *feed;
    void *user;
    bool inside; /* a member has begun */
    char error[80];
    uint8_t unpacked[GZIP_ROOM];
};

static const uint8_t gzip_magic[] = { 0x1F, 0x8B, 8 };

bool data_gzip_is(const uint8_t *bytes, size_t count)
{
    return count >= sizeof gzip_magic && memcmp(bytes, gzip_magic, sizeof gzip_magic) == 0;
}

int data_gzip_create(data_gzip **out, data_gzip_feed *feed, void *user)
{
    data_gzip *gzip = calloc(1, sizeof *gzip);

    *out = NULL;
    if (gzip == NULL || inflateInit2(&gzip->stream, GZIP_WINDOW) != Z_OK) {
        free(gzip);
        return alx_fail(ALX_E_MEMORY, "out of host memory to unpack a file");
    }
    gzip->feed = feed;
    gzip->user = user;
    *out = gzip;
    return 0;
}

/* Makes sure that there are bytes to unpack.
 * @return 1; 0: none, or what follows is no member; -1: failed */
static int gzip_refill(data_gzip *gzip)
{
    const uint8_t *bytes = NULL;

    if (gzip->stream.avail_in == 0) {
        const ssize_t got = gzip->feed(gzip->user, &bytes);

        if (got == 0 && gzip->inside)
            snprintf(gzip->error, sizeof gzip->error, "truncated gzip input");
        if (got <= 0)
            return got < 0 || gzip->inside ? -1 : 0;
        gzip->stream.next_in = (Bytef *)(uintptr_t)bytes; /* zlib does not write to it */
        gzip->stream.avail_in = (uInt)got;
    }
    return gzip->inside || gzip->stream.next_in[0] == gzip_magic[0] ? 1 : 0;
}

ssize_t data_gzip_next(data_gzip *gzip, const uint8_t **bytes)
{
    z_stream *stream = &gzip->stream;
    int more = 1;

    stream->next_out = gzip->unpacked;
    stream->avail_out = sizeof gzip->unpacked;
    while (stream->avail_out == sizeof gzip->unpacked && (more = gzip_refill(gzip)) > 0) {
        const int status = inflate(stream, Z_NO_FLUSH);

        gzip->inside = status != Z_STREAM_END;
        if (status == Z_STREAM_END)
            inflateReset(stream);
        else if (status != Z_OK && status != Z_BUF_ERROR) {
            snprintf(gzip->error, sizeof gzip->error, "damaged gzip input: %s",
                     stream->msg != NULL ? stream->msg : zError(status));
            return -1;
        }
    }
    *bytes = gzip->unpacked;
    return more < 0 ? -1 : (ssize_t)(sizeof gzip->unpacked - stream->avail_out);
}

const char *data_gzip_error(const data_gzip *gzip)
{
    return gzip->error;
}

size_t data_gzip_left(const data_gzip *gzip)
{
    return gzip->stream.avail_in;
}

void data_gzip_free(data_gzip *gzip)
{
    if (gzip == NULL)
        return;
    inflateEnd(&gzip->stream);
    free(gzip);
}
