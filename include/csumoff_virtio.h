// SPDX-License-Identifier: MIT
/*
 * Checksum offload of virtio-net: between frames and the headers that virtio-net, TAP and TUN
 * devices put in front of them.
 *
 * The rules at the beginning of csumoff.h hold for these functions as well. What is said of headers
 * follows Virtual I/O Device (VIRTIO) Version 1.2, section 5.1.6, and what Linux enforces in
 * virtio_net_hdr_to_skb().
 */
#ifndef CSUMOFF_VIRTIO_H
#define CSUMOFF_VIRTIO_H

#include "csumoff_glue.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The header -------------------------------------------------------------------------- */

/* The flags of a header. */
enum {
    CSUMOFF_VIRTIO_NEEDS_CSUM = 1,     /* the field at csum_start, csum_offset holds a seed */
    CSUMOFF_VIRTIO_DATA_VALID = 2,     /* the checksum was verified, or need not be */
    CSUMOFF_VIRTIO_RSC_INFO = 4,       /* csum_start and csum_offset count coalesced segments */
    CSUMOFF_VIRTIO_UDP_TUNNEL_CSUM = 8 /* the checksum of a UDP tunnel is unfinished as well */
};

/* The values of a header's gso_type: a kind, and bits that are added to it. */
enum {
    CSUMOFF_VIRTIO_GSO_NONE = 0,
    CSUMOFF_VIRTIO_GSO_TCPV4 = 1,
    CSUMOFF_VIRTIO_GSO_UDP = 3, /* a UDP datagram to be cut into IP fragments */
    CSUMOFF_VIRTIO_GSO_TCPV6 = 4,
    CSUMOFF_VIRTIO_GSO_UDP_L4 = 5, /* a UDP payload to be cut into datagrams, "USO" */
    /* The bits. */
    CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV4 =
        0x20, /* the super-frame is inside a UDP tunnel over IPv4, VIRTIO 1.4 */
    CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV6 = 0x40, /* over IPv6 */
    CSUMOFF_VIRTIO_GSO_ECN = 0x80              /* TCP with the CWR flag */
};

/*
 * The header that virtio-net puts in front of a frame, with its fields as numbers in the CPU's own
 * byte order. csumoff_virtio_put() and csumoff_virtio_get() convert it to and from memory.
 *
 *   flags         CSUMOFF_VIRTIO_NEEDS_CSUM and so on
 *   gso_type      CSUMOFF_VIRTIO_GSO_*, with bits
 *   hdr_len       how many bytes of headers a GSO frame has; the functions that receive ignore it
 *   gso_size      the payload bytes of a segment; 0 if gso_type is 0
 *   csum_start    where the checksum's sum starts, from the start of the frame
 *   csum_offset   the checksum field, from csum_start
 *   num_buffers   part of the 12-byte form alone; the functions that send set it to 0
 */
struct csumoff_virtio_hdr {
    uint8_t flags, gso_type;
    uint16_t hdr_len;
    uint16_t gso_size, csum_start, csum_offset;
    uint16_t num_buffers;
};

/* How the header is laid out in memory. */
enum csumoff_virtio_form {
    CSUMOFF_VIRTIO_LITTLE = 0, /* little-endian: VIRTIO_F_VERSION_1; a TAP after TUNSETVNETLE */
    CSUMOFF_VIRTIO_NATIVE = 1, /* this CPU's byte order: legacy devices of such guests; a TAP */
    CSUMOFF_VIRTIO_12 = 2      /* a bit: 12 bytes with num_buffers, instead of 10 bytes */
};

/*
 * Writes a header to memory.
 *
 *   hdr    the header
 *   form   values of enum csumoff_virtio_form, combined with |
 *   to     receives 10 bytes, or 12 with CSUMOFF_VIRTIO_12
 *
 * Returns how many bytes were written.
 */
CSUMOFF_API size_t csumoff_virtio_put(const struct csumoff_virtio_hdr *hdr, unsigned form,
                                      void *to);

/*
 * Reads a header from memory.
 *
 *   from   10 bytes, or 12 with CSUMOFF_VIRTIO_12; they are only read
 *   form   values of enum csumoff_virtio_form, combined with |
 *   hdr    receives the header; without CSUMOFF_VIRTIO_12 its num_buffers becomes 0
 *
 * Returns how many bytes were read.
 */
CSUMOFF_API size_t csumoff_virtio_get(const void *from, unsigned form,
                                      struct csumoff_virtio_hdr *hdr);

/* ---- Sending ----------------------------------------------------------------------------- */

/*
 * What the device accepts, by the features that were negotiated.
 *
 *   csum         VIRTIO_NET_F_CSUM: frames whose checksum is a seed
 *   tso4, tso6   VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6: TCP super-frames over IPv4, IPv6
 *   ecn          VIRTIO_NET_F_HOST_ECN: TCP super-frames with the CWR flag
 *   uso          VIRTIO_NET_F_HOST_USO: UDP super-frames
 */
struct csumoff_virtio_caps {
    bool csum;
    bool tso4, tso6;
    bool ecn;
    bool uso;
};

/*
 * Makes a frame ready to be sent behind a virtio-net header: its checksum fields, and the header.
 * The device is told where the checksum is, so VLAN tags, extension headers, tunnels and ICMP do
 * not prevent it from finishing a seed.
 *
 *   frame, len   the whole frame, of which only checksum fields are written
 *   link         what the frame begins with: CSUMOFF_LINK_ETHERNET, or CSUMOFF_LINK_IP for a TUN
 *                device
 *   caps         what the device accepts
 *   hint         how the frame is to be sent; NULL means CSUMOFF_TX_COMPUTE
 *   hdr          receives the header
 *
 * What happens depends on hint->want:
 *   CSUMOFF_TX_COMPUTE                      If the protocol is TCP or UDP, the device accepts
 *                                           seeds, and no non-zero bytes follow what the checksum
 *                                           covers, the field receives the seed, and the header
 *                                           NEEDS_CSUM. Otherwise the field receives the complete
 *                                           checksum. If the hint names the checksum of a packet
 *                                           tunnelled inside, that checksum is computed first, and
 *                                           then those of the packets around it.
 *   CSUMOFF_TX_SEEDED                       If the device accepts seeds, no non-zero bytes follow
 *                                           what the checksum covers, and csum_start is 20 or more
 *                                           (Linux drops others), the seed stays, and the header
 *                                           receives NEEDS_CSUM. Otherwise, and for the
 *                                           outermost packet's own checksum if it is neither TCP
 *                                           nor UDP nor ICMP, the checksum is finished. SCTP
 *                                           receives its CRC32c. A field of 0 is handled as under
 *                                           CSUMOFF_TX_COMPUTE if the protocol has a pseudo-header,
 *                                           because the seed is then never 0.
 *   CSUMOFF_TX_VERIFIED, CSUMOFF_TX_AS_IS   Nothing is written to the frame, and the header
 *                                           receives no flags, because a driver must not set
 *                                           DATA_VALID.
 *
 * CSUMOFF_TX_COMPUTE and CSUMOFF_TX_SEEDED also compute the IPv4 header checksum.
 *
 * If hint->mss is not 0, a TCP or UDP payload over it makes the frame a super-frame, under
 * CSUMOFF_TX_COMPUTE and CSUMOFF_TX_SEEDED: the field holds a seed, and the header receives
 * NEEDS_CSUM, gso_type, gso_size and hdr_len. For that, the device must accept seeds and such
 * super-frames, the frame must end where its packet ends, and nothing but VLAN tags (0x8100,
 * 0x88A8) may be in front of the IP header; a UDP super-frame may hold at most 128 datagrams and
 * must not be a tunnel. Any other payload over mss gives CSUMOFF_ENOTSUP, and must be cut in
 * software: see csumoff_segment_begin(). The payload of a tunnel is that of the innermost packet
 * known.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE    hint->csum_start and hint->csum_offset are not a place for a checksum inside
 *                     the outermost packet; hint->layout describes bytes beyond the end of the
 *                     frame, or cannot be this frame's; or csumoff_locate() returns this;
 *   CSUMOFF_ETRUNC    the frame is shorter than the Ethernet header that it begins with, or
 *                     csumoff_locate() returns this;
 *   CSUMOFF_EHDR      csumoff_locate() returns this, or TCP's data offset is impossible and mss is
 *                     not 0;
 *   CSUMOFF_EPROTO    csumoff_locate() returns this, hint->want is CSUMOFF_TX_SEEDED, and
 *                     hint->csum_start is 0;
 *   CSUMOFF_EFRAG     csumoff_locate() returns this, hint->want is CSUMOFF_TX_SEEDED, and
 *                     hint->csum_start is 0;
 *   CSUMOFF_ENOTSUP   a payload is over mss and the device cannot cut it; a checksum has to be made
 *                     in a fragment, behind a source route that cannot be resolved (unless it is a
 *                     seed with a csum_start, and the device accepts seeds), or, under
 *                     CSUMOFF_TX_COMPUTE, at a place that csumoff_locate_all() does not find; or
 *                     csum_offset is that of SCTP at a place that is not known to be SCTP's.
 *
 * VIRTIO 1.2, section 5.1.6.2; virtio_net_hdr_from_skb() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_tx(void *frame, size_t len,
                                                     enum csumoff_link link,
                                                     const struct csumoff_virtio_caps *caps,
                                                     const struct csumoff_hint *hint,
                                                     struct csumoff_virtio_hdr *hdr);

/*
 * Makes a frame in pieces ready to be sent behind a virtio-net header, as csumoff_virtio_tx() does.
 *
 *   iov, count   the whole frame, which may be cut anywhere; only checksum fields are written, and
 *                each may be divided between pieces
 *   link         what the frame begins with
 *   caps         what the device accepts
 *   hint         how the frame is to be sent; NULL means CSUMOFF_TX_COMPUTE
 *   hdr          receives the header
 *
 * Returns CSUMOFF_OK, an error of csumoff_virtio_tx(), or
 *   CSUMOFF_ENOTSUP   the headers that must be examined end more than 512 bytes into the frame, and
 *                     not in the first piece.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_tx_iov(const struct csumoff_iov *iov,
                                                         size_t count, enum csumoff_link link,
                                                         const struct csumoff_virtio_caps *caps,
                                                         const struct csumoff_hint *hint,
                                                         struct csumoff_virtio_hdr *hdr);

/*
 * One frame of a burst for csumoff_virtio_tx_burst().
 *
 *   frame, len   set by the caller: the whole frame, of which only checksum fields are written
 *   hint         set by the caller: how the frame is to be sent; NULL means CSUMOFF_TX_COMPUTE
 *   hdr          receives the header, if status becomes CSUMOFF_OK
 *   status       receives what csumoff_virtio_tx() returns for this frame
 */
struct csumoff_virtio_tx_item {
    void *frame;
    size_t len;
    const struct csumoff_hint *hint;
    struct csumoff_virtio_hdr hdr;
    int status;
};

/*
 * Makes each of several frames ready to be sent, as csumoff_virtio_tx() does. The headers of each
 * are fetched into the cache before its turn. A frame that is refused does not stop the others.
 *
 *   items, count   the frames, each of which receives its own header and status
 *   link           what all of the frames begin with
 *   caps           what the device accepts
 *
 * Returns how many of the frames have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_virtio_tx_burst(struct csumoff_virtio_tx_item *items, size_t count,
                                           enum csumoff_link link,
                                           const struct csumoff_virtio_caps *caps);

/* ---- Receiving --------------------------------------------------------------------------- */

/*
 * What is believed of a received header. The two members answer different questions.
 *
 *   guest_csum   VIRTIO_NET_F_GUEST_CSUM was negotiated, so that NEEDS_CSUM is allowed
 *   data_valid   DATA_VALID is believed, so that the checksum need not be checked. Linux, for one,
 *                does not believe it of frames that are written to a TAP device
 */
struct csumoff_virtio_policy {
    bool guest_csum;
    bool data_valid;
};

/*
 * Says in which state a frame was received, by its virtio-net header. The header is checked as
 * Linux checks it.
 *
 *   frame, len   the whole frame, which is only read
 *   link         what the frame begins with
 *   hdr          the header in front of the frame
 *   policy       what is believed of the header
 *   rx           receives the state
 *
 * A frame with DATA_VALID that is not believed is in state CSUMOFF_NONE. With RSC_INFO, csum_start
 * and csum_offset are ignored, because they count coalesced segments. With NEEDS_CSUM, a field of 0
 * is no seed (rx->no_seed), unless it is SCTP's. For a super-frame inside a UDP tunnel, rx
 * describes the packet inside.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_EHDR      NEEDS_CSUM is combined with RSC_INFO, or the super-frame is impossible (see
 *                     below);
 *   CSUMOFF_ETRUNC    the header has a gso_type, and the frame is shorter than its headers say;
 *   CSUMOFF_ERANGE    with NEEDS_CSUM, the L4 header or its checksum field ends beyond the end of
 *                     the frame, or csum_start is below 20, the length of the shortest IP header;
 *   CSUMOFF_ENOTSUP   gso_type is unknown or is CSUMOFF_VIRTIO_GSO_UDP; NEEDS_CSUM was not
 *                     negotiated; a super-frame, or a field of 0 with the csum_offset of SCTP, is
 *                     behind a source route that cannot be resolved; or the checksum of a UDP
 *                     tunnel itself is unfinished.
 *
 * A super-frame is impossible if the header has neither NEEDS_CSUM nor RSC_INFO; if gso_size is 0
 * or 65535; if CSUMOFF_VIRTIO_GSO_ECN is set for UDP; if csum_start and csum_offset are not those
 * of the frame's TCP or UDP checksum; if the frame is of another protocol or IP version than
 * gso_type says, is malformed, or has headers that cannot be repeated in each segment; if it would
 * be cut into more than 128 datagrams; or if it is not inside a tunnel although gso_type says so.
 *
 * VIRTIO 1.2, section 5.1.6.4; virtio_net_hdr_to_skb() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx(const void *frame, size_t len,
                                                     enum csumoff_link link,
                                                     const struct csumoff_virtio_hdr *hdr,
                                                     const struct csumoff_virtio_policy *policy,
                                                     struct csumoff_rx *rx);

/*
 * Completes the checksum that a received frame's header says is unfinished, in place, for a stack
 * that checks it. Nothing else is changed, so what was damaged on its way here stays damaged.
 *
 *   frame, len   the whole frame, of which only L4 checksum fields are written
 *   link         what the frame begins with
 *   hdr          the header in front of the frame
 *   policy       what is believed of the header
 *
 * If csumoff_locate_all() finds a packet with this checksum, it is completed over exactly the bytes
 * that it covers; otherwise from csum_start to the end of the frame, as a device does. If the
 * packet is SCTP or its field holds no seed, the checksums of the tunnels around it are computed as
 * well, because they could not be right before.
 *
 * Returns CSUMOFF_OK, an error of csumoff_virtio_rx(), or
 *   CSUMOFF_ENOTSUP   no packet is known to have its checksum at this place, and the field is 0 or
 *                     csum_offset is that of SCTP.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx_finish(
    void *frame, size_t len, enum csumoff_link link, const struct csumoff_virtio_hdr *hdr,
    const struct csumoff_virtio_policy *policy);

/*
 * Says in which state a frame in pieces, such as mergeable buffers, was received, as
 * csumoff_virtio_rx() does.
 *
 *   iov, count   the whole frame, which may be cut anywhere, and is only read
 *   link         what the frame begins with
 *   hdr          the header in front of the frame
 *   policy       what is believed of the header
 *   rx           receives the state
 *
 * Returns CSUMOFF_OK, an error of csumoff_virtio_rx(), or
 *   CSUMOFF_ENOTSUP   the headers that must be examined end more than 512 bytes into the frame, and
 *                     not in the first piece.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx_iov(const struct csumoff_iov *iov,
                                                         size_t count, enum csumoff_link link,
                                                         const struct csumoff_virtio_hdr *hdr,
                                                         const struct csumoff_virtio_policy *policy,
                                                         struct csumoff_rx *rx);

/*
 * Completes the checksum that the header of a received frame in pieces says is unfinished, as
 * csumoff_virtio_rx_finish() does.
 *
 *   iov, count   the whole frame, of which only L4 checksum fields are written; each may be divided
 *                between pieces
 *   link         what the frame begins with
 *   hdr          the header in front of the frame
 *   policy       what is believed of the header
 *
 * Returns CSUMOFF_OK, an error of csumoff_virtio_rx_finish(), or
 *   CSUMOFF_ENOTSUP   the headers that must be examined end more than 512 bytes into the frame, and
 *                     not in the first piece.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx_finish_iov(
    const struct csumoff_iov *iov, size_t count, enum csumoff_link link,
    const struct csumoff_virtio_hdr *hdr, const struct csumoff_virtio_policy *policy);

/*
 * One frame of a burst that was received.
 *
 *   frame, len   set by the caller: the whole frame
 *   hdr          set by the caller: the header in front of the frame
 *   rx           receives the state from csumoff_virtio_rx_burst(), if status becomes CSUMOFF_OK;
 *                csumoff_virtio_rx_finish_burst() does not write it
 *   status       receives what the function for one frame returns
 */
struct csumoff_virtio_rx_item {
    void *frame;
    size_t len;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_rx rx;
    int status;
};

/*
 * Says in which state each of several frames was received, as csumoff_virtio_rx() does. The headers
 * of each are fetched into the cache before its turn. A frame that is refused does not stop the
 * others.
 *
 *   items, count   the frames, which are only read; each receives its own rx and status
 *   link           what all of the frames begin with
 *   policy         what is believed of the headers
 *
 * Returns how many of the frames have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_virtio_rx_burst(struct csumoff_virtio_rx_item *items, size_t count,
                                           enum csumoff_link link,
                                           const struct csumoff_virtio_policy *policy);

/*
 * Completes the checksum of each of several received frames, as csumoff_virtio_rx_finish() does.
 * The headers of each are fetched into the cache before its turn. A frame that is refused does not
 * stop the others.
 *
 *   items, count   the frames, of which only L4 checksum fields are written; each receives its own
 *                  status
 *   link           what all of the frames begin with
 *   policy         what is believed of the headers
 *
 * Returns how many of the frames have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_virtio_rx_finish_burst(struct csumoff_virtio_rx_item *items,
                                                  size_t count, enum csumoff_link link,
                                                  const struct csumoff_virtio_policy *policy);

#ifdef __cplusplus
}
#endif

#endif
