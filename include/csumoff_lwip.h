// SPDX-License-Identifier: MIT
/*
 * Makes lwIP (2.0 and later) compute its sums with csumoff. It is for those who compile lwIP
 * themselves: include this file at the end of lwipopts.h or of arch/cc.h, and link csumoff:
 *
 *     #define LWIP_CHECKSUM_ON_COPY 1
 *     #include <csumoff_lwip.h>
 *
 * It has not been tried with older versions, such as 1.3.2. There lwIP can remain as it is, if the
 * driver finishes the frames that it receives with csumoff_netfront_rx_finish() and sends with
 * CSUMOFF_TX_COMPUTE.
 *
 * With these lines, lwIP calls csumoff_partial() for every sum: those of IP headers, ICMP, UDP and
 * TCP. With LWIP_CHECKSUM_ON_COPY, data of the application are summed while they are copied. Do not
 * define LWIP_CHKSUM_ALGORITHM: it would compile a routine that nothing calls. lwIP itself still
 * joins the sums of a pbuf chain and adds the pseudo-header, and offers no way to replace that.
 *
 * This makes sums faster. To have no sums at all, leave checksums to the device, by a netif that
 * uses csumoff_virtio.h or csumoff_netfront.h and these lines in lwipopts.h:
 *
 *     #define LWIP_CHECKSUM_CTRL_PER_NETIF 1
 *     #define LWIP_CHECKSUM_ON_COPY        0     if every netif leaves checksums to its device
 *
 * Sending. The netif's init function, once it knows that the device accepts seeds, calls
 *
 *     NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_ENABLE_ALL &
 *                                    ~(NETIF_CHECKSUM_GEN_UDP | NETIF_CHECKSUM_GEN_TCP));
 *
 * and its linkoutput function calls csumoff_virtio_tx() or csumoff_netfront_tx() with
 * CSUMOFF_TX_COMPUTE on the frame in one piece. That writes the seed, or the complete checksum if
 * the device does not accept the seed. GEN_IP, GEN_ICMP and GEN_ICMP6 must remain on, because no
 * device computes these checksums. (CHECKSUM_GEN_UDP 0 and CHECKSUM_GEN_TCP 0 do the same for all
 * netifs at once.) The stack then creates UDP and TCP packets without a checksum, and two kinds of
 * them do not reach linkoutput in one piece or at all:
 *   - A UDP datagram longer than the MTU is sent as fragments, and no device finishes those. Over
 *     IPv4 it arrives without a checksum, which is legal; over IPv6 the receiver drops it.
 *   - A packet of the guest to itself is looped back inside lwIP, which drops TCP if CHECK_TCP is
 *     on.
 * A guest that sends either kind must leave GEN_UDP and GEN_TCP on; its linkoutput function still
 * uses CSUMOFF_TX_COMPUTE.
 *
 * Receiving. A frame that the device delivers with NEEDS_CSUM or csum_blank holds a seed, which the
 * stack takes for a wrong checksum. The netif therefore does one of three things:
 *   - It finishes the frame, by csumoff_finish() or, while copying it into the pbuf, by
 *     csumoff_copy_finish(), and the stack's checks stay on.
 *   - It also clears NETIF_CHECKSUM_CHECK_UDP and NETIF_CHECKSUM_CHECK_TCP, and checks by itself
 *     the frames that arrive complete, dropping those that csumoff_verify() refuses. lwIP's
 *     switches are per netif, but the device says for each packet whether it is complete. In this
 *     case the checksum of a datagram that arrives in fragments is checked by nobody.
 *   - Where lwIP runs without threads (NO_SYS), it sets these two switches before it hands over
 *     each frame: off for a frame that holds a seed or was verified by the device, on for any
 *     other. The checksum of a datagram that arrives in fragments is then checked with the last of
 *     them.
 *     examples/xen-guest/lwip/net.c does so.
 * A guest that forwards packets must either finish them or remember which of them hold a seed, and
 * must send with CSUMOFF_TX_AS_IS what arrived complete: CSUMOFF_TX_COMPUTE would give a damaged
 * packet a right checksum.
 *
 * The functions use types of the width of lwIP's (u16_t has 16 bits), so this file includes no file
 * of lwIP.
 */
#ifndef CSUMOFF_LWIP_H
#define CSUMOFF_LWIP_H

#include "csumoff.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns a sum in lwIP's form: folded, not complemented, in memory order. */
static inline uint16_t csumoff_lwip_fold_(csumoff_wsum sum)
{
    return CSUMOFF_CAST_(uint16_t, csumoff_fold(sum) ^ 0xFFFFu);
}

/*
 * Returns the sum of bytes in lwIP's form: lwIP calls it as LWIP_CHKSUM. An odd last byte counts as
 * if a zero byte followed it.
 *
 *   data, len   the bytes to be summed; len is not negative; data may be NULL if len is 0
 */
static inline uint16_t csumoff_lwip_chksum(const void *data, int len)
{
    return csumoff_lwip_fold_(csumoff_partial(data, CSUMOFF_CAST_(size_t, len), 0));
}

/*
 * Copies bytes and returns the sum of the bytes stored in lwIP's form: lwIP calls it as
 * LWIP_CHKSUM_COPY.
 *
 *   dst        receives len bytes; must not overlap src
 *   src, len   the bytes to be copied, which are only read
 */
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
