/* test_search.c - alx_tune: which problems a network has, that every way is measured once, that
 * wrong numbers do not count, and where a search ends. */
#include "tune/tune.h"

#include <stdlib.h>
#include <string.h>

#include "support/device.h"
#include "support/folder.h"
#include "support/kernels.h"

#define BATCH 4

static const int go_on = 0, stop = 1;

/* conv2's two groups are one problem a pass; conv3 is of the same shape as conv4. */
static const char text[] = "[net]\n"
                           "input = 9x9x3\n"
                           "classes = 5\n"
                           "[conv1]\n"
                           "filters = 4\n"
                           "kernel = 3\n"
                           "[conv2]\n"
                           "filters = 4\n"
                           "kernel = 3\n"
                           "pad = 1\n"
                           "[conv3]\n"
                           "filters = 4\n"
                           "kernel = 3\n"
                           "pad = 1\n"
                           "[fc4]\n"
                           "units = 5\n";

typedef struct search {
    test_folder folder;
    alx_tune tune;
    const char *only;
    size_t tasks;
} search;

static void count_task(const char *task, size_t done, size_t total, double eta_seconds, void *user)
{
    (void)task;
    (void)eta_seconds;
    assert_true(done < total);
    ++*(size_t *)user;
}

/* In a file of its own; `s` stays where it is. */
static void begin(search *s, const char *only)
{
    alx_config config;

    *s = (search){ .folder = test_folder_create(), .only = only };
    s->tune = (alx_tune){
        .dev = test_device(), .interrupt = &go_on, .on_task = count_task, .user = &s->tasks
    };
    assert_ok(alx_config_parse(&config, text, "test", NULL, 0));
    assert_ok(alx_rows_of_device(&s->tune.rows, alx_device_get_info(s->tune.dev),
                                 test_folder_path(&s->folder, "rows.jsonl")));
    assert_ok(alx_tune_open(&s->tune, &config.net, BATCH, only));
}

static void end(search *s)
{
    alx_tune_close(&s->tune);
    alx_rows_close(s->tune.rows);
    test_folder_remove(&s->folder);
}

static size_t way_count(const search *s)
{
    size_t ways = 0;

    for (size_t i = 0; i < s->tune.problem_count; ++i)
        ways += s->tune.problems[i].way_count;
    return ways;
}

static void passes_that_look_alike_are_one_problem(void **state)
{
    search s;
    int calls = 0;

    (void)state;
    begin(&s, NULL);
    /* conv1 has no gradient of its input; conv2 and conv3 share three; fc4 has three */
    assert_int_equal(s.tune.problem_count, 2 + 3 + 3);
    for (size_t i = 0; i < s.tune.problem_count; ++i) {
        calls += s.tune.problems[i].calls;
        assert_true(s.tune.problems[i].way_count >= 2);
    }
    assert_int_equal(calls, 2 + 3 + 3 + 3);
    end(&s);
    begin(&s, "conv1");
    assert_int_equal(s.tune.problem_count, 2);
    assert_string_equal(s.tune.problems[0].info.label, "conv1 forward");
    end(&s);
    begin(&s, ALX_TUNE_CLBLAST); /* no layer: where its parameters are tried is all of them */
    assert_int_equal(s.tune.problem_count, 2 + 3 + 3);
    end(&s);
}

static void every_way_is_measured_once(void **state)
{
    search s;

    (void)state;
    begin(&s, "conv2");
    assert_ok(alx_tune_run(&s.tune, s.only));
    assert_int_equal(s.tasks, way_count(&s));
    assert_false(s.tune.stopped);
    /* none of CLBlast's parameters: one layer was meant */
    assert_int_equal(alx_rows_count(s.tune.rows).user, way_count(&s));
    for (size_t i = 0; i < s.tune.problem_count; ++i)
        for (size_t way = 0; way < s.tune.problems[i].way_count; ++way) {
            const alx_tune_problem *p = &s.tune.problems[i];
            const alx_row *row = tune_row(&s.tune, p, p->ways[way]);

            assert_non_null(row);
            assert_true(row->ms > 0.0);
            assert_true(row->error <= ALX_ROWS_MOST_ERROR);
            assert_int_equal(row->batch, BATCH);
        }
    assert_ok(alx_tune_run(&s.tune, s.only));
    assert_int_equal(s.tasks, way_count(&s));
    end(&s);
}

static void wrong_numbers_give_a_row_that_does_not_count(void **state)
{
    test_folder kernels = test_kernels_create("im2col.cl", "floatv value = 0.0f;",
                                              "floatv value = 0.001f;");
    search s;

    (void)state;
    test_device_close(NULL);
    setenv("ALEXNET_CL_DIR", kernels.path, 1);
    begin(&s, "conv2"); /* padded: the zeros around the image are wrong */
    assert_ok(alx_tune_run(&s.tune, s.only));
    unsetenv("ALEXNET_CL_DIR");
    for (size_t i = 0; i < s.tune.problem_count; ++i) {
        const alx_row *row = tune_row(&s.tune, &s.tune.problems[i], "im2col");

        if (s.tune.problems[i].info.pass == ALX_PASS_GRAD_INPUT)
            continue; /* reads no zeros */
        assert_non_null(row);
        assert_true(row->ms == 0.0);
        assert_true(row->error > ALX_ROWS_MOST_ERROR);
    }
    end(&s);
    test_folder_remove(&kernels);
    test_device_close(NULL);
}

static void budget_and_interrupt_end_it_before_the_next_way(void **state)
{
    search s;

    (void)state;
    begin(&s, "conv1");
    s.tune.budget_seconds = 1e-9;
    assert_ok(alx_tune_run(&s.tune, s.only));
    assert_true(s.tune.stopped);
    assert_false(alx_tune_interrupted(&s.tune));
    assert_int_equal(s.tasks, 0);
    end(&s);
    begin(&s, "conv1");
    s.tune.interrupt = &stop;
    assert_ok(alx_tune_run(&s.tune, s.only));
    assert_true(s.tune.stopped && alx_tune_interrupted(&s.tune));
    assert_int_equal(s.tasks, 0);
    end(&s);
}

static void a_layer_that_is_not_there_is_refused(void **state)
{
    search s;
    alx_config config;

    (void)state;
    begin(&s, NULL);
    alx_tune_close(&s.tune);
    assert_ok(alx_config_parse(&config, text, "test", NULL, 0));
    assert_int_equal(alx_tune_open(&s.tune, &config.net, BATCH, "conv9"), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "no layer 'conv9'"));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(passes_that_look_alike_are_one_problem),
        test_on_device(every_way_is_measured_once),
        test_on_device(wrong_numbers_give_a_row_that_does_not_count),
        test_on_device(budget_and_interrupt_end_it_before_the_next_way),
        test_on_device(a_layer_that_is_not_there_is_refused),
    };

    return cmocka_run_group_tests_name("search", tests, NULL, test_device_close);
}
