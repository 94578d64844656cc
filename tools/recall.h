// SPDX-License-Identifier: MIT
/* Mistakes that one packet alone does not show, but other packets of the capture do. */
#ifndef RECALL_H
#define RECALL_H

#include "judge.h"

struct pair;

/* Initialized with zeros. */
struct recall {
    uint32_t longest;   /* the longest IP packet so far with a right checksum */
    struct pair *pairs; /* pairs of addresses with wrong checksums that nothing explains */
};

/*
 * Looks for the mistakes behind the BAD checksums of a judged frame.
 *
 *   NEAR_REWRITTEN, NEAR_REWRITTEN_SEED
 *       The checksums between two addresses are always wrong by the same difference. The mistake
 *       is named from the third packet on whose right checksum is not that of the packet before, or
 *       from the first packet if its IPv4 header is wrong by the same difference.
 *   NEAR_COALESCED
 *       TCP or UDP is longer than the MTU seen, and nothing else explains the checksum.
 *
 * Parameters:
 *   judged   the result of judge() for the packet; its mistakes are updated
 *   near     the counts of mistakes that tally_add() made of the frames before this one, where
 * those that are explained only now are counted again; may be NULL
 *
 * Memory is limited: of more than 65,536 pairs of addresses, some are forgotten.
 */
void recall_judge(struct recall *recall, struct judged *judged, const struct packet *packet,
                  uint64_t near[NEARS]);
void recall_end(struct recall *recall);

#endif
