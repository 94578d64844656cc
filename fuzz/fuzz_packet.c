// SPDX-License-Identifier: MIT
/*
 * Any bytes as a frame: what the packet functions say fits together and with the oracle, an error
 * changes nothing, nothing outside the frame is read or written.
 *
 * Input: 16 bytes that choose (below, in order), then the frame.
 */
#include "frame.h"

static struct choice {
    size_t csum_start, csum_offset, outer_l3, outer_udp;
} choice;

static struct room copy_room;

/* ---- Finding ----------------------------------------------------------------------------------
 */

static void check_layout(const struct csumoff_layout *at)
{
    MUST(at->l3_start <= at->l4_start && at->l4_start <= at->end && at->end <= len);
    MUST(at->ip_version == 4 || at->ip_version == 6);
    MUST(at->l4_start - at->l3_start >= (at->ip_version == 4 ? 20 : 40));
    if (at->ip_version == 4)
        MUST(at->l4_start - at->l3_start == (original[at->l3_start] & 15u) * 4);
    else if (at->l4_start == at->l3_start + 40)
        MUST(at->l4_proto == original[at->l3_start + 6]);
    MUST(at->csum_start == at->l4_start && at->l4_len <= at->end - at->l4_start);
    MUST(at->csum_offset + 2 <= at->l4_len);
    MUST(at->vlan_tags <= 4);
    MUST(at->l3_start == (link_type == CSUMOFF_LINK_IP ? 0u : 14u + 4u * at->vlan_tags));
    switch (at->l4_proto) {
    case TCP:
        MUST(at->csum_offset == 16);
        break;
    case UDP:
        MUST(at->csum_offset == 6 && at->l4_len == load_wire16(original + at->l4_start + 4));
        break;
    case ICMP:
        MUST(at->csum_offset == 2 && at->ip_version == 4);
        break;
    default:
        MUST(at->l4_proto == ICMPV6 && at->csum_offset == 2 && at->ip_version == 6);
    }
}

static int check_locate(struct csumoff_layout *at)
{
    struct csumoff_layout before;
    const uint8_t *p = fresh();
    int status;

    memset(at, 0xA7, sizeof *at);
    before = *at;
    status = csumoff_locate(p, len, link_type, at);
    MUST(unchanged());
    MUST(status == CSUMOFF_OK || status == CSUMOFF_ETRUNC || status == CSUMOFF_EHDR ||
         status == CSUMOFF_EPROTO || status == CSUMOFF_EFRAG || status == CSUMOFF_ENOTSUP);
    if (status == CSUMOFF_OK)
        check_layout(at);
    else
        MUST(same(&before, at, sizeof *at));
    return status;
}

/* A frame cut short of its datagram's end is always found to be. */
static void check_cut(const struct csumoff_layout *at)
{
    size_t whole = len, end = at->end;
    struct csumoff_layout layout;

    for (len = end > 160 ? end - 1 - choice.outer_udp % end : 0; len < end; len++) {
        MUST(check_locate(&layout) == CSUMOFF_ETRUNC);
        if (end > 160)
            break;
    }
    len = whole;
}

/* ---- Judging ----------------------------------------------------------------------------------
 */

static bool l3_good(const struct csumoff_report *r, const struct csumoff_layout *at)
{
    return r->l3 == (at->ip_version == 4 ? CSUMOFF_GOOD : CSUMOFF_ABSENT);
}

static void check_verify(int located, const struct csumoff_layout *at)
{
    struct csumoff_report report, before;
    uint16_t check;
    int status;

    memset(&report, 0xA7, sizeof report);
    before = report;
    status = csumoff_verify(fresh(), len, link_type, &report);
    MUST(unchanged());
    if (located == CSUMOFF_ETRUNC || located == CSUMOFF_EHDR) {
        MUST(status == located && same(&before, &report, sizeof report));
        return;
    }
    MUST(status == CSUMOFF_OK);
    if (located != CSUMOFF_OK) {
        MUST(report.l4 == CSUMOFF_UNCHECKED && !report.l4_found && !report.l4_expected);
        return;
    }
    MUST(report.l4 != CSUMOFF_UNCHECKED && report.l3 != CSUMOFF_UNCHECKED);
    MUST(wire16(report.l4_found) == load_wire16(original + at->csum_start + at->csum_offset));
    MUST(report.l4 != CSUMOFF_ABSENT ||
         (at->l4_proto == UDP && at->ip_version == 4 && report.l4_found == 0));
    if (at->ip_version == 4) {
        const uint8_t *l3 = original + at->l3_start;

        check = ref_ipv4_header(l3, at->l4_start - at->l3_start);
        MUST(wire16(report.l3_expected) == check &&
             wire16(report.l3_found) == load_wire16(l3 + 10));
        MUST((report.l3 == CSUMOFF_GOOD) == (load_wire16(l3 + 10) % 0xFFFF == check % 0xFFFF));
    }
    if (oracle(at, &check)) {
        bool zero_udp = at->l4_proto == UDP && report.l4_found == 0;

        MUST(wire16(report.l4_expected) == check);
        MUST((report.l4 == CSUMOFF_GOOD) ==
             (!zero_udp && wire16(report.l4_found) % 0xFFFF == check % 0xFFFF));
    }
}

/* ---- Writing ----------------------------------------------------------------------------------
 */

/* Where the two checksums of a located frame are; SIZE_MAX where there is none. */
static bool only_checksums_changed(const struct csumoff_layout *at)
{
    return unchanged_but(at->csum_start + at->csum_offset,
                         at->ip_version == 4 ? at->l3_start + 10 : SIZE_MAX);
}

static void check_fill(int located, const struct csumoff_layout *at)
{
    int status = csumoff_fill(fresh(), len, link_type);
    struct csumoff_report report;
    uint16_t check;

    MUST(status == located);
    if (status != CSUMOFF_OK) {
        MUST(unchanged());
        return;
    }
    MUST(only_checksums_changed(at));
    report = judge();
    MUST(report.l4 == CSUMOFF_GOOD && l3_good(&report, at));
    MUST(at->l4_proto != UDP || report.l4_found != 0);
    if (oracle(at, &check))
        MUST(wire16(report.l4_found) == check);
}

static bool same_layout(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    return a->l3_start == b->l3_start && a->l4_start == b->l4_start && a->end == b->end &&
           a->l4_len == b->l4_len && a->csum_start == b->csum_start &&
           a->csum_offset == b->csum_offset && a->ip_version == b->ip_version &&
           a->l4_proto == b->l4_proto && a->vlan_tags == b->vlan_tags;
}

static void check_seed(int located, const struct csumoff_layout *at)
{
    struct csumoff_layout layout = *at;
    struct csumoff_report report;
    bool trailer;
    uint16_t finished;
    int status;

    status = csumoff_seed(fresh(), len, link_type, &layout);
    MUST(same_layout(&layout, at));
    trailer = located == CSUMOFF_OK && !has_clean_end(at);
    if (located == CSUMOFF_OK && !takes_seed(at))
        located = CSUMOFF_EPROTO;
    MUST(status == (located ? located : trailer ? CSUMOFF_ETRAILER : CSUMOFF_OK));
    if (status != CSUMOFF_OK) {
        MUST(unchanged());
        return;
    }
    MUST(only_checksums_changed(at));
    report = judge();
    MUST((report.l4 == CSUMOFF_SEEDED || report.l4 == CSUMOFF_GOOD) && l3_good(&report, at));
    MUST(report.l4_found != 0); /* a legal seed never is */
    MUST(csumoff_finish(frame_room.bytes, len, at->csum_start, at->csum_offset) == CSUMOFF_OK);
    MUST(only_checksums_changed(at));
    report = judge();
    MUST(report.l4 == CSUMOFF_GOOD && report.l4_found != 0);
    finished = report.l4_found;
    MUST(csumoff_fill(frame_room.bytes, len, link_type) == CSUMOFF_OK);
    report = judge();
    MUST(report.l4_found % 0xFFFF == finished % 0xFFFF);
}

/* csumoff_finish() anywhere, whole, copied and in pieces. */
static void check_finish(size_t start, size_t offset)
{
    size_t field = start + offset, i;
    bool fits = field + 2 <= len;
    int want = fits ? CSUMOFF_OK : CSUMOFF_ERANGE;
    struct csumoff_iov_mut iov[PIECES + 1];
    uint8_t *dst, *p = fresh();
    uint16_t check;

    MUST(csumoff_finish(p, len, start, offset) == want);
    MUST(unchanged_but(fits ? field : SIZE_MAX, SIZE_MAX));
    if (fits) {
        check = ref_checksum(ref_sum(original + start, len - start));
        MUST(load_wire16(p + field) == (check ? check : 0xFFFF));
    }

    /* The first result becomes what the copy is compared with. */
    dst = room_place(&copy_room, original, len, MOST, at_end);
    for (i = 0; i < len; i++)
        dst[i] ^= 0xFF;
    MUST(csumoff_copy_finish(dst, original, len, start, offset) == want);
    MUST(room_intact(&copy_room));
    if (fits)
        MUST(same(dst, p, len));
    for (i = 0; i < len && !fits; i++)
        MUST((dst[i] ^ original[i]) == 0xFF);

    dst = room_place(&copy_room, original, len, MOST, at_end);
    cut(dst, iov);
    MUST(csumoff_finish_iov(iov, PIECES + 1, start, offset) == want);
    MUST(room_intact(&copy_room) && same(dst, p, len));
}

/* The field lies outside, also where its place or the length of all pieces wraps. */
static void check_refused(size_t start, size_t offset)
{
    struct csumoff_iov_mut iov[2] = {{fresh(), len}, {frame_room.bytes, SIZE_MAX}};

    MUST(csumoff_finish(frame_room.bytes, len, start, offset) == CSUMOFF_ERANGE);
    MUST(csumoff_copy_finish(frame_room.bytes, original, len, start, offset) == CSUMOFF_ERANGE);
    MUST(csumoff_finish_iov(iov, 1, start, offset) == CSUMOFF_ERANGE);
    if (len)
        MUST(csumoff_finish_iov(iov, 2, start, offset) == CSUMOFF_ERANGE);
    MUST(unchanged());
}

/* With the inner packet finished, the outer datagram has to be right, whatever it holds. */
static void check_outer(size_t l3, size_t udp, size_t start, size_t offset)
{
    const uint8_t *p = fresh();
    int status = csumoff_outer(frame_room.bytes, len, udp, start, offset, l3);
    size_t l4_len;
    uint64_t sum;

    if (status != CSUMOFF_OK) {
        MUST(status == CSUMOFF_ERANGE || status == CSUMOFF_EHDR || status == CSUMOFF_ETRAILER);
        MUST(unchanged());
        return;
    }
    MUST(unchanged_but(udp + 6, SIZE_MAX));
    MUST(load_wire16(p + udp + 6) != 0);
    l4_len = load_wire16(p + udp + 4);
    MUST(udp + l4_len <= len && start + offset + 2 <= udp + l4_len);
    MUST(csumoff_finish(frame_room.bytes, udp + l4_len, start, offset) == CSUMOFF_OK);
    sum = p[l3] >> 4 == 4 ? ref_pseudo4(p + l3 + 12, p + l3 + 16, UDP, (uint32_t)l4_len)
                          : ref_pseudo6(p + l3 + 8, p + l3 + 24, UDP, (uint32_t)l4_len);
    MUST(ref_checksum(sum + ref_sum(p + udp, l4_len)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct csumoff_layout at;
    unsigned flags = take(&in, 1);
    int located;

    link_type = flags & 1 ? CSUMOFF_LINK_IP : CSUMOFF_LINK_ETHERNET;
    at_end = !(flags & 2);
    choice.outer_l3 = take(&in, 1);
    choice.outer_udp = take(&in, 2);
    choice.csum_start = take(&in, 2);
    choice.csum_offset = take(&in, 2);
    take_cuts(&in);
    if (!take_frame(&in))
        return 0;

    located = check_locate(&at);
    if (located == CSUMOFF_OK)
        check_cut(&at);
    check_verify(located, &at);
    check_fill(located, &at);
    check_seed(located, &at);
    check_finish(choice.csum_start, choice.csum_offset);
    if (choice.csum_start + 2 <= len) {
        check_finish(choice.csum_start, len - choice.csum_start - 2);
        check_refused(choice.csum_start, len - choice.csum_start - 1);
    }
    check_refused(SIZE_MAX - choice.csum_start, choice.csum_start + 1 + choice.csum_offset);
    check_refused(choice.csum_start, SIZE_MAX - choice.csum_offset);
    check_outer(choice.outer_l3, choice.outer_udp, choice.csum_start, choice.csum_offset);
    if (located == CSUMOFF_OK)
        check_outer(at.l3_start, at.l4_start, at.l4_start + 8 + cuts[0], choice.csum_offset & 0xFE);
    return 0;
}
