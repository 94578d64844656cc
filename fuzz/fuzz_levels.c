// SPDX-License-Identifier: MIT
/*
 * Any bytes as tunnels in tunnels: what is found fits together, the same from a head that is long
 * enough; every level filled in from the inside is judged GOOD, and a seed inside leaves the level
 * around it right once it is finished. An IP header is found and made where nothing else is.
 *
 * Input: 2 bytes that choose (below, in order), then the frame.
 */
#include "frame.h"

enum {
    LEVELS = 8
};

static struct csumoff_layout levels[LEVELS];
static size_t count;

static bool has_checksum(const struct csumoff_layout *at)
{
    return at->csum_kind != CSUMOFF_NO_CHECKSUM;
}

static bool is_header_good(const struct csumoff_report *report, const struct csumoff_layout *at)
{
    return report->l3 == (at->ip_version == 4 ? CSUMOFF_GOOD : CSUMOFF_ABSENT);
}

/* Checks one level by itself, and against the level around it. */
static void check_level(size_t i)
{
    const struct csumoff_layout *at = &levels[i], *outer = &levels[i ? i - 1 : 0];

    MUST(at->l3_start < at->l4_start && at->l4_start <= at->end && at->end <= len);
    MUST(at->ip_version == original[at->l3_start] >> 4);
    MUST(at->ip_version == 4 || at->ip_version == 6);
    if (i)
        MUST(at->l3_start >= outer->l4_start && at->end <= outer->end);
    if (has_checksum(at)) {
        MUST(at->csum_start == at->l4_start && at->l4_len <= at->end - at->l4_start);
        MUST(at->csum_offset + field_size(at) <= at->l4_len);
    } else {
        MUST(!at->l4_len && !at->csum_offset && !at->pseudo);
    }
}

/* Returns the status of locating all packets. After CSUMOFF_OK `levels` and `count` are set. */
static int check_locate_all(size_t most)
{
    struct csumoff_layout fewer[LEVELS], untouched[LEVELS], outermost;
    size_t some = 12345, i;
    int status, want;

    memset(levels, 0xA7, sizeof levels);
    memset(untouched, 0xA7, sizeof untouched);
    memset(fewer, 0xA7, sizeof fewer);
    count = 12345;
    status = csumoff_locate_all(fresh(), len, link_type, levels, LEVELS, &count);
    MUST(unchanged());
    want = csumoff_locate(frame_room.bytes, len, link_type, &outermost);
    if (status != CSUMOFF_OK) {
        MUST(status == want && count == 12345 && same(levels, untouched, sizeof levels));
        return status;
    }
    MUST(count >= 1 && count <= LEVELS);
    MUST(same(levels + count, untouched, (LEVELS - count) * sizeof *levels));
    MUST(want == CSUMOFF_OK ? same_layout(&levels[0], &outermost)
                            : want == CSUMOFF_EPROTO && !has_checksum(&levels[0]));
    for (i = 0; i < count; i++)
        check_level(i);
    /* The last level is never a tunnel without a checksum, which is listed only if a packet inside
     * is. */
    MUST(count == LEVELS || has_checksum(&levels[count - 1]));

    MUST(csumoff_locate_all(frame_room.bytes, len, link_type, fewer, most, &some) == CSUMOFF_OK);
    MUST(some == (most < count ? most : count));
    for (i = 0; i < some; i++)
        MUST(same_layout(&fewer[i], &levels[i]));
    MUST(same(fewer + some, untouched, (LEVELS - some) * sizeof *fewer));
    return status;
}

/* Locates from the first bytes of the frame, with nothing readable behind them. The result must be
 * that of the whole frame, or CSUMOFF_EHEAD. */
static void check_head(size_t have, size_t most, int whole)
{
    struct csumoff_layout found[LEVELS], untouched[LEVELS];
    size_t some = 12345, i;
    const uint8_t *p;
    int status;

    memset(found, 0xA7, sizeof found);
    memset(untouched, 0xA7, sizeof untouched);
    p = room_place(&frame_room, original, have, MOST, at_end);
    status = csumoff_locate_all_head(p, have, len, link_type, found, most, &some);
    MUST(room_intact(&frame_room) && same(p, original, have));
    if (status == CSUMOFF_EHEAD)
        MUST(have < len);
    else
        MUST(status == whole);
    if (status != CSUMOFF_OK) {
        MUST(some == 12345 && same(found, untouched, sizeof found));
        return;
    }
    MUST(some == (most < count ? most : count));
    for (i = 0; i < some; i++)
        MUST(same_layout(&found[i], &levels[i]));
    MUST(same(found + some, untouched, (LEVELS - some) * sizeof *found));
}

/* Locates the IP header alone, from a head. It must be found wherever locating found it. */
static void check_l3(size_t have)
{
    struct csumoff_layout at, outermost, untouched;
    struct csumoff_report report;
    int status, want;

    memset(&at, 0xA7, sizeof at);
    memset(&untouched, 0xA7, sizeof untouched);
    (void)room_place(&frame_room, original, have, MOST, at_end);
    want = csumoff_locate_head(frame_room.bytes, have, len, link_type, &outermost);
    status = csumoff_locate_l3(frame_room.bytes, have, len, link_type, &at);
    MUST(room_intact(&frame_room) && same(frame_room.bytes, original, have));
    if (status != CSUMOFF_OK) {
        MUST(status == want && status != CSUMOFF_EFRAG && status != CSUMOFF_ENOTSUP);
        MUST(same(&at, &untouched, sizeof at));
        return;
    }
    MUST(at.l3_start < at.l4_start && at.l4_start <= at.end && at.end <= len);
    MUST(at.ip_version == original[at.l3_start] >> 4);
    if (want == CSUMOFF_OK) {
        MUST(same_layout(&at, &outermost));
        return;
    }
    MUST(want == CSUMOFF_EFRAG || want == CSUMOFF_ENOTSUP || want == CSUMOFF_EPROTO);
    MUST(!has_checksum(&at) && !at.payload_start && !at.l4_len && !at.csum_start &&
         !at.csum_offset && !at.pseudo);
    (void)fresh();
    expect();
    expect_l3(&at);
    MUST(csumoff_fill_at(frame_room.bytes, len, &at) == CSUMOFF_OK && as_expected());
    MUST(csumoff_inspect_at(frame_room.bytes, len, &at, &report) == CSUMOFF_OK);
    MUST(is_header_good(&report, &at) && report.l4 == CSUMOFF_UNCHECKED);
}

/* Fills all levels, innermost first. Each must become right and stay so. */
static void check_fill(void)
{
    struct csumoff_layout again[LEVELS];
    struct csumoff_report report;
    size_t i, found;
    uint16_t check;

    (void)fresh();
    expect();
    for (i = count; i-- > 0;) {
        MUST(csumoff_fill_at(frame_room.bytes, len, &levels[i]) == CSUMOFF_OK);
        copy_fields(expected, frame_room.bytes, &levels[i]);
        MUST(as_expected());
    }
    for (i = 0; i < count; i++) {
        MUST(csumoff_inspect_at(frame_room.bytes, len, &levels[i], &report) == CSUMOFF_OK);
        MUST(is_header_good(&report, &levels[i]));
        MUST(report.l4 == (has_checksum(&levels[i]) ? CSUMOFF_GOOD : CSUMOFF_UNCHECKED));
        if (oracle_of(expected, &levels[i], &check))
            MUST(wire16((uint16_t)report.l4_found) == check);
    }
    MUST(csumoff_verify(frame_room.bytes, len, link_type) == CSUMOFF_OK);
    MUST(as_expected());
    MUST(csumoff_locate_all(frame_room.bytes, len, link_type, again, LEVELS, &found) == CSUMOFF_OK);
    MUST(found == count);
    for (i = 0; i < count; i++)
        MUST(same_layout(&again[i], &levels[i]));
}

/* Leaves the innermost packet to a device. The level around it must be right once that is
 * finished. */
static void check_offload(void)
{
    const struct csumoff_layout *inner = &levels[count - 1], *outer = &levels[count - 2];
    struct csumoff_report report;
    int status;

    if (!has_checksum(outer) || !takes_seed(inner) ||
        (outer->l4_proto != UDP && outer->l4_proto != GRE))
        return;
    if (csumoff_seed_at(fresh(), len, inner) != CSUMOFF_OK) {
        MUST(unchanged() && !has_clean_end(inner));
        return;
    }
    MUST(csumoff_inspect_at(frame_room.bytes, len, inner, &report) == CSUMOFF_OK);
    MUST(report.l4 == CSUMOFF_SEEDED || report.l4 == CSUMOFF_GOOD);
    status = csumoff_outer(frame_room.bytes, len, outer, inner->csum_start, inner->csum_offset);
    /* A UDP datagram may end before its IP packet does, and the packet inside with the IP
     * packet. */
    if (status == CSUMOFF_EHDR) {
        MUST(inner->csum_start + inner->csum_offset + 2 > outer->csum_start + outer->l4_len);
        return;
    }
    if (status == CSUMOFF_ETRAILER) {
        MUST(!zeros_from((size_t)outer->csum_start + outer->l4_len));
        return;
    }
    MUST(status == CSUMOFF_OK);
    if (inner->csum_start + inner->l4_len > outer->csum_start + outer->l4_len)
        return;
    MUST(csumoff_finish_at(frame_room.bytes, len, inner) == CSUMOFF_OK);
    MUST(csumoff_inspect_at(frame_room.bytes, len, outer, &report) == CSUMOFF_OK);
    MUST(report.l4 == CSUMOFF_GOOD);
    MUST(csumoff_inspect_at(frame_room.bytes, len, inner, &report) == CSUMOFF_OK);
    MUST(report.l4 == CSUMOFF_GOOD);
    MUST(room_intact(&frame_room));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum csumoff_link links[] = {CSUMOFF_LINK_ETHERNET, CSUMOFF_LINK_IP,
                                              CSUMOFF_LINK_ETHERNET_SUPER, CSUMOFF_LINK_IP_SUPER};
    struct input in = {data, size};
    const unsigned flags = take(&in, 1);
    const unsigned more = take(&in, 1);
    const size_t most = more % (LEVELS + 1);
    size_t head = (size_t)(flags >> 3) * 16 + more / (LEVELS + 1);
    int status;

    link_type = links[flags % 4];
    at_end = !(flags & 4);
    if (!take_frame(&in))
        return 0;
    status = check_locate_all(most);
    if (status == CSUMOFF_OK && flags & 8) /* near the length at which a head becomes long enough */
        head = levels[count - 1].l4_start + head % 32;
    if (head > len)
        head = len;
    check_head(head, most, status);
    check_head(head, LEVELS, status);
    check_head(len, most, status);
    check_l3(head);
    check_l3(len);
    if (status != CSUMOFF_OK)
        return 0;
    check_fill();
    if (count > 1)
        check_offload();
    return 0;
}
