// SPDX-License-Identifier: MIT
/* IPv4 header checksums, pseudo-headers, seeds, complete checksums. */
#include <csumoff.h>
#include <string.h>

#include "../oracle/reference.h"
#include "../oracle/suite.h"

/* A random IPv4 header with a right first byte. */
static void random_header(struct rng *rng, uint8_t *header, size_t len)
{
    rng_fill(rng, header, len);
    header[0] = (uint8_t)(0x40 | len / 4);
}

/* Every length up to 60, at guard pages, whatever stands in the check field. */
/* Not a header any more, but a sum all the same. */
START_TEST(ipv4_header_of_any_length)
{
    struct rng rng = rng_new(24);
    struct guarded g;

    CHECK(guarded_new(&g, 64));
    for (size_t len = 0; len <= 64; len++) {
        uint8_t *h = g.end - len, held[66] = {0};

        rng_fill(&rng, h, len);
        memcpy(held, h, len);
        memset(held + 10, 0, 2);
        CHECK_EQ(wire16(csumoff_ipv4_header(h, len)), ref_checksum(ref_sum(held, len)));
    }
    guarded_free(&g);
}
END_TEST

START_TEST(ipv4_header_ignores_its_check_field)
{
    static const uint16_t fields[] = {0, 1, 0x00FF, 0xFF00, 0x1234, 0xFFFE, 0xFFFF};
    struct rng rng = rng_new(20);
    struct guarded g;
    size_t len, i, round;

    CHECK(guarded_new(&g, 64));
    for (round = 0; round < 200; round++) {
        for (len = 20; len <= 60; len += 4) {
            for (i = 0; i < sizeof fields / sizeof *fields; i++) {
                uint8_t *h = round % 2 ? g.begin : g.end - len;

                if (i == 0)
                    random_header(&rng, h, len);
                if (round == 0) /* nothing but ones: the most carries there can be */
                    memset(h, 0xFF, len);
                store_wire16(h + 10, fields[i]);
                CHECK_EQ(wire16(csumoff_ipv4_header(h, len)), ref_ipv4_header(h, len));
                CHECK_EQ(load_wire16(h + 10), fields[i]);
            }
        }
    }
    guarded_free(&g);
}
END_TEST

/* A header known from elsewhere: Wikipedia's and countless lecture notes' example. */
START_TEST(ipv4_header_known)
{
    const uint8_t header[20] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                0xB8, 0x61, 0xC0, 0xA8, 0x00, 0x01, 0xC0, 0xA8, 0x00, 0xC7};

    CHECK_EQ(wire16(csumoff_ipv4_header(header, 20)), 0xB861);
    CHECK_EQ(csumoff_ipv4_header_verify(header, 20), CSUMOFF_OK);
}
END_TEST

/* Bytes 10 and 11 are written and no others, for each header length, with and without more after
 * it. */
START_TEST(header_set_and_verify)
{
    struct rng rng = rng_new(21);
    struct guarded g;
    size_t len, more, i;

    CHECK(guarded_new(&g, 128));
    for (i = 0; i < 200; i++) {
        for (len = 20; len <= 60; len += 4) {
            for (more = 0; more <= 8; more += 4) {
                uint8_t *h = g.end - len - more, before[68];
                uint16_t right;
                unsigned bit;

                rng_fill(&rng, h, len + more);
                random_header(&rng, h, len);
                memcpy(before, h, len + more);
                right = ref_ipv4_header(h, len);
                CHECK_EQ(csumoff_ipv4_header_set(h, len + more), CSUMOFF_OK);
                store_wire16(before + 10, right);
                CHECK(memcmp(h, before, len + more) == 0);
                CHECK_EQ(csumoff_ipv4_header_verify(h, len + more), CSUMOFF_OK);
                bit = (unsigned)rng_below(&rng, 16);
                store_wire16(h + 10, (uint16_t)(right ^ 1u << bit));
                /* One bit wrong is another sum, unless a zero became the other one. */
                CHECK_EQ(csumoff_ipv4_header_verify(h, len + more), CSUMOFF_ECSUM);
                CHECK(memcmp(h + 12, before + 12, len + more - 12) == 0);
            }
        }
    }
    guarded_free(&g);
}
END_TEST

START_TEST(header_of_either_zero_verifies)
{
    uint8_t h[20] = {0x45};
    int rest = 0xFFFF - 0x4500;

    store_wire16(h + 4, (uint16_t)rest);
    CHECK_EQ(csumoff_ipv4_header_set(h, sizeof h), CSUMOFF_OK);
    CHECK_EQ(load_wire16(h + 10), 0x0000); /* the complement of 0xFFFF, stored as it is */
    CHECK_EQ(csumoff_ipv4_header_verify(h, sizeof h), CSUMOFF_OK);
    store_wire16(h + 10, 0xFFFF);
    CHECK_EQ(csumoff_ipv4_header_verify(h, sizeof h), CSUMOFF_OK);
}
END_TEST

/* Total length is not looked at: it may be anything. */
START_TEST(header_total_length_is_not_looked_at)
{
    static const uint16_t totals[] = {0, 19, 20, 0xFFFF};
    uint8_t h[20] = {0x45};
    size_t i;

    for (i = 0; i < sizeof totals / sizeof *totals; i++) {
        store_wire16(h + 2, totals[i]);
        CHECK_EQ(csumoff_ipv4_header_set(h, sizeof h), CSUMOFF_OK);
        CHECK_EQ(csumoff_ipv4_header_verify(h, sizeof h), CSUMOFF_OK);
    }
}
END_TEST

/* Both functions, every first byte, every length there could be: nothing written on an error. */
START_TEST(header_errors)
{
    struct rng rng = rng_new(22);
    struct guarded g;
    unsigned first;
    size_t len;

    CHECK(guarded_new(&g, 64));
    for (first = 0; first <= 0xFF; first++) {
        size_t size = (first & 15) * 4;

        for (len = 0; len <= 64; len++) {
            uint8_t *h = g.end - len, before[64];
            int set, verify;
            bool short_fixed = len < 20, malformed = first >> 4 != 4 || size < 20;
            bool short_options = !short_fixed && !malformed && len < size;

            rng_fill(&rng, h, len);
            if (len)
                h[0] = (uint8_t)first;
            memcpy(before, h, len);
            verify = csumoff_ipv4_header_verify(h, len);
            CHECK(memcmp(h, before, len) == 0);
            set = csumoff_ipv4_header_set(h, len);
            if (short_fixed || malformed || short_options)
                CHECK(memcmp(h, before, len) == 0);
            if (short_fixed && malformed) {
                /* Two things are wrong; either may be said. */
                CHECK(set == CSUMOFF_ETRUNC || (set == CSUMOFF_EHDR && len > 0));
                CHECK(verify == set);
            } else if (malformed) {
                CHECK_EQ(set, CSUMOFF_EHDR);
                CHECK_EQ(verify, CSUMOFF_EHDR);
            } else if (short_fixed || short_options) {
                CHECK_EQ(set, CSUMOFF_ETRUNC);
                CHECK_EQ(verify, CSUMOFF_ETRUNC);
            } else {
                uint16_t right = ref_ipv4_header(h, size), there = load_wire16(before + 10);

                CHECK_EQ(set, CSUMOFF_OK);
                CHECK_EQ(verify, right % 0xFFFF == there % 0xFFFF ? CSUMOFF_OK : CSUMOFF_ECSUM);
            }
        }
    }
    guarded_free(&g);
}
END_TEST

static const uint32_t lengths[] = {0,       1,       8,        0xFFFF,     0x10000,    0x10001,
                                   0x1FFFE, 0x12345, 0xABCDEF, 0x7FFFFFFF, 0xFFFF0000, 0xFFFFFFFF};
static const csumoff_wsum starts[] = {0, 1, 0xFFFF, 0x12345678, 0xFFFF0000, 0xFFFFFFFF};
enum {
    LENGTHS = sizeof lengths / sizeof *lengths,
    STARTS = sizeof starts / sizeof *starts
};

/* One pair of addresses against everything that takes addresses; v6 or v4. */
static void check_addresses(const uint8_t *src, const uint8_t *dst, bool v6, uint8_t proto,
                            uint32_t len, csumoff_wsum start)
{
    uint64_t sum = v6 ? ref_pseudo6(src, dst, proto, len) : ref_pseudo4(src, dst, proto, len);
    csumoff_wsum pseudo = v6 ? csumoff_pseudo_ipv6(src, dst, proto, len, start)
                             : csumoff_pseudo_ipv4(src, dst, proto, len, start);
    csumoff_sum16 seed =
        v6 ? csumoff_seed_ipv6(src, dst, proto, len) : csumoff_seed_ipv4(src, dst, proto, len);
    csumoff_sum16 complete = v6 ? csumoff_tcpudp_ipv6(src, dst, proto, len, start)
                                : csumoff_tcpudp_ipv4(src, dst, proto, len, start);

    CHECK_EQ(wire16(csumoff_fold(pseudo)), ref_checksum(sum + wire_sum(start)));
    CHECK_EQ(pseudo == 0, sum == 0 && start == 0);
    CHECK_EQ(wire16(seed), ref_fold(sum));
    CHECK_EQ(wire16(complete), ref_checksum(sum + wire_sum(start)));
}

START_TEST(pseudo_headers_seeds_complete)
{
    static const uint8_t protos[] = {0, 1, 6, 17, 58, 132, 255};
    struct rng rng = rng_new(23);
    struct guarded a, b;
    size_t i, l, s, v6;

    CHECK(guarded_new(&a, 16) && guarded_new(&b, 16));
    for (i = 0; i < 1000; i++) {
        for (v6 = 0; v6 < 2; v6++) {
            size_t size = v6 ? 16 : 4;
            uint8_t *src = i % 2 ? a.begin : a.end - size, *dst = i % 3 ? b.end - size : b.begin;

            rng_fill(&rng, src, size);
            rng_fill(&rng, dst, size);
            if (i < 4) { /* all zero, all ones */
                memset(src, i & 1 ? 0xFF : 0, size);
                memset(dst, i & 2 ? 0xFF : 0, size);
            }
            for (l = 0; l < LENGTHS; l++)
                for (s = 0; s < STARTS; s++)
                    check_addresses(src, dst, v6, protos[i % sizeof protos], lengths[l], starts[s]);
        }
    }
    guarded_free(&a);
    guarded_free(&b);
}
END_TEST

/* Addresses side by side at any alignment, as they stand in a frame. */
START_TEST(addresses_at_any_alignment)
{
    struct rng rng = rng_new(24);
    uint8_t bytes[64 + 32];
    size_t at;

    for (at = 0; at < 64; at++) {
        rng_fill(&rng, bytes, sizeof bytes);
        check_addresses(bytes + at, bytes + at + 4, false, 17, 1480, 0);
        check_addresses(bytes + at, bytes + at + 16, true, 6, 1440, 0);
    }
}
END_TEST

/* The length-less style plus the length is the full one. */
START_TEST(seed_without_length)
{
    const uint8_t a[4] = {192, 0, 2, 1}, b[4] = {198, 51, 100, 2};
    uint32_t len;

    CHECK_EQ(wire16(csumoff_seed_ipv4(a, b, 6, 0)), ref_fold(ref_pseudo4(a, b, 6, 0)));
    for (len = 0; len <= 0xFFFF; len++)
        CHECK_EQ(wire16(csumoff_seed_ipv4(a, b, 6, len)),
                 ref_fold((uint64_t)wire16(csumoff_seed_ipv4(a, b, 6, 0)) + len));
}
END_TEST

/* A seed in the field and the complement of the sum is the complete checksum: what finishing is. */
START_TEST(seed_finishes_to_the_complete_checksum)
{
    struct rng rng = rng_new(25);
    uint8_t packet[40], addresses[32];
    size_t i;

    for (i = 0; i < 1000; i++) {
        csumoff_sum16 seed, complete;
        csumoff_wsum zeroed;

        rng_fill(&rng, packet, sizeof packet);
        rng_fill(&rng, addresses, sizeof addresses);
        memset(packet + 16, 0, 2);
        zeroed = csumoff_partial(packet, sizeof packet, 0);
        complete = csumoff_tcpudp_ipv6(addresses, addresses + 16, 6, sizeof packet, zeroed);
        CHECK_EQ(wire16(complete),
                 ref_transport(ref_pseudo6(addresses, addresses + 16, 6, sizeof packet), packet,
                               sizeof packet, 16));
        seed = csumoff_seed_ipv6(addresses, addresses + 16, 6, sizeof packet);
        memcpy(packet + 16, &seed, 2);
        CHECK_EQ(csumoff_fold(csumoff_partial(packet, sizeof packet, 0)), complete);
    }
}
END_TEST

START_TEST(udp_nonzero)
{
    uint32_t check;

    CHECK_EQ(csumoff_udp_nonzero(0), 0xFFFF);
    for (check = 1; check <= 0xFFFF; check++)
        CHECK_EQ(csumoff_udp_nonzero((csumoff_sum16)check), check);
}
END_TEST

int main(void)
{
    const TTest *const ipv4[] = {ipv4_header_of_any_length,
                                 ipv4_header_ignores_its_check_field,
                                 ipv4_header_known,
                                 header_set_and_verify,
                                 header_of_either_zero_verifies,
                                 header_total_length_is_not_looked_at,
                                 header_errors,
                                 NULL};
    const TTest *const seeds[] = {pseudo_headers_seeds_complete,
                                  addresses_at_any_alignment,
                                  seed_without_length,
                                  seed_finishes_to_the_complete_checksum,
                                  udp_nonzero,
                                  NULL};
    Suite *suite = suite_create("headers");

    suite_add(suite, "ipv4_header", ipv4);
    suite_add(suite, "seeds", seeds);
    return suite_run(suite);
}
