// SPDX-License-Identifier: MIT
/*
 * lwIP's sums, in place of the shared library's own: an executable that links sums.c interposes
 * them. Where lwIP is compiled along with the guest, csumoff_lwip.h does the first half, and lwIP's
 * own switches per netif the second.
 *
 * The library of the distribution was built without those switches. What they would say is said
 * here by bits that lwIP leaves alone, one of a netif and two of a pbuf: one more than the switches
 * can, for they don't tell packets of one netif apart.
 */
#ifndef SUMS_H
#define SUMS_H

#include <csumoff_glue.h>
#include <lwip/netif.h>
#include <stdatomic.h>
#include <stddef.h>

/* netif->flags: linkoutput makes the checksums, whole packets needn't come with any. */
#define NETIF_FLAG_SUMS 0x80U

/* pbuf->flags of a received frame: its checksum field holds a seed; or stands as it came. */
#define PBUF_FLAG_SEEDED     0x40U
#define PBUF_FLAG_AS_IT_CAME 0x80U

/* For a netif that hands over a frame: whether the TCP or UDP checksum that lwIP will look at is a
 * seed. The mark is gone once lwIP has looked. */
static inline void sums_mark(struct pbuf *p, bool is_seed)
{
    p->flags |= is_seed ? PBUF_FLAG_SEEDED : PBUF_FLAG_AS_IT_CAME;
}

/* For linkoutput: `want` of the hint to csumoff_virtio_tx() or csumoff_netfront_tx(). lwIP cannot
 * keep a struct csumoff_rx with a pbuf; these marks are what csumoff_forward() would make of it. */
static inline enum csumoff_tx sums_want(const struct netif *netif, const struct pbuf *p)
{
    if (p->flags & PBUF_FLAG_SEEDED) /* routed from a netif that got it with a seed */
        return CSUMOFF_TX_SEEDED;
    if (p->flags & PBUF_FLAG_AS_IT_CAME) /* routed, and nobody has checked it */
        return CSUMOFF_TX_AS_IS;
    return netif->flags & NETIF_FLAG_SUMS ? CSUMOFF_TX_COMPUTE : CSUMOFF_TX_VERIFIED;
}

/* What was done, all netifs together; the library was built without lwIP's statistics. */
struct sums_counts {
    atomic_size_t summed;  /* calls of lwip_standard_chksum(): headers, ICMP */
    atomic_size_t copied;  /* calls of lwip_chksum_copy(): what applications send */
    atomic_size_t checked; /* received TCP and UDP packets that were summed */
    atomic_size_t wrong;   /* ... and were wrong: lwIP's "chkerr" */
    atomic_size_t spared;  /* ... that hold a seed, and weren't summed */
    atomic_size_t made;    /* checksums made for sent packets */
    atomic_size_t left;    /* ... left to the netif */
};
extern struct sums_counts sums_counts;

#endif
