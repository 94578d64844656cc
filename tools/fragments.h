// SPDX-License-Identifier: MIT
/* Reassembles the fragments of a capture, so that whole datagrams can be judged. */
#ifndef FRAGMENTS_H
#define FRAGMENTS_H

#include "datagram.h"
#include "levels.h"

enum {
    FRAGMENTS_HELD = 1024,       /* datagrams at once; the oldest is dropped */
    FRAGMENTS_MEMORY = 16 << 20, /* for their bytes; the oldest datagram is dropped */
    FRAGMENTS_SECONDS = 60,      /* between a datagram's fragments (RFC 8200, section 4.5) */
    FRAGMENTS_BUCKETS = 2048
};

struct fragment_counts {
    uint64_t datagrams, fragments;    /* datagrams reassembled, and their fragments */
    uint64_t faults[DATAGRAM_FAULTS]; /* datagrams that could not be reassembled */
};

/* Initialized with zeros. Memory is allocated for the first fragment. */
struct fragments {
    struct datagram *held; /* a ring of FRAGMENTS_HELD */
    uint16_t *next;        /* the next one in the same bucket, counted from 1; 0: none */
    uint16_t bucket[FRAGMENTS_BUCKETS];
    uint64_t oldest, newest; /* held are those from `oldest` to `newest` - 1 */
    size_t memory;
    uint8_t *room; /* receives a whole datagram */
    struct packet whole;
    struct pcap_pkthdr whole_header;
    struct fragment_counts counts;
};

/* What fragments_take() did with a fragment. */
struct fragment {
    enum placed placed;
    enum datagram_fault fault; /* of its datagram */
    uint32_t id, offset, len;
    bool is_last;
    uint64_t first; /* number of the packet that its datagram began with */

    /* The numbers of the datagram's packets so far, in order of arrival; and after PIECE_WHOLE the
     * datagram as a packet of link type IP, else NULL. Both are valid until the next call. */
    const uint64_t *packets;
    size_t count;
    const struct packet *datagram;
};

/* Takes a fragment. `at` is the layout that was returned with CSUMOFF_EFRAG. */
void fragments_take(struct fragments *fragments, const struct packet *packet,
                    const struct csumoff_layout *at, struct fragment *fragment);

/* Ends a capture: counts the datagrams that are not whole, and frees all memory. The counts
 * remain. */
void fragments_end(struct fragments *fragments);

#endif
