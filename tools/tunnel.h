// SPDX-License-Identifier: MIT
/* Tunnels: what a sender leaves to its network card is the inner checksum. */
#ifndef TUNNEL_H
#define TUNNEL_H

#include <csumoff.h>

/*
 * Looks into the tunnel, if the frame is one: *report is what csumoff_inspect() found. True: its L4
 * part and *layout now tell of the inner L4 checksum. That is so where the outer packet has none
 * (GRE, IP in IP, UDP with a field of 0), and where its checksum will be right once the inner seed
 * is finished (local checksum offload). Of several packets inside each other it is the innermost
 * one that is reached in this way.
 */
bool tunnel_look_inside(const uint8_t *frame, size_t len, enum csumoff_link link,
                        struct csumoff_report *report, struct csumoff_layout *layout);

#endif
