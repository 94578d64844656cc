// SPDX-License-Identifier: MIT
/*
 * Checksum offload of virtio-net: between frames and virtio headers.
 *
 * What csumoff.h says of all its functions holds here, too. The rules are those of Virtual I/O
 * Device (VIRTIO) Version 1.2, section 5.1.6, and what Linux enforces in virtio_net_hdr_to_skb().
 */
#ifndef CSUMOFF_VIRTIO_H
#define CSUMOFF_VIRTIO_H

#include "csumoff_glue.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The header -------------------------------------------------------------------------- */

enum { /* flags */
    CSUMOFF_VIRTIO_NEEDS_CSUM = 1,
    CSUMOFF_VIRTIO_DATA_VALID = 2,
    CSUMOFF_VIRTIO_RSC_INFO = 4,       /* csum_start and csum_offset count coalesced segments */
    CSUMOFF_VIRTIO_UDP_TUNNEL_CSUM = 8 /* the checksum of a UDP tunnel is unfinished, too */
};

enum { /* gso_type */
    CSUMOFF_VIRTIO_GSO_NONE = 0,
    CSUMOFF_VIRTIO_GSO_TCPV4 = 1,
    CSUMOFF_VIRTIO_GSO_UDP = 3, /* fragmentation */
    CSUMOFF_VIRTIO_GSO_TCPV6 = 4,
    CSUMOFF_VIRTIO_GSO_UDP_L4 = 5, /* segmentation, "USO" */
    /* Bits. */
    CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV4 =
        0x20, /* the super-frame is inside a UDP tunnel, VIRTIO 1.4 */
    CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV6 = 0x40,
    CSUMOFF_VIRTIO_GSO_ECN = 0x80 /* TCP, with CWR set */
};

/* The header's fields, as numbers of the CPU's own order. */
struct csumoff_virtio_hdr {
    uint8_t flags, gso_type;
    uint16_t hdr_len; /* headers of a GSO frame, a hint; no function here believes it */
    uint16_t gso_size, csum_start, csum_offset;
    uint16_t num_buffers; /* of the 12-byte form; the functions that send set it to 0 */
};

/* How the header is laid out in memory. */
enum csumoff_virtio_form {
    CSUMOFF_VIRTIO_LITTLE = 0, /* VIRTIO_F_VERSION_1; a TAP after TUNSETVNETLE */
    CSUMOFF_VIRTIO_NATIVE = 1, /* legacy: the guest's own order, if that is this CPU's */
    CSUMOFF_VIRTIO_12 = 2      /* a bit: with num_buffers, 12 bytes; else 10 */
};

/*
 * Writes a header to memory.
 *
 *   hdr    the header
 *   form   an OR of enum csumoff_virtio_form
 *   to     receives 10 or 12 bytes
 *
 * Returns how many bytes those are.
 */
CSUMOFF_API size_t csumoff_virtio_put(const struct csumoff_virtio_hdr *hdr, unsigned form,
                                      void *to);

/*
 * Reads a header from memory.
 *
 *   from   10 or 12 bytes
 *   form   an OR of enum csumoff_virtio_form
 *   hdr    receives the header; without CSUMOFF_VIRTIO_12 its num_buffers becomes 0
 *
 * Returns how many bytes those are.
 */
CSUMOFF_API size_t csumoff_virtio_get(const void *from, unsigned form,
                                      struct csumoff_virtio_hdr *hdr);

/* ---- Sending ----------------------------------------------------------------------------- */

/* What the device takes: VIRTIO_NET_F_CSUM, and HOST_TSO4, TSO6, ECN, USO. */
struct csumoff_virtio_caps {
    bool csum;
    bool tso4, tso6;
    bool ecn; /* TSO of a frame with CWR set */
    bool uso;
};

/*
 * Makes a frame ready to follow a header.
 *
 *   frame, len   the whole frame; only checksum fields are written
 *   link         what it begins with: CSUMOFF_LINK_IP for a TUN
 *   caps         what the device takes
 *   hint         what is to become of the checksum; may be NULL
 *   hdr          receives the header
 *
 * The device is told where the checksum is, so tags, extension headers, tunnels and ICMP need no
 * finishing in software. By hint->want:
 *   CSUMOFF_TX_COMPUTE    The field of TCP or UDP receives a seed, and the header NEEDS_CSUM, if
 *                         the device takes it and no non-zero bytes follow what the checksum
 *                         covers. Else it receives the complete checksum. If the hint's place is a
 *                         tunnelled packet's, that packet's checksum is computed, and then those of
 *                         the packets around it.
 *   CSUMOFF_TX_SEEDED     The seed is kept, and the header receives NEEDS_CSUM; or the checksum is
 *                         finished. It is finished, too, where the protocol is neither TCP nor UDP
 *                         nor ICMP. SCTP receives its CRC32c. A field of 0 cannot be a seed where a
 *                         pseudo-header counts, and is handled like CSUMOFF_TX_COMPUTE.
 *   CSUMOFF_TX_VERIFIED, CSUMOFF_TX_AS_IS
 *                         Nothing is written, and the header receives no flags: a driver must not
 *                         set DATA_VALID.
 * Under the first two the IPv4 header checksum is made right as well.
 *
 * A TCP or UDP payload over mss makes the frame a super-frame, with a seed and NEEDS_CSUM. That
 * takes csum and the feature for it, a frame that ends where its packet ends, and nothing but VLAN
 * tags in front of the IP header; UDP takes at most 128 datagrams, and no tunnel. Any other payload
 * over mss is CSUMOFF_ENOTSUP: see csumoff_segment_begin(). For a tunnel, the payload is that of
 * the innermost packet known.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE    hint->csum_start and hint->csum_offset are not a place for a checksum inside
 *                     the outermost packet; or hint->layout reaches beyond len, or cannot be
 *                     this frame's;
 *   CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_EPROTO, CSUMOFF_EFRAG
 *                     as csumoff_netfront_tx();
 *   CSUMOFF_ENOTSUP   as there; but a seed at a place behind a route that cannot be resolved is
 *                     told to a device that takes seeds.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_tx(void *frame, size_t len,
                                                     enum csumoff_link link,
                                                     const struct csumoff_virtio_caps *caps,
                                                     const struct csumoff_hint *hint,
                                                     struct csumoff_virtio_hdr *hdr);

/*
 * Does the same for a frame in pieces, cut anywhere.
 * Returns what csumoff_virtio_tx() returns; CSUMOFF_ENOTSUP also: the headers needed end more than
 * 512 bytes into the frame, and not in the first piece.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_tx_iov(const struct csumoff_iov *iov,
                                                         size_t count, enum csumoff_link link,
                                                         const struct csumoff_virtio_caps *caps,
                                                         const struct csumoff_hint *hint,
                                                         struct csumoff_virtio_hdr *hdr);

/* A frame of a burst to be sent. */
struct csumoff_virtio_tx_item {
    void *frame; /* in */
    size_t len;
    const struct csumoff_hint *hint; /* may be NULL */
    struct csumoff_virtio_hdr hdr;   /* out, where status is CSUMOFF_OK */
    int status;
};

/*
 * Does csumoff_virtio_tx() for each of several frames. Headers are fetched into the cache ahead of
 * their turn. A frame that is refused does not stop the others.
 *
 * Returns how many have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_virtio_tx_burst(struct csumoff_virtio_tx_item *items, size_t count,
                                           enum csumoff_link link,
                                           const struct csumoff_virtio_caps *caps);

/* ---- Receiving --------------------------------------------------------------------------- */

/* What is believed of the other side: two switches, for they are two questions. */
struct csumoff_virtio_policy {
    bool guest_csum; /* VIRTIO_NET_F_GUEST_CSUM was negotiated: NEEDS_CSUM may come */
    bool data_valid; /* DATA_VALID spares checking; a TAP, for one, ignores it */
};

/*
 * Says what the header of a received frame says, checked as Linux checks it.
 *
 *   frame, len   the whole frame; it is only read
 *   link         what it begins with
 *   hdr          the header in front of it
 *   policy       what is believed of it
 *   rx           receives the state
 *
 * DATA_VALID that is not believed is CSUMOFF_NONE. Under RSC_INFO, csum_start and csum_offset are
 * not looked at. NEEDS_CSUM with a field of 0 has no seed, unless it is SCTP's. For a super-frame
 * inside a UDP tunnel, the place and gso_type are those of the packet inside.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_EHDR      GSO without NEEDS_CSUM (unless RSC_INFO); of size 0 or 65535; with a
 *                     csum_offset that is not the protocol's; of another protocol or IP version
 *                     than the frame's; with more than 128 datagrams; inside a tunnel that the
 *                     frame is not; NEEDS_CSUM with RSC_INFO;
 *   CSUMOFF_ETRUNC    GSO, and the frame is shorter than its headers say;
 *   CSUMOFF_ERANGE    the L4 header or its field ends beyond the frame;
 *   CSUMOFF_ENOTSUP   an unknown gso_type, or that of fragmentation; NEEDS_CSUM that was not
 *                     negotiated; GSO behind a route that cannot be resolved, or a field of 0 there
 *                     with the csum_offset of SCTP; a UDP tunnel whose own checksum is unfinished.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx(const void *frame, size_t len,
                                                     enum csumoff_link link,
                                                     const struct csumoff_virtio_hdr *hdr,
                                                     const struct csumoff_virtio_policy *policy,
                                                     struct csumoff_rx *rx);

/*
 * Completes the checksum that the header says is unfinished, in place, for a stack that checks it.
 * All else is left alone: what was damaged on its way here stays damaged. The checksum of a packet
 * that csumoff_locate_all() finds at that place is completed over exactly what it covers, any other
 * from csum_start to the end of the frame. Around an SCTP packet, and around one without a seed,
 * the checksums of its tunnels are made anew, for what they cover was not known when they were
 * made.
 *
 * Returns what csumoff_virtio_rx() returns; CSUMOFF_ENOTSUP also: the field is 0, and nothing is
 * known to be at that place; or csum_offset is that of SCTP, at a place that is not known to be
 * SCTP's.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx_finish(
    void *frame, size_t len, enum csumoff_link link, const struct csumoff_virtio_hdr *hdr,
    const struct csumoff_virtio_policy *policy);

/*
 * Do the same two for a frame in pieces, cut anywhere, as mergeable buffers are; the first one
 * writes to no piece. CSUMOFF_ENOTSUP also: headers that have to be looked at end more than 512
 * bytes into the frame, and not in the first piece.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx_iov(const struct csumoff_iov *iov,
                                                         size_t count, enum csumoff_link link,
                                                         const struct csumoff_virtio_hdr *hdr,
                                                         const struct csumoff_virtio_policy *policy,
                                                         struct csumoff_rx *rx);
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx_finish_iov(
    const struct csumoff_iov *iov, size_t count, enum csumoff_link link,
    const struct csumoff_virtio_hdr *hdr, const struct csumoff_virtio_policy *policy);

/* A frame of a burst that was received. */
struct csumoff_virtio_rx_item {
    void *frame; /* in */
    size_t len;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_rx rx; /* out, where status is CSUMOFF_OK; not by rx_finish_burst */
    int status;
};

/*
 * Do csumoff_virtio_rx() and csumoff_virtio_rx_finish() for each of several frames. Headers are
 * fetched into the cache ahead of their turn. A frame that is refused does not stop the others.
 *
 * Both return how many have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_virtio_rx_burst(struct csumoff_virtio_rx_item *items, size_t count,
                                           enum csumoff_link link,
                                           const struct csumoff_virtio_policy *policy);
CSUMOFF_API size_t csumoff_virtio_rx_finish_burst(struct csumoff_virtio_rx_item *items,
                                                  size_t count, enum csumoff_link link,
                                                  const struct csumoff_virtio_policy *policy);

#ifdef __cplusplus
}
#endif

#endif
