// SPDX-License-Identifier: MIT
/* The pseudo-header of a packet, field by field. */
#ifndef PSEUDO_H
#define PSEUDO_H

#include <csumoff.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pseudo {
    size_t address; /* size of an address: 4 or 16; 0: there is no pseudo-header */
    uint8_t source[16], destination[16];
    bool is_home, is_route; /* source, destination are not those of the IP header */
    uint8_t protocol[4], length[4];
    size_t number; /* how many of the last bytes of `protocol` and of `length` are shown */
};

/*
 * Reads the pseudo-header of a packet.
 *
 *   bytes, have   the frame
 *   layout        the packet's layout
 *   is_end        whether the destination is the end of a source route; else it is the IP header's
 */
void pseudo_read(struct pseudo *pseudo, const uint8_t *bytes, size_t have,
                 const struct csumoff_layout *layout, bool is_end);

/* Returns the sum of its words, without the length if `has_length` is false. */
uint64_t pseudo_sum(const struct pseudo *pseudo, bool has_length);

#endif
