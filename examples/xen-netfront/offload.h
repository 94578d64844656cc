// SPDX-License-Identifier: MIT
/*
 * Checksum offload over a ring: everything that csumoff has to do with. A status is 0, csumoff's
 * (negative: csumoff_strerror()) or the ring's (positive: strerror()).
 */
#ifndef OFFLOAD_H
#define OFFLOAD_H

#include <csumoff_netfront.h>

#include "ring.h"

struct offload {
    struct ring *ring;
    struct csumoff_netfront_caps theirs; /* what the backend takes */
};

/* Tells the backend what is taken here, learns what it takes, and connects. */
int offload_connect(struct offload *o, struct ring *ring, const struct csumoff_netfront_caps *mine);

/* Sends a frame in pieces, of which checksum fields are written; waits where the ring is full. One
 * that is to be segmented, and that the backend doesn't take so, is cut here: in one piece only. */
int offload_send(struct offload *o, const struct iovec *pieces, size_t count,
                 const struct csumoff_tx_hint *hint);

/* Copies the next frame out of the ring; *len 0: there is none. `finish`: for a stack that checks
 * every checksum, completes what came blank, and rx->state says so. An error loses the frame. */
int offload_receive(struct offload *o, void *frame, size_t room, bool finish, size_t *len,
                    struct csumoff_rx *rx);

#endif
