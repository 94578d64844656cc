// SPDX-License-Identifier: MIT
/*
 * A module of Linux's kernel with the library in it. When it is loaded it lets the library test
 * itself, and compares it with the kernel's own functions; it refuses to be loaded where they
 * differ.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>
#include "csumoff.h"

int packet_is_wrong(void); /* packet.c */

enum {
    MOST = 64 * 1024,
    SHIFTS = 64,
    ROUNDS = 2000
};

static bool speed;
module_param(speed, bool, 0444);
MODULE_PARM_DESC(speed, "Print the cycles that a sum takes");

/* A sum of the kernel's in the library's words: both are 16-bit words as the CPU loads them. */
static csumoff_sum16 folded(__wsum sum)
{
    return (__force csumoff_sum16)csum_fold(sum);
}

static bool sums_differ(const u8 *data, size_t len)
{
    return csumoff_fold(csumoff_partial(data, len, 0)) != folded(csum_partial(data, len, 0));
}

/* All lengths of a frame at all alignments, then some of any length. */
static int wrong_sums(const u8 *data)
{
    int wrong = 0;

    for (size_t len = 0; len <= 1600; len++)
        for (size_t shift = 0; shift < SHIFTS; shift += 1 + len % 3)
            wrong += sums_differ(data + shift, len);
    for (int i = 0; i < ROUNDS; i++)
        wrong += sums_differ(data + get_random_u32() % SHIFTS, prandom_u32_max(MOST));
    return wrong;
}

static int wrong_pseudo_headers(const u8 *data)
{
    int wrong = 0;

    for (int i = 0; i < ROUNDS; i++, data++) {
        const u32 len = get_random_u32() % 65536;
        __be32 from, to;

        memcpy(&from, data, sizeof from);
        memcpy(&to, data + 4, sizeof to);
        wrong += csumoff_tcpudp_ipv4(&from, &to, IPPROTO_TCP, len, 0x1234) !=
                 (__force u16)csum_tcpudp_magic(from, to, len, IPPROTO_TCP, (__force __wsum)0x1234);
        wrong += csumoff_tcpudp_ipv6(data, data + 16, IPPROTO_UDP, len, 0x1234) !=
                 (__force u16)csum_ipv6_magic((const struct in6_addr *)data,
                                              (const struct in6_addr *)(data + 16), len,
                                              IPPROTO_UDP, (__force __wsum)0x1234);
    }
    return wrong;
}

/* NAT: an address changes from one random one to another. */
static int wrong_adjustments(const u8 *data)
{
    int wrong = 0;

    for (int i = 0; i < ROUNDS; i++, data++) {
        __sum16 theirs;
        csumoff_sum16 ours;
        u32 from, to;

        memcpy(&theirs, data, sizeof theirs);
        memcpy(&ours, data, sizeof ours);
        memcpy(&from, data + 4, sizeof from);
        memcpy(&to, data + 8, sizeof to);
        csum_replace4(&theirs, (__force __be32)from, (__force __be32)to);
        csumoff_adjust32(&ours, from, to);
        wrong += (__force u16)theirs != ours;
    }
    return wrong;
}

/*
 * A TCP segment as the stack would hand it to a device that completes checksums: the library
 * writes the seed, and a copy is completed by the kernel's function for devices that don't.
 */
static bool segment_differs(const u8 *payload, size_t len)
{
    static const u8 headers[40] = {0x45, 0,   0, 0, 0, 0,   0x40, 0, 64, 6,          0,
                                   0,    192, 0, 2, 1, 192, 0,    2, 2,  [32] = 0x50};
    struct sk_buff *skb = alloc_skb(sizeof headers + len, GFP_KERNEL);
    struct csumoff_layout at;
    bool differs = true;
    u8 *ours = NULL;

    if (!skb)
        return true;
    skb_put_data(skb, headers, sizeof headers);
    skb_put_data(skb, payload, len);
    skb->data[2] = skb->len >> 8;
    skb->data[3] = skb->len;
    if (csumoff_seed(skb->data, skb->len, CSUMOFF_LINK_IP, &at) != CSUMOFF_OK)
        goto out;
    ours = kmemdup(skb->data, skb->len, GFP_KERNEL);
    if (!ours || csumoff_finish(ours, skb->len, at.csum_start, at.csum_offset) != CSUMOFF_OK)
        goto out;
    skb->ip_summed = CHECKSUM_PARTIAL;
    skb->csum_start = skb_headroom(skb) + at.csum_start;
    skb->csum_offset = at.csum_offset;
    differs = skb_checksum_help(skb) || memcmp(ours, skb->data, skb->len) != 0;
out:
    kfree(ours);
    kfree_skb(skb);
    return differs;
}

static int wrong_segments(const u8 *data)
{
    int wrong = 0;

    for (size_t len = 0; len <= 1460; len++)
        wrong += segment_differs(data + len % SHIFTS, len);
    return wrong;
}

/* The fewest cycles of many sums, by csum_partial() or by the library. */
static u64 cycles(const u8 *data, size_t len, bool kernels)
{
    u64 best = U64_MAX;

    for (int i = 0; i < ROUNDS; i++) {
        u64 start = get_cycles(), taken;
        u32 sum = 0;

        for (int j = 0; j < 16; j++)
            sum = kernels ? (__force u32)csum_partial(data, len, (__force __wsum)sum)
                          : csumoff_partial(data, len, sum);
        OPTIMIZER_HIDE_VAR(sum);
        taken = (get_cycles() - start) / 16;
        best = min(best, taken);
    }
    return best;
}

static void print_speed(const u8 *data)
{
    static const size_t lengths[] = {20, 64, 256, 1460, 9000, MOST};

    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
        pr_info("csumoff: %zu bytes: csum_partial() %llu cycles, csumoff_partial() %llu\n",
                lengths[i], cycles(data, lengths[i], true), cycles(data, lengths[i], false));
}

static int __init example_init(void)
{
    u8 *data = kmalloc(MOST + SHIFTS, GFP_KERNEL);
    int wrong;

    if (!data)
        return -ENOMEM;
    get_random_bytes(data, MOST + SHIFTS);
    wrong = packet_is_wrong() != 0; /* csumoff_selftest() is in it */
    pr_info("csumoff: kernel %s\n", csumoff_kernel_active());
    pr_info("csumoff: self-test and packet: %d wrong\n", wrong);
#define COUNT(what)                                                                                \
    do {                                                                                           \
        int count = wrong_##what(data);                                                            \
                                                                                                   \
        pr_info("csumoff: " #what " beside the kernel's: %d wrong\n", count);                      \
        wrong += count;                                                                            \
    } while (0)
    COUNT(sums);
    COUNT(pseudo_headers);
    COUNT(adjustments);
    COUNT(segments);
    if (speed)
        print_speed(data);
    kfree(data);
    pr_info("csumoff: %s\n", wrong ? "WRONG" : "right");
    return wrong ? -EIO : 0;
}

static void __exit example_exit(void)
{
}

module_init(example_init);
module_exit(example_exit);
MODULE_DESCRIPTION("csumoff beside the kernel's own checksums");
MODULE_LICENSE("Dual MIT/GPL");
