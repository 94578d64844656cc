// SPDX-License-Identifier: MIT
#include "check.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#if defined(_WIN32)
#include <process.h>
#else
#include <sys/wait.h>
#include <unistd.h>
#endif

struct group {
    const char *name;
    void (*setup)(void), (*teardown)(void);
};

struct result {
    const struct group *group;
    const TTest *test;
    int i;
};

struct suite {
    struct group *group; /* the one that joins next */
    struct result *all;
    int count, failed;
};

/* Where a child finds the number of the test it is for, where it cannot be told otherwise. */
static const char only[] = "CSUMOFF_TEST_ONLY";

static void *checked(void *memory)
{
    if (!memory) {
        fputs("Bail out! no memory\n", stdout);
        exit(EXIT_FAILURE);
    }
    return memory;
}

void standin_fail(const char *file, int line, const char *text, ...)
{
    va_list args;

    printf("# %s:%d: ", file, line);
    va_start(args, text);
    vprintf(text, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
    _Exit(EXIT_FAILURE);
}

/* The groups that a suite has are those of its tests. */
static struct suite *the_suite;

Suite *suite_create(const char *name)
{
    (void)name;
    the_suite = checked(calloc(1, sizeof *the_suite));
    return the_suite;
}

TCase *tcase_create(const char *name)
{
    struct group *group = checked(calloc(1, sizeof *group));

    group->name = name;
    return group;
}

void suite_add_tcase(Suite *suite, TCase *group)
{
    (void)suite, (void)group;
}

void tcase_set_timeout(TCase *group, double seconds)
{
    (void)group, (void)seconds;
}

void tcase_add_checked_fixture(TCase *group, void (*setup)(void), void (*teardown)(void))
{
    group->setup = setup;
    group->teardown = teardown;
}

void tcase_add_loop_test(TCase *group, const TTest *test, int begin, int end)
{
    struct suite *suite = the_suite;

    for (; begin < end; begin++) {
        suite->all = checked(realloc(suite->all, (size_t)(suite->count + 1) * sizeof *suite->all));
        suite->all[suite->count++] = (struct result){group, test, begin};
    }
}

static void run(const struct result *one)
{
    if (one->group->setup)
        one->group->setup();
    one->test->fn(one->i);
    if (one->group->teardown)
        one->group->teardown();
    fflush(stdout);
    _Exit(EXIT_SUCCESS);
}

/* Runs one test in a process of its own; returns how it ended, 0 if well. */
#if defined(_WIN32)
static long run_apart(const struct suite *suite, int number)
{
    char setting[sizeof only + 16];
    const char *const words[] = {_pgmptr, NULL};

    (void)suite;
    snprintf(setting, sizeof setting, "%s=%d", only, number);
    return _putenv(setting) != 0 ? -1 : (long)_spawnv(_P_WAIT, _pgmptr, words);
}
#else
static long run_apart(const struct suite *suite, int number)
{
    pid_t child = fork();
    int status;

    if (child == 0)
        run(&suite->all[number]);
    return child < 0 || waitpid(child, &status, 0) != child ? -1 : status;
}
#endif

void srunner_run_all(SRunner *runner, enum print_output how)
{
    const char *number = getenv(only);

    (void)how;
    if (number) /* this process is a child; it reaches this place as its parent did */
        run(&runner->all[atoi(number)]);
    for (int i = 0; i < runner->count; i++) {
        const struct result *one = &runner->all[i];
        long status;

        fflush(stdout);
        status = run_apart(runner, i);
        runner->failed += status != 0;
        printf("%s %d - %s:%s:%s", status ? "not ok" : "ok", i + 1, one->test->file,
               one->group->name, one->test->name);
        printf(status ? " (status 0x%lx)\n" : "\n", (unsigned long)status);
    }
    printf("1..%d\n", runner->count);
    fflush(stdout);
}

SRunner *srunner_create(Suite *suite)
{
    return suite;
}

void srunner_set_tap(SRunner *runner, const char *file)
{
    (void)runner, (void)file;
}

int srunner_ntests_failed(SRunner *runner)
{
    return runner->failed;
}

int srunner_ntests_run(SRunner *runner)
{
    return runner->count;
}

TestResult **srunner_results(SRunner *runner)
{
    TestResult **results = checked(calloc((size_t)runner->count, sizeof(TestResult *)));

    for (int i = 0; i < runner->count; i++)
        results[i] = &runner->all[i];
    return results;
}

const char *tr_tcname(const TestResult *result)
{
    return result->group->name;
}

/* Groups stay: the process ends. */
void srunner_free(SRunner *runner)
{
    free(runner->all);
    free(runner);
}
