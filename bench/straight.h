// SPDX-License-Identifier: MIT
/*
 * Straight-line code, as a careful programmer writes it, for only one kind of frame: TCP over IPv4
 * without options over Ethernet, in one piece. For such a frame each function does what csumoff's
 * function of the same name does. For any other frame it returns a negative status and writes
 * nothing.
 */
#ifndef STRAIGHT_H
#define STRAIGHT_H

#include "csumoff.h"

int straight_locate(const uint8_t *frame, size_t len, struct csumoff_layout *layout);
int straight_inspect(const uint8_t *frame, size_t len, struct csumoff_report *report);
int straight_seed(uint8_t *frame, size_t len, struct csumoff_layout *layout); /* may be NULL */
int straight_seed_at(uint8_t *frame, size_t len, const struct csumoff_layout *layout);
int straight_fill(uint8_t *frame, size_t len);

/* Replaces the source address (4 bytes). The L4 checksum must be complete. */
int straight_rewrite(uint8_t *frame, size_t len, struct csumoff_layout *layout, const void *saddr);

#endif
