// SPDX-License-Identifier: MIT
/*
 * Any bytes as a frame of a Xen guest: sent in every form, shown to the rehearsed backend,
 * received, completed, sent on, segmented. Each has to do what csumoff_netfront.h says, by the
 * model of the tests, and fit the others.
 *
 * Input: 22 bytes that choose (below, in order), then the frame.
 */
#include "segments.h"

enum {
    VALIDATED = CSUMOFF_NETTXF_DATA_VALIDATED,
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK | VALIDATED,
    EXTRA = CSUMOFF_NETTXF_EXTRA_INFO
};

static struct csumoff_netfront_caps caps, behind; /* of the backend, and of one behind it */
static struct csumoff_netfront_slot given;        /* received, or shown to the backend */
static struct room copy_room;

/* ---- The backend ----------------------------------------------------------------------------- */

static enum csumoff_drop drop_of(const uint8_t *p, const struct csumoff_netfront_slot *slot)
{
    const enum csumoff_drop why = csumoff_netback_drops(p, len, slot);
    uint16_t sizes[3] = {(uint16_t)len, cuts[0], cuts[1]};

    MUST(why <= CSUMOFF_DROP_SLOTS && *csumoff_drop_text(why));
    MUST(csumoff_netback_drops_slots(p, sizes, 1, slot) == why);
    if (len >= (size_t)14 + cuts[0] + cuts[1])
        MUST(csumoff_netback_drops_slots(p, sizes, 3, slot) == why);
    else
        MUST(csumoff_netback_drops_slots(p, sizes, 3, slot) != CSUMOFF_DROP_NONE);
    return why;
}

static void check_backend(void)
{
    const enum csumoff_drop why = drop_of(fresh(), &given);
    const bool is_gso = given.flags & EXTRA;
    size_t start, offset;

    MUST(unchanged());
    if (len < 14)
        MUST(why == CSUMOFF_DROP_RUNT);
    else if (is_gso && given.gso_size == 0)
        MUST(why == CSUMOFF_DROP_GSO_SIZE);
    else if (is_gso && given.gso_type != 1 && given.gso_type != 2)
        MUST(why == CSUMOFF_DROP_GSO_TYPE);
    else if (is_gso || given.flags & CSUMOFF_NETTXF_CSUM_BLANK)
        MUST((why == CSUMOFF_DROP_NONE) == backend_finds(original, len, &start, &offset));
    else
        MUST(why == CSUMOFF_DROP_NONE);
}

/* ---- Sending --------------------------------------------------------------------------------- */

enum form {
    WHOLE,
    IN_PIECES,
    HEAD,
    COPY,
    FORMS
};

/* Sends the frame in one form and leaves the result in frame_room. A head has `have` bytes. */
static int send(enum form form, size_t have, const struct csumoff_netfront_caps *by,
                const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot)
{
    struct csumoff_iov iov[PIECES + 1];
    uint8_t *dst;
    int status;

    switch (form) {
    case IN_PIECES:
        cut(fresh(), iov);
        return csumoff_netfront_tx_iov(iov, PIECES + 1, by, hint, slot);
    case HEAD:
        room_place(&frame_room, original, have, MOST, true);
        status = csumoff_netfront_tx_head(frame_room.bytes, have, len, by, hint, slot);
        MUST(room_intact(&frame_room));
        if (have)
            memcpy(aside, frame_room.bytes, have);
        fresh();
        if (have)
            memcpy(frame_room.bytes, aside, have);
        return status;
    case COPY:
        dst = room_place(&copy_room, NULL, len, MOST, at_end);
        memset(dst, 0x3C, len);
        status = csumoff_netfront_tx_copy(dst, fresh(), len, by, hint, slot);
        MUST(unchanged() && room_intact(&copy_room));
        if (status)
            MUST(len == 0 || (dst[0] == 0x3C && same(dst, dst + 1, len - 1)));
        else if (len)
            memcpy(frame_room.bytes, dst, len);
        return status;
    default:
        return csumoff_netfront_tx(fresh(), len, by, hint, slot);
    }
}

static struct device device_of(const struct csumoff_netfront_caps *by)
{
    return (struct device){
        true,  by->csum_ipv4, by->csum_ipv6, by->gso_tcpv4 && by->sg, by->gso_tcpv6 && by->sg,
        false, false};
}

/* Sends the frame in each form. `w` is the wish that `hint`, which may be NULL, stands for. Returns
 * the status for the whole frame; after CSUMOFF_OK `expected` is the frame that was sent. */
static int check_sent(const struct csumoff_netfront_caps *by, const struct csumoff_hint *hint,
                      const struct wish *w, struct csumoff_netfront_slot *whole)
{
    const struct device d = device_of(by);
    struct csumoff_netfront_slot slot, untouched;
    const size_t have = cuts[PIECES - 1] < len ? cuts[PIECES - 1] : len;
    struct order order;
    struct plan plan;
    const unsigned may = model_send(&truth, &d, w, &plan);
    int first = CSUMOFF_OK;
    unsigned form;

    expect_plan(&plan);
    memset(&untouched, 0xA7, sizeof untouched);
    for (form = WHOLE; form < FORMS; form++) {
        int status;

        slot = untouched;
        status = send((enum form)form, have, by, hint, &slot);
        if (form == WHOLE)
            first = status;
        MUST(
            is_one_of(status, may) ||
            (form == IN_PIECES && is_far() && status == CSUMOFF_ENOTSUP) ||
            (form == HEAD && have < len && (status == CSUMOFF_ENOTSUP || status == CSUMOFF_EHEAD)));
        if (status) {
            MUST(unchanged() && same(&slot, &untouched, sizeof slot));
            continue;
        }
        MUST(as_expected());
        MUST(read_slot(&slot, w->want == WANT_VERIFIED, &order) == NULL);
        MUST(order.is_finish == plan.is_told && order.gso == plan.gso &&
             order.size == (plan.gso ? w->mss : 0));
        MUST(drop_of(expected, &slot) == CSUMOFF_DROP_NONE);
        if (form == WHOLE)
            *whole = slot;
    }
    if (first == CSUMOFF_OK) {
        read_slot(whole, w->want == WANT_VERIFIED, &order);
        check_far_end(&d, &order, makes_right(&plan) && w->want == WANT_COMPUTE);
    }
    return first;
}

/* ---- Receiving ------------------------------------------------------------------------------- */

/* The two checksum bits are swapped between the directions. */
static uint16_t received_flags(unsigned sent)
{
    return (uint16_t)((sent & EXTRA) |
                      (sent & CSUMOFF_NETTXF_CSUM_BLANK ? CSUMOFF_NETRXF_CSUM_BLANK : 0) |
                      (sent & VALIDATED ? CSUMOFF_NETRXF_DATA_VALIDATED : 0));
}

static int check_received(const struct csumoff_netfront_slot *slot, struct csumoff_rx *rx)
{
    struct csumoff_rx untouched, want, again;
    struct csumoff_iov iov[PIECES + 1];
    const unsigned may = expect_slot(&truth, slot, &want);
    int status;

    memset(&untouched, 0xA7, sizeof untouched);
    *rx = again = untouched;
    status = csumoff_netfront_rx(fresh(), len, slot, rx);
    MUST(unchanged() && is_one_of(status, may));
    MUST(status ? same(rx, &untouched, sizeof *rx) : same_rx(rx, &want));
    cut(fresh(), iov);
    if (csumoff_netfront_rx_iov(iov, PIECES + 1, slot, &again) != status)
        MUST(is_far() && same(&again, &untouched, sizeof again));
    else
        MUST(status ? same(&again, &untouched, sizeof again) : same_rx(&again, &want));
    MUST(unchanged());
    return status;
}

static void check_completed(const struct csumoff_netfront_slot *slot)
{
    struct csumoff_iov iov[PIECES + 1];
    struct csumoff_rx rx;
    const unsigned may = expect_completed(expect_slot(&truth, slot, &rx), &rx);
    uint8_t *dst;
    int status = csumoff_netfront_rx_finish(fresh(), len, slot);

    MUST(is_one_of(status, may));
    MUST(status ? unchanged() : as_expected());
    cut(fresh(), iov);
    status = csumoff_netfront_rx_finish_iov(iov, PIECES + 1, slot);
    MUST(is_one_of(status, may) || (is_far() && status == CSUMOFF_ENOTSUP));
    MUST(status ? unchanged() : as_expected());
    dst = room_place(&copy_room, NULL, len, MOST, at_end);
    memset(dst, 0x3C, len);
    status = csumoff_netfront_rx_finish_copy(dst, fresh(), len, slot);
    MUST(unchanged() && room_intact(&copy_room));
    MUST(is_one_of(status, may) || (is_far() && status == CSUMOFF_ENOTSUP));
    MUST(status ? len == 0 || (dst[0] == 0x3C && same(dst, dst + 1, len - 1))
                : same(dst, expected, len));
}

/* Receives at another guest what was sent, and sends it on. Its state must not get lost. */
static void check_sent_on(const struct csumoff_netfront_slot *sent)
{
    static uint8_t hop[MOST];
    const uint8_t *before = original;
    struct csumoff_netfront_slot slot = *sent;
    struct csumoff_hint hint;
    struct csumoff_rx rx;
    struct wish w;

    if (len)
        memcpy(hop, expected, len);
    if (become(hop)) {
        slot.flags = received_flags(sent->flags);
        MUST(check_received(&slot, &rx) == CSUMOFF_OK && !rx.no_seed);
        MUST((rx.state == CSUMOFF_PARTIAL) == !!(sent->flags & CSUMOFF_NETTXF_CSUM_BLANK));
        check_completed(&slot);
        hint = csumoff_forward(&rx);
        w = wish_on(&rx);
        check_sent(&behind, &hint, &w, &slot);
    }
    (void)become(before);
}

/* ---- The input ------------------------------------------------------------------------------- */

static struct csumoff_netfront_caps take_caps(struct input *in)
{
    unsigned bits = take(in, 1);

    return (struct csumoff_netfront_caps){bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_VERIFIED,
                                            CSUMOFF_TX_AS_IS, CSUMOFF_TX_SEEDED};
    struct input in = {data, size};
    unsigned flags = take(&in, 1), more = take(&in, 1);
    struct csumoff_hint hint = {wants[flags % 4], 0, 0, 0, NULL};
    struct csumoff_netfront_slot slot;
    struct csumoff_layout own;
    struct csumoff_rx rx;
    struct wish w;
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
    if (!take_frame(&in) || len > 0xFFFF || !learn())
        return 0;
    choose_place(&hint, flags);
    if (more & 2 && truth.listed) { /* the innermost packet's */
        hint.csum_start = (uint32_t)subject.level[truth.listed - 1].l4;
        hint.csum_offset = (uint32_t)subject.level[truth.listed - 1].csum_offset;
    }
    hint.mss = flags & 0x40 ? mss : 0;
    if (more & 4)
        choose_layout(&hint, &own);

    check_backend();
    w = wish_of(flags & 0x80 ? NULL : &hint);
    if (check_sent(&caps, flags & 0x80 ? NULL : &hint, &w, &slot) == CSUMOFF_OK)
        check_sent_on(&slot);
    check_completed(&given);
    if (check_received(&given, &rx) == CSUMOFF_OK) {
        hint = csumoff_forward(&rx);
        w = wish_on(&rx);
        check_sent(&caps, &hint, &w, &slot);
    }
    check_segments(mss, more & 1);
    return 0;
}
