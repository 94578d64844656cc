// SPDX-License-Identifier: MIT
/* The main() of a suite: TAP on standard output, one test case per group, no time limit of its own
 * (meson has one). Each test runs in a child process, so that a fault is that test's failure. */
#ifndef CSUMOFF_TESTS_SUITE_H
#define CSUMOFF_TESTS_SUITE_H

#include <check.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static inline TCase *suite_group(Suite *suite, const char *name)
{
    TCase *group = tcase_create(name);

    tcase_set_timeout(group, 0);
    suite_add_tcase(suite, group);
    return group;
}

/* Does what ck_assert() does, for inner loops: each ck_assert() that holds makes a system call. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("not so: %s", #condition);                                                \
    } while (0)

#define CHECK_EQ(found, want)                                                                      \
    do {                                                                                           \
        intmax_t found_ = (intmax_t)(found), want_ = (intmax_t)(want);                             \
                                                                                                   \
        if (found_ != want_)                                                                       \
            ck_abort_msg("%s is %jd (0x%jX), not %jd (0x%jX)", #found, found_, (uintmax_t)found_,  \
                         want_, (uintmax_t)want_);                                                 \
    } while (0)

/* Asserts that an object has not changed in any byte, padding included. */
static inline bool same_bytes(const void *a, const void *b, size_t len)
{
    return memcmp(a, b, len) == 0;
}

/* Adds tests as a group; a NULL follows the last one. */
static inline void suite_add(Suite *suite, const char *name, const TTest *const *tests)
{
    TCase *group = suite_group(suite, name);

    for (; *tests; tests++)
        tcase_add_test(group, *tests);
}

/* Runs all groups, then calls `then` with the results. Returns the value that main() returns. */
static inline int suite_run_then(Suite *suite, void (*then)(SRunner *runner))
{
    SRunner *runner = srunner_create(suite);
    int failed;

    printf("# effort: %s\n", effort_quick() ? "quick: fewer offsets, counts and sizes" : "full");
    fflush(stdout); /* or each child would print it again */
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    if (failed)
        printf("# to repeat: CSUMOFF_TEST_SEED=0x%" PRIx64 "\n", rng_seed());
    if (then)
        then(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int suite_run(Suite *suite)
{
    return suite_run_then(suite, NULL);
}

#endif
