// SPDX-License-Identifier: MIT
/* Protocols whose checksums the library does not locate. */
#ifndef PROTOCOLS_H
#define PROTOCOLS_H

#include <csumoff.h>
#include <stdbool.h>

/*
 * Locates the checksum of EIGRP or RSVP, or of VRRP version 3 over IPv4 if it is wrong whether or
 * not it covers a pseudo-header.
 *
 *   at           the layout of a packet that was located with CSUMOFF_EPROTO; the members that
 *                describe a checksum are written
 *   head, have   the bytes of the frame that were captured
 *
 * Returns whether the packet has such a checksum.
 */
bool protocols_locate(struct csumoff_layout *at, const uint8_t *head, size_t have);

#endif
