/* format_npy.c - an array of NumPy's among the formats of weights. */
#include <string.h>

#include "base/file.h"
#include "base/try.h"
#include "io/formats.h"
#include "io/npy/npy.h"

static bool is_npy(const base_file_map *map)
{
    return map->count >= 6 && memcmp(map->bytes, NPY_MAGIC, 6) == 0;
}

/* Its name is the file's. */
static int open_npy(alx_weights_file *file)
{
    io_npy npy;
    io_tensor tensor = { .source = NULL };

    TRY(io_npy_parse(&npy, file->map.bytes, file->map.count, file->map.count));
    if (!npy.known)
        return alx_fail(ALX_E_DATA, "an array of type '%s'%s, not of numbers", npy.type,
                        strcmp(npy.type, "|O") == 0 ? " (Python objects, pickled)" : "");
    io_npy_tensor(&tensor, &npy);
    tensor.about.name = base_path_base(file->path);
    tensor.first = file->map.bytes + npy.start;
    tensor.room = file->map.count - npy.start;
    return io_weights_add(file, &tensor, true);
}

const io_weights_format io_format_npy = {
    .format = ALX_WEIGHTS_NPY,
    .text = "an array of NumPy's (.npy)",
    .is = is_npy,
    .open = open_npy,
};
