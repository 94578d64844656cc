// SPDX-License-Identifier: MIT
/*
 * Packets of every kind that csumoff_locate() knows, sent, received and cut. Behind headers that
 * Linux's backend or a device does not know, and for protocols that they do not finish, all is done
 * here or refused, and no seed is left behind. Expectations are the oracle's.
 */
#include <csumoff_netfront.h>
#include <csumoff_virtio.h>
#include <stddef.h>
#include <string.h>

#include "../oracle/packets.h"
#include "../oracle/suite.h"

enum {
    BOTH = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED,
    GATHERED = 512,
    PIECES = 4
};

static const struct csumoff_netfront_caps all = {true, true, true, true, true};
static const struct csumoff_virtio_caps device = {true, true, true, true, true};

static struct packet packet, want;
static struct guarded guard;
static const struct level *const level = &packet.level[0];

static uint8_t *placed(void)
{
    if (!guard.map)
        CHECK(guarded_new(&guard, PACKET_SIZE));
    return memcpy(guard.end - packet.len, packet.bytes, packet.len);
}

static void check_bytes(const char *what, const struct packet *as, const uint8_t *p)
{
    for (size_t i = 0; i < packet.len; i++)
        if (p[i] != as->bytes[i])
            ck_abort_msg("%s: byte %zu is 0x%02X, not 0x%02X (L3 %zu, L4 %zu): %s", what, i, p[i],
                         as->bytes[i], level->l3, level->l4, spec_text(&packet.spec));
}

static void check_status(const char *what, int got, int expected)
{
    if (got != expected)
        ck_abort_msg("%s: status %d, not %d: %s", what, got, expected, spec_text(&packet.spec));
}

static bool is_tcp_udp(void)
{
    return level->proto == PROTO_TCP || level->proto == PROTO_UDP;
}

/* What virtio-net's NEEDS_CSUM is for. */
static bool is_common(void)
{
    return is_tcp_udp() || level->proto == PROTO_ICMP || level->proto == PROTO_ICMPV6;
}

static bool has_tags(bool known)
{
    const struct level_spec *s = &packet.spec.level[0];
    bool has = false;

    for (size_t i = 0; i < s->tag_count; i++)
        has |= known ? s->tags[i] == 0x8100 || s->tags[i] == 0x88A8
                     : s->tags[i] != 0x8100 && s->tags[i] != 0x88A8;
    return has;
}

/* Whether segmentation offload may be asked for: of no header in front but tags that Linux knows,
 * and no authentication header in IPv4. */
static bool is_plain(void)
{
    const struct level_spec *s = &packet.spec.level[0];

    return s->carrier == CARRIER_ETHERTYPE && !s->labels && !has_tags(false) &&
           level->end - level->l3 <= 65535 + 40 && !(s->version == 4 && strchr(s->chain, 'a'));
}

/* Whether Linux's backend finds the checksum; headers that it gives up on are its own affair. */
static bool is_found(void)
{
    const struct csumoff_netfront_slot blank = {.flags = BOTH};
    const enum csumoff_drop why = csumoff_netback_drops(packet.bytes, packet.len, &blank);

    if (why == CSUMOFF_DROP_NONE && level->finding == FOUND)
        CHECK(is_plain() && !has_tags(true) && is_tcp_udp());
    return why == CSUMOFF_DROP_NONE;
}

/* The next packet; false: it is not for a frontend. */
static bool build(const struct packet_spec *spec, struct rng *rng)
{
    struct packet_spec s = *spec;

    s.level[0].ethernet = true;
    s.level[0].is_zero_long = s.level[0].is_udp_zero = false;
    packet_build(&packet, &s, rng);
    return packet.len <= 65535;
}

/* What is wanted is the packet as it is: all of it but the room behind it. */
static void want_packet(void)
{
    memcpy(&want, &packet, offsetof(struct packet, bytes) + packet.len);
}

/* The frame complete at its outermost level. */
static void completed(void)
{
    want_packet();
    packet_set_l3(&want, 0);
    packet_set_complete(&want, 0);
}

/* A finished seed is never 0. */
static void finished(void)
{
    completed();
    if (!level->is_crc32c && packet_field(&want, 0) == 0)
        packet_set_field(&want, 0, 0xFFFF);
}

static void seeded(void)
{
    want_packet();
    packet_set_l3(&want, 0);
    packet_set_field(&want, 0, packet_seed(&packet, 0));
}

/* Cuts p into pieces of any length. */
static void cut(uint8_t *p, struct csumoff_iov *iov, struct rng *rng)
{
    size_t left = packet.len;

    for (size_t i = 0; i < PIECES; i++) {
        size_t n = i + 1 == PIECES ? left : rng_below(rng, left + 1);

        iov[i] = (struct csumoff_iov){p, n};
        p += n;
        left -= n;
    }
}

/* Sends it whole and in pieces; the bytes become those of `want`, or stay on error. */
static struct csumoff_netfront_slot send(const char *what, const struct csumoff_hint *hint,
                                         int status, uint16_t flags, struct rng *rng)
{
    struct csumoff_netfront_slot slot = {99, 0, 0}, pieces_slot = {99, 0, 0};
    const struct packet *as = status ? &packet : &want;
    struct csumoff_iov iov[PIECES];
    uint8_t *p = placed();
    int got = csumoff_netfront_tx(p, packet.len, &all, hint, &slot);

    check_status(what, got, status);
    check_bytes(what, as, p);
    CHECK_EQ(slot.flags, status ? 99 : flags);
    p = placed();
    cut(p, iov, rng);
    got = csumoff_netfront_tx_iov(iov, PIECES, &all, hint, &pieces_slot);
    if (got == CSUMOFF_ENOTSUP && status != got) {
        CHECK(packet.len > GATHERED && level->l4 + 28 > GATHERED);
        as = &packet;
    } else {
        check_status(what, got, status);
        CHECK_EQ(pieces_slot.flags, slot.flags);
    }
    check_bytes(what, as, p);
    return slot;
}

static void send_virtio(const char *what, const struct csumoff_hint *hint, int status, bool is_told)
{
    struct csumoff_virtio_hdr hdr = {.flags = 99};
    uint8_t *p = placed();

    if (level->l4 > UINT16_MAX - 100)
        return;
    check_status(what, csumoff_virtio_tx(p, packet.len, CSUMOFF_LINK_ETHERNET, &device, hint, &hdr),
                 status);
    check_bytes(what, status ? &packet : &want, p);
    if (status)
        return;
    CHECK_EQ(hdr.flags, is_told ? CSUMOFF_VIRTIO_NEEDS_CSUM : 0);
    CHECK_EQ(hdr.csum_start, is_told ? level->l4 : 0);
    CHECK_EQ(hdr.csum_offset, is_told ? level->csum_offset : 0);
}

/* Of a frame that has a checksum of its own. */
static void check_found(struct rng *rng)
{
    struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 0, NULL};
    bool found = is_found(), told = is_tcp_udp();

    /* The stack left the field as it was. */
    found ? seeded() : completed();
    send("none", NULL, CSUMOFF_OK, found ? BOTH : 0, rng);
    told ? seeded() : completed();
    send_virtio("virtio, none", NULL, CSUMOFF_OK, told);

    if (level->proto == PROTO_OSPF)
        return; /* nobody seeds it: what its sum leaves out has no place in a field */
    /* It holds a seed; SCTP's field holds anything. */
    if (!level->is_crc32c)
        packet_set_field(&packet, 0, packet_seed(&packet, 0));
    for (size_t i = 0; i < 2; i++) {
        found ? seeded() : finished();
        send("seeded", &hint, CSUMOFF_OK, found ? BOTH : 0, rng);
        is_common() ? seeded() : finished();
        send_virtio("virtio, seeded", &hint, CSUMOFF_OK, is_common());
        hint.csum_start = (uint32_t)level->l4;
        hint.csum_offset = (uint32_t)level->csum_offset;
    }
    if (level->is_crc32c) { /* a place inside would be summed as well */
        int status = level->l4 + 12 + 10 > level->end ? CSUMOFF_ERANGE : CSUMOFF_ENOTSUP;

        hint.csum_start += 12;
        send("inside", &hint, status, 0, rng);
        send_virtio("virtio, inside", &hint, status, false);
    }
}

/* Of a frame that has none, or none that can be made. */
static void check_other(struct rng *rng)
{
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_AS_IS,
                                            CSUMOFF_TX_VERIFIED, CSUMOFF_TX_SEEDED};

    for (size_t i = 0; i < 4; i++) {
        const struct csumoff_hint hint = {wants[i], 0, 0, 0, NULL};
        bool needs = wants[i] == CSUMOFF_TX_COMPUTE || wants[i] == CSUMOFF_TX_SEEDED;
        int status = CSUMOFF_OK;

        if (level->finding == NOT_RESOLVABLE && needs)
            status = CSUMOFF_ENOTSUP;
        else if (wants[i] == CSUMOFF_TX_SEEDED)
            status = level->finding == NOT_WHOLE ? CSUMOFF_EFRAG : CSUMOFF_EPROTO;
        want = packet;
        if (needs)
            packet_set_l3(&want, 0);
        send("other", &hint, status,
             wants[i] == CSUMOFF_TX_VERIFIED ? CSUMOFF_NETTXF_DATA_VALIDATED : 0, rng);
        send_virtio("virtio, other", &hint, status, false);
    }
}

START_TEST(sent)
{
    struct rng rng = rng_new(1);
    size_t of[NOT_RESOLVABLE + 1] = {0}, crcs = 0, taken = 0;

    for (size_t i = 0; i < effort(30000, 3000) + spec_count(); i++) {
        struct packet_spec spec = i < spec_count() ? spec_at(i) : spec_random(&rng, 3);

        if (!build(&spec, &rng))
            continue;
        of[level->finding]++;
        crcs += level->finding == FOUND && level->is_crc32c;
        taken += level->finding == FOUND && is_found();
        level->finding == FOUND ? check_found(&rng) : check_other(&rng);
    }
    for (size_t i = 0; i <= NOT_RESOLVABLE; i++)
        ck_assert_uint_gt(of[i], 10);
    ck_assert_uint_gt(crcs, 10);
    ck_assert_uint_gt(taken, 100);
}
END_TEST

/* In pieces it is the same, but where the headers are longer than what is gathered. */
static void check_pieces(const struct csumoff_netfront_slot *slot, int status, struct rng *rng)
{
    struct csumoff_iov iov[PIECES];
    uint8_t *p = placed();
    int got;

    cut(p, iov, rng);
    got = csumoff_netfront_rx_finish_iov(iov, PIECES, slot);
    if (got == CSUMOFF_ENOTSUP && status != got) {
        CHECK(packet.len > GATHERED && level->l4 + 28 > GATHERED);
        check_bytes("refused in pieces", &packet, p);
        return;
    }
    check_status("in pieces", got, status);
    if (status)
        want_packet();
    else
        packet_seed(&packet, 0) ? finished() : completed(); /* no seed: computed */
    check_bytes("in pieces", &want, p);
    placed();
}

/* What comes blank is finished, whatever it is. */
START_TEST(received)
{
    struct rng rng = rng_new(2);

    for (size_t i = 0; i < effort(30000, 3000); i++) {
        const struct csumoff_netfront_slot blank = {CSUMOFF_NETRXF_CSUM_BLANK, 0, 0};
        struct packet_spec spec = spec_random(&rng, 2);
        struct csumoff_rx rx;
        int status;
        uint8_t *p;

        if (!build(&spec, &rng) || level->proto == PROTO_OSPF)
            continue;
        packet_set_l3(&packet, 0);
        if (level->finding == FOUND && !level->is_crc32c)
            packet_set_field(&packet, 0, packet_seed(&packet, 0));
        p = placed();
        status = csumoff_netfront_rx(p, packet.len, &blank, &rx);
        CHECK_EQ(status == CSUMOFF_OK, level->finding == FOUND);
        check_bytes("looked at", &packet, p);
        check_pieces(&blank, status, &rng);
        CHECK_EQ(csumoff_netfront_rx_finish(p, packet.len, &blank), status);
        if (status) {
            check_bytes("refused", &packet, p);
            continue;
        }
        CHECK_EQ(rx.csum_start, level->l4);
        CHECK_EQ(rx.csum_offset, level->csum_offset);
        packet_seed(&packet, 0) ? finished() : completed(); /* no seed: computed */
        check_bytes("finished", &want, p);
    }
}
END_TEST

/* Nothing is segmented, or told to be, that the other side would not know how to. */
START_TEST(cut_up)
{
    struct rng rng = rng_new(3);
    size_t cuts = 0, refusals = 0;

    for (size_t i = 0; i < effort(30000, 3000); i++) {
        const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 10, NULL};
        struct packet_spec spec = spec_random(&rng, 2);
        struct csumoff_segments segments;
        struct csumoff_netfront_slot slot;
        struct csumoff_virtio_hdr hdr;
        const struct level *innermost;
        unsigned listed;
        bool is_long;
        int status;

        if (!build(&spec, &rng) || level->finding != FOUND)
            continue;
        listed = packet_listed(&packet);
        innermost = &packet.level[listed - 1];
        /* Longer than mss, whatever counts as header, in the innermost packet. */
        is_long = innermost->payload &&
                  innermost->end - innermost->payload > 40 + packet.spec.level[listed - 1].slack;
        status = csumoff_netfront_tx(placed(), packet.len, &all, &hint, &slot);
        if (status == CSUMOFF_OK && is_long)
            CHECK(slot.gso_type && is_plain() && !has_tags(true) && level->proto == PROTO_TCP);
        status =
            csumoff_virtio_tx(placed(), packet.len, CSUMOFF_LINK_ETHERNET, &device, &hint, &hdr);
        if (status == CSUMOFF_OK && is_long)
            CHECK(hdr.gso_type && is_plain() && is_tcp_udp());
        refusals += status != CSUMOFF_OK;
        status = csumoff_segment_begin(&segments, packet.bytes, packet.len, CSUMOFF_LINK_ETHERNET,
                                       10, false);
        if (status == CSUMOFF_OK) {
            static uint8_t out[2000];
            size_t len, count = 0;

            CHECK(is_plain() && is_tcp_udp());
            while (csumoff_segment_next(&segments, out, sizeof out, &len) == CSUMOFF_OK && len) {
                CHECK_EQ(csumoff_verify(out, len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
                count++;
            }
            CHECK_EQ(count, segments.count);
            cuts++;
        }
    }
    ck_assert_uint_gt(cuts, 100);
    ck_assert_uint_gt(refusals, 100);
}
END_TEST

/* A jumbogram's length is in an option, of which segmentation knows nothing; else it is a packet
 * like any other. */
START_TEST(jumbograms)
{
    struct rng rng = rng_new(4);

    for (size_t i = 0; i < 2; i++) {
        struct packet_spec spec = spec_plain(6, i ? PROTO_UDP : PROTO_TCP, 66000, "j");
        const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 1000, NULL};
        struct csumoff_segments segments;

        spec.level[0].is_udp_zero = i;
        packet_build(&packet, &spec, &rng);
        seeded();
        send_virtio("jumbogram", NULL, CSUMOFF_OK, true);
        send_virtio("jumbogram to be cut", &hint, CSUMOFF_ENOTSUP, false);
        CHECK_EQ(csumoff_segment_begin(&segments, packet.bytes, packet.len, CSUMOFF_LINK_ETHERNET,
                                       1000, false),
                 CSUMOFF_ENOTSUP);
    }
}
END_TEST

/* Of pieces the first 512 bytes are gathered; a whole frame may have longer headers. */
START_TEST(headers_longer_than_is_gathered)
{
    enum {
        OPTIONS = 600,
        LEN = 14 + 40 + OPTIONS + 20
    };
    uint8_t p[LEN] = {0}, before[LEN];
    const struct csumoff_iov iov[2] = {{p, 100}, {p + 100, LEN - 100}};
    const struct csumoff_netfront_slot blank = {CSUMOFF_NETRXF_CSUM_BLANK, 0, 0};
    struct csumoff_netfront_slot tx;
    struct csumoff_rx rx;

    store_wire16(p + 12, 0x86DD);
    p[14] = 0x60;
    store_wire16(p + 18, OPTIONS + 20);
    p[20] = 60; /* destination options, of Pad1 alone */
    p[54] = PROTO_TCP;
    p[55] = OPTIONS / 8 - 1;
    p[54 + OPTIONS + 12] = 0x50;
    p[54 + OPTIONS + 16] = 1;
    memcpy(before, p, LEN);
    CHECK_EQ(csumoff_netfront_rx_iov(iov, 2, &blank, &rx), CSUMOFF_ENOTSUP);
    CHECK_EQ(csumoff_netfront_rx_finish_iov(iov, 2, &blank), CSUMOFF_ENOTSUP);
    CHECK_EQ(csumoff_netfront_tx_iov(iov, 2, &all, NULL, &tx), CSUMOFF_ENOTSUP);
    CHECK(same_bytes(p, before, LEN));
    CHECK_EQ(csumoff_netfront_rx(p, LEN, &blank, &rx), CSUMOFF_OK);
}
END_TEST

/* Nobody segments behind an MPLS label, or along a route that can't be resolved: who says that a
 * frame was to be segmented there is not believed. */
START_TEST(received_to_be_cut)
{
    const struct csumoff_virtio_policy policy = {true, true};
    struct rng rng = rng_new(5);

    for (size_t i = 0; i < 3; i++) {
        struct packet_spec spec = spec_plain(i == 2 ? 6 : 4, PROTO_TCP, 300, i == 2 ? "u" : "");
        struct csumoff_virtio_hdr hdr = {.flags = CSUMOFF_VIRTIO_NEEDS_CSUM,
                                         .gso_type = i == 2 ? CSUMOFF_VIRTIO_GSO_TCPV6
                                                            : CSUMOFF_VIRTIO_GSO_TCPV4,
                                         .gso_size = 100,
                                         .csum_offset = 16};
        const int refused = i == 0 ? CSUMOFF_OK : i == 1 ? CSUMOFF_EHDR : CSUMOFF_ENOTSUP;
        struct csumoff_netfront_slot slot;
        struct csumoff_rx virtio, rx;
        uint8_t *p;

        spec.level[0].labels = i == 1;
        packet_build(&packet, &spec, &rng);
        packet_set_l3(&packet, 0);
        p = placed();
        hdr.csum_start = (uint16_t)level->l4;
        CHECK_EQ(csumoff_virtio_rx(p, packet.len, CSUMOFF_LINK_ETHERNET, &hdr, &policy, &virtio),
                 refused);
        slot.flags = CSUMOFF_NETRXF_CSUM_BLANK;
        slot.gso_type = i == 2 ? CSUMOFF_NETIF_GSO_TYPE_TCPV6 : CSUMOFF_NETIF_GSO_TYPE_TCPV4;
        slot.gso_size = 100;
        CHECK_EQ(csumoff_netfront_rx(p, packet.len, &slot, &rx), refused);
    }
}
END_TEST

/* A device finishes where it is told to; nobody else can along such a route. */
START_TEST(seed_along_an_unresolvable_route)
{
    const struct packet_spec spec = spec_plain(6, PROTO_UDP, 30, "u");
    struct rng rng = rng_new(6);

    packet_build(&packet, &spec, &rng);
    for (int has_csum = 0; has_csum < 2; has_csum++) {
        const struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, (uint32_t)level->l4, 6, 0, NULL};
        const struct csumoff_virtio_caps caps = {.csum = has_csum};
        struct csumoff_virtio_hdr hdr;
        const uint8_t *p = placed();

        CHECK_EQ(csumoff_virtio_tx(placed(), packet.len, CSUMOFF_LINK_ETHERNET, &caps, &hint, &hdr),
                 has_csum ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
        check_bytes("as it was", &packet, p);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {sent,
                                  received,
                                  cut_up,
                                  jumbograms,
                                  headers_longer_than_is_gathered,
                                  received_to_be_cut,
                                  seed_along_an_unresolvable_route,
                                  NULL};
    Suite *suite = suite_create("kinds");

    suite_add(suite, "kinds", tests);
    return suite_run(suite);
}
