// SPDX-License-Identifier: MIT
/*
 * Any bytes in pieces, cut anywhere, each in memory of its own: every function does what it does to
 * the frame in one piece, and an error changes nothing.
 *
 * Input: 13 bytes that choose (below, in order), then the frame.
 */
#include "frame.h"

static struct room piece_rooms[PIECES + 1];
static struct csumoff_iov iov[PIECES + 1];

/* Places the pieces of the frame anew. The number of a piece and `at_end` say at which edge of its
 * memory it lies. */
static void scatter(void)
{
    size_t i;

    cut(fresh(), iov);
    for (i = 0; i <= PIECES; i++) {
        void *base = room_place(&piece_rooms[i], iov[i].base, iov[i].len, MOST, at_end ^ (i & 1));

        if (iov[i].base)
            iov[i].base = base;
    }
}

/* Returns whether the pieces equal the frame in the room, and nothing beside them was written. */
static bool together(void)
{
    const uint8_t *p = frame_room.bytes;
    size_t i;

    for (i = 0; i <= PIECES; p += iov[i++].len)
        if (!same(iov[i].base, p, iov[i].len) || !room_intact(&piece_rooms[i]))
            return false;
    return room_intact(&frame_room);
}

static int check_locate(struct csumoff_layout *at)
{
    struct csumoff_layout layout, untouched;
    int status, want;

    memset(at, 0xA7, sizeof *at);
    memset(&layout, 0xA7, sizeof layout);
    memset(&untouched, 0xA7, sizeof untouched);
    scatter();
    want = csumoff_locate(frame_room.bytes, len, link_type, at);
    status = csumoff_locate_iov(iov, PIECES + 1, link_type, &layout);
    MUST(together() && unchanged());
    if (status == CSUMOFF_ENOTSUP && want != CSUMOFF_ENOTSUP)
        MUST(len > 512); /* bytes of headers that are not in one piece */
    else
        MUST(status == want);
    if (status == CSUMOFF_OK)
        MUST(same_layout(at, &layout));
    else
        MUST(same(&layout, &untouched, sizeof layout));
    return want;
}

static void check_inspect(const struct csumoff_layout *at)
{
    struct csumoff_report flat, report;

    MUST(csumoff_inspect_at(frame_room.bytes, len, at, &flat) == CSUMOFF_OK);
    MUST(csumoff_inspect_iov(iov, PIECES + 1, at, &report) == CSUMOFF_OK);
    MUST(together() && same_report(&flat, &report));
}

static void check_finish(size_t start, size_t offset)
{
    int want = csumoff_finish(frame_room.bytes, len, start, offset);

    MUST(csumoff_finish_iov(iov, PIECES + 1, start, offset) == want);
    MUST(together());
}

/* Checks the functions that take a layout. The whole frame and the pieces both begin as in the
 * input. */
static void check_finish_at(const struct csumoff_layout *at)
{
    int want;

    scatter();
    want = csumoff_finish_at(frame_room.bytes, len, at);
    MUST(csumoff_finish_at_iov(iov, PIECES + 1, at) == want && want == CSUMOFF_OK);
    MUST(together());
    scatter();
}

/* Copies the frame as a whole and in part. The bytes must be equal, and the sum the oracle's. */
static void check_copy(size_t skip, size_t n)
{
    static struct room copy_room;
    csumoff_wsum sum = 0;
    uint8_t *dst;
    int status;

    if (skip > len || n > len - skip)
        n = skip > len ? 1 : len - skip + 1;
    dst = room_place(&copy_room, NULL, n, MOST + 1, at_end);
    if (n)
        memset(dst, 0xC3, n);
    status = csumoff_partial_copy_iov(dst, iov, PIECES + 1, skip, n, &sum);
    MUST(together() && room_intact(&copy_room));
    if (skip > len || n > len - skip) {
        MUST(status == CSUMOFF_ERANGE && sum == 0 && (!n || dst[0] == 0xC3));
        MUST(n < 2 || same(dst, dst + 1, n - 1));
        return;
    }
    MUST(status == CSUMOFF_OK && same(dst, original + skip, n));
    MUST(wire16(csumoff_fold(sum)) == ref_checksum(ref_sum(original + skip, n)));
}

static void check_erange(const struct csumoff_layout *at)
{
    struct csumoff_report report, before;
    int status;

    memset(&report, 0xA7, sizeof report);
    before = report;
    status = csumoff_seed_iov(iov, PIECES + 1, at);
    MUST(status == CSUMOFF_ERANGE || (!takes_seed(at) && status == CSUMOFF_EPROTO));
    MUST(csumoff_fill_iov(iov, PIECES + 1, at) == CSUMOFF_ERANGE);
    MUST(csumoff_finish_at_iov(iov, PIECES + 1, at) == CSUMOFF_ERANGE);
    MUST(csumoff_inspect_iov(iov, PIECES + 1, at, &report) == CSUMOFF_ERANGE);
    MUST(same(&report, &before, sizeof report));
}

/* The pieces have fewer bytes than the layout needs, or more than SIZE_MAX. */
static void check_refused(const struct csumoff_layout *at)
{
    const size_t before_last = len - iov[PIECES].len;
    struct csumoff_iov given[PIECES + 1];
    struct csumoff_layout untouched;
    size_t i, left = at->end - 1;

    scatter();
    memcpy(given, iov, sizeof given);
    for (i = 0; i <= PIECES; i++) {
        iov[i].len = iov[i].len < left ? iov[i].len : left;
        left -= iov[i].len;
    }
    check_erange(at);
    memcpy(iov, given, sizeof given);
    if (before_last) {
        iov[PIECES].len = SIZE_MAX - before_last + 1;
        check_erange(at);
        MUST(csumoff_locate_iov(iov, PIECES + 1, link_type, &untouched) == CSUMOFF_ERANGE);
        MUST(csumoff_finish_iov(iov, PIECES + 1, 0, 0) == CSUMOFF_ERANGE);
        memcpy(iov, given, sizeof given);
    }
    MUST(together() && unchanged());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum csumoff_link links[] = {CSUMOFF_LINK_ETHERNET, CSUMOFF_LINK_IP,
                                              CSUMOFF_LINK_ETHERNET_SUPER, CSUMOFF_LINK_IP_SUPER};
    struct input in = {data, size};
    const unsigned flags = take(&in, 1);
    const size_t start = take(&in, 2), offset = take(&in, 2);
    struct csumoff_layout at;
    int status;

    link_type = links[flags % 4];
    at_end = !(flags & 4);
    take_cuts(&in);
    if (!take_frame(&in))
        return 0;

    status = check_locate(&at);
    check_copy(start, offset);
    check_copy(0, len);
    check_finish(start, offset);
    if (status != CSUMOFF_OK)
        return 0;
    check_finish_at(&at);
    check_inspect(&at);
    status = csumoff_seed_at(frame_room.bytes, len, &at);
    MUST(csumoff_seed_iov(iov, PIECES + 1, &at) == status);
    MUST(together());
    MUST(status == CSUMOFF_OK || unchanged());
    check_inspect(&at);
    check_finish(at.csum_start, at.csum_offset);
    check_inspect(&at);
    MUST(csumoff_fill_at(frame_room.bytes, len, &at) == CSUMOFF_OK);
    MUST(csumoff_fill_iov(iov, PIECES + 1, &at) == CSUMOFF_OK);
    MUST(together());
    check_inspect(&at);
    check_refused(&at);
    return 0;
}
