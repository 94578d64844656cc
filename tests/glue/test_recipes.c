// SPDX-License-Identifier: MIT
/*
 * docs/recipes.md: each function of the page is compiled from the page and run. Frames that leave
 * are finished by a device or backend of this file's own, and then compared with the oracle's.
 */
#include "recipes.inc"

#include "../oracle/packets.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK,
    BOTH = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED,
    RX_BLANK = CSUMOFF_NETRXF_CSUM_BLANK | CSUMOFF_NETRXF_DATA_VALIDATED,
    GSO_SIZE = 1000
};

static const struct csumoff_netfront_caps every = {true, true, true, true, true},
                                          none = {.sg = true},
                                          no_gso = {
                                              .csum_ipv4 = true, .csum_ipv6 = true, .sg = true};
static const struct csumoff_virtio_caps device_all = {true, true, true, true, true}, device_none;

static struct packet packet, want;
static uint8_t frame[PACKET_SIZE + 64];

/* ---- The other side ------------------------------------------------------------------------ */

/* Finishes as a device does, by the oracle's arithmetic. */
static void finish(uint8_t *p, size_t len, size_t start, size_t offset)
{
    uint16_t check = ref_checksum(ref_sum(p + start, len - start));

    store_wire16(p + start + offset, check ? check : 0xFFFF);
}

/* Does what a backend does with a frame whose own checksum is at this place. */
static void backend_takes(uint8_t *p, size_t len, const struct csumoff_netfront_slot *slot,
                          size_t start, size_t offset)
{
    CHECK_EQ(csumoff_netback_drops(p, len, slot), CSUMOFF_DROP_NONE);
    if (slot->flags & BLANK)
        finish(p, len, start, offset);
}

static void device_takes(uint8_t *p, size_t len, const struct csumoff_virtio_hdr *hdr)
{
    if (hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM)
        finish(p, len, hdr->csum_start, hdr->csum_offset);
}

/* ---- Frames -------------------------------------------------------------------------------- */

/* How a frame is received. */
enum as {
    COMPLETE, /* nobody has verified it */
    VERIFIED, /* somebody has */
    SEEDED,   /* its own checksum is a seed */
    WITHOUT,  /* its own checksum is to be computed; the field is 0 */
    INNER,    /* the seed is that of the innermost packet */
    INNER_WITHOUT,
    AS_COUNT
};

/* Builds a frame as it is received, in `packet` and at `at`, and in `want` the same complete. */
static struct csumoff_rx build(const struct packet_spec *spec, enum as as, uint8_t *at,
                               struct rng *rng)
{
    struct csumoff_rx rx = {.state = as == VERIFIED ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE};
    unsigned inner;

    packet_build(&packet, spec, rng);
    for (unsigned i = 0; i < packet.levels; i++) /* no flag that only one segment keeps */
        if (packet.level[i].proto == PROTO_TCP)
            packet.bytes[packet.level[i].l4 + 13] = 0x10;
    packet_seal(&packet);
    want = packet;
    inner = as == INNER || as == INNER_WITHOUT ? packet.levels - 1 : 0;
    if (as >= SEEDED) {
        rx.state = CSUMOFF_PARTIAL;
        rx.csum_start = (uint32_t)packet.level[inner].l4;
        rx.csum_offset = (uint32_t)packet.level[inner].csum_offset;
        rx.no_seed = as == WITHOUT || as == INNER_WITHOUT;
        packet_set_field(&packet, inner, rx.no_seed ? 0 : packet_seed(&packet, inner));
    }
    memcpy(at, packet.bytes, packet.len);
    return rx;
}

static struct packet_spec tunnel_of(unsigned outer, unsigned inner, uint8_t proto, size_t payload)
{
    struct packet_spec spec = spec_plain(outer, PROTO_UDP, 0, NULL),
                       inside = spec_plain(inner, proto, payload, NULL);

    spec.levels = 2;
    spec.level[0].tunnel = TUNNEL_VXLAN;
    spec.level[1] = inside.level[0];
    return spec;
}

/* Compares a frame with `want`. Zero has two forms in a field that is not UDP's. */
static void check_wanted(const uint8_t *p, size_t len)
{
    CHECK_EQ(len, want.len);
    for (unsigned i = 0; i < want.levels; i++) {
        const struct level *l = &want.level[i];

        if (l->finding == FOUND && !l->is_crc32c && packet_field(&want, i) == 0 &&
            load_wire16(p + l->l4 + l->csum_offset) == 0xFFFF)
            packet_set_field(&want, i, 0xFFFF);
    }
    for (size_t i = 0; i < len; i++)
        if (p[i] != want.bytes[i])
            ck_abort_msg("byte %zu is 0x%02X, not 0x%02X (L3 %zu, L4 %zu): %s", i, p[i],
                         want.bytes[i], want.level[0].l3, want.level[0].l4, spec_text(&want.spec));
}

/* Sends a frame to a backend that takes everything, or nothing, and compares what it sees. */
static void check_sent(uint8_t *p, size_t len, const struct csumoff_hint *hint,
                       const struct csumoff_netfront_caps *caps)
{
    struct csumoff_netfront_slot slot;

    CHECK_EQ(csumoff_netfront_tx(p, len, caps, hint, &slot), CSUMOFF_OK);
    backend_takes(p, len, &slot, want.level[0].l4, want.level[0].csum_offset);
    check_wanted(p, len);
}

/* ---- The driver of the page ---------------------------------------------------------------- */

enum {
    SLOTS = 600,
    PAGES = 200
};

static struct {
    const uint8_t *data;
    size_t len;
    uint16_t size, flags;
} ring[SLOTS];
static size_t slots, pages_used;
static uint8_t page_pool[PAGES][4096];
static struct csumoff_netfront_slot gso_slot;

static void empty_ring(void)
{
    slots = pages_used = 0;
    memset(&gso_slot, 0, sizeof gso_slot);
}

void *my_page(void)
{
    CHECK(pages_used < PAGES);
    return page_pool[pages_used++];
}

void my_put_slot(const void *data, size_t len, uint16_t size, uint16_t flags)
{
    CHECK(slots < SLOTS);
    ring[slots].data = (const uint8_t *)data;
    ring[slots].len = len;
    ring[slots].size = size;
    ring[slots++].flags = flags;
}

void my_put_gso_slot(uint8_t gso_type, uint16_t gso_size)
{
    CHECK_EQ(slots, 1);
    gso_slot.gso_type = gso_type;
    gso_slot.gso_size = gso_size;
}

/* Takes the next frame from the ring, from slot *i on, and returns its length. */
static size_t take_frame(size_t *i, uint8_t *p, struct csumoff_netfront_slot *slot)
{
    size_t len = 0, first = *i;

    slot->flags = ring[first].flags;
    slot->gso_type = gso_slot.gso_type;
    slot->gso_size = gso_slot.gso_size;
    do {
        CHECK(*i < slots);
        memcpy(p + len, ring[*i].data, ring[*i].len);
        len += ring[*i].len;
        if (*i != first)
            CHECK_EQ(ring[*i].size, ring[*i].len);
    } while (ring[(*i)++].flags & CSUMOFF_NETTXF_MORE_DATA);
    CHECK_EQ(ring[first].size, len);
    return len;
}

/* ---- NAT ----------------------------------------------------------------------------------- */

/* Gives `want` the address and port, by the oracle. */
static void want_source(const uint8_t *address, const uint8_t *port)
{
    const struct level *l = &want.level[0];

    memcpy(want.bytes + l->l3 + (l->version == 4 ? 12 : 8), address, l->version == 4 ? 4 : 16);
    memcpy(want.bytes + l->l4, port, 2);
    packet_set_pseudo(&want, 0, address, NULL);
    packet_seal(&want);
}

static void check_nat(const struct packet_spec *spec, enum as as, struct rng *rng)
{
    const struct csumoff_netfront_caps *caps = rng_below(rng, 2) ? &every : &none;
    struct csumoff_rx rx = build(spec, as, frame, rng);
    struct csumoff_layout at;
    struct csumoff_hint hint;
    uint8_t address[16], port[2];

    rng_fill(rng, address, sizeof address);
    rng_fill(rng, port, sizeof port);
    want_source(address, port);
    CHECK_EQ(nat_source(frame, packet.len, &rx, address, port, &at, &hint), CSUMOFF_OK);
    check_sent(frame, packet.len, &hint, caps);
}

START_TEST(nat_in_every_state)
{
    static const uint8_t protocols[] = {PROTO_TCP, PROTO_UDP};
    struct rng rng = rng_new(1);

    for (size_t i = 0; i < effort(4000, 400); i++) {
        struct packet_spec spec =
            spec_plain(rng_below(&rng, 2) ? 4 : 6, protocols[i % 2], rng_below(&rng, 1400), NULL);

        spec.level[0].tag_count = (uint8_t)rng_below(&rng, 2);
        spec.level[0].tags[0] = 0x8100;
        check_nat(&spec, (enum as)(i / 2 % INNER), &rng);
    }
}
END_TEST

START_TEST(nat_around_a_tunnelled_seed)
{
    struct rng rng = rng_new(2);

    for (size_t i = 0; i < effort(2000, 200); i++) {
        struct packet_spec spec = tunnel_of(i & 1 ? 4 : 6, i & 2 ? 4 : 6,
                                            i & 4 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1300));

        check_nat(&spec, (enum as)rng_below(&rng, AS_COUNT), &rng);
    }
}
END_TEST

START_TEST(nat_of_a_super_frame)
{
    struct rng rng = rng_new(3);

    for (unsigned version = 4; version <= 6; version += 2) {
        struct packet_spec spec = spec_plain(version, PROTO_TCP, 30000, NULL);
        struct csumoff_rx rx = build(&spec, SEEDED, frame, &rng);
        struct csumoff_netfront_slot slot;
        struct csumoff_layout at;
        struct csumoff_hint hint;
        uint8_t address[16], port[2];

        rx.gso_type = version == 4 ? CSUMOFF_GSO_TCPV4 : CSUMOFF_GSO_TCPV6;
        rx.gso_size = GSO_SIZE;
        rng_fill(&rng, address, sizeof address);
        rng_fill(&rng, port, sizeof port);
        want_source(address, port);
        CHECK_EQ(nat_source(frame, packet.len, &rx, address, port, &at, &hint), CSUMOFF_OK);
        CHECK_EQ(csumoff_netfront_tx(frame, packet.len, &every, &hint, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, BOTH | CSUMOFF_NETTXF_EXTRA_INFO);
        CHECK_EQ(slot.gso_type, rx.gso_type);
        CHECK_EQ(slot.gso_size, GSO_SIZE);
        packet_set_field(&want, 0, packet_seed(&want, 0));
        check_wanted(frame, packet.len);
    }
}
END_TEST

START_TEST(nat_keeps_damage_and_absence)
{
    struct rng rng = rng_new(4);

    for (unsigned version = 4; version <= 6; version += 2) {
        struct packet_spec spec = spec_plain(version, PROTO_UDP, 100, NULL);

        for (unsigned is_zero = 0; is_zero < 2; is_zero++) {
            struct csumoff_rx rx = build(&spec, COMPLETE, frame, &rng);
            uint8_t *field = frame + packet.level[0].l4 + 6, address[16], port[2];
            struct csumoff_netfront_slot slot;
            struct csumoff_layout at;
            struct csumoff_hint hint;

            store_wire16(field, is_zero ? 0 : (uint16_t)(load_wire16(field) ^ 0x1234));
            rng_fill(&rng, address, sizeof address);
            rng_fill(&rng, port, sizeof port);
            want_source(address, port);
            CHECK_EQ(nat_source(frame, packet.len, &rx, address, port, &at, &hint), CSUMOFF_OK);
            CHECK_EQ(csumoff_netfront_tx(frame, packet.len, &every, &hint, &slot), CSUMOFF_OK);
            CHECK_EQ(slot.flags, 0);
            if (is_zero)
                CHECK_EQ(load_wire16(field), 0);
            else
                CHECK(load_wire16(field) != packet_field(&want, 0));
        }
    }
}
END_TEST

START_TEST(nat_refuses_fragments)
{
    struct packet_spec spec = spec_plain(4, PROTO_UDP, 100, "F");
    struct rng rng = rng_new(5);
    struct csumoff_rx rx = build(&spec, COMPLETE, frame, &rng);
    const uint8_t address[4] = {192, 0, 2, 1}, port[2] = {1, 2};
    struct csumoff_layout at;
    struct csumoff_hint hint;

    CHECK_EQ(nat_source(frame, packet.len, &rx, address, port, &at, &hint), CSUMOFF_EFRAG);
    CHECK(same_bytes(frame, packet.bytes, packet.len));
}
END_TEST

/* ---- NAT64 --------------------------------------------------------------------------------- */

/* Makes `want` the IPv4 packet that `from`, the complete IPv6 packet, becomes. */
static void want_ipv4(const struct packet *from, const uint8_t *addresses)
{
    struct packet_spec spec = from->spec;
    const struct level *l = &from->level[0];
    const uint8_t *ipv6 = from->bytes + l->l3;
    struct rng rng = rng_new(6);
    uint8_t *ip;

    spec.level[0].version = 4;
    packet_build(&want, &spec, &rng);
    memcpy(want.bytes, from->bytes, want.level[0].l3 - 2);
    ip = want.bytes + want.level[0].l3;
    memset(ip, 0, 20);
    ip[0] = 0x45;
    ip[1] = (uint8_t)((ipv6[0] & 15) << 4 | ipv6[1] >> 4);
    store_wire16(ip + 2, (uint16_t)(20 + l->end - l->l4));
    ip[6] = 0x40;
    ip[8] = ipv6[7];
    ip[9] = l->proto;
    memcpy(ip + 12, addresses, 8);
    memcpy(want.bytes + want.level[0].l4, from->bytes + l->l4, from->len - l->l4);
    packet_set_pseudo(&want, 0, addresses, addresses + 4);
    packet_seal(&want);
}

START_TEST(nat64_in_every_state)
{
    static struct packet ipv6;
    struct rng rng = rng_new(7);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        struct packet_spec spec =
            spec_plain(6, i & 1 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);
        struct csumoff_hint hint;
        struct csumoff_rx rx;
        uint8_t addresses[8], *p = frame;
        size_t len;

        spec.level[0].tag_count = (uint8_t)rng_below(&rng, 2);
        spec.level[0].tags[0] = 0x8100;
        rx = build(&spec, (enum as)(i / 2 % INNER), frame, &rng);
        ipv6 = want;
        rng_fill(&rng, addresses, sizeof addresses);
        want_ipv4(&ipv6, addresses);
        len = packet.len;
        CHECK_EQ(nat64(&p, &len, &rx, addresses), CSUMOFF_OK);
        CHECK_EQ(p - frame, 20);
        hint = csumoff_forward(&rx);
        check_sent(p, len, &hint, rng_below(&rng, 2) ? &every : &none);
    }
}
END_TEST

START_TEST(nat64_of_super_frames_and_no_checksum)
{
    static struct packet ipv6;
    struct packet_spec tcp = spec_plain(6, PROTO_TCP, 20000, NULL),
                       udp = spec_plain(6, PROTO_UDP, 77, NULL);
    const uint8_t addresses[8] = {192, 0, 2, 1, 198, 51, 100, 2};
    struct rng rng = rng_new(8);
    struct csumoff_rx rx = build(&tcp, SEEDED, frame, &rng);
    struct csumoff_netfront_slot slot;
    struct csumoff_hint hint;
    uint8_t *p = frame;
    size_t len = packet.len;

    rx.gso_type = CSUMOFF_GSO_TCPV6;
    rx.gso_size = GSO_SIZE;
    ipv6 = want;
    want_ipv4(&ipv6, addresses);
    CHECK_EQ(nat64(&p, &len, &rx, addresses), CSUMOFF_OK);
    CHECK_EQ(rx.gso_type, CSUMOFF_GSO_TCPV4);
    hint = csumoff_forward(&rx);
    CHECK_EQ(csumoff_netfront_tx(p, len, &every, &hint, &slot), CSUMOFF_OK);
    CHECK_EQ(slot.gso_type, CSUMOFF_NETIF_GSO_TYPE_TCPV4);
    CHECK_EQ(slot.gso_size, GSO_SIZE);
    packet_set_field(&want, 0, packet_seed(&want, 0));
    check_wanted(p, len);

    rx = build(&udp, COMPLETE, frame, &rng);
    store_wire16(frame + packet.level[0].l4 + 6, 0);
    p = frame;
    len = packet.len;
    CHECK_EQ(nat64(&p, &len, &rx, addresses), CSUMOFF_OK);
    CHECK_EQ(load_wire16(p + 14 + 20 + 6), 0);
}
END_TEST

START_TEST(nat64_refuses_the_rest)
{
    const struct packet_spec specs[] = {
        spec_plain(4, PROTO_TCP, 100, NULL), spec_plain(6, PROTO_TCP, 100, "d"),
        spec_plain(6, PROTO_ICMPV6, 100, NULL), spec_plain(6, PROTO_SCTP, 100, NULL)};
    const uint8_t addresses[8] = {0};
    struct rng rng = rng_new(9);

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct csumoff_rx rx = build(&specs[i], COMPLETE, frame, &rng);
        uint8_t *p = frame;
        size_t len = packet.len;

        CHECK_EQ(nat64(&p, &len, &rx, addresses), CSUMOFF_ENOTSUP);
        CHECK(p == frame && len == packet.len && same_bytes(frame, packet.bytes, packet.len));
    }
}
END_TEST

/* ---- TAP, TUN and ring --------------------------------------------------------------------- */

static struct csumoff_netfront_slot slot_as(enum as as)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    slot.flags = as == SEEDED ? RX_BLANK : as == VERIFIED ? CSUMOFF_NETRXF_DATA_VALIDATED : 0;
    return slot;
}

static struct csumoff_virtio_hdr hdr_as(const struct csumoff_rx *rx)
{
    struct csumoff_virtio_hdr hdr;

    memset(&hdr, 0, sizeof hdr);
    if (rx->state == CSUMOFF_PARTIAL) {
        hdr.flags = CSUMOFF_VIRTIO_NEEDS_CSUM;
        hdr.csum_start = (uint16_t)rx->csum_start;
        hdr.csum_offset = (uint16_t)rx->csum_offset;
    }
    return hdr;
}

START_TEST(tap_to_ring_and_back)
{
    struct rng rng = rng_new(10);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        const enum as as = (enum as)rng_below(&rng, AS_COUNT);
        const bool is_all = rng_below(&rng, 2);
        struct packet_spec spec = as >= INNER
                                      ? tunnel_of(i & 1 ? 4 : 6, i & 2 ? 4 : 6, PROTO_TCP, 600)
                                      : spec_plain(i & 1 ? 4 : 6, i & 2 ? PROTO_TCP : PROTO_UDP,
                                                   rng_below(&rng, 1400), NULL);
        struct csumoff_netfront_slot slot;
        struct csumoff_virtio_hdr hdr;
        struct csumoff_rx rx;

        spec.level[0].tag_count = (uint8_t)rng_below(&rng, 2);
        spec.level[0].tags[0] = 0x88A8;
        rx = build(&spec, as, frame + 10, &rng);
        hdr = hdr_as(&rx);
        CHECK_EQ(csumoff_virtio_put(&hdr, CSUMOFF_VIRTIO_LITTLE, frame), 10);
        CHECK_EQ(tap_to_ring(frame, packet.len + 10, is_all ? &every : &none, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags,
                 is_all && !spec.level[0].tag_count && (as == SEEDED || as == WITHOUT) ? BOTH : 0);
        backend_takes(frame + 10, packet.len, &slot, packet.level[0].l4,
                      packet.level[0].csum_offset);
        check_wanted(frame + 10, packet.len);

        if (as > SEEDED)
            continue; /* a backend has no words for it */
        slot = slot_as(as);
        (void)build(&spec, as, frame + 10, &rng);
        CHECK_EQ(ring_to_tap(frame, packet.len, &slot, is_all ? &device_all : &device_none),
                 CSUMOFF_OK);
        (void)csumoff_virtio_get(frame, CSUMOFF_VIRTIO_LITTLE, &hdr);
        CHECK_EQ(hdr.flags, is_all && as == SEEDED ? CSUMOFF_VIRTIO_NEEDS_CSUM : 0);
        device_takes(frame + 10, packet.len, &hdr);
        check_wanted(frame + 10, packet.len);
    }
}
END_TEST

START_TEST(super_frames_between_tap_and_ring)
{
    struct rng rng = rng_new(11);

    for (unsigned version = 4; version <= 6; version += 2) {
        struct packet_spec spec = spec_plain(version, PROTO_TCP, 30000, NULL);
        struct csumoff_rx rx = build(&spec, SEEDED, frame + 10, &rng);
        struct csumoff_virtio_hdr hdr = hdr_as(&rx);
        struct csumoff_netfront_slot slot;

        hdr.gso_type = version == 4 ? CSUMOFF_VIRTIO_GSO_TCPV4 : CSUMOFF_VIRTIO_GSO_TCPV6;
        hdr.gso_size = GSO_SIZE;
        (void)csumoff_virtio_put(&hdr, CSUMOFF_VIRTIO_LITTLE, frame);
        CHECK_EQ(tap_to_ring(frame, packet.len + 10, &every, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, BOTH | CSUMOFF_NETTXF_EXTRA_INFO);
        CHECK_EQ(slot.gso_type, version == 4 ? 1 : 2);
        CHECK_EQ(slot.gso_size, GSO_SIZE);
        CHECK(same_bytes(frame + 10, packet.bytes, packet.len));
        CHECK_EQ(tap_to_ring(frame, packet.len + 10, &no_gso, &slot), CSUMOFF_ENOTSUP);

        slot = (struct csumoff_netfront_slot){RX_BLANK | CSUMOFF_NETRXF_EXTRA_INFO,
                                              version == 4 ? 1 : 2, GSO_SIZE};
        CHECK_EQ(ring_to_tap(frame, packet.len, &slot, &device_all), CSUMOFF_OK);
        (void)csumoff_virtio_get(frame, CSUMOFF_VIRTIO_LITTLE, &hdr);
        CHECK_EQ(hdr.gso_type, version == 4 ? CSUMOFF_VIRTIO_GSO_TCPV4 : CSUMOFF_VIRTIO_GSO_TCPV6);
        CHECK_EQ(hdr.gso_size, GSO_SIZE);
        CHECK(same_bytes(frame + 10, packet.bytes, packet.len));
    }
}
END_TEST

START_TEST(tun_to_ring_and_back)
{
    struct rng rng = rng_new(12);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        const enum as as = (enum as)rng_below(&rng, AS_COUNT);
        const bool is_all = rng_below(&rng, 2);
        struct packet_spec spec = as >= INNER
                                      ? tunnel_of(i & 1 ? 4 : 6, i & 2 ? 4 : 6, PROTO_TCP, 600)
                                      : spec_plain(i & 1 ? 4 : 6, i & 2 ? PROTO_TCP : PROTO_UDP,
                                                   rng_below(&rng, 1400), NULL);
        struct csumoff_rx rx = build(&spec, as, frame, &rng);
        struct csumoff_virtio_hdr hdr;
        struct csumoff_netfront_slot slot;
        uint8_t ethernet[ETHERNET];

        memcpy(ethernet, frame, ETHERNET);
        memset(frame, 0, ETHERNET);
        if (rx.state == CSUMOFF_PARTIAL)
            rx.csum_start -= 14; /* as a TUN says it */
        hdr = hdr_as(&rx);
        CHECK_EQ(tun_to_ring(frame, packet.len, &hdr, ethernet, is_all ? &every : &none, &slot),
                 CSUMOFF_OK);
        CHECK_EQ(slot.flags, is_all && (as == SEEDED || as == WITHOUT) ? BOTH : 0);
        backend_takes(frame, packet.len, &slot, packet.level[0].l4, packet.level[0].csum_offset);
        check_wanted(frame, packet.len);

        if (as > SEEDED)
            continue;
        slot = slot_as(as);
        (void)build(&spec, as, frame, &rng);
        CHECK_EQ(ring_to_tun(frame, packet.len, &slot, is_all ? &device_all : &device_none, &hdr),
                 CSUMOFF_OK);
        CHECK_EQ(hdr.flags, is_all && as == SEEDED ? CSUMOFF_VIRTIO_NEEDS_CSUM : 0);
        device_takes(frame + 14, packet.len - 14, &hdr);
        check_wanted(frame, packet.len);
    }
}
END_TEST

START_TEST(a_tun_takes_no_tags)
{
    struct packet_spec spec = spec_plain(4, PROTO_UDP, 100, NULL);
    struct rng rng = rng_new(13);
    struct csumoff_netfront_slot slot = {0, 0, 0};
    struct csumoff_virtio_hdr hdr;

    spec.level[0].tag_count = 1;
    spec.level[0].tags[0] = 0x8100;
    (void)build(&spec, COMPLETE, frame, &rng);
    CHECK_EQ(ring_to_tun(frame, packet.len, &slot, &device_all, &hdr), CSUMOFF_ENOTSUP);
}
END_TEST

/* ---- ICMP ---------------------------------------------------------------------------------- */

START_TEST(icmp_quotes_what_is_complete)
{
    const uint8_t router[4] = {192, 0, 2, 254};
    struct rng rng = rng_new(14);

    for (size_t i = 0; i < effort(2000, 200); i++) {
        const enum as as = i & 1 ? SEEDED : COMPLETE;
        struct packet_spec spec =
            spec_plain(4, i & 2 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);
        struct csumoff_netfront_slot slot = slot_as(as);
        uint8_t out[590], *ip = out + 14, *icmp = ip + 20;
        size_t quoted, len;

        (void)build(&spec, as, frame, &rng);
        quoted = packet.len - 14 < 548 ? packet.len - 14 : 548;
        CHECK_EQ(icmp_too_big(out, &len, frame, packet.len, &slot, router, 1400), CSUMOFF_OK);
        CHECK_EQ(len, 14 + 20 + 8 + quoted);
        CHECK(same_bytes(out, packet.bytes + 6, 6) && same_bytes(out + 6, packet.bytes, 6));
        CHECK_EQ(load_wire16(out + 12), 0x0800);
        CHECK_EQ(load_wire16(ip + 2), 20 + 8 + quoted);
        CHECK_EQ(ip[9], PROTO_ICMP);
        CHECK(same_bytes(ip + 12, router, 4) && same_bytes(ip + 16, packet.bytes + 14 + 12, 4));
        CHECK_EQ(load_wire16(ip + 10), ref_ipv4_header(ip, 20));
        CHECK_EQ(load_wire16(icmp), 0x0304);
        CHECK_EQ(load_wire16(icmp + 6), 1400);
        CHECK_EQ(load_wire16(icmp + 2), ref_transport(0, icmp, 8 + quoted, 2));
        check_wanted(frame, packet.len);
        CHECK(same_bytes(icmp + 8, frame + 14, quoted));
    }
}
END_TEST

/* Makes `want` an ICMP error that quotes the first n bytes of this IP packet, complete. */
static void want_icmp(const uint8_t *quoted, size_t n)
{
    struct packet_spec spec = spec_plain(4, PROTO_ICMP, n, NULL);
    struct rng rng = rng_new(25);

    packet_build(&want, &spec, &rng);
    CHECK_EQ(want.len, want.level[0].l4 + 8 + n);
    memcpy(want.bytes + want.level[0].l4 + 8, quoted, n);
    packet_seal(&want);
}

START_TEST(nat_of_what_icmp_quotes)
{
    static struct packet quoted;
    struct rng rng = rng_new(26);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        struct packet_spec spec =
            spec_plain(4, i & 1 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 100), NULL);
        struct csumoff_rx rx = {.state = i & 2 ? CSUMOFF_PARTIAL : CSUMOFF_NONE};
        struct csumoff_hint hint;
        uint8_t address[4], port[2];
        size_t n;

        spec.level[0].options = (uint8_t)(rng_below(&rng, 11) * 4);
        packet_build(&quoted, &spec, &rng);
        packet_seal(&quoted);
        n = quoted.level[0].l4 - 14 + 8;
        if (i & 4)
            n += rng_below(&rng, quoted.len - 14 - n + 1);
        if (n == quoted.level[0].l4 - 14 + quoted.level[0].csum_offset + 1)
            n--; /* half a checksum stays as it is */
        want_icmp(quoted.bytes + 14, n);
        memcpy(frame, want.bytes, want.len);
        if (rx.state == CSUMOFF_PARTIAL) { /* without a pseudo-header the seed is 0 */
            rx.csum_start = (uint32_t)want.level[0].l4;
            rx.csum_offset = 2;
            store_wire16(frame + rx.csum_start + 2, 0);
        }
        rng_fill(&rng, address, sizeof address);
        rng_fill(&rng, port, sizeof port);
        memcpy(quoted.bytes + 14 + 12, address, 4);
        memcpy(quoted.bytes + quoted.level[0].l4, port, 2);
        packet_set_pseudo(&quoted, 0, address, NULL);
        packet_seal(&quoted);
        if (packet_field(&quoted, 0) % 0xFFFF == 0)
            continue; /* either form of zero would do */
        want_icmp(quoted.bytes + 14, n);
        CHECK_EQ(nat_quoted(frame, want.len, &rx, address, port), CSUMOFF_OK);
        hint = csumoff_forward(&rx);
        check_sent(frame, want.len, &hint, &every);
    }
}
END_TEST

START_TEST(quotes_that_are_too_short)
{
    const struct csumoff_rx rx = {.state = CSUMOFF_NONE};
    const uint8_t address[4] = {192, 0, 2, 1}, port[2] = {1, 2};
    uint8_t ip[60] = {0x46, [9] = PROTO_UDP};

    for (size_t n = 0; n < 32; n++) {
        want_icmp(ip, n);
        memcpy(frame, want.bytes, want.len);
        CHECK_EQ(nat_quoted(frame, want.len, &rx, address, port), CSUMOFF_EHDR);
        CHECK(same_bytes(frame, want.bytes, want.len));
    }
    want_icmp(ip, 32);
    memcpy(frame, want.bytes, want.len);
    CHECK_EQ(nat_quoted(frame, want.len, &rx, address, port), CSUMOFF_OK);
    ip[9] = PROTO_SCTP;
    want_icmp(ip, 32);
    memcpy(frame, want.bytes, want.len);
    CHECK_EQ(nat_quoted(frame, want.len, &rx, address, port), CSUMOFF_EPROTO);
}
END_TEST

/* ---- Pieces -------------------------------------------------------------------------------- */

START_TEST(ring_buffer_wraps_anywhere)
{
    static uint8_t buffer[2048];
    struct rng rng = rng_new(15);

    for (size_t i = 0; i < effort(6000, 600); i++) {
        const struct csumoff_netfront_caps *caps = rng_below(&rng, 2) ? &every : &none;
        struct packet_spec spec =
            spec_plain(i & 1 ? 4 : 6, i & 2 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);
        struct csumoff_rx rx = build(&spec, i & 4 ? SEEDED : COMPLETE, frame, &rng);
        struct csumoff_hint hint = csumoff_forward(&rx);
        struct csumoff_netfront_slot slot;
        size_t at = sizeof buffer - 1 - rng_below(&rng, i & 8 ? 100 : sizeof buffer);

        for (size_t j = 0; j < packet.len; j++)
            buffer[(at + j) % sizeof buffer] = frame[j];
        CHECK_EQ(ring_buffer_tx(buffer, sizeof buffer, at, packet.len, caps, i & 16 ? &hint : NULL,
                                &slot),
                 CSUMOFF_OK);
        for (size_t j = 0; j < packet.len; j++)
            frame[j] = buffer[(at + j) % sizeof buffer];
        backend_takes(frame, packet.len, &slot, packet.level[0].l4, packet.level[0].csum_offset);
        check_wanted(frame, packet.len);
    }
}
END_TEST

/* ---- Tunnels ------------------------------------------------------------------------------- */

START_TEST(encapsulated_in_every_state)
{
    static const uint8_t protocols[] = {PROTO_TCP, PROTO_UDP, PROTO_SCTP};
    struct rng rng = rng_new(16);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        const uint8_t proto = protocols[rng_below(&rng, 3)];
        enum as as = (enum as)rng_below(&rng, AS_COUNT);
        struct packet_spec spec =
            tunnel_of(i & 1 ? 4 : 6, i & 2 ? 4 : 6, proto, rng_below(&rng, 1300));
        const struct level *outer = &packet.level[0];
        struct csumoff_netfront_slot slot;
        struct csumoff_virtio_hdr hdr;
        struct csumoff_hint hint;
        struct csumoff_rx rx;
        size_t grown;

        if (as == SEEDED || as == WITHOUT)
            as = as == SEEDED ? INNER : INNER_WITHOUT;
        rx = build(&spec, as, frame, &rng);
        if (proto == PROTO_SCTP)
            rx.no_seed = false;
        /* The frame that was received began with the inner Ethernet header. */
        grown = outer->payload + 8;
        if (rx.state == CSUMOFF_PARTIAL)
            rx.csum_start -= (uint32_t)grown;
        store_wire16(frame + outer->l4 + 6, (uint16_t)(rng_below(&rng, 2) * 0xABCD));
        if (outer->version == 4)
            store_wire16(frame + outer->l3 + 10, 0xABCD);
        CHECK_EQ(encapsulated(frame, packet.len, grown, &rx, &hint), CSUMOFF_OK);
        if (i & 4) {
            CHECK_EQ(csumoff_netfront_tx(frame, packet.len, &every, &hint, &slot), CSUMOFF_OK);
            CHECK_EQ(slot.flags & BLANK, 0);
        } else {
            CHECK_EQ(csumoff_virtio_tx(frame, packet.len, CSUMOFF_LINK_ETHERNET, &device_all, &hint,
                                       &hdr),
                     CSUMOFF_OK);
            CHECK_EQ(hdr.flags, as == INNER && proto != PROTO_SCTP ? 1 : 0);
            device_takes(frame, packet.len, &hdr);
        }
        check_wanted(frame, packet.len);
    }
}
END_TEST

START_TEST(no_super_frame_is_encapsulated)
{
    struct packet_spec spec = tunnel_of(4, 4, PROTO_TCP, 3000);
    struct rng rng = rng_new(17);
    struct csumoff_rx rx = build(&spec, INNER, frame, &rng);
    struct csumoff_hint hint;

    rx.gso_type = CSUMOFF_GSO_TCPV4;
    rx.gso_size = GSO_SIZE;
    CHECK_EQ(encapsulated(frame, packet.len, 50, &rx, &hint), CSUMOFF_ENOTSUP);
}
END_TEST

/* ---- MSS ----------------------------------------------------------------------------------- */

START_TEST(mss_is_clamped_in_every_state)
{
    struct rng rng = rng_new(18);

    for (size_t i = 0; i < effort(4000, 400); i++) {
        const enum as as = (enum as)(i % INNER);
        const size_t nops = rng_below(&rng, 9);
        const uint16_t mss = (uint16_t)rng_u32(&rng), most = (uint16_t)rng_u32(&rng);
        struct packet_spec spec = spec_plain(i & 4 ? 4 : 6, PROTO_TCP, 12, NULL);
        struct csumoff_rx rx = build(&spec, as, frame, &rng);
        struct csumoff_hint hint;
        uint8_t *tcp = want.bytes + want.level[0].l4, *options = tcp + 20;

        /* The payload becomes options. */
        tcp[12] = 0x80;
        tcp[13] = i & 8 ? 0x02 : 0x10;
        memset(options, 1, 12);
        options[nops] = 2;
        options[nops + 1] = 4;
        if (nops > 8)
            options[nops] = 0;
        store_wire16(options + nops + 2, mss);
        packet_seal(&want);
        memcpy(frame, want.bytes, want.len);
        if (as >= SEEDED)
            store_wire16(frame + want.level[0].l4 + 16, as == SEEDED ? packet_seed(&want, 0) : 0);
        if (i & 8 && nops <= 8 && mss > most)
            store_wire16(options + nops + 2, most);
        packet_seal(&want);
        CHECK_EQ(clamp_mss(frame, want.len, &rx, most), CSUMOFF_OK);
        hint = csumoff_forward(&rx);
        check_sent(frame, want.len, &hint, rng_below(&rng, 2) ? &every : &none);
    }
}
END_TEST

START_TEST(malformed_options_are_told)
{
    static const uint8_t wrong[][4] = {{1, 1, 1, 2}, {2, 0, 0, 0}, {2, 1, 9, 9}, {2, 5, 9, 9}};
    const struct csumoff_rx rx = {.state = CSUMOFF_NONE};
    struct packet_spec spec = spec_plain(4, PROTO_TCP, 4, NULL);
    struct rng rng = rng_new(19);

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)build(&spec, COMPLETE, frame, &rng);
        frame[packet.level[0].l4 + 12] = 0x60;
        frame[packet.level[0].l4 + 13] = 0x02;
        memcpy(frame + packet.level[0].l4 + 20, wrong[i], 4);
        CHECK_EQ(clamp_mss(frame, packet.len, &rx, 1), CSUMOFF_EHDR);
    }
}
END_TEST

/* ---- Bursts -------------------------------------------------------------------------------- */

START_TEST(burst_is_forwarded)
{
    enum {
        COUNT = 40
    };
    static struct packet wanted[COUNT];
    static uint8_t frames[COUNT][2000];
    static const enum as kinds[] = {COMPLETE, VERIFIED, SEEDED};
    struct csumoff_netfront_rx_item in[COUNT];
    struct csumoff_netfront_tx_item out[COUNT];
    struct csumoff_hint hints[COUNT];
    struct rng rng = rng_new(20);
    size_t sent, done = 0;

    memset(in, 0, sizeof in);
    for (size_t i = 0; i < COUNT; i++) {
        const enum as as = kinds[rng_below(&rng, 3)];
        struct packet_spec spec =
            spec_plain(i & 1 ? 4 : 6, i & 2 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);

        (void)build(&spec, as, frames[i], &rng);
        wanted[i] = want;
        in[i].frame = frames[i];
        in[i].len = packet.len;
        in[i].slot = slot_as(as);
        if (i % 8 == 5) { /* refused */
            in[i].slot.flags = RX_BLANK;
            in[i].len = 20;
        }
    }
    sent = forward_burst(in, COUNT, out, hints, &no_gso);
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 8 == 5) {
            CHECK_EQ(in[i].status, CSUMOFF_ETRUNC);
            continue;
        }
        CHECK(out[done].frame == frames[i]);
        CHECK_EQ(out[done].status, CSUMOFF_OK);
        want = wanted[i];
        backend_takes(frames[i], out[done].len, &out[done].slot, want.level[0].l4,
                      want.level[0].csum_offset);
        check_wanted(frames[i], out[done].len);
        done++;
    }
    CHECK_EQ(sent, done);
}
END_TEST

/* ---- Pages --------------------------------------------------------------------------------- */

/* Cuts the frame behind its headers, at random. */
static size_t cut(struct csumoff_iov *iov, struct rng *rng)
{
    size_t at = packet.level[0].payload, n = 0;

    iov[n++] = (struct csumoff_iov){frame, at};
    while (at < packet.len) {
        size_t len = rng_below(rng, 9) ? 1 + rng_below(rng, 4096) : 0;

        if (len > packet.len - at)
            len = packet.len - at;
        iov[n++] = (struct csumoff_iov){frame + at, len};
        at += len;
    }
    return n;
}

/* Compares the segments on the ring with the super-frame `want`, as RFC 9293 and the oracle say. */
static void check_segments(uint16_t mss)
{
    static uint8_t p[70000];
    const struct level *l = &want.level[0];
    const size_t headers = l->payload, payload = want.len - headers;
    const uint32_t sequence =
        (uint32_t)load_wire16(want.bytes + l->l4 + 4) << 16 | load_wire16(want.bytes + l->l4 + 6);
    size_t i = 0, done = 0;

    while (i < slots) {
        struct csumoff_netfront_slot slot;
        size_t len = take_frame(&i, p, &slot), n = len - headers;
        uint64_t pseudo;

        CHECK_EQ(n, payload - done < mss ? payload - done : mss);
        CHECK(same_bytes(p + headers, want.bytes + headers + done, n));
        slot.flags &= (uint16_t)~CSUMOFF_NETTXF_MORE_DATA;
        backend_takes(p, len, &slot, l->l4, 16);
        CHECK_EQ((uint32_t)load_wire16(p + l->l4 + 4) << 16 | load_wire16(p + l->l4 + 6),
                 (uint32_t)(sequence + done));
        if (l->version == 4) {
            CHECK_EQ(load_wire16(p + l->l3 + 2), len - l->l3);
            CHECK_EQ(load_wire16(p + l->l3 + 10), ref_ipv4_header(p + l->l3, 20));
            pseudo = ref_pseudo4(l->src, l->dst, PROTO_TCP, (uint32_t)(len - l->l4));
        } else {
            CHECK_EQ(load_wire16(p + l->l3 + 4), len - l->l3 - 40);
            pseudo = ref_pseudo6(l->src, l->dst, PROTO_TCP, (uint32_t)(len - l->l4));
        }
        CHECK_EQ(load_wire16(p + l->l4 + 16) % 0xFFFF,
                 ref_transport(pseudo, p + l->l4, len - l->l4, 16) % 0xFFFF);
        done += n;
    }
    CHECK_EQ(done, payload);
}

START_TEST(pages_in_every_state)
{
    struct rng rng = rng_new(21);
    struct csumoff_iov iov[200];

    for (size_t i = 0; i < effort(2000, 200); i++) {
        static uint8_t p[PACKET_SIZE];
        struct packet_spec spec =
            spec_plain(i & 1 ? 4 : 6, i & 2 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);
        struct csumoff_rx rx = build(&spec, (enum as)rng_below(&rng, INNER), frame, &rng);
        struct csumoff_hint hint = csumoff_forward(&rx);
        struct csumoff_netfront_slot slot;
        size_t len, first = 0;

        empty_ring();
        CHECK_EQ(send_pages(iov, cut(iov, &rng), &hint, i & 4 ? &every : &none), CSUMOFF_OK);
        len = take_frame(&first, p, &slot);
        CHECK_EQ(first, slots);
        slot.flags &= (uint16_t)~CSUMOFF_NETTXF_MORE_DATA;
        backend_takes(p, len, &slot, packet.level[0].l4, packet.level[0].csum_offset);
        check_wanted(p, len);
    }
}
END_TEST

START_TEST(super_frames_in_pages)
{
    static const enum as kinds[] = {COMPLETE, VERIFIED, SEEDED};
    static uint8_t p[PACKET_SIZE];
    struct rng rng = rng_new(22);
    struct csumoff_iov iov[200];

    for (size_t i = 0; i < effort(300, 30); i++) {
        const enum as as = kinds[i % 3];
        struct packet_spec spec =
            spec_plain(i & 1 ? 4 : 6, PROTO_TCP, 1500 + rng_below(&rng, 60000), NULL);
        struct csumoff_rx rx = build(&spec, as, frame, &rng);
        struct csumoff_hint hint = csumoff_forward(&rx);
        struct csumoff_netfront_slot slot;
        size_t count = cut(iov, &rng), first = 0, len;

        hint.mss = (uint16_t)(536 + rng_below(&rng, 900));
        if (as == SEEDED) {
            empty_ring();
            CHECK_EQ(send_pages(iov, count, &hint, &every), CSUMOFF_OK);
            len = take_frame(&first, p, &slot);
            CHECK_EQ(slot.flags & ~CSUMOFF_NETTXF_MORE_DATA, BOTH | CSUMOFF_NETTXF_EXTRA_INFO);
            CHECK_EQ(slot.gso_size, hint.mss);
            CHECK(len == packet.len && same_bytes(p, packet.bytes, len));
        }
        for (unsigned by_reference = 0; by_reference < 2; by_reference++) {
            empty_ring();
            CHECK_EQ(send_pages(iov, count, &hint, by_reference ? &no_gso : &none), CSUMOFF_OK);
            CHECK_EQ(ring[0].flags & BLANK, by_reference ? BLANK : 0);
            CHECK_EQ(ring[0].len < ring[0].size, by_reference);
            check_segments(hint.mss);
        }
    }
}
END_TEST

START_TEST(damaged_super_frames_are_not_cut)
{
    struct rng rng = rng_new(23);
    struct csumoff_iov iov[200];
    struct packet_spec spec = spec_plain(4, PROTO_TCP, 9000, NULL);
    struct csumoff_rx rx = build(&spec, COMPLETE, frame, &rng);
    struct csumoff_hint hint = csumoff_forward(&rx);
    size_t count = cut(iov, &rng);

    hint.mss = GSO_SIZE;
    frame[packet.len - 1] ^= 1;
    empty_ring();
    CHECK_EQ(send_pages(iov, count, &hint, &no_gso), CSUMOFF_ECSUM);
    CHECK_EQ(slots, 0);
}
END_TEST

START_TEST(tags_and_big_tcp_are_cut)
{
    struct rng rng = rng_new(24);
    struct csumoff_iov iov[200];

    for (unsigned version = 4; version <= 6; version += 2) {
        struct packet_spec spec = spec_plain(version, PROTO_TCP, 40000, NULL);
        struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, GSO_SIZE, NULL};

        spec.level[0].tag_count = 1;
        spec.level[0].tags[0] = 0x8100;
        (void)build(&spec, COMPLETE, frame, &rng);
        empty_ring();
        CHECK_EQ(send_pages(iov, cut(iov, &rng), &hint, &every), CSUMOFF_OK);
        check_segments(GSO_SIZE);

        spec = spec_plain(version, PROTO_TCP, 70000, NULL);
        spec.level[0].is_zero_long = true;
        (void)build(&spec, COMPLETE, frame, &rng);
        empty_ring();
        CHECK_EQ(send_pages(iov, cut(iov, &rng), &hint, &every), CSUMOFF_OK);
        check_segments(GSO_SIZE);
    }
}
END_TEST

int main(void)
{
    const TTest *const nat[] = {nat_in_every_state,
                                nat_around_a_tunnelled_seed,
                                nat_of_a_super_frame,
                                nat_keeps_damage_and_absence,
                                nat_refuses_fragments,
                                nat64_in_every_state,
                                nat64_of_super_frames_and_no_checksum,
                                nat64_refuses_the_rest,
                                NULL};
    const TTest *const headers[] = {icmp_quotes_what_is_complete,   nat_of_what_icmp_quotes,
                                    quotes_that_are_too_short,      mss_is_clamped_in_every_state,
                                    malformed_options_are_told,     encapsulated_in_every_state,
                                    no_super_frame_is_encapsulated, NULL};
    const TTest *const devices[] = {tap_to_ring_and_back,
                                    super_frames_between_tap_and_ring,
                                    tun_to_ring_and_back,
                                    a_tun_takes_no_tags,
                                    ring_buffer_wraps_anywhere,
                                    burst_is_forwarded,
                                    NULL};
    const TTest *const pages[] = {pages_in_every_state, super_frames_in_pages,
                                  damaged_super_frames_are_not_cut, tags_and_big_tcp_are_cut, NULL};
    Suite *suite = suite_create("recipes");

    suite_add(suite, "nat", nat);
    suite_add(suite, "headers", headers);
    suite_add(suite, "devices", devices);
    suite_add(suite, "pages", pages);
    return suite_run(suite);
}
