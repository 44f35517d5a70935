/* report.h - tables, plots and pictures of runs and evaluations; results of benchmarks and what is
 * made of them. */
#ifndef ALEXNET_DEV_REPORT_H
#define ALEXNET_DEV_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "alexnet/dev/bench.h"
#include "alexnet/dev/train.h"
#include "alexnet/device.h"
#include "alexnet/train.h"

ALX_BEGIN_DECLS

/* ---- pictures ------------------------------------------------------------------------------ */

/** Writes an 8-bit R,G,B picture. Atomic. */
int alx_png_write(const char *path, const uint8_t *rgb, int width, int height) ALX_MUST_USE;

/** Loss (left) and accuracy (right) against epoch, for training and validation, from a run's
 *  metrics.csv. @return ALX_E_DATA if the file has no rows */
int alx_plot_curves(const char *png_path, const char *metrics_csv) ALX_MUST_USE;

/** Of every layer against epoch: norm of the gradient, |update| / |weight|, dead units, activations
 *  that are 0 or saturated, from a run's diagnose.csv. @return ALX_E_DATA if the file has no rows,
 *  or not one of every layer for each epoch */
int alx_plot_diagnosis(const char *png_path, const char *diagnose_csv) ALX_MUST_USE;

/** First-layer filters as a grid of R,G,B tiles, device 0's half above device 1's.
 *  @param size     the picture's width and height in pixels; may be NULL
 *  @param weights  (count, 3, side, side), PyTorch's order
 *  @param towers   1 or 2
 *  @param scale    pixels per weight, >= 1 */
int alx_plot_filters(const char *png_path, int size[2], const float *weights, int count, int side,
                     int towers, int scale) ALX_MUST_USE;

#define ALX_CONFUSION_CLASSES 16384 /**< at most: a picture's side is limited */

/** A confusion matrix: row = label, column = prediction; right ones blue, wrong ones red, darker
 *  for a larger share of the row.
 *  @param counts  (classes, classes)
 *  @param names   of the classes; up to 40 are printed, with the counts; may be NULL */
int alx_plot_confusion(const char *png_path, const uint32_t *counts, int classes,
                       const char *const *names) ALX_MUST_USE;

/* ---- pictures of a run's folder ------------------------------------------------------------- */

/** curves.png from `run_dir`'s metrics into `out_dir`; says where, or that there is no epoch. */
int alx_run_plot_curves(const char *out_dir, const char *run_dir) ALX_MUST_USE;
/** diagnose.png, how the layers of `run_dir` fared, into `out_dir`, where a run has written rows;
 *  says where. */
int alx_run_plot_diagnosis(const char *out_dir, const char *run_dir) ALX_MUST_USE;
/** filters.png, the first layer's of a checkpoint, into `out_dir`; says where. A first layer that
 *  is no convolution of R,G,B pixels has no picture: a message, not an error. */
int alx_run_plot_filters(const char *out_dir, const char *checkpoint_path) ALX_MUST_USE;

/** run.html, all that is known of a run as one page that needs nothing else, into `out_dir`; says
 *  where. Its pictures are those of the functions above, and confusion.png, from `out_dir` or, if
 *  they are not there, from `run_dir`. */
int alx_run_html(const char *out_dir, const char *run_dir,
                 const char *checkpoint_path) ALX_MUST_USE;

/* ---- a run while it trains, for TensorBoard -------------------------------------------------- */

/** Writes event files into a folder, one for each time that a run is begun or goes on. */
typedef struct alx_events alx_events;

/** Makes the folder; no file yet.
 *  @param run_dir     where the picture of the filters goes too
 *  @param histograms  of all parameters, too
 *  @return 0; ALX_E_IO: the folder cannot be written */
int alx_events_create(alx_events **out, const char *folder, const char *run_dir,
                      bool histograms) ALX_MUST_USE;
/** The epoch's numbers, the first layer's filters if it reads R,G,B pixels, the histograms. What
 *  is in the folder of this step or later ones counts no more for who reads it. */
int alx_events_epoch(alx_events *events, alx_net *net, const alx_epoch_metrics *m) ALX_MUST_USE;
/** NULL is fine. */
void alx_events_free(alx_events *events);

/* ---- a run while it trains, for MLPerf ------------------------------------------------------- */

/** Writes a log of one go of a run, as MLPerf's rules of training want it. */
typedef struct alx_mllog alx_mllog;

/** From now on the run is set up. No file yet: a run that fails before its first update has none.
 *  @param path     a file that is not there yet; a pipe or device may be
 *  @param run_dir  where the run's config is
 *  @return 0; ALX_E_IO: the file is there already, or cannot be; ALX_E_MEMORY */
int alx_mllog_create(alx_mllog **out, const char *path, const char *run_dir) ALX_MUST_USE;
/** Its lines: at the first moment how the run is set up, then when epochs, scoring and the run
 *  begin and end, and the accuracies. */
int alx_mllog_moment(alx_mllog *log, const alx_train_moment *moment) ALX_MUST_USE;
/** Frees it. Where the run has begun and failed, with `rc`, the last line says that it was aborted.
 *  The message of `rc` stays. NULL is fine. */
void alx_mllog_close(alx_mllog *log, int rc);

/* ---- an evaluation --------------------------------------------------------------------------- */

/** What the network took for what, and how often. */
typedef struct alx_eval_pair {
    int label, predicted;
    uint32_t images;
} alx_eval_pair;

typedef struct alx_eval_class {
    size_t images, top1, top5;
    double loss; /**< sum over its images */
} alx_eval_class;

/** One image's answer. */
typedef struct alx_eval_image {
    size_t row;
    int label, predicted, rank;
    double probability, loss; /**< of the label */
} alx_eval_image;

/** What an evaluation tells beyond its three numbers. */
typedef struct alx_eval_report {
    const alx_dataset *set;   /**< names its images; borrowed, as names */
    const char *const *names; /**< of the classes */
    int classes;
    size_t image_count, pair_count;
    const size_t *index;        /**< of each row in the data set; borrowed from the votes */
    uint32_t *counts;           /**< (classes, classes): label, prediction; NULL: too many */
    alx_eval_class *class_sums; /**< classes */
    alx_eval_image *images;     /**< worst first: by loss, then in the order of the set */
    alx_eval_pair *pairs; /**< wrong ones, most frequent first, then by label and prediction */
} alx_eval_report;

/** `votes`, `set` and `names` must outlive it. Free it whatever happens. */
int alx_eval_report_create(alx_eval_report *out, const alx_votes *votes, const alx_dataset *set,
                           const char *const *names) ALX_MUST_USE;
void alx_eval_report_free(alx_eval_report *report);

/** An evaluation for machines, indented; the caller's (free).
 *  @param checkpoints  what was evaluated, as the caller calls it; NULL-terminated
 *  @param report       of it; may be NULL where `worst` is 0
 *  @param worst        pairs and images of the report that are told */
int alx_evaluation_json(char **text, const alx_evaluation *e, const char *const *checkpoints,
                        const alx_eval_report *report, size_t worst) ALX_MUST_USE;

/** classes.csv, confused.csv, images.csv and, unless there are too many classes, confusion.csv and
 *  confusion.png into a folder. */
int alx_eval_report_write(const alx_eval_report *report, const char *folder) ALX_MUST_USE;

/* ---- predictions ----------------------------------------------------------------------------- */

/** The most probable classes of images, as a list for machines. */
typedef struct alx_predictions alx_predictions;

/** @param names  borrowed until alx_predictions_free
 *  @param top    classes of an image, the most probable first */
int alx_predictions_create(alx_predictions **out, const alx_class_names *names,
                           int top) ALX_MUST_USE;
/** @param prob  one for each of the names */
void alx_predictions_add(alx_predictions *predictions, const char *image, const float *prob);
/** Indented, the images as they came; the caller's (free). Once, at the end. */
int alx_predictions_json(char **text, alx_predictions *predictions) ALX_MUST_USE;
/** NULL is fine. */
void alx_predictions_free(alx_predictions *predictions);

#define ALX_GUESSES_IMAGES 100 /**< of a picture, at most */

/** A picture of images, each with its most probable classes as bars below. */
typedef struct alx_guesses alx_guesses;

/** @param images  that there will be. @return 0; ALX_E_USAGE: too many */
int alx_guesses_check(size_t images) ALX_MUST_USE;
/** @param names   borrowed until alx_guesses_free
 *  @param images  that there will be, at most
 *  @param top     bars of an image, of which up to ten are drawn
 *  @return 0; ALX_E_USAGE: too many images; ALX_E_MEMORY */
int alx_guesses_create(alx_guesses **out, const alx_class_names *names, size_t images,
                       int top) ALX_MUST_USE;
/** Draws the next image. @param prob  one for each of the names */
int alx_guesses_add(alx_guesses *guesses, const alx_dataset *set, size_t index, const char *name,
                    const float *prob) ALX_MUST_USE;
/** Atomic. */
int alx_guesses_write(alx_guesses *guesses, const char *png_path) ALX_MUST_USE;
/** NULL is fine. */
void alx_guesses_free(alx_guesses *guesses);

/* ---- the timeline of a run ------------------------------------------------------------------ */

/** Fails where the file could not be written at the end. */
int alx_timeline_check(const char *path) ALX_MUST_USE;
/** Every kernel and transfer of the devices since alx_timeline_start, in Chrome's trace format,
 *  which Perfetto (ui.perfetto.dev) opens: a process for each device, a row for each queue. */
int alx_timeline_write(const char *path, alx_device *const *devs, int count) ALX_MUST_USE;

/* ---- features ------------------------------------------------------------------------------ */

/** Features of a set as a NumPy file, float32, an image a row, and the list of its rows beside it;
 *  says where. */
int alx_features_write(alx_feature_reader *reader, const alx_dataset *set,
                       const char *path) ALX_MUST_USE;
/** The nearest images of each of the queries, which are images of `set`, for machines: indented;
 *  the caller's (free). */
int alx_feature_search_json(char **text, const alx_feature_search *search,
                            const alx_features *queries, const alx_dataset *set) ALX_MUST_USE;
/** How a linear classifier did on the data set `data`, in the same form. */
int alx_probe_json(char **text, const alx_probe_result *result, const alx_feature_reader *reader,
                   const char *data) ALX_MUST_USE;

/* ---- devices -------------------------------------------------------------------------------- */

/** A list of devices for machines: indented; the caller's (free). */
int alx_devices_json(char **text, const alx_device_info *list, size_t count) ALX_MUST_USE;
/** All that is known of OpenCL's loader, its drivers and platforms: why a device may be missing. */
int alx_drivers_print(FILE *out) ALX_MUST_USE;
/** A warning for each driver that the loader is told of and cannot use. */
int alx_drivers_warn(void) ALX_MUST_USE;
/** Says where this process may use fewer cores than the machine has. */
void alx_cores_log(void);

/* ---- facts of a network ---------------------------------------------------------------------- */

/** A pass that a tuning row decides. */
typedef struct alx_facts_way {
    char label[48];
    alx_row row;
} alx_facts_way;

/** What a network consists of, what it takes, and what computes it. */
typedef struct alx_facts {
    alx_checkpoint checkpoint; /**< of a config: only `config` is set */
    bool from_checkpoint;
    alx_graph *graph;
    const alx_layer_info *stages; /**< borrowed from graph */
    size_t stage_count;
    int batch;

    int dev_count; /**< one, or one per tower */
    alx_algorithms algorithms[ALX_MAX_TOWERS];
    alx_memory_plan training[ALX_MAX_TOWERS], inference[ALX_MAX_TOWERS];

    alx_facts_way *ways; /**< of the first device; owned */
    size_t way_count;

    /* of devices; peaks and transfers of two */
    int device_index[ALX_MAX_TOWERS]; /**< as `alexnet devices` numbers them */
    char described[ALX_MAX_TOWERS][512];
    double fma_gflops[ALX_MAX_TOWERS];
    alx_transfer_info transfers[ALX_MAX_TRANSFERS];
    size_t transfer_count;
} alx_facts;

/** One device, or one per tower. */
typedef struct alx_facts_devices {
    alx_device *const *devs;
    alx_rows *const *rows; /**< tuning rows of each; NULL: none */
    int count;
    alx_algorithms asked; /**< not resolved */
} alx_facts_devices;

/** Adds everything to `checkpoint`, `from_checkpoint` and `batch`, which the caller sets in zeroed
 *  facts; alx_facts_free them whatever happens.
 *  @param devices  NULL: none at hand
 *  @param assumed  then; what is AUTO is what a checkpoint recorded, else what works everywhere and
 *                  needs most */
int alx_facts_gather(alx_facts *facts, const alx_facts_devices *devices,
                     alx_algorithms assumed) ALX_MUST_USE;
void alx_facts_free(alx_facts *facts);

/** Parameters of a stage on a device: a part of each device, or all on the first. */
size_t alx_facts_parameters_on(const alx_facts *facts, const alx_layer_info *stage, int dev);
/** The same of all stages. */
size_t alx_facts_parameters_of(const alx_facts *facts, int dev);
/** Which maps or units of a stage with weights, or which of its inputs (by_input), a device has:
 *  `count` from `first` on; none where the stage is the first device's alone. */
void alx_facts_share(size_t *first, size_t *count, const alx_layer_info *stage, int dev);
/** Of two devices the one whose FMA peak is lower, or -1 where the two are alike: peaks scatter by
 *  a tenth. */
int alx_facts_slower(const alx_facts *facts);
/** As tables for people. */
void alx_facts_print(FILE *out, const alx_facts *facts);
/** What a file of weights holds, the same. */
void alx_weights_facts_print(FILE *out, const alx_weights_facts *facts);
/** Indented; the caller's (free). */
int alx_facts_json(char **text, const alx_facts *facts) ALX_MUST_USE;
/** The same of a file of weights. */
int alx_weights_facts_json(char **text, const alx_weights_facts *facts) ALX_MUST_USE;

/* ---- results of benchmarks ------------------------------------------------------------------- */

#define ALX_RESULT_SCHEMA 1 /**< of the JSON; other programs write it too (tools/) */

/** Whole steps. */
typedef struct alx_result_rate {
    double images_per_s; /**< 0 = not measured, then the rest is 0 too */
    double median_ms, min_ms, max_ms;
    double gflops;         /**< of direct convolution, 2 FLOP a MAC */
    double wait_share;     /**< of the time, waiting for images */
    double device_bytes;   /**< planned on the devices */
    double resident_bytes; /**< most RAM of the process; on CPU devices theirs is part of it */
    double steps;          /**< timed */
} alx_result_rate;

/** One pass of a layer, all its parts together. */
typedef struct alx_result_row {
    char layer[48], pass[16], algorithm[64];
    double median_ms, min_ms, max_ms;
    double gflops, gbytes_per_s; /**< of the direct algorithm; of every tensor once */
    double roofline; /**< least time by FMA peak and bandwidth over the median; 0 = not known */
    char limit[16];  /**< "compute" or "memory": which of the two is the least time */
} alx_result_row;

/** What was measured on what; texts are empty and numbers 0 where they are not known. */
typedef struct alx_result {
    char kind[8]; /**< "step", "ops": passes inside a training step, "algos": passes alone */
    char program[64], version[32], commit[48], date[32];
    char platform[128], device[256], second_device[256], driver[128];
    char config[64], conv[16], gemm[16], data[16];
    double batch_size, iterations, units;
    double fma_gflops, memory_gbytes_per_s, local_gbytes_per_s;
    alx_result_rate train, infer;
    alx_result_row *rows; /**< owned */
    size_t row_count;
    size_t file;   /**< of results that were read: those of one file have one number */
    bool in_suite; /**< of results that were read */
} alx_result;

/** Kind, date, devices and config; "step", "ops" or "algos". The caller says who measures. */
void alx_result_describe(alx_result *result, const char *kind, const alx_bench_setup *setup);
/** Measures what a described result is of. The devices' peaks are measured before and after, the
 *  better of the two counts: nothing makes a device look faster than it is.
 *  @param step     of "ops": the steps by the host's clock
 *  @param only     of the passes: "conv2" or "conv2 forward"; NULL = all
 *  @param on_pass  of "algos": called before each of the `total` passes; may be NULL */
int alx_result_measure(alx_result *result, alx_bench_times *step, const alx_bench_setup *setup,
                       const char *only, void (*on_pass)(size_t done, size_t total)) ALX_MUST_USE;
/** The parts of which that consists, for whoever measures several results: the peaks of all devices
 *  together, each alone, better ones than so far count; training or inference of a "step". */
int alx_result_measure_peaks(alx_result *result, const alx_bench_setup *setup) ALX_MUST_USE;
int alx_result_measure_rate(alx_result *result, const alx_bench_setup *setup,
                            bool training) ALX_MUST_USE;
void alx_result_free(alx_result *result);
/** Of rows of one pass, which follow each other from `first` on: the fastest of our kernels and the
 *  fastest of CLBlast's, NULL where there is none. Borrowed.
 *  @return where the next pass begins */
size_t alx_result_fastest(const alx_result_row **own, const alx_result_row **clblast,
                          const alx_result *result, size_t first);
/** Of the medians of its rows, in milliseconds. */
double alx_result_sum_ms(const alx_result *result);

/* ---- a suite: what one device was asked (docs/gpus.md has its JSON) -------------------------- */

#define ALX_SUITE_SCHEMA 1
#define ALX_SUITE_KIND "suite"

/** As of `alexnet devices`. */
typedef struct alx_suite_device {
    char type[16], name[256], vendor[128], version[128], driver[128], platform[128];
    char platform_version[256];
    double compute_units, global_bytes, max_alloc_bytes, local_bytes, max_group;
} alx_suite_device;

/** A line of alx_check_kernels. */
typedef struct alx_suite_check {
    char check[64], worst[160];
    double error; /**< INFINITY: not a finite number */
    double limit, comparisons;
} alx_suite_check;

/** How a pass of a training step is computed. */
typedef struct alx_suite_way {
    char config[64], pass[48], way[256];
    char by[16]; /**< "default", or "tuning": a row of `alexnet tune` */
    double batch_size;
} alx_suite_way;

/** What was not measured. */
typedef struct alx_suite_gap {
    char what[128], why[512];
} alx_suite_gap;

/** Its results stand in the list that it is part of, with the same `file`. */
typedef struct alx_suite {
    char program[64], version[32], commit[48], date[32];
    char system[160], libraries[256]; /**< of the host */
    double seconds;                   /**< that it took */
    alx_suite_device device;
    double fma_gflops, memory_gbytes_per_s, local_gbytes_per_s;
    alx_suite_check *checks; /**< owned, as the other two */
    alx_suite_way *ways;
    alx_suite_gap *gaps;
    size_t check_count, way_count, gap_count;
    size_t file;
} alx_suite;

bool alx_suite_check_passes(const alx_suite_check *check);
/** How many of its checks do not pass. */
size_t alx_suite_failures(const alx_suite *suite);

/** Lists that grow; start them zeroed. */
typedef struct alx_results {
    alx_result *list;
    size_t count;
    alx_suite *suites;
    size_t suite_count;
    size_t files; /**< that were read: the number of the next one */
} alx_results;

/** Adds what a file holds: a result, a suite, or an array of them.
 *  @return ALX_E_DATA with the file's name: not JSON, another schema, a key missing or wrong */
int alx_results_read(alx_results *results, const char *path) ALX_MUST_USE;
void alx_results_free(alx_results *results);

/** As a table for people.
 *  @param step     of "ops": the whole steps
 *  @param columns  of the terminal: where they are too few, what is less important is left out; 0 =
 *                  there is none */
void alx_result_print(FILE *out, const alx_result *result, const alx_bench_times *step,
                      int columns);

/** Indented; the caller's (free). */
int alx_result_json(char **text, const alx_result *result) ALX_MUST_USE;
/** A suite with its results, indented; the caller's (free). */
int alx_suite_json(char **text, const alx_results *results, const alx_suite *suite) ALX_MUST_USE;
/** One line of names, then one per row, or per rate of a "step"; the caller's (free). */
int alx_result_csv(char **text, const alx_result *result) ALX_MUST_USE;
/** The same into a file. Atomic. */
int alx_result_csv_write(const char *path, const alx_result *result) ALX_MUST_USE;

/* ---- comparison ---------------------------------------------------------------------------- */

typedef struct alx_comparison_row {
    char what[128];
    double baseline_ms, now_ms;
    double speed; /**< baseline_ms / now_ms: below 1 is slower */
    bool counts;  /**< false: less than 1 % of the baseline's whole time, too short to judge */
    bool slower;  /**< counts, and took more than (1 + threshold) times as long */
} alx_comparison_row;

typedef struct alx_comparison {
    alx_comparison_row *rows; /**< owned: alx_comparison_free */
    size_t count, slower;
    char notes[1024]; /**< a line for each difference in device, driver, ...; may be empty */
} alx_comparison;

/** @return ALX_E_DATA if kind, config, batch size or data differ; rows do not count */
int alx_result_check_comparable(const alx_result *baseline, const alx_result *now) ALX_MUST_USE;
/** The baseline for a result that is described, measured or not yet: the one of the file that is of
 *  the same kind, program, config, device and batch size, or the only one. Borrowed from `file`.
 *  @param path  of the file, for messages
 *  @return ALX_E_DATA: several are, none is, or the only one cannot be compared */
int alx_results_find(const alx_result **out, const alx_results *file, const alx_result *now,
                     const char *path) ALX_MUST_USE;
/** Sets what both results measured side by side.
 *  @param threshold  a share: 0.1 = 10 %
 *  @return ALX_E_DATA if kind, config, batch size or data differ, or nothing is in both */
int alx_result_compare(alx_comparison *out, const alx_result *baseline, const alx_result *now,
                       double threshold) ALX_MUST_USE;
/** As a table for people. */
void alx_comparison_print(FILE *out, const alx_comparison *comparison, double threshold);
void alx_comparison_free(alx_comparison *comparison);

/* ---- what to do next ------------------------------------------------------------------------- */

/** The presets that fit a data set, as a table for people. */
int alx_presets_print(FILE *out, const alx_data_glance *set) ALX_MUST_USE;
/** The command that soon shows whether a network learns the data set at `path`. */
int alx_preset_command(char *out, size_t bytes, const alx_data_glance *set,
                       const char *path) ALX_MUST_USE;
/** Devices, data sets in the working folder, the newest run, and commands that use them, for
 *  people. Without a device, why. */
int alx_guide_print(FILE *out) ALX_MUST_USE;

/* ---- the page ------------------------------------------------------------------------------ */

/** One HTML page that needs nothing else: rates, time by layer, rooflines, tables. Atomic.
 *  @return 0; ALX_E_MEMORY; ALX_E_IO: it cannot be written */
int alx_report_html(const char *path, const alx_results *results) ALX_MUST_USE;

ALX_END_DECLS

#endif
