// SPDX-License-Identifier: MIT
/*
 * What a careful programmer writes for one kind of frame and no other: TCP over IPv4 without
 * options over Ethernet, in one piece. Each function refuses every other frame by a negative status
 * and writes nothing then; for the frames it takes it does what csumoff's function of that name
 * does.
 */
#ifndef STRAIGHT_H
#define STRAIGHT_H

#include "csumoff.h"

int straight_locate(const uint8_t *frame, size_t len, struct csumoff_layout *layout);
int straight_inspect(const uint8_t *frame, size_t len, struct csumoff_report *report);
int straight_seed(uint8_t *frame, size_t len, struct csumoff_layout *layout); /* may be NULL */
int straight_seed_at(uint8_t *frame, size_t len, const struct csumoff_layout *layout);
int straight_fill(uint8_t *frame, size_t len);

/* Replaces the source address (4 bytes). The L4 checksum is complete. */
int straight_rewrite(uint8_t *frame, size_t len, struct csumoff_layout *layout, const void *saddr);

#endif
