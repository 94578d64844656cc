// SPDX-License-Identifier: MIT
/* The frame under test. Each check places it anew and compares it with the input or the oracle. */
#ifndef CSUMOFF_FUZZ_FRAME_H
#define CSUMOFF_FUZZ_FRAME_H

#include <csumoff.h>

#include "../tests/oracle/reference.h"
#include "fuzz.h"

enum {
    MOST = 1 << 17,
    PIECES = 8,
    ICMP = 1,
    IGMP = 2,
    TCP = 6,
    UDP = 17,
    DCCP = 33,
    GRE = 47,
    ICMPV6 = 58,
    SCTP = 132,
    UDPLITE = 136
};

static const uint8_t *original; /* the frame as it is in the input */
static size_t len;
static enum csumoff_link link_type;
static bool at_end; /* whether it lies at the end of its memory, else at the beginning */
static uint8_t cuts[PIECES];
static struct room frame_room;

static inline uint8_t *fresh(void)
{
    return room_place(&frame_room, original, len, MOST, at_end);
}

/* Makes the rest of the input the frame. Returns false if it is too long. */
static inline bool take_frame(struct input *in)
{
    original = in->at;
    len = in->left;
    return len <= MOST;
}

static inline void take_cuts(struct input *in)
{
    unsigned i;

    for (i = 0; i < PIECES; i++)
        cuts[i] = (uint8_t)take(in, 1);
}

/* Cuts the frame at `p` into PIECES + 1 pieces, some of which may be empty. */
static inline void cut(uint8_t *p, struct csumoff_iov *iov)
{
    size_t i, at;

    for (i = at = 0; i < PIECES; i++) {
        size_t piece = cuts[i] & 0x80 ? (size_t)(cuts[i] & 0x7F) * 16 : cuts[i];

        if (piece > len - at)
            piece = len - at;
        iov[i] = (struct csumoff_iov){piece ? p + at : NULL, piece};
        at += piece;
    }
    iov[PIECES] = (struct csumoff_iov){p + at, len - at};
}

static inline bool unchanged(void)
{
    return room_intact(&frame_room) && same(frame_room.bytes, original, len);
}

/* Returns whether the frame is unchanged except in two 16-bit words. SIZE_MAX stands for none. */
static inline bool unchanged_but(size_t word, size_t another)
{
    size_t first = word < another ? word : another, second = word < another ? another : word;
    const uint8_t *p = frame_room.bytes;

    if (first >= len)
        return unchanged();
    if (second >= len)
        second = len;
    return room_intact(&frame_room) && same(p, original, first) &&
           (second <= first + 2 || same(p + first + 2, original + first + 2, second - first - 2)) &&
           (second + 2 >= len || same(p + second + 2, original + second + 2, len - second - 2));
}

/* Returns the verdicts on the bytes that are now in the room. They must not be changed. */
static inline struct csumoff_report judge(void)
{
    static uint8_t before[MOST];
    struct csumoff_report report;

    if (len)
        memcpy(before, frame_room.bytes, len);
    MUST(csumoff_inspect(frame_room.bytes, len, link_type, &report) == CSUMOFF_OK);
    MUST(same(before, frame_room.bytes, len) && room_intact(&frame_room));
    return report;
}

/* Returns the length in the pseudo-header. In that of UDP-Lite and DCCP it is the length of the
 * whole packet, not only of what is covered. */
static inline uint32_t oracle_pseudo_len(const struct csumoff_layout *at)
{
    return at->l4_proto == UDPLITE || at->l4_proto == DCCP ? at->end - at->l4_start : at->l4_len;
}

/* Computes the sum of the pseudo-header, length included, of a packet in `frame` by the oracle.
 * Returns false if the oracle does not know it, as where options may change the destination. */
static inline bool oracle_pseudo_of(const uint8_t *frame, const struct csumoff_layout *at,
                                    uint64_t *pseudo)
{
    const uint8_t *l3 = frame + at->l3_start;
    uint32_t n = oracle_pseudo_len(at);

    *pseudo = 0;
    if (at->csum_kind != CSUMOFF_INTERNET ||
        at->l4_start - at->l3_start != (at->ip_version == 4 ? 20 : 40))
        return false;
    switch (at->l4_proto) {
    case ICMP:
    case IGMP:
    case GRE:
        return true;
    case TCP:
    case UDP:
    case DCCP:
    case ICMPV6:
    case UDPLITE:
        *pseudo = at->ip_version == 6 ? ref_pseudo6(l3 + 8, l3 + 24, at->l4_proto, n)
                                      : ref_pseudo4(l3 + 12, l3 + 16, at->l4_proto, n);
        return true;
    default:
        return false;
    }
}

/* Computes the complete checksum of a packet in `frame` by the oracle. Returns false if it
 * cannot. */
static inline bool oracle_of(const uint8_t *frame, const struct csumoff_layout *at, uint16_t *check)
{
    uint64_t pseudo;

    if (!oracle_pseudo_of(frame, at, &pseudo))
        return false;
    *check = ref_transport(pseudo, frame + at->l4_start, at->l4_len, at->csum_offset);
    if ((at->l4_proto == UDP || at->l4_proto == UDPLITE) && *check == 0)
        *check = 0xFFFF;
    return true;
}

/* These do so for the frame as it is in the input. */
static inline bool oracle_pseudo(const struct csumoff_layout *at, uint64_t *pseudo)
{
    return oracle_pseudo_of(original, at, pseudo);
}

static inline bool oracle(const struct csumoff_layout *at, uint16_t *check)
{
    return oracle_of(original, at, check);
}

/* Compares all members, but not the padding between them. */
static inline bool same_layout(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    return a->l3_start == b->l3_start && a->l4_start == b->l4_start &&
           a->payload_start == b->payload_start && a->end == b->end && a->l4_len == b->l4_len &&
           a->csum_start == b->csum_start && a->csum_offset == b->csum_offset &&
           a->pseudo == b->pseudo && a->ip_version == b->ip_version && a->l4_proto == b->l4_proto &&
           a->vlan_tags == b->vlan_tags && a->csum_kind == b->csum_kind;
}

static inline bool same_report(const struct csumoff_report *a, const struct csumoff_report *b)
{
    return a->l3 == b->l3 && a->l4 == b->l4 && a->l3_found == b->l3_found &&
           a->l3_expected == b->l3_expected && a->l4_found == b->l4_found &&
           a->l4_expected == b->l4_expected;
}

/* Returns the size of the L4 checksum field. */
static inline size_t field_size(const struct csumoff_layout *at)
{
    return at->csum_kind == CSUMOFF_INTERNET ? 2 : at->csum_kind == CSUMOFF_CRC32C ? 4 : 0;
}

/* Copies the checksum fields of a packet, and nothing else. */
static inline void copy_fields(uint8_t *to, const uint8_t *from, const struct csumoff_layout *at)
{
    size_t field = (size_t)at->csum_start + at->csum_offset;

    if (at->ip_version == 4)
        memcpy(to + at->l3_start + 10, from + at->l3_start + 10, 2);
    memcpy(to + field, from + field, field_size(at));
}

/* The expected frame. expect() begins with the input, the others store the checksums of the
 * oracle. */
static uint8_t expected[MOST];

static inline void expect(void)
{
    if (len)
        memcpy(expected, original, len);
}

static inline void expect_l3(const struct csumoff_layout *at)
{
    const uint8_t *l3 = original + at->l3_start;

    if (at->ip_version == 4)
        store_wire16(expected + at->l3_start + 10, ref_ipv4_header(l3, (size_t)(l3[0] & 15) * 4));
}

static inline void expect_l4(const struct csumoff_layout *at, uint16_t field)
{
    store_wire16(expected + at->csum_start + at->csum_offset, field);
}

/* Stores the checksum that finishing up to `end` makes. */
static inline void expect_finished(size_t start, size_t offset, size_t end)
{
    uint16_t check = ref_checksum(ref_sum(original + start, end - start));

    store_wire16(expected + start + offset, check ? check : 0xFFFF);
}

static inline bool as_expected(void)
{
    return room_intact(&frame_room) && same(frame_room.bytes, expected, len);
}

/* Return the right seed and the right complete checksum in wire order: those of the oracle, or
 * those of csumoff.h, which fuzz_packet checks, for packets that the oracle does not know. */
static uint8_t aside[MOST];

static inline uint16_t right_seed(const struct csumoff_layout *at)
{
    uint64_t pseudo;

    if (oracle_pseudo(at, &pseudo))
        return ref_fold(pseudo);
    memcpy(aside, original, len);
    MUST(csumoff_seed(aside, len, link_type, NULL) == CSUMOFF_OK);
    return load_wire16(aside + at->csum_start + at->csum_offset);
}

static inline uint16_t right_checksum(const struct csumoff_layout *at)
{
    uint16_t check;

    if (oracle(at, &check))
        return check;
    memcpy(aside, original, len);
    MUST(csumoff_fill(aside, len, link_type) == CSUMOFF_OK);
    return load_wire16(aside + at->csum_start + at->csum_offset);
}

static inline bool zeros_from(size_t offset)
{
    while (offset < len && original[offset] == 0)
        offset++;
    return offset >= len;
}

/* Returns whether only zero bytes follow the bytes that the checksum covers. */
static inline bool has_clean_end(const struct csumoff_layout *at)
{
    return zeros_from(at->csum_start + at->l4_len);
}

static inline bool takes_seed(const struct csumoff_layout *at)
{
    return at->l4_proto == TCP || at->l4_proto == UDP;
}

/* Returns the length of the payload. It is negative if TCP's header is too short or longer than the
 * packet. */
static inline long payload_of(const struct csumoff_layout *at)
{
    size_t header = at->l4_proto == TCP ? (size_t)(original[at->l4_start + 12] >> 4) * 4 : 8;

    return at->l4_proto == TCP && header < 20 ? -1 : (long)at->l4_len - (long)header;
}

#endif
