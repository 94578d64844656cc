// SPDX-License-Identifier: MIT
/* Why a checksum is wrong: the mistake that gives exactly the value that was found. */
#ifndef NEAR_H
#define NEAR_H

#include "levels.h"

enum {
    MTU_COMMON = 1500 /* the longest IP packet on most networks */
};

/* The mistakes. If a value fits several, the first one of this list is named. Mistakes that only
 * other packets show are found by recall.h. */
enum near {
    NEAR_NONE,
    NEAR_ZERO,
    NEAR_TWICE,
    NEAR_NO_PSEUDO,
    NEAR_SEED, /* of a protocol whose seeds no card takes */
    NEAR_SEED_COMPLEMENT,
    NEAR_COMPLEMENT,
    NEAR_SWAPPED,
    NEAR_SEED_SWAPPED,
    NEAR_SEED_NEGATED,
    NEAR_PSEUDO_TWICE,
    NEAR_PSEUDO_ADDED,
    NEAR_NO_LENGTH,
    NEAR_LENGTH_SWAPPED,
    NEAR_LENGTH_IP,
    NEAR_LENGTH_PADDED,
    NEAR_LENGTH_HEADER,
    NEAR_LENGTH_PAYLOAD,
    NEAR_NEXT_HOP,
    NEAR_PROTOCOL,
    NEAR_TRAILER,
    NEAR_PADDING,
    NEAR_HEADER_ALONE,
    NEAR_PAYLOAD_ALONE,
    NEAR_ODD_BYTE,
    /* Of an IPv4 header. */
    NEAR_TTL,
    NEAR_OPTIONS,
    /* Of SCTP. */
    NEAR_ADLER32,
    NEAR_CRC32,
    NEAR_BITS_REVERSED,
    NEAR_INTERNET,
    /* Known from other packets. */
    NEAR_REWRITTEN,
    NEAR_REWRITTEN_SEED,
    NEAR_COALESCED,
    /* Seeds that were received: see judge.c. NEAR_JOINED is no mistake. */
    NEAR_UNFINISHED,
    NEAR_JOINED,
    NEARS
};

struct near_words {
    const char *word, *advice; /* a sentence */
};

extern const struct near_words near_words[NEARS];

/*
 * Return the mistake that explains a wrong L4 checksum or IPv4 header checksum, or NEAR_NONE.
 *
 *   level        a level of levels_read() with the verdict CSUMOFF_BAD on that checksum
 *   head, have   the bytes that it was read from
 */
enum near near_find_l4(const struct level *level, const uint8_t *head, size_t have);
enum near near_find_l3(const struct level *level, const uint8_t *head);

/* Returns the mistake that explains a wrong CRC32c of SCTP, or NEAR_NONE. */
enum near near_find_crc(const struct level *level, const uint8_t *head, size_t have);

#endif
