// SPDX-License-Identifier: MIT
/* What a device can do for frames that are sent to it. */
#ifndef CSUMOFF_GLUE_DEVICE_H
#define CSUMOFF_GLUE_DEVICE_H

#include "frame.h"

/* The offloads of a device. */
struct csumoff_device_ {
    bool csum_ipv4, csum_ipv6;      /* seeds */
    bool tcpv4, tcpv6, udp_l4, ecn; /* super-frames; ecn: of TCP with CWR set */
    /* Returns whether the device finds the TCP or UDP checksum of a frame by itself. NULL for a
     * device that is told where the checksum is. */
    bool (*finds)(const uint8_t *head, size_t have, const struct csumoff_layout *layout);
};

#pragma GCC visibility push(hidden)

/* Returns 1 if the device finishes a seed of this packet, the outermost one, 0 if not, or a
 * negative status. */
int csumoff_device_takes_own_(const struct csumoff_device_ *device,
                              const struct csumoff_frame_ *frame,
                              const struct csumoff_layout *layout, bool has_seed);

/* Returns whether the device finishes a seed that is not the outermost packet's. Only a device that
 * is told the place can; such a device does not distinguish IPv4 from IPv6. */
bool csumoff_device_takes_elsewhere_(const struct csumoff_device_ *device,
                                     const struct csumoff_frame_ *frame,
                                     const struct csumoff_layout *layout);

/* Returns the GSO type by which the device segments a frame, whose outermost packet is at `layout`,
 * or CSUMOFF_GSO_NONE. */
enum csumoff_gso csumoff_device_gso_(const struct csumoff_device_ *device,
                                     const struct csumoff_frame_ *frame,
                                     const struct csumoff_layout *layout, uint16_t mss);

#pragma GCC visibility pop

#endif
