// SPDX-License-Identifier: MIT
/*
 * Any bytes as a frame and a virtio-net header: sent, received, sent on, taken to Xen's slots and
 * back. Each has to do what csumoff_virtio.h says, and no state may get lost.
 *
 * Input: 26 bytes that choose (below, in order), then the frame.
 */
#include <csumoff_virtio.h>

#include "frame.h"

enum {
    NEEDS = CSUMOFF_VIRTIO_NEEDS_CSUM,
    VALID = CSUMOFF_VIRTIO_DATA_VALID,
    RSC = CSUMOFF_VIRTIO_RSC_INFO,
    TCPV4 = CSUMOFF_VIRTIO_GSO_TCPV4,
    UFO = CSUMOFF_VIRTIO_GSO_UDP,
    TCPV6 = CSUMOFF_VIRTIO_GSO_TCPV6,
    USO = CSUMOFF_VIRTIO_GSO_UDP_L4,
    ECN = CSUMOFF_VIRTIO_GSO_ECN
};

static struct csumoff_virtio_caps caps, behind; /* of the device, and of one behind it */
static struct csumoff_virtio_policy policy;
static enum csumoff_xen_side side;

static struct room header_room;
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

/* Whether a device may be told of a seed here. */
static bool is_told(void)
{
    return takes_seed(&at) || at.l4_proto == (at.ip_version == 4 ? ICMP : ICMPV6);
}

static bool has_cwr(void)
{
    return at.l4_proto == TCP && original[at.l4_start + 13] & 0x80;
}

/* ---- The header in memory ----------------------------------------------------------------------
 */

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

/* ---- Sending -----------------------------------------------------------------------------------
 */

/* The device is told the place of a seed, or it is finished up to `end`. */
static int expect_kept(size_t start, size_t offset, size_t end, bool told,
                       struct csumoff_virtio_hdr *want)
{
    if (start + offset + 2 > end)
        return CSUMOFF_ERANGE;
    if (told) {
        want->flags = NEEDS;
        want->csum_start = (uint16_t)start;
        want->csum_offset = (uint16_t)offset;
    } else {
        expect_finished(start, offset, end);
    }
    return CSUMOFF_OK;
}

static bool gso_is_taken(const struct csumoff_virtio_caps *by, size_t payload, uint16_t mss)
{
    if (!by->csum || len != at.end || at.csum_start + at.l4_len != at.end || !is_plain())
        return false;
    if (at.l4_proto == UDP)
        return by->uso && payload <= 128u * mss;
    return at.l4_proto == TCP && (at.ip_version == 4 ? by->tso4 : by->tso6) &&
           (by->ecn || !has_cwr());
}

/* What sending has to end in: where that is CSUMOFF_OK also `expected` and *want. */
static int expect_sent(const struct csumoff_virtio_caps *by, const struct csumoff_tx_hint *hint,
                       struct csumoff_virtio_hdr *want)
{
    bool has_seed = hint->state == CSUMOFF_PARTIAL, elsewhere;
    size_t covered;
    long payload;

    expect();
    memset(want, 0, sizeof *want);
    if (located == CSUMOFF_ETRUNC || located == CSUMOFF_EHDR)
        return hint->state == CSUMOFF_UNNECESSARY && !hint->mss && len >= 14 ? CSUMOFF_OK : located;
    if (located == CSUMOFF_ENOTSUP && has_seed && hint->csum_start && by->csum && !hint->mss)
        return expect_kept(hint->csum_start, hint->csum_offset, len, true, want);
    if (located == CSUMOFF_ENOTSUP && (hint->mss || has_seed || hint->state == CSUMOFF_NONE))
        return located;
    if (located && (!has_seed || !hint->csum_start || located != CSUMOFF_EPROTO))
        return CSUMOFF_OK;
    if (located)
        return expect_kept(hint->csum_start, hint->csum_offset, len, by->csum, want);

    payload = payload_len();
    elsewhere = has_seed && hint->csum_start &&
                (hint->csum_start != at.csum_start || hint->csum_offset != at.csum_offset);
    if (elsewhere && at.csum_kind != CSUMOFF_INTERNET)
        return CSUMOFF_ENOTSUP;
    covered = elsewhere ? at.end : at.csum_start + at.l4_len;
    if (elsewhere && hint->csum_start < at.l4_start)
        return CSUMOFF_ERANGE;
    if (hint->mss && payload < 0)
        return CSUMOFF_EHDR;
    if (!elsewhere)
        has_seed &= may_be_seed();
    if (hint->mss && payload > hint->mss) {
        if (elsewhere || !gso_is_taken(by, (size_t)payload, hint->mss))
            return CSUMOFF_ENOTSUP;
        want->gso_type = (uint8_t)(at.l4_proto == UDP ? USO : at.ip_version == 4 ? TCPV4 : TCPV6);
        want->gso_type |= has_cwr() ? ECN : 0;
        want->gso_size = hint->mss;
        want->hdr_len = (uint16_t)(at.end - (size_t)payload);
    } else if (hint->state == CSUMOFF_UNNECESSARY) {
        return CSUMOFF_OK;
    }
    expect_l3(&at);
    if (hint->state == CSUMOFF_COMPLETE && !want->gso_type)
        return CSUMOFF_OK;
    if (elsewhere)
        return expect_kept(hint->csum_start, hint->csum_offset, covered,
                           by->csum && zeros_from(covered), want);
    if (has_seed)
        return expect_kept(at.csum_start, at.csum_offset, covered,
                           by->csum && zeros_from(covered) && is_told(), want);
    if (!takes_seed(&at) || !by->csum || !zeros_from(covered)) {
        expect_complete();
        return CSUMOFF_OK;
    }
    expect_l4(&at, right_seed(&at));
    return expect_kept(at.csum_start, at.csum_offset, covered, true, want);
}

static int check_sent(const struct csumoff_virtio_caps *by, const struct csumoff_tx_hint *hint,
                      struct csumoff_virtio_hdr *hdr)
{
    static const struct csumoff_tx_hint none;
    struct csumoff_virtio_hdr untouched, want;
    int status;

    memset(&untouched, 0xA7, sizeof untouched);
    *hdr = untouched;
    status = csumoff_virtio_tx(fresh(), len, by, hint, hdr);
    MUST(status == expect_sent(by, hint ? hint : &none, &want));
    if (status) {
        MUST(unchanged() && same(hdr, &untouched, sizeof *hdr));
    } else {
        MUST(as_expected());
        MUST(same(hdr, &want, sizeof want)); /* it has no padding */
    }
    return status;
}

/* ---- Receiving ---------------------------------------------------------------------------------
 */

static int expect_gso(const struct csumoff_virtio_hdr *hdr)
{
    unsigned type = hdr->gso_type & ~(unsigned)ECN;
    bool is_tcp = type == TCPV4 || type == TCPV6;

    if (located == CSUMOFF_ETRUNC || located == CSUMOFF_ENOTSUP)
        return located;
    if (located || !is_plain() || at.l4_proto != (is_tcp ? TCP : UDP) ||
        (type == TCPV4 && at.ip_version != 4) || (type == TCPV6 && at.ip_version != 6) ||
        (!is_tcp && hdr->gso_type & ECN) || hdr->gso_size == 0 || hdr->gso_size == 0xFFFF)
        return CSUMOFF_EHDR;
    if (!(hdr->flags & NEEDS))
        return is_tcp && hdr->flags & RSC ? CSUMOFF_OK : CSUMOFF_EHDR;
    if (hdr->csum_start != at.csum_start || hdr->csum_offset != at.csum_offset ||
        (type == USO && len - at.l4_start - 8 > 128u * hdr->gso_size))
        return CSUMOFF_EHDR;
    return CSUMOFF_OK;
}

static int expect_received(const struct csumoff_virtio_hdr *hdr,
                           const struct csumoff_virtio_policy *believed)
{
    unsigned type = hdr->gso_type & ~(unsigned)ECN;
    size_t needed = hdr->csum_offset + 2u;

    if (hdr->gso_type && type != TCPV4 && type != UFO && type != TCPV6 && type != USO)
        return CSUMOFF_ENOTSUP;
    if (hdr->flags & NEEDS) {
        if (!believed->guest_csum)
            return CSUMOFF_ENOTSUP;
        if (hdr->flags & RSC)
            return CSUMOFF_EHDR;
        if ((type == TCPV4 || type == TCPV6) && needed < 20)
            needed = 20;
        if ((type == UFO || type == USO) && needed < 8)
            needed = 8;
        if (hdr->csum_start + needed > len)
            return CSUMOFF_ERANGE;
    }
    return hdr->gso_type ? expect_gso(hdr) : CSUMOFF_OK;
}

static int check_received(const struct csumoff_virtio_hdr *hdr,
                          const struct csumoff_virtio_policy *believed,
                          struct csumoff_virtio_rx *rx)
{
    struct csumoff_virtio_rx untouched;
    int status;

    memset(&untouched, 0xA7, sizeof untouched);
    *rx = untouched;
    status = csumoff_virtio_rx(fresh(), len, hdr, believed, rx);
    MUST(status == expect_received(hdr, believed));
    MUST(unchanged());
    if (status) {
        MUST(same(rx, &untouched, sizeof *rx));
        return status;
    }
    if (hdr->flags & NEEDS) {
        MUST(rx->state == CSUMOFF_PARTIAL);
        MUST(rx->csum_start == hdr->csum_start && rx->csum_offset == hdr->csum_offset);
        MUST(rx->csum_start + rx->csum_offset + 2 <= len);
    } else {
        MUST(rx->state ==
             (hdr->flags & VALID && believed->data_valid ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE));
        MUST(rx->csum_start == 0 && rx->csum_offset == 0);
    }
    MUST(rx->gso_type == hdr->gso_type && rx->gso_size == (hdr->gso_type ? hdr->gso_size : 0));
    return status;
}

/* ---- To Xen and back ---------------------------------------------------------------------------
 */

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
    static const struct csumoff_netfront_slot blank = {.flags = CSUMOFF_NETTXF_CSUM_BLANK};
    enum csumoff_drop why;

    MUST(csumoff_netback_accepts(original, len, &blank, &why) == CSUMOFF_OK);
    return located == CSUMOFF_OK && why == CSUMOFF_DROP_NONE;
}

/* The slot has to say what `hdr` says, and its header again the same. */
static void check_to_xen(const struct csumoff_virtio_hdr *hdr)
{
    static const struct csumoff_virtio_policy all = {true, true};
    struct csumoff_netfront_slot slot, untouched;
    unsigned type = hdr->gso_type & ~(unsigned)ECN, flags = 0;
    struct csumoff_virtio_rx rx, again;
    struct csumoff_virtio_hdr back;
    int status, want = check_received(hdr, &all, &rx);

    if (want == CSUMOFF_OK &&
        (type == USO || type == UFO || (type && rx.state != CSUMOFF_PARTIAL) || len < 14 ||
         (rx.state == CSUMOFF_PARTIAL &&
          (!is_found() || rx.csum_start != at.csum_start || rx.csum_offset != at.csum_offset))))
        want = CSUMOFF_ENOTSUP;
    memset(&untouched, 0xA7, sizeof untouched);
    slot = untouched;
    status = csumoff_xen_from_virtio(fresh(), len, hdr, side, &slot);
    MUST(status == want);
    MUST(unchanged());
    if (status) {
        MUST(same(&slot, &untouched, sizeof slot));
        return;
    }
    if (rx.state == CSUMOFF_PARTIAL)
        flags = blank_bit() | validated_bit();
    if (rx.state == CSUMOFF_UNNECESSARY)
        flags = validated_bit();
    MUST(slot.flags == (flags | (type ? CSUMOFF_NETTXF_EXTRA_INFO : 0)));
    MUST(slot.gso_type == (type == TCPV4 ? 1 : type == TCPV6 ? 2 : 0));
    MUST(slot.gso_size == rx.gso_size);
    MUST(csumoff_virtio_from_xen(fresh(), len, side, &slot, &back) == CSUMOFF_OK);
    MUST(check_received(&back, &all, &again) == CSUMOFF_OK);
    MUST(again.state == rx.state && again.csum_start == rx.csum_start &&
         again.csum_offset == rx.csum_offset && again.gso_size == rx.gso_size &&
         (again.gso_type & ~(unsigned)ECN) == type);
}

static void check_from_xen(const struct csumoff_netfront_slot *slot)
{
    bool blank = slot->flags & blank_bit(), extra = slot->flags & CSUMOFF_NETTXF_EXTRA_INFO;
    unsigned gso_type = extra ? slot->gso_type : 0;
    struct csumoff_virtio_hdr hdr, untouched;
    struct csumoff_netfront_slot again;
    int status, want = CSUMOFF_OK;

    if (gso_type > 2)
        want = CSUMOFF_ENOTSUP;
    else if (blank || gso_type)
        want = located;
    if (want == CSUMOFF_OK && gso_type &&
        (at.l4_proto != TCP || at.ip_version != (gso_type == 1 ? 4 : 6) || !slot->gso_size ||
         !blank || !is_plain()))
        want = CSUMOFF_EHDR;
    if (want == CSUMOFF_OK && blank && !is_told())
        want = CSUMOFF_ENOTSUP;
    memset(&untouched, 0xA7, sizeof untouched);
    hdr = untouched;
    status = csumoff_virtio_from_xen(fresh(), len, side, slot, &hdr);
    MUST(status == want);
    MUST(unchanged());
    if (status) {
        MUST(same(&hdr, &untouched, sizeof hdr));
        return;
    }
    MUST(hdr.flags == (blank ? NEEDS : slot->flags & validated_bit() ? VALID : 0));
    MUST(hdr.csum_start == (blank ? at.csum_start : 0));
    MUST(hdr.csum_offset == (blank ? at.csum_offset : 0));
    MUST(hdr.gso_size == (gso_type ? slot->gso_size : 0) && hdr.num_buffers == 0);
    MUST(hdr.gso_type == (gso_type ? (gso_type == 1 ? TCPV4 : TCPV6) | (has_cwr() ? ECN : 0) : 0));
    MUST(hdr.hdr_len ==
         (gso_type ? at.l4_start + (size_t)(original[at.l4_start + 12] >> 4) * 4 : 0));
    /* Back again, where Linux's backend would take it and no one takes the size amiss. */
    status = csumoff_xen_from_virtio(fresh(), len, &hdr, side, &again);
    if (status) {
        MUST(len < 14 || (blank && !is_found()) || hdr.gso_size == 0xFFFF);
        return;
    }
    MUST(again.flags ==
         ((slot->flags & (blank_bit() | validated_bit())) | (blank ? validated_bit() : 0) |
          (gso_type ? CSUMOFF_NETTXF_EXTRA_INFO : 0)));
    MUST(again.gso_type == gso_type && again.gso_size == hdr.gso_size);
}

/* ---- On from here ------------------------------------------------------------------------------
 */

/* What was sent comes in somewhere else, and is sent on from there, or taken to Xen. */
static void check_sent_on(const struct csumoff_virtio_hdr *sent, bool is_right)
{
    static const struct csumoff_virtio_policy all = {true, true};
    static uint8_t hop[MOST];
    const uint8_t *before = original;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_virtio_rx rx;
    struct csumoff_tx_hint hint;
    int status;

    if (len)
        memcpy(hop, expected, len);
    become(hop);
    MUST(check_received(sent, &all, &rx) == CSUMOFF_OK);
    MUST((rx.state == CSUMOFF_PARTIAL) == !!(sent->flags & NEEDS));
    fresh();
    if (rx.state == CSUMOFF_PARTIAL)
        MUST(csumoff_finish(frame_room.bytes, len, rx.csum_start, rx.csum_offset) == CSUMOFF_OK);
    MUST(!is_right || judge().l4 == CSUMOFF_GOOD);
    hint = csumoff_virtio_forward(&rx);
    status = check_sent(&behind, &hint, &hdr);
    if (status)
        MUST(rx.gso_type ? status == CSUMOFF_ENOTSUP : status == located);
    else if (rx.state == CSUMOFF_PARTIAL && !(hdr.flags & NEEDS))
        MUST(!is_right || judge().l4 == CSUMOFF_GOOD);
    check_to_xen(sent);
    become(before);
}

/* ---- The input ---------------------------------------------------------------------------------
 */

static struct csumoff_virtio_caps take_caps(struct input *in)
{
    unsigned bits = take(in, 1);

    return (struct csumoff_virtio_caps){bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned flags = take(&in, 1), more = take(&in, 1), i;
    struct csumoff_tx_hint hint = {.state = (enum csumoff_state)(flags % 4)};
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_virtio_rx rx;
    uint8_t raw[12];

    at_end = !(flags & 4);
    side = more & 1 ? CSUMOFF_XEN_RX : CSUMOFF_XEN_TX;
    policy = (struct csumoff_virtio_policy){more & 2, more & 4};
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
    if (!take_frame(&in) || len > 0xFFFF)
        return 0;
    become(original);
    for (i = 0; i < 4; i++)
        check_form(raw, i);
    csumoff_virtio_get(raw, CSUMOFF_VIRTIO_12, &hdr);
    if (flags & 0x10)
        hint.csum_start = 0; /* where the headers say; */
    if (flags & 0x20 && located == CSUMOFF_OK) {
        hint.csum_start = at.csum_start; /* the same, said */
        hint.csum_offset = at.csum_offset;
    }
    if (more & 8 && located == CSUMOFF_OK) {
        hdr.csum_start = (uint16_t)at.csum_start;
        hdr.csum_offset = (uint16_t)at.csum_offset;
    }
    if (!(flags & 0x40))
        hint.mss = 0;

    if (check_received(&hdr, &policy, &rx) == CSUMOFF_OK) {
        struct csumoff_tx_hint on = csumoff_virtio_forward(&rx);
        struct csumoff_virtio_hdr sent;

        check_sent(&behind, &on, &sent);
    }
    check_to_xen(&hdr);
    check_from_xen(&slot);
    if (check_sent(&caps, flags & 0x80 ? NULL : &hint, &hdr) == CSUMOFF_OK)
        check_sent_on(&hdr, located == CSUMOFF_OK && (flags & 0x80 || hint.state == CSUMOFF_NONE));
    return 0;
}
