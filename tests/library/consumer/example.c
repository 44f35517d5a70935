/* example.c - trains a small network for ten steps, then asks it what a picture shows.
 *     example DATA RUN PICTURE        images to train on, a folder for the run, a JPEG or PNG */
#include <alexnet/alexnet.h>
#include <stdio.h>
#include <stdlib.h>

static int train(alx_device *dev, const char *data, const char *run)
{
    alx_train_options options = {
        .data_path = data, .run_dir = run, .max_steps = 10, .workers = 2
    };
    alx_train_result result;
    int rc = alx_config_read(&options.config, "tiny", NULL, 0); /* a preset, or a file */

    if (rc == 0)
        rc = alx_train_run(&result, &dev, 1, &options);
    if (rc == 0)
        printf("%zu steps, loss %.3f\n", result.steps, result.last_loss);
    return rc;
}

static int classify(alx_device *dev, const char *checkpoint, const char *picture)
{
    alx_model *model = NULL;
    alx_dataset *set = NULL;
    float prob[1000];
    int best = 0, rc = 0;

    if ((rc = alx_model_open(&model, checkpoint)) == 0 &&
        (rc = alx_model_build(model, &dev, 1, NULL)) == 0 &&
        (rc = alx_dataset_of_images(&set, &picture, 1)) == 0)
        rc = alx_model_predict(prob, model, set);
    if (rc == 0) {
        for (int c = 1; c < alx_model_classes(model); ++c)
            best = prob[c] > prob[best] ? c : best;
        printf("%s (%.0f %%)\n", alx_model_class_name(model, best), 100.0 * (double)prob[best]);
    }
    alx_dataset_close(set);
    alx_model_close(model);
    return rc;
}

int main(int argc, char **argv)
{
    alx_device *dev = NULL;
    char checkpoint[4096];
    int rc = 0;

    if (argc != 4)
        return EXIT_FAILURE;
    alx_log_set_sink(alx_log_to_stderr, NULL); /* without a sink the library prints nothing */
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoint-last", argv[2]);
    rc = alx_device_open(&dev, NULL, NULL); /* $ALEXNET_DEVICE, else a GPU, else the first */
    if (rc == 0)
        rc = train(dev, argv[1], argv[2]);
    if (rc == 0)
        rc = classify(dev, checkpoint, argv[3]);
    if (rc != 0)
        fprintf(stderr, "error: %s\n", alx_status_text(rc));
    alx_device_close(dev);
    return alx_exit_code(rc);
}
