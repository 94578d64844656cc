// SPDX-License-Identifier: MIT
/*
 * Any bytes as a frame: what the packet functions say fits together and with the oracle, an error
 * changes nothing, nothing outside the frame is read or written.
 *
 * Input: 16 bytes that choose (below, in order), then the frame.
 */
#include "judging.h"
#include "locating.h"

static struct choice {
    size_t have, shorter, csum_start, csum_offset;
} choice;

static struct room copy_room;

static bool l3_good(const struct csumoff_report *r, const struct csumoff_layout *at)
{
    return r->l3 == (at->ip_version == 4 ? CSUMOFF_GOOD : CSUMOFF_ABSENT);
}

/* Returns whether only the checksum fields of a located packet have changed. */
static bool only_checksums_changed(const struct csumoff_layout *at)
{
    expect();
    copy_fields(expected, frame_room.bytes, at);
    return as_expected();
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
    MUST((at->l4_proto != UDP && at->l4_proto != UDPLITE) || report.l4_found != 0);
    if (oracle(at, &check))
        MUST(wire16((uint16_t)report.l4_found) == check);
    MUST(csumoff_verify(frame_room.bytes, len, link_type) == CSUMOFF_OK);
    if (len)
        memcpy(expected, frame_room.bytes, len);
    MUST(csumoff_fill_at(fresh(), len, at) == CSUMOFF_OK);
    MUST(as_expected());
}

/* Checks csumoff_finish_at(), with any bytes behind the packet. Finishing a seed gives what filling
 * does. */
static void check_finish_at(const struct csumoff_layout *at)
{
    struct csumoff_report report;
    uint8_t *field = fresh() + at->csum_start + at->csum_offset;
    csumoff_sum16 seed = csumoff_seed_value(at);

    if (at->csum_kind == CSUMOFF_INTERNET)
        memcpy(field, &seed, sizeof seed);
    MUST(csumoff_finish_at(frame_room.bytes, len, at) == CSUMOFF_OK);
    MUST(only_checksums_changed(at));
    report = judge();
    /* Without a pseudo-header, the sum of zeros is another form of zero. */
    MUST(report.l4 == CSUMOFF_GOOD);
    MUST(csumoff_finish_at(fresh(), len, at) == CSUMOFF_OK);
    if (at->csum_kind == CSUMOFF_INTERNET) {
        expect();
        expect_finished(at->csum_start, at->csum_offset, at->csum_start + at->l4_len);
        MUST(as_expected());
    }
}

static void check_seed(int located, const struct csumoff_layout *at)
{
    struct csumoff_layout layout = *at;
    struct csumoff_report report;
    bool trailer;
    uint32_t finished;
    int status;

    status = csumoff_seed(fresh(), len, link_type, &layout);
    trailer = located == CSUMOFF_OK && !has_clean_end(at);
    if (located == CSUMOFF_OK && !takes_seed(at))
        located = CSUMOFF_EPROTO;
    MUST(status == (located ? located : trailer ? CSUMOFF_ETRAILER : CSUMOFF_OK));
    if (status != CSUMOFF_OK) {
        MUST(same(&layout, at, sizeof layout));
        MUST(unchanged());
        return;
    }
    MUST(same_layout(&layout, at));
    MUST(only_checksums_changed(at));
    report = judge();
    MUST((report.l4 == CSUMOFF_SEEDED || report.l4 == CSUMOFF_GOOD) && l3_good(&report, at));
    MUST(report.l4_found != 0); /* a legal seed never is */
    MUST(report.l4_found == csumoff_seed_value(at));
    MUST(csumoff_verify(frame_room.bytes, len, link_type) ==
         (report.l4 == CSUMOFF_GOOD ? CSUMOFF_OK : CSUMOFF_ECSUM));
    if (len)
        memcpy(expected, frame_room.bytes, len);
    MUST(csumoff_seed_at(fresh(), len, at) == CSUMOFF_OK);
    MUST(as_expected());
    MUST(csumoff_finish(frame_room.bytes, len, at->csum_start, at->csum_offset) == CSUMOFF_OK);
    MUST(only_checksums_changed(at));
    report = judge();
    MUST(report.l4 == CSUMOFF_GOOD && report.l4_found != 0);
    finished = report.l4_found;
    MUST(csumoff_fill(frame_room.bytes, len, link_type) == CSUMOFF_OK);
    report = judge();
    MUST(report.l4_found % 0xFFFF == finished % 0xFFFF);
}

/* A frame that ends before its layout does is refused. */
static void check_shorter(const struct csumoff_layout *at)
{
    struct csumoff_report report, before;
    size_t whole = len;
    int status;

    memset(&report, 0xA7, sizeof report);
    before = report;
    len = choice.shorter % at->end;
    MUST(csumoff_fill_at(fresh(), len, at) == CSUMOFF_ERANGE);
    MUST(csumoff_finish_at(frame_room.bytes, len, at) == CSUMOFF_ERANGE);
    MUST(csumoff_inspect_at(frame_room.bytes, len, at, &report) == CSUMOFF_ERANGE);
    status = csumoff_seed_at(frame_room.bytes, len, at);
    MUST(status == CSUMOFF_ERANGE || (!takes_seed(at) && status == CSUMOFF_EPROTO));
    MUST(unchanged() && same(&before, &report, sizeof report));
    len = whole;
}

/* Checks csumoff_finish() at any place, in the whole frame, copied and in pieces. */
static void check_finish(size_t start, size_t offset)
{
    size_t field = start + offset, i;
    bool fits = field + 2 <= len;
    int want = fits ? CSUMOFF_OK : CSUMOFF_ERANGE;
    struct csumoff_iov iov[PIECES + 1];
    uint8_t *dst, *p = fresh();
    uint16_t check;

    MUST(csumoff_finish(p, len, start, offset) == want);
    MUST(unchanged_but(fits ? field : SIZE_MAX, SIZE_MAX));
    if (fits) {
        check = ref_checksum(ref_sum(original + start, len - start));
        MUST(load_wire16(p + field) == (check ? check : 0xFFFF));
    }

    /* The copy is compared with the first result. */
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

/* The field lies outside the frame, also if its offset or the length of all pieces overflows. */
static void check_refused(size_t start, size_t offset)
{
    struct csumoff_iov iov[2] = {{fresh(), len}, {frame_room.bytes, SIZE_MAX}};

    MUST(csumoff_finish(frame_room.bytes, len, start, offset) == CSUMOFF_ERANGE);
    MUST(csumoff_copy_finish(frame_room.bytes, original, len, start, offset) == CSUMOFF_ERANGE);
    MUST(csumoff_finish_iov(iov, 1, start, offset) == CSUMOFF_ERANGE);
    if (len)
        MUST(csumoff_finish_iov(iov, 2, start, offset) == CSUMOFF_ERANGE);
    MUST(unchanged());
}

/* Once the inner packet is finished, the outer one must be right, whatever bytes it has. */
static void check_outer(const struct csumoff_layout *outer, size_t start, size_t offset)
{
    const size_t field = (size_t)outer->csum_start + outer->csum_offset;
    const size_t end = (size_t)outer->csum_start + outer->l4_len;
    const uint8_t *p = fresh();
    int status = csumoff_outer(frame_room.bytes, len, outer, start, offset);
    uint64_t pseudo;

    if (outer->l4_proto != UDP && outer->l4_proto != GRE)
        MUST(status == CSUMOFF_EPROTO);
    if (status != CSUMOFF_OK) {
        MUST(status == CSUMOFF_ERANGE || status == CSUMOFF_EHDR || status == CSUMOFF_ETRAILER ||
             status == CSUMOFF_EPROTO);
        MUST(unchanged());
        return;
    }
    MUST(unchanged_but(field, SIZE_MAX));
    MUST(outer->l4_proto != UDP || load_wire16(p + field) != 0);
    MUST(offset % 2 == 0 && start >= field + 2 && start + offset + 2 <= end);
    MUST(zeros_from(end));
    MUST(csumoff_finish(frame_room.bytes, end, start, offset) == CSUMOFF_OK);
    if (!oracle_pseudo(outer, &pseudo))
        pseudo = outer->pseudo ? wire_sum(csumoff_pseudo_(outer)) : 0;
    MUST(ref_checksum(pseudo + ref_sum(p + outer->csum_start, outer->l4_len)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum csumoff_link links[] = {CSUMOFF_LINK_ETHERNET, CSUMOFF_LINK_IP,
                                              CSUMOFF_LINK_ETHERNET_SUPER, CSUMOFF_LINK_IP_SUPER};
    struct input in = {data, size};
    struct csumoff_layout at;
    unsigned flags = take(&in, 1);
    int located;

    link_type = links[(flags & 1) | (flags >> 1 & 2)];
    at_end = !(flags & 2);
    choice.have = take(&in, 1);
    choice.shorter = take(&in, 2);
    choice.csum_start = take(&in, 2);
    choice.csum_offset = take(&in, 2);
    take_cuts(&in);
    if (!take_frame(&in))
        return 0;

    located = check_locate(&at);
    check_head(located, &at, choice.have < len ? choice.have : len);
    check_inspect(located, &at);
    check_fill(located, &at);
    check_seed(located, &at);
    if (located == CSUMOFF_OK) {
        check_cut(&at, choice.shorter);
        check_finish_at(&at);
        check_shorter(&at);
        check_outer(&at, choice.csum_start, choice.csum_offset);
        check_outer(&at, at.l4_start + 8 + cuts[0], choice.csum_offset & 0xFE);
    }
    check_finish(choice.csum_start, choice.csum_offset);
    if (choice.csum_start + 2 <= len) {
        check_finish(choice.csum_start, len - choice.csum_start - 2);
        check_refused(choice.csum_start, len - choice.csum_start - 1);
    }
    check_refused(SIZE_MAX - choice.csum_start, choice.csum_start + 1 + choice.csum_offset);
    check_refused(choice.csum_start, SIZE_MAX - choice.csum_offset);
    return 0;
}
