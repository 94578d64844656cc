// SPDX-License-Identifier: MIT
/*
 * Checksum offload of a Xen network frontend: from xenstore keys to the flags of ring slots.
 *
 * Frames begin with an Ethernet header. What csumoff.h says of all its functions holds here, too.
 * The ring, xenstore and the frames stay the driver's. "The backend" is the other side of the ring;
 * what it does is taken from Linux's xen-netback and its skb_checksum_setup().
 */
#ifndef CSUMOFF_NETFRONT_H
#define CSUMOFF_NETFRONT_H

#include "csumoff_glue.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The protocol's numbers -------------------------------------------------------------- */

/*
 * xen/io/netif.h has the same numbers under the name that follows CSUMOFF_. The checksum bits of
 * the two directions are swapped: never test a received flag with a NETTXF name.
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

/*
 * What the first slot of a frame says, and the GSO slot behind it.
 *
 *   flags      CSUMOFF_NETTXF_* of a frame that is sent, CSUMOFF_NETRXF_* of one that was received.
 *              The functions that send set no more_data: that is the driver's
 *   gso_type   CSUMOFF_NETIF_GSO_TYPE_*. Received: 0 where no extra slot follows, or only slots of
 *              another kind (hash, XDP)
 *   gso_size   payload bytes of a segment; 0 where gso_type is
 *
 * Where a function that sends sets CSUMOFF_NETTXF_EXTRA_INFO, a slot of type
 * CSUMOFF_NETIF_EXTRA_TYPE_GSO must follow the first one.
 */
struct csumoff_netfront_slot {
    uint16_t flags;
    uint8_t gso_type;
    uint16_t gso_size;
};

/* ---- Negotiation ------------------------------------------------------------------------- */

/* What a side takes from the other. IPv4 and IPv6 are separate switches. */
struct csumoff_netfront_caps {
    bool csum_ipv4, csum_ipv6; /* frames whose TCP or UDP checksum is a seed */
    bool gso_tcpv4, gso_tcpv6; /* TCP super-frames */
    bool sg;                   /* frames of several slots */
};

/* How many keys csumoff_netfront_advertise() writes at most. */
#define CSUMOFF_NETFRONT_KEYS 5

/* A node of a directory in xenstore. Both strings are static. */
struct csumoff_netfront_key {
    const char *key, *value;
};

/*
 * Reads what the backend takes from the keys of its directory in xenstore.
 *
 *   get    returns the value of one key, valid until its next call, or NULL where there is none
 *   ctx    is passed on to `get`
 *   caps   receives what the backend takes
 *
 * A value is a whole decimal number: 0 means off, any other number on. A key whose value is
 * anything else counts as absent, and if all are absent, csum_ipv4 alone is on.
 * xenbus_read_unsigned(), xennet_fix_features() in Linux.
 */
CSUMOFF_API void csumoff_netfront_read_caps(const char *(*get)(void *ctx, const char *key),
                                            void *ctx, struct csumoff_netfront_caps *caps);

/*
 * Does the same for one key, for who lists the directory instead. Begin with only csum_ipv4 on.
 *
 *   caps         the member that the key is about is set; the others are left as they are
 *   key, value   the value may be NULL: absent
 *
 * Returns whether the key is one of those that csumoff_netfront_read_caps() reads.
 */
CSUMOFF_API bool csumoff_netfront_cap(struct csumoff_netfront_caps *caps, const char *key,
                                      const char *value);

/*
 * Lists the nodes that tell the backend what the frontend takes. Those that are off are listed as
 * well, for a node of an earlier driver may still be there. The driver's other keys
 * (request-rx-copy, feature-rx-notify, ring references) are its own.
 *
 *   mine       what the frontend takes
 *   out, max   receives the first `max` nodes; CSUMOFF_NETFRONT_KEYS is enough
 *
 * Returns how many nodes there are.
 */
CSUMOFF_API size_t csumoff_netfront_advertise(const struct csumoff_netfront_caps *mine,
                                              struct csumoff_netfront_key *out, size_t max);

/* ---- Sending ----------------------------------------------------------------------------- */

/*
 * Makes a frame ready for the ring.
 *
 *   frame, len   the whole frame; only checksum fields are written
 *   caps         what the backend takes
 *   hint         what is to become of the checksum; may be NULL
 *   slot         receives what to write into the first slot, and into the GSO slot
 *
 * By hint->want:
 *   CSUMOFF_TX_COMPUTE    The field receives a seed, and the slot csum_blank and data_validated,
 *                         if the backend takes it. Else it receives the complete checksum, and the
 *                         slot no flags. If the hint's place is a tunnelled packet's, that packet's
 *                         checksum is computed, and then those of the packets around it.
 *   CSUMOFF_TX_SEEDED     The seed is kept, and the slot receives both flags, if the backend takes
 *                         it. Else the checksum is finished, and the slot receives no flags. A
 *                         place that is not the outermost packet's own is always finished. SCTP
 *                         receives its CRC32c. A field of 0 cannot be a seed where a pseudo-header
 *                         counts, and is handled like CSUMOFF_TX_COMPUTE.
 *   CSUMOFF_TX_VERIFIED   Nothing is written; the slot receives data_validated.
 *   CSUMOFF_TX_AS_IS      Nothing is written; the slot receives no flags.
 * Under the first two the IPv4 header checksum is made right as well: there is no offload for it.
 * Frames without a checksum known to csumoff_locate() (ARP, fragments, other protocols) are sent
 * without flags under CSUMOFF_TX_COMPUTE.
 *
 * The backend does not take: a family that was not negotiated; protocols other than TCP and UDP;
 * anything between the Ethernet and the IP header (VLAN tags, MPLS, PPPoE, SNAP); non-zero bytes
 * behind what the checksum covers; headers that skb_checksum_setup() does not find its way through.
 *
 * A TCP payload over mss makes the frame a super-frame: the field holds a seed, and the slot
 * receives csum_blank, data_validated, extra_info, gso_type and gso_size. That takes csum and gso
 * of the family and sg, and a frame that ends where its IP packet ends. Any other payload over mss
 * is CSUMOFF_ENOTSUP: see csumoff_segment_begin(). For a tunnel, the payload is that of the
 * innermost packet known.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE    len is over 65535; hint->csum_start and hint->csum_offset are not a place for
 *                     a checksum inside the outermost packet; or hint->layout reaches beyond len,
 *                     or cannot be this frame's;
 *   CSUMOFF_ETRUNC    the frame is shorter than an Ethernet header, or as csumoff_locate();
 *   CSUMOFF_EHDR      as csumoff_locate(), or TCP's data offset is impossible and mss is not 0;
 *   CSUMOFF_EPROTO, CSUMOFF_EFRAG
 *                     CSUMOFF_TX_SEEDED without a place, and csumoff_locate() finds none;
 *   CSUMOFF_ENOTSUP   mss cannot be obeyed; a checksum has to be made in a fragment, behind a route
 *                     that cannot be resolved, or (CSUMOFF_TX_COMPUTE) at a place that
 *                     csumoff_locate_all() does not find; csum_offset is that of SCTP at a place
 *                     that is not known to be SCTP's.
 * xennet_start_xmit() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx(void *frame, size_t len,
                                                       const struct csumoff_netfront_caps *caps,
                                                       const struct csumoff_hint *hint,
                                                       struct csumoff_netfront_slot *slot);

/*
 * Does the same for a frame in pieces, cut anywhere.
 * Returns what csumoff_netfront_tx() returns; CSUMOFF_ENOTSUP also: the headers needed end more
 * than 512 bytes into the frame, and not in the first piece.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx_iov(const struct csumoff_iov *iov,
                                                           size_t count,
                                                           const struct csumoff_netfront_caps *caps,
                                                           const struct csumoff_hint *hint,
                                                           struct csumoff_netfront_slot *slot);

/*
 * Does the same from the beginning of a frame, for a driver that has the payload only by reference.
 *
 *   head, have   the first bytes of the frame; only these are read and written
 *   len          the length of the whole frame
 *
 * Returns what csumoff_netfront_tx() returns; CSUMOFF_EHEAD: the head ends before the headers do;
 * CSUMOFF_ENOTSUP also: bytes beyond the head would have to be summed, or looked at because they
 * follow what the checksum covers. CSUMOFF_ERANGE also: have is more than len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx_head(
    void *head, size_t have, size_t len, const struct csumoff_netfront_caps *caps,
    const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot);

/*
 * Copies a frame and makes the copy ready, for a driver that copies into pages of its own anyway. A
 * checksum that has to be made in software is summed while the payload is copied.
 *
 *   dst        receives len bytes; must not overlap src
 *   src, len   the frame, which is only read. Its headers are looked at before they are copied, so
 *              it must hold still meanwhile
 *
 * Returns what csumoff_netfront_tx() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx_copy(
    void *dst, const void *src, size_t len, const struct csumoff_netfront_caps *caps,
    const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot);

/* A frame of a burst to be sent. */
struct csumoff_netfront_tx_item {
    void *frame; /* in */
    size_t len;
    const struct csumoff_hint *hint;   /* may be NULL */
    struct csumoff_netfront_slot slot; /* out, where status is CSUMOFF_OK */
    int status;
};

/*
 * Does csumoff_netfront_tx() for each of several frames. Headers are fetched into the cache ahead
 * of their turn. A frame that is refused does not stop the others.
 *
 * Returns how many have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_netfront_tx_burst(struct csumoff_netfront_tx_item *items, size_t count,
                                             const struct csumoff_netfront_caps *caps);

/* ---- Receiving --------------------------------------------------------------------------- */

/*
 * Says how the checksum of a received frame stands. csum_blank alone decides whether it is
 * unfinished, and a GSO slot without csum_blank means that it is to be computed: no_seed.
 *
 *   frame, len   the whole frame; it is only read
 *   slot         what the backend put beside it
 *   rx           receives the state
 *
 * A frame that is taken with csum_blank needs no checking: it never left the machine.
 *
 * Returns CSUMOFF_OK; an error of csumoff_locate(), where the checksum is unfinished;
 * CSUMOFF_EHDR: gso_size is 0, or the frame is not of gso_type; CSUMOFF_ENOTSUP: gso_type is
 * unknown. xennet_get_responses() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx(const void *frame, size_t len,
                                                       const struct csumoff_netfront_slot *slot,
                                                       struct csumoff_rx *rx);

/*
 * Completes the L4 checksum of a received frame in place, over exactly what it covers, for a stack
 * that checks it. A frame whose checksum is not unfinished is left alone, and so is the IPv4 header
 * of any frame: what was damaged on its way here stays damaged.
 *
 * Returns what csumoff_netfront_rx() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_finish(
    void *frame, size_t len, const struct csumoff_netfront_slot *slot);

/*
 * Do the same two for a frame in pieces, cut anywhere; the first one writes to no piece.
 * CSUMOFF_ENOTSUP also: the headers end more than 512 bytes into the frame, and not in the first
 * piece. CSUMOFF_ERANGE: the pieces hold more than 65535 bytes.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_iov(const struct csumoff_iov *iov,
                                                           size_t count,
                                                           const struct csumoff_netfront_slot *slot,
                                                           struct csumoff_rx *rx);
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_finish_iov(
    const struct csumoff_iov *iov, size_t count, const struct csumoff_netfront_slot *slot);

/*
 * Copies a received frame and completes the copy's L4 checksum, in one pass. The frame may be in a
 * page that the backend can still write to: each of its bytes is read once, and all that is decided
 * is decided by the copy.
 *
 *   dst        receives len bytes; must not overlap src
 *   src, len   the frame, which is only read
 *
 * Returns what csumoff_netfront_rx() returns; CSUMOFF_ENOTSUP also: the headers end more than 512
 * bytes into the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_finish_copy(
    void *dst, const void *src, size_t len, const struct csumoff_netfront_slot *slot);

/* A frame of a burst that was received. */
struct csumoff_netfront_rx_item {
    void *frame; /* in */
    size_t len;
    struct csumoff_netfront_slot slot;
    struct csumoff_rx rx; /* out, where status is CSUMOFF_OK; not by rx_finish_burst */
    int status;
};

/*
 * Do csumoff_netfront_rx() and csumoff_netfront_rx_finish() for each of several frames. Headers are
 * fetched into the cache ahead of their turn. A frame that is refused does not stop the others.
 *
 * Both return how many have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_netfront_rx_burst(struct csumoff_netfront_rx_item *items, size_t count);
CSUMOFF_API size_t csumoff_netfront_rx_finish_burst(struct csumoff_netfront_rx_item *items,
                                                    size_t count);

/* ---- The backend, rehearsed -------------------------------------------------------------- */

/* Why Linux's backend drops a frame. Unless noted, it says nothing: the response is OKAY. */
enum csumoff_drop {
    CSUMOFF_DROP_NONE,
    CSUMOFF_DROP_RUNT,      /* the first slot has less than an Ethernet header; response ERROR */
    CSUMOFF_DROP_GSO_TYPE,  /* neither TCPv4 nor TCPv6; fatal to the interface */
    CSUMOFF_DROP_GSO_SIZE,  /* 0; fatal to the interface */
    CSUMOFF_DROP_ETHERTYPE, /* neither IPv4 nor IPv6: ARP, a VLAN tag */
    CSUMOFF_DROP_TRUNCATED, /* the headers do not end inside the frame */
    CSUMOFF_DROP_FRAGMENT,  /* an IP fragment */
    CSUMOFF_DROP_CHAIN,     /* IPv6 extension headers go on beyond the payload length */
    CSUMOFF_DROP_FAR,       /* an IPv6 extension header's fixed part ends after byte 256 */
    CSUMOFF_DROP_PROTOCOL,  /* neither TCP nor UDP */
    CSUMOFF_DROP_SIZE,      /* over 65535 bytes, or slots that are longer than the frame; ERROR */
    CSUMOFF_DROP_SLOTS      /* more than 18 slots; response ERROR, from 22 on fatal */
};

/* Returns the sentence that explains a reason: static, never NULL, for unknown values too. */
CSUMOFF_API const char *csumoff_drop_text(enum csumoff_drop drop);

/*
 * Says what Linux's backend will do with a frame.
 *
 *   frame, len   the whole frame; it is only read
 *   slot         under which it is to be sent
 *
 * Returns CSUMOFF_DROP_NONE, or the first reason to drop it. The content of the checksum field
 * plays no part: the backend never looks at it. xenvif_tx_build_gops(), xenvif_set_skb_gso(),
 * skb_checksum_setup() in Linux.
 */
CSUMOFF_API enum csumoff_drop csumoff_netback_drops(const void *frame, size_t len,
                                                    const struct csumoff_netfront_slot *slot);

/*
 * Says the same of a frame as its slots cut it.
 *
 *   frame          the whole frame, of sizes[0] bytes
 *   sizes, count   the size fields as they are on the ring: the first one is the whole frame's, the
 *                  others are those slots' own. Extra slots are not among them
 *
 * Where in their pages the slots begin is not seen here: one that crosses the end of its page is
 * fatal to the interface.
 *
 * Returns CSUMOFF_DROP_NONE, or the first reason to drop it. xenvif_count_requests() in Linux. The
 * protocol promises no more than 18 slots; Linux itself takes one more.
 */
CSUMOFF_API enum csumoff_drop csumoff_netback_drops_slots(const void *frame, const uint16_t *sizes,
                                                          size_t count,
                                                          const struct csumoff_netfront_slot *slot);

#ifdef __cplusplus
}
#endif

#endif
