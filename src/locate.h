// SPDX-License-Identifier: MIT
/* Where a packet's checksum is, and whose addresses are in it. */
#ifndef CSUMOFF_LOCATE_H
#define CSUMOFF_LOCATE_H

#include "wire.h"

#pragma GCC visibility push(hidden)

struct csumoff_packet {
    struct csumoff_layout at;
    size_t saddr, daddr; /* of the IP header, from the start of the frame */
    size_t final_daddr;  /* where a source route ends, else daddr */
};

/*
 * As csumoff_locate(), into *packet; on CSUMOFF_EFRAG, CSUMOFF_EPROTO and CSUMOFF_ENOTSUP it tells
 * how far it came: at.ip_version is 0 where no IP header was found, else l3_start, l4_start and end
 * are right.
 */
int csumoff_locate_packet(const uint8_t *frame, size_t len, enum csumoff_link link,
                          struct csumoff_packet *packet);

#pragma GCC visibility pop

#endif
