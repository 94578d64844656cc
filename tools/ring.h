// SPDX-License-Identifier: MIT
/* What becomes of a captured frame that a Xen guest sends. */
#ifndef RING_H
#define RING_H

#include "capture.h"
#include "command.h"

#include <csumoff_netfront.h>

/* What becomes of a packet; the words are static. */
struct outcome {
    int flags; /* of the first slot; -1: nothing goes on the ring */
    bool is_gso;
    const char *what, *why;
};

struct sent {
    struct outcome outcome;
    const char *state;
    size_t len;
    uint16_t mss;
    size_t segments;
    bool is_filled; /* its IP length was 0, and is filled in before */
};

/* Sends a packet to a backend with these capabilities. */
struct sent ring_send(const struct packet *packet, const struct options *options,
                      const struct csumoff_netfront_caps *caps);

#endif
