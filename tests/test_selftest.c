// SPDX-License-Identifier: MIT
/*
 * csumoff_selftest() among kernels that are not the library's: right ones pass, and whatever else
 * is wrong with one is found. The source itself is compiled in, over a table of this file's.
 */
#include "../src/selftest.c"
#include "reference.h"
#include "suite.h"

enum {
    MOST = 700 /* what every kernel does by itself is shorter than this */
};

/* What is wrong: the sum, the sum of a copy, or the copy. */
enum fault {
    NOTHING,
    SUM,
    COPY_SUM,
    COPIED_BYTE,
    LAST_BYTE_LOST,
    BYTE_BEFORE,
    BYTE_BEHIND
};

/* When: at this length, offset from 64 (any: -1) and kind of data. */
static enum fault fault;
static size_t at_len;
static int at_offset, at_data;
static unsigned met;

enum data {
    RANDOM,
    ONES,
    ZEROS
};

static enum data kind(const uint8_t *p, size_t len)
{
    bool all = true;

    for (size_t i = 0; i < len; i++)
        all &= p[i] == p[0];
    return len && all && p[0] == 0xFF ? ONES : len && all && p[0] == 0 ? ZEROS : RANDOM;
}

static bool strikes(const uint8_t *p, size_t len)
{
    static const uint8_t *first; /* the lowest address given: where the data begin */
    bool now;

    if (len == 0)
        first = p;
    now = len == at_len && (at_offset < 0 || p - first == at_offset) &&
          (at_data < 0 || (int)kind(p, len) == at_data);
    met += now;
    return now;
}

static csumoff_wsum right_sum(const uint8_t *data, size_t len, csumoff_wsum sum)
{
    csumoff_sum16 check = 0;

    store_wire16((uint8_t *)&check, ref_checksum(ref_sum(data, len)));
    return csumoff_add(sum, (csumoff_sum16)~check);
}

static csumoff_wsum sum(const uint8_t *data, size_t len, csumoff_wsum start)
{
    return right_sum(data, len, start) + (fault == SUM && strikes(data, len));
}

static csumoff_wsum copy(uint8_t *dst, const uint8_t *src, size_t len, csumoff_wsum start)
{
    bool now = fault > SUM && strikes(src, len);

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

/* ---- In place of dispatch.c ---------------------------------------------------------------- */

const struct csumoff_kernel csumoff_rows_[] = {
    {NULL, 0, fails_always, copy}, /* the row of the first use is no kernel */
    {"first", 0, sum, copy},
    {"unusable", 1, fails_always, copy},
    {"last", 0, sum, copy},
};
static size_t faulty = 1;

size_t csumoff_kernel_count(void)
{
    return 3;
}

bool csumoff_kernel_usable(size_t i)
{
    return i != 1 && i + 1 >= faulty;
}

/* ---- Tests --------------------------------------------------------------------------------- */

static void check_found(enum fault what, size_t len, int offset, int data)
{
    fault = what;
    at_len = len;
    at_offset = offset;
    at_data = data;
    met = 0;
    CHECK_EQ(csumoff_selftest(), CSUMOFF_ECSUM);
    CHECK(met > 0);
    /* The last row is asked, too. */
    faulty = 3;
    CHECK_EQ(csumoff_selftest(), CSUMOFF_ECSUM);
    faulty = 1;
}

START_TEST(right_kernels_pass)
{
    fault = NOTHING;
    CHECK_EQ(csumoff_selftest(), CSUMOFF_OK);
}
END_TEST

/* Every length there is, of random bytes; the others at lengths of their own. */
START_TEST(each_fault_at_each_length)
{
    for (size_t len = 0; len <= MOST; len += effort(1, 7)) {
        check_found(SUM, len, -1, RANDOM);
        check_found(COPY_SUM, len, -1, RANDOM);
        check_found(BYTE_BEFORE, len, -1, RANDOM);
        check_found(BYTE_BEHIND, len, -1, RANDOM);
        if (len) {
            check_found(COPIED_BYTE, len, -1, RANDOM);
            check_found(LAST_BYTE_LOST, len, -1, RANDOM);
        }
    }
}
END_TEST

START_TEST(each_kind_of_data_at_each_offset)
{
    for (int data = RANDOM; data <= ZEROS; data++)
        for (int offset = 0; offset < 3; offset++) {
            unsigned lengths = 0;

            for (size_t len = 1; len <= MOST; len++) {
                fault = SUM;
                at_len = len;
                at_offset = offset;
                at_data = data;
                lengths += csumoff_selftest() == CSUMOFF_ECSUM;
            }
            /* 700 lengths by one, 18 by 37, at three offsets in turn. */
            CHECK(lengths >= (data == RANDOM ? 233 : 6));
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {right_kernels_pass, each_fault_at_each_length,
                                  each_kind_of_data_at_each_offset, NULL};
    Suite *suite = suite_create("selftest");

    suite_add(suite, "selftest", tests);
    return suite_run(suite);
}
