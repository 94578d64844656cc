// SPDX-License-Identifier: MIT
/*
 * csumoff_selftest() among kernels that are not the library's: right ones pass, and whatever else
 * is wrong with one is found. The source itself is compiled in, over a table of this file's.
 */
#include "../../src/selftest.c" // NOLINT(bugprone-suspicious-include)
#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    PAST_A_VECTOR = 65,
    MOST = 700, /* every length up to this one is tried */
    LONG_LEAST = 1536,
    LONG_MOST = 1600 /* and some of these, without a copy */
};

/* What is wrong: the sum, the sum of a copy, or the copy. */
enum fault {
    NOTHING,
    SUM,
    COPY_SUM,
    COPIED_BYTE,
    LAST_BYTE_LOST,
    BYTE_BEFORE,
    BYTE_BEHIND,
    CRC32C
};

static enum fault fault;
static size_t at_len;

/* Which lengths came from which offset with which data, for a sum and for a copy. */
enum data {
    RANDOM,
    ONES,
    ZEROS,
    KINDS
};
enum {
    OFFSETS_SEEN = 4
};
static bool seen[KINDS][OFFSETS_SEEN][MOST + 1][2];
static size_t seen_long[KINDS];

static enum data kind(const uint8_t *p, size_t len)
{
    bool all = true;

    for (size_t i = 0; i < len; i++)
        all &= p[i] == p[0];
    return len > 2 && all && p[0] == 0xFF ? ONES : len > 2 && all && p[0] == 0 ? ZEROS : RANDOM;
}

static void look(const uint8_t *p, size_t len, bool is_copy)
{
    static const uint8_t *first; /* the lowest address given: where the data begin */

    if (len >= LONG_LEAST) {
        CHECK(len <= LONG_MOST && !is_copy);
        seen_long[kind(p, len)]++;
        return;
    }
    if (len == 0)
        first = p;
    CHECK(len <= MOST && p >= first && p < first + OFFSETS_SEEN);
    seen[kind(p, len)][p - first][len][is_copy] = true;
}

static csumoff_wsum right_sum(const uint8_t *data, size_t len, csumoff_wsum sum)
{
    csumoff_sum16 check = 0;

    store_wire16((uint8_t *)&check, ref_checksum(ref_sum(data, len)));
    return csumoff_add(sum, (csumoff_sum16)~check);
}

static csumoff_wsum sum(const uint8_t *data, size_t len, csumoff_wsum start)
{
    if (fault == NOTHING)
        look(data, len, false);
    return right_sum(data, len, start) + (fault == SUM && len == at_len);
}

static csumoff_wsum copy(uint8_t *dst, const uint8_t *src, size_t len, csumoff_wsum start)
{
    bool now = fault > SUM && len == at_len;

    if (fault == NOTHING)
        look(src, len, true);
    memcpy(dst, src, len);
    if (now && fault == BYTE_BEFORE)
        dst[-1] ^= 1;
    if (now && fault == BYTE_BEHIND)
        dst[len] ^= 1;
    if (now && fault == COPIED_BYTE)
        dst[len / 2] ^= 1;
    if (now && fault == LAST_BYTE_LOST)
        dst[len - 1] ^= 0x80;
    return right_sum(src, len, start) + (now && fault == COPY_SUM);
}

static csumoff_wsum fails_always(const uint8_t *data, size_t len, csumoff_wsum start)
{
    (void)data;
    (void)len;
    return start + 1;
}

static bool seen_crc32c[MOST + 1];
static size_t seen_long_crc32c;

static uint32_t crc32c(const uint8_t *data, size_t len, uint32_t crc)
{
    if (fault == NOTHING && len <= MOST)
        seen_crc32c[len] = true;
    seen_long_crc32c += fault == NOTHING && len >= LONG_LEAST;
    return ~ref_crc32c(~crc, data, len) ^ (fault == CRC32C && len == at_len);
}

static uint32_t crc32c_fails_always(const uint8_t *data, size_t len, uint32_t crc)
{
    (void)data;
    (void)len;
    return ~crc;
}

/* ---- In place of dispatch.c ---------------------------------------------------------------- */

const struct csumoff_kernel csumoff_rows_[] = {
    {NULL, 0, fails_always, copy}, /* the row of the first use is no kernel */
    {"first", 0, sum, copy},
    {"unusable", 1, fails_always, copy},
    {"last", 0, sum, copy},
};
const struct csumoff_crc32c_kernel csumoff_crc32c_rows_[] = {
    {0, crc32c_fails_always},
    {0, crc32c},
    {1, crc32c_fails_always},
    {0, crc32c},
};
static size_t only; /* a row that is the only usable one; 0: all that may be */

size_t csumoff_kernel_count(void)
{
    return 3;
}

bool csumoff_kernel_usable(size_t i)
{
    return i != 1 && (!only || i + 1 == only);
}

size_t csumoff_crc32c_count_(void)
{
    return 3;
}

bool csumoff_crc32c_usable_(size_t i)
{
    return csumoff_kernel_usable(i - 1);
}

/* Packets, which the tests below break on their own. */
static bool packets_hold = true;

bool csumoff_packets_hold_(void)
{
    return packets_hold;
}

/* Unoptimized, the header's inline functions are the library's symbols. They refer to this one,
 * which would bring dispatch.c along. */
csumoff_sum16 csumoff_ipv4_header_any_(const void *iph, size_t header_len)
{
    (void)iph;
    (void)header_len;
    abort();
}

/* ---- Tests --------------------------------------------------------------------------------- */

static void check_found(enum fault what, size_t len)
{
    /* The first row is asked, the last one, but no other. Quick: at one length, what is wrong being
     * found at the others. */
    size_t most = effort(3, len == PAST_A_VECTOR ? 3 : 0);

    fault = what;
    at_len = len;
    for (only = 0; only <= most; only++)
        CHECK_EQ(csumoff_selftest(), only == 2 ? CSUMOFF_OK : CSUMOFF_ECSUM);
    only = 0;
}

START_TEST(right_kernels_pass)
{
    size_t len, offsets[KINDS][OFFSETS_SEEN] = {{0}};

    CHECK_EQ(csumoff_selftest(), CSUMOFF_OK);
    for (len = 0; len <= MOST; len++)
        CHECK(seen_crc32c[len]);
    for (len = 0; len <= MOST; len++)
        for (int data = RANDOM; data < KINDS; data++) {
            bool met = false;

            for (size_t offset = 0; offset < OFFSETS_SEEN; offset++) {
                CHECK_EQ(seen[data][offset][len][0], seen[data][offset][len][1]);
                met |= seen[data][offset][len][0];
                offsets[data][offset] += seen[data][offset][len][0];
            }
            /* Every length of random bytes, some of the others: all that a byte's place can be. */
            CHECK(met || data != RANDOM);
        }
    CHECK(seen_long_crc32c > 0);
    for (int data = RANDOM; data < KINDS; data++)
        CHECK(seen_long[data] >= 8);
    for (int data = RANDOM; data < KINDS; data++)
        for (size_t offset = 0; offset < 3; offset++)
            CHECK(offsets[data][offset] >= (data == RANDOM ? 233 : 6));
}
END_TEST

START_TEST(wrong_packets)
{
    packets_hold = false;
    CHECK_EQ(csumoff_selftest(), CSUMOFF_ECSUM);
    packets_hold = true;
}
END_TEST

START_TEST(each_fault)
{
    static const size_t lengths[] = {0, 1, 2, 3, 8, 63, 64, PAST_A_VECTOR, 511, 512, 699, 700};

    /* Quick: a short one, one past a vector, the last. */
    for (size_t i = effort(0, 3); i < sizeof lengths / sizeof *lengths; i += effort(1, 4)) {
        check_found(SUM, lengths[i]);
        check_found(COPY_SUM, lengths[i]);
        check_found(BYTE_BEFORE, lengths[i]);
        check_found(BYTE_BEHIND, lengths[i]);
        check_found(CRC32C, lengths[i]);
        if (lengths[i]) {
            check_found(COPIED_BYTE, lengths[i]);
            check_found(LAST_BYTE_LOST, lengths[i]);
        }
    }
    check_found(SUM, LONG_LEAST);
    check_found(SUM, 1598);
    check_found(CRC32C, LONG_MOST);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {right_kernels_pass, wrong_packets, each_fault, NULL};
    Suite *suite = suite_create("selftest");

    suite_add(suite, "selftest", tests);
    return suite_run(suite);
}
