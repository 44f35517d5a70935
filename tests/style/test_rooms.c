/* test_rooms.c - includes follow the arrow between the rooms (architecture):
 *
 *     cli -> suite -> {check, tune, report} -> bench -> train -> net -> ops -> {rt, rows}
 *
 * with comm below train, ref beside ops, data (on io) and io beside them all, and config readable
 * by all.
 * A room includes what lies behind it on the arrow, and base. Its own folder's headers are its own.
 * Only src/rt knows OpenCL and CLBlast. */
#include "support/test.h"
#include "support/tree.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *room, *may_include; /* besides itself */
} rooms[] = {
    { "base", "" },
    { "config", "base" },
    { "rows", "base" },
    { "rt", "base" },
    { "ops", "rt rows config base" },
    { "ref", "ops config base" }, /* of ops only the parameter types */
    { "net", "ops rt rows config base" },
    { "data", "io config base" },
    { "io", "config base" },
    { "comm", "base" },
    { "train", "comm net ops rt rows data io config base" },
    { "report", "bench train net ops rt rows data io config base" },
    { "bench", "train net ops rt rows data config base" },
    { "check", "bench train net ops ref rt rows data io config base" },
    { "tune", "check bench train net ops ref rt rows data io config base" },
    { "suite", "tune check report bench train net ops ref rt rows data io config base" },
    { "users", "suite tune check report bench train comm net ops ref rt rows data io config base" },
    { "cli", "suite tune check report bench train comm net ops ref rt rows data io config base" },
};

/* Headers that are not called like their room. */
static const struct {
    const char *header, *room;
} headers
    [] = {
        { "export", "base" },     { "version", "base" },   { "status", "base" },
        { "log", "base" },        { "shape", "base" },     { "crop", "base" },
        { "device", "rt" },       { "algorithms", "ops" }, { "model", "train" },
        { "weights_file", "io" }, { "alexnet", "users" }, /* includes everything */
    };

static bool words_contain(const char *words, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

static bool is_room(const char *name)
{
    for (size_t i = 0; i < ALX_COUNT(rooms); ++i)
        if (strcmp(rooms[i].room, name) == 0)
            return true;
    return false;
}

static bool room_may_include(const char *room, const char *other)
{
    for (size_t i = 0; i < ALX_COUNT(rooms); ++i)
        if (strcmp(rooms[i].room, room) == 0)
            return strcmp(room, other) == 0 || words_contain(rooms[i].may_include, other);
    return false;
}

/* The room of a public header: "alexnet/dev/ops.h" is of ops. */
static bool header_room(char room[64], const char *header)
{
    if (sscanf(header, "alexnet/dev/%63[^./].h", room) != 1 &&
        sscanf(header, "alexnet/%63[^./].h", room) != 1)
        return false;
    for (size_t i = 0; i < ALX_COUNT(headers); ++i)
        if (strcmp(headers[i].header, room) == 0)
            snprintf(room, 64, "%s", headers[i].room);
    return true;
}

/* The room that a file is of: "src/ops/lrn.c" and "include/alexnet/dev/ops.h" are of ops. */
static bool path_room(char room[64], const char *path)
{
    return sscanf(path, "src/%63[^/]/", room) == 1 ||
           (strncmp(path, "include/", 8) == 0 && header_room(room, path + 8));
}

static int wrong_include(const char *path, const char *header, const char *why)
{
    print_error("%s includes %s: %s\n", path, header, why);
    return 1;
}

/* Tests look inside their own room only; support/ and kill/ make and read what a room does not
 * show. */
static int check_test_header(const char *path, const char *header)
{
    char room[64], other[64];

    if (sscanf(path, "tests/%63[^/]/", room) != 1 || !is_room(room) ||
        sscanf(header, "%63[^/]/", other) != 1 || !is_room(other) || strchr(header, '/') == NULL)
        return 0;
    if (strcmp(other, room) != 0 && strcmp(other, "base") != 0)
        return wrong_include(path, header, "another room's own header");
    return 0;
}

static int check_own_header(const char *path, const char *header)
{
    char room[64], other[64] = "";

    if (!path_room(room, path))
        return check_test_header(path, header);
    if (header_room(other, header))
        return room_may_include(room, other) ? 0 : wrong_include(path, header, "against the arrow");
    if (sscanf(header, "%63[^/]/", other) != 1 || strchr(header, '/') == NULL)
        return wrong_include(path, header, "name it from src/, with its room");
    if (strcmp(other, room) != 0 && strcmp(other, "base") != 0)
        return wrong_include(path, header, "another room's own header");
    return 0;
}

/* tests/gpu has a driver of its own, which is called. */
static int check_system_header(const char *path, const char *header)
{
    if (strncmp(path, "src/rt/", 7) == 0 || strncmp(path, "tests/gpu/", 10) == 0 ||
        (strncmp(header, "CL/", 3) != 0 && strstr(header, "clblast") == NULL))
        return 0;
    return wrong_include(path, header, "only src/rt calls OpenCL and CLBlast");
}

static int check_includes(const char *path, const char *text)
{
    int wrong = 0;

    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        char header[128];

        line += *line == '\n';
        if (sscanf(line, "#include \"%127[^\"\n]\"", header) == 1)
            wrong += check_own_header(path, header);
        else if (sscanf(line, "#include <%127[^>\n]>", header) == 1)
            wrong += check_system_header(path, header);
    }
    return wrong;
}

static void includes_follow_the_arrow(void **state)
{
    static const char *const endings[] = { ".c", ".h", NULL };

    (void)state;
    assert_int_equal(test_tree_visit("include", endings, check_includes), 0);
    assert_int_equal(test_tree_visit("src", endings, check_includes), 0);
    assert_int_equal(test_tree_visit("tests", endings, check_includes), 0);
}

/* cJSON leaves out what memory does not suffice for, and prints names that are no UTF-8 as they
 * are; a header of safetensors has been checked. */
static int check_json(const char *path, const char *text)
{
    const bool builds = strstr(text, "cJSON_Add") != NULL;
    const bool prints = strstr(text, "cJSON_Print") != NULL;

    if ((!builds && !prints) || strcmp(path, "src/base/json.c") == 0 ||
        strcmp(path, "src/io/safetensors/write.c") == 0)
        return 0;
    print_error("%s %s JSON past base/json.h\n", path, builds ? "builds" : "prints");
    return 1;
}

static void one_writer_builds_and_prints_json(void **state)
{
    static const char *const endings[] = { ".c", NULL };

    (void)state;
    assert_int_equal(test_tree_visit("src", endings, check_json), 0);
}

static void every_room_is_in_the_table(void **state)
{
    char room[64];

    (void)state;
    assert_true(path_room(room, "src/net/plan.c"));
    assert_string_equal(room, "net");
    assert_true(path_room(room, "include/alexnet/dev/rt.h"));
    assert_string_equal(room, "rt");
    assert_true(path_room(room, "include/alexnet/device.h"));
    assert_string_equal(room, "rt");
    assert_false(path_room(room, "tests/rt/test_rng.c"));
    assert_true(room_may_include("net", "net"));
    assert_false(room_may_include("kitchen", "base"));
}

static void the_check_sees_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(check_includes("src/ops/a.c", "#include \"alexnet/dev/rt.h\"\n"), 0);
    assert_int_equal(check_includes("src/ops/a.c", "int x;\n#include \"alexnet/net.h\"\n"), 1);
    assert_int_equal(check_includes("src/data/a.c", "#include \"alexnet/dev/rt.h\""), 1);
    assert_int_equal(check_includes("src/data/a.c", "#include \"alexnet/device.h\""), 1);
    assert_int_equal(check_includes("src/rt/a.c", "#include \"base/embedded.h\"\n"), 0);
    assert_int_equal(check_includes("src/net/a.c", "#include \"rt/runtime.h\"\n"), 1);
    assert_int_equal(check_includes("src/net/a.c", "#include \"net.h\"\n"), 1);
    assert_int_equal(check_includes("src/net/a.c", "#include <CL/cl.h>\n"), 1);
    assert_int_equal(check_includes("tests/net/a.c", "\n#include <clblast_c.h>\n"), 1);
    assert_int_equal(check_includes("src/rt/a.c", "#include <CL/cl.h>\n"), 0);
    assert_int_equal(check_includes("include/alexnet/dev/io.h", "#include \"alexnet/net.h\"\n"), 1);
    assert_int_equal(check_includes("tests/net/a.c", "#include \"net/net.h\"\n"), 0);
    assert_int_equal(check_includes("tests/net/a.c", "#include \"ops/shared.h\"\n"), 1);
    assert_int_equal(check_includes("tests/kill/a.c", "#include \"rows/rows.h\"\n"), 0);
    assert_int_equal(check_includes("src/kitchen/a.c", "#include \"alexnet/status.h\"\n"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_room_is_in_the_table),
        cmocka_unit_test(the_check_sees_what_is_wrong),
        cmocka_unit_test(includes_follow_the_arrow),
        cmocka_unit_test(one_writer_builds_and_prints_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
