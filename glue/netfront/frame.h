// SPDX-License-Identifier: MIT
/* What frames in one piece and in several share: where things are in them, and the decisions. */
#ifndef CSUMOFF_NETFRONT_FRAME_H
#define CSUMOFF_NETFRONT_FRAME_H

#include "../../include/csumoff_netfront.h"
#include "../wire.h"

#pragma GCC visibility push(hidden)

enum {
    FRAME_MAX = 65535 /* a slot's size has 16 bits */
};

/* An IP packet behind Ethernet and VLAN tags, as skb_checksum_setup() sees it. */
struct csumoff_ip {
    enum csumoff_drop drop; /* CSUMOFF_DROP_NONE: TCP or UDP at l4 */
    size_t l3, l4;          /* l4: where the walk has come to */
    uint8_t version, proto; /* version 0: not IP */
    uint8_t vlan_tags;      /* skb_checksum_setup() drops a frame with any */
    bool plain;             /* IPv6: no header that stops segmentation */
};

/* `len` bytes at `frame` are there; they may be the beginning of a longer frame. */
void csumoff_ip_walk(const uint8_t *frame, size_t len, struct csumoff_ip *ip);

/* A frame of which at least the headers are at hand. */
struct csumoff_view {
    const uint8_t *bytes;
    size_t len; /* of the frame */
    int status; /* csumoff_locate()'s: `at` is there where it is CSUMOFF_OK */
    struct csumoff_layout at;
    struct csumoff_ip ip;
};

static inline csumoff_sum16 csumoff_field(const struct csumoff_view *view)
{
    return csumoff_load16_(view->bytes + view->at.csum_start + view->at.csum_offset);
}

/* Where the IPv4 header starts; 0 where there is none. */
static inline size_t csumoff_ipv4_start(const struct csumoff_view *view)
{
    if (view->status == CSUMOFF_OK)
        return view->at.ip_version == 4 ? view->at.l3_start : 0;
    return view->ip.version == 4 ? view->ip.l3 : 0;
}

/* ---- In pieces ----------------------------------------------------------------------------- */

enum {
    HEAD_MAX = 512
};

struct csumoff_head {
    uint8_t bytes[HEAD_MAX];
    size_t len;
};

/*
 * Gathers the headers and locates by them alone. An error where the frame is too long, or its
 * headers for this; else view->status has csumoff_locate()'s.
 */
int csumoff_head_locate(const struct csumoff_iov *iov, size_t count, struct csumoff_head *head,
                        struct csumoff_view *view);

/* Whether all bytes from `from` to `len`, which are there, are zero. */
bool csumoff_pieces_clean(const struct csumoff_iov *iov, size_t count, size_t from, size_t len);

/* Writes the checksum that finishes at csum_start + csum_offset, over what ends at `end`. The
 * pieces reach as far. */
int csumoff_pieces_finish(const struct csumoff_iov *iov, size_t count, size_t csum_start,
                          size_t csum_offset, size_t end);

/* Writes the checksum of the IPv4 header, if there is one. */
void csumoff_pieces_header(const struct csumoff_iov *iov, size_t count,
                           const struct csumoff_view *view);

/* ---- Sending ------------------------------------------------------------------------------- */

/* What csumoff_netfront_tx() will do to the frame. */
enum csumoff_tx_action {
    TX_LEAVE,
    TX_HEADER, /* the IPv4 header checksum, nothing else */
    TX_SEED,
    TX_FILL,
    TX_FINISH /* at csum_start, csum_offset, up to end */
};

struct csumoff_tx {
    struct csumoff_view of;
    bool clean; /* zero bytes only after what the checksum covers */
    /* What becomes of it. */
    enum csumoff_tx_action action;
    struct csumoff_netfront_slot slot;
    size_t csum_start, csum_offset, end;
};

/* Decides by `of` and `clean` what becomes of it, or returns an error. */
int csumoff_tx_decide(struct csumoff_tx *tx, const struct csumoff_netfront_caps *caps,
                      const struct csumoff_tx_hint *hint);

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Whether csumoff_netfront_rx() has to look at the frame at all. */
static inline bool is_partial(uint16_t flags, uint8_t gso_type)
{
    return flags & CSUMOFF_NETRXF_CSUM_BLANK || gso_type;
}

/* A frame that is partial has been located. */
int csumoff_rx_decide(const struct csumoff_view *view, uint16_t flags, uint8_t gso_type,
                      uint16_t gso_size, struct csumoff_rx *rx);

enum csumoff_rx_action {
    RX_LEAVE,
    RX_FINISH, /* at csum_start, csum_offset, over l4_len */
    RX_FILL
};

enum { /* any of these: csumoff_netfront_rx_finish() has to look at the frame */
    RX_TO_FINISH = CSUMOFF_NETRXF_CSUM_BLANK | CSUMOFF_NETRXF_EXTRA_INFO
};

/* What it will do to the frame, which was located, or an error. */
int csumoff_rx_finish_decide(const struct csumoff_view *view, uint16_t flags,
                             enum csumoff_rx_action *action);

#pragma GCC visibility pop

#endif
