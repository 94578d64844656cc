// SPDX-License-Identifier: MIT
/*
 * The tests that every kernel must pass, as plain functions that need no framework: test_kernels.c
 * makes test cases of them, and plain_sweep.c runs them where there is no Check. They reach a
 * kernel only through the public interface, forced by csumoff_kernel_use().
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

/* The kernel, sweep, length, offset, expected and found value of the first failure, or the reason
 * why a sweep was skipped. */
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

/* Returns whether CSUMOFF_EXPECT_KERNELS names something that is not a usable kernel, and stores
 * the first such name in `word`. */
bool sweep_missing(char *word, size_t size);

/* Prints a line for each kernel that is not usable here: nothing is left out silently. */
void sweep_print_skipped(void);

#endif
