// SPDX-License-Identifier: MIT
/*
 * Any bytes as a frame and a virtio-net header: sent whole and in pieces, received, completed, sent
 * on, taken to Xen's slots and back. Each has to do what csumoff_virtio.h says, by the model of the
 * tests, and no state may get lost.
 *
 * Input: 26 bytes that choose (below, in order), then the frame.
 */
#include "glue.h"

enum {
    NEEDS = CSUMOFF_VIRTIO_NEEDS_CSUM,
    VALID = CSUMOFF_VIRTIO_DATA_VALID
};

static const struct csumoff_virtio_policy all = {true, true};

static struct csumoff_virtio_caps caps, behind; /* of the device, and of one behind it */
static struct csumoff_virtio_policy policy;
static enum csumoff_xen_side side;
static struct room header_room;

/* ---- The header in memory -------------------------------------------------------------------- */

static uint16_t field(const uint8_t *p, unsigned form)
{
    uint16_t v;

    memcpy(&v, p, sizeof v);
    return form & CSUMOFF_VIRTIO_NATIVE ? v : (uint16_t)(p[0] | p[1] << 8);
}

static void check_form(const uint8_t raw[12], unsigned form)
{
    size_t size = form & CSUMOFF_VIRTIO_12 ? 12 : 10;
    const uint8_t *p = room_place(&header_room, raw, size, 12, at_end);
    struct csumoff_virtio_hdr hdr;

    MUST(csumoff_virtio_get(p, form, &hdr) == size);
    MUST(same(p, raw, size) && hdr.flags == raw[0] && hdr.gso_type == raw[1]);
    MUST(hdr.hdr_len == field(raw + 2, form) && hdr.gso_size == field(raw + 4, form));
    MUST(hdr.csum_start == field(raw + 6, form) && hdr.csum_offset == field(raw + 8, form));
    MUST(hdr.num_buffers == (size == 12 ? field(raw + 10, form) : 0));
    memset(header_room.bytes, 0x5A, size);
    MUST(csumoff_virtio_put(&hdr, form, header_room.bytes) == size);
    MUST(same(header_room.bytes, raw, size) && room_intact(&header_room));
}

/* ---- Sending --------------------------------------------------------------------------------- */

/* Sends it whole and in pieces: what hint (or NULL) means is *w. Returns the status of the whole;
 * where that is CSUMOFF_OK, `expected` is what was sent. */
static int check_sent(const struct csumoff_virtio_caps *by, const struct csumoff_hint *hint,
                      const struct wish *w, struct csumoff_virtio_hdr *whole)
{
    const struct device d = {false, by->csum, by->csum, by->tso4, by->tso6, by->ecn, by->uso};
    struct csumoff_virtio_hdr hdr, untouched;
    struct csumoff_iov iov[PIECES + 1];
    struct order order;
    struct plan plan;
    const unsigned may = model_send(&truth, &d, w, &plan);
    int status = CSUMOFF_OK, first = CSUMOFF_OK;
    unsigned in_pieces;

    expect_plan(&plan);
    memset(&untouched, 0xA7, sizeof untouched);
    for (in_pieces = 0; in_pieces < 2; in_pieces++) {
        hdr = untouched;
        cut(fresh(), iov);
        status = in_pieces ? csumoff_virtio_tx_iov(iov, PIECES + 1, link_type, by, hint, &hdr)
                           : csumoff_virtio_tx(frame_room.bytes, len, link_type, by, hint, &hdr);
        if (!in_pieces)
            first = status;
        MUST(is_one_of(status, may) || (in_pieces && is_far() && status == CSUMOFF_ENOTSUP));
        if (status) {
            MUST(unchanged() && same(&hdr, &untouched, sizeof hdr));
            continue;
        }
        MUST(as_expected());
        MUST(read_hdr(&subject, &hdr, &order) == NULL);
        MUST(order.is_finish == plan.is_told && order.gso == plan.gso &&
             order.size == (plan.gso ? w->mss : 0));
        if (!in_pieces)
            *whole = hdr;
    }
    if (first == CSUMOFF_OK) {
        read_hdr(&subject, whole, &order);
        check_far_end(&d, &order, makes_right(&plan) && w->want == WANT_COMPUTE);
    }
    return first;
}

/* ---- Receiving ------------------------------------------------------------------------------- */

static int check_received(const struct csumoff_virtio_hdr *hdr,
                          const struct csumoff_virtio_policy *believed, struct csumoff_rx *rx)
{
    struct csumoff_rx untouched, want, again;
    struct csumoff_iov iov[PIECES + 1];
    const unsigned may = expect_hdr(&truth, hdr, believed, &want);
    int status;

    memset(&untouched, 0xA7, sizeof untouched);
    *rx = again = untouched;
    status = csumoff_virtio_rx(fresh(), len, link_type, hdr, believed, rx);
    MUST(unchanged() && is_one_of(status, may));
    MUST(status ? same(rx, &untouched, sizeof *rx) : same_rx(rx, &want));
    cut(fresh(), iov);
    if (csumoff_virtio_rx_iov(iov, PIECES + 1, link_type, hdr, believed, &again) != status)
        MUST(is_far() && same(&again, &untouched, sizeof again));
    else
        MUST(status ? same(&again, &untouched, sizeof again) : same_rx(&again, &want));
    MUST(unchanged());
    return status;
}

static void check_completed(const struct csumoff_virtio_hdr *hdr,
                            const struct csumoff_virtio_policy *believed)
{
    struct csumoff_iov iov[PIECES + 1];
    struct csumoff_rx rx;
    const unsigned may = expect_completed(expect_hdr(&truth, hdr, believed, &rx), &rx);
    int status = csumoff_virtio_rx_finish(fresh(), len, link_type, hdr, believed);

    MUST(is_one_of(status, may));
    MUST(status ? unchanged() : as_expected());
    cut(fresh(), iov);
    status = csumoff_virtio_rx_finish_iov(iov, PIECES + 1, link_type, hdr, believed);
    MUST(is_one_of(status, may) || (is_far() && status == CSUMOFF_ENOTSUP));
    MUST(status ? unchanged() : as_expected());
}

/* ---- To Xen and back ------------------------------------------------------------------------- */

static unsigned blank_bit(void)
{
    return side == CSUMOFF_XEN_TX ? CSUMOFF_NETTXF_CSUM_BLANK : CSUMOFF_NETRXF_CSUM_BLANK;
}

static unsigned validated_bit(void)
{
    return side == CSUMOFF_XEN_TX ? CSUMOFF_NETTXF_DATA_VALIDATED : CSUMOFF_NETRXF_DATA_VALIDATED;
}

/* Whether Linux's backend finds the checksum where csumoff does. */
static bool is_found(void)
{
    size_t start, offset;

    return located == CSUMOFF_OK && backend_finds(original, len, &start, &offset) &&
           start == at.csum_start;
}

/* The slot has to say what `hdr` says, and its header again the same. */
static void check_to_xen(const struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_netfront_slot slot, untouched;
    struct csumoff_virtio_hdr back;
    struct csumoff_rx rx, again;
    unsigned may = expect_hdr(&truth, hdr, &all, &rx), flags = 0;
    int status;

    if (may == MAY_OK &&
        (rx.gso_type == CSUMOFF_GSO_UDP_L4 || (rx.gso_type && rx.state != CSUMOFF_PARTIAL) ||
         len < 14 ||
         (rx.state == CSUMOFF_PARTIAL &&
          (!is_found() || rx.csum_start != at.csum_start || rx.csum_offset != at.csum_offset))))
        may = MAY_ENOTSUP;
    memset(&untouched, 0xA7, sizeof untouched);
    slot = untouched;
    status = csumoff_xen_from_virtio(fresh(), len, hdr, side, &slot);
    MUST(is_one_of(status, may) && unchanged());
    if (status) {
        MUST(same(&slot, &untouched, sizeof slot));
        return;
    }
    if (rx.state == CSUMOFF_PARTIAL)
        flags = blank_bit() | validated_bit();
    if (rx.state == CSUMOFF_UNNECESSARY)
        flags = validated_bit();
    MUST(slot.flags == (flags | (rx.gso_type ? CSUMOFF_NETTXF_EXTRA_INFO : 0)));
    MUST(slot.gso_type == rx.gso_type && slot.gso_size == rx.gso_size);
    MUST(csumoff_virtio_from_xen(fresh(), len, side, &slot, &back) == CSUMOFF_OK);
    MUST(check_received(&back, &all, &again) == CSUMOFF_OK && same_rx(&again, &rx));
}

/* The header has to say what the slot says, and its slot again the same. */
static void check_from_xen(const struct csumoff_netfront_slot *slot)
{
    struct csumoff_netfront_slot received = *slot, again;
    struct csumoff_virtio_hdr hdr, untouched;
    struct csumoff_rx rx, want;
    unsigned may;
    int status;

    received.flags =
        (uint16_t)((slot->flags & blank_bit() ? CSUMOFF_NETRXF_CSUM_BLANK : 0) |
                   (slot->flags & validated_bit() ? CSUMOFF_NETRXF_DATA_VALIDATED : 0));
    may = expect_slot(&truth, &received, &want);
    if (may == MAY_OK && want.state == CSUMOFF_PARTIAL) {
        if (!(slot->flags & blank_bit()))
            may = MAY_EHDR;
        else if ((!takes_seed(&at) && at.l4_proto != ICMP && at.l4_proto != ICMPV6) ||
                 want.gso_size == 0xFFFF)
            may = MAY_ENOTSUP;
    }
    memset(&untouched, 0xA7, sizeof untouched);
    hdr = untouched;
    status = csumoff_virtio_from_xen(fresh(), len, side, slot, &hdr);
    MUST(is_one_of(status, may) && unchanged());
    if (status) {
        MUST(same(&hdr, &untouched, sizeof hdr));
        return;
    }
    MUST(hdr.num_buffers == 0 && !(hdr.flags & ~(NEEDS | VALID)));
    MUST(check_received(&hdr, &all, &rx) == CSUMOFF_OK && same_rx(&rx, &want));
    if (rx.gso_type)
        MUST(hdr.hdr_len == (at.payload_start ? at.payload_start : at.l4_start + 20));
    /* Back again, where Linux's backend would take it. */
    status = csumoff_xen_from_virtio(fresh(), len, &hdr, side, &again);
    if (status) {
        MUST(len < 14 || (rx.state == CSUMOFF_PARTIAL && !is_found()));
        return;
    }
    MUST(again.flags == ((slot->flags & (blank_bit() | validated_bit())) |
                         (rx.state == CSUMOFF_PARTIAL ? validated_bit() : 0) |
                         (rx.gso_type ? CSUMOFF_NETTXF_EXTRA_INFO : 0)));
    MUST(again.gso_type == rx.gso_type && again.gso_size == rx.gso_size);
}

/* ---- On from here ---------------------------------------------------------------------------- */

/* What was sent comes in somewhere else, and is sent on from there, or taken to Xen. */
static void check_sent_on(const struct csumoff_virtio_hdr *sent)
{
    static uint8_t hop[MOST];
    const uint8_t *before = original;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_hint hint;
    struct csumoff_rx rx;
    struct wish w;

    if (len)
        memcpy(hop, expected, len);
    if (become(hop)) {
        MUST(check_received(sent, &all, &rx) == CSUMOFF_OK);
        MUST((rx.state == CSUMOFF_PARTIAL) == !!(sent->flags & NEEDS));
        check_completed(sent, &all);
        hint = csumoff_forward(&rx);
        w = wish_on(&rx);
        check_sent(&behind, &hint, &w, &hdr);
        if (link_type == CSUMOFF_LINK_ETHERNET)
            check_to_xen(sent);
    }
    (void)become(before);
}

/* ---- The input ------------------------------------------------------------------------------- */

static struct csumoff_virtio_caps take_caps(struct input *in)
{
    unsigned bits = take(in, 1);

    return (struct csumoff_virtio_caps){bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_VERIFIED,
                                            CSUMOFF_TX_AS_IS, CSUMOFF_TX_SEEDED};
    struct input in = {data, size};
    unsigned flags = take(&in, 1), more = take(&in, 1), i;
    struct csumoff_hint hint = {wants[flags % 4], 0, 0, 0, NULL};
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_layout own;
    struct csumoff_rx rx;
    struct wish w;
    uint8_t raw[12];

    at_end = !(flags & 4);
    side = more & 1 ? CSUMOFF_XEN_RX : CSUMOFF_XEN_TX;
    policy = (struct csumoff_virtio_policy){more & 2, more & 4};
    link_type = (enum csumoff_link)(more >> 4 & 3);
    caps = take_caps(&in);
    behind = take_caps(&in);
    hint.csum_start = take(&in, 2);
    hint.csum_offset = take(&in, 2);
    hint.mss = (uint16_t)take(&in, 2);
    for (i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)take(&in, 1);
    slot.flags = (uint16_t)take(&in, 1);
    slot.gso_type = (uint8_t)take(&in, 1);
    slot.gso_size = (uint16_t)take(&in, 2);
    for (i = 0; i < PIECES; i++) /* cut by the header's bytes */
        cuts[i] = raw[i];
    if (!take_frame(&in) || len > 0xFFFF || !learn())
        return 0;
    for (i = 0; i < 4; i++)
        check_form(raw, i);
    csumoff_virtio_get(raw, CSUMOFF_VIRTIO_12, &hdr);
    if (flags & 0x10)
        hint.csum_start = 0; /* where the headers say; */
    if (flags & 0x20 && located == CSUMOFF_OK) {
        hint.csum_start = at.csum_start; /* the same, said */
        hint.csum_offset = at.csum_offset;
    }
    if (more & 8 && truth.listed) { /* a packet's inside, or the outermost one's */
        const struct level *l = &subject.level[more & 0x40 ? truth.listed - 1 : 0];

        hdr.csum_start = (uint16_t)l->l4;
        hdr.csum_offset = (uint16_t)l->csum_offset;
    }
    if (!(flags & 0x40))
        hint.mss = 0;
    if (more & 0x80 && csumoff_locate_l3(original, len, len, link_type, &own) == CSUMOFF_OK)
        hint.layout = &own; /* the caller's, even of a frame without a checksum */

    check_completed(&hdr, &policy);
    if (check_received(&hdr, &policy, &rx) == CSUMOFF_OK) {
        struct csumoff_hint on = csumoff_forward(&rx);
        struct csumoff_virtio_hdr sent;

        w = wish_on(&rx);
        check_sent(&behind, &on, &w, &sent);
    }
    if (link_type == CSUMOFF_LINK_ETHERNET) {
        check_to_xen(&hdr);
        check_from_xen(&slot);
    }
    w = wish_of(flags & 0x80 ? NULL : &hint);
    if (check_sent(&caps, flags & 0x80 ? NULL : &hint, &w, &hdr) == CSUMOFF_OK)
        check_sent_on(&hdr);
    check_segments((uint16_t)(w.mss ? w.mss : 100), more & 1);
    return 0;
}
