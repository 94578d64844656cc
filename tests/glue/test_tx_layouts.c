// SPDX-License-Identifier: MIT
/* Sending with a layout of the caller's that is wrong in itself, or is not the frame's. */
#include "tx_checks.h"

/* Sends a packet with a layout that is wrong in itself, or isn't the frame's, in one piece and in
 * two: the same status, and on an error everything as it was. Returns the status. */
static int send_with(const struct device *device, const struct csumoff_layout *at)
{
    const struct wish told = {.target = OWN, .hint = {.want = CSUMOFF_TX_COMPUTE, .layout = at}},
                      *wish = &told;
    struct csumoff_iov iov[2];
    struct beside beside;
    uint8_t *p = placed(&guard);
    int status;

    poison(&made.beside);
    made.status = tx(device, p, &wish->hint, &made.beside);
    memcpy(made.bytes, p, packet.len);
    if (made.status) {
        SO(is_poisoned(&made.beside));
        SO(same_bytes(p, packet.bytes, packet.len));
    }
    poison(&beside);
    part(&packet, packet.level[0].payload, &guard, &copy_guard, iov);
    status = tx_iov(device, iov, 2, &wish->hint, &beside);
    check_made(device, wish, "in pieces", status, &beside, joined(iov, 2));
    return made.status;
}

START_TEST(layouts_that_cannot_be)
{
    const struct device devices[] = {all_xen, no_xen, all_virtio, no_virtio};

    rng = rng_new(6);
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        struct packet_spec spec = spec_plain(4, PROTO_TCP, 60, "");
        struct csumoff_layout at, wrong;

        packet_build(&packet, &spec, &rng);
        at = layout_of(&packet.level[0]);
        wrong = at;
        wrong.csum_offset = at.l4_len - 1; /* a field that is half inside */
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
        wrong = at;
        wrong.l4_len = 19; /* less than a header */
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
        wrong = at;
        wrong.csum_offset = 30; /* the caller knows where */
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_OK);
        CHECK(!same_bytes(made.bytes + at.l4_start + 30, packet.bytes + at.l4_start + 30, 2));
        CHECK(same_bytes(made.bytes + at.l4_start, packet.bytes + at.l4_start, 30));
        spec = spec_plain(4, PROTO_UDP, 60, "");
        packet_build(&packet, &spec, &rng);
        wrong = at = layout_of(&packet.level[0]);
        wrong.l4_len = 7;
        wrong.csum_offset = 4;
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
        wrong = at;
        wrong.l3_start = wrong.l4_start;
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
        spec = spec_plain(6, PROTO_UDP, 60, "");
        packet_build(&packet, &spec, &rng);
        wrong = layout_of(&packet.level[0]);
        wrong.ip_version = 5; /* the frame's, and yet none */
        packet.bytes[wrong.l3_start] = 0x50;
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
    }
}
END_TEST

/* The IPv4 header has to end before the L4 header of a layout, and has to be one. */
START_TEST(layouts_and_ipv4_headers)
{
    const struct device devices[] = {all_xen, no_xen, all_virtio, no_virtio};

    rng = rng_new(7);
    for (size_t i = 0; i < sizeof devices / sizeof *devices * 32; i++) {
        const struct device *device = &devices[i % 4];
        struct packet_spec spec = spec_plain(4, PROTO_UDP, 60, "");
        unsigned words = (unsigned)(i / 4 % 16), most = i < 64 ? 7 : 5;
        struct csumoff_layout at;
        uint8_t *first;

        spec.level[0].options = (uint8_t)(4 * (most - 5));
        packet_build(&packet, &spec, &rng);
        at = layout_of(&packet.level[0]);
        first = packet.bytes + at.l3_start;
        *first = (uint8_t)(0x40 | words);
        CHECK_EQ(send_with(device, &at), words < 5 || words > most ? CSUMOFF_ERANGE : CSUMOFF_OK);
        if (made.status == CSUMOFF_OK)
            CHECK_EQ(ref_checksum(ref_sum(made.bytes + at.l3_start, words * 4)), 0);
        *first = (uint8_t)(0x60 | words);
        CHECK_EQ(send_with(device, &at), CSUMOFF_ERANGE);
    }
}
END_TEST

/* A datagram that is shorter than the packet around it: only zeros may follow it. */
START_TEST(layouts_of_short_datagrams)
{
    const struct device devices[] = {all_xen, all_virtio};

    rng = rng_new(8);
    for (size_t i = 0; i < 8; i++) {
        const struct device *device = &devices[i % 2];
        struct packet_spec spec = spec_plain(i / 2 % 2 ? 4 : 6, PROTO_UDP, 60, "");
        struct wish wish = {.target = OWN, .hint = {.want = CSUMOFF_TX_COMPUTE}};
        struct outcome outcome;
        struct beside beside;

        spec.level[0].slack = 3;
        packet_build(&packet, &spec, &rng);
        packet.bytes[packet.len - 1] = i < 4 ? 0 : 1;
        outcome = check_wish(device, &wish);
        CHECK_EQ(outcome.is_told, i < 4);
        /* All that has to be summed is at hand. */
        if (device->is_xen) {
            size_t have = packet.level[0].l4 + packet.level[0].l4_len;

            CHECK_EQ(csumoff_netfront_tx_head(placed(&guard), have, packet.len, &no_xen.xen, NULL,
                                              &beside.slot),
                     CSUMOFF_OK);
            CHECK_EQ(csumoff_netfront_tx_head(placed(&guard), have - 1, packet.len, &no_xen.xen,
                                              NULL, &beside.slot),
                     CSUMOFF_ENOTSUP);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const layouts[] = {layouts_that_cannot_be, layouts_and_ipv4_headers,
                                    layouts_of_short_datagrams, NULL};
    Suite *suite = suite_create("tx_layouts");

    suite_add(suite, "layouts", layouts);
    return suite_run(suite);
}
