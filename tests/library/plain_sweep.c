// SPDX-License-Identifier: MIT
/*
 * The sweeps of test_kernels.c without Check, for machines that have none. TAP all the same.
 *
 * usage: plain_sweep                      each sweep on each kernel, and the self-test
 *        plain_sweep KERNEL SWEEP...      these sweeps on this kernel, and the self-test
 *        plain_sweep selftest             the self-test alone
 */
#include <csumoff.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../oracle/support.h"
#include "../oracle/sweep.h"
#if defined(CSUMOFF_CPU_DETECT_CALLER)
#include "../oracle/allowed.h"
#include "../oracle/trap.h"
#endif

/* Whether a sweep is among what the program was asked for. */
static bool is_wanted(int argc, char **argv, const char *kernel, const char *sweep)
{
    if (argc == 1)
        return true;
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[1], kernel) == 0 && strcmp(argv[i], sweep) == 0)
            return true;
    return false;
}

/* Where the caller says what the CPU has, this one knows, and what is trapped is there, too. */
static void allow(void)
{
#if defined(CSUMOFF_CPU_DETECT_CALLER)
    const char *how = trap_avxvnni();

    (void)csumoff_cpu_limit(all_features() | (how ? CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_AVXVNNI : 0));
    if (how)
        printf("# avxvnni: executed %s\n", how);
#endif
}

int main(int argc, char **argv)
{
    struct sweep_note note;
    size_t kernel, i;
    int test = 0, failed = 0;
    char missing[64];

    setvbuf(stdout, NULL, _IOLBF, 0); /* a fault must not take the lines before it along */
    printf("# effort: %s\n", effort_quick() ? "quick" : "full");
    allow();
    sweep_print_skipped();
    for (kernel = 0; kernel < csumoff_kernel_count(); kernel++) {
        const char *name = csumoff_kernel_name(kernel);

        for (i = 0; csumoff_kernel_usable(kernel) && i < sweep_count; i++) {
            enum sweep_result result;

            if (!is_wanted(argc, argv, name, sweeps[i].name))
                continue;
            result = sweep_run(i, name, &note);
            failed += result == SWEEP_FAIL;
            printf("%s %d - %s:%s%s%s\n", result == SWEEP_FAIL ? "not ok" : "ok", ++test, name,
                   sweeps[i].name, result == SWEEP_SKIP ? " # SKIP " : "",
                   result == SWEEP_SKIP ? note.text : "");
            if (result == SWEEP_FAIL)
                printf("# %s\n# to repeat: CSUMOFF_TEST_SEED=0x%llx\n", note.text,
                       (unsigned long long)rng_seed());
        }
    }
    if (csumoff_selftest() != CSUMOFF_OK) {
        failed++;
        printf("not ok %d - selftest\n", ++test);
    } else {
        printf("ok %d - selftest\n", ++test);
    }
    if (sweep_missing(missing, sizeof missing)) {
        failed++;
        printf("not ok %d - expected kernel %s\n", ++test, missing);
    }
    printf("1..%d\n# kernels exercised:", test);
    for (kernel = 0; kernel < csumoff_kernel_count(); kernel++)
        if (csumoff_kernel_usable(kernel))
            printf(" %s", csumoff_kernel_name(kernel));
    printf("\n");
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
