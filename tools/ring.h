// SPDX-License-Identifier: MIT
/* How a Xen guest would send a captured frame. */
#ifndef RING_H
#define RING_H

#include "capture.h"
#include "command.h"

#include <csumoff_netfront.h>

/* What the guest does with a packet. The strings are static. */
struct outcome {
    int flags; /* of the first slot; -1: the frame is not put on the ring */
    bool is_gso;
    const char *what, *why;
};

struct sent {
    struct outcome outcome;
    const char *state;
    size_t len;
    uint16_t mss;
    size_t segments;
    bool is_filled; /* its IP length was 0, and was filled in before */
};

/* Returns how a guest sends a packet to a backend with these capabilities. */
struct sent ring_send(const struct packet *packet, const struct options *options,
                      const struct csumoff_netfront_caps *caps);

#endif
