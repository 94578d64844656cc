// SPDX-License-Identifier: MIT
/*
 * Receiving and what follows: any packet under any slot or header, states of packets inside one
 * another, addresses that are rewritten before a frame is sent on. What was damaged on its way here
 * stays damaged. Expectations are the oracle's.
 */
#include <csumoff_netfront.h>
#include <csumoff_virtio.h>

#include "anything.h"
#include "same_rx.h"

enum {
    BLANK = CSUMOFF_NETRXF_CSUM_BLANK,
    VALIDATED = CSUMOFF_NETRXF_DATA_VALIDATED,
    NEEDS = CSUMOFF_VIRTIO_NEEDS_CSUM,
    VALID = CSUMOFF_VIRTIO_DATA_VALID,
    RSC = CSUMOFF_VIRTIO_RSC_INFO,
    TUNNEL_SUM = CSUMOFF_VIRTIO_UDP_TUNNEL_CSUM,
    IN_UDP4 = CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV4,
    IN_UDP6 = CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV6,
    BURST = 10 /* more than are fetched ahead */
};

static struct packet packet, want;
static struct guarded guard, copy_guard;
static struct rng rng;

static const struct csumoff_virtio_policy trusting = {true, true};

static uint8_t *placed(void)
{
    return place(&guard, &packet);
}

static void check_bytes(const char *what, const struct packet *as, const uint8_t *p)
{
    for (size_t i = 0; i < packet.len; i++)
        if (p[i] != as->bytes[i])
            ck_abort_msg("%s: byte %zu is 0x%02X, not 0x%02X: %s", what, i, p[i], as->bytes[i],
                         spec_text(&packet.spec));
}

static void check_status(const char *what, int got, int expected)
{
    if (got != expected)
        ck_abort_msg("%s: status %d, not %d: %s", what, got, expected, spec_text(&packet.spec));
}

/* After an error all is as it was. */
static void check_rx(const char *what, int status, const struct csumoff_rx *got,
                     const struct csumoff_rx *expected)
{
    const uint8_t *p = (const uint8_t *)got;

    if (status == CSUMOFF_OK && !same_rx(got, expected))
        ck_abort_msg("%s: state %d, place %u + %u, GSO %u of %u, no_seed %d: %s", what, got->state,
                     got->csum_start, got->csum_offset, got->gso_type, got->gso_size, got->no_seed,
                     spec_text(&packet.spec));
    for (size_t i = 0; status && i < sizeof *got; i++)
        if (p[i] != POISON)
            ck_abort_msg("%s: touched on an error: %s", what, spec_text(&packet.spec));
}

/* ---- Either side ------------------------------------------------------------------------- */

/* What is beside a frame, and who says so. */
struct beside {
    bool is_xen;
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_virtio_policy policy;
    enum csumoff_link link;
};

static int rx_of(const struct beside *b, const uint8_t *p, struct csumoff_rx *rx)
{
    return b->is_xen ? csumoff_netfront_rx(p, packet.len, &b->slot, rx)
                     : csumoff_virtio_rx(p, packet.len, b->link, &b->hdr, &b->policy, rx);
}

static int rx_iov_of(const struct beside *b, const struct csumoff_iov *iov, size_t count,
                     struct csumoff_rx *rx)
{
    return b->is_xen ? csumoff_netfront_rx_iov(iov, count, &b->slot, rx)
                     : csumoff_virtio_rx_iov(iov, count, b->link, &b->hdr, &b->policy, rx);
}

static int finish_of(const struct beside *b, uint8_t *p)
{
    return b->is_xen ? csumoff_netfront_rx_finish(p, packet.len, &b->slot)
                     : csumoff_virtio_rx_finish(p, packet.len, b->link, &b->hdr, &b->policy);
}

static int finish_iov_of(const struct beside *b, const struct csumoff_iov *iov, size_t count)
{
    return b->is_xen ? csumoff_netfront_rx_finish_iov(iov, count, &b->slot)
                     : csumoff_virtio_rx_finish_iov(iov, count, b->link, &b->hdr, &b->policy);
}

/* What is to come of it: `want` is what a finished frame has to be. */
struct outcome {
    int status, finish_status;
    struct csumoff_rx rx;
};

static void receive_pieces(const struct beside *b, const struct outcome *outcome,
                           const struct csumoff_iov *iov, size_t count)
{
    struct csumoff_rx rx;
    int status;

    memset(&rx, POISON, sizeof rx);
    status = rx_iov_of(b, iov, count, &rx);
    if (status != CSUMOFF_ENOTSUP || !may_be_far(&packet)) {
        check_status("rx in pieces", status, outcome->status);
        check_rx("rx in pieces", status, &rx, &outcome->rx);
    }
    check_bytes("rx in pieces", &packet, joined(iov, count));
    status = finish_iov_of(b, iov, count);
    if (status == CSUMOFF_ENOTSUP && may_be_far(&packet)) {
        check_bytes("refused in pieces", &packet, joined(iov, count));
    } else {
        check_status("finish in pieces", status, outcome->finish_status);
        check_bytes("finish in pieces", status ? &packet : &want, joined(iov, count));
    }
}

static void receive_in_pieces(const struct beside *b, const struct outcome *outcome)
{
    struct csumoff_iov iov[PIECES];

    if (packet.len > 150 || rng_below(&rng, 64)) {
        const struct level *l = &packet.level[0];
        size_t count = cut(placed(), packet.len, iov, &rng);

        receive_pieces(b, outcome, iov, count);
        if (l->finding != FOUND)
            return;
        part(&packet, l->l4 + l->fixed, &guard, &copy_guard, iov);
        receive_pieces(b, outcome, iov, 2);
        return;
    }
    for (size_t at = 0; at <= packet.len; at++) {
        part(&packet, at, &guard, &copy_guard, iov);
        receive_pieces(b, outcome, iov, 2);
    }
}

/* Behind frames that are refused, if a frame of no bytes is. */
static void receive_in_burst(const struct beside *b, const struct outcome *outcome)
{
    struct csumoff_netfront_rx_item xen[BURST], *last_xen = &xen[BURST - 1];
    struct csumoff_virtio_rx_item virtio[BURST], *last_virtio = &virtio[BURST - 1];
    uint8_t *p = placed();

    memset(xen, POISON, sizeof xen);
    memset(virtio, POISON, sizeof virtio);
    for (size_t i = 0; i < BURST; i++) {
        xen[i].frame = virtio[i].frame = p;
        xen[i].len = virtio[i].len = i == BURST - 1 ? packet.len : 0;
        xen[i].slot = b->slot;
        virtio[i].hdr = b->hdr;
    }
    for (size_t finish = 0; finish < 2; finish++) {
        const int expected = finish ? outcome->finish_status : outcome->status;
        const char *what = finish ? "finish in a burst" : "rx in a burst";
        size_t done, others = 0;

        if (b->is_xen)
            done = finish ? csumoff_netfront_rx_finish_burst(xen, BURST)
                          : csumoff_netfront_rx_burst(xen, BURST);
        else
            done = finish ? csumoff_virtio_rx_finish_burst(virtio, BURST, b->link, &b->policy)
                          : csumoff_virtio_rx_burst(virtio, BURST, b->link, &b->policy);
        for (size_t i = 0; i < BURST - 1; i++)
            others += (b->is_xen ? xen[i].status : virtio[i].status) == CSUMOFF_OK;
        CHECK(others == 0 || others == BURST - 1);
        CHECK_EQ(done, others + (expected == CSUMOFF_OK));
        check_status(what, b->is_xen ? last_xen->status : last_virtio->status, expected);
        if (!finish)
            check_rx(what, expected, b->is_xen ? &last_xen->rx : &last_virtio->rx, &outcome->rx);
    }
    check_bytes("finish in a burst", outcome->finish_status ? &packet : &want, p);
}

static void receive_copy(const struct beside *b, const struct outcome *outcome)
{
    const uint8_t *src = placed();
    uint8_t *dst = place(&copy_guard, &packet);
    int status;

    if (outcome->finish_status == CSUMOFF_OK)
        memset(dst, POISON, packet.len);
    status = csumoff_netfront_rx_finish_copy(dst, src, packet.len, &b->slot);
    check_bytes("the source of a copy", &packet, src);
    if (status == CSUMOFF_ENOTSUP && may_be_far(&packet))
        return;
    check_status("finish as a copy", status, outcome->finish_status);
    check_bytes("finish as a copy", status ? &packet : &want, dst);
}

/* Receives it in every way. */
static void receive(const struct beside *b, const struct outcome *outcome)
{
    struct csumoff_rx rx;
    uint8_t *p = placed();
    int status;

    memset(&rx, POISON, sizeof rx);
    status = rx_of(b, p, &rx);
    check_status("rx", status, outcome->status);
    check_rx("rx", status, &rx, &outcome->rx);
    check_bytes("rx", &packet, p);
    check_status("finish", finish_of(b, p), outcome->finish_status);
    check_bytes("finish", outcome->finish_status ? &packet : &want, p);
    receive_in_pieces(b, outcome);
    receive_in_burst(b, outcome);
    if (b->is_xen)
        receive_copy(b, outcome);
}

static struct outcome refused(int status)
{
    return (struct outcome){.status = status, .finish_status = status};
}

/* ---- From Xen ---------------------------------------------------------------------------- */

static int locating(void)
{
    if (!is_ip(&packet))
        return CSUMOFF_EPROTO;
    switch (packet.level[0].finding) {
    case FOUND:
        return CSUMOFF_OK;
    case NOT_WHOLE:
        return CSUMOFF_EFRAG;
    case NOT_RESOLVABLE:
        return CSUMOFF_ENOTSUP;
    default:
        return CSUMOFF_EPROTO;
    }
}

/* Whether Linux would segment it: nothing in front but tags it knows, no header that can't be
 * repeated. */
static bool is_segmentable(void)
{
    const struct level_spec *s = &packet.spec.level[0];

    for (size_t i = 0; i < s->tag_count; i++)
        if (s->tags[i] == 0x9100)
            return false;
    return !s->labels && s->carrier == CARRIER_ETHERTYPE && !strpbrk(s->chain, "afFM");
}

static struct outcome expect_from_xen(const struct csumoff_netfront_slot *slot)
{
    const struct level *l = &packet.level[0];
    struct outcome outcome = {
        .rx = {.state = slot->flags & VALIDATED ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE}};

    copy_packet(&want, &packet);
    if (!(slot->flags & BLANK) && !slot->gso_type)
        return outcome;
    if (locating())
        return refused(locating());
    if (slot->gso_type > CSUMOFF_NETIF_GSO_TYPE_TCPV6)
        return refused(CSUMOFF_ENOTSUP);
    if (slot->gso_type && (l->proto != PROTO_TCP || l->version != 2 * slot->gso_type + 2 ||
                           !slot->gso_size || !is_segmentable()))
        return refused(CSUMOFF_EHDR);
    outcome.rx.state = CSUMOFF_PARTIAL;
    outcome.rx.csum_start = (uint32_t)l->l4;
    outcome.rx.csum_offset = (uint32_t)l->csum_offset;
    outcome.rx.gso_type = slot->gso_type;
    outcome.rx.gso_size = slot->gso_type ? slot->gso_size : 0;
    outcome.rx.no_seed = !l->is_crc32c && (!(slot->flags & BLANK) || packet_field(&packet, 0) == 0);
    outcome.rx.no_seed ? packet_set_complete(&want, 0) : finish_level(&want, 0);
    return outcome;
}

START_TEST(anything_from_xen)
{
    size_t rounds = effort(30000, 1500), partial = 0, super = 0, no_seed = 0, errors = 0;

    rng = rng_new(1);
    for (size_t i = 0; i < rounds; i++) {
        const struct packet_spec spec = any_spec(&rng);
        struct beside b = {.is_xen = true};
        struct outcome outcome;

        build_any(&packet, &spec, true, &rng);
        if (packet.len > 65535 || packet.level[0].proto == PROTO_OSPF)
            continue;
        b.slot.flags = (uint16_t)rng_below(&rng, 16);
        if (rng_below(&rng, 3) == 0) {
            b.slot.gso_type = (uint8_t)(rng_below(&rng, 8) ? 1 + rng_below(&rng, 2) : 3);
            b.slot.gso_size = (uint16_t)(rng_below(&rng, 4) * 100);
        }
        if (packet.level[0].finding == FOUND && b.slot.flags & BLANK && !packet.level[0].is_crc32c)
            packet_set_field(&packet, 0, rng_below(&rng, 6) ? packet_seed(&packet, 0) : 0);
        outcome = expect_from_xen(&b.slot);
        receive(&b, &outcome);
        partial += outcome.rx.state == CSUMOFF_PARTIAL;
        super += outcome.rx.gso_type != 0;
        no_seed += outcome.rx.no_seed;
        errors += outcome.status != CSUMOFF_OK;
    }
    ck_assert_uint_gt(partial, rounds / 5);
    ck_assert_uint_gt(super, rounds / 200);
    ck_assert_uint_gt(no_seed, rounds / 100);
    ck_assert_uint_gt(errors, rounds / 50);
}
END_TEST

/* ---- From virtio-net --------------------------------------------------------------------- */

enum {
    NOWHERE = -1 /* a place at which nothing is known to be */
};

static struct outcome expect_from_virtio(const struct beside *b, int target)
{
    const struct csumoff_virtio_hdr *hdr = &b->hdr;
    struct outcome outcome = {.rx = {.state = hdr->flags & VALID && b->policy.data_valid
                                                  ? CSUMOFF_UNNECESSARY
                                                  : CSUMOFF_NONE}};
    const size_t at = (size_t)hdr->csum_start + hdr->csum_offset;
    bool is_crc;

    copy_packet(&want, &packet);
    if (!(hdr->flags & NEEDS))
        return outcome;
    if (!b->policy.guest_csum)
        return refused(CSUMOFF_ENOTSUP);
    if (hdr->flags & RSC)
        return refused(CSUMOFF_EHDR);
    /* No checksum starts in what at least an IPv4 header takes. */
    if (hdr->csum_start < 20 || at + 2 > packet.len)
        return refused(CSUMOFF_ERANGE);
    /* Behind such a route nobody knows whether it is SCTP's. */
    if (packet.level[0].finding == NOT_RESOLVABLE && is_ip(&packet) &&
        hdr->csum_offset == SCTP_OFFSET && load_wire16(packet.bytes + at) == 0)
        return refused(CSUMOFF_ENOTSUP);
    is_crc = target != NOWHERE && packet.level[target].is_crc32c;
    outcome.rx.state = CSUMOFF_PARTIAL;
    outcome.rx.csum_start = hdr->csum_start;
    outcome.rx.csum_offset = hdr->csum_offset;
    outcome.rx.no_seed = !is_crc && load_wire16(packet.bytes + at) == 0;
    if (target == NOWHERE) {
        if (outcome.rx.no_seed || hdr->csum_offset == SCTP_OFFSET)
            outcome.finish_status = CSUMOFF_ENOTSUP;
        else
            finish_place(want.bytes, hdr->csum_start, hdr->csum_offset, packet.len);
    } else if (is_crc || outcome.rx.no_seed) {
        fill_levels(&want, target, target, false);
    } else {
        finish_level(&want, target);
    }
    return outcome;
}

/* Chooses a place, and puts a seed there. Returns the level, or NOWHERE. */
static int choose_place(struct csumoff_virtio_hdr *hdr)
{
    static const uint8_t offsets[] = {16, 6, SCTP_OFFSET, 2};
    unsigned listed = is_ip(&packet) ? packet_listed(&packet) : 0;

    if (listed && rng_below(&rng, 4)) {
        unsigned i = (unsigned)rng_below(&rng, listed);
        const struct level *l = &packet.level[i];

        hdr->csum_start = (uint16_t)l->l4;
        hdr->csum_offset = (uint16_t)l->csum_offset;
        if (l->finding == FOUND && l->proto != PROTO_OSPF) {
            if (!l->is_crc32c)
                packet_set_field(&packet, i, rng_below(&rng, 6) ? packet_seed(&packet, i) : 0);
            else if (rng_below(&rng, 2))
                packet_set_field(&packet, i, 0);
            return (int)i;
        }
    }
    hdr->csum_offset = offsets[rng_below(&rng, sizeof offsets)];
    hdr->csum_start = (uint16_t)rng_below(&rng, packet.len + 2);
    for (unsigned i = 0; i < listed; i++)
        if (hdr->csum_start == packet.level[i].l4)
            hdr->csum_start++;
    for (unsigned i = 0; i < listed; i++)
        if (hdr->csum_start == packet.level[i].l4)
            hdr->csum_start++;
    return NOWHERE;
}

static void anything_from(enum csumoff_link link, size_t rounds)
{
    size_t partial = 0, inside = 0, crcs = 0, no_seed = 0;

    for (size_t i = 0; i < rounds; i++) {
        const struct packet_spec spec = any_spec(&rng);
        struct beside b = {.link = link};
        struct outcome outcome;
        int target;

        build_any(&packet, &spec, link == CSUMOFF_LINK_ETHERNET, &rng);
        if (packet.len > 65535)
            continue;
        b.hdr.flags = (uint8_t)(rng_below(&rng, 8) | (rng_below(&rng, 3) ? NEEDS : 0));
        if (rng_below(&rng, 4))
            b.hdr.flags &= (uint8_t)~RSC;
        b.policy.guest_csum = rng_below(&rng, 8);
        b.policy.data_valid = rng_below(&rng, 2);
        target = choose_place(&b.hdr);
        outcome = expect_from_virtio(&b, target);
        receive(&b, &outcome);
        partial += outcome.rx.state == CSUMOFF_PARTIAL;
        inside += outcome.rx.state == CSUMOFF_PARTIAL && target > 0;
        crcs +=
            outcome.rx.state == CSUMOFF_PARTIAL && target >= 0 && packet.level[target].is_crc32c;
        no_seed += outcome.rx.no_seed;
    }
    ck_assert_uint_gt(partial, rounds / 5);
    ck_assert_uint_gt(inside, rounds / 20);
    ck_assert_uint_gt(crcs, rounds / 200);
    ck_assert_uint_gt(no_seed, rounds / 100);
}

START_TEST(anything_from_virtio)
{
    rng = rng_new(2);
    anything_from(CSUMOFF_LINK_ETHERNET, effort(30000, 1500));
    anything_from(CSUMOFF_LINK_IP, effort(10000, 1000));
}
END_TEST

/* A super-frame in a UDP tunnel without a checksum is received for what it is inside. */
START_TEST(super_frames_in_udp_tunnels)
{
    enum {
        IN_GRE = 0xFFFF /* no field, the tunnel is another one */
    };
    static const struct {
        unsigned outer, inner;
        uint8_t proto, flags, type;
        uint16_t field;
        int want;
    } rows[] = {
        {4, 4, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV4 | IN_UDP4, 0, CSUMOFF_OK},
        {4, 6, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV6 | IN_UDP4, 0, CSUMOFF_OK},
        {6, 4, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV4 | IN_UDP6, 0, CSUMOFF_OK},
        {6, 6, PROTO_UDP, NEEDS, CSUMOFF_VIRTIO_GSO_UDP_L4 | IN_UDP6, 0, CSUMOFF_OK},
        {4, 4, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV4 | IN_UDP6, 0, CSUMOFF_EHDR},
        {4, 4, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV6 | IN_UDP4, 0, CSUMOFF_EHDR},
        {4, 4, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV4 | IN_UDP4 | IN_UDP6, 0, CSUMOFF_EHDR},
        {4, 4, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV4, 0, CSUMOFF_EHDR},
        {4, 4, PROTO_TCP, 0, CSUMOFF_VIRTIO_GSO_TCPV4 | IN_UDP4, 0, CSUMOFF_EHDR},
        {4, 4, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV4 | IN_UDP4, 7, CSUMOFF_EHDR},
        {4, 4, PROTO_TCP, NEEDS | TUNNEL_SUM, CSUMOFF_VIRTIO_GSO_TCPV4 | IN_UDP4, 0,
         CSUMOFF_ENOTSUP},
        {4, 4, PROTO_TCP, NEEDS, CSUMOFF_VIRTIO_GSO_TCPV4 | IN_UDP4, IN_GRE, CSUMOFF_EHDR},
    };

    rng = rng_new(3);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct packet_spec spec = {.levels = 2};
        struct beside b = {.policy = trusting};
        struct csumoff_rx rx;
        int got;

        spec.level[0].ethernet = spec.level[1].ethernet = true;
        spec.level[0].version = (uint8_t)rows[i].outer;
        spec.level[0].tunnel = rows[i].field == IN_GRE ? TUNNEL_GRE : TUNNEL_VXLAN;
        spec.level[1].version = (uint8_t)rows[i].inner;
        spec.level[1].proto = rows[i].proto;
        spec.level[1].payload = 3000;
        spec.level[1].data_offset = 5;
        packet_build(&packet, &spec, &rng);
        if (rows[i].field != IN_GRE)
            packet_set_field(&packet, 0, rows[i].field);
        packet_set_field(&packet, 1, packet_seed(&packet, 1));
        b.hdr = (struct csumoff_virtio_hdr){.flags = rows[i].flags,
                                            .gso_type = rows[i].type,
                                            .gso_size = 1000,
                                            .csum_start = (uint16_t)packet.level[1].l4,
                                            .csum_offset = (uint16_t)packet.level[1].csum_offset};
        got = rx_of(&b, placed(), &rx);
        if (got != rows[i].want)
            ck_abort_msg("row %zu: status %d, not %d", i, got, rows[i].want);
        if (got)
            continue;
        CHECK_EQ(rx.state, CSUMOFF_PARTIAL);
        CHECK_EQ(rx.csum_start, packet.level[1].l4);
        CHECK_EQ(rx.gso_type, rows[i].proto == PROTO_UDP ? CSUMOFF_GSO_UDP_L4
                              : rows[i].inner == 4       ? CSUMOFF_GSO_TCPV4
                                                         : CSUMOFF_GSO_TCPV6);
        CHECK_EQ(rx.gso_size, 1000);
        CHECK(!rx.no_seed);
    }
}
END_TEST

/* ---- Damage ------------------------------------------------------------------------------ */

/* Sends a frame on by what was received. Returns its status; the device has done its part. */
static int send_on(uint8_t *p, const struct csumoff_rx *rx, bool to_xen, bool takes)
{
    const struct csumoff_netfront_caps xen = {takes, takes, takes, takes, takes};
    const struct csumoff_virtio_caps caps = {takes, takes, takes, takes, takes};
    const struct csumoff_hint hint = csumoff_forward(rx);
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
    int status;

    if (to_xen) {
        status = csumoff_netfront_tx(p, packet.len, &xen, &hint, &slot);
        if (status == CSUMOFF_OK && slot.flags & CSUMOFF_NETTXF_CSUM_BLANK)
            finish_place(p, packet.level[0].l4, packet.level[0].csum_offset, packet.len);
        return status;
    }
    status = csumoff_virtio_tx(p, packet.len, CSUMOFF_LINK_ETHERNET, &caps, &hint, &hdr);
    if (status == CSUMOFF_OK && hdr.flags & NEEDS)
        finish_place(p, hdr.csum_start, hdr.csum_offset, packet.len);
    return status;
}

/* Only what says that a checksum is unfinished has one finished: no extra slot of another kind, no
 * flag that it was verified, no coalescing. */
START_TEST(damage_stays)
{
    rng = rng_new(4);
    for (size_t i = 0; i < effort(20000, 1000); i++) {
        const struct packet_spec spec = any_spec(&rng);
        struct beside b = {.is_xen = rng_below(&rng, 2), .policy = trusting};
        struct csumoff_rx rx;
        uint8_t *p;

        build_any(&packet, &spec, true, &rng);
        if (packet.len > 65535)
            continue;
        packet_seal(&packet);
        for (size_t n = rng_below(&rng, 3); n; n--)
            packet.bytes[14 + rng_below(&rng, packet.len - 14)] ^=
                (uint8_t)(1u << rng_below(&rng, 8));
        /* Without a gso_type, its size means nothing. */
        b.slot.flags = (uint16_t)(rng_below(&rng, 16) & ~(size_t)BLANK);
        b.slot.gso_size = (uint16_t)(rng_below(&rng, 2) * 1000);
        b.hdr.flags = (uint8_t)(rng_below(&rng, 8) & ~(size_t)NEEDS);
        b.hdr.csum_start = (uint16_t)packet.level[0].l4;
        b.hdr.csum_offset = (uint16_t)packet.level[0].csum_offset;
        p = placed();
        check_status("rx", rx_of(&b, p, &rx), CSUMOFF_OK);
        CHECK(rx.state != CSUMOFF_PARTIAL && rx.gso_type == 0 && rx.gso_size == 0);
        check_status("finish", finish_of(&b, p), CSUMOFF_OK);
        check_bytes("finish", &packet, p);
        for (unsigned to = 0; to < 4; to++)
            check_status("sent on", send_on(p, &rx, to & 1, to & 2), CSUMOFF_OK);
        check_bytes("sent on", &packet, p);
    }
}
END_TEST

/* ---- States, and what is rewritten ------------------------------------------------------- */

static const enum tunnel tunnels[] = {TUNNEL_NONE,   TUNNEL_IP,   TUNNEL_GRE,     TUNNEL_VXLAN,
                                      TUNNEL_GENEVE, TUNNEL_GTPU, TUNNEL_MPLS_UDP};
static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_ICMPV6, PROTO_SCTP};

enum {
    TUNNELS = sizeof tunnels / sizeof *tunnels,
    PROTOS = sizeof protos,
    COMBINATIONS = TUNNELS * PROTOS * 4
};

/* Builds combination i, sealed. Returns the level of the packet inside. */
static unsigned build_tunnel(size_t i)
{
    struct packet_spec spec = {.levels = 1};
    unsigned last = 0;

    spec.level[0].ethernet = true;
    spec.level[0].version = i % 2 ? 6 : 4;
    i /= 2;
    if (tunnels[i % TUNNELS] != TUNNEL_NONE) {
        last = 1;
        spec.levels = 2;
        spec.level[0].tunnel = tunnels[i % TUNNELS];
        spec.level[0].flags = tunnels[i % TUNNELS] == TUNNEL_GRE ? GRE_C : 0;
        spec.level[1].version = i / TUNNELS % 2 ? 6 : 4;
        spec.level[1].ethernet = tunnels[i % TUNNELS] == TUNNEL_VXLAN;
        spec.level[1].labels = tunnels[i % TUNNELS] == TUNNEL_MPLS_UDP;
    }
    i /= TUNNELS * 2;
    spec.level[last].proto = protos[i % PROTOS];
    if (protos[i % PROTOS] == PROTO_ICMPV6) /* over IPv4 it has no pseudo-header */
        spec.level[last].version = 6;
    spec.level[last].payload = rng_below(&rng, 60);
    spec.level[last].data_offset = 5;
    packet_build(&packet, &spec, &rng);
    packet_seal(&packet);
    return last;
}

/* Rewrites the source address of a level in the frame, under the state that it has, and says so to
 * the oracle. */
static void rewrite_source(uint8_t *p, const struct csumoff_rx *rx, unsigned level)
{
    const struct level *l = &packet.level[level];
    size_t size = l->version == 4 ? 4 : 16, at = l->l3 + (l->version == 4 ? 12 : 8), count;
    struct csumoff_layout layouts[4];
    uint8_t address[16];

    rng_fill(&rng, address, sizeof address);
    CHECK_EQ(csumoff_locate_all(p, packet.len, CSUMOFF_LINK_ETHERNET, layouts, 4, &count),
             CSUMOFF_OK);
    CHECK(count > level);
    CHECK_EQ(csumoff_rewrite(p, packet.len, &layouts[level], csumoff_state_of(rx, &layouts[level]),
                             at, address, size),
             CSUMOFF_OK);
    /* Around a seed the caller makes what is around anew; else it is computed when it is sent. */
    if (level == 1 && packet.level[0].finding == FOUND && !l->is_crc32c && !rx->no_seed)
        CHECK_EQ(csumoff_outer(p, packet.len, &layouts[0], rx->csum_start, rx->csum_offset),
                 CSUMOFF_OK);
    memcpy(packet.bytes + at, address, size);
    packet_set_pseudo(&packet, level, address, l->dst);
    packet_seal(&packet);
}

/* The packet whose checksum is unfinished is partial, the ones around it are complete. */
START_TEST(states_of_levels)
{
    rng = rng_new(5);
    for (size_t i = 0; i < COMBINATIONS; i++) {
        unsigned last = build_tunnel(i);
        struct csumoff_layout layouts[4];
        struct csumoff_rx rx = {.state = CSUMOFF_PARTIAL};
        size_t count;

        CHECK_EQ(
            csumoff_locate_all(packet.bytes, packet.len, CSUMOFF_LINK_ETHERNET, layouts, 4, &count),
            CSUMOFF_OK);
        CHECK_EQ(count, last + 1);
        for (unsigned seeded = 0; seeded <= last; seeded++) {
            rx.csum_start = (uint32_t)packet.level[seeded].l4;
            rx.csum_offset = (uint32_t)packet.level[seeded].csum_offset;
            for (unsigned level = 0; level <= last; level++)
                if (packet.level[seeded].finding == FOUND)
                    CHECK_EQ(csumoff_state_of(&rx, &layouts[level]),
                             level == seeded ? CSUMOFF_PARTIAL : CSUMOFF_NONE);
            /* Another field of the same header is another checksum. */
            rx.csum_offset += 2;
            CHECK_EQ(csumoff_state_of(&rx, &layouts[seeded]), CSUMOFF_NONE);
        }
        for (int state = CSUMOFF_NONE; state <= CSUMOFF_COMPLETE; state++) {
            const struct csumoff_rx other = {.state = (enum csumoff_state)state};

            CHECK_EQ(csumoff_state_of(&other, &layouts[0]), state);
        }
    }
}
END_TEST

/* Receives with an unfinished checksum in `level`, has an address of level `at` rewritten (or
 * none: -1), and sends it on: what leaves is right, all of it. */
static void check_nat(unsigned level, int at, uint16_t field, bool from_xen)
{
    const struct level *l = &packet.level[level];
    struct beside b = {.is_xen = from_xen, .policy = trusting, .slot = {.flags = BLANK}};
    char what[120];

    for (unsigned to = 0; to < 4; to++) {
        struct csumoff_rx rx;
        uint8_t *p;
        int status;

        copy_packet(&want, &packet);
        if (!l->is_crc32c)
            packet_set_field(&want, level, field);
        else
            memset(want.bytes + l->l4 + l->csum_offset, field ? 0xA5 : 0, 4);
        b.hdr = (struct csumoff_virtio_hdr){
            .flags = NEEDS, .csum_start = (uint16_t)l->l4, .csum_offset = (uint16_t)l->csum_offset};
        p = place(&guard, &want);
        check_status("rx", rx_of(&b, p, &rx), CSUMOFF_OK);
        CHECK_EQ(rx.state, CSUMOFF_PARTIAL);
        CHECK_EQ(rx.no_seed, !l->is_crc32c && !field);
        if (at >= 0)
            rewrite_source(p, &rx, (unsigned)at);
        if (field && at >= 0 && (unsigned)at == level)
            field = packet_seed(&packet, level);
        snprintf(what, sizeof what, "level %u, field 0x%04X, level %d rewritten, sent on to %s, %s",
                 level, field, at, to & 1 ? "Xen" : "virtio", to & 2 ? "seeds taken" : "no seeds");
        status = send_on(p, &rx, to & 1, to & 2);
        check_status(what, status, CSUMOFF_OK);
        /* Of both forms of zero a finisher makes this one. */
        if (!l->is_crc32c && packet_field(&packet, level) == 0)
            packet_set_field(&packet, level, load_wire16(p + l->l4 + l->csum_offset) ? 0xFFFF : 0);
        check_bytes(what, &packet, p);
    }
}

/* A seed, or a field of 0, and addresses that change: those of the packet whose checksum it is, and
 * those of the packet around it, which is complete. */
START_TEST(addresses_rewritten_in_between)
{
    rng = rng_new(6);
    for (size_t i = 0; i < COMBINATIONS * effort(20, 2); i++) {
        unsigned last = build_tunnel(i % COMBINATIONS);

        for (unsigned is_seeded = 0; is_seeded < 2; is_seeded++) {
            for (int at = -1; at <= (int)last; at++) {
                uint16_t seed = packet.level[last].is_crc32c ? 1 : packet_seed(&packet, last);

                check_nat(last, at, is_seeded ? seed : 0, false);
                if (last == 0) {
                    seed = packet.level[last].is_crc32c ? 1 : packet_seed(&packet, last);
                    check_nat(last, at, is_seeded ? seed : 0, true);
                }
            }
        }
    }
}
END_TEST

/* ---- Judged in bursts -------------------------------------------------------------------- */

/* Each frame of a burst is judged as it is by itself, whatever the others are. */
START_TEST(judged_in_a_burst)
{
    enum {
        MOST = 2 * BURST,
        ROOM = 2048
    };
    static uint8_t frames[MOST][ROOM];
    size_t good = 0, refused_ones = 0;

    rng = rng_new(9);
    for (size_t round = 0; round < effort(2000, 200); round++) {
        enum csumoff_link link = round % 2 ? CSUMOFF_LINK_IP : CSUMOFF_LINK_ETHERNET;
        struct csumoff_inspect_item items[MOST], untouched;
        size_t count = rng_below(&rng, MOST + 1), given, done = 0;

        memset(items, POISON, sizeof items);
        memset(&untouched, POISON, sizeof untouched);
        for (size_t i = 0; i < count; i++) {
            const struct packet_spec spec = any_spec(&rng);

            build_any(&packet, &spec, link == CSUMOFF_LINK_ETHERNET, &rng);
            if (rng_below(&rng, 2))
                packet_seal(&packet);
            packet.len = packet.len < ROOM ? packet.len : ROOM;
            if (rng_below(&rng, 4) == 0)
                packet.len = rng_below(&rng, packet.len);
            memcpy(frames[i], packet.bytes, packet.len);
            items[i].frame = frames[i];
            items[i].len = packet.len;
        }
        given = csumoff_inspect_burst(items, count, link);
        for (size_t i = 0; i < count; i++) {
            struct csumoff_report report;
            const int status = csumoff_inspect(frames[i], items[i].len, link, &report);

            check_status("inspected in a burst", items[i].status, status);
            if (status) {
                refused_ones++;
                CHECK(same_bytes(&items[i].report, &untouched.report, sizeof untouched.report));
                continue;
            }
            done++;
            good += report.l4 == CSUMOFF_GOOD;
            CHECK(items[i].report.l3 == report.l3 && items[i].report.l4 == report.l4);
            CHECK_EQ(items[i].report.l3_found, report.l3_found);
            CHECK_EQ(items[i].report.l3_expected, report.l3_expected);
            CHECK_EQ(items[i].report.l4_found, report.l4_found);
            CHECK_EQ(items[i].report.l4_expected, report.l4_expected);
        }
        CHECK_EQ(given, done);
    }
    CHECK(good > 100 && refused_ones > 100);
}
END_TEST

int main(void)
{
    const TTest *const receiving[] = {anything_from_xen, anything_from_virtio,
                                      super_frames_in_udp_tunnels, damage_stays, NULL};
    const TTest *const states[] = {states_of_levels, addresses_rewritten_in_between, NULL};
    const TTest *const bursts[] = {judged_in_a_burst, NULL};
    Suite *suite = suite_create("rx");

    suite_add(suite, "receiving", receiving);
    suite_add(suite, "states", states);
    suite_add(suite, "bursts", bursts);
    return suite_run(suite);
}
