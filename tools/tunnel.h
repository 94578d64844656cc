// SPDX-License-Identifier: MIT
/* VXLAN and Geneve: what a sender leaves to its network card is the inner checksum. */
#ifndef TUNNEL_H
#define TUNNEL_H

#include <csumoff.h>

/*
 * Looks into the tunnel, if the frame is one, where the outer UDP checksum is absent or not (yet)
 * right. Absent is fine for a tunnel, over IPv6 too (RFC 6935), and *report says so then.
 * True: the inner packet is seeded, and with it finished the outer checksum is right, too; *report
 * and *layout then tell of the inner checksum, from the start of the frame.
 */
bool tunnel_look_inside(const uint8_t *frame, size_t len, struct csumoff_report *report,
                        struct csumoff_layout *layout);

#endif
