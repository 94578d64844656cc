// SPDX-License-Identifier: MIT
/* The sweeps of test_kernels.c without Check, for machines that have none. TAP all the same. With
 * an argument, whatever it is, no sweep: the self-test and what kernels there are. */
#include <csumoff.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"
#include "sweep.h"

int main(int argc, char **argv)
{
    struct sweep_note note;
    size_t kernel, i;
    int test = 0, failed = 0;
    char missing[64];

    (void)argv;
    setvbuf(stdout, NULL, _IOLBF, 0); /* a fault must not take the lines before it along */
    printf("# effort: %s\n", effort_quick() ? "quick" : "full");
    sweep_print_skipped();
    for (kernel = 0; kernel < csumoff_kernel_count(); kernel++) {
        const char *name = csumoff_kernel_name(kernel);

        for (i = 0; argc == 1 && csumoff_kernel_usable(kernel) && i < sweep_count; i++) {
            enum sweep_result result = sweep_run(i, name, &note);

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
