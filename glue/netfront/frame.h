// SPDX-License-Identifier: MIT
/* What sending in one piece and in several share: the backend's view of a frame, the decision. */
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

/* What csumoff_netfront_tx() will do to the frame. */
enum csumoff_tx_action {
    TX_LEAVE,
    TX_HEADER, /* the IPv4 header checksum, nothing else */
    TX_SEED,
    TX_FILL,
    TX_FINISH /* at csum_start, csum_offset, up to end */
};

struct csumoff_tx {
    /* What is known of the frame, */
    const uint8_t *frame; /* at least its headers */
    size_t len;
    int status; /* csumoff_locate()'s: `at` is there where it is CSUMOFF_OK */
    struct csumoff_layout at;
    struct csumoff_ip ip;
    bool clean; /* zero bytes only after what the checksum covers */
    /* and what becomes of it. */
    enum csumoff_tx_action action;
    struct csumoff_netfront_slot slot;
    size_t csum_start, csum_offset, end;
};

/* Decides by the first half of *tx what stands in the second one, or returns an error. */
int csumoff_tx_decide(struct csumoff_tx *tx, const struct csumoff_netfront_caps *caps,
                      const struct csumoff_tx_hint *hint);

#pragma GCC visibility pop

#endif
