// SPDX-License-Identifier: MIT
/*
 * Checksum offload for a Xen network frontend, which is the network driver of a guest: from the
 * keys in xenstore to the flags of ring slots.
 *
 * The rules at the beginning of csumoff.h hold for these functions as well. Every frame begins with
 * an Ethernet header. The driver itself handles the ring, xenstore and the memory of frames. "The
 * backend" is the other side of the ring; what is said of it is what xen-netback and
 * skb_checksum_setup() in Linux do.
 *
 * The slot of a frame has two flags for its checksum. csum_blank says that the checksum field holds
 * a seed and must be finished. data_validated says that the checksum need not be checked.
 */
#ifndef CSUMOFF_NETFRONT_H
#define CSUMOFF_NETFRONT_H

#include "csumoff_glue.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The protocol's numbers -------------------------------------------------------------- */

/*
 * The flags of slots, and the numbers of GSO slots. xen/io/netif.h has the same numbers, with
 * names such as NETTXF_csum_blank and XEN_NETIF_GSO_TYPE_TCPV4. The bits of csum_blank and
 * data_validated are swapped between the directions, so a received flag must never be tested with
 * a CSUMOFF_NETTXF_ name.
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
 * What the first slot of a frame on the ring, and a GSO slot behind it, say of the frame.
 *
 *   flags      CSUMOFF_NETTXF_* of a frame that is sent, CSUMOFF_NETRXF_* of one that was received.
 *              The functions that send never set CSUMOFF_NETTXF_MORE_DATA, because only the driver
 *              knows how many slots a frame has
 *   gso_type   CSUMOFF_NETIF_GSO_TYPE_*. For a received frame the driver sets it to 0 if no extra
 *              slot follows the first one, or only slots of another kind, such as hash or XDP
 *   gso_size   the payload bytes of a segment; 0 if gso_type is 0
 *
 * If a function that sends sets CSUMOFF_NETTXF_EXTRA_INFO, the driver must put a slot of type
 * CSUMOFF_NETIF_EXTRA_TYPE_GSO behind the first one.
 */
struct csumoff_netfront_slot {
    uint16_t flags;
    uint8_t gso_type;
    uint16_t gso_size;
};

/* ---- Negotiation ------------------------------------------------------------------------- */

/*
 * What one side of the ring accepts from the other.
 *
 *   csum_ipv4, csum_ipv6   frames of this IP version whose TCP or UDP checksum is a seed
 *   gso_tcpv4, gso_tcpv6   TCP super-frames of this IP version
 *   sg                     frames of several slots
 */
struct csumoff_netfront_caps {
    bool csum_ipv4, csum_ipv6;
    bool gso_tcpv4, gso_tcpv6;
    bool sg;
};

/* The most keys that csumoff_netfront_advertise() lists. */
#define CSUMOFF_NETFRONT_KEYS 5

/* A key in xenstore and its value. Both strings are static. */
struct csumoff_netfront_key {
    const char *key, *value;
};

/*
 * Reads what the backend accepts from the keys in the backend's directory in xenstore.
 *
 *   get    is called for each key, and returns its value as a string that stays valid until the
 *          next call, or NULL if there is no such key
 *   ctx    is passed to `get` as it is; may be NULL
 *   caps   receives what the backend accepts
 *
 * A value is on if it is a decimal number other than 0, with nothing behind it. A key with any
 * other value counts as off, like one that is absent. The key feature-no-csum-offload switches
 * csum_ipv4 off, so csum_ipv4 is on if no key is present.
 *
 * xenbus_read_unsigned(), xennet_fix_features() in Linux.
 */
CSUMOFF_API void csumoff_netfront_read_caps(const char *(*get)(void *ctx, const char *key),
                                            void *ctx, struct csumoff_netfront_caps *caps);

/*
 * Reads one key of the backend's directory in xenstore, for a driver that lists the directory
 * instead of asking for keys. Before the first call csum_ipv4 must be on, and all other members
 * off.
 *
 *   caps    the member that belongs to the key becomes true or false; the others keep their values
 *   key     the key's name
 *   value   its value, as csumoff_netfront_read_caps() takes it; NULL means that it is absent
 *
 * Returns whether the key is one of those that csumoff_netfront_read_caps() reads.
 */
CSUMOFF_API bool csumoff_netfront_cap(struct csumoff_netfront_caps *caps, const char *key,
                                      const char *value);

/*
 * Lists the keys that the driver writes into the frontend's directory in xenstore, to tell the
 * backend what the frontend accepts. Keys that are off are listed as well, because the directory
 * may still hold those of an earlier driver. Other keys (request-rx-copy, feature-rx-notify, ring
 * references) are the driver's own.
 *
 *   mine       what the frontend accepts
 *   out, max   receives the first `max` keys, of which there are at most CSUMOFF_NETFRONT_KEYS; out
 *              may be NULL if max is 0
 *
 * Returns how many keys there are, even if that is more than max.
 */
CSUMOFF_API size_t csumoff_netfront_advertise(const struct csumoff_netfront_caps *mine,
                                              struct csumoff_netfront_key *out, size_t max);

/* ---- Sending ----------------------------------------------------------------------------- */

/*
 * Makes a frame ready for the ring: its checksum fields, and what its slots have to say.
 *
 *   frame, len   the whole frame, of which only checksum fields are written
 *   caps         what the backend accepts
 *   hint         how the frame is to be sent; NULL means CSUMOFF_TX_COMPUTE
 *   slot         receives what the driver writes into the first slot and into a GSO slot
 *
 * What happens depends on hint->want:
 *   CSUMOFF_TX_COMPUTE    If the backend accepts the frame's seed, the field receives the seed, and
 *                         the slot csum_blank and data_validated. Otherwise the field receives the
 *                         complete checksum, and the slot no flags. If the hint names the checksum
 *                         of a packet tunnelled inside, that checksum is computed first, and then
 *                         those of the packets around it.
 *   CSUMOFF_TX_SEEDED     If the backend accepts the seed, it stays, and the slot receives both
 *                         flags. Otherwise the checksum is finished, and the slot receives no
 *                         flags. A checksum other than the outermost packet's own is always
 *                         finished here. SCTP receives its CRC32c. A field of 0 is handled as under
 *                         CSUMOFF_TX_COMPUTE if the protocol has a pseudo-header, because the seed
 *                         is then never 0.
 *   CSUMOFF_TX_VERIFIED   Nothing is written to the frame; the slot receives data_validated.
 *   CSUMOFF_TX_AS_IS      Nothing is written to the frame; the slot receives no flags.
 *
 * CSUMOFF_TX_COMPUTE and CSUMOFF_TX_SEEDED also compute the IPv4 header checksum, because no
 * backend does that. Under CSUMOFF_TX_COMPUTE, a frame without a checksum known to
 * csumoff_locate(), such as ARP, a fragment or another protocol, is sent without flags.
 *
 * The backend does not accept a seed if checksums of its IP version were not negotiated; if the
 * protocol is neither TCP nor UDP; if anything, such as a VLAN tag, MPLS, PPPoE or SNAP, lies
 * between the Ethernet header and the IP header; if non-zero bytes follow what the checksum covers;
 * or if its skb_checksum_setup() does not find the L4 header.
 *
 * If hint->mss is not 0, only a super-frame may have a payload over mss. Under CSUMOFF_TX_COMPUTE
 * and CSUMOFF_TX_SEEDED, a TCP payload over mss makes the frame one: the field holds a seed, and
 * the slot receives csum_blank, data_validated, extra_info, gso_type and gso_size. For that, the
 * backend must accept seeds and super-frames of the IP version and frames of several slots; the
 * frame must end where its IP packet ends; and no authentication or fragment header may be among
 * its headers. Any other payload over mss gives CSUMOFF_ENOTSUP, also under CSUMOFF_TX_VERIFIED and
 * CSUMOFF_TX_AS_IS, and must be cut in software: see csumoff_segment_begin(). The payload of a
 * tunnel is that of the innermost packet known.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE    len is over 65535; hint->csum_start and hint->csum_offset are not a place for
 *                     a checksum inside the outermost packet; or hint->layout describes bytes
 *                     beyond the end of the frame, or cannot be this frame's;
 *   CSUMOFF_ETRUNC    the frame is shorter than an Ethernet header, or csumoff_locate() returns
 *                     this;
 *   CSUMOFF_EHDR      csumoff_locate() returns this, or TCP's data offset is impossible and mss is
 *                     not 0;
 *   CSUMOFF_EPROTO    csumoff_locate() returns this, hint->want is CSUMOFF_TX_SEEDED, and
 *                     hint->csum_start is 0;
 *   CSUMOFF_EFRAG     csumoff_locate() returns this, hint->want is CSUMOFF_TX_SEEDED, and
 *                     hint->csum_start is 0;
 *   CSUMOFF_ENOTSUP   a payload is over mss and the backend cannot cut it; hint->csum_start names a
 *                     checksum in a fragment; a checksum has to be made behind a source route that
 *                     cannot be resolved, or, under CSUMOFF_TX_COMPUTE, at a place that
 *                     csumoff_locate_all() does not find; or csum_offset is that of SCTP at a place
 *                     that is not known to be SCTP's.
 *
 * xennet_start_xmit() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx(void *frame, size_t len,
                                                       const struct csumoff_netfront_caps *caps,
                                                       const struct csumoff_hint *hint,
                                                       struct csumoff_netfront_slot *slot);

/*
 * Makes a frame in pieces ready for the ring, as csumoff_netfront_tx() does.
 *
 *   iov, count   the whole frame, which may be cut anywhere; only checksum fields are written, and
 *                each may be divided between pieces
 *   caps         what the backend accepts
 *   hint         how the frame is to be sent; NULL means CSUMOFF_TX_COMPUTE
 *   slot         receives what the driver writes into the first slot and into a GSO slot
 *
 * Returns CSUMOFF_OK, an error of csumoff_netfront_tx(), or
 *   CSUMOFF_ENOTSUP   the headers that must be examined end more than 512 bytes into the frame, and
 *                     not in the first piece.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx_iov(const struct csumoff_iov *iov,
                                                           size_t count,
                                                           const struct csumoff_netfront_caps *caps,
                                                           const struct csumoff_hint *hint,
                                                           struct csumoff_netfront_slot *slot);

/*
 * Makes a frame ready for the ring, as csumoff_netfront_tx() does, from its first bytes, for a
 * driver that can reach the payload only by reference.
 *
 *   head, have   the first bytes of the frame, at most len of them; only checksum fields in them
 *                are written
 *   len          the length of the whole frame
 *   caps         what the backend accepts
 *   hint         how the frame is to be sent; NULL means CSUMOFF_TX_COMPUTE
 *   slot         receives what the driver writes into the first slot and into a GSO slot
 *
 * Returns CSUMOFF_OK, an error of csumoff_netfront_tx(), or
 *   CSUMOFF_EHEAD     the first `have` bytes end before the headers do; a longer head is needed;
 *   CSUMOFF_ENOTSUP   bytes beyond the head would have to be summed, or examined because they
 *                     follow what the checksum covers;
 *   CSUMOFF_ERANGE    have is more than len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx_head(
    void *head, size_t have, size_t len, const struct csumoff_netfront_caps *caps,
    const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot);

/*
 * Copies a frame and makes the copy ready for the ring, as csumoff_netfront_tx() does, for a driver
 * that copies frames into pages of its own. A checksum that must be made in software is summed
 * while the payload is copied.
 *
 *   dst        receives len bytes; must not overlap src
 *   src, len   the whole frame, which is only read. It must not change during the call, because its
 *              headers are examined before they are copied
 *   caps       what the backend accepts
 *   hint       how the frame is to be sent; NULL means CSUMOFF_TX_COMPUTE
 *   slot       receives what the driver writes into the first slot and into a GSO slot
 *
 * Returns what csumoff_netfront_tx() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_tx_copy(
    void *dst, const void *src, size_t len, const struct csumoff_netfront_caps *caps,
    const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot);

/*
 * One frame of a burst for csumoff_netfront_tx_burst().
 *
 *   frame, len   set by the caller: the whole frame, of which only checksum fields are written
 *   hint         set by the caller: how the frame is to be sent; NULL means CSUMOFF_TX_COMPUTE
 *   slot         receives what the driver writes into the slots, if status becomes CSUMOFF_OK
 *   status       receives what csumoff_netfront_tx() returns for this frame
 */
struct csumoff_netfront_tx_item {
    void *frame;
    size_t len;
    const struct csumoff_hint *hint;
    struct csumoff_netfront_slot slot;
    int status;
};

/*
 * Makes each of several frames ready for the ring, as csumoff_netfront_tx() does. The headers of
 * each are fetched into the cache before its turn. A frame that is refused does not stop the
 * others.
 *
 *   items, count   the frames, each of which receives its own slot and status
 *   caps           what the backend accepts
 *
 * Returns how many of the frames have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_netfront_tx_burst(struct csumoff_netfront_tx_item *items, size_t count,
                                             const struct csumoff_netfront_caps *caps);

/* ---- Receiving --------------------------------------------------------------------------- */

/*
 * Says in which state a frame was received. The L4 checksum is unfinished if the slot has
 * csum_blank or a gso_type. An unfinished checksum has no seed in its field (rx->no_seed) if the
 * slot lacks csum_blank or the field is 0.
 *
 *   frame, len   the whole frame, which is only read
 *   slot         what the backend put on the ring for this frame
 *   rx           receives the state
 *
 * A frame with csum_blank needs no check of its checksum: it was sent on this machine and has not
 * left it.
 *
 * Returns CSUMOFF_OK, or, only if the checksum is unfinished, an error of csumoff_locate(), or
 *   CSUMOFF_EHDR      gso_size is 0, or the frame is not of gso_type;
 *   CSUMOFF_ENOTSUP   gso_type is unknown.
 *
 * xennet_get_responses() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx(const void *frame, size_t len,
                                                       const struct csumoff_netfront_slot *slot,
                                                       struct csumoff_rx *rx);

/*
 * Completes the L4 checksum of a received frame in place, over exactly the bytes that it covers,
 * for a stack that checks it. A frame whose checksum is complete is not changed, nor is the IPv4
 * header of any frame, so what was damaged on its way here stays damaged.
 *
 *   frame, len   the whole frame, of which only the L4 checksum field is written
 *   slot         what the backend put on the ring for this frame
 *
 * Returns what csumoff_netfront_rx() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_finish(
    void *frame, size_t len, const struct csumoff_netfront_slot *slot);

/*
 * Says in which state a frame in pieces was received, as csumoff_netfront_rx() does.
 *
 *   iov, count   the whole frame, which may be cut anywhere, and is only read
 *   slot         what the backend put on the ring for this frame
 *   rx           receives the state
 *
 * Returns CSUMOFF_OK, an error of csumoff_netfront_rx(), or
 *   CSUMOFF_ENOTSUP   the headers that must be examined end more than 512 bytes into the frame, and
 *                     not in the first piece;
 *   CSUMOFF_ERANGE    the pieces hold more than 65535 bytes.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_iov(const struct csumoff_iov *iov,
                                                           size_t count,
                                                           const struct csumoff_netfront_slot *slot,
                                                           struct csumoff_rx *rx);

/*
 * Completes the L4 checksum of a received frame in pieces, as csumoff_netfront_rx_finish() does.
 *
 *   iov, count   the whole frame, of which only the L4 checksum field is written; the field may be
 *                divided between pieces
 *   slot         what the backend put on the ring for this frame
 *
 * Returns what csumoff_netfront_rx_iov() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_finish_iov(
    const struct csumoff_iov *iov, size_t count, const struct csumoff_netfront_slot *slot);

/*
 * Copies a received frame and completes the L4 checksum of the copy, in one pass. The frame may be
 * in a page that the backend can still write to: each byte is read once, and everything is decided
 * by the copy.
 *
 *   dst        receives len bytes; must not overlap src
 *   src, len   the whole frame, which is only read
 *   slot       what the backend put on the ring for this frame
 *
 * Returns CSUMOFF_OK, an error of csumoff_netfront_rx(), or
 *   CSUMOFF_ENOTSUP   the headers that must be examined end more than 512 bytes into the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_netfront_rx_finish_copy(
    void *dst, const void *src, size_t len, const struct csumoff_netfront_slot *slot);

/*
 * One frame of a burst that was received.
 *
 *   frame, len   set by the caller: the whole frame
 *   slot         set by the caller: what the backend put on the ring for this frame
 *   rx           receives the state from csumoff_netfront_rx_burst(), if status becomes CSUMOFF_OK;
 *                csumoff_netfront_rx_finish_burst() does not write it
 *   status       receives what the function for one frame returns
 */
struct csumoff_netfront_rx_item {
    void *frame;
    size_t len;
    struct csumoff_netfront_slot slot;
    struct csumoff_rx rx;
    int status;
};

/*
 * Says in which state each of several frames was received, as csumoff_netfront_rx() does. The
 * headers of each are fetched into the cache before its turn. A frame that is refused does not stop
 * the others.
 *
 *   items, count   the frames, which are only read; each receives its own rx and status
 *
 * Returns how many of the frames have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_netfront_rx_burst(struct csumoff_netfront_rx_item *items, size_t count);

/*
 * Completes the L4 checksum of each of several received frames, as csumoff_netfront_rx_finish()
 * does. The headers of each are fetched into the cache before its turn. A frame that is refused
 * does not stop the others.
 *
 *   items, count   the frames, of which only L4 checksum fields are written; each receives its own
 *                  status
 *
 * Returns how many of the frames have the status CSUMOFF_OK.
 */
CSUMOFF_API size_t csumoff_netfront_rx_finish_burst(struct csumoff_netfront_rx_item *items,
                                                    size_t count);

/* ---- What the backend would drop --------------------------------------------------------- */

/* Why Linux's backend drops a frame. The frontend does not learn of it: the response on the ring is
 * OKAY, except where ERROR is noted. "Fatal" means that the backend stops the interface. */
enum csumoff_drop {
    CSUMOFF_DROP_NONE,      /* the frame is not dropped */
    CSUMOFF_DROP_RUNT,      /* the first slot has less than an Ethernet header; ERROR */
    CSUMOFF_DROP_GSO_TYPE,  /* gso_type is neither TCPv4 nor TCPv6; fatal */
    CSUMOFF_DROP_GSO_SIZE,  /* gso_size is 0; fatal */
    CSUMOFF_DROP_ETHERTYPE, /* the EtherType is neither IPv4 nor IPv6: ARP, a VLAN tag */
    CSUMOFF_DROP_TRUNCATED, /* the headers do not end inside the frame */
    CSUMOFF_DROP_FRAGMENT,  /* the packet is an IP fragment */
    CSUMOFF_DROP_CHAIN,     /* IPv6 extension headers continue beyond the payload length */
    CSUMOFF_DROP_FAR,       /* an IPv6 extension header's fixed part ends after the IP packet's
                             * byte 256 */
    CSUMOFF_DROP_PROTOCOL,  /* the protocol is neither TCP nor UDP */
    CSUMOFF_DROP_SIZE,      /* over 65535 bytes, or the slots are longer than the frame; ERROR */
    CSUMOFF_DROP_SLOTS      /* more than 18 slots; ERROR, and fatal from 22 on */
};

/*
 * Returns the English phrase that explains why a frame is dropped. The string is static and never
 * NULL.
 *
 *   drop   a value of enum csumoff_drop, or any other number, which is called unknown
 */
CSUMOFF_API const char *csumoff_drop_text(enum csumoff_drop drop);

/*
 * Says whether Linux's backend will drop a frame, and why. The content of the checksum field plays
 * no part, because the backend never reads it.
 *
 *   frame, len   the whole frame, which is only read
 *   slot         what the driver is going to write into the slots
 *
 * Returns CSUMOFF_DROP_NONE, or the first reason to drop the frame. xenvif_tx_build_gops(),
 * xenvif_set_skb_gso(), skb_checksum_setup() in Linux.
 */
CSUMOFF_API enum csumoff_drop csumoff_netback_drops(const void *frame, size_t len,
                                                    const struct csumoff_netfront_slot *slot);

/*
 * Says whether Linux's backend will drop a frame that is divided into several slots, and why. It
 * cannot see where in their pages the slots begin: a slot that crosses the end of its page is fatal
 * to the interface.
 *
 *   frame          the whole frame, of sizes[0] bytes; it is only read
 *   sizes, count   the size fields as they are on the ring, extra slots left out: the first one is
 *                  the size of the whole frame, the others are those of their own slots
 *   slot           what the driver is going to write into the first slot and a GSO slot
 *
 * Returns CSUMOFF_DROP_NONE, or the first reason to drop the frame. More than 18 slots are a
 * reason, because the protocol promises no more; Linux itself accepts one more.
 *
 * xenvif_count_requests() in Linux.
 */
CSUMOFF_API enum csumoff_drop csumoff_netback_drops_slots(const void *frame, const uint16_t *sizes,
                                                          size_t count,
                                                          const struct csumoff_netfront_slot *slot);

#ifdef __cplusplus
}
#endif

#endif
