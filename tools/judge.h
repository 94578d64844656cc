// SPDX-License-Identifier: MIT
/* The verdict on each packet of a frame, and on the frame. */
#ifndef JUDGE_H
#define JUDGE_H

#include "flow.h"
#include "fragments.h"
#include "near.h"
#include "terminal.h"

/* The library's verdicts, and two for packets that it cannot read. */
enum verdict {
    GOOD,
    BAD,
    SEEDED,
    SEEDED_GSO,
    BLANK, /* of an IPv4 header */
    ABSENT,
    UNCHECKED,
    TRUNCATED,
    MALFORMED,
    VERDICTS
};

struct verdict_words {
    const char *word, *meaning;
    enum tint tint;
};

extern const struct verdict_words verdict_words[VERDICTS];

/* Why a packet is UNCHECKED. */
enum reason {
    NO_REASON,
    FRAGMENT,
    PROTOCOL,
    ROUTE,
    AMBIGUOUS, /* VRRP version 3 over IPv4 */
    NOT_IP,
    SNAPPED,
    REASONS
};

extern const char *const reason_words[REASONS];

/* The judgement of one packet of a frame. */
struct judgement {
    enum verdict l3, l4, overall;
    enum reason reason;
    enum near l3_near, l4_near; /* why it is BAD; NEAR_UNFINISHED for a seed */
};

struct judged {
    struct levels levels;
    struct judgement of[LEVELS_MOST];
    size_t worst; /* the packet whose verdict is the frame's */

    /* The verdicts on a fragment that makes its datagram whole are those on the datagram, and the
     * levels refer to the datagram's bytes. Only the verdict on the IPv4 header is the fragment's
     * own. */
    bool is_fragment;
    struct fragment fragment;
};

/* Finds and judges every packet of a frame. `fragments` has the fragments of the capture so far; if
 * it is NULL, no datagram is reassembled. */
void judge(struct judged *judged, const struct packet *packet, struct fragments *fragments);

/* Returns the packet whose bytes the levels refer to: the one that was judged, or the datagram that
 * it made whole. */
const struct packet *judged_packet(const struct judged *judged, const struct packet *packet);

/* Returns whether receivers drop the packet: it is BAD, or a seed that arrived unfinished. */
bool judgement_is_wrong(const struct judgement *judgement);

/* Returns why the L4 checksum is wrong, or the IPv4 header's if only that one is wrong. */
enum near judgement_near(const struct judgement *judgement);

/* Returns whether a packet of the frame has this verdict on its IPv4 header. */
bool judged_has_l3(const struct judged *judged, enum verdict l3);

/* Return whether there is an L4 checksum, or an IPv4 header checksum, to be shown. */
bool is_l4_judged(const struct level *level, const struct judgement *judgement);
bool is_l3_judged(enum verdict l3);

/* Reads the flow of packet i of the frame. */
void judged_flow(struct flow *flow, const struct packet *packet, const struct judged *judged,
                 size_t i);

enum {
    REASON_SIZE = 24,
    CHECKSUM_SIZE = 11
};

/* Writes the reason of an UNCHECKED packet. */
void reason_format(char text[REASON_SIZE], enum reason reason, const struct flow *flow);

/* Writes an L4 checksum in wire order: 16 bits, or the 32 of a CRC. Returns text. */
const char *checksum_format(char text[CHECKSUM_SIZE], const struct level *level, uint32_t sum);

#endif
