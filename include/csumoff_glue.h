// SPDX-License-Identifier: MIT
/*
 * What the glue units share: the state in which a frame is received, the wish with which it is
 * sent, segmentation in software, and bursts.
 *
 * What csumoff.h says of all its functions holds here, too. A unit for one kind of device
 * (csumoff_netfront.h, csumoff_virtio.h) only translates between these types and what its device
 * puts beside a frame.
 *
 * What was received is not what is asked for: `enum csumoff_state` and `enum csumoff_tx` are
 * different types on purpose. Between them lies csumoff_forward().
 */
#ifndef CSUMOFF_GLUE_H
#define CSUMOFF_GLUE_H

#include "csumoff.h"

#if defined(__OPTIMIZE_SIZE__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header /* as in csumoff.h */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sending and receiving --------------------------------------------------------------- */

/* What is to become of the L4 checksum of a frame that is sent. */
enum csumoff_tx {
    CSUMOFF_TX_AS_IS, /* It is complete, and nobody vouches for it: the frame is sent unchanged. */
    CSUMOFF_TX_COMPUTE, /* The field holds anything: it becomes a seed where the device takes one,
                           else the complete checksum. */
    CSUMOFF_TX_SEEDED,  /* The field holds a seed: the device finishes it where it can, else it is
                           finished in software. */
    CSUMOFF_TX_VERIFIED /* It is complete and was verified: the frame is sent unchanged. */
};

/*
 * The wish with which a frame is sent. A function that takes one takes NULL as well: that is
 * CSUMOFF_TX_COMPUTE, with all other members 0.
 *
 *   csum_start    where the checksum's sum starts, from the start of the frame; 0: where the
 *                 headers of the outermost packet say. Another place than that is a packet's that
 *                 is tunnelled inside
 *   csum_offset   the field, from csum_start; has no meaning where csum_start is 0
 *   mss           the most payload bytes that a segment may have; 0: there is no limit
 *   layout        the frame's, as a csumoff_locate function gave it for the outermost packet, so
 *                 that nothing is located again; NULL: it is located
 */
struct csumoff_hint {
    enum csumoff_tx want;
    uint32_t csum_start, csum_offset;
    uint16_t mss;
    const struct csumoff_layout *layout;
};

/* Kinds of super-frames: of what their payload is to be cut into segments. */
enum csumoff_gso {
    CSUMOFF_GSO_NONE = 0,
    CSUMOFF_GSO_TCPV4 = 1,
    CSUMOFF_GSO_TCPV6 = 2,
    CSUMOFF_GSO_UDP_L4 = 3 /* every segment a datagram of its own */
};

/*
 * How a received frame's L4 checksum stands.
 *
 *   state         CSUMOFF_NONE: it is complete, and nobody has verified it; CSUMOFF_UNNECESSARY: it
 *                 was verified; CSUMOFF_PARTIAL: it is still to be finished
 *   csum_start    under CSUMOFF_PARTIAL, where its sum starts, from the start of the frame; else 0
 *   csum_offset   under CSUMOFF_PARTIAL, the field, from csum_start; else 0
 *   gso_type      enum csumoff_gso
 *   gso_size      payload bytes of a segment; 0 under CSUMOFF_GSO_NONE
 *   no_seed       under CSUMOFF_PARTIAL, whether the field does not hold the seed, so that the
 *                 checksum has to be computed. Always false for SCTP, which has no seed
 */
struct csumoff_rx {
    enum csumoff_state state;
    uint32_t csum_start, csum_offset;
    uint8_t gso_type;
    uint16_t gso_size;
    bool no_seed;
};

/*
 * Returns the state of a located packet's own L4 field, for csumoff_rewrite() and
 * csumoff_adjust_l4(): CSUMOFF_PARTIAL only if the seed is this packet's own. While the seed is
 * that of a packet tunnelled inside, the checksum of the packet around it is complete:
 * CSUMOFF_NONE.
 *
 *   rx       how the frame was received
 *   layout   the packet's
 */
CSUMOFF_INLINE_API enum csumoff_state csumoff_state_of(const struct csumoff_rx *rx,
                                                       const struct csumoff_layout *layout)
{
    if (rx->state == CSUMOFF_PARTIAL &&
        (rx->csum_start != layout->csum_start || rx->csum_offset != layout->csum_offset))
        return CSUMOFF_NONE;
    return rx->state;
}

/*
 * Returns the wish with which a received frame is sent on, so that its state is not lost: a seed
 * stays a seed, what was to be computed is computed, a super-frame has its segment size as mss, and
 * what nobody has verified is sent unchanged. The one way from received to sent.
 */
CSUMOFF_INLINE_API struct csumoff_hint csumoff_forward(const struct csumoff_rx *rx)
{
    struct csumoff_hint hint;

    hint.want = CSUMOFF_TX_AS_IS;
    if (rx->state == CSUMOFF_PARTIAL)
        hint.want = rx->no_seed ? CSUMOFF_TX_COMPUTE : CSUMOFF_TX_SEEDED;
    else if (rx->state == CSUMOFF_UNNECESSARY)
        hint.want = CSUMOFF_TX_VERIFIED;
    hint.csum_start = rx->csum_start;
    hint.csum_offset = rx->csum_offset;
    hint.mss = rx->gso_type ? rx->gso_size : 0;
    hint.layout = 0;
    return hint;
}

/* ---- Segmentation ------------------------------------------------------------------------ */

#define CSUMOFF_SEGMENT_HEADERS 256 /* the most bytes in front of the payload */

/* A super-frame that is being cut. It refers to the frame, which must stay until it is done. */
struct csumoff_segments {
    size_t count, len_max; /* how many segments there are in all; the length of the longest */
    /* Not for callers. */
    struct csumoff_iov whole;
    const struct csumoff_iov *iov; /* NULL: the frame is in one piece, `whole` */
    size_t iov_count, iov_skip;    /* the pieces that are left, and bytes to pass over in them */
    size_t left, index, header_len, l3_start, l4_start, csum_offset;
    uint16_t mss;
    uint8_t ip_version, l4_proto;
    bool is_seeded;
    csumoff_wsum pseudo;
    uint8_t headers[CSUMOFF_SEGMENT_HEADERS];
};

/*
 * Begins to cut a TCP or UDP frame into frames of at most mss bytes of payload each. Tags, options
 * and extension headers are repeated in each of them. A frame whose payload is not over mss becomes
 * one segment.
 *
 *   segments     receives what csumoff_segment_next() goes on with
 *   frame, len   the frame; its checksums may hold anything, and bytes behind the datagram are left
 *                out
 *   link         what it begins with
 *   mss          the most payload bytes of a segment, more than 0
 *   is_seeded    whether each segment is to hold a seed, for a device that finishes it, or its
 *                complete checksum
 *
 * Returns CSUMOFF_OK, an error of csumoff_locate(), or
 *   CSUMOFF_EPROTO    the packet is neither TCP nor UDP;
 *   CSUMOFF_EHDR      TCP's data offset is impossible;
 *   CSUMOFF_ERANGE    mss is 0, or so large that a segment of a super-frame would be longer than an
 *                     IP header can say;
 *   CSUMOFF_ENOTSUP   there are more than 256 bytes of headers; an authentication, fragment or
 *                     jumbo header is among them; anything but VLAN tags (0x8100, 0x88A8) is in
 *                     front of the IP header; or the packet is UDP with a payload over mss and
 *                     tunnels another, which cutting would tear apart.
 * tcp_gso_segment(), __udp_gso_segment() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_begin(struct csumoff_segments *segments,
                                                         const void *frame, size_t len,
                                                         enum csumoff_link link, uint16_t mss,
                                                         bool is_seeded);

/* Does the same for a frame in pieces, cut anywhere. The pieces and their array must stay until it
 * is done; they are only read. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_begin_iov(struct csumoff_segments *segments,
                                                             const struct csumoff_iov *iov,
                                                             size_t count, enum csumoff_link link,
                                                             uint16_t mss, bool is_seeded);

/*
 * Writes the next segment. Its payload is read once, when it is copied and summed. IPv4
 * identification and TCP sequence numbers count on; PSH and FIN are the last segment's alone, CWR
 * the first one's.
 *
 *   out, room   receives the segment; must not overlap the frame
 *   len         receives its length; 0 after the last one
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ERANGE: the segment is longer than `room`; the next call writes
 * the same one.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_next(struct csumoff_segments *segments,
                                                        void *out, size_t room, size_t *len);

/*
 * Writes the headers of the next segment alone, for a driver that gives its payload to the device
 * by reference. Only segments with seeds can be had so: a complete checksum covers the payload.
 *
 *   head, room    receives the headers, with the seed
 *   head_len      receives how many bytes those are; 0 after the last segment
 *   at            receives where the payload of this segment begins, from the start of the frame
 *   payload_len   receives how many bytes of payload it has
 *
 * Returns CSUMOFF_OK, CSUMOFF_ERANGE: the headers are longer than `room`, or CSUMOFF_ENOTSUP: the
 * segments were not begun with is_seeded.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_next_head(struct csumoff_segments *segments,
                                                             void *head, size_t room,
                                                             size_t *head_len, size_t *at,
                                                             size_t *payload_len);

/* ---- Bursts ------------------------------------------------------------------------------ */

/* A frame of a burst to be judged. */
struct csumoff_inspect_item {
    const void *frame; /* in */
    size_t len;
    struct csumoff_report report; /* out, where status is CSUMOFF_OK */
    int status;
};

/*
 * Does csumoff_inspect() for each of several frames. Headers are fetched into the cache ahead of
 * their turn, which is what a burst of frames that a device has just written gains by. A frame that
 * is refused does not stop the others.
 *
 *   items, count   the frames; each receives its own report and status
 *   link           what all of them begin with
 *
 * Returns how many have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_inspect_burst(struct csumoff_inspect_item *items, size_t count,
                                         enum csumoff_link link);

#ifdef __cplusplus
}
#endif

#endif
