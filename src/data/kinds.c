/* kinds.c - what a path's name says of it: an image, a folder, an archive, a synset's image, or one
 * of the things that are left out, which are counted by the rows of one table. */
#include "data/kinds.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "alexnet/export.h"

enum left_sort { LEFT_FILE, LEFT_FOLDER, LEFT_FORMAT };

/* The first three rows are not found by the whole name. */
static const struct {
    const char *name;
    enum left_sort sort;
} left_rows[DATA_LEFT_ROWS] = {
    { "hidden", LEFT_FILE },
    { "._ (macOS)", LEFT_FILE },
    { "other", LEFT_FILE },
    /* of file servers, archivers and desktops: thumbnails and what was thrown away */
    { "@eaDir", LEFT_FOLDER },
    { "@Recycle", LEFT_FOLDER },
    { "@Recently-Snapshot", LEFT_FOLDER },
    { "#recycle", LEFT_FOLDER },
    { "#snapshot", LEFT_FOLDER },
    { ".@__thumb", LEFT_FOLDER },
    { ".thumbnails", LEFT_FOLDER },
    { ".ipynb_checkpoints", LEFT_FOLDER },
    { ".AppleDouble", LEFT_FOLDER },
    { "__MACOSX", LEFT_FOLDER },
    { "__pycache__", LEFT_FOLDER },
    { "lost+found", LEFT_FOLDER },
    { "$RECYCLE.BIN", LEFT_FOLDER },
    { "System Volume Information", LEFT_FOLDER },
    /* pictures that are not read */
    { ".webp", LEFT_FORMAT },
    { ".bmp", LEFT_FORMAT },
    { ".dib", LEFT_FORMAT },
    { ".gif", LEFT_FORMAT },
    { ".tif", LEFT_FORMAT },
    { ".tiff", LEFT_FORMAT },
    { ".ppm", LEFT_FORMAT },
    { ".pgm", LEFT_FORMAT },
    { ".pbm", LEFT_FORMAT },
    { ".pnm", LEFT_FORMAT },
    { ".pam", LEFT_FORMAT },
    { ".heic", LEFT_FORMAT },
    { ".heif", LEFT_FORMAT },
    { ".hif", LEFT_FORMAT },
    { ".avif", LEFT_FORMAT },
    { ".jp2", LEFT_FORMAT },
    { ".j2k", LEFT_FORMAT },
    { ".jpf", LEFT_FORMAT },
    { ".jpx", LEFT_FORMAT },
    { ".jxl", LEFT_FORMAT },
    { ".jxr", LEFT_FORMAT },
    { ".mpo", LEFT_FORMAT },
    { ".apng", LEFT_FORMAT },
    { ".tga", LEFT_FORMAT },
    { ".pcx", LEFT_FORMAT },
    { ".psd", LEFT_FORMAT },
    { ".xcf", LEFT_FORMAT },
    { ".svg", LEFT_FORMAT },
    { ".ico", LEFT_FORMAT },
    { ".exr", LEFT_FORMAT },
    { ".hdr", LEFT_FORMAT },
    { ".dng", LEFT_FORMAT },
    { ".cr2", LEFT_FORMAT },
    { ".cr3", LEFT_FORMAT },
    { ".nef", LEFT_FORMAT },
    { ".arw", LEFT_FORMAT },
    { ".raw", LEFT_FORMAT },
};

enum { LEFT_HIDDEN, LEFT_APPLE_DOUBLE, LEFT_OTHER };

static const char *const kind_images[] = { ".jpg", ".jpeg", ".jpe",   ".jfif", ".jif",
                                           ".jfi", ".pjp",  ".pjpeg", ".png" };

/* The row of that name; -1: none. */
static int left_find(enum left_sort sort, const char *name, size_t length)
{
    for (int i = 0; i < DATA_LEFT_ROWS && left_rows[i].name != NULL; ++i)
        if (left_rows[i].sort == sort && strlen(left_rows[i].name) == length &&
            strncasecmp(left_rows[i].name, name, length) == 0)
            return i;
    return -1;
}

static int kind_of_file(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < ALX_COUNT(kind_images); ++i)
        if (strcasecmp(dot, kind_images[i]) == 0)
            return DATA_IMAGE;
    const int row = dot != NULL ? left_find(LEFT_FORMAT, dot, strlen(dot)) : -1;

    return DATA_LEFT + (row >= 0 ? row : LEFT_OTHER);
}

int data_kind_of(const char *path, size_t *length)
{
    const char *name = path;

    for (const char *slash; *name != '\0'; name = slash + 1) {
        const size_t count = strcspn(name, "/");
        int row = -1;

        slash = name + count;
        if (*slash == '/')
            row = left_find(LEFT_FOLDER, name, count);
        if (row < 0 && name[0] == '.')
            row = name[1] == '_' ? LEFT_APPLE_DOUBLE : LEFT_HIDDEN;
        *length = (size_t)(slash - path) + (*slash == '/');
        if (row >= 0)
            return DATA_LEFT + row;
        if (*slash == '\0')
            return kind_of_file(name);
    }
    return DATA_FOLDER;
}

bool data_path_is_image(const char *path)
{
    size_t length = 0;

    return data_kind_of(path, &length) == DATA_IMAGE;
}

bool data_kind_is_picture(int kind)
{
    return kind >= DATA_LEFT && left_rows[kind - DATA_LEFT].sort == LEFT_FORMAT;
}

bool data_kind_is_aside(int kind)
{
    return kind >= DATA_LEFT && kind != DATA_LEFT + LEFT_OTHER && !data_kind_is_picture(kind);
}

/* "3 hidden files", "2 folders @eaDir", "1 .webp" */
static int left_describe(char *text, size_t bytes, size_t row, size_t count)
{
    const char *name = left_rows[row].name, *plural = count == 1 ? "" : "s";

    switch (left_rows[row].sort) {
    case LEFT_FILE:
        return snprintf(text, bytes, "%zu %s file%s", count, name, plural);
    case LEFT_FOLDER:
        return snprintf(text, bytes, "%zu folder%s %s", count, plural, name);
    case LEFT_FORMAT:
        break;
    }
    return snprintf(text, bytes, "%zu %s", count, name);
}

void data_left_text(char *text, size_t bytes, const size_t count[DATA_LEFT_ROWS], bool pictures)
{
    size_t used = strlen(text);

    for (size_t i = 0; i < DATA_LEFT_ROWS; ++i) {
        if (count[i] == 0 || (pictures && left_rows[i].sort != LEFT_FORMAT))
            continue;
        used += (size_t)snprintf(text + used, bytes - used, "%s", used > 0 ? ", " : "");
        if (used < bytes)
            used += (size_t)left_describe(text + used, bytes - used, i, count[i]);
        if (used >= bytes)
            return;
    }
}

/* ---- archives ------------------------------------------------------------------------------ */

static const struct {
    const char *ending;
    bool of_any; /* compressed, but a tar only behind ".tar" */
} kind_archives[] = {
    { ".tar", false }, { ".tgz", false }, { ".tbz2", false }, { ".txz", false }, { ".tzst", false },
    { ".gz", true },   { ".bz2", true },  { ".xz", true },    { ".zst", true },
};

static bool kind_ends(const char *path, size_t length, const char *ending)
{
    const size_t end = strlen(ending);

    return length >= end && strncasecmp(path + length - end, ending, end) == 0;
}

bool data_path_is_archive(const char *path)
{
    for (size_t i = 0; i < ALX_COUNT(kind_archives); ++i)
        if (kind_ends(path, strlen(path), kind_archives[i].ending))
            return true;
    return false;
}

size_t data_tar_stem_length(const char *path)
{
    const size_t length = strlen(path);

    for (size_t i = 0; i < ALX_COUNT(kind_archives); ++i) {
        const char *ending = kind_archives[i].ending;

        if (!kind_ends(path, length, ending))
            continue;
        const size_t stem = length - strlen(ending);

        if (!kind_archives[i].of_any)
            return stem;
        return kind_ends(path, stem, ".tar") ? stem - strlen(".tar") : 0;
    }
    return 0;
}

/* ---- synsets ------------------------------------------------------------------------------- */

bool data_synset_is(const char *text, char end)
{
    for (int i = 0; i < DATA_SYNSET_LENGTH; ++i)
        if (i == 0 ? text[i] != 'n' : text[i] < '0' || text[i] > '9')
            return false;
    return text[DATA_SYNSET_LENGTH] == end;
}

bool data_name_has_synset(const char *name, const char **synset)
{
    const char *last = strrchr(name, '_');

    *synset = NULL;
    if (last != NULL && data_synset_is(last + 1, '.'))
        *synset = last + 1;
    if (data_synset_is(name, '_')) {
        if (*synset != NULL && strncmp(name, *synset, DATA_SYNSET_LENGTH) != 0)
            return false;
        *synset = name;
    }
    return *synset != NULL;
}
