// SPDX-License-Identifier: MIT
/*
 * Any bytes stored anywhere in any packet of a frame: either each checksum stands as it would if it
 * were computed anew, off by as much as it was before, and nothing else has changed; or nothing
 * has.
 *
 * Input: 5 bytes that choose (below, in order), the bytes to store, then the frame.
 */
#include "frame.h"

enum {
    LEVELS = 4,
    STORED = 64
};

static struct room bytes_room;
static struct csumoff_layout levels[LEVELS];
static size_t count;

/* The layout of a packet, and its right checksums. */
struct packet {
    struct csumoff_layout at;
    struct csumoff_report report;
    uint16_t l4_field, l4_right, seed;
};

static bool find_all(const uint8_t *frame)
{
    return csumoff_locate_all(frame, len, link_type, levels, LEVELS, &count) == CSUMOFF_OK;
}

/* Returns the truth about a packet in a frame, by the oracle where it knows it. */
static void look(const uint8_t *frame, const struct csumoff_layout *at, struct packet *packet)
{
    uint64_t pseudo;

    packet->at = *at;
    MUST(csumoff_inspect_at(frame, len, at, &packet->report) == CSUMOFF_OK);
    packet->seed = wire16(csumoff_seed_value(at));
    packet->l4_field = wire16((uint16_t)packet->report.l4_found);
    packet->l4_right = wire16((uint16_t)packet->report.l4_expected);
    if (at->csum_kind == CSUMOFF_INTERNET && oracle_pseudo_of(frame, at, &pseudo)) {
        MUST(packet->seed == ref_fold(pseudo));
        MUST(oracle_of(frame, at, &packet->l4_right));
    }
}

/* Returns whether `after` differs from `right_after` as `before` did from `right_before`. */
static bool is_as_far_off(uint16_t before, uint16_t right_before, uint16_t after,
                          uint16_t right_after)
{
    return ((uint32_t)before + 2 * 0xFFFF - right_before) % 0xFFFF ==
           ((uint32_t)after + 2 * 0xFFFF - right_after) % 0xFFFF;
}

static void check_l3(const struct packet *before, const struct packet *after)
{
    if (before->at.ip_version == 6)
        return;
    if (before->report.l3 == CSUMOFF_BLANK)
        MUST(after->report.l3_found == 0);
    else
        MUST(is_as_far_off(wire16(before->report.l3_found), wire16(before->report.l3_expected),
                           wire16(after->report.l3_found), wire16(after->report.l3_expected)));
}

static void check_l4(const struct packet *before, const struct packet *after,
                     enum csumoff_state state)
{
    const struct csumoff_layout *at = &before->at;

    if (at->csum_kind == CSUMOFF_NO_CHECKSUM)
        return;
    if (at->csum_kind == CSUMOFF_CRC32C) {
        MUST(before->report.l4_found == after->report.l4_found);
        MUST(state == CSUMOFF_PARTIAL || before->report.l4_expected == after->report.l4_expected);
    } else if (state == CSUMOFF_PARTIAL) {
        if (!at->pseudo || before->l4_field == 0)
            MUST(after->l4_field == before->l4_field);
        else
            MUST(is_as_far_off(before->l4_field, before->seed, after->l4_field, after->seed));
    } else if (at->l4_proto == UDP && before->l4_field == 0) {
        MUST(after->l4_field == 0);
    } else {
        MUST(is_as_far_off(before->l4_field, before->l4_right, after->l4_field, after->l4_right));
        MUST((at->l4_proto != UDP && at->l4_proto != UDPLITE) || after->l4_field != 0 ||
             before->l4_field == 0);
    }
}

/* But for the pseudo-header. */
static bool same_places(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    struct csumoff_layout copy = *a;

    copy.pseudo = b->pseudo;
    return same_layout(&copy, b);
}

static void check_rewrite(size_t level, enum csumoff_state state, size_t at, const uint8_t *bytes,
                          size_t n)
{
    const struct csumoff_layout given = levels[level];
    struct csumoff_layout layout = given;
    struct packet before, after;
    uint8_t *p = fresh();
    int status;

    look(p, &given, &before);
    status = csumoff_rewrite(p, len, &layout, state, at, bytes, n);
    if (status != CSUMOFF_OK) {
        MUST(status == CSUMOFF_EHDR || status == CSUMOFF_ERANGE || status == CSUMOFF_ENOTSUP);
        MUST(unchanged() && same(&layout, &given, sizeof layout));
        return;
    }
    if (n == 0) {
        MUST(unchanged() && same(&layout, &given, sizeof layout));
        return;
    }
    MUST(at >= given.l3_start && n <= given.end - at && at <= given.end);
    expect();
    memcpy(expected + at, bytes, n);
    copy_fields(expected, p, &given);
    MUST(as_expected());
    MUST(same(p + at, bytes, n)); /* no checksum among them */
    MUST(same_places(&layout, &given));
    /* Storing through a tunnel's layout may break the packet inside; a tunnel without a checksum is
     * only found with a packet inside. */
    if (find_all(p) && level < count) {
        MUST(same_places(&layout, &levels[level]));
        MUST(ref_fold(wire_sum(layout.pseudo)) % 0xFFFF ==
             ref_fold(wire_sum(levels[level].pseudo)) % 0xFFFF);
        MUST(!layout.pseudo == !levels[level].pseudo);
    } else {
        MUST(given.csum_kind == CSUMOFF_NO_CHECKSUM && at + n > given.l4_start);
    }
    look(p, &layout, &after);
    check_l3(&before, &after);
    check_l4(&before, &after, state);
    MUST(room_intact(&bytes_room));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum csumoff_link links[] = {CSUMOFF_LINK_ETHERNET, CSUMOFF_LINK_IP,
                                              CSUMOFF_LINK_ETHERNET_SUPER, CSUMOFF_LINK_IP_SUPER};
    struct input in = {data, size};
    const unsigned flags = take(&in, 1);
    size_t level = take(&in, 1), at = take(&in, 2), n = take(&in, 1) % (STORED + 1), state, i;
    const uint8_t *bytes;

    link_type = links[flags % 4];
    at_end = !(flags & 4);
    if (n > in.left)
        n = in.left;
    bytes = room_place(&bytes_room, in.at, n, STORED, at_end);
    in.at += n;
    in.left -= n;
    if (!take_frame(&in) || !find_all(original))
        return 0;
    level %= count;
    for (state = CSUMOFF_NONE; state <= CSUMOFF_PARTIAL; state += CSUMOFF_PARTIAL) {
        MUST(find_all(original));
        check_rewrite(level, (enum csumoff_state)state, at, bytes, n);
        /* Stores single bytes all over the headers, where decisions are made. */
        for (i = 0; n && i < 4; i++) {
            MUST(find_all(original));
            check_rewrite(level, (enum csumoff_state)state,
                          levels[level].l3_start + (at + i * 17) % 80, bytes, 1);
        }
    }
    return 0;
}
