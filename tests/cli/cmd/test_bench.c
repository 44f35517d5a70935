/* test_bench.c - bench as its users run it, on the smallest network: every kind of result, real
 * images, comparisons and their exit codes, and what is refused. */
#include "support/program.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/net.h"
#include "base/file.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define STEP "bench", "step", "tiny", "--iters", "2"

static test_folder folder;

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static double number(const cJSON *json, const char *object, const char *key)
{
    const cJSON *in = object != NULL ? cJSON_GetObjectItem(json, object) : json;
    const cJSON *item = cJSON_GetObjectItem(in, key);

    if (!cJSON_IsNumber(item))
        fail_msg("no number %s.%s", object != NULL ? object : "", key);
    return item->valuedouble;
}

/* A baseline: `json` with both rates `factor` times as fast. */
static void write_baseline(const char *name, cJSON *json, double factor)
{
    cJSON *copy = cJSON_Duplicate(json, true);
    static const char *const rates[] = { "train", "infer" };

    for (size_t i = 0; i < ALX_COUNT(rates); ++i) {
        cJSON *rate = cJSON_GetObjectItem(copy, rates[i]);

        cJSON_SetNumberValue(cJSON_GetObjectItem(rate, "median_ms"),
                             number(copy, rates[i], "median_ms") / factor);
    }
    char *text = cJSON_PrintUnformatted(copy);
    test_folder_write(&folder, name, text);
    cJSON_free(text);
    cJSON_Delete(copy);
}

/* ---- whole steps --------------------------------------------------------------------------- */

static int make_folder(void **state)
{
    (void)state;
    folder = test_folder_create();
    test_folder_write(&folder, "text", "this is no JSON\n");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

/* What the steps took on the device is what info says beforehand. */
static void assert_memory_is_planned(const cJSON *json)
{
    test_run run = TEST_PROGRAM_RUN("info", "tiny", "--json", "--device", "0");
    cJSON *info = cJSON_Parse(run.out);

    test_assert_run(&run, 0, "");
    assert_true(number(json, "train", "device_bytes") == number(info, "training_bytes", "total"));
    assert_true(number(json, "infer", "device_bytes") == number(info, "inference_bytes", "total"));
    assert_true(number(json, "infer", "resident_bytes") > 0);
    assert_true(number(json, "train", "resident_bytes") >= number(json, "infer", "resident_bytes"));
    cJSON_Delete(info);
    test_run_free(&run);
}

static void step_has_rates_and_peaks(void **state)
{
    test_run run = TEST_PROGRAM_RUN(STEP, "--json", "--csv", in_folder("step.csv"));
    cJSON *json = cJSON_Parse(run.out);

    (void)state;
    test_assert_run(&run, 0, "");
    assert_non_null(json);
    assert_true(number(json, NULL, "schema") == 1);
    assert_true(number(json, NULL, "batch_size") == 32);
    assert_true(number(json, "peak", "fma_gflops") > 0);
    assert_true(number(json, "peak", "memory_gbytes_per_s") > 0);
    assert_string_equal(cJSON_GetObjectItem(json, "config")->valuestring, "tiny");
    int date[6] = { 0 };
    assert_int_equal(sscanf(cJSON_GetObjectItem(json, "date")->valuestring,
                            "%4d-%2d-%2dT%2d:%2d:%2dZ", &date[0], &date[1], &date[2], &date[3],
                            &date[4], &date[5]),
                     6);
    assert_true(date[0] >= 2026 && date[1] <= 12 && date[2] <= 31);
    const double ms = number(json, "train", "median_ms");
    assert_true(number(json, "train", "images_per_s") * ms > 31.99e3);
    assert_true(number(json, "train", "images_per_s") * ms < 32.01e3);
    assert_true(number(json, "infer", "median_ms") > 0);
    assert_memory_is_planned(json);
    assert_true(base_file_exists(in_folder("step.csv")));

    write_baseline("slow.json", json, 1e-3);
    write_baseline("fast.json", json, 1e3);
    cJSON_Delete(json);
    test_run_free(&run);
}

static void comparison_decides_the_exit_code(void **state)
{
    test_run well = TEST_PROGRAM_RUN(STEP, "--compare", in_folder("slow.json"));
    test_run badly = TEST_PROGRAM_RUN(STEP, "--compare", in_folder("fast.json"), "--threshold",
                                      "5%");
    test_run other = TEST_PROGRAM_RUN(STEP, "-b", "8", "--compare", in_folder("slow.json"));

    (void)state;
    test_assert_run(&well, 0, "");
    assert_non_null(strstr(well.out, "nothing is more than 10 % slower"));
    test_assert_run(&badly, 7, "alexnet: 2 of 2 took more than 5 % longer than in ");
    assert_non_null(strstr(badly.out, "slower"));
    test_assert_run(&other, 4, "slow.json: the baseline is of batch size 32, this is 8");
    assert_string_equal(other.out, ""); /* said before anything is measured */
    test_run_free(&well);
    test_run_free(&badly);
    test_run_free(&other);
}

static void real_images_come_through_the_loader(void **state)
{
    test_run run = TEST_PROGRAM_RUN("bench", "step", "quickstart", "--iters", "2", "--data", DATA,
                                    "-b", "10", "--json");
    cJSON *json = cJSON_Parse(run.out);

    (void)state;
    test_assert_run(&run, 0, "");
    assert_string_equal(cJSON_GetObjectItem(json, "data")->valuestring, "real");
    assert_true(number(json, "train", "images_per_s") > 0);
    cJSON_Delete(json);
    test_run_free(&run);
}

/* ---- passes -------------------------------------------------------------------------------- */

/* The one row of that name, or NULL. */
static const cJSON *find_op(const cJSON *ops, const char *layer, const char *pass)
{
    const cJSON *op, *found = NULL;

    cJSON_ArrayForEach(op,
                       ops) if (strcmp(cJSON_GetObjectItem(op, "layer")->valuestring, layer) == 0 &&
                                strcmp(cJSON_GetObjectItem(op, "pass")->valuestring, pass) == 0)
    {
        assert_null(found);
        found = op;
    }
    return found;
}

/* Of all towers of the pass that `first` belongs to. */
static double pass_flops(const alx_pass_info *passes, size_t count, const alx_pass_info *first)
{
    double flops = 0.0;

    for (size_t i = 0; i < count; ++i)
        if (passes[i].node == first->node && passes[i].work == first->work &&
            passes[i].pass == first->pass)
            flops += passes[i].flops;
    return flops;
}

/* All but those without multiplications that another pass does along with its own work. */
static void assert_ops_are(const cJSON *ops, const alx_pass_info *passes, size_t count)
{
    int found = 0;

    for (size_t i = 0; i < count; ++i) {
        char layer[48] = "", pass[16] = "";

        sscanf(passes[i].label, "%47[^. ]%*[^ ]", layer); /* "conv2.1 grad-weight" */
        sscanf(passes[i].label, "%*s %15s", pass);
        const cJSON *op = find_op(ops, layer, pass);

        found += op != NULL && passes[i].part == 0;
        if (passes[i].flops == 0.0)
            continue;
        assert_non_null(op);
        const double flops = pass_flops(passes, count, &passes[i]);
        const double timed = 1e6 * number(op, NULL, "gflops") * number(op, NULL, "median_ms");
        assert_true(timed > 0.999999 * flops && timed < 1.000001 * flops);
    }
    assert_int_equal(found, cJSON_GetArraySize(ops));
}

static void ops_are_the_passes_of_the_network(void **state)
{
    test_run run = TEST_PROGRAM_RUN("bench", "ops", "tiny", "--iters", "2", "--json");
    cJSON *json = cJSON_Parse(run.out), *ops = cJSON_GetObjectItem(json, "ops");
    alx_config *config = test_alloc(sizeof *config);
    alx_graph *graph = NULL;
    alx_pass_info *passes = NULL;
    size_t count = 0;

    (void)state;
    test_assert_run(&run, 0, "");
    assert_ok(alx_config_read(config, "tiny", NULL, 0));
    assert_ok(alx_graph_create(&graph, &config->net));
    assert_ok(alx_graph_passes(&passes, &count, graph, config->train.batch_size, true));
    assert_non_null(find_op(ops, "conv2", "grad-weight")); /* towers are put together */
    assert_null(find_op(ops, "conv1", "grad-input"));      /* no gradient of the image */
    assert_ops_are(ops, passes, count);
    free(passes);
    alx_graph_free(graph);
    free(config);
    cJSON_Delete(json);
    test_run_free(&run);
}

#define NAME_WIDTH 20

/* One step: its median is its time, and its passes, which one queue runs in order, are within it
 * (1 % is for clocks that differ). */
static void ops_add_up_to_the_step(void **state)
{
    test_run run = TEST_PROGRAM_RUN("bench", "ops", "tiny", "-b", "128", "--iters", "1");
    const char *first = strstr(run.out, "kernel\n"), *last = strstr(run.out, "\nsum ");
    double sum = 0.0, printed_sum = 0.0, step = 0.0;
    int rows = 0;

    (void)state;
    test_assert_run(&run, 0, "");
    assert_non_null(first);
    assert_non_null(last);
    assert_int_equal(sscanf(last, " sum %lf of a step of %lf ms", &printed_sum, &step), 2);
    for (const char *line = strchr(first, '\n') + 1; line <= last; line = strchr(line, '\n') + 1) {
        double ms = 0.0, share = 0.0;

        assert_int_equal(sscanf(line + NAME_WIDTH, "%lf %*f %*f %lf%%", &ms, &share), 2);
        assert_true(fabs(share - 100.0 * ms / step) < 0.051 + 0.1 / step); /* as rounded */
        sum += ms;
        ++rows;
    }
    assert_true(fabs(sum - printed_sum) < 0.0005 * (rows + 2));
    assert_true(printed_sum > 0.0 && printed_sum < 1.01 * step);
    test_run_free(&run);
}

static void algos_set_own_kernels_against_clblast(void **state)
{
    test_run run = TEST_PROGRAM_RUN("bench", "algos", "tiny", "--iters", "1", "--only",
                                    "conv2 grad-weight", "--csv", in_folder("algos.csv"));
    char *csv = NULL;
    size_t bytes = 0;

    (void)state;
    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, "own ms   CLBlast ms"));
    assert_null(strstr(run.out, "conv2 forward"));
    assert_ok(base_file_read(&csv, &bytes, in_folder("algos.csv")));
    assert_non_null(strstr(csv, "conv2,grad-weight,im2col,"));
    assert_non_null(strstr(csv, "conv2,grad-weight,vec,"));
    free(csv);
    test_run_free(&run);
}

static void a_report_counts_its_results(void **state)
{
    test_run run = TEST_PROGRAM_RUN("bench", "report", in_folder("slow.json"), "--html",
                                    in_folder("one.html"));

    (void)state;
    test_assert_run(&run, 0, "one.html: 1 result\n");
    test_run_free(&run);
}

/* ---- what is refused ------------------------------------------------------------------------- */

/* The network of 20x20 pixels that the graph describes. */
static void weights_alone_are_a_network(void **state)
{
    test_run run = TEST_PROGRAM_RUN("bench", "step", "--weights",
                                    TEST_DIR "/data/weights/dynamo.onnx", "-b", "3", "--iters", "1",
                                    "--json");
    cJSON *json = cJSON_Parse(run.out);

    (void)state;
    test_assert_run(&run, 0, "dynamo.onnx describes it: 4 layers, input 20x20x3");
    assert_string_equal(cJSON_GetObjectItem(json, "config")->valuestring, "imported");
    assert_true(number(json, NULL, "batch_size") == 3);
    cJSON_Delete(json);
    test_run_free(&run);
}

#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void every_error_has_its_code_and_one_line(void **state)
{
    /* "@name" is a file in the test's folder */
    static const struct {
        const char *args[12];
        int exit_code;
        const char *message;
    } wrong[] = {
        { ARGS("bench"), 2, "bench wants step|ops|algos CONFIG" },
        { ARGS("bench", "jump", "tiny"), 2,
          "bench knows step, ops, algos, suite and report, not 'jump'" },
        { ARGS("bench", "step", "no-such-config"), 2, "no-such-config" },
        { ARGS("bench", "step", "tiny", "owt"), 2, "bench step takes one CONFIG, not 'owt' too" },
        { ARGS("bench", "step", "tiny", "--iters", "0"), 2, "--iters wants a whole number from 1" },
        { ARGS("bench", "ops", "tiny", "--only", "conv9"), 2, "(did you mean conv1?)" },
        { ARGS("bench", "ops", "tiny", "--only", "conv1 sideways"), 2, "a layer and one of" },
        { ARGS("bench", "algos", "tiny", "--only", "relu1"), 2, "nothing to time" },
        { ARGS("bench", "step", "tiny", "--threshold", "5%"), 2, "without --compare" },
        { ARGS("bench", "step", "tiny", "--html", "@page.html"), 2,
          "--html belongs to bench report, not to step" },
        { ARGS("bench", "step", "tiny", "--only", "conv2"), 2,
          "--only belongs to bench ops and algos, not to step" },
        { ARGS("bench", "algos", "tiny", "--data", DATA), 2, "--data belongs to bench step and " },
        { ARGS("bench", "algos", "tiny", "--exact"), 2, "--exact belongs to bench step and ops" },
        { ARGS("bench", "report", "@slow.json", "--html", "@page.html", "-b", "3"), 2,
          "--batch-size belongs to bench step, ops and algos, not to report" },
        { ARGS("bench", "report", "@slow.json", "--html", "@page.html", "--device", "0"), 2,
          "--device belongs to bench " },
        { ARGS("bench", "step", "tiny", "--csv", "-"), 2, "--csv wants FILE, not '-'" },
        { ARGS("bench", "step", "tiny", "--compare", "@text", "--threshold", "much"), 2, "'much'" },
        { ARGS("bench", "step", "tiny", "--compare", "@text"), 4, "text: not JSON" },
        { ARGS("bench", "step", "tiny", "--compare", "/nonexistent"), 4, "/nonexistent" },
        { ARGS("bench", "step", "tiny", "--data", "/nonexistent"), 4, "/nonexistent" },
        { ARGS("bench", "step", "tiny", "--weights", "/nonexistent"), 4, "/nonexistent" },
        { ARGS("bench", "step", "--weights", "/nonexistent"), 4, "/nonexistent" },
        { ARGS("bench", "step"), 2, "bench step wants CONFIG or --weights" },
        { ARGS("bench", "algos", "tiny", "--weights", "w"), 2, "--weights belongs to bench step " },
        { ARGS("bench", "step", "tiny", "--device", "no such thing"), 3, "no such thing" },
        { ARGS("bench", "step", "tiny", "--iters", "1", "--csv", "/nonexistent/a.csv"), 1,
          "/nonexistent/a.csv" },
        { ARGS("bench", "report", "@slow.json"), 2, "bench report wants --html FILE" },
        { ARGS("bench", "report", "@text", "--html", "@page.html"), 4, "text: not JSON" },
        { ARGS("bench", "report", "@slow.json", "@text", "--html", "@link"), 2, "link: is read" },
        { ARGS("bench", "step", "tiny", "--compare", "@slow.json", "--csv", "@link"), 2,
          "link: is read" },
        { ARGS("bench", "report", "@slow.json", "--html", "/nonexistent/p.html"), 1,
          "/nonexistent/p.html" },
    };

    (void)state;
    assert_int_equal(symlink("slow.json", in_folder("link")), 0);
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        const char *args[12];
        size_t count = 0;

        for (; wrong[i].args[count] != NULL; ++count)
            args[count] = wrong[i].args[count][0] == '@' ? in_folder(wrong[i].args[count] + 1)
                                                         : wrong[i].args[count];
        args[count] = NULL;
        test_run run = test_program(args);

        print_message("%s\n", wrong[i].message);
        test_assert_run(&run, wrong[i].exit_code, wrong[i].message);
        test_run_free(&run);
    }
    assert_false(base_file_exists(in_folder("page.html")));
}

/* The head's lines go on under their text, and columns are left out. */
static void lines_fit_a_terminal(void **state)
{
    static const char *const steps[] = { "bench", "step", "tiny", "-b", "8", "--iters", "1", NULL };
    static const char *const ops[] = { "bench",   "ops", "tiny",   "-b",    "8",
                                       "--iters", "1",   "--only", "conv2", NULL };

    (void)state;
    test_terminal_columns = 80;
    test_terminal_stdout = true;
    for (int i = 0; i < 2; ++i) {
        test_run run = test_program_on_terminal(i == 0 ? steps : ops, NULL, 0);

        test_assert_run(&run, 0, i == 0 ? "\ninference " : "\nconv2 grad-weight ");
        for (const char *line = run.err; *line != '\0'; line += strcspn(line, "\r\n") + 1)
            if (strcspn(line, "\r\n") > 80 && strncmp(line, "\033[K", 3) != 0)
                fail_msg("%.*s", (int)strcspn(line, "\r\n"), line);
        assert_non_null(strstr(run.err, "\r\n            ")); /* under "device      " */
        test_run_free(&run);
    }
    test_terminal_columns = 100;
    test_terminal_stdout = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_has_rates_and_peaks),
        cmocka_unit_test(comparison_decides_the_exit_code),
        cmocka_unit_test(real_images_come_through_the_loader),
        cmocka_unit_test(ops_are_the_passes_of_the_network),
        cmocka_unit_test(ops_add_up_to_the_step),
        cmocka_unit_test(algos_set_own_kernels_against_clblast),
        cmocka_unit_test(a_report_counts_its_results),
        cmocka_unit_test(lines_fit_a_terminal),
        cmocka_unit_test(weights_alone_are_a_network),
        cmocka_unit_test(every_error_has_its_code_and_one_line),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
