/* test_resume_refused.c - a run that cannot go on, or not as the same run, says so before it has
 * trained or written anything. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "support/training.h"

static test_folder data, run;
static char last[512], best[512];

static int setup(void **state)
{
    alx_train_options options;
    alx_train_result result;

    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    data = test_folder_create();
    run = test_folder_create();
    snprintf(last, sizeof last, "%s/checkpoint-last", run.path);
    snprintf(best, sizeof best, "%s/checkpoint-best", run.path);
    training_write_data(&data, TRAINING_IMAGES, TRAINING_TEST_IMAGES);
    options = training_options(data.path, run.path, "train.epochs=1");
    assert_ok(training_run(&result, &options));
    assert_int_equal(result.best_epoch, 1);
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(&data);
    test_folder_remove(&run);
    return test_device_close(state);
}

static void assert_same_bytes(const char *path, const char *bytes, size_t count)
{
    char *now = NULL;
    size_t now_count = 0;

    assert_ok(base_file_read(&now, &now_count, path));
    assert_int_equal(now_count, count);
    assert_memory_equal(now, bytes, count);
    free(now);
}

/* For exit code 4, with `text` in its message; the checkpoint stays as it is. */
static void assert_refused(const char *run_dir, const char *text)
{
    alx_train_options options = training_options(data.path, run_dir, "");
    alx_train_result result;
    char *before = NULL;
    size_t count = 0;

    options.resume = last;
    assert_ok(base_file_read(&before, &count, last));
    assert_int_equal(training_run(&result, &options), ALX_E_DATA);
    if (strstr(alx_status_text(ALX_E_DATA), text) == NULL)
        fail_msg("no \"%s\" in: %s", text, alx_status_text(ALX_E_DATA));
    assert_int_equal(result.updates, 0);
    assert_same_bytes(last, before, count);
    free(before);
}

static void assert_goes_on(void)
{
    alx_train_options options = training_options(data.path, run.path, "");
    alx_train_result result;

    options.resume = last;
    options.max_steps = 8;
    assert_ok(training_run(&result, &options));
}

/* ---- the network --------------------------------------------------------------------------- */

/* Before the data are looked at. */
static void another_network(void **state)
{
    static const struct {
        const char *set, *says;
    } nets[] = {
        { "conv1.filters=4", "checkpoint-last is of another network (conv1.filters 8, now 4): a "
                             "run goes on with its own; --weights begins one with another" },
        { "net.classes=3", " (net.classes 10, now 3): " },
        { "conv1.pool=off", " (conv1.pool max 3/2, now off): " },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(nets); ++i) {
        alx_train_options options = training_options("/nowhere", run.path, nets[i].set);
        alx_train_result result;

        options.resume = last;
        assert_int_equal(training_run(&result, &options), ALX_E_DATA);
        if (strstr(alx_status_text(ALX_E_DATA), nets[i].says) == NULL)
            fail_msg("no \"%s\" in: %s", nets[i].says, alx_status_text(ALX_E_DATA));
    }
    assert_goes_on();
}

/* ---- classes --------------------------------------------------------------------------------- */

static void write_names(const char *names)
{
    test_folder_write(&data, "batches.meta.txt", names);
}

static void classes_of_another_order(void **state)
{
    (void)state;
    write_names("a\nc\nb\nd\ne\nf\ng\nh\ni\nj\n");
    assert_refused(run.path, "class 1 is 'c', in ");
    assert_refused(run.path, "checkpoint-last 'b': a run goes on with its own classes; --weights ");
    write_names("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    assert_goes_on();
}

static void classes_of_other_names(void **state)
{
    (void)state;
    write_names("a\nb\nc\nd\ne\nf\ng\nh\ni\nJ\n");
    assert_refused(run.path, "class 9 is 'J', in ");
    write_names("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert_refused(run.path, "class 0 is '0', in ");
    write_names("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
}

static void more_classes(void **state)
{
    (void)state;
    write_names("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n");
    assert_refused(run.path, "11 classes, ");
    write_names("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
}

/* ---- the best checkpoint --------------------------------------------------------------------- */

/* In the run's folder and, as it would be copied, from another one. */
static void assert_best_refused(const char *bytes, size_t count, const char *text)
{
    test_folder other = test_folder_create();

    test_folder_write_bytes(&run, "checkpoint-best", bytes, count);
    assert_refused(run.path, text);
    assert_refused(run.path, "checkpoint-best: ");
    assert_refused(run.path, ": put a whole copy there, or remove it: the best epoch is then "
                             "chosen from epoch 2 on");
    assert_refused(other.path, text);
    assert_int_equal(test_folder_list(&other, NULL, 0), 0);
    test_folder_remove(&other);
}

static void a_damaged_best_checkpoint(void **state)
{
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(base_file_read(&bytes, &count, best));
    bytes[count - 5] ^= 1; /* in a weight */
    assert_best_refused(bytes, count, "damaged: its checksum is wrong");
    bytes[count - 5] ^= 1;
    assert_best_refused(bytes, count / 2, "truncated");
    assert_best_refused("", 0, "0 bytes");
    test_folder_write_bytes(&run, "checkpoint-best", bytes, count);
    assert_goes_on();
    free(bytes);
}

/* It is whole, but the weights have no place in this network. */
static void a_best_checkpoint_of_another_network(void **state)
{
    test_folder other = test_folder_create();
    alx_train_options options = training_options(data.path, other.path, "conv1.filters=4");
    alx_train_result result;
    char path[512], *foreign = NULL, *own = NULL;
    size_t foreign_count = 0, own_count = 0;

    (void)state;
    options.max_steps = 1;
    assert_ok(training_run(&result, &options));
    snprintf(path, sizeof path, "%s/checkpoint-last", other.path);
    assert_ok(base_file_read(&foreign, &foreign_count, path));
    assert_ok(base_file_read(&own, &own_count, best));
    assert_best_refused(foreign, foreign_count, "conv1.weight");
    test_folder_write_bytes(&run, "checkpoint-best", own, own_count);
    assert_goes_on();
    free(foreign);
    free(own);
    test_folder_remove(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(another_network),
        test_on_device(classes_of_another_order),
        test_on_device(classes_of_other_names),
        test_on_device(more_classes),
        test_on_device(a_damaged_best_checkpoint),
        test_on_device(a_best_checkpoint_of_another_network),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
