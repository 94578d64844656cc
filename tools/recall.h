// SPDX-License-Identifier: MIT
/* What the packets of a capture tell of each other: mistakes that one packet alone doesn't show. */
#ifndef RECALL_H
#define RECALL_H

#include "judge.h"

struct pair;

/* All zero to begin with. */
struct recall {
    uint32_t longest;   /* the longest IP packet so far with a right checksum */
    struct pair *pairs; /* who spoke to whom, with wrong checksums that nothing explains */
};

/*
 * Goes over a judged frame and names, of what is BAD,
 *   NEAR_REWRITTEN, NEAR_REWRITTEN_SEED   where the checksums between two addresses are always
 * wrong by the same difference: from the third packet on whose right checksum is another than the
 * one's before, or from the first where the IPv4 header is wrong by it, too; NEAR_COALESCED where
 * TCP or UDP is longer than the MTU seen, and nothing else explains the checksum.
 *
 *   judged   what judge() made of the packet; its nears are brought up to date
 *   near     the counts of the frames before this one, as tally_add() counts: what is now explained
 *            of them is counted anew; NULL: nobody counts
 *
 * Its memory is limited: of more than 65,536 pairs, some are forgotten.
 */
void recall_judge(struct recall *recall, struct judged *judged, const struct packet *packet,
                  uint64_t near[NEARS]);
void recall_end(struct recall *recall);

#endif
