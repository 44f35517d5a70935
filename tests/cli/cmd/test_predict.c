/* test_predict.c - images from files, folders and standard input, turned as EXIF says; bad
 * ones; the classes and probabilities that are printed. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <png.h>

#include "alexnet/dev/io.h"
#include "base/file.h"
#include "support/exif.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

enum { WIDTH = 48, HEIGHT = 40 };

static test_folder folder;
static char checkpoint[512];

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static void write_file(const char *name, const test_file *file)
{
    test_folder_write_bytes(&folder, name, file->bytes, file->count);
}

/* A picture without any symmetry. */
static void pixel(uint8_t *rgb, int x, int y)
{
    rgb[0] = (uint8_t)(x * 5);
    rgb[1] = (uint8_t)(y * 6);
    rgb[2] = (uint8_t)(x * y / 8);
}

static void write_upright_and_turned(void)
{
    uint8_t upright[HEIGHT][WIDTH][3], turned[WIDTH][HEIGHT][3];

    for (int y = 0; y < HEIGHT; ++y)
        for (int x = 0; x < WIDTH; ++x) {
            pixel(upright[y][x], x, y);
            pixel(turned[WIDTH - 1 - x][y], x, y); /* orientation 6 turns it back, clockwise */
        }
    test_file file = test_png(&upright[0][0][0], WIDTH * 3, WIDTH, HEIGHT, 8, PNG_COLOR_TYPE_RGB, 0,
                              NULL);
    write_file("upright.png", &file);
    free(file.bytes);
    file = test_png(&turned[0][0][0], HEIGHT * 3, HEIGHT, WIDTH, 8, PNG_COLOR_TYPE_RGB, 0, NULL);
    write_file("as-stored.png", &file);
    test_png_orient(&file, true, 6);
    write_file("turned.png", &file);
    free(file.bytes);
}

static int make_files(void **state)
{
    test_file red = test_png_plain(33, 50, 220, 10, 20);

    (void)state;
    folder = test_folder_create();
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "8", "-o",
                                    in_folder("run"), "--set", "conv1.init=he");

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    snprintf(checkpoint, sizeof checkpoint, "%s", in_folder("run/checkpoint-last"));
    write_upright_and_turned();
    write_file("pictures/b.png", &red);
    write_file("pictures/a/deep.PNG", &red);
    write_file("pictures/.hidden.png", &red);
    write_file("pictures/notes.txt", &red);
    write_file("no-suffix", &red);
    write_file("texts/notes.txt", &red);
    test_folder_write(&folder, "broken.jpg", "this is no JPEG");
    free(red.bytes);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

static cJSON *json_of(test_run run)
{
    test_assert_run(&run, 0, "");
    cJSON *tree = cJSON_Parse(run.out);

    assert_true(cJSON_IsArray(tree));
    test_run_free(&run);
    return tree;
}

static const cJSON *classes_of(const cJSON *tree, int image)
{
    return cJSON_GetObjectItem(cJSON_GetArrayItem(tree, image), "classes");
}

static void assert_name(const cJSON *tree, int image, const char *end)
{
    const char *name = cJSON_GetObjectItem(cJSON_GetArrayItem(tree, image), "image")->valuestring;

    assert_true(strlen(name) >= strlen(end));
    assert_string_equal(name + strlen(name) - strlen(end), end);
}

/* ---- where images come from -------------------------------------------------------------- */

static void a_folder_is_all_its_images_in_order(void **state)
{
    cJSON *tree = json_of(TEST_PROGRAM_RUN("predict", checkpoint, in_folder("pictures/"),
                                           in_folder("no-suffix"), "--json", "-q"));

    (void)state;
    assert_int_equal(cJSON_GetArraySize(tree), 3);
    assert_name(tree, 0, "/pictures/a/deep.PNG");
    assert_name(tree, 1, "/pictures/b.png");
    assert_name(tree, 2, "/no-suffix");
    assert_true(cJSON_Compare(classes_of(tree, 0), classes_of(tree, 2), true));
    cJSON_Delete(tree);
}

static void standard_input_is_an_image(void **state)
{
    static const char *const twice[] = { "predict", checkpoint, "-", "-", "-q", NULL };
    const char *const args[] = { "predict", checkpoint, "-", in_folder("upright.png"),
                                 "--json",  "-q",       NULL };
    cJSON *tree = json_of(test_program_from(in_folder("upright.png"), args));

    (void)state;
    assert_int_equal(cJSON_GetArraySize(tree), 2);
    assert_name(tree, 0, "-");
    assert_true(cJSON_Compare(classes_of(tree, 0), classes_of(tree, 1), true));
    cJSON_Delete(tree);

    test_run run = test_program_from(in_folder("upright.png"), twice);

    test_assert_run(&run, 2, "standard input (-) can be read once");
    test_run_free(&run);
    run = test_program_from("/dev/null", args);
    test_assert_run(&run, 4, "alexnet: standard input (-) is empty");
    test_run_free(&run);
}

static void exif_turns_images(void **state)
{
    cJSON *tree = json_of(TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"),
                                           in_folder("turned.png"), in_folder("as-stored.png"),
                                           "--json", "-q"));

    (void)state;
    assert_true(cJSON_Compare(classes_of(tree, 0), classes_of(tree, 1), true));
    assert_false(cJSON_Compare(classes_of(tree, 0), classes_of(tree, 2), true));
    cJSON_Delete(tree);
}

static void a_picture_shows_what_is_printed(void **state)
{
    const char *const png = test_folder_path(&folder, "guesses.png");
    test_run run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--show", png);

    (void)state;
    test_assert_run(&run, 0, "picture     ");
    test_run_free(&run);
    assert_true(base_file_exists(png));
    run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--show",
                           "nodir/x.png");
    test_assert_run(&run, 1, "there is no folder nodir");
    test_run_free(&run);
}

static void what_is_no_image_is_named(void **state)
{
    test_run run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"),
                                    in_folder("broken.jpg"), "-q");

    (void)state;
    test_assert_run(&run, 4, "broken.jpg: ");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("none.jpg"), "-q");
    test_assert_run(&run, 4, "none.jpg: cannot be read: No such file");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("texts"), "-q");
    test_assert_run(&run, 4, "texts: no images found");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("broken.jpg"), "--skip-bad", "-q");
    test_assert_run(&run, 4, "no image of 1 could be read");
    test_run_free(&run);
    cJSON *tree = json_of(TEST_PROGRAM_RUN("predict", checkpoint, in_folder("broken.jpg"),
                                           in_folder("upright.png"), "--skip-bad", "--json"));

    assert_int_equal(cJSON_GetArraySize(tree), 1);
    assert_name(tree, 0, "/upright.png");
    cJSON_Delete(tree);
}

/* More than one batch of 32, each image with its own answer: the others change nothing. */
static void many_images_are_as_one_at_a_time(void **state)
{
    static const int looked_at[] = { 0, 31, 32, 39 };

    (void)state;
    for (int i = 0; i < 40; ++i) {
        const test_file image = test_png_plain(36, 33, (uint8_t)(i * 6), (uint8_t)(250 - i * 5),
                                               (uint8_t)(i % 4 * 60));
        char name[32];

        snprintf(name, sizeof name, "many/%02d.png", i);
        write_file(name, &image);
        free(image.bytes);
    }
    cJSON *all = json_of(
        TEST_PROGRAM_RUN("predict", checkpoint, in_folder("many"), "--json", "-q"));

    assert_int_equal(cJSON_GetArraySize(all), 40);
    for (size_t i = 0; i < ALX_COUNT(looked_at); ++i) {
        const cJSON *of_many = cJSON_GetArrayItem(all, looked_at[i]);
        char name[32];

        snprintf(name, sizeof name, "many/%02d.png", looked_at[i]);
        cJSON *one = json_of(
            TEST_PROGRAM_RUN("predict", checkpoint, in_folder(name), "--json", "-q"));

        assert_true(cJSON_Compare(of_many, one->child, true));
        cJSON_Delete(one);
    }
    assert_false(cJSON_Compare(classes_of(all, 0), classes_of(all, 32), true));
    cJSON_Delete(all);
}

/* ---- what is printed ----------------------------------------------------------------------- */

static void text_and_json_say_the_same(void **state)
{
    cJSON *tree = json_of(TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--top",
                                           "20", "--json", "-q"));
    test_run run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--top", "20",
                                    "-q");
    const cJSON *entry;
    const char *line = strchr(run.out, '\n');

    (void)state;
    test_assert_run(&run, 0, "");
    cJSON_ArrayForEach(entry, classes_of(tree, 0))
    {
        char want[128];

        snprintf(want, sizeof want, "\n  %6.2f %%  %s\n",
                 100.0 * cJSON_GetObjectItem(entry, "probability")->valuedouble,
                 cJSON_GetObjectItem(entry, "class")->valuestring);
        assert_non_null(line);
        assert_int_equal(strncmp(line, want, strlen(want)), 0);
        line = strchr(line + 1, '\n');
    }
    assert_string_equal(line, "\n");
    test_run_free(&run);
    cJSON_Delete(tree);
}

static void probabilities_fall_and_sum_to_one(void **state)
{
    cJSON *tree = json_of(TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--top",
                                           "20", "--json", "-q"));
    double sum = 0.0, last = 1.0;
    const cJSON *entry;
    int count = 0;

    (void)state;
    cJSON_ArrayForEach(entry, classes_of(tree, 0))
    {
        const double p = cJSON_GetObjectItem(entry, "probability")->valuedouble;

        assert_true(p <= last);
        sum += last = p;
        ++count;
    }
    assert_int_equal(count, 10);
    assert_true(sum > 1.0 - 1e-6 && sum < 1.0 + 1e-6);
    cJSON_Delete(tree);
}

/* Weights of 0 and biases of three values: of equally probable classes the lower comes first. */
static void equal_classes_come_in_their_order(void **state)
{
    static const float biases[10] = { 0, 2, 0, 2, 1, 0, 2, 0, 0, 1 };
    static const int want[10] = { 1, 3, 6, 4, 9, 0, 2, 5, 7, 8 };
    static const float weights[10 * 32];
    alx_safetensors_writer *writer = NULL;
    const cJSON *entry;
    int rank = 0;

    (void)state;
    assert_ok(alx_safetensors_writer_create(&writer));
    assert_ok(
        alx_safetensors_writer_add(writer, "fc8.weight", ALX_F32, (int[]){ 10, 32 }, 2, weights));
    assert_ok(alx_safetensors_writer_add(writer, "fc8.bias", ALX_F32, (int[]){ 10 }, 1, biases));
    assert_ok(alx_safetensors_writer_write(writer, in_folder("ties.safetensors")));
    alx_safetensors_writer_free(writer);
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "1",
                                    "--weights", in_folder("ties.safetensors"), "--freeze", "fc8",
                                    "-o", in_folder("ties"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    cJSON *tree = json_of(TEST_PROGRAM_RUN("predict", in_folder("ties/checkpoint-last"),
                                           in_folder("upright.png"), "--top", "10", "--json",
                                           "-q"));

    cJSON_ArrayForEach(entry, classes_of(tree, 0))
        assert_int_equal(cJSON_GetObjectItem(entry, "index")->valueint, want[rank++]);
    assert_int_equal(rank, 10);
    cJSON_Delete(tree);
    /* exp(2) / (3 exp(2) + 2 exp(1) + 5), exp(1) / the same, 1 / the same */
    run = TEST_PROGRAM_RUN("predict", in_folder("ties/checkpoint-last"), in_folder("upright.png"),
                           "-k", "6", "-q");
    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, "\n   22.66 %  automobile\n   22.66 %  cat\n   22.66 %  frog\n"
                                    "    8.34 %  deer\n    8.34 %  truck\n    3.07 %  airplane\n"));
    test_run_free(&run);
}

static void names_come_from_a_file(void **state)
{
    (void)state;
    test_folder_write(&folder, "words.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\nthe last one\n");
    test_run run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--names",
                                    in_folder("words.txt"), "--top", "10", "-q");

    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, " %  the last one\n"));
    assert_null(strstr(run.out, "truck"));
    test_run_free(&run);
}

/* A process that writes a file into a pipe once somebody reads that. */
static pid_t feed(const char *pipe_path, const char *path)
{
    char *data = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&data, &bytes, path));
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        FILE *out = fopen(pipe_path, "wb");

        _exit(fwrite(data, 1, bytes, out) == bytes ? fclose(out) : 1);
    }
    free(data);
    return child;
}

/* As a shell's <(...) gives them: each can be read once, from its start to its end. */
static void pipes_are_images_and_names(void **state)
{
    static const char *const pipes[] = { "image1", "image2", "names" };
    const char *const args[] = { "predict",
                                 checkpoint,
                                 in_folder("image1"),
                                 in_folder("upright.png"),
                                 in_folder("image2"),
                                 "--names",
                                 in_folder("names"),
                                 "--json",
                                 "-q",
                                 NULL };
    pid_t children[ALX_COUNT(pipes)];

    (void)state;
    test_folder_write(&folder, "ten.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
    for (size_t i = 0; i < ALX_COUNT(pipes); ++i)
        children[i] = feed(args[i < 2 ? 2 + 2 * i : 6],
                           in_folder(i < 2 ? "upright.png" : "ten.txt"));
    cJSON *tree = json_of(test_program(args));

    for (size_t i = 0; i < ALX_COUNT(pipes); ++i) {
        int status = 0;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(cJSON_GetArraySize(tree), 3);
    for (int i = 0; i < 3; ++i)
        assert_true(cJSON_Compare(classes_of(tree, i), classes_of(tree, 1), true));
    cJSON_Delete(tree);
}

static void a_pipe_is_a_config(void **state)
{
    int status = 0;

    (void)state;
    test_folder_write(&folder, "pipe.ini",
                      "\xEF\xBB\xBF[net]\r\rinput = 32x32x3\rclasses = 10\r"
                      "[fc1]\runits = 10\ractivation = none\r");
    const pid_t child = feed(in_folder("config"), in_folder("pipe.ini"));
    test_run run = TEST_PROGRAM_RUN("info", in_folder("config"));

    assert_int_equal(waitpid(child, &status, 0), child);
    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, "30,730")); /* 32 * 32 * 3 * 10 weights and 10 biases */
    test_run_free(&run);
}

/* A word of one line that is a class by chance does not decide what the others mean. */
static void names_in_order_may_begin_with_a_class(void **state)
{
    static const char text[] = "\xEF\xBB\xBFplane\r\ncar\r\ncrow\r\nlion\r\nelk\r\nwolf\r\n"
                               "newt\r\npony\r\ntruck stop\r\nvan\r\n";

    (void)state;
    test_folder_write(&folder, "order.txt", text);
    test_run run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--names",
                                    in_folder("order.txt"), "--top", "10", "-q");

    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, " %  plane\n")); /* no mark */
    assert_non_null(strstr(run.out, " %  truck stop\n"));
    assert_non_null(strstr(run.out, " %  van\n"));
    test_run_free(&run);

    test_folder_write(&folder, "order.txt", "plane\ntruck stop\n");
    run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--names",
                           in_folder("order.txt"), "-q");
    test_assert_run(&run, 4,
                    "order.txt has 2 lines; want one for each of the 10 classes, or lines that "
                    "all begin with a class, such as ");
    test_run_free(&run);
}

/* ImageNet's synset_words.txt for a network of a part of its classes. */
static void names_of_more_classes_serve(void **state)
{
    (void)state;
    test_folder_write(&folder, "more.txt",
                      "zebra a striped horse\nairplane 0\nautomobile 1\nbird 2\ncat 3\ndeer 4\n"
                      "dog 5\nfrog 6\nhorse 7\nship 8\ntruck a big car\n");
    test_run run = TEST_PROGRAM_RUN("predict", checkpoint, in_folder("upright.png"), "--names",
                                    in_folder("more.txt"), "--top", "10", "-q");

    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, " %  a big car\n"));
    assert_null(strstr(run.out, "striped"));
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_all_its_images_in_order),
        cmocka_unit_test(standard_input_is_an_image),
        cmocka_unit_test(exif_turns_images),
        cmocka_unit_test(a_picture_shows_what_is_printed),
        cmocka_unit_test(what_is_no_image_is_named),
        cmocka_unit_test(many_images_are_as_one_at_a_time),
        cmocka_unit_test(text_and_json_say_the_same),
        cmocka_unit_test(probabilities_fall_and_sum_to_one),
        cmocka_unit_test(equal_classes_come_in_their_order),
        cmocka_unit_test(names_come_from_a_file),
        cmocka_unit_test(pipes_are_images_and_names),
        cmocka_unit_test(a_pipe_is_a_config),
        cmocka_unit_test(names_in_order_may_begin_with_a_class),
        cmocka_unit_test(names_of_more_classes_serve),
    };

    return cmocka_run_group_tests(tests, make_files, remove_folder);
}
