/* put.c - a tensor of a file becomes a parameter: its numbers in PyTorch's order. */
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"
#include "train/weights/weights.h"

/* ---- shapes ---------------------------------------------------------------------------------- */

/* Old files of Caffe have 1x1x4096x9216 for 4096x9216, and 1x1x1x4096 for 4096. */
static int leading_ones(const alx_weights_tensor *tensor, const alx_param_info *param)
{
    int ones = 0;

    while (tensor->dim_count - ones > param->dim_count && tensor->dims[ones] == 1)
        ++ones;
    return ones;
}

/* A fully connected layer may be stored as a convolution over all pixels. */
static bool fc_fits(const int *dims, int dim_count, const alx_param_info *param, bool in_out)
{
    size_t inputs = 1;

    if (in_out)
        return dim_count == 2 && dims[0] == param->dims[1] && dims[1] == param->dims[0];
    for (int i = 1; i < dim_count; ++i)
        inputs *= (size_t)dims[i];
    return dim_count >= 2 && dims[0] == param->dims[0] && inputs == (size_t)param->dims[1];
}

static bool fits(const alx_weights_tensor *tensor, const alx_param_info *param, bool in_out)
{
    const int ones = leading_ones(tensor, param), dim_count = tensor->dim_count - ones;
    const int *dims = tensor->dims + ones;

    if (param->dim_count == 2)
        return fc_fits(dims, dim_count, param, in_out);
    return dim_count == param->dim_count &&
           memcmp(dims, param->dims, (size_t)dim_count * sizeof *dims) == 0;
}

/* How many outputs the tensor has, if the layer may have as many as that; 0: it does not fit. */
static int outputs_of(const weights_file *file, size_t param)
{
    const weights_place *place = &file->place[param];
    alx_param_info other = file->params[param];

    if (place->tensor < 0)
        return 0;
    const alx_weights_tensor *tensor = alx_weights_file_at(file->file, (size_t)place->tensor);
    const int at = leading_ones(tensor, &other) + (place->in_out ? 1 : 0);

    other.dims[0] = at < tensor->dim_count ? tensor->dims[at] : 0;
    return other.dims[0] > 0 && fits(tensor, &other, place->in_out) ? other.dims[0] : 0;
}

bool train_weights_shape_fits(const weights_file *file, size_t param)
{
    const weights_place *place = &file->place[param];

    return place->zero ||
           (place->tensor >= 0 && fits(alx_weights_file_at(file->file, (size_t)place->tensor),
                                       &file->params[param], place->in_out));
}

int train_weights_classes(const weights_file *file)
{
    const size_t weight = file->param_count - 2, bias = weight + 1; /* of the last layer */
    const int classes = outputs_of(file, weight);

    for (size_t i = 0; i < weight; ++i)
        if (!train_weights_shape_fits(file, i))
            return 0;
    return file->place[bias].zero || outputs_of(file, bias) == classes ? classes : 0;
}

int train_weights_check(const weights_file *file, size_t param)
{
    const alx_param_info *p = &file->params[param];
    const long place = file->place[param].tensor;
    const base_cell wants = base_format_dims(p->dims, p->dim_count);

    if (file->place[param].zero)
        return 0;
    if (place < 0)
        return alx_fail(ALX_E_DATA, "no tensor %s (%s)", p->name, wants.text);
    const alx_weights_tensor *tensor = alx_weights_file_at(file->file, (size_t)place);
    const long twin = train_weights_twin(file, place);

    if (twin >= 0)
        return alx_fail(ALX_E_DATA, "%s may be tensor %s or %s: leave one out", p->name,
                        tensor->name, alx_weights_file_at(file->file, (size_t)twin)->name);
    if (train_weights_shape_fits(file, param))
        return 0;
    const int rc = alx_fail(ALX_E_DATA, "tensor %s is %s, the network's %s is %s", tensor->name,
                            base_format_dims(tensor->dims, tensor->dim_count).text, p->name,
                            wants.text);
    const int classes = param + 2 >= file->param_count ? outputs_of(file, param) : 0;

    return classes > 0 ? alx_fail_hint(rc,
                                       ": give a config with classes = %d or, where weights alone "
                                       "will do, none",
                                       classes)
                       : rc;
}

/* ---- order ----------------------------------------------------------------------------------- */

/* Pixels of each channel of what the layer reads; 1 where it reads no planes. */
static int pixels_of_input(const weights_file *file, size_t param)
{
    size_t count = 0;
    const alx_layer_info *layers = alx_graph_layers(file->graph, &count);
    size_t i = 0;

    while (i < count && layers[i].weight != (int)param)
        ++i;
    return i < count ? layers[i].in.h * layers[i].in.w : 1;
}

/* A fully connected layer's weights from rows that are columns, or lie in the order H, W, C. */
static void reorder_fc(float *out, const float *in, const weights_file *file, size_t param)
{
    const weights_place *place = &file->place[param];
    const size_t outputs = (size_t)file->params[param].dims[0];
    const size_t inputs = (size_t)file->params[param].dims[1];
    const size_t pixels = place->hwc_order ? (size_t)pixels_of_input(file, param) : 1;
    const size_t channels = inputs / pixels;

    for (size_t o = 0; o < outputs; ++o)
        for (size_t i = 0; i < inputs; ++i) {
            const size_t from = i % pixels * channels + i / pixels;

            out[o * inputs + i] = in[place->in_out ? from * outputs + o : o * inputs + from];
        }
}

void train_weights_turn_colours(float *weights, const alx_param_info *param)
{
    const size_t plane = (size_t)param->dims[2] * (size_t)param->dims[3];

    for (size_t o = 0; o < (size_t)param->dims[0]; ++o)
        for (size_t i = 0; i < plane; ++i) {
            float *blue = weights + o * 3 * plane + i, *red = blue + 2 * plane;
            const float was = *blue;

            *blue = *red;
            *red = was;
        }
}

static bool is_turned(const weights_file *file, size_t param)
{
    return file->bgr && param == 0 && file->params[0].dim_count == 4 &&
           file->params[0].dims[1] == 3;
}

static bool is_reordered(const weights_file *file, size_t param)
{
    return file->place[param].in_out || file->place[param].hwc_order;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static int read_reordered(float *out, const weights_file *file, size_t param)
{
    const size_t count = file->params[param].count;
    float *stored = malloc(count * sizeof *stored);
    int rc = 0;

    if (stored == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->params[param].name);
    TRY_DONE(alx_weights_file_read(file->file, (size_t)file->place[param].tensor, stored));
    reorder_fc(out, stored, file, param);
done:
    free(stored);
    return rc;
}

static void multiply(float *numbers, size_t count, double scale)
{
    for (size_t i = 0; i < count; ++i)
        numbers[i] = (float)(numbers[i] * scale);
}

int train_weights_read(float *out, const weights_file *file, size_t param, double scale)
{
    const alx_param_info *p = &file->params[param];
    const weights_place *place = &file->place[param];

    if (place->zero) {
        memset(out, 0, p->count * sizeof *out);
        return 0;
    }
    if (is_reordered(file, param))
        TRY(read_reordered(out, file, param));
    else
        TRY(alx_weights_file_read(file->file, (size_t)place->tensor, out));
    if (is_turned(file, param))
        train_weights_turn_colours(out, p);
    if (scale != 1.0 && !p->bias)
        multiply(out, p->count, scale);
    return 0;
}

/* A parameter on its way into a network. */
typedef struct source_param {
    const weights_file *file;
    size_t param;
    double scale;
} source_param;

static int read_piece(const float **out, float *room, size_t first, size_t count, void *user)
{
    const source_param *from = user;
    const weights_file *file = from->file;

    (void)out;
    TRY(alx_weights_file_read_piece(file->file, (size_t)file->place[from->param].tensor, first,
                                    count, room));
    if (from->scale != 1.0 && !file->params[from->param].bias)
        multiply(room, count, from->scale);
    return 0;
}

/* Whether its numbers come in the network's order, so that a piece of them will do. */
static bool comes_in_pieces(const weights_file *file, size_t param)
{
    const weights_place *place = &file->place[param];

    return place->tensor >= 0 && !is_reordered(file, param) && !is_turned(file, param) &&
           alx_weights_file_has_pieces(file->file, (size_t)place->tensor);
}

int train_weights_put(alx_net *net, const weights_file *file, size_t param, double scale)
{
    float *numbers = NULL;
    int rc = 0;

    TRY(train_weights_check(file, param));
    if (comes_in_pieces(file, param))
        return alx_net_fill_param(net, param, ALX_PARAM_VALUE, read_piece,
                                  &(source_param){ file, param, scale });
    numbers = malloc(file->params[param].count * sizeof *numbers);
    if (numbers == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->params[param].name);
    TRY_DONE(train_weights_read(numbers, file, param, scale));
    TRY_DONE(alx_net_set_param(net, param, ALX_PARAM_VALUE, numbers));
done:
    free(numbers);
    return rc;
}
