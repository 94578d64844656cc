// SPDX-License-Identifier: MIT
/* Which kernel is chosen, forced, given up; what errors are called. */
#include <csumoff.h>
#include <stdlib.h>
#include <string.h>

#include "../oracle/allowed.h"
#include "../oracle/suite.h"

/* The feature a kernel of this name can't be without. Kernels not named here need others. */
static const struct {
    const char *name;
    uint32_t feature;
} needs[] = {
    {"sse2", CSUMOFF_CPU_SSE2},
    {"avx2", CSUMOFF_CPU_AVX2},
    {"avxvnni", CSUMOFF_CPU_AVXVNNI},
    {"avx512", CSUMOFF_CPU_AVX512},
    {"avx512vnni", CSUMOFF_CPU_AVX512VNNI},
    {"neon", CSUMOFF_CPU_NEON},
    {"vmx", CSUMOFF_CPU_VMX},
    {"vx", CSUMOFF_CPU_VX},
    {"neonmm", CSUMOFF_CPU_I8MM},
    {"rvv", CSUMOFF_CPU_RVV},
};
enum {
    NEEDS = sizeof needs / sizeof *needs
};

/* The first usable one that the policy isn't against. */
static const char *best(void)
{
    const bool narrow = csumoff_policy() & CSUMOFF_POLICY_NARROW;
    size_t i;

    for (i = 0; i < csumoff_kernel_count(); i++)
        if (csumoff_kernel_usable(i) &&
            !(narrow && strncmp(csumoff_kernel_name(i), "avx512", 6) == 0))
            return csumoff_kernel_name(i);
    return NULL;
}

/* The library sums, and rightly, whatever was chosen. */
static void check_sums(void)
{
    static const uint8_t data[8] = {0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7};

    CHECK_EQ(wire16(csumoff_fold(csumoff_partial(data, 8, 0))), 0x220D);
}

START_TEST(first_use_takes_the_best)
{
    check_sums();
    ck_assert_str_eq(csumoff_kernel_active(), best());
}
END_TEST

START_TEST(active_chooses_where_none_is_yet)
{
    ck_assert_str_eq(csumoff_kernel_active(), best());
}
END_TEST

START_TEST(names)
{
    size_t count = csumoff_kernel_count(), i, j;

    ck_assert_uint_ge(count, 1);
    for (i = 0; i < count; i++) {
        ck_assert_ptr_nonnull(csumoff_kernel_name(i));
        ck_assert_uint_gt(strlen(csumoff_kernel_name(i)), 0);
        for (j = 0; j < i; j++)
            ck_assert_str_ne(csumoff_kernel_name(i), csumoff_kernel_name(j));
    }
    ck_assert_str_eq(csumoff_kernel_name(count - 1), "scalar");
    CHECK(csumoff_kernel_usable(count - 1));
    ck_assert_ptr_null(csumoff_kernel_name(count));
    ck_assert_ptr_null(csumoff_kernel_name(SIZE_MAX));
    CHECK(!csumoff_kernel_usable(count));
    CHECK(!csumoff_kernel_usable(SIZE_MAX));
}
END_TEST

START_TEST(use_forces_each_usable_one)
{
    size_t i;

    for (i = csumoff_kernel_count(); i-- > 0;) {
        const char *name = csumoff_kernel_name(i), *before = csumoff_kernel_active();
        bool usable = csumoff_kernel_usable(i);

        CHECK_EQ(csumoff_kernel_use(name), usable ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
        ck_assert_str_eq(csumoff_kernel_active(), usable ? name : before);
        check_sums();
    }
    CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
    ck_assert_str_eq(csumoff_kernel_active(), best());
}
END_TEST

START_TEST(use_takes_a_name_not_a_pointer)
{
    char name[] = "scalar";

    CHECK_EQ(csumoff_kernel_use(name), CSUMOFF_OK);
    memset(name, 'x', sizeof name - 1);
    ck_assert_str_eq(csumoff_kernel_active(), "scalar");
}
END_TEST

START_TEST(use_of_unknown_names)
{
    static const char *const unknown[] = {"", "none", "scala", "scalar2", "SCALAR", " scalar"};
    size_t i;

    CHECK_EQ(csumoff_kernel_use("scalar"), CSUMOFF_OK);
    for (i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        CHECK_EQ(csumoff_kernel_use(unknown[i]), CSUMOFF_ENOTSUP);
        ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    }
}
END_TEST

START_TEST(limit_0_leaves_scalar_alone)
{
    const char *before;
    size_t i, last = csumoff_kernel_count() - 1;

    csumoff_cpu_limit(all_features());
    before = csumoff_kernel_active();
    csumoff_cpu_limit(0);
    ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    check_sums();
    for (i = 0; i < last; i++) {
        CHECK(!csumoff_kernel_usable(i));
        CHECK_EQ(csumoff_kernel_use(csumoff_kernel_name(i)), CSUMOFF_ENOTSUP);
        ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    }
    CHECK(csumoff_kernel_usable(last));
    CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
    ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    csumoff_cpu_limit(all_features());
    ck_assert_str_eq(csumoff_kernel_active(), before);
    ck_assert_str_eq(csumoff_kernel_active(), best());
}
END_TEST

START_TEST(limit_before_first_use)
{
    csumoff_cpu_limit(0);
    check_sums();
    ck_assert_str_eq(csumoff_kernel_active(), "scalar");
}
END_TEST

/* Every mask of the features there are: no kernel without the one it is named for, and the best of
 * those that are left. */
START_TEST(limit_chooses_the_best_allowed)
{
    bool had[16] = {false};
    uint32_t mask;
    size_t i, n;

    ck_assert_uint_le(csumoff_kernel_count(), 16);
    csumoff_cpu_limit(all_features());
    for (i = 0; i < csumoff_kernel_count(); i++)
        had[i] = csumoff_kernel_usable(i);
    for (mask = 0; mask < 512; mask++) {
        csumoff_cpu_limit(mask & all_features());
        for (i = 0; i < csumoff_kernel_count(); i++) {
            CHECK(had[i] || !csumoff_kernel_usable(i)); /* a limit gives nothing */
            for (n = 0; n < NEEDS; n++)
                if (strcmp(csumoff_kernel_name(i), needs[n].name) == 0 &&
                    !(mask & needs[n].feature))
                    ck_assert_msg(!csumoff_kernel_usable(i), "%s usable within limit 0x%X",
                                  needs[n].name, mask);
        }
        ck_assert_str_eq(csumoff_kernel_active(), best());
        check_sums();
    }
    /* One feature alone is all that the simple kernels need. */
    for (i = 0; i < csumoff_kernel_count(); i++) {
        for (n = 0; n < NEEDS; n++) {
            if (!had[i] || needs[n].feature == CSUMOFF_CPU_AVX512VNNI ||
                needs[n].feature == CSUMOFF_CPU_I8MM || needs[n].feature == CSUMOFF_CPU_AVXVNNI ||
                strcmp(csumoff_kernel_name(i), needs[n].name) != 0)
                continue;
            csumoff_cpu_limit(needs[n].feature);
            ck_assert_str_eq(csumoff_kernel_active(), needs[n].name);
        }
    }
}
END_TEST

START_TEST(forced_kernel_survives_a_limit_that_allows_it)
{
    size_t n, i;

    csumoff_cpu_limit(all_features());
    for (n = 0; n < NEEDS; n++) {
        if (csumoff_kernel_use(needs[n].name) != CSUMOFF_OK)
            continue;
        csumoff_cpu_limit(all_features());
        ck_assert_str_eq(csumoff_kernel_active(), needs[n].name);
        csumoff_cpu_limit(all_features() & ~needs[n].feature);
        ck_assert_str_ne(csumoff_kernel_active(), needs[n].name);
        ck_assert_str_eq(csumoff_kernel_active(), best());
        csumoff_cpu_limit(all_features());
    }
    /* Scalar is within any limit. */
    CHECK_EQ(csumoff_kernel_use("scalar"), CSUMOFF_OK);
    for (i = 0; i < 32; i++) {
        csumoff_cpu_limit((uint32_t)1 << i & all_features());
        ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    }
    csumoff_cpu_limit(all_features());
    ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
    ck_assert_str_eq(csumoff_kernel_active(), best());
}
END_TEST

/* It must work with any kernel forced, any limit set, and leave both as they were. */
START_TEST(selftest)
{
    CHECK_EQ(csumoff_selftest(), CSUMOFF_OK);
    ck_assert_str_eq(csumoff_kernel_active(), best());
    CHECK_EQ(csumoff_kernel_use("scalar"), CSUMOFF_OK);
    CHECK_EQ(csumoff_selftest(), CSUMOFF_OK);
    ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    csumoff_cpu_limit(0);
    CHECK_EQ(csumoff_selftest(), CSUMOFF_OK);
}
END_TEST

/* Without a limit told, what the library chose by itself: the same as with none. */
START_TEST(no_limit_at_first)
{
#if defined(CSUMOFF_CPU_DETECT_CALLER)
    ck_assert_str_eq(csumoff_kernel_active(), "scalar"); /* nothing is there until told */
#else
    const char *before = csumoff_kernel_active();

    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
    ck_assert_str_eq(csumoff_kernel_active(), before);
#endif
}
END_TEST

/* What it returns puts the limit back, and says what it was. */
START_TEST(limit_returns_the_former_one)
{
    const uint32_t named = CSUMOFF_CPU_SSE2 | CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_AVX512 |
                           CSUMOFF_CPU_AVX512VNNI | CSUMOFF_CPU_NEON | CSUMOFF_CPU_AVXVNNI;
    uint32_t mask, former;

#if !defined(CSUMOFF_CPU_DETECT_CALLER)
    CHECK_EQ(csumoff_cpu_limit(CSUMOFF_CPU_ALL), CSUMOFF_CPU_ALL); /* none at first */
    CHECK_EQ(csumoff_cpu_limit(0), CSUMOFF_CPU_ALL);
#endif
    for (mask = 0; mask < 512; mask++) {
        const uint32_t allowed = mask & all_features();
        const char *active;

        (void)csumoff_cpu_limit(allowed);
        active = csumoff_kernel_active();
        former = csumoff_cpu_limit(all_features());
        CHECK_EQ(former & named, allowed & named);
        CHECK_EQ(csumoff_cpu_limit(former) & named, all_features() & named);
        ck_assert_str_eq(csumoff_kernel_active(), active); /* put back */
        CHECK_EQ(csumoff_cpu_limit(former) & named, allowed & named);
    }
#if !defined(CSUMOFF_CPU_DETECT_CALLER)
    /* Bits that have no name yet are kept as one. */
    (void)csumoff_cpu_limit(~named);
    CHECK_EQ(csumoff_cpu_limit(CSUMOFF_CPU_ALL), ~named);
    CHECK_EQ(csumoff_cpu_limit(CSUMOFF_CPU_ALL), CSUMOFF_CPU_ALL);
#endif
}
END_TEST

/* A forced kernel goes when a limit forbids it, and comes back with what the call has returned. */
START_TEST(limit_put_back_around_a_forced_kernel)
{
    size_t i;

    (void)csumoff_cpu_limit(all_features());
    for (i = 0; i < csumoff_kernel_count(); i++) {
        uint32_t former;

        if (csumoff_kernel_use(csumoff_kernel_name(i)) != CSUMOFF_OK)
            continue;
        former = csumoff_cpu_limit(0);
        ck_assert_str_eq(csumoff_kernel_active(), "scalar");
        CHECK_EQ(csumoff_cpu_limit(former) & 511, 0);
        check_sums();
    }
}
END_TEST

/* What Linux says of this processor; false where it says nothing of that kind. */
__attribute__((unused)) static bool linux_says(char *vendor, unsigned *family, unsigned *model)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    int found = 0;

    while (file && found < 3 && fgets(line, sizeof line, file))
        found += sscanf(line, "vendor_id : %12s", vendor) == 1 ||
                 sscanf(line, "cpu family : %u", family) == 1 ||
                 sscanf(line, "model : %u", model) == 1;
    if (file)
        (void)fclose(file);
    return found == 3;
}

/* By the system's word for the processor, where the library asks one: not where it is emulated. */
START_TEST(policy_of_this_processor)
{
    const char *why = csumoff_policy_why();
    uint32_t expected = 0;

#if !defined(CSUMOFF_CPU_DETECT_CALLER) && (defined(__x86_64__) || defined(__i386__))
    unsigned family = 0, model = 0;
    char vendor[13] = "";

    if (getenv("QEMU_CPU") || !linux_says(vendor, &family, &model))
        return;
    if (strcmp(vendor, "AuthenticAMD") == 0 && family == 26)
        expected = CSUMOFF_POLICY_FETCH;
    if (strcmp(vendor, "GenuineIntel") == 0 && family == 6 && model == 0x55)
        expected = CSUMOFF_POLICY_NARROW;
    if (strcmp(vendor, "AuthenticAMD") == 0 && family == 25) {
        const unsigned zen = model >> 4;

        ck_assert_ptr_nonnull(
            strstr(why, zen == 1 || zen == 6 || zen == 7 || zen == 10 ? "AMD Zen 4" : "AMD Zen 3"));
    }
#endif
    CHECK_EQ(csumoff_policy(), expected);
    ck_assert_ptr_null(strstr(why, "program"));
    check_sums();
    CHECK_EQ(csumoff_policy(), expected);
}
END_TEST

/* What it returns puts the policy back; neither a limit nor a forced kernel touches it. */
START_TEST(policy_is_kept_and_put_back)
{
    const uint32_t first = csumoff_policy();
    const char *why = csumoff_policy_why();
    uint32_t policy;

    for (policy = 0; policy < 4; policy++) {
        const uint32_t former = csumoff_policy_use(policy);

        CHECK_EQ(former, first);
        CHECK_EQ(csumoff_policy(), policy);
        CHECK_EQ(strcmp(csumoff_policy_why(), why) == 0, policy == first);
        (void)csumoff_cpu_limit(0);
        CHECK_EQ(csumoff_policy(), policy);
        (void)csumoff_cpu_limit(all_features());
        CHECK_EQ(csumoff_kernel_use("scalar"), CSUMOFF_OK);
        CHECK_EQ(csumoff_policy(), policy);
        check_sums();
        CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
        CHECK_EQ(csumoff_policy_use(former), policy);
        CHECK_EQ(csumoff_policy(), first);
    }
    /* Bits without a name do no harm, least of all to what is allowed. */
    (void)csumoff_cpu_limit(0);
    CHECK_EQ(csumoff_policy_use(0xFFFFFF00), first);
    CHECK_EQ(csumoff_policy(), 0);
    ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    CHECK_EQ(csumoff_cpu_limit(all_features()), 0);
    ck_assert_str_eq(csumoff_kernel_active(), best());
    CHECK_EQ(csumoff_policy_use(CSUMOFF_POLICY_OF_CPU), 0);
    CHECK_EQ(csumoff_policy(), first);
}
END_TEST

/* A policy set before anything is allowed or chosen. */
START_TEST(policy_before_first_use)
{
    (void)csumoff_policy_use(CSUMOFF_POLICY_NARROW);
    (void)csumoff_cpu_limit(all_features());
    check_sums();
    CHECK_EQ(csumoff_policy(), CSUMOFF_POLICY_NARROW);
    ck_assert_str_eq(csumoff_kernel_active(), best());
}
END_TEST

/* NARROW is against a choice, not against a force. */
START_TEST(narrow_leaves_512_bits_to_who_forces_them)
{
    size_t i;

    (void)csumoff_cpu_limit(all_features());
    (void)csumoff_policy_use(CSUMOFF_POLICY_NARROW);
    CHECK(strncmp(csumoff_kernel_active(), "avx512", 6) != 0);
    ck_assert_str_eq(csumoff_kernel_active(), best());
    for (i = 0; i < csumoff_kernel_count(); i++) {
        const bool usable = csumoff_kernel_usable(i);

        CHECK_EQ(csumoff_kernel_use(csumoff_kernel_name(i)) == CSUMOFF_OK, usable);
        if (usable)
            ck_assert_str_eq(csumoff_kernel_active(), csumoff_kernel_name(i));
        (void)csumoff_policy_use(CSUMOFF_POLICY_NARROW);
        if (usable)
            ck_assert_str_eq(csumoff_kernel_active(), csumoff_kernel_name(i));
    }
    CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
    (void)csumoff_policy_use(0);
    ck_assert_str_eq(csumoff_kernel_active(), best());
}
END_TEST

START_TEST(version)
{
    unsigned major, minor, patch;
    char rest;

    CHECK_EQ(sscanf(CSUMOFF_VERSION, "%u.%u.%u%c", &major, &minor, &patch, &rest), 3);
    CHECK(minor < 100 && patch < 100);
    CHECK_EQ(CSUMOFF_VERSION_NUMBER, major * 10000 + minor * 100 + patch);
    CHECK_EQ(csumoff_version(), CSUMOFF_VERSION_NUMBER);
#if CSUMOFF_VERSION_NUMBER < 200
    ck_abort_msg("the header is of another version");
#endif
}
END_TEST

START_TEST(strerror_explains_every_status)
{
    static const int known[] = {CSUMOFF_OK,      CSUMOFF_ETRUNC, CSUMOFF_EHDR,  CSUMOFF_EPROTO,
                                CSUMOFF_EFRAG,   CSUMOFF_ERANGE, CSUMOFF_ECSUM, CSUMOFF_ETRAILER,
                                CSUMOFF_ENOTSUP, CSUMOFF_EHEAD};
    static const int unknown[] = {1, 2, 100, -10, -100, 0x7FFFFFFF, -0x7FFFFFFF - 1};
    size_t i, j;

    for (i = 0; i < sizeof known / sizeof *known; i++) {
        ck_assert_ptr_nonnull(csumoff_strerror(known[i]));
        ck_assert_uint_gt(strlen(csumoff_strerror(known[i])), 0);
        for (j = 0; j < i; j++)
            ck_assert_str_ne(csumoff_strerror(known[i]), csumoff_strerror(known[j]));
    }
    for (i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        ck_assert_ptr_nonnull(csumoff_strerror(unknown[i]));
        ck_assert_uint_gt(strlen(csumoff_strerror(unknown[i])), 0);
        for (j = 0; j < sizeof known / sizeof *known; j++)
            ck_assert_str_ne(csumoff_strerror(unknown[i]), csumoff_strerror(known[j]));
    }
}
END_TEST

int main(void)
{
    const TTest *const choice[] = {first_use_takes_the_best,
                                   active_chooses_where_none_is_yet,
                                   names,
                                   use_forces_each_usable_one,
                                   use_takes_a_name_not_a_pointer,
                                   use_of_unknown_names,
                                   selftest,
                                   NULL};
    const TTest *const limits[] = {no_limit_at_first,
                                   limit_0_leaves_scalar_alone,
                                   limit_before_first_use,
                                   limit_returns_the_former_one,
                                   limit_put_back_around_a_forced_kernel,
                                   limit_chooses_the_best_allowed,
                                   forced_kernel_survives_a_limit_that_allows_it,
                                   NULL};
    const TTest *const policies[] = {policy_of_this_processor, policy_is_kept_and_put_back,
                                     policy_before_first_use,
                                     narrow_leaves_512_bits_to_who_forces_them, NULL};
    const TTest *const errors[] = {strerror_explains_every_status, NULL};
    const TTest *const versions[] = {version, NULL};
    Suite *suite = suite_create("dispatch");

    suite_add(suite, "choice", choice);
    suite_add(suite, "limit", limits);
    suite_add(suite, "policy", policies);
    suite_add(suite, "strerror", errors);
    suite_add(suite, "version", versions);
    return suite_run(suite);
}
