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
    struct {                             /* of the frames put on the ring: */
        unsigned long seeded, complete;  /* with csum_blank, without */
        unsigned long gso;               /* of the seeded: super-frames */
        unsigned long cut;               /* super-frames before they were cut here */
    } counts;
    uint8_t longer[RING_FRAME_MAX]; /* room for a segment that no slot holds; no stack of a kernel's
                                       has it */
};

/* Tells the backend what is taken here, learns what it takes, and connects. */
int offload_connect(struct offload *o, struct ring *ring, const struct csumoff_netfront_caps *mine);

/*
 * Sends a frame in pieces; waits where the ring is full. One piece that fits a slot is only read;
 * of others, checksum fields are written. A frame that is to be segmented, and that the backend
 * does not take so, is cut here, but not a tunnel's, and not under CSUMOFF_TX_AS_IS: new checksums
 * would make damage look right.
 */
int offload_send(struct offload *o, const struct iovec *pieces, size_t count,
                 const struct csumoff_hint *hint);

/* Copies the next frame out of the ring; *len 0: there is none. `finish`: for a stack that checks
 * every checksum, completes what came blank, and rx->state says so. An error loses the frame. */
int offload_receive(struct offload *o, void *frame, size_t room, bool finish, size_t *len,
                    struct csumoff_rx *rx);

#endif
