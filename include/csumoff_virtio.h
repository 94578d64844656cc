// SPDX-License-Identifier: MIT
/*
 * Checksum offload of virtio-net: between frames, virtio headers and Xen's slots.
 *
 * Frames begin with an Ethernet header. What csumoff.h says of all its functions holds here, too:
 * bytes, any alignment, nothing written on error, any thread, nothing allocated or kept. Comments
 * are ordered as there. Rules: Virtual I/O Device (VIRTIO) Version 1.2, section 5.1.6, and what
 * Linux enforces in virtio_net_hdr_to_skb().
 */
#ifndef CSUMOFF_VIRTIO_H
#define CSUMOFF_VIRTIO_H

#include "csumoff_netfront.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The header ---------------------------------------------------------------------------- */

enum { /* flags */
    CSUMOFF_VIRTIO_NEEDS_CSUM = 1,
    CSUMOFF_VIRTIO_DATA_VALID = 2,
    CSUMOFF_VIRTIO_RSC_INFO = 4 /* csum_start and csum_offset count coalesced segments */
};

enum { /* gso_type */
    CSUMOFF_VIRTIO_GSO_NONE = 0,
    CSUMOFF_VIRTIO_GSO_TCPV4 = 1,
    CSUMOFF_VIRTIO_GSO_UDP = 3, /* fragmentation */
    CSUMOFF_VIRTIO_GSO_TCPV6 = 4,
    CSUMOFF_VIRTIO_GSO_UDP_L4 = 5, /* segmentation, "USO" */
    CSUMOFF_VIRTIO_GSO_ECN = 0x80  /* a bit: TCP, with CWR set */
};

/* The header's fields, as numbers of the CPU's own order. */
struct csumoff_virtio_hdr {
    uint8_t flags, gso_type;
    uint16_t hdr_len; /* headers of a GSO frame, a hint; nothing here believes it */
    uint16_t gso_size, csum_start, csum_offset;
    uint16_t num_buffers; /* of the 12-byte form */
};

/* How it stands in memory. */
enum csumoff_virtio_form {
    CSUMOFF_VIRTIO_LITTLE = 0, /* VIRTIO_F_VERSION_1; a TAP after TUNSETVNETLE */
    CSUMOFF_VIRTIO_NATIVE = 1, /* legacy: the guest's own order, if that is this CPU's */
    CSUMOFF_VIRTIO_12 = 2      /* a bit: with num_buffers, 12 bytes; else 10 */
};

/*
 * Writes the header at `to`, 10 or 12 bytes, in the form given (an OR of the above). Returns how
 * many bytes those are.
 */
CSUMOFF_API size_t csumoff_virtio_put(const struct csumoff_virtio_hdr *hdr, unsigned form,
                                      void *to);

/* Reads it likewise; without CSUMOFF_VIRTIO_12 num_buffers becomes 0. */
CSUMOFF_API size_t csumoff_virtio_get(const void *from, unsigned form,
                                      struct csumoff_virtio_hdr *hdr);

/* ---- Sending ------------------------------------------------------------------------------- */

/* What the device takes: VIRTIO_NET_F_CSUM, and HOST_TSO4, TSO6, ECN, USO. */
struct csumoff_virtio_caps {
    bool csum;
    bool tso4, tso6;
    bool ecn; /* TSO of a frame with CWR set */
    bool uso;
};

/*
 * Makes a frame ready to follow a header. The states of csumoff_netfront_tx(), but the device is
 * told where the checksum is: tags, extension headers, tunnels and ICMP seeds need no finishing.
 *   NONE         computed: a seed and NEEDS_CSUM for TCP and UDP, where the device takes it, and no
 *                non-zero bytes follow what the checksum covers; else complete
 *   PARTIAL      kept, and NEEDS_CSUM, or finished; finished, too, where the protocol is neither
 *                TCP nor UDP nor ICMP. A field of 0 is as NONE where a pseudo-header counts, and so
 *                is SCTP's, a CRC32c
 *   UNNECESSARY  left alone, without flags: a driver must not set DATA_VALID
 *   COMPLETE     left as it is, without flags
 * A TCP or UDP payload over mss > 0 is GSO, with a seed and NEEDS_CSUM, whatever the state.
 *
 * CSUMOFF_ENOTSUP: GSO without its feature or csum, of another protocol, with bytes behind the IP
 * packet, with anything but tags before it; see csumoff_segment_begin(); a checksum to be made
 * behind a route that cannot be resolved, or at another place of an SCTP packet. CSUMOFF_ERANGE,
 * CSUMOFF_ETRUNC, CSUMOFF_EHDR as there.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_tx(void *frame, size_t len,
                                                     const struct csumoff_virtio_caps *caps,
                                                     const struct csumoff_tx_hint *hint,
                                                     struct csumoff_virtio_hdr *hdr);

/* ---- Receiving ----------------------------------------------------------------------------- */

/* What is believed of the other side: two switches, for they are two questions. */
struct csumoff_virtio_policy {
    bool guest_csum; /* VIRTIO_NET_F_GUEST_CSUM was negotiated: NEEDS_CSUM may come */
    bool data_valid; /* DATA_VALID spares checking; a TAP, for one, ignores it */
};

struct csumoff_virtio_rx {
    enum csumoff_state state;       /* NONE, UNNECESSARY or PARTIAL */
    size_t csum_start, csum_offset; /* PARTIAL: where, else 0 */
    uint8_t gso_type;               /* CSUMOFF_VIRTIO_GSO_*, with the bit for ECN */
    uint16_t gso_size;
};

/*
 * What the header of a received frame says, checked as Linux checks it. DATA_VALID that isn't
 * believed is NONE. Under RSC_INFO, csum_start and csum_offset are not looked at.
 * CSUMOFF_EHDR: GSO without NEEDS_CSUM (unless RSC_INFO), of size 0 or 65535, with csum_offset not
 * the protocol's, of another protocol or IP version than the frame's, with more than 128 datagrams;
 * NEEDS_CSUM with RSC_INFO; CSUMOFF_ERANGE: the L4 header or its field ends beyond the frame;
 * CSUMOFF_ENOTSUP: an unknown gso_type, NEEDS_CSUM that was not negotiated, or GSO behind a route
 * that cannot be resolved.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_rx(const void *frame, size_t len,
                                                     const struct csumoff_virtio_hdr *hdr,
                                                     const struct csumoff_virtio_policy *policy,
                                                     struct csumoff_virtio_rx *rx);

/*
 * The hint with which a received frame is sent on; csumoff_netfront_forward() for virtio. Whether
 * the frame may be segmented at all is the sending function's to say.
 */
static inline struct csumoff_tx_hint csumoff_virtio_forward(const struct csumoff_virtio_rx *rx)
{
    struct csumoff_tx_hint hint = {rx->state, rx->csum_start, rx->csum_offset, 0};

    if (rx->state == CSUMOFF_NONE)
        hint.state = CSUMOFF_COMPLETE;
    if (rx->gso_type)
        hint.mss = rx->gso_size;
    return hint;
}

/* ---- Between the two ----------------------------------------------------------------------- */

/* Whose flags a slot has: their checksum bits are swapped. */
enum csumoff_xen_side {
    CSUMOFF_XEN_TX, /* CSUMOFF_NETTXF_*: from the guest */
    CSUMOFF_XEN_RX  /* CSUMOFF_NETRXF_*: to the guest */
};

/*
 * The header that says what the slot of a frame says; csum_blank alone counts, and GSO without it,
 * which holds no seed, is CSUMOFF_EHDR: csumoff_seed() it, set the flag. NEEDS_CSUM is csum_blank,
 * DATA_VALID is data_validated alone: it is for who receives the frame, so a driver that sends to a
 * device clears it. Errors of csumoff_netfront_rx(); CSUMOFF_ENOTSUP, also: csum_blank of neither
 * TCP nor UDP nor ICMP.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_from_xen(const void *frame, size_t len,
                                                           enum csumoff_xen_side side,
                                                           const struct csumoff_netfront_slot *slot,
                                                           struct csumoff_virtio_hdr *hdr);

/*
 * And back. Errors of csumoff_virtio_rx() with all believed; CSUMOFF_ENOTSUP: Xen has no words for
 * it, so finish the frame, or segment it, and send it as UNNECESSARY: a checksum at another place
 * than the frame's own, or behind tags, of ICMP; USO; what csumoff_netback_accepts() would drop.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_xen_from_virtio(const void *frame, size_t len,
                                                           const struct csumoff_virtio_hdr *hdr,
                                                           enum csumoff_xen_side side,
                                                           struct csumoff_netfront_slot *slot);

#ifdef __cplusplus
}
#endif

#endif
