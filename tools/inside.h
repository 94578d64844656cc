// SPDX-License-Identifier: MIT
/* The packet inside a tunnel whose L4 checksum the library cannot locate: a fragment, a packet of
 * an unknown protocol, one that is malformed or cut off. */
#ifndef INSIDE_H
#define INSIDE_H

#include "levels.h"

/*
 * Locates the packet inside a tunnel that tunnels_locate() did not list.
 *
 *   head, have   the bytes of the frame that were captured
 *   len          the length of the whole frame
 *   link         what it begins with
 *   around       the innermost packet known, which is the tunnel if there is one
 *   status       receives why the L4 checksum of the packet inside could not be located, or
 *                CSUMOFF_OK if it could
 *   at           receives the layout of what there is, with offsets from the start of the frame
 *
 * Returns whether there is a packet with a whole IP header.
 */
bool inside_locate(const uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                   const struct csumoff_layout *around, int *status, struct csumoff_layout *at);

#endif
