// SPDX-License-Identifier: MIT
#ifndef CSUMOFF_PACKETS_ONE_PACKET_H
#define CSUMOFF_PACKETS_ONE_PACKET_H

#include "../../include/csumoff.h"

#pragma GCC visibility push(hidden)

/* Returns whether one packet is seeded, finished and judged as it should be. */
bool csumoff_packets_hold_(void);

#pragma GCC visibility pop

#endif
