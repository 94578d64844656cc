// SPDX-License-Identifier: MIT
/* The fragments of a capture: what they make is put together, to be judged. */
#ifndef FRAGMENTS_H
#define FRAGMENTS_H

#include "datagram.h"
#include "levels.h"

enum {
    FRAGMENTS_HELD = 1024,       /* datagrams at once; the oldest is dropped */
    FRAGMENTS_MEMORY = 16 << 20, /* for their bytes; likewise */
    FRAGMENTS_SECONDS = 60,      /* between a datagram's fragments: RFC 8200, section 4.5 */
    FRAGMENTS_BUCKETS = 2048
};

struct fragment_counts {
    uint64_t datagrams, fragments;    /* put together; from how many */
    uint64_t faults[DATAGRAM_FAULTS]; /* datagrams that could not be */
};

/* Empty at first, all bits 0: then nothing is allocated. */
struct fragments {
    struct datagram *held; /* a ring of FRAGMENTS_HELD */
    uint16_t *next;        /* in the same bucket; counted from 1, 0: none */
    uint16_t bucket[FRAGMENTS_BUCKETS];
    uint64_t oldest, newest; /* newest: the next one's; both only grow */
    size_t memory;
    uint8_t *room; /* where a whole datagram is written */
    struct packet whole;
    struct pcap_pkthdr whole_header;
    struct fragment_counts counts;
};

/* What became of a fragment. */
struct fragment {
    enum placed placed;
    enum datagram_fault fault; /* of its datagram */
    uint32_t id, offset, len;
    bool is_last;
    uint64_t first; /* the packet that its datagram began with */

    /* Good until the next call: the packets that its datagram holds so far, in order of arrival;
     * and that datagram, as a packet of link type IP, if it is PIECE_WHOLE, else NULL. */
    const uint64_t *packets;
    size_t count;
    const struct packet *datagram;
};

/* Takes a fragment, which `at`, a layout with the status CSUMOFF_EFRAG, was located as. */
void fragments_take(struct fragments *fragments, const struct packet *packet,
                    const struct csumoff_layout *at, struct fragment *fragment);

/* Ends a capture: what is not whole by now never was, and is counted. Frees everything but the
 * counts. */
void fragments_end(struct fragments *fragments);

#endif
