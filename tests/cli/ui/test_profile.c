/* test_profile.c - ALEXNET_PROFILE=1: the table of kernels that a command prints at its end. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void shares_add_up(void **state)
{
    double sum = 0.0;
    int rows = 0, several = 0;

    (void)state;
    setenv("ALEXNET_PROFILE", "1", 1);
    test_run run = TEST_PROGRAM_RUN("bench", "step", "tiny", "--iters", "2");

    unsetenv("ALEXNET_PROFILE");
    test_assert_run(&run, 0, "  share  launches");
    for (const char *line = strstr(run.err, "  share  launches"); line != NULL;) {
        double ms, share;
        size_t launches;

        line = strchr(line, '\n');
        line += line != NULL;
        if (line == NULL || sscanf(line, "%lf %lf%% %zu", &ms, &share, &launches) != 3)
            break;
        sum += share;
        several += launches > 1;
        ++rows;
    }
    assert_true(rows > 10 && several > 10);
    assert_true(fabs(sum - 100.0) <= 0.051 * rows); /* each is rounded to a tenth */
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shares_add_up) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
