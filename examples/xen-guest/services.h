// SPDX-License-Identifier: MIT
/*
 * What this guest does beyond ../unikernel/net.h's: by UDP, at port
 *   20  a trial: sends UDP datagrams and TCP segments of every payload length that an MTU of 1500
 *       allows to the sender and that port of its. A first byte in the datagram chooses an enum
 *       misuse of card.h, for the trial alone; a second one n: every nth length. A datagram of
 *       0xFF and the count of frames comes last
 *   21  the sender becomes the next hop of all that comes to this MAC, and isn't for this guest: a
 *       router. A first byte other than 0: one that forgets the state of what it sends on
 */
#ifndef SERVICES_H
#define SERVICES_H

#include <csumoff_glue.h>

#include "packets.h"

/* For struct net. */
void services_input(const struct peer *from, uint16_t from_port, uint16_t port, const uint8_t *data,
                    size_t len);

/* What is to be done without being asked for, such as a part of a trial; returns after how many
 * milliseconds there is more of it, if nothing comes before. */
unsigned services_work(void);

/* Whether the frame was sent on; else it is for net_input(). */
bool services_route(const uint8_t *frame, size_t len, const struct csumoff_rx *rx);

#endif
