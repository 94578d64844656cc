// SPDX-License-Identifier: MIT
/*
 * CRC32c by each kernel against the oracle. Which kernel runs follows from csumoff_cpu_limit()
 * alone, so each test case, named after a kernel, allows the features that it is the best one for.
 */
#include <csumoff.h>
#include <string.h>

#include "../oracle/allowed.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

static const struct {
    const char *name;
    uint32_t features;
} kernels[] = {
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
    KERNELS = sizeof kernels / sizeof *kernels,
    SHORT = 600,  /* every length, at every address */
    LONG = 4096,  /* every length */
    MOST = 20000, /* longer than what any kernel takes at once */
    MARGIN = 64
};

/* What the kernel is given, at the end of memory or at its beginning. */
static struct guarded memory;

enum pattern {
    RANDOM,
    ONES,
    ZEROS,
    PATTERNS
};

static void fill(enum pattern pattern, uint8_t *data, size_t len)
{
    struct rng rng = rng_new(pattern);

    rng_fill(&rng, data, len);
    if (pattern != RANDOM)
        memset(data, pattern == ONES ? 0xFF : 0x00, len);
}

static void begin(uint32_t features)
{
    csumoff_cpu_limit(features);
    CHECK(guarded_new(&memory, MOST + MARGIN));
}

static void check(const uint8_t *data, size_t len, uint32_t crc, uint32_t want)
{
    uint32_t found = csumoff_crc32c(data, len, crc);

    if (found != want)
        ck_abort_msg("length %zu at ...%02zX, from 0x%08X: 0x%08X, not 0x%08X", len,
                     (size_t)(uintptr_t)data % 64, crc, found, want);
}

static void known_answers(void)
{
    /* RFC 3720, appendix B.4; and the check value that catalogues of CRCs give. */
    static const uint8_t read_pdu[48] = {0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                         0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00,
                                         0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00,
                                         0x00, 0x18, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                         0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
    uint8_t bytes[32];

    CHECK_EQ(csumoff_crc32c(NULL, 0, 0), 0);
    CHECK_EQ(csumoff_crc32c(NULL, 0, 0x12345678), 0x12345678);
    CHECK_EQ(csumoff_crc32c("", 0, 0xFFFFFFFF), 0xFFFFFFFF);
    CHECK_EQ(csumoff_crc32c("123456789", 9, 0), 0xE3069283);
    CHECK_EQ(csumoff_crc32c(memset(bytes, 0, 32), 32, 0), 0x8A9136AA);
    CHECK_EQ(csumoff_crc32c(memset(bytes, 0xFF, 32), 32, 0), 0x62A8AB43);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    CHECK_EQ(csumoff_crc32c(bytes, 32, 0), 0x46DD794E);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    CHECK_EQ(csumoff_crc32c(bytes, 32, 0), 0x113FDB5C);
    CHECK_EQ(csumoff_crc32c(read_pdu, sizeof read_pdu, 0), 0xD9963A56);
    /* The oracle knows them, too. */
    CHECK_EQ(ref_crc32c(0, (const uint8_t *)"123456789", 9), 0xE3069283);
    CHECK_EQ(ref_crc32c(0, read_pdu, sizeof read_pdu), 0xD9963A56);
    CHECK_EQ(ref_crc32c(ref_crc32c(0, read_pdu, 17), read_pdu + 17, 31), 0xD9963A56);
}

/* Every length from every address, and with a CRC to continue. */
static void lengths_at_offsets(void)
{
    size_t step = effort(1, 7), offset, len;

    for (enum pattern pattern = RANDOM; pattern < PATTERNS; pattern++) {
        fill(pattern, memory.begin, SHORT + MARGIN);
        for (offset = 0; offset < MARGIN; offset += step) {
            const uint8_t *data = memory.begin + offset;
            uint32_t before = (uint32_t)offset * 0x9E3779B1u, want = before;

            for (len = 0; len <= SHORT; len++) {
                check(data, len, before, want);
                want = ref_crc32c(want, data + len, 1);
            }
        }
    }
}

/* Every length up to LONG, some up to MOST. */
static void long_lengths(void)
{
    const uint8_t *data = memory.begin + 13;
    uint32_t want = 0;
    size_t len;

    for (enum pattern pattern = RANDOM; pattern < PATTERNS; pattern++, want = 0) {
        fill(pattern, memory.begin, MOST);
        for (len = 0; len <= MOST - 13; len++) {
            if (len <= effort(LONG, 1200) || len % 97 == 0)
                check(data, len, 0, want);
            if (len < MOST - 13)
                want = ref_crc32c(want, data + len, 1);
        }
    }
}

/* A fault says that a byte outside was touched. */
static void guard_pages(void)
{
    size_t len, past = (size_t)(memory.end - memory.begin);

    fill(RANDOM, memory.begin, past);
    for (len = 0; len <= LONG; len += len < SHORT ? 1 : effort(1, 29)) {
        check(memory.begin, len, 0, ref_crc32c(0, memory.begin, len));
        check(memory.end - len, len, 0, ref_crc32c(0, memory.end - len, len));
    }
    for (len = MOST - 200; len < MOST; len += effort(1, 13)) {
        check(memory.begin, len, 0, ref_crc32c(0, memory.begin, len));
        check(memory.end - len, len, 0, ref_crc32c(0, memory.end - len, len));
    }
}

/* In two calls, whose border is anywhere. */
static void splits(void)
{
    static const size_t lengths[] = {40, 333, 1460, 6145, 9000};
    size_t i, at;

    fill(RANDOM, memory.begin, MOST);
    for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint32_t want = ref_crc32c(0, memory.begin, lengths[i]);

        for (at = 0; at <= lengths[i]; at += i < 3 ? 1 : effort(1, 11)) {
            uint32_t first = csumoff_crc32c(memory.begin, at, 0);

            check(memory.begin + at, lengths[i] - at, first, want);
        }
    }
}

/* One bit anywhere amid zeros: what it stands for in its place. */
static void walking_bit(void)
{
    static const size_t lengths[] = {64, 200, 1460, 5500};
    size_t i, bit;

    for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t *data = memory.end - lengths[i];
        size_t step = i < 2 ? 1 : effort(7, 61);

        memset(data, 0, lengths[i]);
        for (bit = 0; bit < lengths[i] * 8; bit += step) {
            data[bit / 8] = (uint8_t)(1 << bit % 8);
            check(data, lengths[i], 0, ref_crc32c(0, data, lengths[i]));
            data[bit / 8] = 0;
        }
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} each[] = {
    {"known_answers", known_answers},
    {"lengths_at_offsets", lengths_at_offsets},
    {"long_lengths", long_lengths},
    {"guard_pages", guard_pages},
    {"splits", splits},
    {"walking_bit", walking_bit},
};
enum {
    TESTS = sizeof each / sizeof *each
};

/* ---- Which kernel runs --------------------------------------------------------------------- */

/* The limit changes between two calls that continue each other, to any mask and back. */
START_TEST(limits_change_between_calls)
{
    static const size_t len = 1000;
    uint32_t want, mask;

    begin(all_features());
    fill(RANDOM, memory.begin, len);
    want = ref_crc32c(0, memory.begin, len);
    for (mask = 0; mask < 256; mask++) {
        uint32_t first;

        csumoff_cpu_limit(mask & all_features());
        first = csumoff_crc32c(memory.begin, 500, 0);
        csumoff_cpu_limit(all_features());
        check(memory.begin + 500, len - 500, first, want);
    }
}
END_TEST

/* Sums and CRCs share a word: neither choice may disturb the other. */
START_TEST(sums_keep_their_kernel)
{
    const char *best;

    CHECK_EQ(csumoff_crc32c("123456789", 9, 0), 0xE3069283); /* the first call chooses for both */
    best = csumoff_kernel_active();
    for (size_t i = 0; i < csumoff_kernel_count(); i++) {
        const char *name = csumoff_kernel_name(i);

        if (csumoff_kernel_use(name) != CSUMOFF_OK)
            continue;
        CHECK_EQ(csumoff_crc32c("123456789", 9, 0), 0xE3069283);
        ck_assert_str_eq(csumoff_kernel_active(), name);
        csumoff_cpu_limit(0);
        CHECK_EQ(csumoff_crc32c("123456789", 9, 0), 0xE3069283);
        ck_assert_str_eq(csumoff_kernel_active(), "scalar");
        csumoff_cpu_limit(all_features());
    }
    CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
#if !defined(CSUMOFF_CPU_DETECT_CALLER)
    ck_assert_str_eq(csumoff_kernel_active(), best);
#else
    ck_assert_str_eq(best, "scalar");
#endif
}
END_TEST

/* Test turn % TESTS of kernel turn / TESTS: Check's loops pass nothing but a number. */
static void run_one(int turn)
{
    begin(kernels[turn / TESTS].features);
    each[turn % TESTS].run();
}

int main(void)
{
    const TTest *const dispatch[] = {limits_change_between_calls, sums_keep_their_kernel, NULL};
    Suite *suite = suite_create("crc32c");
    TTest tests[TESTS];
    int kernel, i;

    for (i = 0; i < TESTS; i++)
        tests[i] = (TTest){each[i].name, run_one, __FILE__, __LINE__};
    for (kernel = 0; kernel < KERNELS; kernel++) {
        TCase *group;

        if (kernels[kernel].features & ~detectable()) {
            printf("# SKIP kernel %s: not detected on this CPU\n", kernels[kernel].name);
            continue;
        }
        group = suite_group(suite, kernels[kernel].name);
        for (i = 0; i < TESTS; i++)
            tcase_add_loop_test(group, &tests[i], kernel * TESTS + i, kernel * TESTS + i + 1);
    }
    suite_add(suite, "dispatch", dispatch);
    return suite_run(suite);
}
