/* write.c - a network as Caffe has it: a .caffemodel with weights, and the same without them
 * as text beside it. Layers are written as they end: blobs are copied nowhere.
 * https://github.com/BVLC/caffe/blob/master/src/caffe/proto/caffe.proto */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/file_writer.h"
#include "base/message.h"
#include "base/numbers.h"
#include "base/try.h"
#include "base/wire.h"

enum { NET_NAME = 1, NET_LAYER = 100 };
enum { LAYER_NAME = 1, LAYER_TYPE = 2, LAYER_BOTTOM = 3, LAYER_TOP = 4, LAYER_BLOBS = 7 };
enum { LAYER_INPUT = 143, BLOB_DATA = 5, BLOB_SHAPE = 7 };

#define MODEL ".caffemodel"
#define TEXT ".prototxt"
#define MOST_BLOBS 2

typedef struct blob {
    base_message head; /* up to the numbers */
    const float *numbers;
    size_t bytes;
} blob;

struct alx_caffe_writer {
    char path[PATH_MAX];
    base_file_writer *file;
    base_message text, layer, params; /* layer and its parameters: the open ones */
    int params_field;
    blob blobs[MOST_BLOBS];
    int blob_count;
};

static int put_text(alx_caffe_writer *w, const char *format, ...) ALX_PRINTF(2, 3);

static int put_text(alx_caffe_writer *w, const char *format, ...)
{
    char line[256];
    va_list args;

    va_start(args, format);
    const int length = base_vprint(line, sizeof line, format, args);
    va_end(args);
    base_put(&w->text, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
    return length;
}

int alx_caffe_writer_open(alx_caffe_writer **out, const char *path, const char *name)
{
    alx_caffe_writer *w = calloc(1, sizeof *w);
    base_message head = { 0 };
    int rc = 0;

    *out = NULL;
    if (w == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    if (snprintf(w->path, sizeof w->path, "%s", path) >= (int)sizeof w->path) {
        rc = alx_fail(ALX_E_USAGE, "%.64s...: path too long", path);
        goto done;
    }
    TRY_DONE(base_file_writer_open(&w->file, path));
    base_put_text(&head, NET_NAME, name);
    TRY_DONE(base_file_writer_write(w->file, head.bytes, head.count));
    put_text(w, "name: \"%s\"\n", name);
    *out = w;
    w = NULL;
done:
    free(head.bytes);
    alx_caffe_writer_free(w);
    return rc;
}

static void drop_blobs(alx_caffe_writer *w)
{
    for (int i = 0; i < w->blob_count; ++i)
        free(w->blobs[i].head.bytes);
    w->blob_count = 0;
}

void alx_caffe_writer_free(alx_caffe_writer *writer)
{
    if (writer == NULL)
        return;
    drop_blobs(writer);
    base_file_writer_abort(&writer->file);
    free(writer->text.bytes);
    free(writer->layer.bytes);
    free(writer->params.bytes);
    free(writer);
}

/* ---- a layer --------------------------------------------------------------------------------- */

void alx_caffe_layer(alx_caffe_writer *writer, const char *name, const char *type)
{
    base_put_text(&writer->layer, LAYER_NAME, name);
    base_put_text(&writer->layer, LAYER_TYPE, type);
    put_text(writer, "layer {\n  name: \"%s\"\n  type: \"%s\"\n", name, type);
}

void alx_caffe_bottom(alx_caffe_writer *writer, const char *name)
{
    base_put_text(&writer->layer, LAYER_BOTTOM, name);
    put_text(writer, "  bottom: \"%s\"\n", name);
}

void alx_caffe_top(alx_caffe_writer *writer, const char *name)
{
    base_put_text(&writer->layer, LAYER_TOP, name);
    put_text(writer, "  top: \"%s\"\n", name);
}

void alx_caffe_blob(alx_caffe_writer *writer, const int *dims, int dim_count, const float *numbers)
{
    blob *b = &writer->blobs[writer->blob_count++];
    base_message shape = { 0 };

    *b = (blob){ .numbers = numbers, .bytes = sizeof *numbers };
    for (int i = 0; i < dim_count; ++i) {
        base_put_int(&shape, 1, dims[i]);
        b->bytes *= (size_t)dims[i];
    }
    base_put_inside(&b->head, BLOB_SHAPE, &shape);
    base_put_tag(&b->head, BLOB_DATA, BASE_WIRE_BYTES);
    base_put_varint(&b->head, b->bytes);
}

static void end_params(alx_caffe_writer *writer)
{
    if (writer->params_field == 0)
        return;
    base_put_inside(&writer->layer, writer->params_field, &writer->params);
    put_text(writer, "  }\n");
    writer->params_field = 0;
}

void alx_caffe_params(alx_caffe_writer *writer, int field, const char *name)
{
    end_params(writer);
    writer->params_field = field;
    put_text(writer, "  %s {\n", name);
}

void alx_caffe_int(alx_caffe_writer *writer, int field, const char *name, int value)
{
    base_put_int(&writer->params, field, value);
    put_text(writer, "    %s: %d\n", name, value);
}

void alx_caffe_float(alx_caffe_writer *writer, int field, const char *name, double value)
{
    base_put_float(&writer->params, field, value);
    put_text(writer, "    %s: %.9g\n", name, value);
}

void alx_caffe_input(alx_caffe_writer *writer, const char *name, const int *dims, int dim_count)
{
    base_message shape = { 0 };

    alx_caffe_layer(writer, name, "Input");
    alx_caffe_top(writer, name);
    alx_caffe_params(writer, LAYER_INPUT, "input_param");
    put_text(writer, "    shape {");
    for (int i = 0; i < dim_count; ++i) {
        base_put_int(&shape, 1, dims[i]);
        put_text(writer, " dim: %d", dims[i]);
    }
    put_text(writer, " }\n");
    base_put_inside(&writer->params, 1, &shape);
}

/* Tag and length of a message in front of it. */
static void put_head(base_message *out, int field, size_t count)
{
    base_put_tag(out, field, BASE_WIRE_BYTES);
    base_put_varint(out, count);
}

static int write_layer(alx_caffe_writer *w)
{
    base_message heads[1 + MOST_BLOBS] = { { 0 } };
    size_t count = w->layer.count;
    bool failed = w->layer.failed || w->text.failed;
    int rc = 0;

    for (int i = 0; i < w->blob_count; ++i) {
        const blob *b = &w->blobs[i];

        put_head(&heads[1 + i], LAYER_BLOBS, b->head.count + b->bytes);
        base_put(&heads[1 + i], b->head.bytes, b->head.count);
        count += heads[1 + i].count + b->bytes;
        failed = failed || b->head.failed || heads[1 + i].failed;
    }
    put_head(&heads[0], NET_LAYER, count);
    if (failed || heads[0].failed) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", w->path);
        goto done;
    }
    TRY_DONE(base_file_writer_write(w->file, heads[0].bytes, heads[0].count));
    TRY_DONE(base_file_writer_write(w->file, w->layer.bytes, w->layer.count));
    for (int i = 0; i < w->blob_count; ++i) {
        TRY_DONE(base_file_writer_write(w->file, heads[1 + i].bytes, heads[1 + i].count));
        TRY_DONE(base_file_writer_write(w->file, w->blobs[i].numbers, w->blobs[i].bytes));
    }
done:
    for (int i = 0; i <= MOST_BLOBS; ++i)
        free(heads[i].bytes);
    return rc;
}

int alx_caffe_layer_end(alx_caffe_writer *writer)
{
    end_params(writer);
    put_text(writer, "}\n");
    const int rc = write_layer(writer);

    drop_blobs(writer);
    writer->layer.count = 0;
    return rc;
}

int alx_caffe_commit(alx_caffe_writer *writer)
{
    const size_t length = strlen(writer->path) - strlen(MODEL);
    char path[PATH_MAX + sizeof TEXT];

    snprintf(path, sizeof path, "%.*s%s", (int)length, writer->path, TEXT);
    TRY(base_file_write(path, writer->text.bytes, writer->text.count));
    return base_file_writer_commit(&writer->file);
}
