// SPDX-License-Identifier: MIT
/*
 * Any bytes as a frame and a virtio-net header: sent whole and in pieces, received, completed, sent
 * on, taken to Xen's slots and back. Each has to do what csumoff_virtio.h says, by the model of the
 * tests, and no state may get lost.
 *
 * Input: 26 bytes that choose (below, in order), then the frame.
 */
#include "segments.h"
#include "virtio.h"

enum {
    NEEDS = CSUMOFF_VIRTIO_NEEDS_CSUM,
    VALID = CSUMOFF_VIRTIO_DATA_VALID
};

static const struct csumoff_virtio_policy all = {true, true};

static struct csumoff_virtio_caps caps, behind; /* of the device, and of one behind it */
static struct csumoff_virtio_policy policy;
static enum csumoff_xen_side side;

/* ---- To Xen and back ------------------------------------------------------------------------- */

static unsigned blank_bit(void)
{
    return side == CSUMOFF_XEN_TX ? CSUMOFF_NETTXF_CSUM_BLANK : CSUMOFF_NETRXF_CSUM_BLANK;
}

static unsigned validated_bit(void)
{
    return side == CSUMOFF_XEN_TX ? CSUMOFF_NETTXF_DATA_VALIDATED : CSUMOFF_NETRXF_DATA_VALIDATED;
}

/* Returns whether Linux's backend finds the checksum where csumoff does. */
static bool is_found(void)
{
    size_t start, offset;

    return located == CSUMOFF_OK && backend_finds(original, len, &start, &offset) &&
           start == at.csum_start;
}

/* Converts a header to a slot and back. Both must mean the same. */
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

/* Converts a slot to a header and back. Both must mean the same. */
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
    /* Converting back works if Linux's backend takes the frame. */
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

/* Receives at another guest what was sent, and sends it on or converts it for Xen. Its state must
 * not get lost. */
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

/* The choices that the input makes. */
static struct choice {
    unsigned flags, more;
    struct csumoff_hint hint;
    uint8_t header[12];
    struct csumoff_netfront_slot slot;
} choice;

static void take_choice(struct input *in)
{
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_VERIFIED,
                                            CSUMOFF_TX_AS_IS, CSUMOFF_TX_SEEDED};
    struct choice *c = &choice;
    unsigned i;

    c->flags = take(in, 1);
    c->more = take(in, 1);
    at_end = !(c->flags & 4);
    side = c->more & 1 ? CSUMOFF_XEN_RX : CSUMOFF_XEN_TX;
    policy = (struct csumoff_virtio_policy){c->more & 2, c->more & 4};
    link_type = (enum csumoff_link)(c->more >> 4 & 3);
    caps = take_caps(in);
    behind = take_caps(in);
    c->hint = (struct csumoff_hint){wants[c->flags % 4], 0, 0, 0, NULL};
    c->hint.csum_start = take(in, 2);
    c->hint.csum_offset = take(in, 2);
    c->hint.mss = (uint16_t)take(in, 2);
    for (i = 0; i < sizeof c->header; i++)
        c->header[i] = (uint8_t)take(in, 1);
    c->slot.flags = (uint16_t)take(in, 1);
    c->slot.gso_type = (uint8_t)take(in, 1);
    c->slot.gso_size = (uint16_t)take(in, 2);
    for (i = 0; i < PIECES; i++) /* cut by the header's bytes */
        cuts[i] = c->header[i];
}

/* Returns the header of the input. A choice makes it name a packet of the frame. */
static struct csumoff_virtio_hdr chosen_header(void)
{
    struct csumoff_virtio_hdr hdr;

    csumoff_virtio_get(choice.header, CSUMOFF_VIRTIO_12, &hdr);
    if (choice.more & 8 &&
        truth.listed) { /* the innermost packet's checksum, or the outermost one's */
        const struct level *l = &subject.level[choice.more & 0x40 ? truth.listed - 1 : 0];

        hdr.csum_start = (uint16_t)l->l4;
        hdr.csum_offset = (uint16_t)l->csum_offset;
    }
    return hdr;
}

/* Receives the frame with this header, and sends it on. */
static void check_forwarded(const struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_virtio_hdr sent;
    struct csumoff_hint on;
    struct csumoff_rx rx;
    struct wish w;

    check_completed(hdr, &policy);
    if (check_received(hdr, &policy, &rx) != CSUMOFF_OK)
        return;
    on = csumoff_forward(&rx);
    w = wish_on(&rx);
    check_sent(&behind, &on, &w, &sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct csumoff_virtio_hdr hdr;
    struct csumoff_hint hint, *given;
    struct csumoff_layout own;
    struct wish w;
    unsigned form;

    take_choice(&in);
    if (!take_frame(&in) || len > 0xFFFF || !learn())
        return 0;
    for (form = 0; form < 4; form++)
        check_form(choice.header, form);
    hdr = chosen_header();
    hint = choice.hint;
    choose_place(&hint, choice.flags);
    if (!(choice.flags & 0x40))
        hint.mss = 0;
    if (choice.more & 0x80)
        choose_layout(&hint, &own);
    given = choice.flags & 0x80 ? NULL : &hint;

    check_forwarded(&hdr);
    if (link_type == CSUMOFF_LINK_ETHERNET) {
        check_to_xen(&hdr);
        check_from_xen(&choice.slot);
    }
    w = wish_of(given);
    if (check_sent(&caps, given, &w, &hdr) == CSUMOFF_OK)
        check_sent_on(&hdr);
    check_segments((uint16_t)(w.mss ? w.mss : 100), choice.more & 1);
    return 0;
}
