// SPDX-License-Identifier: MIT
/* The verdict on each packet of a frame, and so on the frame. */
#ifndef JUDGE_H
#define JUDGE_H

#include "flow.h"
#include "fragments.h"
#include "near.h"
#include "terminal.h"

/* The library's verdicts, as they are listed, and two for packets it can't read. */
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

/* What is said of one packet of a frame. */
struct judgement {
    enum verdict l3, l4, overall;
    enum reason reason;
    enum near l3_near, l4_near; /* of what is BAD; NEAR_UNFINISHED: of a seed */
};

struct judged {
    struct levels levels;
    struct judgement of[LEVELS_MOST];
    size_t worst; /* which one gives the frame's verdict */
    /* Whether the frame is a fragment, and then what became of it. The one that makes its datagram
     * whole has the verdicts of that datagram, whose bytes the levels are in, but for the IPv4
     * header's, which is its own. */
    bool is_fragment;
    struct fragment fragment;
};

/* Finds and judges every packet of a frame. `fragments`: those of the capture so far; NULL: none is
 * put together. */
void judge(struct judged *judged, const struct packet *packet, struct fragments *fragments);

/* Returns the packet in whose bytes the levels are: the one that was judged, or the datagram that
 * it made whole. */
const struct packet *judged_packet(const struct judged *judged, const struct packet *packet);

/* Whether a packet is one that receivers drop: BAD, or a seed that arrived unfinished. */
bool judgement_is_wrong(const struct judgement *judgement);

/* Why a packet is wrong: of its L4 checksum, or of its IPv4 header where that alone is wrong. */
enum near judgement_near(const struct judgement *judgement);

/* Whether a packet of the frame has this verdict on its IPv4 header. */
bool judged_has_l3(const struct judged *judged, enum verdict l3);

/* Whether there is an L4 checksum, or one of an IPv4 header, to be shown. */
bool is_l4_judged(const struct level *level, const struct judgement *judgement);
bool is_l3_judged(enum verdict l3);

/* Reads who speaks to whom in packet i of the frame. */
void judged_flow(struct flow *flow, const struct packet *packet, const struct judged *judged,
                 size_t i);

enum {
    REASON_SIZE = 24,
    CHECKSUM_SIZE = 11
};

/* Writes the reason of an UNCHECKED packet. */
void reason_format(char text[REASON_SIZE], enum reason reason, const struct flow *flow);

/* Writes an L4 checksum as it reads on the wire, 16 bits or a CRC's 32. Returns text. */
const char *checksum_format(char text[CHECKSUM_SIZE], const struct level *level, uint32_t sum);

#endif
