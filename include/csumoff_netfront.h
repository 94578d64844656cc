// SPDX-License-Identifier: MIT
/*
 * Checksum offload of a Xen network frontend: from xenstore keys to the flags of ring slots.
 *
 * Frames begin with an Ethernet header. What csumoff.h says of all its functions holds here, too:
 * bytes, any alignment, nothing written on error, any thread, nothing allocated or kept. The ring,
 * xenstore and the frames stay the driver's. Comments are ordered as there; "the backend" is the
 * other side, and what it does is taken from Linux's xen-netback and skb_checksum_setup().
 */
#ifndef CSUMOFF_NETFRONT_H
#define CSUMOFF_NETFRONT_H

#include "csumoff.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The protocol's numbers ---------------------------------------------------------------- */

/*
 * xen/io/netif.h has the same under the name that follows CSUMOFF_. The checksum bits of the two
 * directions are swapped: never test a received flag with a NETTXF name.
 */
enum { /* from the guest */
    CSUMOFF_NETTXF_CSUM_BLANK = 1,
    CSUMOFF_NETTXF_DATA_VALIDATED = 2,
    CSUMOFF_NETTXF_MORE_DATA = 4,
    CSUMOFF_NETTXF_EXTRA_INFO = 8
};

enum { /* to the guest */
    CSUMOFF_NETRXF_DATA_VALIDATED = 1,
    CSUMOFF_NETRXF_CSUM_BLANK = 2,
    CSUMOFF_NETRXF_MORE_DATA = 4,
    CSUMOFF_NETRXF_EXTRA_INFO = 8
};

enum {
    CSUMOFF_NETIF_EXTRA_TYPE_GSO = 1, /* the type of the slot that carries gso_type and gso_size */
    CSUMOFF_NETIF_GSO_TYPE_NONE = 0,
    CSUMOFF_NETIF_GSO_TYPE_TCPV4 = 1,
    CSUMOFF_NETIF_GSO_TYPE_TCPV6 = 2
};

/* ---- Negotiation --------------------------------------------------------------------------- */

/* What a side takes from the other. IPv4 and IPv6 are separate switches. */
struct csumoff_netfront_caps {
    bool csum_ipv4, csum_ipv6; /* frames whose TCP or UDP checksum is a seed */
    bool gso_tcpv4, gso_tcpv6; /* TCP super-frames */
    bool sg;                   /* frames of several slots */
};

/* A node of the frontend's directory in xenstore. Both strings are static. */
struct csumoff_netfront_key {
    const char *key, *value;
};

/*
 * What the backend takes, from the keys of its directory: `get` returns the value of one, valid
 * until its next call, or NULL where there is none. A whole decimal number means 0: off, else: on;
 * anything else is as if it were absent, and then only csum_ipv4 is on. Always CSUMOFF_OK.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_read_caps(
    const char *(*get)(void *ctx, const char *key), void *ctx, struct csumoff_netfront_caps *caps);

/*
 * The nodes that tell the backend what the frontend takes. Those that are off are told, too: a node
 * of an earlier driver may be there. Returns how many there are and writes at most `max`.
 */
CSUMOFF_API size_t csumoff_netfront_advertise(const struct csumoff_netfront_caps *mine,
                                              struct csumoff_netfront_key *out, size_t max);

/* ---- Sending ------------------------------------------------------------------------------- */

/* For the first slot of a frame; where flags have extra_info, a GSO slot must follow it. */
struct csumoff_netfront_slot {
    uint16_t flags;    /* CSUMOFF_NETTXF_*, without more_data */
    uint8_t gso_type;  /* CSUMOFF_NETIF_GSO_TYPE_* */
    uint16_t gso_size; /* payload bytes of a segment */
};

/* What the stack knows of a frame's L4 checksum. */
struct csumoff_tx_hint {
    enum csumoff_state state;
    size_t csum_start, csum_offset; /* PARTIAL: where; csum_start 0: where the headers say */
    uint16_t mss;                   /* payload bytes of a segment; 0: not to be segmented */
};

/*
 * Makes a frame ready for its slots; len: all of it. A NULL hint is state NONE, mss 0.
 *   NONE         the field's content is unknown, so it is computed: a seed, with csum_blank and
 *                data_validated, where the backend takes it, else complete, with no flags
 *   PARTIAL      the field holds a seed: kept, with both flags, or finished. A field of 0 is no
 *                seed where a pseudo-header counts: as NONE; so is SCTP's, a CRC32c. A place that
 *                isn't the frame's own, as in a tunnel, is finished
 *   UNNECESSARY  complete: the frame is left alone, data_validated. So goes UDP without a checksum
 *   COMPLETE     somebody else's, and not verified here: left as it is, with no flags, so that what
 *                was damaged on its way here isn't made to look right
 * The backend does not take: anything between the Ethernet and the IP header (VLAN tags, MPLS,
 * PPPoE, SNAP), protocols other than TCP and UDP, a family that was not negotiated, non-zero bytes
 * after what the checksum covers, headers it does not find its way through. Frames without a
 * checksum that csumoff_locate() knows (ARP, fragments, some protocols) are left alone, with no
 * flags. Every other IPv4 header checksum is made real, except under UNNECESSARY: there is no
 * offload for it.
 *
 * A TCP payload over mss > 0 is GSO: a seed for the whole frame, whatever the state (for a
 * length-less seed say NONE), csum_blank always. It needs the family's csum and gso, and sg, and
 * neither tags nor bytes behind the IP packet: else CSUMOFF_ENOTSUP, as for a payload over mss that
 * isn't TCP; see csumoff_segment_begin().
 *
 * CSUMOFF_ERANGE: len over 65535, or no place for a checksum where the hint says; CSUMOFF_ETRUNC;
 * CSUMOFF_EHDR; CSUMOFF_ENOTSUP, also: a checksum to be made behind a route that cannot be
 * resolved, or at another place of an SCTP packet. xennet_start_xmit() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx(void *frame, size_t len,
                                                       const struct csumoff_netfront_caps *caps,
                                                       const struct csumoff_tx_hint *hint,
                                                       struct csumoff_netfront_slot *slot);

/*
 * The same for a frame in pieces, cut anywhere. The first 512 bytes are gathered on the stack; only
 * checksum fields are written. CSUMOFF_ENOTSUP: the headers are longer than that.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx_iov(const struct csumoff_iov *iov,
                                                           size_t count,
                                                           const struct csumoff_netfront_caps *caps,
                                                           const struct csumoff_tx_hint *hint,
                                                           struct csumoff_netfront_slot *slot);

/* ---- Receiving ----------------------------------------------------------------------------- */

/* How a received frame's L4 checksum stands. */
struct csumoff_rx {
    enum csumoff_state state;       /* NONE, UNNECESSARY or PARTIAL */
    size_t csum_start, csum_offset; /* PARTIAL: where, else 0 */
    uint8_t gso_type;               /* CSUMOFF_NETIF_GSO_TYPE_* */
    uint16_t gso_size;
    bool no_seed; /* PARTIAL, but the field holds none: GSO without csum_blank, or a field of 0 */
};

/*
 * What the flags of a received frame's first slot mean; gso_type and gso_size: of the extra slot, 0
 * where there is none. csum_blank alone counts; GSO without it is PARTIAL. A frame that is taken
 * with csum_blank needs no checking: it never left the machine.
 * Errors of csumoff_locate(), for PARTIAL; CSUMOFF_EHDR: a gso_size of 0, or a gso_type that the
 * frame is not; CSUMOFF_ENOTSUP: an unknown gso_type. xennet_get_responses() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx(const void *frame, size_t len,
                                                       uint16_t flags, uint8_t gso_type,
                                                       uint16_t gso_size, struct csumoff_rx *rx);

/*
 * The same, then completes the L4 checksum in place, over what it covers, for a stack that checks
 * it. Anything but csum_blank, or extra_info (which without csum_blank is GSO to be repaired), is
 * left alone. Errors of csumoff_locate().
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_finish(void *frame, size_t len,
                                                              uint16_t flags);

/* The same two for a frame in pieces, as csumoff_netfront_tx_iov() takes it; the first one writes
 * to no piece. CSUMOFF_ERANGE: over 65535 bytes. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_iov(const struct csumoff_iov *iov,
                                                           size_t count, uint16_t flags,
                                                           uint8_t gso_type, uint16_t gso_size,
                                                           struct csumoff_rx *rx);
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_finish_iov(const struct csumoff_iov *iov,
                                                                  size_t count, uint16_t flags);

/*
 * The hint with which a received frame is sent on, so that its state isn't lost: what came blank
 * leaves blank or finished; what nobody verified leaves as it is (COMPLETE). Adjust the addresses
 * by csumoff_adjust_l4() under the received state.
 */
static inline struct csumoff_tx_hint csumoff_netfront_forward(const struct csumoff_rx *rx)
{
    struct csumoff_tx_hint hint = {rx->state, rx->csum_start, rx->csum_offset, 0};

    if (rx->state == CSUMOFF_NONE)
        hint.state = CSUMOFF_COMPLETE;
    if (rx->no_seed)
        hint.state = CSUMOFF_NONE;
    if (rx->gso_type)
        hint.mss = rx->gso_size;
    return hint;
}

/* ---- Segmentation -------------------------------------------------------------------------- */

#define CSUMOFF_SEGMENT_HEADERS 256

/* A super-frame being cut. It points into the frame, which has to stay until it is done. */
struct csumoff_segments {
    size_t count, len_max; /* how many frames there will be; the length of the longest */
    /* Not for the caller. */
    const uint8_t *payload;
    size_t left, index, header_len, l3_start, l4_start, csum_offset;
    uint16_t mss;
    uint8_t ip_version, l4_proto;
    bool is_seeded;
    csumoff_sum16 seed; /* without the length */
    uint8_t headers[CSUMOFF_SEGMENT_HEADERS];
};

/*
 * Begins to cut a TCP or UDP frame, tags, options and extension headers included, into frames of up
 * to mss bytes of payload; one is enough for a frame that mss covers. Its checksums may hold
 * anything; bytes behind the datagram are left out. is_seeded: whether each frame is to hold a
 * seed, for csum_blank, or its complete checksum. Errors of csumoff_locate(); CSUMOFF_EPROTO:
 * neither TCP nor UDP; CSUMOFF_EHDR: TCP's data offset; CSUMOFF_ERANGE: mss 0; CSUMOFF_ENOTSUP:
 * more than 256 bytes of headers, an authentication, fragment or jumbo header among them, or
 * anything but tags (0x8100, 0x88A8) before the IP header. tcp_gso_segment(), __udp_gso_segment()
 * in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_begin(struct csumoff_segments *segments,
                                                         const void *frame, size_t len,
                                                         uint16_t mss, bool is_seeded);

/*
 * Writes the next frame to `out`, no overlap, and its length to *len; 0 after the last one. The
 * payload is read once, when it is copied and summed. IPv4 identification and TCP sequence count
 * on; PSH and FIN are the last one's alone, CWR the first one's.
 * CSUMOFF_ERANGE: longer than `room`; the same frame comes again.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_segment_next(struct csumoff_segments *segments,
                                                        void *out, size_t room, size_t *len);

/* ---- The other side, rehearsed ------------------------------------------------------------- */

/* Why Linux's backend drops a frame: without a word, the response says OKAY, unless noted. */
enum csumoff_drop {
    CSUMOFF_DROP_NONE,
    CSUMOFF_DROP_RUNT,      /* shorter than an Ethernet header: the response says ERROR */
    CSUMOFF_DROP_GSO_TYPE,  /* neither TCPv4 nor TCPv6: fatal to the interface */
    CSUMOFF_DROP_GSO_SIZE,  /* 0: fatal to the interface */
    CSUMOFF_DROP_ETHERTYPE, /* neither IPv4 nor IPv6: ARP, a VLAN tag */
    CSUMOFF_DROP_TRUNCATED, /* the headers do not end inside the frame */
    CSUMOFF_DROP_FRAGMENT,
    CSUMOFF_DROP_CHAIN,   /* IPv6 extension headers go on beyond the payload length */
    CSUMOFF_DROP_FAR,     /* an IPv6 extension header ends its fixed part after byte 256 */
    CSUMOFF_DROP_PROTOCOL /* neither TCP nor UDP */
};

/* In words; never NULL, static, for unknown values too. */
CSUMOFF_API const char *csumoff_drop_text(enum csumoff_drop drop);

/*
 * What Linux's backend will do with a frame sent under this slot: *why is CSUMOFF_DROP_NONE, or the
 * first reason to drop it. The content of the checksum field plays no part: it is never looked at.
 * Of several slots the first one has to hold 14 bytes, too, or the response says ERROR.
 * CSUMOFF_ERANGE: len over 65535, which no slot can say. xenvif_tx_build_gops(),
 * xenvif_set_skb_gso(), skb_checksum_setup() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netback_accepts(const void *frame, size_t len,
                                                           const struct csumoff_netfront_slot *slot,
                                                           enum csumoff_drop *why);

#ifdef __cplusplus
}
#endif

#endif
