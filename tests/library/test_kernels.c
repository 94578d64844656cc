// SPDX-License-Identifier: MIT
/* Every kernel a test case of its own name, every sweep of sweep.c a test in it. */
#include <csumoff.h>
#include <string.h>

#include "../oracle/suite.h"
#include "../oracle/sweep.h"
#include "../oracle/trap.h"

static bool avxvnni_is_trapped; /* each of its instructions is a signal */

/* What takes a minute where each instruction is a signal: quick effort leaves it to others. */
static bool takes_too_long(const char *kernel, const char *sweep)
{
    static const char *const slow[] = {"lengths_at_offsets", "long_lengths_at_offsets",
                                       "walking_byte", "overflow"};
    bool is_slow = false;

    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
        is_slow |= strcmp(sweep, slow[i]) == 0;
    return is_slow && avxvnni_is_trapped && effort_quick() && strcmp(kernel, "avxvnni") == 0;
}

/* Test number i: sweep i % sweep_count on kernel i / sweep_count. */
static void run_sweep(int i)
{
    struct sweep_note note;
    size_t test = (size_t)i;
    const char *kernel = csumoff_kernel_name(test / sweep_count);
    const char *sweep = sweeps[test % sweep_count].name;

    if (takes_too_long(kernel, sweep)) {
        printf("# SKIP %s %s: quick effort: a signal each instruction\n", kernel, sweep);
        fflush(stdout);
        return;
    }
    /* Check looks here for where a fault happened last. */
    mark_point();
    switch (sweep_run(test % sweep_count, kernel, &note)) {
    case SWEEP_FAIL:
        ck_abort_msg("%s", note.text);
        break;
    case SWEEP_SKIP:
        printf("# SKIP %s %s: %s\n", kernel, sweep, note.text);
        fflush(stdout);
        break;
    case SWEEP_PASS:
        break;
    }
}

START_TEST(expected_kernels_are_usable)
{
    char word[64];

    if (sweep_missing(word, sizeof word))
        ck_abort_msg("CSUMOFF_EXPECT_KERNELS names %s, which was not exercised", word);
}
END_TEST

/* Kernels by the tests that ran, not by what should have. */
static void print_exercised(SRunner *runner)
{
    TestResult **results = srunner_results(runner);
    size_t kernel;
    int i;

    sweep_print_skipped();
    printf("# kernels exercised:");
    for (kernel = 0; kernel < csumoff_kernel_count(); kernel++) {
        const char *name = csumoff_kernel_name(kernel);

        for (i = 0; i < srunner_ntests_run(runner); i++)
            if (strcmp(tr_tcname(results[i]), name) == 0)
                break;
        if (i < srunner_ntests_run(runner))
            printf(" %s", name);
    }
    printf("\n");
    free(results);
}

/* Where the caller says what the CPU has, that may be more than it has. */
static void allow_what_is_trapped(void)
{
#if defined(CSUMOFF_CPU_DETECT_CALLER)
    const char *how = trap_avxvnni();

    if (how) {
        (void)csumoff_cpu_limit(CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_AVXVNNI);
        printf("# avxvnni: executed %s\n", how);
        avxvnni_is_trapped = strcmp(how, "natively") != 0;
    }
#endif
}

int main(void)
{
    const TTest *const expected[] = {expected_kernels_are_usable, NULL};
    Suite *suite = suite_create("kernels");
    TTest *tests = calloc(sweep_count, sizeof *tests);
    size_t kernel, i;
    int status;

    if (!tests)
        return EXIT_FAILURE;
    allow_what_is_trapped();
    for (i = 0; i < sweep_count; i++) {
        tests[i].name = sweeps[i].name;
        tests[i].fn = run_sweep;
        tests[i].file = __FILE__;
        tests[i].line = __LINE__;
    }
    for (kernel = 0; kernel < csumoff_kernel_count(); kernel++) {
        TCase *group;

        if (!csumoff_kernel_usable(kernel))
            continue;
        group = suite_group(suite, csumoff_kernel_name(kernel));
        for (i = 0; i < sweep_count; i++) {
            int test = (int)(kernel * sweep_count + i);

            tcase_add_loop_test(group, &tests[i], test, test + 1);
        }
    }
    suite_add(suite, "expected", expected);
    status = suite_run_then(suite, print_exercised);
    free(tests);
    return status;
}
