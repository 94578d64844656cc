// SPDX-License-Identifier: MIT
/* Sending packets inside packets: how many are told apart, and fields beyond what is at hand. */
#include "tx_checks.h"

/* Appends an IPv4 header to the frame; `rest` bytes follow it. */
static void put_ipv4(uint8_t proto, size_t rest)
{
    uint8_t *p = packet.bytes + packet.len;

    memset(p, 0, 20);
    p[0] = 0x45;
    store_wire16(p + 2, (uint16_t)(20 + rest));
    p[8] = 64;
    p[9] = proto;
    p[12] = p[16] = 10;
    packet.len += 20;
}

/*
 * Makes the frame `levels` packets inside one another, and UDP with 100 bytes in the innermost.
 * The second one is of GRE with a checksum, the others have none. Returns where GRE's header is.
 */
static size_t nest(size_t levels)
{
    const size_t gre = 14 + 2 * 20;

    rng_fill(&rng, packet.bytes, 14);
    store_wire16(packet.bytes + 12, 0x0800);
    packet.len = 14;
    for (size_t i = 0; i < levels; i++) {
        size_t around = (levels - 1 - i) * 20 + 8 + 100 + (i <= 1 ? 8 : 0);

        put_ipv4(i + 1 == levels ? PROTO_UDP : i == 1 ? PROTO_GRE : PROTO_IPV4, around);
        if (i == 1) {
            memcpy(packet.bytes + packet.len, "\x80\0\x08\0\x12\x34\0\0", 8);
            packet.len += 8;
        }
    }
    rng_fill(&rng, packet.bytes + packet.len, 108);
    store_wire16(packet.bytes + packet.len + 2, 53);
    store_wire16(packet.bytes + packet.len + 4, 108);
    packet.len += 108;
    return gre;
}

/* Eight packets inside one another are told apart: whether the innermost of so many fits into a
 * segment cannot be said, nor whether a place is one of a packet further inside. */
START_TEST(eight_levels)
{
    for (size_t levels = 3; levels <= 10; levels++) {
        for (size_t i = 0; i < 2; i++) {
            const struct device *device = i ? &all_virtio : &all_xen;
            const bool is_known = levels < 8;
            struct csumoff_hint hint = {CSUMOFF_TX_AS_IS, 0, 0, 100, NULL};
            struct beside beside;
            size_t gre;
            uint8_t *p;

            rng = rng_new(9);
            gre = nest(levels);
            p = placed(&guard);
            poison(&beside);
            CHECK_EQ(tx(device, p, &hint, &beside), is_known ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
            hint.mss = 99;
            CHECK_EQ(tx(device, p, &hint, &beside), CSUMOFF_ENOTSUP);
            /* A packet of them, around others. */
            hint = (struct csumoff_hint){CSUMOFF_TX_SEEDED, (uint32_t)gre, 4, 100, NULL};
            CHECK_EQ(tx(device, p, &hint, &beside), is_known ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
            p = placed(&guard);
            hint.mss = 99;
            CHECK_EQ(tx(device, p, &hint, &beside), CSUMOFF_ENOTSUP);
            hint.mss = 0;
            CHECK_EQ(tx(device, p, &hint, &beside), CSUMOFF_OK);
            /* A place that is none of theirs. */
            p = placed(&guard);
            hint.csum_start = (uint32_t)packet.len - 50;
            poison(&beside);
            CHECK_EQ(tx(device, p, &hint, &beside), is_known ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
            if (!is_known)
                CHECK(is_poisoned(&beside) && same_bytes(p, packet.bytes, packet.len));
        }
    }
}
END_TEST

/* GRE is located by less than its checksum's field, which may be beyond what is at hand. */
START_TEST(field_beyond_the_head)
{
    const uint32_t gre = 14 + 2 * 20;
    const struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, gre, 4, 0, NULL};
    struct wish wish = {.hint = hint, .target = NOWHERE};
    struct csumoff_iov iov[2];
    struct beside beside;
    uint8_t *p = packet.bytes;
    int status;

    rng = rng_new(10);
    poison(&beside);
    (void)nest(3);
    store_wire16(packet.bytes + gre + 2, 0x1234); /* of something that is not looked into */
    for (size_t have = gre; have <= packet.len; have++) {
        p = placed(&guard);
        poison(&beside);
        CHECK_EQ(csumoff_netfront_tx_head(p, have, packet.len, &all_xen.xen, &hint, &beside.slot),
                 have < gre + 6      ? CSUMOFF_EHEAD
                 : have < packet.len ? CSUMOFF_ENOTSUP
                                     : CSUMOFF_OK);
        CHECK(have == packet.len || is_poisoned(&beside));
    }
    made.status = CSUMOFF_OK;
    made.beside = beside;
    memcpy(made.bytes, p, packet.len);
    for (size_t have = gre; have <= gre + 8; have++) {
        part(&packet, have, &guard, &copy_guard, iov);
        poison(&beside);
        status = tx_iov(&all_xen, iov, 2, &hint, &beside);
        check_made(&all_xen, &wish, "in pieces", status, &beside, joined(iov, 2));
    }
}
END_TEST

/* The same at the end of what is gathered: 4 bytes of GRE's header are, its field is not. */
START_TEST(field_beyond_what_is_gathered)
{
    const uint32_t gre = 508;
    const struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, gre, 4, 0, NULL};
    struct device device = all_virtio;
    uint8_t *p = packet.bytes;
    struct csumoff_iov iov[2];
    struct beside beside;

    device.link = CSUMOFF_LINK_IP;
    memset(p, 0, 700);
    p[0] = 0x60;
    store_wire16(p + 4, 700 - 40);
    p[6] = 60; /* destination options, all of them Pad1 */
    p[40] = PROTO_IPV4;
    p[41] = (508 - 40 - 20) / 8 - 1;
    packet.len = gre - 20;
    put_ipv4(PROTO_GRE, 700 - gre);
    p[gre] = 0x80;
    store_wire16(p + gre + 2, 0x1234);
    packet.len = 700;
    packet.levels = 1;
    for (size_t have = 500; have <= 700; have++) {
        part(&packet, have, &guard, &copy_guard, iov);
        poison(&beside);
        CHECK_EQ(tx_iov(&device, iov, 2, &hint, &beside),
                 have < gre + 6 ? CSUMOFF_ENOTSUP : CSUMOFF_OK);
        CHECK(have >= gre + 6 || is_poisoned(&beside));
    }
}
END_TEST

int main(void)
{
    const TTest *const inside[] = {eight_levels, field_beyond_the_head,
                                   field_beyond_what_is_gathered, NULL};
    Suite *suite = suite_create("tx_inside");

    suite_add(suite, "inside", inside);
    return suite_run(suite);
}
