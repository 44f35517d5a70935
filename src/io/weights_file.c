/* weights_file.c - recognises a file of weights, and gives what its format lists. */
#include "alexnet/dev/weights_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/elements.h"
#include "io/formats.h"
#include "io/weights_list.h"

/* Those that begin with a mark of their own before those that do not. */
static const io_weights_format *const formats[] = {
    &io_format_torch_zip,   &io_format_torch_old, &io_format_npz,  &io_format_npy,
    &io_format_safetensors, &io_format_prototxt,  &io_format_onnx, &io_format_caffe,
};

/* ---- what a file is ------------------------------------------------------------------------ */

/* What is no file of weights that we read, but often taken for one. */
static const struct {
    size_t at;
    const char *bytes, *says;
} others[] = {
    { 0, "\x89HDF\r\n", "HDF5 (Keras, MATLAB): export ONNX, or save the arrays by numpy.savez" },
    { 0, "\x1f\x8b", "packed by gzip: unpack it first" },
    { 0, "MATLAB 5.0", "a file of MATLAB's: save the arrays by numpy.savez" },
    { 0, "GGUF", "GGUF" },
    { 257, "ustar", "a tar: unpack it first" },
    { 0, "\x80\x02",
      "a pickle without PyTorch's beginning: save model.state_dict() by torch.save" },
    { 0, "\x80\x03",
      "a pickle without PyTorch's beginning: save model.state_dict() by torch.save" },
    { 0, "\x80\x04",
      "a pickle without PyTorch's beginning: save model.state_dict() by torch.save" },
    { 0, "version https://git-lfs", "a pointer of Git LFS, not the file that it stands for" },
    { 0, "<!DOCTYPE", "a web page, not the file that was to be downloaded" },
    { 0, "<html", "a web page, not the file that was to be downloaded" },
};

static int unknown(const base_file_map *map)
{
    for (size_t i = 0; i < ALX_COUNT(others); ++i) {
        const size_t length = strlen(others[i].bytes), at = others[i].at;

        if (map->count >= at + length && memcmp(map->bytes + at, others[i].bytes, length) == 0)
            return alx_fail(ALX_E_DATA, "not weights that can be read: %s", others[i].says);
    }
    return alx_fail(ALX_E_DATA,
                    "not weights that can be read: neither safetensors, PyTorch (.pth, .pt), ONNX, "
                    "Caffe (.caffemodel) nor NumPy (.npz, .npy), or cut");
}

static int recognise(alx_weights_file *file)
{
    if (file->map.count == 0) /* no format looks at what is not mapped */
        return alx_fail(ALX_E_DATA, "an empty file");
    for (size_t i = 0; i < ALX_COUNT(formats); ++i)
        if (formats[i]->is(&file->map)) {
            file->format = formats[i];
            return 0;
        }
    return unknown(&file->map);
}

/* ---- opening ------------------------------------------------------------------------------- */

static int make_lookup(alx_weights_file *file)
{
    size_t same[2];

    file->names = calloc(file->count + 1, sizeof *file->names);
    if (file->names == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for names");
    for (size_t i = 0; i < file->count; ++i)
        file->names[i] = (char *)(uintptr_t)file->tensors[i].about.name;
    TRY(base_lookup_create(&file->lookup, file->names, file->count));
    if (base_lookup_duplicates(file->lookup, same))
        return alx_fail(ALX_E_DATA, "two tensors are called %s", file->names[same[0]]);
    return 0;
}

static int list(alx_weights_file *file)
{
    TRY(base_file_map_open(&file->map, file->path));
    int rc = recognise(file);

    if (rc == 0)
        rc = file->format->open(file);
    if (rc == 0)
        rc = make_lookup(file);
    if (rc == 0 && file->layer_count == 0)
        rc = io_weights_layers_by_name(file);
    return alx_fail_context(rc, "%s", file->path);
}

int alx_weights_file_open(alx_weights_file **out, const char *path)
{
    alx_weights_file *file = calloc(1, sizeof *file);
    int rc = 0;

    *out = NULL;
    if (file == NULL || (file->path = io_weights_text(file, path, strlen(path))) == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
        goto done;
    }
    TRY_DONE(list(file));
    *out = file;
    file = NULL;
done:
    alx_weights_file_close(file);
    return rc;
}

void alx_weights_file_close(alx_weights_file *file)
{
    if (file == NULL)
        return;
    if (file->format != NULL && file->format->close != NULL)
        file->format->close(file);
    base_lookup_free(file->lookup);
    free(file->names);
    for (size_t i = 0; i < file->kept_count; ++i)
        free(file->kept[i]);
    free(file->kept);
    free(file->tensors);
    free(file->layers);
    base_file_map_close(&file->map);
    free(file);
}

/* ---- what is in it ------------------------------------------------------------------------- */

alx_weights_format alx_weights_file_format(const alx_weights_file *file)
{
    return file->format->format;
}

const char *alx_weights_format_text(alx_weights_format format)
{
    size_t i = 0;

    while (i + 1 < ALX_COUNT(formats) && formats[i]->format != format)
        ++i;
    return formats[i]->text;
}

size_t alx_weights_file_count(const alx_weights_file *file)
{
    return file->count;
}

const alx_weights_tensor *alx_weights_file_at(const alx_weights_file *file, size_t index)
{
    return &file->tensors[index].about;
}

long alx_weights_file_find(const alx_weights_file *file, const char *name)
{
    return base_lookup_find(file->lookup, name, strlen(name));
}

int alx_weights_file_metadata(const char **out, alx_weights_file *file, const char *key)
{
    *out = NULL;
    if (file->format->metadata == NULL)
        return 0;
    return alx_fail_context(file->format->metadata(out, file, key), "%s", file->path);
}

const alx_safetensors *alx_weights_file_safetensors(const alx_weights_file *file)
{
    return file->format == &io_format_safetensors ? file->state : NULL;
}

size_t alx_weights_file_layer_count(const alx_weights_file *file)
{
    return file->layer_count;
}

const alx_weights_layer *alx_weights_file_layer(const alx_weights_file *file, size_t index)
{
    return &file->layers[index];
}

const alx_weights_input *alx_weights_file_input(const alx_weights_file *file)
{
    return &file->input;
}
