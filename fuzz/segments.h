// SPDX-License-Identifier: MIT
/* Checks that the library's segments are those of the model's device (glue.h). */
#ifndef CSUMOFF_FUZZ_SEGMENTS_H
#define CSUMOFF_FUZZ_SEGMENTS_H

#include "glue.h"

static struct room segment_room;

/* Compares the segment in its room with the device's. They are equal, but a checksum that is 0 in
 * one may be 0xFFFF in the other. */
static inline void check_segment(const uint8_t *want, size_t size, bool is_seeded)
{
    const struct level *l = &subject.level[0];
    const size_t field = l->l4 + l->csum_offset;
    uint8_t *got = segment_room.bytes;

    MUST(room_intact(&segment_room));
    if (is_seeded)
        device_finish(got, size, l->l4, l->csum_offset);
    else if (l->proto == TCP && load_wire16(got + field) == 0)
        store_wire16(got + field, 0xFFFF);
    MUST(same(got, want, size));
}

/* Returns whether the library may refuse to segment a frame that was located. */
static inline bool is_not_segmented(uint16_t mss)
{
    return !model_is_repeatable(&subject) || at.payload_start > CSUMOFF_SEGMENT_HEADERS ||
           (at.l4_proto == UDP && model_payload(&subject, 0) > mss &&
            is_tunnel_port(load_wire16(original + at.l4_start + 2))) ||
           (at.ip_version == 6 && load_wire16(original + at.l3_start + 4) == 0);
}

static inline void check_segments_refused(int status, uint16_t mss, bool in_pieces)
{
    if (in_pieces && is_far() && status == CSUMOFF_ENOTSUP)
        return;
    if (located != CSUMOFF_OK)
        MUST(status == located);
    else if (!takes_seed(&at))
        MUST(status == CSUMOFF_EPROTO);
    else if (model_payload(&subject, 0) < 0)
        MUST(status == CSUMOFF_EHDR);
    else if (mss == 0)
        MUST(status == CSUMOFF_ERANGE);
    else
        MUST(status == CSUMOFF_ENOTSUP && is_not_segmented(mss));
}

/* Compares all segments with those that the device makes of a frame with a right seed. */
static inline void check_segments_made(struct csumoff_segments *segments, uint16_t mss,
                                       bool is_seeded)
{
    static uint8_t whole[MOST], want[MOST];
    const struct order order = {true, 0, 0, 0, mss};
    size_t got = 12345, size, i;
    struct cut next;

    packet_set_field(&subject, 0, packet_seed(&subject, 0));
    memcpy(whole, subject.bytes, len);
    memcpy(subject.bytes, original, len);
    next = cut_begin(&subject, mss);
    MUST(segments->count == next.count);
    for (i = 0; i < SEGMENTS && (size = device_cut(&subject, whole, &order, &next, want)); i++) {
        uint8_t *out = room_place(&segment_room, original, size, MOST, at_end);

        if (i == 0) {
            MUST(segments->len_max == size);
            MUST(csumoff_segment_next(segments, out, size - 1, &got) == CSUMOFF_ERANGE);
            MUST(got == 12345 && room_intact(&segment_room));
        }
        MUST(csumoff_segment_next(segments, out, size, &got) == CSUMOFF_OK && got == size);
        check_segment(want, size, is_seeded);
    }
    if (i == next.count)
        MUST(csumoff_segment_next(segments, segment_room.bytes, 0, &got) == CSUMOFF_OK && got == 0);
}

static inline void check_segments(uint16_t mss, bool is_seeded)
{
    struct csumoff_segments segments, untouched;
    struct csumoff_iov iov[PIECES + 1];
    const bool in_pieces = is_seeded ^ at_end;
    int status;

    memset(&untouched, 0xA7, sizeof untouched);
    segments = untouched;
    cut(fresh(), iov);
    status =
        in_pieces
            ? csumoff_segment_begin_iov(&segments, iov, PIECES + 1, link_type, mss, is_seeded)
            : csumoff_segment_begin(&segments, frame_room.bytes, len, link_type, mss, is_seeded);
    if (status) {
        MUST(same(&segments, &untouched, sizeof segments));
        check_segments_refused(status, mss, in_pieces);
        return;
    }
    MUST(located == CSUMOFF_OK && takes_seed(&at) && mss && model_is_repeatable(&subject));
    check_segments_made(&segments, mss, is_seeded);
    MUST(unchanged());
}

#endif
