// SPDX-License-Identifier: MIT
/* The recipes that pass frames from device to device: TAP, TUN, rings, bursts, pages. */
#include "recipes_checks.h"

/* ---- TAP, TUN and ring --------------------------------------------------------------------- */

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
    const TTest *const devices[] = {tap_to_ring_and_back,
                                    super_frames_between_tap_and_ring,
                                    tun_to_ring_and_back,
                                    a_tun_takes_no_tags,
                                    ring_buffer_wraps_anywhere,
                                    burst_is_forwarded,
                                    NULL};
    const TTest *const pages[] = {pages_in_every_state, super_frames_in_pages,
                                  damaged_super_frames_are_not_cut, tags_and_big_tcp_are_cut, NULL};
    Suite *suite = suite_create("recipes_devices");

    suite_add(suite, "devices", devices);
    suite_add(suite, "pages", pages);
    return suite_run(suite);
}
