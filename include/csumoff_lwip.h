// SPDX-License-Identifier: MIT
/*
 * lwIP's sums by csumoff: for who compiles lwIP (2.0 and later). Include it at the end of
 * lwipopts.h, or of arch/cc.h, and link csumoff:
 *
 *     #define LWIP_CHECKSUM_ON_COPY 1
 *     #include <csumoff_lwip.h>
 *
 * It has not been tried with older versions, such as 1.3.2. There a driver that finishes what it
 * receives, csumoff_netfront_rx_finish(), and sends under CSUMOFF_TX_COMPUTE needs nothing of lwIP.
 *
 * From then on everything that lwIP sums goes through csumoff_partial(): IP headers, ICMP, UDP,
 * TCP; and under LWIP_CHECKSUM_ON_COPY what the application sends is summed while it is copied.
 * Leave LWIP_CHKSUM_ALGORITHM alone: it would compile a routine that nobody calls. lwIP joins the
 * pieces of a pbuf chain and adds the pseudo-header by itself and lets nobody replace that.
 *
 * That is all there is to faster sums. Not to sum at all takes a netif that leaves checksums to the
 * device (csumoff_virtio.h, csumoff_netfront.h) and, in lwipopts.h:
 *
 *     #define LWIP_CHECKSUM_CTRL_PER_NETIF 1
 *     #define LWIP_CHECKSUM_ON_COPY        0     where every netif does so: copying needn't sum
 *
 * Sending. In the netif's init function, once it is known that the device takes seeds:
 *
 *     NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_ENABLE_ALL &
 *                                    ~(NETIF_CHECKSUM_GEN_UDP | NETIF_CHECKSUM_GEN_TCP));
 *
 * and in its linkoutput, with the frame in one piece, csumoff_virtio_tx() or csumoff_netfront_tx()
 * under CSUMOFF_TX_COMPUTE: that writes the seed, or the complete checksum where no seed can be
 * taken. Leave GEN_IP and GEN_ICMP, GEN_ICMP6 on: the device finishes neither. (CHECKSUM_GEN_UDP 0
 * and CHECKSUM_GEN_TCP 0 are the same for all netifs at once.) What then leaves the stack with no
 * UDP or TCP checksum doesn't always reach linkoutput as one packet:
 *   - a UDP datagram longer than the MTU is cut into fragments, which no device finishes. Over IPv4
 *     it arrives without a checksum, which is legal; over IPv6 it is dropped;
 *   - what the guest sends to itself is looped back, and TCP is dropped where CHECK_TCP is on.
 * A guest that does either keeps GEN on, and its linkoutput CSUMOFF_TX_COMPUTE.
 *
 * Receiving. What the device hands over as NEEDS_CSUM or csum_blank holds a seed, which the stack
 * takes for a wrong checksum. So either
 *   - finish it, csumoff_finish() or csumoff_copy_finish() into the pbuf, and leave the checks on;
 * or
 *   - clear NETIF_CHECKSUM_CHECK_UDP and NETIF_CHECKSUM_CHECK_TCP, too, and check in the netif what
 *     comes complete (what csumoff_verify() refuses is dropped): lwIP's switches are per netif, the
 *     device's word is per packet. Of fragments nobody checks the whole then.
 * A guest that routes must finish, or remember which packets hold a seed, and sends on as
 * CSUMOFF_TX_AS_IS what came complete: under CSUMOFF_TX_COMPUTE the damaged would be made good.
 *
 * The types are lwIP's by width (u16_t is 16 bits): nothing of lwIP is included.
 */
#ifndef CSUMOFF_LWIP_H
#define CSUMOFF_LWIP_H

#include "csumoff.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A sum as lwIP keeps them: folded, not complemented, in memory order. */
static inline uint16_t csumoff_lwip_fold_(csumoff_wsum sum)
{
    return CSUMOFF_CAST_(uint16_t, csumoff_fold(sum) ^ 0xFFFFu);
}

/* What lwIP wants of LWIP_CHKSUM: the sum of len bytes, 0 or more, an odd last one padded. */
static inline uint16_t csumoff_lwip_chksum(const void *data, int len)
{
    return csumoff_lwip_fold_(csumoff_partial(data, CSUMOFF_CAST_(size_t, len), 0));
}

/* What lwIP wants of LWIP_CHKSUM_COPY: copies, and sums what was stored. No overlap. */
static inline uint16_t csumoff_lwip_chksum_copy(void *dst, const void *src, uint16_t len)
{
    return csumoff_lwip_fold_(csumoff_partial_copy(dst, src, len, 0));
}

#define LWIP_CHKSUM      csumoff_lwip_chksum
#define LWIP_CHKSUM_COPY csumoff_lwip_chksum_copy

#ifdef __cplusplus
}
#endif

#endif
