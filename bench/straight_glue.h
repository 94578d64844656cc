// SPDX-License-Identifier: MIT
/*
 * Straight-line code, as a careful programmer writes it, that sends and receives only one kind of
 * frame: TCP over IPv4 without options over Ethernet, unless the name says more. For such a frame
 * each function does what csumoff's function of the same name does. For any other frame it returns
 * a negative status and writes nothing.
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

/* CSUMOFF_TX_COMPUTE of two pieces. The first one must have exactly the headers. */
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

/* These also refuse GSO. */
int straight_netfront_rx(const uint8_t *frame, size_t len, const struct csumoff_netfront_slot *slot,
                         struct csumoff_rx *rx);
int straight_netfront_rx_finish(uint8_t *frame, size_t len,
                                const struct csumoff_netfront_slot *slot);

#endif
