// SPDX-License-Identifier: MIT
/* The pseudo-header of a packet, field by field. */
#ifndef PSEUDO_H
#define PSEUDO_H

#include <csumoff.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pseudo {
    size_t address; /* the size of one: 4 or 16; 0: there is no pseudo-header */
    uint8_t source[16], destination[16];
    bool is_home, is_route; /* the source, the destination is not the IP header's */
    uint8_t protocol[4], length[4];
    size_t number; /* bytes of `protocol` and of `length`, from their ends, that are shown */
};

/*
 * Reads the pseudo-header of a packet.
 *
 *   bytes, have   the frame
 *   layout        the packet's
 *   is_end        as the packet is at the end of its route; else from the IP header alone
 */
void pseudo_read(struct pseudo *pseudo, const uint8_t *bytes, size_t have,
                 const struct csumoff_layout *layout, bool is_end);

/* Returns the sum of its words; without the length where `has_length` is false. */
uint64_t pseudo_sum(const struct pseudo *pseudo, bool has_length);

#endif
