// SPDX-License-Identifier: MIT
/*
 * csumoff_lwip.h without lwIP: its two macros, used as lwIP uses them to sum pieces of any length,
 * give what the oracle says.
 */
#include <csumoff_lwip.h>
#include <string.h>

#include "../../oracle/reference.h"
#include "../../oracle/suite.h"

enum {
    MOST = 65535,
    PIECES_MOST = 9
};

/* Sums of lwIP are in memory order. */

static uint16_t swapped(uint16_t sum)
{
    return (uint16_t)(sum << 8 | sum >> 8);
}

START_TEST(every_length_at_every_alignment)
{
    struct rng rng = rng_new(91);
    struct guarded g, h;
    size_t len, align;

    CHECK(guarded_new(&g, 2048) && guarded_new(&h, 2048));
    rng_fill(&rng, g.end - 2048, 2048);
    for (len = 0; len <= 600; len++)
        for (align = 0; align < 16; align++) {
            /* Flush with the end, and from there on further inside. */
            const uint8_t *from = g.end - len - align;
            uint8_t *to = h.end - len - (align * 7 + len) % 16;
            uint16_t want = ref_fold(ref_sum(from, len));

            CHECK_EQ(wire16(LWIP_CHKSUM(from, (int)len)), want);
            memset(h.end - 2048, 0xA5, 2048);
            CHECK_EQ(wire16(LWIP_CHKSUM_COPY(to, from, (uint16_t)len)), want);
            CHECK(same_bytes(to, from, len));
            CHECK_EQ(to[-1], 0xA5);
            CHECK(to + len == h.end || to[len] == 0xA5);
        }
    guarded_free(&g);
    guarded_free(&h);
}
END_TEST

/* The longest packet, all zeros and all ones, at which a 32-bit accumulator of lwIP would wrap. */
START_TEST(extremes)
{
    static uint8_t data[131072], copy[MOST];
    static const uint8_t fills[] = {0x00, 0x7F, 0x80, 0xFF};
    size_t i;

    for (i = 0; i < sizeof fills; i++) {
        memset(data, fills[i], sizeof data);
        CHECK_EQ(wire16(LWIP_CHKSUM(data, sizeof data)), ref_fold(ref_sum(data, sizeof data)));
        CHECK_EQ(wire16(LWIP_CHKSUM(data, MOST)), ref_fold(ref_sum(data, MOST)));
        CHECK_EQ(wire16(LWIP_CHKSUM_COPY(copy, data, MOST)), ref_fold(ref_sum(data, MOST)));
        CHECK(same_bytes(copy, data, MOST));
    }
    memset(data, 0, sizeof data);
    CHECK_EQ(LWIP_CHKSUM(data, 1400), 0);
    CHECK_EQ(LWIP_CHKSUM(data, 0), 0);
}
END_TEST

/*
 * How lwIP sums a pbuf chain (inet_cksum_pseudo_base()): each piece from its own start, the sum so
 * far turned about after an odd one, and turned back in the end. The macro has to suit that.
 */
START_TEST(pieces_are_joined_as_lwip_does)
{
    static uint8_t data[MOST];
    struct rng rng = rng_new(92);
    size_t count = effort(100000, 5000), i;

    rng_fill(&rng, data, sizeof data);
    for (i = 0; i < count; i++) {
        size_t left = rng_below(&rng, i % 50 ? 3000 : MOST + 1),
               at = rng_below(&rng, MOST + 1 - left), pieces = 1 + rng_below(&rng, PIECES_MOST);
        uint16_t want = ref_fold(ref_sum(data + at, left));
        uint32_t sum = 0;
        bool is_odd = false;

        while (pieces--) {
            size_t len = pieces ? rng_below(&rng, left + 1) : left;

            if (pieces && rng_below(&rng, 4) == 0)
                len = left < 2 ? left : rng_below(&rng, 3);
            sum += LWIP_CHKSUM(data + at, (int)len);
            sum = (sum & 0xFFFF) + (sum >> 16);
            if (len % 2) {
                is_odd = !is_odd;
                sum = swapped((uint16_t)sum);
            }
            at += len;
            left -= len;
        }
        if (is_odd)
            sum = swapped((uint16_t)sum);
        /* Whichever form of zero: the data is random. */
        CHECK_EQ(wire16((uint16_t)sum) % 0xFFFF, want % 0xFFFF);
    }
}
END_TEST

/* How lwIP keeps a TCP segment's sum while it is filled (tcp_seg_add_chksum()): pieces added to the
 * running sum, which is turned about after an odd one, there and then. */
START_TEST(segments_grow_as_lwip_has_them)
{
    static uint8_t data[20000], segment[sizeof data];
    struct rng rng = rng_new(93);
    size_t count = effort(20000, 2000), i;

    rng_fill(&rng, data, sizeof data);
    for (i = 0; i < count; i++) {
        size_t have = 0, start = rng_below(&rng, 64), most = rng_below(&rng, 1460);
        uint16_t sum = 0;
        bool is_odd = false;

        while (have < most) {
            size_t len = 1 + rng_below(&rng, most - have);
            uint32_t add = LWIP_CHKSUM_COPY(segment + have, data + start + have, (uint16_t)len);

            add += sum;
            sum = (uint16_t)((add & 0xFFFF) + (add >> 16));
            if (len % 2) {
                is_odd = !is_odd;
                sum = swapped(sum);
            }
            have += len;
        }
        if (is_odd)
            sum = swapped(sum);
        CHECK(same_bytes(segment, data + start, have));
        CHECK_EQ(wire16(sum) % 0xFFFF, ref_fold(ref_sum(segment, have)) % 0xFFFF);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_length_at_every_alignment, extremes,
                                  pieces_are_joined_as_lwip_does, segments_grow_as_lwip_has_them,
                                  NULL};
    Suite *suite = suite_create("lwip_header");

    suite_add(suite, "header", tests);
    return suite_run(suite);
}
