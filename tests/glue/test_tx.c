// SPDX-License-Identifier: MIT
/*
 * Sending, judged as a whole: whatever is wanted of whatever packet, either the frame that leaves
 * the device has the right checksums, or there is an error and nothing was touched. What is right
 * is the oracle's word, and so is the device's part, which is done here.
 */
#include "tx_checks.h"

enum {
    BACKEND_SEES = 256 /* bytes of an IPv6 packet, of its headers */
};

/* ---- Any of them ------------------------------------------------------------------------- */

/* A place at random. Seeds are put where they are wanted. */
static void choose_place(struct wish *wish)
{
    static const uint8_t offsets[] = {16, 6, SCTP_OFFSET, 2};
    const struct level *l = &packet.level[0];
    size_t end = is_ip(&packet) ? l->end : packet.len, begin = is_ip(&packet) ? l->l4 : 14, start;
    unsigned listed = is_ip(&packet) ? packet_listed(&packet) : 0;
    struct csumoff_hint *hint = &wish->hint;

    wish->target = OWN;
    switch (rng_below(&rng, 5)) {
    case 0:
        break;
    case 1: /* a place that is none, but not one that only looks so */
        hint->csum_offset = offsets[rng_below(&rng, sizeof offsets)];
        if (end < begin + hint->csum_offset + 2)
            break;
        start = begin + rng_below(&rng, end - begin - hint->csum_offset - 1);
        for (unsigned i = 0; i < listed; i++)
            if (start == packet.level[i].l4)
                return;
        hint->csum_start = (uint32_t)start;
        wish->target = NOWHERE;
        break;
    case 2:
        hint->csum_offset = offsets[rng_below(&rng, sizeof offsets)];
        if (rng_below(&rng, 4) == 0) {
            hint->csum_start = UINT32_MAX - (uint32_t)rng_below(&rng, 40);
        } else if (rng_below(&rng, 2)) {
            hint->csum_start = (uint32_t)(end - rng_below(&rng, hint->csum_offset + 2u) + 0);
            if (hint->csum_start <= end - hint->csum_offset - 2)
                hint->csum_start = (uint32_t)end;
        } else {
            hint->csum_start = 1 + (uint32_t)rng_below(&rng, 12);
            if (hint->csum_start >= (is_ip(&packet) ? l->l3 : 14u))
                break;
        }
        wish->target = OUTSIDE;
        break;
    default:
        if (!listed)
            break;
        listed = (unsigned)rng_below(&rng, listed);
        if (packet.level[listed].finding != FOUND)
            break;
        wish->target = (int)listed;
        hint->csum_start = (uint32_t)packet.level[listed].l4;
        hint->csum_offset = (uint32_t)packet.level[listed].csum_offset;
    }
    if (wish->target == OWN)
        hint->csum_start = 0;
}

static uint16_t random_mss(void)
{
    unsigned listed = packet_listed(&packet);
    const struct level *l = &packet.level[listed ? rng_below(&rng, listed) : 0];
    long payload = payload_of(l);

    switch (rng_below(&rng, 8)) {
    case 0:
        return (uint16_t)(1 + rng_below(&rng, 100));
    case 1:
        return payload > 0 && payload <= UINT16_MAX ? (uint16_t)payload : 0;
    case 2:
        return payload > 1 && payload <= UINT16_MAX ? (uint16_t)(payload - 1) : 0;
    case 3:
        return 1448;
    default:
        return 0;
    }
}

/* Whether it is known what the backend finds: it gives up on long chains. */
static bool is_for(const struct device *device)
{
    const struct level *l = &packet.level[0];

    return !device->is_xen ||
           (packet.len <= 65535 && (l->version == 4 || l->l4 - l->l3 <= BACKEND_SEES));
}

static bool build(const struct packet_spec *spec, bool is_ethernet)
{
    build_any(&packet, spec, is_ethernet, &rng);
    return packet.len <= 66000;
}

static bool random_bit(void)
{
    return rng_below(&rng, 3) != 0;
}

static struct device random_device(bool is_xen, enum csumoff_link link)
{
    struct device device = {.is_xen = is_xen, .link = link};

    device.xen = (struct csumoff_netfront_caps){random_bit(), random_bit(), random_bit(),
                                                random_bit(), random_bit()};
    device.virtio = (struct csumoff_virtio_caps){random_bit(), random_bit(), random_bit(),
                                                 random_bit(), random_bit()};
    return device;
}

/* A wish at random, and the seed that it may speak of. */
static struct wish random_wish(void)
{
    struct wish wish = {.hint = {.want = (enum csumoff_tx)rng_below(&rng, 4)}};
    int level;

    wish.hint.mss = random_mss();
    choose_place(&wish);
    level = wish.target == OWN ? 0 : wish.target;
    if (wish.hint.want != CSUMOFF_TX_SEEDED || level < 0 || packet.level[level].finding != FOUND)
        return wish;
    if (packet.level[level].proto == PROTO_OSPF) /* nobody seeds it */
        wish.hint.want = CSUMOFF_TX_COMPUTE;
    else if (!packet.level[level].is_crc32c)
        packet_set_field(&packet, (unsigned)level,
                         rng_below(&rng, 8) ? packet_seed(&packet, (unsigned)level) : 0);
    return wish;
}

static void send_any(bool is_xen, enum csumoff_link link, size_t rounds, uint64_t stream)
{
    size_t told = 0, super = 0, errors = 0, inside = 0, of[NOT_RESOLVABLE + 1] = {0};

    rng = rng_new(stream);
    for (size_t i = 0; i < rounds; i++) {
        const struct packet_spec spec = any_spec(&rng);
        struct device device = random_device(is_xen, link);
        struct outcome outcome;
        struct wish wish;

        if (!build(&spec, link == CSUMOFF_LINK_ETHERNET) || !is_for(&device))
            continue;
        wish = random_wish();
        outcome = check_wish(&device, &wish);
        told += outcome.is_told;
        super += outcome.gso != 0;
        errors += outcome.status != CSUMOFF_OK;
        inside += wish.target > 0 && outcome.status == CSUMOFF_OK;
        of[packet.level[0].finding]++;
    }
    /* None of the kinds is left out. */
    ck_assert_uint_gt(told, rounds / 50);
    ck_assert_uint_gt(super, rounds / 1000);
    ck_assert_uint_gt(errors, rounds / 50);
    ck_assert_uint_gt(inside, rounds / 100);
    for (size_t i = 0; i <= NOT_RESOLVABLE; i++)
        ck_assert_uint_gt(of[i], rounds / 200);
}

START_TEST(anything_to_xen)
{
    send_any(true, CSUMOFF_LINK_ETHERNET, effort(40000, 2000), 1);
}
END_TEST

START_TEST(anything_to_virtio)
{
    send_any(false, CSUMOFF_LINK_ETHERNET, effort(40000, 2000), 2);
}
END_TEST

START_TEST(anything_to_a_tun)
{
    send_any(false, CSUMOFF_LINK_IP, effort(20000, 1000), 3);
}
END_TEST

/* Cut anywhere, it is refused; only what is sent as it is may be a part of something. */
START_TEST(truncated)
{
    rng = rng_new(4);
    for (size_t i = 0; i < effort(20000, 1000); i++) {
        const struct device devices[] = {all_xen, no_xen, all_virtio, no_virtio};
        const struct device *device = &devices[rng_below(&rng, 4)];
        const struct packet_spec spec = spec_random(&rng, 2);
        struct wish wish = {.target = OWN, .hint = {.want = (enum csumoff_tx)rng_below(&rng, 4)}};
        bool is_left = wish.hint.want == CSUMOFF_TX_AS_IS || wish.hint.want == CSUMOFF_TX_VERIFIED;
        struct beside beside;
        uint8_t *p;
        int status;

        if (!build(&spec, true) || !is_ip(&packet) || packet.len > 65535)
            continue;
        packet.len = rng_below(&rng, packet.level[0].end);
        if (packet.level[0].finding == FOUND && rng_below(&rng, 2)) {
            wish.hint.csum_start = (uint32_t)packet.level[0].l4;
            wish.hint.csum_offset = (uint32_t)packet.level[0].csum_offset;
        }
        if (!is_left)
            wish.hint.mss = random_mss();
        poison(&beside);
        p = placed(&guard);
        status = tx(device, p, &wish.hint, &beside);
        if (status != (is_left && packet.len >= 14 ? CSUMOFF_OK : CSUMOFF_ETRUNC))
            ck_abort_msg("status %d of %zu bytes: %s", status, packet.len, text_of(device, &wish));
        if (!same_bytes(p, packet.bytes, packet.len) || (status && !is_poisoned(&beside)))
            ck_abort_msg("touched: %s", text_of(device, &wish));
        made.status = status;
        made.beside = beside;
        memcpy(made.bytes, packet.bytes, packet.len);
        send_in_pieces(device, &wish);
        if (device->is_xen)
            send_copy(device, &wish);
    }
}
END_TEST

/* No bytes at NULL, several times: each item has its status, and UBSan nothing to say. */
START_TEST(bursts_of_nothing)
{
    struct csumoff_netfront_tx_item sent[BURST] = {{.frame = NULL}};
    struct csumoff_netfront_rx_item received[BURST] = {{.frame = NULL}};
    struct csumoff_virtio_tx_item put[BURST] = {{.frame = NULL}};
    struct csumoff_virtio_rx_item got[BURST] = {{.frame = NULL}};
    struct csumoff_inspect_item seen[BURST] = {{.frame = NULL}};
    const struct csumoff_virtio_policy policy = {true, true};

    ck_assert_uint_eq(csumoff_netfront_tx_burst(sent, BURST, &all_xen.xen), 0);
    ck_assert_uint_eq(csumoff_netfront_rx_burst(received, BURST), BURST);
    ck_assert_uint_eq(csumoff_netfront_rx_finish_burst(received, BURST), BURST);
    ck_assert_uint_eq(
        csumoff_virtio_tx_burst(put, BURST, CSUMOFF_LINK_ETHERNET, &all_virtio.virtio), 0);
    ck_assert_uint_eq(csumoff_virtio_rx_burst(got, BURST, CSUMOFF_LINK_IP, &policy), BURST);
    ck_assert_uint_eq(csumoff_virtio_rx_finish_burst(got, BURST, CSUMOFF_LINK_IP, &policy), BURST);
    ck_assert_uint_eq(csumoff_inspect_burst(seen, BURST, CSUMOFF_LINK_IP), 0);
    for (int i = 0; i < BURST; i++) {
        ck_assert_int_eq(sent[i].status, CSUMOFF_ETRUNC);
        ck_assert_int_eq(put[i].status, CSUMOFF_ETRUNC);
        ck_assert_int_eq(seen[i].status, CSUMOFF_ETRUNC);
    }
}
END_TEST

/* A layout that is not this frame's, but whose numbers are inside it: whatever comes of it, nothing
 * beyond the bytes at hand is looked at, and nothing is written on errors. */
START_TEST(layout_of_another_frame)
{
    size_t errors = 0, rounds = effort(40000, 4000);

    rng = rng_new(5);
    for (size_t i = 0; i < rounds; i++) {
        const struct packet_spec spec = spec_random(&rng, 1);
        const struct device random = random_device(true, CSUMOFF_LINK_ETHERNET), *device = &random;
        struct wish told = {.target = OWN, .hint = {.want = (enum csumoff_tx)rng_below(&rng, 4)}};
        const struct wish *wish = &told;
        struct beside beside;
        size_t have;
        int status;

        if (!build(&spec, true) || packet.level[0].finding != FOUND || packet.len > 65535)
            continue;
        struct csumoff_layout at = layout_of(&packet.level[0]);
        uint32_t *const members[] = {&at.l3_start,   &at.l4_start,    &at.payload_start, &at.end,
                                     &at.csum_start, &at.csum_offset, &at.l4_len};
        uint8_t *const bytes[] = {&at.ip_version, &at.l4_proto, &at.csum_kind}, *head;

        for (size_t n = 1 + rng_below(&rng, 4); n > 0; n--) {
            const size_t below = rng_below(&rng, 2) ? packet.len + 1 : 40;

            if (rng_below(&rng, 3))
                *members[rng_below(&rng, 7)] = (uint32_t)rng_below(&rng, below);
            else
                *bytes[rng_below(&rng, 3)] = (uint8_t)rng_below(&rng, 18);
        }
        told.hint.layout = &at;
        told.hint.mss = random_mss();
        have = rng_below(&rng, 2) ? packet.len : rng_below(&rng, packet.len + 1);
        (void)placed(&guard);
        head = guarded_copy(&guard, packet.bytes, have);
        poison(&beside);
        status = csumoff_netfront_tx_head(head, have, packet.len, &device->xen, &told.hint,
                                          &beside.slot);
        errors += status != CSUMOFF_OK;
        if (status)
            SO(is_poisoned(&beside) && same_bytes(head, packet.bytes, have));
        head = placed(&guard);
        poison(&beside);
        status = csumoff_virtio_tx(head, packet.len, CSUMOFF_LINK_ETHERNET, &all_virtio.virtio,
                                   &told.hint, &beside.hdr);
        if (status)
            SO(is_poisoned(&beside) && same_bytes(head, packet.bytes, packet.len));
    }
    ck_assert_uint_gt(errors, rounds / 10);
}
END_TEST

/* ---- Segments ---------------------------------------------------------------------------- */

/* Whatever is around 4000 bytes of payload: they are cut, or refused. If they fit, all is well. */
START_TEST(mss_of_every_encapsulation)
{
    static const struct {
        const char *name;
        struct level_spec outer; /* all members 0 but `version`: nothing is around it */
        struct level_spec inner;
        bool is_cut;
    } rows[] = {
        {"TCP", {0}, {.proto = PROTO_TCP}, true},
        {"UDP", {0}, {.proto = PROTO_UDP}, true},
        {"SCTP", {0}, {.proto = PROTO_SCTP}, false},
        {"UDP-Lite", {0}, {.proto = PROTO_UDPLITE}, false},
        {"DCCP", {0}, {.proto = PROTO_DCCP}, false},
        {"ICMP", {0}, {.proto = PROTO_ICMP}, false},
        {"ESP", {0}, {.proto = PROTO_ESP}, false},
        {"PPPoE", {0}, {.proto = PROTO_TCP, .carrier = CARRIER_PPPOE}, false},
        {"SNAP", {0}, {.proto = PROTO_TCP, .carrier = CARRIER_SNAP}, false},
        {"MPLS", {0}, {.proto = PROTO_TCP, .labels = 1}, false},
        {"0x9100", {0}, {.proto = PROTO_TCP, .tag_count = 1, .tags = {0x9100}}, false},
        {"five tags",
         {0},
         {.proto = PROTO_TCP, .tag_count = 5, .tags = {0x8100, 0x8100, 0x8100, 0x8100, 0x8100}},
         false},
        {"IPIP", {.tunnel = TUNNEL_IP}, {.proto = PROTO_TCP}, false},
        {"GRE", {.tunnel = TUNNEL_GRE}, {.proto = PROTO_TCP}, false},
        {"GRE, UDP", {.tunnel = TUNNEL_GRE, .flags = GRE_C}, {.proto = PROTO_UDP}, false},
        {"GRE, SCTP", {.tunnel = TUNNEL_GRE}, {.proto = PROTO_SCTP}, false},
        {"VXLAN", {.tunnel = TUNNEL_VXLAN}, {.proto = PROTO_TCP}, false},
        {"VXLAN, UDP", {.tunnel = TUNNEL_VXLAN}, {.proto = PROTO_UDP}, false},
        {"VXLAN, SCTP", {.tunnel = TUNNEL_VXLAN}, {.proto = PROTO_SCTP}, false},
        {"Geneve", {.tunnel = TUNNEL_GENEVE}, {.proto = PROTO_TCP}, false},
        {"GTP-U", {.tunnel = TUNNEL_GTPU}, {.proto = PROTO_UDP}, false},
    };
    const struct device devices[] = {all_xen, no_xen, all_virtio, no_virtio};

    rng = rng_new(5);
    for (size_t i = 0; i < sizeof rows / sizeof *rows * 4 * 4 * 4; i++) {
        size_t row = i / 64;
        const struct device *device = &devices[i % 4];
        enum csumoff_tx intent = (enum csumoff_tx)(i / 4 % 4);
        unsigned version = i / 16 % 2 ? 6 : 4, last;
        bool has_place = i / 32 % 2;
        struct packet_spec spec = {.levels = 1};
        bool is_tunnel = rows[row].outer.tunnel != TUNNEL_NONE;
        size_t payload;

        spec.level[0] = rows[row].inner;
        if (is_tunnel) {
            spec.levels = 2;
            spec.level[1] = rows[row].inner;
            spec.level[0] = rows[row].outer;
        }
        last = spec.levels - 1;
        spec.level[0].ethernet = true;
        spec.level[last].ethernet = !is_tunnel || rows[row].outer.tunnel == TUNNEL_VXLAN;
        spec.level[0].version = 4;
        spec.level[last].version = (uint8_t)version;
        spec.level[last].payload = 4000;
        spec.level[last].data_offset = 5;
        if (rows[row].inner.proto == PROTO_ICMP && version == 6)
            spec.level[last].proto = PROTO_ICMPV6;
        packet_build(&packet, &spec, &rng);
        for (unsigned l = 0; l <= last; l++)
            if (packet.level[l].finding == FOUND && !packet.level[l].is_crc32c)
                packet_set_field(&packet, l, packet_seed(&packet, l));
        payload = is_ip(&packet) ? (size_t)payload_of(&packet.level[last]) : packet.len - 14;
        if (packet.level[last].proto == PROTO_TCP)
            packet.bytes[packet.level[last].l4 + 13] &= 0x7F;
        for (int fits = 0; fits < 2; fits++) {
            struct wish wish = {.target = OWN, .hint = {.want = intent}};
            bool is_cut = rows[row].is_cut && !fits &&
                          (intent == CSUMOFF_TX_COMPUTE || intent == CSUMOFF_TX_SEEDED);
            struct outcome outcome;

            wish.hint.mss = (uint16_t)(fits ? payload : 1448);
            if (has_place && packet.level[last].finding == FOUND && is_ip(&packet)) {
                wish.target = (int)last;
                wish.hint.csum_start = (uint32_t)packet.level[last].l4;
                wish.hint.csum_offset = (uint32_t)packet.level[last].csum_offset;
            }
            outcome = check_wish(device, &wish);
            is_cut = is_cut && device != &devices[1] && device != &devices[3] &&
                     !(device->is_xen && packet.level[0].proto == PROTO_UDP);
            if (!fits && !is_cut && outcome.status == CSUMOFF_OK)
                ck_abort_msg("%s goes out whole: %s", rows[row].name, text_of(device, &wish));
            if (is_cut && !outcome.gso)
                ck_abort_msg("%s is not cut: %s", rows[row].name, text_of(device, &wish));
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const sending[] = {anything_to_xen,
                                    anything_to_virtio,
                                    anything_to_a_tun,
                                    truncated,
                                    bursts_of_nothing,
                                    layout_of_another_frame,
                                    NULL};
    const TTest *const segments[] = {mss_of_every_encapsulation, NULL};
    Suite *suite = suite_create("tx");

    suite_add(suite, "sending", sending);
    suite_add(suite, "segments", segments);
    return suite_run(suite);
}
