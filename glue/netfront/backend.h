// SPDX-License-Identifier: MIT
/* The backend's rules, which the frontend's sources share. */
#ifndef CSUMOFF_NETFRONT_BACKEND_H
#define CSUMOFF_NETFRONT_BACKEND_H

#include "../../include/csumoff_netfront.h"
#include "../wire.h"

#pragma GCC visibility push(hidden)

enum {
    FRAME_MAX = 65535 /* a slot's size has 16 bits */
};

/*
 * Returns whether the backend finds the checksum of a frame by itself: whether its
 * skb_checksum_setup() comes to a TCP or UDP header at layout->l4_start.
 *
 *   head, have   the first bytes of the frame, to the end of the L4 header's fixed part at least
 *   layout       where csumoff_locate() finds things; behind anything but an Ethernet header the
 *                answer is no
 */
bool csumoff_backend_finds_(const uint8_t *head, size_t have, const struct csumoff_layout *layout);

#pragma GCC visibility pop

#endif
