/* test_curves_note.c - what curves.png says in words: the best epoch and the run's name. */
#include "support/test.h"

#include "report/plot/curves.c" /* its notes are drawn and not to be read from a picture */

static void the_first_of_equal_epochs_is_the_best(void **state)
{
    static const double epochs[] = { 1, 2, 3, 4 }, shares[] = { 0.5, 0.75, 0.75, 0.7 },
                        losses[] = { 2.0, NAN, 1.5, 1.5 }, rising[] = { 1.0, 2.0, 3.0, 4.0 },
                        none[] = { NAN, NAN, NAN, NAN };
    const curves_data data = { .rows = 4, .epoch = epochs };
    char note[64];

    (void)state;
    best_note(note, sizeof note, &data, shares, true);
    assert_string_equal(note, "best validation: 75.0 % in epoch 2");
    best_note(note, sizeof note, &data, losses, false);
    assert_string_equal(note, "best validation: 1.500 in epoch 3");
    best_note(note, sizeof note, &data, rising, false);
    assert_string_equal(note, "best validation: 1.000 in epoch 1");
    best_note(note, sizeof note, &data, none, false);
    assert_string_equal(note, "");
}

static void a_runs_name_is_its_folder_as_utf8(void **state)
{
    char name[32];

    (void)state;
    run_name(name, sizeof name, "runs/a/metrics.csv");
    assert_string_equal(name, "a");
    run_name(name, sizeof name, "runs/caf\xE9/metrics.csv");
    assert_string_equal(name, "caf\\xe9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_equal_epochs_is_the_best),
        cmocka_unit_test(a_runs_name_is_its_folder_as_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
