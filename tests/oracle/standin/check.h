// SPDX-License-Identifier: MIT
/*
 * A stand-in for the library Check, for machines for which there is none: the part of its interface
 * that the suites of tests/library and tests/glue use, with the same names. -Dtests=standin takes
 * it. Each test runs in a process of its own, as under Check: a fault is the failure of its test,
 * and none sees what another left behind. Messages come before the line of the test they belong to.
 */
#ifndef CSUMOFF_TESTS_STANDIN_CHECK_H
#define CSUMOFF_TESTS_STANDIN_CHECK_H

#include <stdint.h>
#include <string.h>

#include "../support.h"

typedef struct {
    const char *name;
    void (*fn)(int i);
    const char *file;
    int line;
} TTest;

typedef struct suite Suite;
typedef struct group TCase;
typedef struct suite SRunner;
typedef struct result TestResult;

enum print_output {
    CK_SILENT
};

#define START_TEST(test)                                                                           \
    static void test##_fn(int _i);                                                                 \
    static const TTest test##_ttest = {#test, test##_fn, __FILE__, __LINE__};                      \
    static const TTest *const test = &test##_ttest;                                                \
    static void test##_fn(int _i __attribute__((unused)))
#define END_TEST

/* Ends the test with this message. */
__attribute__((noreturn, FORMATTED(3, 4))) void standin_fail(const char *file, int line,
                                                             const char *text, ...);
#define ck_abort_msg(...) standin_fail(__FILE__, __LINE__, __VA_ARGS__)

#define ck_assert_msg(condition, ...) ((condition) ? (void)0 : ck_abort_msg(__VA_ARGS__))
#define ck_assert(condition)          ck_assert_msg(condition, "not so: %s", #condition)

#define STANDIN_NUMBERS(type, format, a, op, b)                                                    \
    do {                                                                                           \
        type a_ = (a), b_ = (b);                                                                   \
                                                                                                   \
        ck_assert_msg(a_ op b_, "%s %s %s: the first is %" format ", the second %" format, #a,     \
                      #op, #b, a_, b_);                                                            \
    } while (0)
#define ck_assert_int_eq(a, b)  STANDIN_NUMBERS(intmax_t, "jd", a, ==, b)
#define ck_assert_int_le(a, b)  STANDIN_NUMBERS(intmax_t, "jd", a, <=, b)
#define ck_assert_int_ge(a, b)  STANDIN_NUMBERS(intmax_t, "jd", a, >=, b)
#define ck_assert_uint_eq(a, b) STANDIN_NUMBERS(uintmax_t, "ju", a, ==, b)
#define ck_assert_uint_le(a, b) STANDIN_NUMBERS(uintmax_t, "ju", a, <=, b)
#define ck_assert_uint_ge(a, b) STANDIN_NUMBERS(uintmax_t, "ju", a, >=, b)
#define ck_assert_uint_gt(a, b) STANDIN_NUMBERS(uintmax_t, "ju", a, >, b)

#define STANDIN_STRINGS(a, b, equal)                                                               \
    do {                                                                                           \
        const char *a_ = (a), *b_ = (b);                                                           \
        bool same_ = a_ && b_ && strcmp(a_, b_) == 0;                                              \
                                                                                                   \
        ck_assert_msg(a_ &&b_ &&same_ == (equal), "%s is \"%s\", %s is \"%s\"", #a,                \
                      a_ ? a_ : "NULL", #b, b_ ? b_ : "NULL");                                     \
    } while (0)
#define ck_assert_str_eq(a, b) STANDIN_STRINGS(a, b, true)
#define ck_assert_str_ne(a, b) STANDIN_STRINGS(a, b, false)

#define ck_assert_ptr_null(p)    ck_assert_msg(!(p), "%s is not NULL", #p)
#define ck_assert_ptr_nonnull(p) ck_assert_msg(p, "%s is NULL", #p)

/* Check looks at the last mark for where a fault happened; here the name of the test has to do. */
#define mark_point() ((void)0)

Suite *suite_create(const char *name);
TCase *tcase_create(const char *name);
void suite_add_tcase(Suite *suite, TCase *group);
void tcase_set_timeout(TCase *group, double seconds); /* nothing has one here but by Meson */
void tcase_add_checked_fixture(TCase *group, void (*setup)(void), void (*teardown)(void));
void tcase_add_loop_test(TCase *group, const TTest *test, int begin, int end);
#define tcase_add_test(group, test) tcase_add_loop_test(group, test, 0, 1)

SRunner *srunner_create(Suite *suite);
void srunner_set_tap(SRunner *runner, const char *file); /* always, on standard output */
void srunner_run_all(SRunner *runner, enum print_output how);
int srunner_ntests_failed(SRunner *runner);
int srunner_ntests_run(SRunner *runner);
TestResult **srunner_results(SRunner *runner);
const char *tr_tcname(const TestResult *result);
void srunner_free(SRunner *runner);

#endif
