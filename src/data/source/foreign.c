/* foreign.c - recognises files and folders that are no data set here, to name them and say what to
 * do. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/try.h"
#include "data/naming.h"
#include "data/source/source.h"

#define FOREIGN_HEAD_BYTES 1024

#define PICTURES_IN_FOLDERS "write its images into class folders as JPEG or PNG"

/* Recognised by their first bytes and, where `name` is given, also by the end of their name. */
static const struct {
    const char *magic;
    size_t bytes;
    const char *name, *what, *advice;
} foreign_files[] = {
    { "PK\x03\x04", 4, ".npz", "NumPy's arrays (.npz)", PICTURES_IN_FOLDERS },
    { "PK\x03\x04", 4, NULL, "a zip archive", "unpack it, and name the folder" },
    { "PK\x05\x06", 4, NULL, "an empty zip archive", "there are no images in it" },
    { "7z\xBC\xAF\x27\x1C", 6, NULL, "a 7z archive", "unpack it, and name the folder" },
    { "Rar!\x1A\x07", 6, NULL, "a rar archive", "unpack it, and name the folder" },
    { "MATLAB ", 7, NULL, "a file of MATLAB", PICTURES_IN_FOLDERS },
    { "\x89HDF\r\n\x1A\n", 8, NULL, "an HDF5 file", PICTURES_IN_FOLDERS },
    { "\x93NUMPY", 6, NULL, "NumPy's array (.npy)", PICTURES_IN_FOLDERS },
    { "PAR1", 4, NULL, "a Parquet file", PICTURES_IN_FOLDERS },
    { "ARROW1", 6, NULL, "an Arrow file", PICTURES_IN_FOLDERS },
    { "\x80\x02", 2, NULL, "a pickle of Python's", PICTURES_IN_FOLDERS },
    { "\x80\x03", 2, NULL, "a pickle of Python's", PICTURES_IN_FOLDERS },
    { "\x80\x04", 2, NULL, "a pickle of Python's", PICTURES_IN_FOLDERS },
    { "\x80\x05", 2, NULL, "a pickle of Python's", PICTURES_IN_FOLDERS },
    { "\0\0\x08\x03", 4, NULL, "images as MNIST has them", PICTURES_IN_FOLDERS },
    { "SQLite format 3", 16, NULL, "an SQLite database", PICTURES_IN_FOLDERS },
    { "\xFF\xD8\xFF", 3, NULL, "a JPEG image", "a data set is a folder, a tar or a list of them" },
    { "\x89PNG\r\n\x1A\n", 8, NULL, "a PNG image",
      "a data set is a folder, a tar or a list of them" },
};

/* Recognised by a part of their name, where the first bytes say nothing. Only the characters `then`
 * may follow it (NULL: any), as names of tars and lists have such parts too:
 * "train-00000-of-00010.tar", "pets.recent.txt". */
static const struct {
    const char *part, *then, *what, *advice;
} foreign_names[] = {
    { ".tfrecord", NULL, "a TFRecord file", PICTURES_IN_FOLDERS },
    { "-of-0", "0123456789", "a TFRecord file", PICTURES_IN_FOLDERS }, /* train-00000-of-01024 */
    { ".beton", "", "a file of FFCV", PICTURES_IN_FOLDERS },
    { ".rec", "", "a RecordIO file", PICTURES_IN_FOLDERS },
};

/* CIFAR's other forms, recognised by a file in a folder or an archive. `folder`: the file counts
 * only in there, as its name alone says too little. */
static const struct {
    const char *within, *name, *folder, *what;
} foreign_members[] = {
    { "cifar-10-batches-py", "data_batch_1", NULL,
      "holds CIFAR-10's Python batches: unpack cifar-10-binary.tar.gz, the binary version" },
    { "cifar-10-batches-bin", "data_batch_1.bin", NULL,
      "holds CIFAR-10's binary files: unpack it, and name the folder" },
    { "cifar-100-binary", "fine_label_names.txt", NULL,
      "holds CIFAR-100's binary files, which are not read: " PICTURES_IN_FOLDERS },
    { "cifar-100-python", "train", "cifar-100-python/",
      "holds CIFAR-100's Python files, which are not read: " PICTURES_IN_FOLDERS },
};

static bool foreign_ends(const char *path, const char *ending)
{
    const size_t length = strlen(path), end = strlen(ending);

    return length >= end && strcasecmp(path + length - end, ending) == 0;
}

static bool foreign_has_part(const char *name, const char *part, const char *then)
{
    const size_t length = strlen(part);

    for (const char *at = name; (at = strstr(at, part)) != NULL; ++at)
        if (then == NULL || at[length + strspn(at + length, then)] == '\0')
            return true;
    return false;
}

int data_foreign_refuse_file(const char *path)
{
    char head[FOREIGN_HEAD_BYTES];
    const size_t got = base_file_head(head, sizeof head, path);

    for (size_t i = 0; i < ALX_COUNT(foreign_files); ++i)
        if (got >= foreign_files[i].bytes &&
            memcmp(head, foreign_files[i].magic, foreign_files[i].bytes) == 0 &&
            (foreign_files[i].name == NULL || foreign_ends(path, foreign_files[i].name)))
            return alx_fail(ALX_E_DATA, "%s: is %s: %s", path, foreign_files[i].what,
                            foreign_files[i].advice);
    for (size_t i = 0; i < ALX_COUNT(foreign_names); ++i)
        if (foreign_has_part(base_path_base(path), foreign_names[i].part, foreign_names[i].then))
            return alx_fail(ALX_E_DATA, "%s: is %s: %s", path, foreign_names[i].what,
                            foreign_names[i].advice);
    return 0;
}

const char *data_foreign_member(const char *path)
{
    for (size_t i = 0; i < ALX_COUNT(foreign_members); ++i)
        if (strcmp(base_path_base(path), foreign_members[i].name) == 0 &&
            (foreign_members[i].folder == NULL || strstr(path, foreign_members[i].folder) != NULL))
            return foreign_members[i].what;
    return NULL;
}

int data_foreign_refuse_listed(const char *folder, const data_listing *listing)
{
    char path[DATA_PATH_BYTES];

    for (size_t i = 0; i < listing->count; ++i)
        if (listing->items[i].kind == DATA_IMAGE)
            return 0;
    for (size_t i = 0; i < listing->count; ++i) {
        const char *name = listing->items[i].path;

        if (listing->items[i].kind == DATA_FOLDER || data_kind_is_aside(listing->items[i].kind))
            continue;
        if (data_tar_stem_length(name) > 0)
            return alx_fail(ALX_E_DATA,
                            "%s: holds tars, as %s, and no images: name one of them, "
                            "or a tar of them all",
                            folder, name);
        TRY(data_path_join(path, folder, name));
        TRY(data_foreign_refuse_file(path));
    }
    return 0;
}

int data_foreign_refuse_folder(const char *folder)
{
    char path[DATA_PATH_BYTES];
    struct stat info;

    for (size_t i = 0; i < ALX_COUNT(foreign_members); ++i)
        for (int below = 0; below < 2; ++below) {
            const int length = snprintf(path, sizeof path, "%s/%s%s%s", folder,
                                        below ? foreign_members[i].within : "", below ? "/" : "",
                                        foreign_members[i].name);

            if (length < (int)sizeof path && stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
                data_foreign_member(path) != NULL)
                return alx_fail(ALX_E_DATA, "%s: %s", folder, data_foreign_member(path));
        }
    return 0;
}
