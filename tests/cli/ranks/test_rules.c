/* test_rules.c - what a job of several ranks does by itself: shards that it can share, positions
 * from which it goes on, what rank 0 records. */
#include "support/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* The other ranks would take images that are not theirs. */
static void a_position_inside_an_update_is_refused(void **state)
{
    (void)state; /* after 96 images, no whole number of updates of 144 */
    jobs_assert_ended(jobs_train(1, "inside", NULL, JOBS_WHOLE " --max-steps 2"), 0, "");
    jobs_assert_ended(jobs_resume(2, "inside", "--grad-accum 3"), 2,
                      " stands in an epoch's middle, after 96 of 114 images: ");
    jobs_assert_ended(jobs_resume(2, "inside", "--grad-accum 2 --max-steps 3"), 0, "");
}

/* The rows of a run's diagnosis but for the gradients of outputs, which no rank has all of. */
static char *diagnosis_of(const char *name)
{
    char path[64], *text = NULL, *from, *to;
    size_t bytes = 0;
    int column = 0;

    snprintf(path, sizeof path, "%s/diagnose.csv", name);
    assert_ok(base_file_read(&text, &bytes, test_folder_path(&jobs_work, path)));
    for (from = to = text; *from != '\0'; ++from) {
        column = *from == '\n' ? 0 : column + (*from == ',');
        if (column != 4 || *from == ',')
            *to++ = *from;
    }
    *to = '\0';
    return text;
}

/* Rank 0 diagnoses, on all of the images, and writes events. */
static void what_rank_0_records_is_what_one_process_does(void **state)
{
    char alone[512], options[1024], found[2][512];
    test_folder events;

    (void)state;
    snprintf(events.path, sizeof events.path, "%.200s/events", jobs_work.path);
    snprintf(options, sizeof options, JOBS_WHOLE " --diagnose --tensorboard '%s'", events.path);
    jobs_assert_ended(jobs_train(1, "seen", NULL, JOBS_WHOLE " --diagnose"), 0, "");
    jobs_assert_ended(jobs_train(2, "seen2", NULL, options), 0, "");
    char *one = diagnosis_of("seen"), *two = diagnosis_of("seen2");

    snprintf(alone, sizeof alone, "%s", test_folder_path(&jobs_work, "seen"));
    assert_string_equal(two, one);
    free(one);
    free(two);
    training_assert_same(test_folder_path(&jobs_work, "seen2"), alone, "checkpoint-last");
    assert_int_equal(test_folder_list(&events, found, ALX_COUNT(found)), 1);
}

static void ranks_choose_shards_that_they_can_share(void **state)
{
    static const struct {
        int ranks;
        const char *options, *line;
    } rows[] = {
        { 2, "", "\nshards = 8\n" },
        { 3, "", "\nshards = 12\n" },
        { 3, "--set train.shards=4", "\nshards = 4\n" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        char name[16], options[64], *text = NULL;
        size_t bytes = 0;

        snprintf(name, sizeof name, "chosen%zu", i);
        snprintf(options, sizeof options, "%s --max-steps 1", rows[i].options);
        jobs_assert_ended(jobs_train(rows[i].ranks, name, NULL, options), 0, "");
        snprintf(options, sizeof options, "%s/config.ini", name);
        assert_ok(base_file_read(&text, &bytes, test_folder_path(&jobs_work, options)));
        assert_non_null(strstr(text, rows[i].line));
        free(text);
    }
    jobs_assert_ended(jobs_train(3, "few", NULL, "--set train.shards=2"), 2,
                      "alexnet: 2 shards are too few for 3 ranks: raise [train] shards\n");
    jobs_assert_ended(jobs_train(5, "odd", NULL, ""), 2,
                      "alexnet: 5 ranks cannot share a batch of 48");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_inside_an_update_is_refused),
        cmocka_unit_test(what_rank_0_records_is_what_one_process_does),
        cmocka_unit_test(ranks_choose_shards_that_they_can_share),
    };
    return cmocka_run_group_tests(tests, jobs_make, jobs_remove);
}
