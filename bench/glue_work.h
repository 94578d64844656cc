// SPDX-License-Identifier: MIT
/*
 * The work that the glue's rows measure. A name without an ending calls csumoff once for each
 * frame. The endings: _burst, a call for each burst; _each, a call for each item of a burst;
 * _straight and _four, straight-line code (straight_glue.h); _ahead, that code with prefetches.
 */
#ifndef GLUE_WORK_H
#define GLUE_WORK_H

#include "glue_loops.h"

/* glue_send.c */
glue_fn netfront_tx, netfront_tx_straight, netfront_tx_ahead, netfront_tx_four, netfront_tx_burst,
    netfront_tx_each, netfront_tx_seeded, netfront_tx_seeded_straight, netfront_tx_iov,
    netfront_tx_iov_straight, virtio_tx, virtio_tx_straight, virtio_tx_udp_ipv6_straight, sum_1460;

/* glue_receive.c */
glue_fn netfront_rx, netfront_rx_straight, netfront_rx_finish, netfront_rx_finish_straight,
    netfront_rx_finish_burst, netfront_rx_finish_each, glue_inspect, glue_inspect_straight,
    glue_inspect_burst, glue_inspect_each;

#endif
