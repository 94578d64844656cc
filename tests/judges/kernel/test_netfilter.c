// SPDX-License-Identifier: MIT
/*
 * What the kernel forwards: a CRC32c and addresses as netfilter makes them anew are the library's,
 * and what connection tracking drops is what the library calls wrong. Where this kernel lacks
 * something, the test says so.
 */
#include "../../oracle/frames.h"
#include "emitted_checks.h"
#include "netlink.h"

static struct tap plain;
static struct frame frame;

static void routed_new(void)
{
    machine_new();
    tap_new(&near, "near", TUN_F_CSUM, 1500);
    tap_new(&plain, "plain", 0, 1500);
    tap_address(&near, NEAR, HERE);
    tap_address(&plain, FAR, HERE);
}

/* Makes the header of `frame` one that goes from PEER of NEAR to a machine by way of `near`. */
static void address_frame(int net, int host)
{
    uint8_t *l3 = frame.bytes + frame.l3;
    bool v4 = frame.recipe.version == 4;

    memcpy(frame.bytes, near.mac, 6);
    memcpy(frame.bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, PEER}, 6);
    l3[v4 ? 8 : 7] = 64; /* TTL, hop limit */
    if (v4)
        l3[1] = 0;
    address_bytes(v4 ? 4 : 6, NEAR, PEER, l3 + (v4 ? 12 : 8));
    address_bytes(v4 ? 4 : 6, net, host, l3 + (v4 ? 16 : 24));
    frame_set_l3(&frame);
}

static void pack(void)
{
    sent.hdr = (struct virtio_net_hdr){.flags = 0};
    sent.len = frame.len;
    memcpy(sent.bytes, frame.bytes, frame.len);
}

static uint32_t crc_of(const uint8_t *l4, size_t len)
{
    static const uint8_t zero[4];

    return ref_crc32c(ref_crc32c(ref_crc32c(0, l4, 8), zero, 4), l4 + 12, len - 12);
}

static void put_crc(uint8_t *l4, uint32_t crc)
{
    memcpy(
        l4 + 8,
        (uint8_t[]){(uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16), (uint8_t)(crc >> 24)},
        4);
}

/* nf_tables overwrites the verification tag and has sctp_compute_cksum() make the CRC32c anew,
 * whatever it was. */
START_TEST(crc32c_is_the_kernels)
{
    static const uint8_t tag[] = {0xDE, 0xAD, 0xBE, 0xEF};
    static const struct overwrite how = {SCTP, true, 4, tag, sizeof tag, CRC32C_CSUM, 8, false};
    struct rng rng = rng_new(73);
    size_t count = effort(2000, 300), i;
    int error;

    routed_new();
    error = overwrite(&how);
    if (error) {
        kernel_lacks("crc32c_is_the_kernels", strerror(error));
        return;
    }
    for (i = 0; i < count; i++) {
        struct recipe recipe = {.ethernet = true,
                                .version = i % 2 ? 4 : 6,
                                .options = i % 4 == 1 ? 8 : 0,
                                .chain = i % 4 == 2 ? "" : NULL,
                                .proto = SCTP,
                                .payload = i < 600 ? i : rng_below(&rng, 1400)};
        struct csumoff_layout at;
        struct csumoff_report report;
        int status;

        frame_build(&frame, &recipe, &rng);
        address_frame(FAR, PEER);
        pack();
        CHECK_EQ(tap_write(&near, &sent), 0);
        if (!tap_read(&plain, &came, WAIT_MS))
            ck_abort_msg("%s: never came out", recipe_text(&recipe));
        CHECK(memcmp(came.bytes + frame.l4 + 4, tag, sizeof tag) == 0);
        report = inspect(came.bytes, came.len);
        CHECK_EQ(report.l4, CSUMOFF_GOOD);
        status = csumoff_locate(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &at);
        CHECK_EQ(status, CSUMOFF_OK);
        CHECK_EQ(at.csum_kind, CSUMOFF_CRC32C);
        CHECK_EQ(at.csum_start, frame.l4);
        memcpy(ours, came.bytes, came.len);
        rng_fill(&rng, ours + frame.l4 + 8, 4);
        sent.len = came.len;
        CHECK_EQ(csumoff_finish_at(ours, came.len, &at), CSUMOFF_OK);
        check_kernels_bytes("csumoff_finish_at", ours, came.bytes, sent.len);
        judge_emitted("SCTP", &came);
        put_crc(ours + frame.l4, crc_of(came.bytes + frame.l4, frame.l4_len));
        check_kernels_bytes("the oracle", ours, came.bytes, sent.len);
    }
    said("CRC32c that the kernel computed", count);
}
END_TEST

/* A TAP that is told NEEDS_CSUM of SCTP sums words (skb_checksum_help()): it doesn't set
 * csum_not_inet (virtio_net_hdr_to_skb()). That is why csumoff_seed() refuses. */
START_TEST(seeded_sctp_is_ruined)
{
    struct recipe recipe = {.ethernet = true, .version = 4, .proto = SCTP, .payload = 100};
    struct rng rng = rng_new(74);
    struct csumoff_layout at;

    routed_new();
    frame_build(&frame, &recipe, &rng);
    address_frame(FAR, PEER);
    CHECK_EQ(csumoff_seed(frame.bytes, frame.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_EPROTO);
    pack();
    sent.hdr = (struct virtio_net_hdr){
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = (uint16_t)frame.l4, .csum_offset = 8};
    CHECK_EQ(tap_write(&near, &sent), 0);
    CHECK(tap_read(&plain, &came, WAIT_MS));
    CHECK_EQ(csumoff_locate(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    memcpy(ours, came.bytes, came.len);
    memcpy(ours + frame.l4 + 8, frame.bytes + frame.l4 + 8, 4);
    CHECK_EQ(csumoff_finish(ours, came.len, frame.l4, 8), CSUMOFF_OK);
    check_kernels_bytes("words", ours, came.bytes, sent.len);
    CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_BAD);
}
END_TEST

/* nf_tables overwrites a field and brings checksums up to date, as does csumoff_rewrite(): of
 * packets that are complete, right or wrong, and of those that hold a seed. */
START_TEST(rewritten_as_the_kernel_does)
{
    static const uint8_t other[16] = {0xFD, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE,
                                      0xF0, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07};
    static const struct row {
        const char *name;
        unsigned version;
        struct overwrite how;
    } rows[] = {
        {"source", 4, {TCP, false, 12, other, 4, INTERNET_CSUM, 10, true}},
        {"destination", 4, {TCP, false, 16, other, 4, INTERNET_CSUM, 10, true}},
        {"source", 4, {UDP, false, 12, other, 4, INTERNET_CSUM, 10, true}},
        {"destination", 4, {UDP, false, 16, other, 4, INTERNET_CSUM, 10, true}},
        {"identification", 4, {UDP, false, 4, other, 2, INTERNET_CSUM, 10, false}},
        {"source", 4, {ICMP, false, 12, other, 4, INTERNET_CSUM, 10, true}},
        {"source", 6, {TCP, false, 8, other, 16, NO_CSUM, 0, true}},
        {"destination", 6, {UDP, false, 24, other, 16, NO_CSUM, 0, true}},
        {"destination", 6, {ICMPV6, false, 24, other, 16, NO_CSUM, 0, true}},
        {"port", 4, {TCP, true, 2, other, 2, INTERNET_CSUM, 16, false}},
        {"port", 4, {UDP, true, 0, other, 2, INTERNET_CSUM, 6, false}},
        {"port", 6, {UDP, true, 0, other, 2, INTERNET_CSUM, 6, false}},
        {"sequence number", 6, {TCP, true, 4, other, 4, INTERNET_CSUM, 16, false}},
    };
    enum {
        RIGHT,
        WRONG,
        SEED,
        ZERO,
        STATES
    };
    struct rng rng = rng_new(80);
    size_t r, i, count = 0;
    int error, state;

    for (r = 0; r < COUNT(rows); r++) {
        const struct overwrite *how = &rows[r].how;
        bool v4 = rows[r].version == 4;

        routed_new();
        error = overwrite(how);
        if (error) {
            kernel_lacks("rewritten_as_the_kernel_does", strerror(error));
            return;
        }
        for (i = 0; i < effort(400, 80); i++) {
            struct recipe recipe = {.ethernet = true,
                                    .version = rows[r].version,
                                    .options = i % 8 == 1 && v4 ? 8 : 0,
                                    .chain = "",
                                    .proto = how->proto,
                                    .payload = rng_below(&rng, 300)};
            struct csumoff_layout at;
            size_t field;
            uint16_t found;

            state = (int)(i % STATES);
            if ((state == SEED && how->proto != TCP && how->proto != UDP) ||
                (state == ZERO && (how->proto != UDP || !v4 || how->in_l4)))
                continue;
            frame_build(&frame, &recipe, &rng);
            address_frame(FAR, PEER);
            frame_set_field(&frame, state == SEED   ? frame_seed(&frame)
                                    : state == ZERO ? 0
                                                    : frame_complete(&frame));
            if (state == WRONG)
                frame_set_field(&frame, frame_field(&frame) ^ 0x0200);
            pack();
            if (state == SEED)
                sent.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                                   .csum_start = (uint16_t)frame.l4,
                                                   .csum_offset = (uint16_t)frame.csum_offset};
            CHECK_EQ(tap_write(&near, &sent), 0);
            if (!tap_read(&plain, &came, WAIT_MS))
                ck_abort_msg("%s: never came out", recipe_text(&recipe));

            /* A router has one more thing to rewrite. */
            memcpy(ours, sent.bytes, sent.len);
            memcpy(ours, came.bytes, 12);
            CHECK_EQ(csumoff_locate(ours, sent.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
            error =
                csumoff_rewrite(ours, sent.len, &at, state == SEED ? CSUMOFF_PARTIAL : CSUMOFF_NONE,
                                frame.l3 + (v4 ? 8 : 7), (uint8_t[]){63}, 1);
            CHECK_EQ(error, CSUMOFF_OK);
            error = csumoff_rewrite(
                ours, sent.len, &at, state == SEED ? CSUMOFF_PARTIAL : CSUMOFF_NONE,
                (how->in_l4 ? frame.l4 : frame.l3) + how->offset, how->bytes, how->len);
            CHECK_EQ(error, CSUMOFF_OK);
            if (state == SEED)
                CHECK_EQ(csumoff_finish_at(ours, sent.len, &at), CSUMOFF_OK);
            /* The two forms of zero are one. */
            field = frame.l4 + frame.csum_offset;
            found = load_wire16(came.bytes + field);
            if (how->proto != UDP && found % 0xFFFF == 0 && load_wire16(ours + field) % 0xFFFF == 0)
                store_wire16(ours + field, found);
            check_kernels_bytes(rows[r].name, ours, came.bytes, sent.len);
            count++;
        }
    }
    said("packets that the kernel rewrote as csumoff_rewrite() did", count);
}
END_TEST

/* What connection tracking calls invalid is dropped: it looks at checksums first (tcp_error(),
 * sctp_error() ...). */
START_TEST(connection_tracking_agrees)
{
    static const struct {
        unsigned version;
        uint8_t proto;
    } kinds[] = {{4, TCP},  {6, TCP},    {4, UDP},  {6, UDP},
                 {4, ICMP}, {6, ICMPV6}, {4, SCTP}, {6, SCTP}};
    struct rng rng = rng_new(75);
    size_t count = effort(8000, 800), of[2] = {0}, i;
    int error, injector;

    routed_new();
    injector = injector_new(&plain);
    error = drop_invalid();
    if (error) {
        kernel_lacks("connection_tracking_agrees", strerror(error));
        return;
    }
    for (i = 0; i < count; i++) {
        size_t k = i % COUNT(kinds), byte;
        struct recipe recipe = {.ethernet = true,
                                .version = kinds[k].version,
                                .chain = "",
                                .proto = kinds[k].proto,
                                .payload = 20 + rng_below(&rng, 700)};
        uint8_t *l4;
        bool good = rng_below(&rng, 2), arrived;
        int status;

        frame_build(&frame, &recipe, &rng);
        l4 = frame.bytes + frame.l4;
        address_frame(FAR, PEER);
        switch (recipe.proto) {
        case TCP: /* SYN */
            store_wire16(l4, (uint16_t)(1024 + i));
            l4[13] = 2;
            break;
        case UDP:
            store_wire16(l4, (uint16_t)(1024 + i));
            break;
        case SCTP: /* INIT, of all the rest: RFC 9260, section 3.3.2 */
            store_wire16(l4, (uint16_t)(1024 + i));
            memset(l4 + 4, 0, 4);
            l4[12] = 1;
            store_wire16(l4 + 14, (uint16_t)recipe.payload);
            break;
        default: /* echo request */
            l4[0] = recipe.proto == ICMP ? 8 : 128;
            l4[1] = 0;
        }
        if (recipe.proto == SCTP)
            put_crc(l4, crc_of(l4, frame.l4_len));
        else
            frame_set_field(&frame, frame_complete(&frame));
        if (!good) {
            /* Not what makes the kernel look elsewhere: lengths. */
            do
                byte = rng_below(&rng, frame.l4_len);
            while ((recipe.proto == UDP && (byte == 4 || byte == 5)) ||
                   (recipe.proto == TCP && byte == 12));
            l4[byte] ^= (uint8_t)(1u << rng_below(&rng, 8));
        }
        if (recipe.proto == UDP && frame_field(&frame) == 0)
            continue;
        pack();
        status = csumoff_verify(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET);
        CHECK_EQ(status, good ? CSUMOFF_OK : CSUMOFF_ECSUM);
        CHECK_EQ(tap_write(&near, &sent), 0);
        send_mark(injector);
        CHECK(tap_read(&plain, &came, WAIT_MS));
        arrived = !is_mark(&came);
        if (arrived) {
            CHECK_EQ(came.len, sent.len);
            CHECK(memcmp(came.bytes + frame.l4, sent.bytes + frame.l4, frame.l4_len) == 0);
            CHECK(tap_read(&plain, &came, WAIT_MS) && is_mark(&came));
        }
        if (arrived != good)
            ck_abort_msg("%s, protocol %u over IPv%u, %zu bytes: %s by connection tracking",
                         good ? "good" : "damaged", recipe.proto, recipe.version, sent.len,
                         arrived ? "forwarded" : "dropped");
        of[good]++;
    }
    ck_assert_uint_gt(of[0], count / 4);
    ck_assert_uint_gt(of[1], count / 4);
    printf("# connection tracking agreed: %zu good, %zu damaged\n", of[1], of[0]);
    fflush(stdout);
}
END_TEST

int main(void)
{
    const TTest *const forwarded[] = {crc32c_is_the_kernels, seeded_sctp_is_ruined,
                                      connection_tracking_agrees, rewritten_as_the_kernel_does,
                                      NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_netfilter");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "forwarded", forwarded);
    return suite_run(suite);
}
