// SPDX-License-Identifier: MIT
/*
 * What every kernel has to stand, as plain functions, so that a framework is not needed to run it:
 * test_kernels.c makes named test cases of these, plain_sweep.c runs them where Check is not to be
 * had. Kernels are reached through the public interface alone, forced by csumoff_kernel_use().
 */
#ifndef CSUMOFF_TESTS_SWEEP_H
#define CSUMOFF_TESTS_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

enum sweep_result {
    SWEEP_PASS,
    SWEEP_FAIL,
    SWEEP_SKIP
};

/* Kernel, sweep, length, offset, expected and found of the first failure, or why it was skipped. */
struct sweep_note {
    const char *kernel;
    char text[256];
};

struct sweep {
    const char *name;
    enum sweep_result (*run)(struct sweep_note *note);
};

extern const struct sweep sweeps[];
extern const size_t sweep_count;

/* Forces the kernel and runs sweep i. */
enum sweep_result sweep_run(size_t i, const char *kernel, struct sweep_note *note);

/* A word of CSUMOFF_EXPECT_KERNELS that is no usable kernel, in `word`; false where all are. */
bool sweep_missing(char *word, size_t size);

/* Prints a line for each kernel that is not usable here: nothing is left out silently. */
void sweep_print_skipped(void);

#endif
