// SPDX-License-Identifier: MIT
/* Adjusts an L4 checksum field to data that changes. */
#ifndef CSUMOFF_ADJUST_L4_H
#define CSUMOFF_ADJUST_L4_H

#include "../../include/csumoff.h"

#pragma GCC visibility push(hidden)

/*
 * Adjusts an L4 checksum field, a seed or a complete checksum, to data whose sum has changed from
 * `from` to `to`. A seed of 0 and a UDP field of 0 stay 0. No other UDP or UDP-Lite field becomes
 * 0.
 */
void csumoff_adjust_field_(csumoff_sum16 *check, bool is_seed, uint8_t l4_proto, csumoff_wsum from,
                           csumoff_wsum to);

#pragma GCC visibility pop

#endif
