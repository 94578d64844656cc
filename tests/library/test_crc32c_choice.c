// SPDX-License-Identifier: MIT
/*
 * Which kernel of CRC32c a limit chooses, of all that this architecture has, on any CPU, and which
 * of sums a policy does. dispatch.c itself is compiled in, over kernels of this file's that only
 * say that they were called.
 */
#include "../../src/dispatch.c"      // NOLINT(bugprone-suspicious-include)
#include "../../src/crc32c/crc32c.c" // NOLINT(bugprone-suspicious-include)
#include "../oracle/suite.h"

/* Best first, and all that each needs. */
static const struct {
    const char *name;
    uint32_t needs;
} rows[] = {
#if defined(__x86_64__)
    {"vpclmul", CSUMOFF_CPU_SSE42 | CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_VPCLMUL},
    {"sse42", CSUMOFF_CPU_SSE42},
#endif
#if defined(__aarch64__)
    {"armcrc", CSUMOFF_CPU_ARM_CRC},
#endif
    {"tables", 0},
};
enum {
    KERNELS = sizeof rows / sizeof *rows
};

/* ---- In place of the kernels and of the CPU ------------------------------------------------ */

static uint32_t cpu;
static struct csumoff_cpu processor;
static int asked;
static const char *called;
static uint32_t given;

uint32_t csumoff_cpu_features_(void)
{
    asked++;
    return cpu;
}

struct csumoff_cpu csumoff_cpu_(void)
{
    return processor;
}

#define CSUMOFF_KERNEL(name, needs)                                                                \
    csumoff_wsum csumoff_##name##_sum_(const uint8_t *data, size_t len, csumoff_wsum sum)          \
    {                                                                                              \
        (void)data;                                                                                \
        called = #name;                                                                            \
        return sum + (csumoff_wsum)len;                                                            \
    }                                                                                              \
    csumoff_wsum csumoff_##name##_copy_(uint8_t *dst, const uint8_t *src, size_t len,              \
                                        csumoff_wsum sum)                                          \
    {                                                                                              \
        (void)dst;                                                                                 \
        return csumoff_##name##_sum_(src, len, sum);                                               \
    }
#include "../../src/kernels.def"
#undef CSUMOFF_KERNEL

#define CSUMOFF_CRC32C(name, needs)                                                                \
    uint32_t csumoff_crc32c_##name##_(const uint8_t *data, size_t len, uint32_t crc)               \
    {                                                                                              \
        (void)data;                                                                                \
        called = #name;                                                                            \
        given = crc;                                                                               \
        return (uint32_t)len;                                                                      \
    }
#include "../../src/crc32c/crc32c.def"
#undef CSUMOFF_CRC32C

/* ---- Tests --------------------------------------------------------------------------------- */

/* A call goes to the best kernel that CPU and limit allow, complemented both ways. */
static void check_call(uint32_t allowed)
{
    int i = 0;

    while (rows[i].needs & ~(cpu & allowed))
        i++;
    called = NULL;
    CHECK_EQ(csumoff_crc32c("", 1, 0x12345678), 0xFFFFFFFE);
    ck_assert_str_eq(called, rows[i].name);
    CHECK_EQ(given, 0xEDCBA987);
}

static void check_sum(const char *name)
{
    called = NULL;
    CHECK_EQ(csumoff_kernel()->sum(NULL, 3, 4), 7);
    ck_assert_str_eq(called, name);
    ck_assert_str_eq(csumoff_kernel_active(), name);
}

/* Features 0x20 to 0x80 of the CPU, and AVX2: a turn each. */
START_TEST(every_limit_on_every_cpu)
{
    uint32_t allowed;

    cpu = ((uint32_t)_i & 7) << 5 | (_i & 8 ? CSUMOFF_CPU_AVX2 : 0);
#if defined(CSUMOFF_CPU_DETECT_CALLER)
    check_call(0);
#else
    check_call(CSUMOFF_CPU_ALL); /* the first call chooses */
#endif
    for (allowed = 0; allowed < 256; allowed++) {
        csumoff_cpu_limit(allowed);
        check_call(allowed);
    }
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
    check_call(CSUMOFF_CPU_ALL);
    csumoff_cpu_limit(0);
    check_call(0);
    /* Once, unless there is no kernel that needs anything. */
    CHECK_EQ(asked, KERNELS > 1 || csumoff_kernel_count() > 1);
}
END_TEST

START_TEST(limit_0_first_asks_nothing)
{
    cpu = CSUMOFF_CPU_ALL;
    csumoff_cpu_limit(0);
    check_call(0);
    CHECK_EQ(asked, 0);
}
END_TEST

/* Both choices are in one word: a forced kernel of sums stays, and is the only thing forced. */
START_TEST(forced_sums)
{
    size_t i;

    cpu = CSUMOFF_CPU_ALL;
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
    for (i = 0; i < csumoff_kernel_count(); i++) {
        const char *name = csumoff_kernel_name(i);

        CHECK_EQ(csumoff_kernel_use(name), CSUMOFF_OK);
        check_sum(name);
        check_call(CSUMOFF_CPU_ALL);
        csumoff_cpu_limit(0);
        check_sum("scalar");
        check_call(0);
        csumoff_cpu_limit(CSUMOFF_CPU_ALL);
        check_sum(name);
        check_call(CSUMOFF_CPU_ALL);
    }
    CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
    check_sum(csumoff_kernel_name(0));
    check_call(CSUMOFF_CPU_ALL);
}
END_TEST

START_TEST(rows_say_what_is_usable)
{
    size_t i;

    cpu = CSUMOFF_CPU_ALL;
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
    CHECK_EQ(csumoff_crc32c_count_(), KERNELS);
    for (uint32_t allowed = 0; allowed < 256; allowed++) {
        csumoff_cpu_limit(allowed);
        for (i = 0; i < csumoff_crc32c_count_(); i++)
            CHECK_EQ(csumoff_crc32c_usable_(i + 1), (rows[i].needs & ~allowed) == 0);
    }
}
END_TEST

/* Processors at the edges of the table's rows, and what each is told. */
static const struct {
    struct csumoff_cpu processor;
    uint32_t policy;
    const char *why;
} processors[] = {
    {{CSUMOFF_VENDOR_AMD, 26, 0x00}, CSUMOFF_POLICY_FETCH, "AMD Zen 5"},
    {{CSUMOFF_VENDOR_AMD, 26, 0x44}, CSUMOFF_POLICY_FETCH, "AMD Zen 5"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x01}, 0, "AMD Zen 3"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x0F}, 0, "AMD Zen 3"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x10}, 0, "AMD Zen 4"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x1F}, 0, "AMD Zen 4"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x20}, 0, "AMD Zen 3"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x5F}, 0, "AMD Zen 3"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x61}, 0, "AMD Zen 4"},
    {{CSUMOFF_VENDOR_AMD, 25, 0xA0}, 0, "AMD Zen 4c"},
    {{CSUMOFF_VENDOR_AMD, 23, 0x31}, 0, "no other is known"},
    {{CSUMOFF_VENDOR_INTEL, 6, 0x54}, 0, "no other is known"},
    {{CSUMOFF_VENDOR_INTEL, 6, 0x55}, CSUMOFF_POLICY_NARROW, "Intel Skylake-SP"},
    {{CSUMOFF_VENDOR_INTEL, 6, 0x56}, 0, "no other is known"},
    {{CSUMOFF_VENDOR_INTEL, 6, 0x6A}, 0, "Intel Ice Lake-SP"},
    {{CSUMOFF_VENDOR_INTEL, 25, 0x55}, 0, "no other is known"},
    {{CSUMOFF_VENDOR_OTHER, 6, 0x55}, 0, "no other is known"},
    {{CSUMOFF_VENDOR_OTHER, 26, 0x00}, 0, "no other is known"},
};

/* The best kernel there is, without those of 512-bit registers where the policy is against them. */
static const char *best(uint32_t policy)
{
    size_t i = 0;

    while (policy & CSUMOFF_POLICY_NARROW && strncmp(csumoff_kernel_name(i), "avx512", 6) == 0)
        i++;
    return csumoff_kernel_name(i);
}

START_TEST(policy_of_each_processor)
{
    const uint32_t policy = processors[_i].policy;
    const char *why = processors[_i].why;

    processor = processors[_i].processor;
    cpu = CSUMOFF_CPU_ALL;
    CHECK_EQ(csumoff_policy(), policy); /* before anything is chosen */
    ck_assert_str_eq(strstr(csumoff_policy_why(), why), csumoff_policy_why());
    csumoff_cpu_limit(0);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
    CHECK_EQ(csumoff_policy(), policy);
    check_sum(best(policy));
    CHECK_EQ(csumoff_fetching(), policy == CSUMOFF_POLICY_FETCH);

    CHECK_EQ(csumoff_policy_use(policy ^ CSUMOFF_POLICY_NARROW), policy);
    check_sum(best(policy ^ CSUMOFF_POLICY_NARROW));
    ck_assert_str_eq(csumoff_policy_why(), "chosen by the program");
    CHECK_EQ(csumoff_kernel_use(csumoff_kernel_name(0)), CSUMOFF_OK);
    check_sum(csumoff_kernel_name(0));
    (void)csumoff_policy_use(CSUMOFF_POLICY_NARROW);
    check_sum(csumoff_kernel_name(0)); /* it stays forced */
    CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
    check_sum(best(CSUMOFF_POLICY_NARROW));
    CHECK_EQ(csumoff_policy_use(CSUMOFF_POLICY_OF_CPU), CSUMOFF_POLICY_NARROW);
    check_sum(best(policy));
    check_call(CSUMOFF_CPU_ALL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {limit_0_first_asks_nothing, forced_sums, rows_say_what_is_usable,
                                  NULL};
    Suite *suite = suite_create("crc32c_choice");
    TCase *group = suite_group(suite, "every_cpu");

    tcase_add_loop_test(group, every_limit_on_every_cpu, 0, 16);
    group = suite_group(suite, "policy");
    tcase_add_loop_test(group, policy_of_each_processor, 0, sizeof processors / sizeof *processors);
    suite_add(suite, "choice", tests);
    return suite_run(suite);
}
