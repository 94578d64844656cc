// SPDX-License-Identifier: MIT
/*
 * Any bytes as a frame of a Xen guest: sent, whole and in pieces, shown to the rehearsed backend,
 * received, sent on, segmented. Each has to do what csumoff_netfront.h says, and fit the others.
 *
 * Input: 22 bytes that choose (below, in order), then the frame.
 */
#include <csumoff_netfront.h>

#include "frame.h"

enum {
    VALIDATED = CSUMOFF_NETTXF_DATA_VALIDATED,
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK | VALIDATED,
    EXTRA = CSUMOFF_NETTXF_EXTRA_INFO,
    GATHERED = 512, /* by csumoff_netfront_tx_iov() */
    SEGMENTS = 32   /* looked at */
};

static struct csumoff_netfront_caps caps, behind; /* of the backend, and of one behind it */
static struct csumoff_netfront_slot given;        /* received, or shown to the backend */

static struct room segment_room;
static int located; /* by csumoff_locate(), which fuzz_packet is about */
static struct csumoff_layout at;

static void become(const uint8_t *frame)
{
    original = frame;
    located = csumoff_locate(original, len, CSUMOFF_LINK_ETHERNET, &at);
}

/* Tags that Linux knows and nothing else before the IP header; options and nothing else between an
 * IPv4 header and L4. */
static bool is_plain(void)
{
    size_t type_at = 12;

    while (load_wire16(original + type_at) == 0x8100 || load_wire16(original + type_at) == 0x88A8)
        type_at += 4;
    return at.l3_start == type_at + 2 && at.end - at.l3_start <= 40 + 65535 &&
           (at.ip_version == 6 || at.l4_start == at.l3_start + (original[at.l3_start] & 15u) * 4);
}

static long payload_len(void)
{
    return takes_seed(&at) ? payload_of(&at) : (long)at.end - (long)at.payload_start;
}

/* Whether the field can hold a seed. */
static bool may_be_seed(void)
{
    return at.csum_kind == CSUMOFF_INTERNET &&
           !(at.pseudo && load_wire16(original + at.csum_start + at.csum_offset) == 0);
}

/* The complete checksum, of either kind. */
static void expect_complete(void)
{
    uint8_t *l4 = expected + at.csum_start, *field = l4 + at.csum_offset;
    uint32_t crc, i;

    if (at.csum_kind == CSUMOFF_INTERNET) {
        expect_l4(&at, right_checksum(&at));
        return;
    }
    memset(field, 0, 4);
    crc = ref_crc32c(0, l4, at.l4_len);
    for (i = 0; i < 4; i++)
        field[i] = (uint8_t)(crc >> 8 * i);
}

/* ---- The backend -------------------------------------------------------------------------------
 */

static enum csumoff_drop drop_of(const uint8_t *p, const struct csumoff_netfront_slot *slot)
{
    enum csumoff_drop why = (enum csumoff_drop)1234;

    MUST(csumoff_netback_accepts(p, len, slot, &why) == CSUMOFF_OK);
    MUST(why <= CSUMOFF_DROP_PROTOCOL);
    return why;
}

/* Whether it would find the frame's checksum. */
static bool is_found(void)
{
    static const struct csumoff_netfront_slot blank = {.flags = BLANK};

    return drop_of(original, &blank) == CSUMOFF_DROP_NONE;
}

static void check_backend(void)
{
    enum csumoff_drop why = drop_of(fresh(), &given);
    bool is_gso = given.flags & EXTRA, found = is_found();

    MUST(unchanged());
    if (len < 14)
        MUST(why == CSUMOFF_DROP_RUNT);
    else if (is_gso && given.gso_size == 0)
        MUST(why == CSUMOFF_DROP_GSO_SIZE);
    else if (is_gso && given.gso_type != 1 && given.gso_type != 2)
        MUST(why == CSUMOFF_DROP_GSO_TYPE);
    else if (is_gso || given.flags & CSUMOFF_NETTXF_CSUM_BLANK)
        MUST((why == CSUMOFF_DROP_NONE) == found);
    else
        MUST(why == CSUMOFF_DROP_NONE);
    /* It finds what csumoff does, but nothing behind tags or far extension headers. */
    if (located == CSUMOFF_OK)
        MUST(found == (takes_seed(&at) && at.vlan_tags == 0 && is_plain() &&
                       (at.l4_start <= 14 + 256 || (at.ip_version == 6 && found))));
}

/* ---- Sending -----------------------------------------------------------------------------------
 */

static bool is_taken(const struct csumoff_netfront_caps *by)
{
    return takes_seed(&at) && (at.ip_version == 4 ? by->csum_ipv4 : by->csum_ipv6) &&
           has_clean_end(&at) && is_found();
}

static bool gso_is_taken(const struct csumoff_netfront_caps *by)
{
    return at.l4_proto == TCP && len == at.end && by->sg &&
           (at.ip_version == 4 ? by->gso_tcpv4 : by->gso_tcpv6) && is_taken(by);
}

/* Only a packet inside one of another protocol may have a checksum to be finished. */
static int expect_inside(const struct csumoff_tx_hint *hint, int status)
{
    struct csumoff_layout outer = {.l3_start = 14};
    size_t l3, end;
    unsigned type;

    if (hint->state != CSUMOFF_PARTIAL || located != CSUMOFF_EPROTO)
        return CSUMOFF_OK;
    while ((type = load_wire16(original + outer.l3_start - 2)) == 0x8100 || type == 0x88A8) {
        if (++outer.vlan_tags > 4)
            return CSUMOFF_OK;
        outer.l3_start += 4;
    }
    if (type != 0x0800 && type != 0x86DD)
        return CSUMOFF_OK;
    l3 = outer.l3_start;
    outer.ip_version = type == 0x0800 ? 4 : 6;
    outer.l4_start = (uint32_t)(l3 + (outer.ip_version == 4 ? (original[l3] & 15u) * 4 : 40));
    end = outer.ip_version == 4 ? l3 + load_wire16(original + l3 + 2)
                                : l3 + 40 + load_wire16(original + l3 + 4);
    if (hint->csum_start <= outer.l4_start)
        return CSUMOFF_OK;
    if (outer.ip_version == 6 && status == CSUMOFF_OK && unchanged())
        return CSUMOFF_OK; /* it is still among the extension headers */
    if (hint->csum_start + hint->csum_offset + 2 > end)
        return CSUMOFF_ERANGE;
    expect_finished(hint->csum_start, hint->csum_offset, end);
    expect_l3(&outer);
    return CSUMOFF_OK;
}

/* What sending has to end in: where that is CSUMOFF_OK also `expected` and *flags. */
static int expect_sent(const struct csumoff_netfront_caps *by, const struct csumoff_tx_hint *hint,
                       int status, unsigned *flags)
{
    bool has_seed = hint->state == CSUMOFF_PARTIAL;
    long payload;

    expect();
    *flags = hint->state == CSUMOFF_UNNECESSARY ? VALIDATED : 0;
    if (located == CSUMOFF_ETRUNC || located == CSUMOFF_EHDR)
        return hint->state == CSUMOFF_UNNECESSARY && !hint->mss && len >= 14 ? CSUMOFF_OK : located;
    if (located == CSUMOFF_ENOTSUP && (hint->mss || has_seed || hint->state == CSUMOFF_NONE))
        return located;
    if (located)
        return expect_inside(hint, status);
    payload = payload_len();
    if (has_seed && hint->csum_start &&
        (hint->csum_start != at.csum_start || hint->csum_offset != at.csum_offset)) {
        if ((hint->mss && payload > hint->mss) || at.csum_kind != CSUMOFF_INTERNET)
            return CSUMOFF_ENOTSUP;
        if (hint->csum_start < at.l4_start || hint->csum_start + hint->csum_offset + 2 > at.end)
            return CSUMOFF_ERANGE;
        expect_finished(hint->csum_start, hint->csum_offset, at.end);
        expect_l3(&at);
        return CSUMOFF_OK;
    }
    if (hint->mss && payload < 0)
        return CSUMOFF_EHDR;
    if (hint->mss && payload > hint->mss) {
        /* Extension headers: of some Linux doesn't segment, and fuzz_packet's parser isn't here. */
        if (!gso_is_taken(by) || (status && at.ip_version == 6 && at.l4_start > 14 + 40))
            return CSUMOFF_ENOTSUP;
        *flags = BLANK | EXTRA;
    } else if (hint->state == CSUMOFF_UNNECESSARY) {
        return CSUMOFF_OK;
    } else if (hint->state != CSUMOFF_COMPLETE && is_taken(by)) {
        *flags = BLANK;
    }
    expect_l3(&at);
    has_seed &= may_be_seed();
    if (*flags && !has_seed)
        expect_l4(&at, right_seed(&at));
    else if (!*flags && has_seed)
        expect_finished(at.csum_start, at.csum_offset, at.csum_start + at.l4_len);
    else if (!*flags && hint->state != CSUMOFF_COMPLETE)
        expect_complete();
    return CSUMOFF_OK;
}

/* In pieces it is the same, but where the headers are longer than what is gathered. */
static void check_sent_in_pieces(const struct csumoff_netfront_caps *by,
                                 const struct csumoff_tx_hint *hint, int status,
                                 const struct csumoff_netfront_slot *want)
{
    struct csumoff_netfront_slot slot, untouched;
    struct csumoff_iov iov[PIECES + 1];
    int got;

    memset(&untouched, 0xA7, sizeof untouched);
    slot = untouched;
    cut(fresh(), iov);
    got = csumoff_netfront_tx_iov(iov, PIECES + 1, by, hint, &slot);
    if (got != status) {
        MUST(got == CSUMOFF_ENOTSUP && len > GATHERED);
        MUST(located != CSUMOFF_OK || at.l4_start + 24 > GATHERED);
    }
    if (got) {
        MUST(unchanged() && same(&slot, &untouched, sizeof slot));
        return;
    }
    MUST(as_expected());
    MUST(slot.flags == want->flags && slot.gso_type == want->gso_type &&
         slot.gso_size == want->gso_size);
}

static int check_sent(const struct csumoff_netfront_caps *by, const struct csumoff_tx_hint *hint,
                      struct csumoff_netfront_slot *slot)
{
    static const struct csumoff_tx_hint none;
    struct csumoff_netfront_slot untouched;
    unsigned flags;
    int status;

    memset(&untouched, 0xA7, sizeof untouched);
    *slot = untouched;
    status = csumoff_netfront_tx(fresh(), len, by, hint, slot);
    MUST(status == expect_sent(by, hint ? hint : &none, status, &flags));
    if (status) {
        MUST(unchanged() && same(slot, &untouched, sizeof *slot));
    } else {
        MUST(as_expected());
        MUST(slot->flags == flags);
        if (flags & EXTRA)
            MUST(slot->gso_type == (at.ip_version == 4 ? 1 : 2) && slot->gso_size == hint->mss);
        else
            MUST(slot->gso_type == 0 && slot->gso_size == 0);
        MUST(drop_of(frame_room.bytes, slot) == CSUMOFF_DROP_NONE);
    }
    check_sent_in_pieces(by, hint, status, slot);
    return status;
}

/* ---- Receiving ---------------------------------------------------------------------------------
 */

/* The checksum bits of the two directions are swapped. */
static uint16_t received_flags(unsigned sent)
{
    return (uint16_t)((sent & EXTRA) |
                      (sent & CSUMOFF_NETTXF_CSUM_BLANK ? CSUMOFF_NETRXF_CSUM_BLANK : 0) |
                      (sent & VALIDATED ? CSUMOFF_NETRXF_DATA_VALIDATED : 0));
}

static int check_received(const struct csumoff_netfront_slot *slot, struct csumoff_rx *rx)
{
    bool blank = slot->flags & CSUMOFF_NETRXF_CSUM_BLANK;
    int want = CSUMOFF_OK, status;
    struct csumoff_rx untouched;

    memset(&untouched, 0xA7, sizeof untouched);
    *rx = untouched;
    status = csumoff_netfront_rx(fresh(), len, slot->flags, slot->gso_type, slot->gso_size, rx);
    MUST(unchanged());
    if (slot->gso_type > 2)
        want = CSUMOFF_ENOTSUP;
    else if (blank || slot->gso_type)
        want = located;
    if (want == CSUMOFF_OK && slot->gso_type &&
        (at.l4_proto != TCP || at.ip_version != (slot->gso_type == 1 ? 4 : 6) || !slot->gso_size ||
         !is_plain()))
        want = CSUMOFF_EHDR;
    MUST(status == want);
    if (status) {
        MUST(same(rx, &untouched, sizeof *rx));
        return status;
    }
    MUST(rx->gso_type == slot->gso_type && rx->gso_size == (slot->gso_type ? slot->gso_size : 0));
    if (blank || slot->gso_type) {
        MUST(rx->state == CSUMOFF_PARTIAL);
        MUST(rx->csum_start == at.csum_start && rx->csum_offset == at.csum_offset);
        MUST(rx->no_seed ==
             (!blank || (at.csum_kind == CSUMOFF_INTERNET &&
                         load_wire16(original + at.csum_start + at.csum_offset) == 0)));
    } else {
        MUST(rx->state ==
             (slot->flags & CSUMOFF_NETRXF_DATA_VALIDATED ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE));
        MUST(rx->csum_start == 0 && rx->csum_offset == 0 && !rx->no_seed);
    }
    return status;
}

static void check_received_finished(uint16_t flags)
{
    bool blank = flags & CSUMOFF_NETRXF_CSUM_BLANK;
    int status = csumoff_netfront_rx_finish(fresh(), len, flags);

    MUST(status == (blank ? located : CSUMOFF_OK));
    expect();
    if (located == CSUMOFF_OK) {
        if (blank && at.csum_kind == CSUMOFF_INTERNET &&
            load_wire16(original + at.csum_start + at.csum_offset)) {
            expect_finished(at.csum_start, at.csum_offset, at.csum_start + at.l4_len);
        } else if (blank || (flags & EXTRA && at.l4_proto == TCP)) {
            expect_l3(&at);
            expect_complete();
        }
    }
    MUST(as_expected());
}

/* What was sent comes in somewhere else, and is sent on from there: its state isn't lost. */
static void check_sent_on(const struct csumoff_netfront_slot *sent, bool is_right)
{
    static uint8_t hop[MOST];
    const uint8_t *before = original;
    struct csumoff_netfront_slot slot = *sent;
    struct csumoff_tx_hint hint;
    struct csumoff_rx rx;
    int status;

    if (len)
        memcpy(hop, expected, len);
    become(hop);
    slot.flags = received_flags(sent->flags);
    MUST(check_received(&slot, &rx) == CSUMOFF_OK && !rx.no_seed);
    if (rx.state == CSUMOFF_PARTIAL && is_right) {
        MUST(csumoff_finish(fresh(), len, rx.csum_start, rx.csum_offset) == CSUMOFF_OK);
        MUST(judge().l4 == CSUMOFF_GOOD);
    }
    check_received_finished(slot.flags);
    if (is_right)
        MUST(judge().l4 == CSUMOFF_GOOD);
    hint = csumoff_netfront_forward(&rx);
    status = check_sent(&behind, &hint, &slot);
    if (len)
        memcpy(fresh(), expected, len); /* what check_sent() found it to become */
    if (status)
        MUST(status == CSUMOFF_ENOTSUP && rx.gso_type);
    else if (rx.state == CSUMOFF_PARTIAL && !(slot.flags & CSUMOFF_NETTXF_CSUM_BLANK))
        MUST(!is_right || judge().l4 == CSUMOFF_GOOD);
    else
        MUST(unchanged() && slot.flags == sent->flags && slot.gso_size == sent->gso_size);
    become(before);
}

/* ---- Segmentation ------------------------------------------------------------------------------
 */

/* The segment in its room, against the frame it is of. */
static void check_segment(size_t header, size_t payload, size_t mss, size_t index, size_t count,
                          bool is_seeded)
{
    const uint8_t *frame = original, *out = segment_room.bytes;
    struct csumoff_layout whole = at, *s = &at;
    size_t frame_len = len, part = index * mss;
    uint8_t *want = expected, *l3 = want + at.l3_start, *l4 = want + at.l4_start;

    MUST(room_intact(&segment_room));
    MUST(same(out + header, frame + header + part, payload));
    memcpy(want, frame, header);
    len = header + payload;
    if (at.ip_version == 4) {
        store_wire16(l3 + 2, (uint16_t)(len - at.l3_start));
        store_wire16(l3 + 4, (uint16_t)(load_wire16(l3 + 4) + index));
        store_wire16(l3 + 10, ref_ipv4_header(l3, at.l4_start - at.l3_start));
    } else {
        store_wire16(l3 + 4, (uint16_t)(len - at.l3_start - 40));
    }
    if (at.l4_proto == UDP) {
        store_wire16(l4 + 4, (uint16_t)(len - at.l4_start));
    } else {
        uint32_t seq = ((uint32_t)load_wire16(l4 + 4) << 16) + load_wire16(l4 + 6);

        seq += (uint32_t)part;
        store_wire16(l4 + 4, (uint16_t)(seq >> 16));
        store_wire16(l4 + 6, (uint16_t)seq);
        l4[13] &= index ? 0x7F : 0xFF;             /* CWR */
        l4[13] &= index + 1 < count ? 0xF6 : 0xFF; /* PSH, FIN */
    }
    become(out);
    MUST(located == CSUMOFF_OK && s->end == len && s->l4_start == whole.l4_start);
    store_wire16(l4 + s->csum_offset, is_seeded ? right_seed(s) : right_checksum(s));
    MUST(same(want, out, header));
    /* As who gets it sees it. */
    memcpy(fresh(), out, len);
    if (is_seeded)
        MUST(csumoff_finish(frame_room.bytes, len, s->csum_start, s->csum_offset) == CSUMOFF_OK);
    MUST(judge().l4 == CSUMOFF_GOOD);
    len = frame_len;
    become(frame);
}

static void check_segments(uint16_t mss, bool is_seeded)
{
    struct csumoff_segments segments, untouched;
    size_t header, left, i, got = 12345;
    long payload = located == CSUMOFF_OK ? payload_of(&at) : 0;
    int status, want = located;

    memset(&untouched, 0xA7, sizeof untouched);
    segments = untouched;
    status = csumoff_segment_begin(&segments, original, len, mss, is_seeded);
    if (want == CSUMOFF_OK)
        want = !takes_seed(&at) ? CSUMOFF_EPROTO
               : payload < 0    ? CSUMOFF_EHDR
               : mss == 0       ? CSUMOFF_ERANGE
               : !is_plain()    ? CSUMOFF_ENOTSUP
                                : CSUMOFF_OK;
    if (want == CSUMOFF_OK && status == CSUMOFF_ENOTSUP) {
        MUST(at.l4_start + at.l4_len - (size_t)payload > CSUMOFF_SEGMENT_HEADERS ||
             (at.ip_version == 6 && at.l4_start > at.l3_start + 40));
        want = status;
    }
    MUST(status == want);
    if (status) {
        MUST(same(&segments, &untouched, sizeof segments));
        return;
    }
    left = (size_t)payload;
    header = at.l4_start + at.l4_len - left;
    MUST(segments.count == (left ? (left + mss - 1) / mss : 1));
    MUST(segments.len_max == header + (left < mss ? left : mss));
    for (i = 0; i < segments.count && i < SEGMENTS; i++) {
        size_t size = left < mss ? left : mss;
        uint8_t *out = room_place(&segment_room, original, header + size, MOST, at_end);

        if (i == 0) {
            MUST(csumoff_segment_next(&segments, out, header + size - 1, &got) == CSUMOFF_ERANGE);
            MUST(got == 12345 && same(out, original, header + size) && room_intact(&segment_room));
        }
        MUST(csumoff_segment_next(&segments, out, header + size, &got) == CSUMOFF_OK);
        MUST(got == header + size);
        check_segment(header, size, mss, i, segments.count, is_seeded);
        left -= size;
    }
    if (i == segments.count) {
        MUST(left == 0);
        MUST(csumoff_segment_next(&segments, segment_room.bytes, 0, &got) == CSUMOFF_OK);
        MUST(got == 0);
    }
}

/* ---- The input ---------------------------------------------------------------------------------
 */

static struct csumoff_netfront_caps take_caps(struct input *in)
{
    unsigned bits = take(in, 1);

    return (struct csumoff_netfront_caps){bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned flags = take(&in, 1), more = take(&in, 1);
    struct csumoff_tx_hint hint = {.state = (enum csumoff_state)(flags % 4)};
    struct csumoff_netfront_slot slot;
    struct csumoff_rx rx;
    uint16_t mss;

    at_end = !(flags & 4);
    caps = take_caps(&in);
    behind = take_caps(&in);
    hint.csum_start = take(&in, 2);
    hint.csum_offset = take(&in, 2);
    mss = (uint16_t)take(&in, 2);
    given.flags = (uint16_t)take(&in, 1);
    given.gso_type = (uint8_t)take(&in, 1);
    given.gso_size = (uint16_t)take(&in, 2);
    take_cuts(&in);
    if (!take_frame(&in) || len > 0xFFFF)
        return 0;
    become(original);
    if (flags & 0x10)
        hint.csum_start = 0; /* where the headers say; */
    if (flags & 0x20 && located == CSUMOFF_OK) {
        hint.csum_start = at.csum_start; /* the same, said */
        hint.csum_offset = at.csum_offset;
    }
    hint.mss = flags & 0x40 ? mss : 0;

    check_backend();
    if (check_sent(&caps, flags & 0x80 ? NULL : &hint, &slot) == CSUMOFF_OK)
        check_sent_on(&slot, located == CSUMOFF_OK && (flags & 0x80 || hint.state == CSUMOFF_NONE));
    check_received_finished(given.flags);
    if (check_received(&given, &rx) == CSUMOFF_OK) {
        hint = csumoff_netfront_forward(&rx);
        check_sent(&caps, &hint, &slot);
    }
    check_segments(mss, more & 1);
    return 0;
}
