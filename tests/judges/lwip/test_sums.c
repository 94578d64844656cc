// SPDX-License-Identifier: MIT
/*
 * The guest's sums in place of the library's: lwIP's own functions call them, and each gives what
 * the oracle says, of pbufs in any pieces. Nothing here needs a started lwIP.
 */
#include <lwip/inet_chksum.h>
#include <lwip/ip.h>
#include <string.h>

#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "sums.h"

enum {
    MOST = 60000,
    PIECES_MOST = 6,
    TCP = 6,
    UDP = 17
};

u16_t lwip_standard_chksum(const void *data, int len);

static uint8_t data[MOST + 64];
static struct pbuf chain[PIECES_MOST];

/* A chain over `len` bytes of data[], odd, empty and misaligned pieces among them. */
static struct pbuf *chained(size_t at, size_t len, struct rng *rng)
{
    size_t count = 1 + rng_below(rng, PIECES_MOST), i;

    for (i = 0; i < count; i++) {
        size_t piece = i + 1 < count ? rng_below(rng, len + 1) : len;

        chain[i] = (struct pbuf){.next = i + 1 < count ? &chain[i + 1] : NULL,
                                 .payload = data + at,
                                 .len = (u16_t)piece,
                                 .tot_len = (u16_t)len};
        at += piece;
        len -= piece;
    }
    return chain;
}

static ip_addr_t random_address(int version, struct rng *rng)
{
    ip_addr_t a;

    memset(&a, 0, sizeof a);
    IP_SET_TYPE_VAL(a, version == 6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4);
    rng_fill(rng, version == 6 ? (void *)ip_2_ip6(&a)->addr : (void *)&ip_2_ip4(&a)->addr,
             version == 6 ? 16 : 4);
    return a;
}

static uint64_t ref_pseudo(const ip_addr_t *src, const ip_addr_t *dest, uint8_t proto, size_t len)
{
    return IP_IS_V6(dest)
               ? ref_pseudo6((const uint8_t *)ip_2_ip6(src)->addr,
                             (const uint8_t *)ip_2_ip6(dest)->addr, proto, (uint32_t)len)
               : ref_pseudo4((const uint8_t *)&ip_2_ip4(src)->addr,
                             (const uint8_t *)&ip_2_ip4(dest)->addr, proto, (uint32_t)len);
}

START_TEST(the_library_calls_ours)
{
    uint8_t copy[99];
    size_t before = sums_counts.summed;
    u16_t sum;

    sum = inet_chksum(data, 99);
    CHECK_EQ(sums_counts.summed, before + 1);
    CHECK_EQ(wire16(sum), ref_checksum(ref_sum(data, 99)));
    sum = lwip_chksum_copy(copy, data, 99);
    CHECK_EQ(sums_counts.copied, 1);
    CHECK_EQ(wire16(sum), ref_fold(ref_sum(data, 99)));
    CHECK(same_bytes(copy, data, 99));
}
END_TEST

START_TEST(chains_and_pseudo_headers)
{
    struct rng rng = rng_new(95);
    size_t count = effort(50000, 3000), i;

    for (i = 0; i < count; i++) {
        int version = i % 2 ? 4 : 6;
        uint8_t proto = i % 4 < 2 ? TCP : UDP;
        size_t at = rng_below(&rng, 64), len = rng_below(&rng, i % 20 ? 2000 : MOST),
               part = rng_below(&rng, len + 1) % 0x7FFF;
        ip_addr_t src = random_address(version, &rng), dest = random_address(version, &rng);
        struct pbuf *p = chained(at, len, &rng);
        uint64_t pseudo = ref_pseudo(&src, &dest, proto, len);
        uint16_t sum, want = ref_checksum(pseudo + ref_sum(data + at, len));

        sum = ip_chksum_pseudo(p, proto, (u16_t)len, &src, &dest);
        CHECK_EQ(wire16(sum), want);
        /* lwIP's own, which sum each piece by our function and join them. */
        sum = version == 4
                  ? inet_chksum_pseudo(p, proto, (u16_t)len, ip_2_ip4(&src), ip_2_ip4(&dest))
                  : ip6_chksum_pseudo(p, proto, (u16_t)len, ip_2_ip6(&src), ip_2_ip6(&dest));
        CHECK_EQ(wire16(sum), want);
        sum = inet_chksum_pbuf(p);
        CHECK_EQ(wire16(sum) % 0xFFFF, ref_checksum(ref_sum(data + at, len)) % 0xFFFF);
        sum = ip_chksum_pseudo_partial(p, proto, (u16_t)len, (u16_t)part, &src, &dest);
        CHECK_EQ(wire16(sum), ref_checksum(pseudo + ref_sum(data + at, part)));
    }
    CHECK_EQ(sums_counts.made, 2 * count);
    CHECK_EQ(sums_counts.checked + sums_counts.left + sums_counts.spared, 0);
}
END_TEST

/* lwIP checks by handing over the addresses of the packet under way: only then is a seed spared,
 * and only once. */
START_TEST(a_seed_is_spared_once)
{
    struct rng rng = rng_new(96);
    struct pbuf *p = chained(0, 100, &rng);
    ip_addr_t src = random_address(4, &rng), dest = random_address(4, &rng);

    ip_data.current_iphdr_src = src;
    ip_data.current_iphdr_dest = dest;
    sums_mark(p, true);
    CHECK(ip_chksum_pseudo(p, UDP, 100, &src, &dest) != 0);
    sums_mark(p, true);
    CHECK_EQ(ip_chksum_pseudo(p, UDP, 100, ip_current_src_addr(), ip_current_dest_addr()), 0);
    CHECK(ip_chksum_pseudo(p, UDP, 100, ip_current_src_addr(), ip_current_dest_addr()) != 0);
    sums_mark(p, false);
    CHECK(ip_chksum_pseudo(p, UDP, 100, ip_current_src_addr(), ip_current_dest_addr()) != 0);
    CHECK_EQ(sums_counts.spared, 1);
    CHECK_EQ(sums_counts.wrong, 2);
    CHECK_EQ(sums_counts.made, 1);
}
END_TEST

START_TEST(wishes_of_linkoutput)
{
    struct netif netif = {.flags = NETIF_FLAG_UP};
    struct rng rng = rng_new(97);
    struct pbuf *p = chained(0, 100, &rng);

    CHECK_EQ(sums_want(&netif, p), CSUMOFF_TX_VERIFIED);
    netif.flags |= NETIF_FLAG_SUMS;
    CHECK_EQ(sums_want(&netif, p), CSUMOFF_TX_COMPUTE);
    sums_mark(p, true);
    CHECK_EQ(sums_want(&netif, p), CSUMOFF_TX_SEEDED);
    p->flags = PBUF_FLAG_PUSH;
    sums_mark(p, false);
    CHECK_EQ(sums_want(&netif, p), CSUMOFF_TX_AS_IS);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_library_calls_ours, chains_and_pseudo_headers,
                                  a_seed_is_spared_once, wishes_of_linkoutput, NULL};
    struct rng rng = rng_new(94);
    Suite *suite = suite_create("lwip_sums");

    rng_fill(&rng, data, sizeof data);
    suite_add(suite, "sums", tests);
    return suite_run(suite);
}
