// SPDX-License-Identifier: MIT
/*
 * What a careful programmer writes to send and to receive one kind of frame and no other: TCP over
 * IPv4 without options over Ethernet, unless the name says more. Each function refuses every other
 * frame by a negative status and writes nothing then; for the frames it takes it does what
 * csumoff's function of that name does.
 */
#ifndef STRAIGHT_GLUE_H
#define STRAIGHT_GLUE_H

#include "csumoff_netfront.h"
#include "csumoff_virtio.h"

/* CSUMOFF_TX_COMPUTE. */
int straight_netfront_tx(uint8_t *frame, size_t len, const struct csumoff_netfront_caps *caps,
                         struct csumoff_netfront_slot *slot);

/* CSUMOFF_TX_SEEDED, with the frame's layout. */
int straight_netfront_tx_seeded(uint8_t *frame, size_t len,
                                const struct csumoff_netfront_caps *caps,
                                const struct csumoff_layout *layout,
                                struct csumoff_netfront_slot *slot);

/* CSUMOFF_TX_COMPUTE of two pieces, the first of which has the headers and nothing else. */
int straight_netfront_tx_iov(const struct csumoff_iov *iov, size_t count,
                             const struct csumoff_netfront_caps *caps,
                             struct csumoff_netfront_slot *slot);

/* CSUMOFF_TX_COMPUTE of TCP and UDP, IPv4 without options and IPv6 without extension headers. */
int straight_netfront_tx_four(uint8_t *frame, size_t len, const struct csumoff_netfront_caps *caps,
                              struct csumoff_netfront_slot *slot);

/* CSUMOFF_TX_COMPUTE. */
int straight_virtio_tx(uint8_t *frame, size_t len, const struct csumoff_virtio_caps *caps,
                       struct csumoff_virtio_hdr *hdr);

/* CSUMOFF_TX_COMPUTE of UDP over IPv6. */
int straight_virtio_tx_udp_ipv6(uint8_t *frame, size_t len, const struct csumoff_virtio_caps *caps,
                                struct csumoff_virtio_hdr *hdr);

/* Refuses GSO as well. */
int straight_netfront_rx(const uint8_t *frame, size_t len, const struct csumoff_netfront_slot *slot,
                         struct csumoff_rx *rx);
int straight_netfront_rx_finish(uint8_t *frame, size_t len,
                                const struct csumoff_netfront_slot *slot);

#endif
