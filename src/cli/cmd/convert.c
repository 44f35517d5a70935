/* convert.c - weights from one program's format to another's. */
#include <stdio.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"
#include "cli/source.h"

typedef struct convert_options {
    cli_line line;
    const char *config, *preprocess, *naming, *dtype;
    bool preprocessing;
    cli_device_options device;
} convert_options;

static int tell_error(const convert_options *options, const alx_conversion *what)
{
    cli_devices devices = { .count = 0 };
    double off = 0.0;
    int rc = 0;

    TRY_DONE(cli_open_devices(&devices, &options->device));
    TRY_DONE(alx_convert_error(&off, devices.dev, devices.count, what));
    alx_info("error       logits of a batch of noise are off by %.1e of the largest", off);
done:
    return cli_close_devices(&devices, rc);
}

static int convert(const convert_options *options, alx_conversion *what)
{
    alx_config config;

    if (options->config != NULL) {
        TRY(cli_read_config(&config, options->config, &options->line));
        what->from.config = &config;
    }
    TRY(alx_convert(what));
    alx_info("written     %s", what->to);
    return what->dtype != NULL && strcmp(what->dtype, "f32") != 0 ? tell_error(options, what) : 0;
}

static int convert_run(const void *given)
{
    const convert_options *options = given;
    const char *const *args = options->line.args;
    char path[PATH_MAX];

    TRY(alx_checkpoint_find(path, args[0], ALX_CHECKPOINT_BEST));
    TRY(base_path_check_output(args[1], path));
    return convert(options,
                   &(alx_conversion){ .from = { .path = path, .preprocess = options->preprocess },
                                      .to = args[1],
                                      .naming = options->naming,
                                      .dtype = options->dtype,
                                      .preprocessing = options->preprocessing });
}

#define FIELD(name) .offset = offsetof(convert_options, name)

static const cli_option convert_rows[] = {
    { "config", "CONFIG",
      "the network: a file or a preset; default what IN describes, or the preset that it fits",
      CLI_TEXT, FIELD(config) },
    { "preprocess", "NAME",
      "what the weights want to see: torchvision, caffe or paper; default as IN and config say",
      CLI_TEXT, FIELD(preprocess) },
    { "naming", "NAMES",
      "of safetensors and .npz: ours (conv1.weight), torchvision (features.0.weight), or caffe "
      "(conv1/0; blue, green, red)",
      CLI_TEXT, FIELD(naming) },
    { "dtype", "TYPE",
      "f32, f16 (safetensors, ONNX, .npz) or bf16 (safetensors, ONNX); default f32. Of the others "
      "the error in the logits of a batch is measured",
      CLI_TEXT, FIELD(dtype) },
    { "with-preprocessing", NULL, "of .onnx: it takes pixels of 0 to 255", CLI_FLAG,
      FIELD(preprocessing) },
    { CLI_ROWS(cli_device_row, convert_options, device) },
    CLI_END,
};

const cli_command cli_cmd_convert = {
    .name = "convert",
    .summary = "weights from one format to another: PyTorch, ONNX, safetensors, NumPy, Caffe",
    .arguments = "IN OUT",
    .min_args = 2,
    .max_args = 2,
    .examples = "alexnet convert alexnet-owt-7be5be79.pth owt\n"
                "alexnet convert runs/paper paper.onnx\n"
                "alexnet convert runs/paper paper.safetensors --naming torchvision --dtype bf16\n",
    .details =
        "IN is a checkpoint, a run's folder for its best, or weights of another program. OUT "
        "is what its ending says: .safetensors, .npz, .onnx (opset 17; any batch; pixels "
        "that are preprocessed in, logits out; halves are cast to float32), .caffemodel (with a "
        ".prototxt beside it), and without an ending a checkpoint. What other programs read has "
        "the inverted form of dropout.",
    .options = convert_rows,
    .options_bytes = sizeof(convert_options),
    .run = convert_run,
};
