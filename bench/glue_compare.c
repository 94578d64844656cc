// SPDX-License-Identifier: MIT
#include "glue_rows.h"
#include "frames.h"
#include <stdlib.h>
#include <string.h>

enum {
    HEADERS = 96 /* of a frame: where bits are flipped */
};

void glue_compare_contenders(const struct glue_row *row, const struct set *set)
{
    const size_t calls = set->mask + 1, last = set->places[0].offset + set->places[0].len - 1;
    struct set ours = set_copy(set);
    uint64_t total;

    ours.base[last] ^= 1;
    total = row->run[ONE_BY_ONE](&ours, calls, true);
    for (size_t who = 0; who < CONTENDERS; who++) {
        struct set theirs;

        if (!row->run[who])
            continue;
        theirs = set_copy(set);
        theirs.base[last] ^= 1;
        if (row->run[who](&theirs, calls, true) != total ||
            memcmp(ours.base, theirs.base, set->bytes) != 0)
            fail(row->what, "the results differ");
        free(theirs.base);
    }
    free(ours.base);
}

/* Compares both on a frame that the straight-line code may refuse. Returns whether it does. */
static bool is_refused(const struct glue_row *row, const uint8_t *frame, size_t len)
{
    static uint8_t our_frame[LONGEST], their_frame[LONGEST];
    const struct place place = {0, (uint32_t)len};
    struct csumoff_layout layout;
    const struct set ours = {our_frame, len, &place, &layout, 0};
    const struct set theirs = {their_frame, len, &place, &layout, 0};
    uint64_t total;

    if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &layout))
        memset(&layout, 0, sizeof layout); /* fits no frame */
    memcpy(our_frame, frame, len);
    memcpy(their_frame, frame, len);
    total = row->run[STRAIGHT](&theirs, 1, true);
    if (total == REFUSED) {
        if (memcmp(their_frame, frame, len) != 0)
            fail(row->what, "straight-line code writes to what it refuses");
        return true;
    }
    if (row->run[ONE_BY_ONE](&ours, 1, true) != total || memcmp(our_frame, their_frame, len) != 0)
        fail(row->what, "straight-line code differs");
    return false;
}

/* Returns how many bits of a frame, flipped one at a time, make it a frame of another kind or of a
 * wrong length. */
static size_t decisive_bits(const uint8_t *frame)
{
    const bool is_ipv4 = frame[14] == 0x45;
    const bool is_udp = frame[is_ipv4 ? 23 : 20] == 17;
    /* EtherType, version, IHL, length, fragment, protocol. */
    const size_t bits = is_ipv4 ? 16 + 4 + 4 + 16 + 14 + 8 : 16 + 4 + 0 + 16 + 0 + 8;

    return bits + (is_udp ? 16 : 0);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * The frames have each bit of their headers flipped, complete checksums, seeds of both kinds or
 * zeros, or are cut short.
 */
void glue_compare_straight(const struct glue_row *row, const struct set *set)
{
    static uint8_t frame[LONGEST];

    for (size_t nth = 0; nth < 64; nth++) {
        const struct place place = set->places[nth];
        struct csumoff_layout at;
        size_t refused = 0;
        uint8_t *field;

        memcpy(frame, set->base + place.offset, place.len);
        frame_hold(frame, place.len, nth / 8 % 4 == 1 ? SEED : COMPLETE);
        if (csumoff_locate(frame, place.len, CSUMOFF_LINK_ETHERNET, &at))
            fail(row->what, "csumoff refuses a frame");
        field = frame + at.csum_start + at.csum_offset;
        if (nth / 8 % 4 == 2) {
            csumoff_sum16 gso = csumoff_seed_value_gso(&at);

            memcpy(field, &gso, sizeof gso);
        } else if (nth / 8 % 4 == 3) {
            memset(field, 0, 2);
        }
        for (size_t bit = 0; bit < least(place.len, HEADERS) * 8; bit++) {
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
            refused += is_refused(row, frame, place.len);
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t cut = 0; cut < place.len; cut++)
            refused += is_refused(row, frame, cut);
        refused += is_refused(row, frame, place.len);
        if (refused != decisive_bits(frame) - row->tolerated + place.len)
            fail(row->what, "straight-line code refuses too much or too little");
    }
}
