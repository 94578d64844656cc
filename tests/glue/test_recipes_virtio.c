// SPDX-License-Identifier: MIT
/* The recipes of a virtio-net driver. */
#include "recipes_checks.h"

enum {
    VIRTIO_12_BYTES = 12
};

/* The bits of VIRTIO 1.2, section 5.1.3, written down a second time. */
static const uint64_t f_csum = 1u << 0, f_guest_csum = 1u << 1, f_host_tso4 = 1u << 11,
                      f_host_tso6 = 1u << 12, f_host_ecn = 1u << 13, f_host_uso = UINT64_C(1) << 56;

START_TEST(virtio_net_features_one_by_one)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        const uint64_t feature = UINT64_C(1) << bit;
        const struct csumoff_virtio_caps caps = virtio_net_caps(feature),
                                         but = virtio_net_caps(~feature);

        CHECK_EQ(caps.csum, feature == f_csum);
        CHECK_EQ(caps.tso4, feature == f_host_tso4);
        CHECK_EQ(caps.tso6, feature == f_host_tso6);
        CHECK_EQ(caps.ecn, feature == f_host_ecn);
        CHECK_EQ(caps.uso, feature == f_host_uso);
        CHECK_EQ(but.csum, feature != f_csum);
        CHECK_EQ(but.tso4, feature != f_host_tso4);
        CHECK_EQ(but.tso6, feature != f_host_tso6);
        CHECK_EQ(but.ecn, feature != f_host_ecn);
        CHECK_EQ(but.uso, feature != f_host_uso);
    }
}
END_TEST

/* What a stack without checksums hands over leaves right, with an offload and without. */
START_TEST(virtio_net_sends)
{
    struct rng rng = rng_new(20);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        const bool is_tcp = rng_below(&rng, 2), offloads = rng_below(&rng, 2);
        const struct csumoff_virtio_caps device = virtio_net_caps(offloads ? f_csum : 0);
        struct packet_spec spec =
            spec_plain(i & 1 ? 4 : 6, is_tcp ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);
        uint8_t *sent = frame + VIRTIO_12_BYTES;
        struct csumoff_virtio_hdr hdr;

        spec.level[0].tag_count = (uint8_t)rng_below(&rng, 2);
        spec.level[0].tags[0] = 0x8100;
        (void)build(&spec, COMPLETE, sent, &rng);
        store_wire16(sent + packet.level[0].l4 + packet.level[0].csum_offset,
                     (uint16_t)rng_u32(&rng));
        rng_fill(&rng, frame, VIRTIO_12_BYTES);
        CHECK_EQ(virtio_net_send(frame, packet.len, 0, &device), CSUMOFF_OK);
        CHECK_EQ(csumoff_virtio_get(frame, CSUMOFF_VIRTIO_LITTLE | CSUMOFF_VIRTIO_12, &hdr),
                 VIRTIO_12_BYTES);
        CHECK_EQ(hdr.flags, offloads ? CSUMOFF_VIRTIO_NEEDS_CSUM : 0);
        CHECK_EQ(hdr.gso_type, CSUMOFF_VIRTIO_GSO_NONE);
        CHECK_EQ(hdr.num_buffers, 0);
        device_takes(sent, packet.len, &hdr);
        check_wanted(sent, packet.len);
    }
}
END_TEST

START_TEST(virtio_net_sends_super_frames)
{
    struct rng rng = rng_new(21);

    for (unsigned version = 4; version <= 6; version += 2) {
        const uint64_t tso = version == 4 ? f_host_tso4 : f_host_tso6;
        const struct csumoff_virtio_caps cuts = virtio_net_caps(f_csum | tso),
                                         does_not = virtio_net_caps(~tso);
        const struct packet_spec spec = spec_plain(version, PROTO_TCP, 30000, NULL);
        struct csumoff_virtio_hdr hdr;

        (void)build(&spec, COMPLETE, frame + VIRTIO_12_BYTES, &rng);
        CHECK_EQ(virtio_net_send(frame, packet.len, GSO_SIZE, &does_not), CSUMOFF_ENOTSUP);
        CHECK_EQ(virtio_net_send(frame, packet.len, GSO_SIZE, &cuts), CSUMOFF_OK);
        (void)csumoff_virtio_get(frame, CSUMOFF_VIRTIO_LITTLE | CSUMOFF_VIRTIO_12, &hdr);
        CHECK_EQ(hdr.gso_type, version == 4 ? CSUMOFF_VIRTIO_GSO_TCPV4 : CSUMOFF_VIRTIO_GSO_TCPV6);
        CHECK_EQ(hdr.gso_size, GSO_SIZE);
        device_takes(frame + VIRTIO_12_BYTES, packet.len, &hdr);
        check_wanted(frame + VIRTIO_12_BYTES, packet.len);
    }
}
END_TEST

/* Only a checksum that is complete and that nobody has verified is the stack's to verify. */
START_TEST(virtio_net_receives)
{
    struct rng rng = rng_new(22);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        const enum as as = (enum as)rng_below(&rng, WITHOUT + 1);
        const uint64_t features = rng_below(&rng, 2) ? f_guest_csum : ~f_guest_csum;
        const bool guest_csum = features == f_guest_csum;
        struct packet_spec spec =
            spec_plain(i & 1 ? 4 : 6, i & 2 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);
        struct csumoff_rx rx = build(&spec, as, frame + VIRTIO_12_BYTES, &rng);
        struct csumoff_virtio_hdr hdr = hdr_as(&rx);
        bool must_verify = false;
        int status;

        if (as == VERIFIED)
            hdr.flags = CSUMOFF_VIRTIO_DATA_VALID;
        hdr.num_buffers = 1;
        (void)csumoff_virtio_put(&hdr, CSUMOFF_VIRTIO_LITTLE | CSUMOFF_VIRTIO_12, frame);
        status = virtio_net_receive(frame, packet.len, features, &must_verify);
        CHECK_EQ(status, as >= SEEDED && !guest_csum ? CSUMOFF_ENOTSUP : CSUMOFF_OK);
        if (!status)
            CHECK_EQ(must_verify, as == COMPLETE || !guest_csum);
    }
}
END_TEST

int main(void)
{
    const TTest *const driver[] = {virtio_net_features_one_by_one, virtio_net_sends,
                                   virtio_net_sends_super_frames, virtio_net_receives, NULL};
    Suite *suite = suite_create("recipes_virtio");

    suite_add(suite, "driver", driver);
    return suite_run(suite);
}
