// SPDX-License-Identifier: MIT
/* The frame under test: placed afresh for each check, compared with what the input has. */
#ifndef CSUMOFF_FUZZ_FRAME_H
#define CSUMOFF_FUZZ_FRAME_H

#include <csumoff.h>

#include "../tests/reference.h"
#include "fuzz.h"

enum {
    MOST = 1 << 17,
    PIECES = 8,
    ICMP = 1,
    TCP = 6,
    UDP = 17,
    ICMPV6 = 58
};

static const uint8_t *original; /* the frame as the input has it */
static size_t len;
static enum csumoff_link link_type;
static bool at_end; /* at which edge of its memory the frame lies */
static uint8_t cuts[PIECES];
static struct room frame_room;

static inline uint8_t *fresh(void)
{
    return room_place(&frame_room, original, len, MOST, at_end);
}

/* The rest of the input is the frame; false: it is too long. */
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

/* `p`, len bytes, in PIECES + 1 pieces, empty ones among them. */
static inline void cut(uint8_t *p, struct csumoff_iov_mut *iov)
{
    size_t i, at;

    for (i = at = 0; i < PIECES; i++) {
        size_t piece = cuts[i] & 0x80 ? (size_t)(cuts[i] & 0x7F) * 16 : cuts[i];

        if (piece > len - at)
            piece = len - at;
        iov[i] = (struct csumoff_iov_mut){piece ? p + at : NULL, piece};
        at += piece;
    }
    iov[PIECES] = (struct csumoff_iov_mut){p + at, len - at};
}

static inline bool unchanged(void)
{
    return room_intact(&frame_room) && same(frame_room.bytes, original, len);
}

/* Whether the frame is as it was but for two words (SIZE_MAX: for none). */
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

/* The verdicts on what now is in the room, which stays as it is. */
static inline struct csumoff_report judge(void)
{
    static uint8_t before[MOST];
    struct csumoff_report report;

    if (len)
        memcpy(before, frame_room.bytes, len);
    MUST(csumoff_verify(frame_room.bytes, len, link_type, &report) == CSUMOFF_OK);
    MUST(same(before, frame_room.bytes, len) && room_intact(&frame_room));
    return report;
}

/* The oracle's pseudo-header, where no option can lead the packet elsewhere. */
static inline bool oracle_pseudo(const struct csumoff_layout *at, uint64_t *pseudo)
{
    const uint8_t *l3 = original + at->l3_start;

    *pseudo = 0;
    if (at->l4_start - at->l3_start != (at->ip_version == 4 ? 20 : 40))
        return false;
    if (at->ip_version == 6)
        *pseudo = ref_pseudo6(l3 + 8, l3 + 24, at->l4_proto, (uint32_t)at->l4_len);
    else if (at->l4_proto != ICMP)
        *pseudo = ref_pseudo4(l3 + 12, l3 + 16, at->l4_proto, (uint32_t)at->l4_len);
    return true;
}

/* And its complete checksum. */
static inline bool oracle(const struct csumoff_layout *at, uint16_t *check)
{
    uint64_t pseudo;

    if (!oracle_pseudo(at, &pseudo))
        return false;
    *check = ref_transport(pseudo, original + at->l4_start, at->l4_len, at->csum_offset);
    if (at->l4_proto == UDP && *check == 0)
        *check = 0xFFFF;
    return true;
}

/* What is expected of the frame: begun as the input has it, its IPv4 header checksum made real. */
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
        store_wire16(expected + at->l3_start + 10,
                     ref_ipv4_header(l3, at->l4_start - at->l3_start));
}

static inline void expect_l4(const struct csumoff_layout *at, uint16_t field)
{
    store_wire16(expected + at->csum_start + at->csum_offset, field);
}

/* Finished, up to `end`. */
static inline void expect_finished(size_t start, size_t offset, size_t end)
{
    uint16_t check = ref_checksum(ref_sum(original + start, end - start));

    store_wire16(expected + start + offset, check ? check : 0xFFFF);
}

static inline bool as_expected(void)
{
    return room_intact(&frame_room) && same(frame_room.bytes, expected, len);
}

/* The seed and the complete checksum that belong there, on the wire: the oracle's, or where it has
 * none csumoff.h's, which fuzz_packet is about. */
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

/* Only zero bytes follow what the checksum covers. */
static inline bool has_clean_end(const struct csumoff_layout *at)
{
    return zeros_from(at->csum_start + at->l4_len);
}

static inline bool takes_seed(const struct csumoff_layout *at)
{
    return at->l4_proto == TCP || at->l4_proto == UDP;
}

/* Bytes behind the L4 header; negative: TCP's is longer than its packet, or too short. */
static inline long payload_of(const struct csumoff_layout *at)
{
    size_t header = at->l4_proto == TCP ? (size_t)(original[at->l4_start + 12] >> 4) * 4 : 8;

    return at->l4_proto == TCP && header < 20 ? -1 : (long)at->l4_len - (long)header;
}

#endif
