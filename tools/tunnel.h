// SPDX-License-Identifier: MIT
/* VXLAN and Geneve: what a sender leaves to its network card is the inner checksum. */
#ifndef TUNNEL_H
#define TUNNEL_H

#include <csumoff.h>

/*
 * Looks into the tunnel, if the frame is one. True: *report and *layout now tell of the inner L4
 * checksum, from the start of the frame. That is so where the outer UDP checksum is absent, which
 * is fine for a tunnel, over IPv6 too (RFC 6935); and where it will be right once the inner seed is
 * finished (local checksum offload).
 */
bool tunnel_look_inside(const uint8_t *frame, size_t len, struct csumoff_report *report,
                        struct csumoff_layout *layout);

#endif
