// SPDX-License-Identifier: MIT
/*
 * What the units for devices share: the state in which a frame was received, the hint with which it
 * is sent, segmentation in software, and bursts.
 *
 * The rules at the beginning of csumoff.h hold for these functions as well. A unit for one kind of
 * device (csumoff_netfront.h, csumoff_virtio.h) translates between these types and what its device
 * keeps beside a frame: the flags of a ring slot, or a header.
 *
 * The state of a received frame (enum csumoff_state) and the hint for a frame that is sent (enum
 * csumoff_tx) are different types on purpose: passing the one for the other would make a damaged
 * frame look right. csumoff_forward() turns a state into a hint.
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

/* What is to be done with the L4 checksum of a frame that is sent. */
enum csumoff_tx {
    /* It is complete, but nobody has verified it. The frame is sent unchanged. */
    CSUMOFF_TX_AS_IS,
    /* The field may hold anything. A seed is written if the device can finish it, else the complete
     * checksum. */
    CSUMOFF_TX_COMPUTE,
    /* The field holds a seed. It stays if the device can finish it, else the library finishes the
     * checksum. */
    CSUMOFF_TX_SEEDED,
    /* It is complete and was verified. The frame is sent unchanged, and the device may be told. */
    CSUMOFF_TX_VERIFIED
};

/*
 * How a frame is to be sent. A function with a parameter of this type takes NULL as well, which
 * means CSUMOFF_TX_COMPUTE with all other members 0.
 *
 *   want          what is to be done with the checksum
 *   csum_start    where the checksum's sum starts, from the start of the frame. 0 means the
 *                 outermost packet's own checksum, as its headers say. Any other place is that of
 *                 another checksum, such as one of a packet tunnelled inside
 *   csum_offset   the checksum field, from csum_start; ignored if csum_start is 0
 *   mss           the most payload bytes that a segment may have; 0 means no limit
 *   layout        the outermost packet's layout, which a csumoff_locate function gave for this
 *                 frame, so that it need not be located again; NULL if the caller has none
 */
struct csumoff_hint {
    enum csumoff_tx want;
    uint32_t csum_start, csum_offset;
    uint16_t mss;
    const struct csumoff_layout *layout;
};

/* Which kind of super-frame a frame is, which decides how it is cut into segments. */
enum csumoff_gso {
    CSUMOFF_GSO_NONE = 0,  /* the frame is no super-frame */
    CSUMOFF_GSO_TCPV4 = 1, /* TCP over IPv4 */
    CSUMOFF_GSO_TCPV6 = 2, /* TCP over IPv6 */
    CSUMOFF_GSO_UDP_L4 = 3 /* UDP datagrams: every segment becomes a datagram of its own (USO) */
};

/*
 * In which state a frame was received.
 *
 *   state         CSUMOFF_NONE: the L4 checksum is complete, and nobody has verified it;
 *                 CSUMOFF_UNNECESSARY: it was verified; CSUMOFF_PARTIAL: it is yet to be finished.
 *                 No function here sets CSUMOFF_COMPLETE
 *   csum_start    under CSUMOFF_PARTIAL, where the checksum's sum starts, from the start of the
 *                 frame; else 0
 *   csum_offset   under CSUMOFF_PARTIAL, the checksum field, from csum_start; else 0
 *   gso_type      a value of enum csumoff_gso
 *   gso_size      the payload bytes of a segment; 0 if gso_type is CSUMOFF_GSO_NONE
 *   no_seed       under CSUMOFF_PARTIAL, whether the field does not hold the seed, so that the
 *                 complete checksum must be computed, pseudo-header included. Always false for
 *                 SCTP, whose CRC32c needs no seed
 */
struct csumoff_rx {
    enum csumoff_state state;
    uint32_t csum_start, csum_offset;
    uint8_t gso_type;
    uint16_t gso_size;
    bool no_seed;
};

/*
 * Returns the state of a located packet's own L4 checksum field, for csumoff_rewrite() and
 * csumoff_adjust_l4(). It is CSUMOFF_PARTIAL only if the seed is this packet's own. While the seed
 * is that of a packet tunnelled inside, the checksum of the packet around it is complete, so the
 * state is CSUMOFF_NONE.
 *
 *   rx       how the frame was received
 *   layout   the packet's layout
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
 * Returns the hint with which a received frame is sent on without losing its state: a seed stays a
 * seed, a checksum that is to be computed is computed, a super-frame keeps its segment size as mss,
 * and a checksum that nobody has verified is sent unchanged. Only this function turns what was
 * received into what is sent.
 *
 *   rx   how the frame was received
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

#define CSUMOFF_SEGMENT_HEADERS 256 /* the most bytes of headers that a segment can have */

/*
 * A super-frame that is being cut. It refers to the frame, which must stay in place until the last
 * segment has been written.
 *
 *   count     how many segments there are in all
 *   len_max   the length of the longest one in bytes, headers included
 */
struct csumoff_segments {
    size_t count, len_max;
    /* The following members are not for callers. */
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
 * Begins to cut a TCP or UDP frame into frames of at most `mss` bytes of payload each. VLAN tags,
 * options and extension headers are repeated in each of them. A frame whose payload is not over mss
 * becomes one segment.
 *
 *   segments     receives what csumoff_segment_next() continues with
 *   frame, len   the whole frame, which is only read, and must stay in place until the last
 *                segment; its checksum fields may hold anything, and bytes behind the datagram are
 *                left out
 *   link         what the frame begins with
 *   mss          the most payload bytes of a segment, more than 0
 *   is_seeded    true: each segment receives a seed, for a device that finishes it; false: each
 *                segment receives its complete checksum
 *
 * Returns CSUMOFF_OK, an error of csumoff_locate(), or
 *   CSUMOFF_EPROTO    the packet is neither TCP nor UDP;
 *   CSUMOFF_EHDR      TCP's data offset is impossible;
 *   CSUMOFF_ERANGE    mss is 0, or so large that a segment would be longer than the length field of
 *                     an IP header can express;
 *   CSUMOFF_ENOTSUP   the headers have more than 256 bytes; an authentication, fragment or jumbo
 *                     header is among them; anything but VLAN tags (0x8100, 0x88A8) is in front of
 *                     the IP header; or the packet is UDP, has a payload over mss and is a tunnel,
 *                     whose inner packet would be cut in two.
 *
 * tcp_gso_segment(), __udp_gso_segment() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_begin(struct csumoff_segments *segments,
                                                         const void *frame, size_t len,
                                                         enum csumoff_link link, uint16_t mss,
                                                         bool is_seeded);

/*
 * Begins to cut a TCP or UDP frame in pieces, as csumoff_segment_begin() does.
 *
 *   segments     receives what csumoff_segment_next() continues with
 *   iov, count   the whole frame, which is only read; the pieces and the array must stay in place
 *                until the last segment
 *   link         what the frame begins with
 *   mss          the most payload bytes of a segment, more than 0
 *   is_seeded    true: each segment receives a seed; false: each receives its complete checksum
 *
 * Returns what csumoff_segment_begin() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_begin_iov(struct csumoff_segments *segments,
                                                             const struct csumoff_iov *iov,
                                                             size_t count, enum csumoff_link link,
                                                             uint16_t mss, bool is_seeded);

/*
 * Writes the next segment. Its payload is read once, while it is copied and summed. IPv4
 * identification and TCP sequence numbers are counted up; of the TCP flags, PSH and FIN are left to
 * the last segment, and CWR to the first.
 *
 *   segments    what csumoff_segment_begin() or csumoff_segment_begin_iov() wrote
 *   out, room   receives the segment; must not overlap the frame
 *   len         receives the segment's length in bytes; 0 after the last one
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the segment is longer than `room`, and the next call writes the same one.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_next(struct csumoff_segments *segments,
                                                        void *out, size_t room, size_t *len);

/*
 * Writes the headers of the next segment alone, for a driver that passes the payload to the device
 * by reference. The segments must have seeds, because a complete checksum covers the payload.
 *
 *   segments      what csumoff_segment_begin() or csumoff_segment_begin_iov() wrote
 *   head, room    receives the headers, with the seed; must not overlap the frame
 *   head_len      receives how many bytes of headers those are; 0 after the last segment
 *   at            receives where the payload of this segment begins, from the start of the frame
 *   payload_len   receives how many bytes of payload this segment has
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE    the headers are longer than `room`, and the next call writes the same ones;
 *   CSUMOFF_ENOTSUP   the segments were begun without is_seeded.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_next_head(struct csumoff_segments *segments,
                                                             void *head, size_t room,
                                                             size_t *head_len, size_t *at,
                                                             size_t *payload_len);

/* ---- Bursts ------------------------------------------------------------------------------ */

/*
 * One frame of a burst for csumoff_inspect_burst().
 *
 *   frame, len   set by the caller: the whole frame, which is only read
 *   report       receives the verdicts, if status becomes CSUMOFF_OK
 *   status       receives what csumoff_inspect() returns for this frame
 */
struct csumoff_inspect_item {
    const void *frame;
    size_t len;
    struct csumoff_report report;
    int status;
};

/*
 * Judges each of several frames, as csumoff_inspect() does. The headers of each are fetched into
 * the cache before its turn, which pays where a device has just written the frames. A frame that is
 * refused does not stop the others.
 *
 *   items, count   the frames, each of which receives its own report and status
 *   link           what all of the frames begin with
 *
 * Returns how many of the frames have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_inspect_burst(struct csumoff_inspect_item *items, size_t count,
                                         enum csumoff_link link);

#ifdef __cplusplus
}
#endif

#endif
