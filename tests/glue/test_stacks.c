// SPDX-License-Identifier: MIT
/*
 * docs/stacks.md: packets as each stack hands them over are sent by the page's own functions, to a
 * backend that takes everything and to one that takes nothing, and then compared with the oracle's.
 * Received, the flags have to say what the frame's state is.
 */
#include "stacks.inc"

#include <csumoff_netfront.h>

#include "../oracle/packets.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    VERSIONS = 2,
    MSS = 500,
    PAYLOAD = 1201 /* a super-frame where there is an mss */
};

static const struct csumoff_netfront_caps every = {true, true, true, true, true},
                                          none = {.sg = true};
static struct packet packet;
static uint8_t frame[PACKET_SIZE];

/* What is in the field of a packet that is sent. */
enum field {
    ANYTHING,
    SEED,
    COMPLETE,
    FIELDS
};

/* TCP or UDP over either family, with this in its field: in `packet` and in `frame`. */
static const struct level *build(unsigned version, uint8_t proto, enum field field)
{
    struct packet_spec spec = spec_plain(version, proto, PAYLOAD, NULL);
    struct rng rng = rng_new(version * 1000u + proto);

    packet_build(&packet, &spec, &rng);
    packet_seal(&packet);
    memcpy(frame, packet.bytes, packet.len);
    if (field == SEED)
        store_wire16(frame + packet.level[0].l4 + packet.level[0].csum_offset,
                     packet_seed(&packet, 0));
    if (field == ANYTHING)
        store_wire16(frame + packet.level[0].l4 + packet.level[0].csum_offset, 0x5A5A);
    return &packet.level[0];
}

/* Sends the frame and does what the backend does: it has to be what the oracle made. */
static void check_sent(const struct csumoff_hint *hint, const struct csumoff_netfront_caps *caps,
                       uint16_t flags)
{
    const struct level *l = &packet.level[0];
    struct csumoff_netfront_slot slot;

    CHECK_EQ(csumoff_netfront_tx(frame, packet.len, caps, hint, &slot), CSUMOFF_OK);
    CHECK_EQ(slot.flags, flags);
    if (slot.flags & CSUMOFF_NETTXF_CSUM_BLANK) {
        CHECK_EQ(load_wire16(frame + l->l4 + l->csum_offset), packet_seed(&packet, 0));
        store_wire16(frame + l->l4 + l->csum_offset,
                     ref_checksum(ref_sum(frame + l->l4, packet.len - l->l4)));
    }
    CHECK(memcmp(frame, packet.bytes, packet.len) == 0);
}

enum {
    BOTH = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED
};

/* A packet whose checksum is the device's to make. */
static void check_offloaded(const struct csumoff_hint *hint, unsigned version, uint8_t proto,
                            enum field field)
{
    build(version, proto, field);
    check_sent(hint, &every, BOTH);
    build(version, proto, field);
    check_sent(hint, &none, 0);
}

/* One that has it, and nothing is changed, not even what is wrong. */
static void check_kept(const struct csumoff_hint *hint, uint16_t flags)
{
    const struct level *l = build(4, PROTO_TCP, COMPLETE);

    packet.bytes[l->l4 + l->csum_offset] ^= 1;
    memcpy(frame, packet.bytes, packet.len);
    check_sent(hint, &every, flags);
}

/* A TCP super-frame: the slot says so. */
static void check_super(const struct csumoff_hint *hint, unsigned version, enum field field)
{
    struct csumoff_netfront_slot slot;

    build(version, PROTO_TCP, field);
    CHECK_EQ(hint->mss, MSS);
    CHECK_EQ(csumoff_netfront_tx(frame, packet.len, &every, hint, &slot), CSUMOFF_OK);
    CHECK_EQ(slot.flags, BOTH | CSUMOFF_NETTXF_EXTRA_INFO);
    CHECK_EQ(slot.gso_size, MSS);
    CHECK_EQ(load_wire16(frame + packet.level[0].l4 + packet.level[0].csum_offset),
             packet_seed(&packet, 0));
    CHECK_EQ(slot.gso_type,
             version == 4 ? CSUMOFF_NETIF_GSO_TYPE_TCPV4 : CSUMOFF_NETIF_GSO_TYPE_TCPV6);
}

static const uint8_t protocols[] = {PROTO_TCP, PROTO_UDP};

// NOLINTBEGIN(bugprone-macro-parentheses): names that are declared cannot have any
#define EACH(version, proto)                                                                       \
    for (unsigned version = 4; version <= 6; version += 2)                                         \
        for (unsigned i_ = 0, proto = protocols[0]; i_ < 2; proto = protocols[++i_ % 2])
// NOLINTEND(bugprone-macro-parentheses)

/* How frames of every kind are received; the place is that of an outermost TCP. */
static const struct csumoff_rx unfinished = {.state = CSUMOFF_PARTIAL,
                                             .csum_start = 34,
                                             .csum_offset = 16,
                                             .gso_type = 1,
                                             .gso_size = MSS},
                               verified = {.state = CSUMOFF_UNNECESSARY},
                               unknown = {.state = CSUMOFF_NONE};

START_TEST(linux_sk_buff)
{
    uint8_t buffer[64];
    struct sk_buff skb = {.head = buffer, .data = buffer + 32}, got = skb;
    struct csumoff_hint hint = stack_of_sk_buff(&skb);

    check_kept(&hint, 0);
    skb.ip_summed = CHECKSUM_UNNECESSARY;
    hint = stack_of_sk_buff(&skb);
    check_kept(&hint, CSUMOFF_NETTXF_DATA_VALIDATED);
    EACH(version, proto)
    {
        const struct level *l = build(version, (uint8_t)proto, SEED);

        skb.ip_summed = CHECKSUM_PARTIAL;
        skb.csum_start = (uint16_t)(32 + l->l4);
        skb.csum_offset = (uint16_t)l->csum_offset;
        skb.gso_size = 0;
        hint = stack_of_sk_buff(&skb);
        check_offloaded(&hint, version, (uint8_t)proto, SEED);
        skb.gso_size = MSS;
        hint = stack_of_sk_buff(&skb);
        if (proto == PROTO_TCP)
            check_super(&hint, version, SEED);
    }
    stack_to_sk_buff(&unfinished, &got);
    CHECK_EQ(got.ip_summed, CHECKSUM_PARTIAL);
    CHECK_EQ(got.csum_start, 32 + 34);
    CHECK_EQ(got.csum_offset, 16);
    CHECK_EQ(got.gso_size, MSS);
    stack_to_sk_buff(&verified, &got);
    CHECK_EQ(got.ip_summed, CHECKSUM_UNNECESSARY);
    CHECK_EQ(got.gso_size, 0);
    stack_to_sk_buff(&unknown, &got);
    CHECK_EQ(got.ip_summed, CHECKSUM_NONE);
}
END_TEST

START_TEST(unikraft_netbuf)
{
    struct uk_netbuf m = {.flags = 0}, got = m;
    struct csumoff_hint hint = stack_of_netbuf(&m);

    check_kept(&hint, 0);
    m.flags = UK_NETBUF_F_DATA_VALID;
    hint = stack_of_netbuf(&m);
    check_kept(&hint, CSUMOFF_NETTXF_DATA_VALIDATED);
    EACH(version, proto)
    {
        const struct level *l = build(version, (uint8_t)proto, SEED);

        m.flags = UK_NETBUF_F_PARTIAL_CSUM;
        m.csum_start = (uint16_t)l->l4;
        m.csum_offset = (uint16_t)l->csum_offset;
        m.gso_size = MSS; /* not looked at without its flag */
        hint = stack_of_netbuf(&m);
        check_offloaded(&hint, version, (uint8_t)proto, SEED);
        m.flags |= UK_NETBUF_F_GSO_TCPV4;
        hint = stack_of_netbuf(&m);
        if (version == 4 && proto == PROTO_TCP)
            check_super(&hint, version, SEED);
    }
    stack_to_netbuf(&unknown, &got);
    CHECK_EQ(got.flags, 0);
    stack_to_netbuf(&verified, &got);
    CHECK_EQ(got.flags, UK_NETBUF_F_DATA_VALID);
    got.flags = 0;
    stack_to_netbuf(&unfinished, &got);
    CHECK_EQ(got.flags, UK_NETBUF_F_DATA_VALID | UK_NETBUF_F_PARTIAL_CSUM);
    CHECK_EQ(got.csum_start, 34);
    CHECK_EQ(got.csum_offset, 16);
}
END_TEST

START_TEST(freebsd_mbuf)
{
    static const uint32_t tcp[] = {CSUM_IP_TCP, CSUM_IP6_TCP}, udp[] = {CSUM_IP_UDP, CSUM_IP6_UDP},
                          tso[] = {CSUM_IP_TSO, CSUM_IP6_TSO};
    struct mbuf_pkthdr m = {.csum_flags = 0}, got = m;
    struct csumoff_hint hint = stack_of_mbuf(&m);

    check_kept(&hint, 0);
    EACH(version, proto)
    {
        m.csum_flags = (proto == PROTO_TCP ? tcp : udp)[version == 6];
        m.tso_segsz = MSS; /* not looked at without its flag */
        hint = stack_of_mbuf(&m);
        for (enum field field = ANYTHING; field < FIELDS; field++)
            check_offloaded(&hint, version, (uint8_t)proto, field);
        m.csum_flags |= tso[version == 6];
        hint = stack_of_mbuf(&m);
        if (proto == PROTO_TCP)
            check_super(&hint, version, ANYTHING);
    }
    stack_to_mbuf(&unknown, &got);
    CHECK_EQ(got.csum_flags, 0);
    stack_to_mbuf(&verified, &got);
    CHECK_EQ(got.csum_flags, CSUM_DATA_VALID | CSUM_PSEUDO_HDR);
    CHECK_EQ(got.csum_data, 0xFFFF);
    got.csum_flags = 0;
    stack_to_mbuf(&unfinished, &got);
    CHECK_EQ(got.csum_flags, CSUM_DATA_VALID | CSUM_PSEUDO_HDR);
}
END_TEST

START_TEST(dpdk_rte_mbuf)
{
    struct rte_mbuf m = {.l2_len = 14}, got = m;
    struct csumoff_hint hint = stack_of_rte_mbuf(&m);

    check_kept(&hint, 0);
    EACH(version, proto)
    {
        m.l3_len = version == 4 ? 20 : 40;
        m.ol_flags = proto == PROTO_TCP ? RTE_MBUF_F_TX_TCP_CKSUM : RTE_MBUF_F_TX_UDP_CKSUM;
        m.tso_segsz = MSS; /* not looked at without its flag */
        hint = stack_of_rte_mbuf(&m);
        check_offloaded(&hint, version, (uint8_t)proto, SEED);
        m.ol_flags = RTE_MBUF_F_TX_TCP_SEG;
        hint = stack_of_rte_mbuf(&m);
        if (proto == PROTO_TCP)
            check_super(&hint, version, ANYTHING);
    }
    m = (struct rte_mbuf){.ol_flags = RTE_MBUF_F_TX_UDP_CKSUM,
                          .outer_l2_len = 14,
                          .outer_l3_len = 20,
                          .l2_len = 30,
                          .l3_len = 40};
    CHECK_EQ(stack_of_rte_mbuf(&m).csum_start, 104);
    stack_to_rte_mbuf(&unknown, &got);
    CHECK_EQ(got.ol_flags, RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN);
    stack_to_rte_mbuf(&verified, &got);
    CHECK_EQ(got.ol_flags, RTE_MBUF_F_RX_L4_CKSUM_GOOD);
    got.ol_flags = 0;
    stack_to_rte_mbuf(&unfinished, &got);
    CHECK_EQ(got.ol_flags, RTE_MBUF_F_RX_L4_CKSUM_NONE);
}
END_TEST

START_TEST(stacks_without_flags)
{
    const struct csumoff_hint hint = stack_without_flags();

    EACH(version, proto)
    {
        const struct level *l;

        check_offloaded(&hint, version, (uint8_t)proto, ANYTHING);
        l = build(version, (uint8_t)proto, COMPLETE);
        CHECK(stack_may_have(frame, packet.len, &unknown));
        frame[packet.len - 1] ^= 1;
        CHECK(!stack_may_have(frame, packet.len, &unknown));
        CHECK(stack_may_have(frame, packet.len, &unfinished));
        build(version, (uint8_t)proto, SEED);
        CHECK(!stack_may_have(frame, packet.len, &unknown));
        CHECK(!stack_may_have(frame, l->l4 + 1, &unknown));
    }
}
END_TEST

START_TEST(a_seed_is_given)
{
    EACH(version, proto)
    {
        const struct level *l = build(version, (uint8_t)proto, ANYTHING);
        struct csumoff_rx rx = {.state = CSUMOFF_PARTIAL, .no_seed = true};

        CHECK_EQ(stack_give_seed(frame, l->l4 + 1, &rx), CSUMOFF_ETRUNC);
        CHECK(rx.no_seed);
        CHECK_EQ(stack_give_seed(frame, packet.len, &rx), CSUMOFF_OK);
        CHECK(!rx.no_seed);
        CHECK_EQ(load_wire16(frame + l->l4 + l->csum_offset), packet_seed(&packet, 0));
        frame[l->l4 + l->csum_offset] ^= 1; /* now it is not looked at any more */
        CHECK_EQ(stack_give_seed(frame, packet.len, &rx), CSUMOFF_OK);
        CHECK(load_wire16(frame + l->l4 + l->csum_offset) != packet_seed(&packet, 0));
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {linux_sk_buff, unikraft_netbuf,      freebsd_mbuf,
                                  dpdk_rte_mbuf, stacks_without_flags, a_seed_is_given,
                                  NULL};
    Suite *suite = suite_create("stacks");

    suite_add(suite, "stacks", tests);
    return suite_run(suite);
}
