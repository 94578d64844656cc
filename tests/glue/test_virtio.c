// SPDX-License-Identifier: MIT
/* virtio-net headers: in memory, sent, received. Expectations are the oracle's. */
#include <csumoff_virtio.h>
#include <string.h>

#include "../oracle/frames.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    NEEDS = 1,
    VALID = 2,
    RSC = 4,
    TCPV4 = 1,
    UFO = 3,
    TCPV6 = 4,
    USO = 5,
    ECN = 0x80,
    ESP = 50
};

static const struct csumoff_virtio_caps all = {true, true, true, true, true}, none;
static const struct csumoff_virtio_policy trusting = {true, true};

static const struct recipe tcp4 = {.ethernet = true, .version = 4, .proto = TCP, .payload = 3000},
                           tcp6 = {.ethernet = true, .version = 6, .proto = TCP, .payload = 3000},
                           udp4 = {.ethernet = true, .version = 4, .proto = UDP, .payload = 3000},
                           udp6 = {.ethernet = true, .version = 6, .proto = UDP, .payload = 3000},
                           icmp4 = {.ethernet = true, .version = 4, .proto = ICMP, .payload = 9};

static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_VERIFIED, CSUMOFF_TX_AS_IS,
                                        CSUMOFF_TX_SEEDED};

static struct frame a, b;
static struct guarded guard;

static uint8_t *placed(const struct frame *f, size_t len)
{
    if (!guard.map)
        CHECK(guarded_new(&guard, 70000));
    memcpy(guard.end - len, f->bytes, len);
    return guard.end - len;
}

static void build(const struct recipe *recipe, uint64_t stream)
{
    struct rng rng = rng_new(stream);

    frame_build(&a, recipe, &rng);
    if (recipe->proto == TCP)
        a.bytes[a.l4 + 13] = 0x10;
    frame_set_l3(&a);
}

static void check_same(const struct frame *want, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != want->bytes[i])
            ck_abort_msg("byte %zu is 0x%02X, not 0x%02X (L3 %zu, L4 %zu): %s", i, p[i],
                         want->bytes[i], want->l3, want->l4, recipe_text(&want->recipe));
}

/* Sends it; the bytes have to be those of `want`, and the header what is told. */
static struct csumoff_virtio_hdr send(const struct frame *want,
                                      const struct csumoff_virtio_caps *caps,
                                      const struct csumoff_hint *hint, int status, uint8_t flags)
{
    struct csumoff_virtio_hdr hdr, untouched;
    uint8_t *p = placed(&a, a.len);
    int got;

    memset(&untouched, 0xA5, sizeof untouched);
    hdr = untouched;
    got = csumoff_virtio_tx(p, a.len, CSUMOFF_LINK_ETHERNET, caps, hint, &hdr);
    if (got != status || (!got && hdr.flags != flags))
        ck_abort_msg("status %d, not %d; flags %u, not %u: %s", got, status, hdr.flags, flags,
                     recipe_text(&a.recipe));
    check_same(status ? &a : want, p, a.len);
    if (status) {
        CHECK(same_bytes(&hdr, &untouched, sizeof hdr));
        return hdr;
    }
    CHECK(!(hdr.flags & VALID));
    CHECK(!hdr.gso_type || (hdr.flags & NEEDS && hdr.gso_size));
    if (!(hdr.flags & NEEDS))
        CHECK(hdr.csum_start == 0 && hdr.csum_offset == 0);
    return hdr;
}

static void completed(void)
{
    b = a;
    frame_set_l3(&b);
    frame_set_field(&b, frame_complete(&a));
}

static void seeded(void)
{
    b = a;
    frame_set_l3(&b);
    frame_set_field(&b, frame_seed(&a));
}

/* ---- In memory ----------------------------------------------------------------------------- */

START_TEST(forms)
{
    const struct csumoff_virtio_hdr hdr = {0x01, 0x85, 0x1234, 0x5678, 0x9ABC, 0xDEF0, 0x0203};
    const uint8_t little[12] = {1,    0x85, 0x34, 0x12, 0x78, 0x56,
                                0xBC, 0x9A, 0xF0, 0xDE, 0x03, 0x02};
    uint8_t native[12] = {1, 0x85}, out[13];
    const uint16_t words[5] = {0x1234, 0x5678, 0x9ABC, 0xDEF0, 0x0203};

    memcpy(native + 2, words, 10);
    for (unsigned form = 0; form < 4; form++) {
        const uint8_t *want = form & CSUMOFF_VIRTIO_NATIVE ? native : little;
        size_t len = form & CSUMOFF_VIRTIO_12 ? 12 : 10;
        struct csumoff_virtio_hdr back;

        memset(out, 0xA5, sizeof out);
        CHECK_EQ(csumoff_virtio_put(&hdr, form, out), len);
        CHECK(memcmp(out, want, len) == 0);
        CHECK_EQ(out[len], 0xA5);
        CHECK_EQ(csumoff_virtio_get(out, form, &back), len);
        CHECK_EQ(back.num_buffers, len == 12 ? 0x0203 : 0);
        back.num_buffers = hdr.num_buffers;
        CHECK(same_bytes(&back, &hdr, sizeof hdr));
    }
}
END_TEST

/* ---- Sending ------------------------------------------------------------------------------- */

/* Every kind of frame under every state; finished by the device, it is good. Tags and all. */
START_TEST(every_frame_sent)
{
    struct rng rng = rng_new(1);

    for (size_t i = 0; i < recipe_count(); i += effort(1, 7)) {
        struct recipe recipe = recipe_at(i);
        struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, NULL};

        if (!recipe.ethernet)
            continue;
        for (unsigned csum = 0; csum < 2; csum++) {
            const struct csumoff_virtio_caps *caps = csum ? &all : &none;
            bool has_seed = recipe.proto == TCP || recipe.proto == UDP;
            struct csumoff_virtio_hdr hdr;
            struct csumoff_report report;
            uint8_t *p;

            frame_build(&a, &recipe, &rng);
            has_seed &= csum;
            has_seed ? seeded() : completed();
            hdr = send(&b, caps, NULL, CSUMOFF_OK, has_seed ? NEEDS : 0);
            if (has_seed) {
                CHECK_EQ(hdr.csum_start, a.l4);
                CHECK_EQ(hdr.csum_offset, a.csum_offset);
                p = placed(&b, b.len);
                CHECK_EQ(csumoff_finish(p, b.len, hdr.csum_start, hdr.csum_offset), CSUMOFF_OK);
                CHECK_EQ(csumoff_inspect(p, b.len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
                CHECK_EQ(report.l4, CSUMOFF_GOOD);
            }
            hint.want = CSUMOFF_TX_VERIFIED;
            send(&a, caps, &hint, CSUMOFF_OK, 0);
            hint.want = CSUMOFF_TX_AS_IS;
            send(&a, caps, &hint, CSUMOFF_OK, 0);
            /* A seed is kept, ICMP's too. */
            hint.want = CSUMOFF_TX_SEEDED;
            frame_set_field(&a, ref_fold(frame_pseudo(&a, (uint32_t)a.l4_len)));
            completed();
            if (!csum && frame_field(&b) == 0)
                frame_set_field(&b, 0xFFFF);
            if (csum)
                frame_set_field(&b, frame_field(&a));
            send(&b, caps, &hint, CSUMOFF_OK, csum ? NEEDS : 0);
        }
    }
}
END_TEST

START_TEST(trailer)
{
    struct recipe recipe = udp6;
    struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 0, NULL};

    recipe.padding = 5;
    build(&recipe, 2);
    a.bytes[a.len - 1] = 1;
    completed();
    send(&b, &all, NULL, CSUMOFF_OK, 0);
    frame_set_field(&a, frame_seed(&a));
    send(&b, &all, &hint, CSUMOFF_OK, 0);
}
END_TEST

/* No seed is 0. */
START_TEST(a_field_of_0_is_no_seed)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (size_t i = 0; i < 4; i++) {
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 0, NULL};

        build(recipes[i], 17);
        frame_set_field(&a, 0);
        seeded();
        send(&b, &all, &hint, CSUMOFF_OK, NEEDS);
        completed();
        send(&b, &none, &hint, CSUMOFF_OK, 0);
    }
}
END_TEST

/* The device is told where: the packet inside needs no finishing. */
START_TEST(tunnels)
{
    static const uint8_t protos[] = {UDP, 47};

    for (size_t i = 0; i < 2; i++) {
        struct recipe recipe = udp4;
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 16, 0, NULL};
        struct csumoff_virtio_hdr hdr;

        recipe.proto = protos[i];
        build(&recipe, 3);
        hint.csum_start = (uint32_t)a.l4 + 50;
        hdr = send(&a, &all, &hint, CSUMOFF_OK, NEEDS);
        CHECK_EQ(hdr.csum_start, a.l4 + 50);
        CHECK_EQ(hdr.csum_offset, 16);
        b = a;
        store_wire16(b.bytes + a.l4 + 66,
                     ref_checksum(ref_sum(a.bytes + a.l4 + 50, a.len - a.l4 - 50)));
        send(&b, &none, &hint, CSUMOFF_OK, 0);
        /* A field of its own in the place of the packet's. */
        hint.csum_start = (uint32_t)a.l4;
        hint.csum_offset = 20;
        hdr = send(&a, &all, &hint, CSUMOFF_OK, NEEDS);
        CHECK_EQ(hdr.csum_start, a.l4);
        CHECK_EQ(hdr.csum_offset, 20);
        hint.csum_offset = 16;
        hint.csum_start = (uint32_t)a.len - 17;
        send(&a, &all, &hint, CSUMOFF_ERANGE, 0);
        send(&a, &none, &hint, CSUMOFF_ERANGE, 0);
    }
    build(&udp4, 4);
    for (size_t start = 1; start < a.l4; start++) {
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, (uint32_t)start, 6, 0, NULL};

        send(&a, &all, &hint, CSUMOFF_ERANGE, 0);
    }
}
END_TEST

START_TEST(fragments_arp_and_esp)
{
    struct recipe recipe = tcp4;

    for (size_t i = 0; i < 3; i++) {
        recipe.proto = i == 2 ? ESP : TCP;
        build(&recipe, 5);
        if (i == 0)
            store_wire16(a.bytes + 12, 0x0806);
        if (i == 1)
            store_wire16(a.bytes + a.l3 + 6, 0x2000);
        if (i)
            frame_set_l3(&a);
        for (size_t w = 0; w < 4; w++) {
            struct csumoff_hint hint = {wants[w], 0, 0, 0, NULL};
            bool is_seeded = wants[w] == CSUMOFF_TX_SEEDED;

            send(&a, &all, &hint,
                 !is_seeded ? CSUMOFF_OK
                 : i == 1   ? CSUMOFF_EFRAG
                            : CSUMOFF_EPROTO,
                 0);
            if (i == 1 && is_seeded) {
                hint.csum_start = (uint32_t)a.l4;
                hint.csum_offset = 16;
                send(&a, &all, &hint, CSUMOFF_ENOTSUP, 0);
            }
            hint = (struct csumoff_hint){wants[w], 0, 0, 100, NULL};
            if (!is_seeded)
                send(&a, &all, &hint, CSUMOFF_ENOTSUP, 0);
        }
    }
}
END_TEST

/* Each feature for its own kind of frame, and never without a seed. */
/* An IPv6 packet of 65,535 bytes behind its header is segmented as any other; the frame is longer
 * than 65,535 bytes by all its headers. */
START_TEST(largest_super_frame)
{
    const struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 1440, NULL};
    struct recipe recipe = tcp6;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_rx rx;

    recipe.payload = 65535 - 20;
    build(&recipe, 7);
    frame_set_field(&a, frame_seed(&a));
    CHECK_EQ(a.len, 14 + 40 + 65535);
    hdr = send(&a, &all, &hint, CSUMOFF_OK, NEEDS);
    CHECK_EQ(hdr.gso_type, TCPV6);
    CHECK_EQ(csumoff_virtio_rx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx),
             CSUMOFF_OK);
    CHECK_EQ(rx.gso_size, 1440);
}
END_TEST

START_TEST(gso_of_each_kind)
{
    static const struct {
        const struct recipe *recipe;
        uint8_t type;
        enum csumoff_gso is;
        struct csumoff_virtio_caps needs;
    } rows[] = {
        {&tcp4, TCPV4, CSUMOFF_GSO_TCPV4, {.csum = true, .tso4 = true}},
        {&tcp6, TCPV6, CSUMOFF_GSO_TCPV6, {.csum = true, .tso6 = true}},
        {&udp4, USO, CSUMOFF_GSO_UDP_L4, {.csum = true, .uso = true}},
        {&udp6, USO, CSUMOFF_GSO_UDP_L4, {.csum = true, .uso = true}},
        {&tcp4, TCPV4 | ECN, CSUMOFF_GSO_TCPV4, {.csum = true, .tso4 = true, .ecn = true}},
        {&tcp6, TCPV6 | ECN, CSUMOFF_GSO_TCPV6, {.csum = true, .tso6 = true, .ecn = true}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (unsigned bits = 0; bits < 32; bits++) {
            struct csumoff_virtio_caps caps = {bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
            const struct csumoff_virtio_caps *needs = &rows[i].needs;
            bool has_features = caps.csum && caps.tso4 >= needs->tso4 && caps.tso6 >= needs->tso6 &&
                                caps.ecn >= needs->ecn && caps.uso >= needs->uso;

            for (size_t s = 0; s < 4; s++) {
                struct csumoff_hint hint = {wants[s], 0, 0, 1000, NULL};
                bool takes = has_features &&
                             (wants[s] == CSUMOFF_TX_COMPUTE || wants[s] == CSUMOFF_TX_SEEDED);
                struct csumoff_virtio_hdr hdr;
                struct csumoff_rx rx;

                build(rows[i].recipe, 6);
                if (rows[i].type & ECN)
                    a.bytes[a.l4 + 13] |= 0x80;
                frame_set_field(&a, frame_seed(&a));
                hdr = send(&a, &caps, &hint, takes ? CSUMOFF_OK : CSUMOFF_ENOTSUP, NEEDS);
                if (!takes)
                    continue;
                CHECK_EQ(hdr.gso_type, rows[i].type);
                CHECK_EQ(hdr.gso_size, 1000);
                CHECK_EQ(hdr.hdr_len, a.l4 + (a.recipe.proto == TCP ? 20 : 8));
                CHECK_EQ(
                    csumoff_virtio_rx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx),
                    CSUMOFF_OK);
                CHECK_EQ(rx.gso_type, rows[i].is);
            }
        }
    }
    /* What can't be GSO: ICMP, with padding, inside a tunnel. */
    for (unsigned i = 0; i < 3; i++) {
        struct recipe recipe = i == 0 ? icmp4 : tcp4;
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 5, NULL};

        recipe.padding = i == 1;
        build(&recipe, 18);
        hint.csum_start = i == 2 ? (uint32_t)a.l4 + 40 : 0;
        send(&a, &all, &hint, CSUMOFF_ENOTSUP, 0);
    }
    /* Over 128 datagrams; a payload that mss covers. */
    build(&udp4, 7);
    for (uint16_t mss = 20; mss < 28; mss++) {
        struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, mss, NULL};

        seeded();
        send(&b, &all, &hint, mss < 24 ? CSUMOFF_ENOTSUP : CSUMOFF_OK, NEEDS);
    }
    for (size_t more = 0; more < 2; more++) { /* 128 datagrams, a byte */
        const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 24, NULL};
        struct recipe recipe = udp4;

        recipe.payload = (size_t)128 * 24 + more;
        build(&recipe, 7);
        seeded();
        send(&b, &all, &hint, more ? CSUMOFF_ENOTSUP : CSUMOFF_OK, NEEDS);
    }
    build(&udp4, 7);
    seeded();
    for (uint16_t mss = 3000; mss < 3002; mss++) {
        struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, mss, NULL};

        CHECK_EQ(send(&b, &all, &hint, CSUMOFF_OK, NEEDS).gso_type, 0);
    }
}
END_TEST

/* USO of a datagram that doesn't fill its packet: segments would be cut from the rest, too. */
START_TEST(uso_with_bytes_behind_the_datagram)
{
    const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 1000, NULL};
    struct recipe recipe = udp4;

    recipe.slack = 5;
    build(&recipe, 61);
    send(&a, &all, &hint, CSUMOFF_ENOTSUP, 0);
}
END_TEST

/* The header's csum_start has 16 bits: further on, checksums are finished in software. Headers of
 * 64 KiB can be made of IPv6 options. */
START_TEST(csum_start_beyond_16_bits)
{
    static const struct recipe recipe = {
        .ethernet = true, .vlans = 4, .version = 6, .proto = UDP, .payload = 65527};
    enum {
        HEADER = 2048,
        LAST = 65528 - 31 * HEADER
    };
    static const struct recipe inside = {
        .ethernet = true, .version = 4, .proto = 47, .payload = 65535 - 20 - 8};
    uint8_t *p;

    build(&inside, 63);
    for (size_t start = 65534; start <= 65536; start++) {
        const struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, (uint32_t)start, 6, 0, NULL};

        b = a;
        if (start > 65535)
            store_wire16(b.bytes + start + 6,
                         ref_checksum(ref_sum(a.bytes + start, a.len - start)));
        send(&b, &all, &hint, CSUMOFF_OK, start > 65535 ? 0 : NEEDS);
    }
    build(&recipe, 62);
    p = a.bytes + a.l3;
    p[6] = 60;
    memset(p + 40, 0, 65535); /* Pad1 */
    p += 40;
    for (size_t i = 0; i < 32; i++) {
        size_t len = i < 31 ? HEADER : LAST - 8;

        p[0] = i < 31 ? 60 : UDP;
        p[1] = (uint8_t)(len / 8 - 1);
        p += len;
    }
    a.len = (size_t)(p - a.bytes) + 8;
    a.bytes[a.l3 + 4] = (uint8_t)((a.len - a.l3 - 40) >> 8);
    a.bytes[a.l3 + 5] = (uint8_t)(a.len - a.l3 - 40);
    p[5] = 8; /* UDP's length */
    if (p - a.bytes <= 65535)
        ck_abort_msg("not far enough: %td", p - a.bytes);
    for (size_t i = 0; i < 2; i++) {
        const struct csumoff_hint hint = {i ? CSUMOFF_TX_SEEDED : CSUMOFF_TX_COMPUTE, 0, 0, 0,
                                          NULL};

        a.l4 = (size_t)(p - a.bytes);
        a.l4_len = 8;
        frame_set_field(&a, i ? frame_seed(&a) : 0);
        completed();
        send(&b, &all, &hint, CSUMOFF_OK, 0);
    }
}
END_TEST

/* The same behind MPLS labels, which may be as many. */
START_TEST(labels_beyond_16_bits)
{
    static const struct recipe recipe = {
        .ethernet = true, .version = 4, .proto = UDP, .payload = 30};

    for (size_t labels = 16374; labels <= 16376; labels++) {
        bool is_said = 14 + 4 * labels + 20 <= 65535;

        build(&recipe, 64);
        memmove(a.bytes + 14 + 4 * labels, a.bytes + 14, a.len - 14);
        memset(a.bytes + 14, 0, 4 * labels);
        a.bytes[14 + 4 * labels - 2] = 1; /* the last one */
        store_wire16(a.bytes + 12, 0x8847);
        a.l3 += 4 * labels;
        a.l4 += 4 * labels;
        a.end += 4 * labels;
        a.len += 4 * labels;
        is_said ? seeded() : completed();
        send(&b, &all, NULL, CSUMOFF_OK, is_said ? NEEDS : 0);
    }
}
END_TEST

/* What is at the place of an EtherType is an address in a frame that begins with its IP header. */
START_TEST(looks_like_another_link)
{
    static const struct recipe recipe = {.version = 4, .proto = UDP, .payload = 90};
    struct csumoff_virtio_hdr hdr;
    struct rng rng = rng_new(66);
    uint8_t *p;

    frame_build(&a, &recipe, &rng);
    memcpy(a.bytes + 12, "\x86\xDD\x60\x01", 4); /* from 134.221.96.1 */
    seeded();
    p = placed(&a, a.len);
    CHECK_EQ(csumoff_virtio_tx(p, a.len, CSUMOFF_LINK_IP, &all, NULL, &hdr), CSUMOFF_OK);
    CHECK_EQ(hdr.csum_start, 20);
    check_same(&b, p, a.len);
}
END_TEST

/* A frame that begins with its IP header, but has none: a seed is finished where it is said. Linux
 * drops a frame whose header says a place below 20, so no device is told of one. */
START_TEST(neither_version)
{
    static const struct recipe recipe = {.version = 4, .proto = UDP, .payload = 90};
    struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 20, 2, 0, NULL};
    struct csumoff_virtio_hdr hdr = {.hdr_len = 9};
    struct rng rng = rng_new(67);
    uint8_t *p;

    frame_build(&a, &recipe, &rng);
    a.bytes[0] = 0x55;
    b = a;
    p = placed(&a, a.len);
    CHECK_EQ(csumoff_virtio_tx(p, a.len, CSUMOFF_LINK_IP, &all, &hint, &hdr), CSUMOFF_OK);
    CHECK(hdr.flags == NEEDS && hdr.csum_start == 20 && hdr.csum_offset == 2);
    check_same(&a, p, a.len);
    for (size_t start = 1; start <= 20; start++) {
        b = a;
        store_wire16(b.bytes + start + 2, ref_checksum(ref_sum(a.bytes + start, a.len - start)));
        p = placed(&a, a.len);
        hint.csum_start = (uint32_t)start;
        CHECK_EQ(
            csumoff_virtio_tx(p, a.len, CSUMOFF_LINK_IP, start < 20 ? &all : &none, &hint, &hdr),
            CSUMOFF_OK);
        CHECK_EQ(hdr.flags, 0);
        check_same(&b, p, a.len);
    }
    hint.want = CSUMOFF_TX_COMPUTE;
    CHECK_EQ(csumoff_virtio_tx(p, a.len, CSUMOFF_LINK_IP, &all, &hint, &hdr), CSUMOFF_ENOTSUP);
    hint.csum_start = (uint32_t)a.len;
    CHECK_EQ(csumoff_virtio_tx(p, a.len, CSUMOFF_LINK_IP, &all, &hint, &hdr), CSUMOFF_ERANGE);
    check_same(&b, p, a.len);
}
END_TEST

/* Pieces that no memory holds: their lengths do not add up to less. */
START_TEST(more_than_a_size_can_say)
{
    const struct csumoff_virtio_hdr received = {.flags = NEEDS, .csum_start = 34, .csum_offset = 6};
    struct csumoff_virtio_hdr hdr = {.hdr_len = 9};
    struct csumoff_rx rx = {.gso_size = 9};
    struct csumoff_iov iov[2] = {{a.bytes, SIZE_MAX}, {a.bytes, 100}};

    build(&udp4, 68);
    b = a;
    CHECK_EQ(csumoff_virtio_tx_iov(iov, 2, CSUMOFF_LINK_ETHERNET, &all, NULL, &hdr),
             CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_virtio_rx_iov(iov, 2, CSUMOFF_LINK_ETHERNET, &received, &trusting, &rx),
             CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_virtio_rx_finish_iov(iov, 2, CSUMOFF_LINK_ETHERNET, &received, &trusting),
             CSUMOFF_ERANGE);
    CHECK(hdr.hdr_len == 9 && rx.gso_size == 9);
    check_same(&b, a.bytes, a.len);
}
END_TEST

/* The same of a frame in one piece: beyond 4 GiB nothing is looked at. */
START_TEST(more_than_an_offset_can_say)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (size_t i = 0; i < 4 && SIZE_MAX > UINT32_MAX; i++) {
        struct csumoff_virtio_hdr hdr = {.hdr_len = 9};

        build(recipes[i], 70 + i);
        CHECK_EQ(
            csumoff_virtio_tx(placed(&a, a.len), SIZE_MAX, CSUMOFF_LINK_ETHERNET, &all, NULL, &hdr),
            CSUMOFF_ERANGE);
        CHECK_EQ(hdr.hdr_len, 9);
    }
}
END_TEST

START_TEST(errors_leave_all_as_it_was)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4};

    for (size_t i = 0; i < 5; i++) {
        size_t whole;

        build(recipes[i], 8);
        whole = a.len;
        for (a.len = 0; a.len < whole; a.len += a.len < 120 ? 1 : 97) {
            for (size_t s = 0; s < 4; s++) {
                struct csumoff_hint hint = {wants[s], 0, 0, 10, NULL};

                /* What is sent as it is need not be whole; mss holds for it as well. */
                send(&a, &all, &hint,
                     a.len < 14 || wants[s] == CSUMOFF_TX_COMPUTE || wants[s] == CSUMOFF_TX_SEEDED
                         ? CSUMOFF_ETRUNC
                     : a.len <= 24 ? CSUMOFF_OK
                                   : CSUMOFF_ENOTSUP,
                     0);
            }
        }
    }
    build(&tcp4, 9);
    a.bytes[a.l4 + 12] = 0x40;
    send(&a, &all, &(struct csumoff_hint){CSUMOFF_TX_COMPUTE, 0, 0, 10, NULL}, CSUMOFF_EHDR, 0);
    build(&(struct recipe){.ethernet = true, .version = 4, .proto = TCP}, 9);
    a.bytes[a.l4 + 12] = 0x60; /* a header longer than its packet; one that is all of it */
    send(&a, &all, &(struct csumoff_hint){CSUMOFF_TX_COMPUTE, 0, 0, 10, NULL}, CSUMOFF_EHDR, 0);
    a.bytes[a.l4 + 12] = 0x50;
    seeded();
    send(&b, &all, &(struct csumoff_hint){CSUMOFF_TX_COMPUTE, 0, 0, 10, NULL}, CSUMOFF_OK, NEEDS);
    build(&tcp4, 9);
    a.bytes[a.l4 + 12] = 0x50;
    a.bytes[a.l3] = 0; /* no version: nobody's business, if it is VERIFIED */
    send(&a, &all, NULL, CSUMOFF_EHDR, 0);
    send(&a, &all, &(struct csumoff_hint){CSUMOFF_TX_VERIFIED, 0, 0, 10, NULL}, CSUMOFF_ENOTSUP, 0);
    send(&a, &all, &(struct csumoff_hint){CSUMOFF_TX_VERIFIED, 0, 0, 0, NULL}, CSUMOFF_OK, 0);
    /* An Ethernet header is a frame. */
    store_wire16(a.bytes + 12, 0x88B5);
    a.len = 14;
    send(&a, &all, NULL, CSUMOFF_OK, 0);
    a.len = 13;
    send(&a, &all, NULL, CSUMOFF_ETRUNC, 0);
}
END_TEST

/* ---- Receiving ----------------------------------------------------------------------------- */

/* DATA_VALID is believed or not, whatever was negotiated about NEEDS_CSUM. */
START_TEST(guest_csum_and_data_valid_are_apart)
{
    for (unsigned bits = 0; bits < 4; bits++) {
        const struct csumoff_virtio_policy policy = {bits & 1, bits & 2};

        for (uint8_t flags = 0; flags < 4; flags++) {
            struct csumoff_virtio_hdr hdr = {.flags = flags, .csum_start = 34, .csum_offset = 6};
            struct csumoff_rx rx;
            int want = flags & NEEDS && !policy.guest_csum ? CSUMOFF_ENOTSUP : CSUMOFF_OK;

            build(&udp4, 10);
            CHECK_EQ(csumoff_virtio_rx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &hdr, &policy, &rx),
                     want);
            if (want)
                continue;
            CHECK_EQ(rx.state, flags & NEEDS                        ? CSUMOFF_PARTIAL
                               : flags & VALID && policy.data_valid ? CSUMOFF_UNNECESSARY
                                                                    : CSUMOFF_NONE);
            CHECK_EQ(rx.csum_start, flags & NEEDS ? 34 : 0);
            CHECK_EQ(rx.csum_offset, flags & NEEDS ? 6 : 0);
        }
    }
}
END_TEST

/* The field, and the whole L4 header under GSO, have to be inside the frame, and behind the length
 * of an IPv4 header. Nothing is finished elsewhere: not an address of Ethernet, for instance. */
START_TEST(received_bounds)
{
    struct csumoff_rx rx, untouched;
    uint8_t before[300];

    memset(&untouched, 0xA5, sizeof untouched);
    build(&udp4, 11);
    for (size_t len = 0; len < 300; len++) {
        for (uint16_t start = 0; start < 300; start = (uint16_t)(start + (start < 24 ? 1 : 3))) {
            for (uint16_t offset = 0; offset < 40; offset += 5) {
                struct csumoff_virtio_hdr hdr = {
                    .flags = NEEDS, .csum_start = start, .csum_offset = offset};

                rx = untouched;
                const bool is_place = start >= 20 && start + offset + 2u <= len;

                CHECK_EQ(
                    csumoff_virtio_rx(a.bytes, len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx),
                    is_place ? CSUMOFF_OK : CSUMOFF_ERANGE);
                if (is_place)
                    continue;
                CHECK(same_bytes(&rx, &untouched, sizeof rx));
                memcpy(before, a.bytes, sizeof before);
                CHECK_EQ(
                    csumoff_virtio_rx_finish(a.bytes, len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting),
                    CSUMOFF_ERANGE);
                CHECK(same_bytes(a.bytes, before, sizeof before));
            }
        }
    }
}
END_TEST

/* A field of 0 where SCTP's would be: whose it is cannot be said where the headers are not seen. */
START_TEST(a_field_of_0_behind_what_is_gathered)
{
    static const struct recipe recipe = {
        .ethernet = true, .version = 6, .proto = SCTP, .payload = 100, .chain = "hd"};
    struct csumoff_virtio_hdr hdr = {.flags = NEEDS, .csum_offset = 8};

    for (size_t far = 0; far < 2; far++) {
        struct csumoff_rx rx = {.gso_size = 9};
        struct csumoff_iov iov[2];
        size_t options = far ? 512 : 64;
        uint8_t *p = a.bytes + 54;

        build(&recipe, 69);
        memmove(p + options, a.bytes + a.l4, a.l4_len);
        memset(p, 0, options); /* Pad1 */
        a.bytes[20] = 60;
        p[0] = SCTP;
        p[1] = (uint8_t)(options / 8 - 1);
        store_wire16(a.bytes + 18, (uint16_t)(options + a.l4_len));
        a.l4 = 54 + options;
        a.len = a.l4 + a.l4_len;
        memset(a.bytes + a.l4 + 8, 0, 4);
        hdr.csum_start = (uint16_t)a.l4;
        iov[0] = (struct csumoff_iov){a.bytes, 60};
        iov[1] = (struct csumoff_iov){a.bytes + 60, a.len - 60};
        CHECK_EQ(csumoff_virtio_rx_iov(iov, 2, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx),
                 far ? CSUMOFF_ENOTSUP : CSUMOFF_OK);
        CHECK_EQ(rx.gso_size, far ? 9 : 0);
        CHECK_EQ(csumoff_virtio_rx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx),
                 CSUMOFF_OK);
        CHECK(rx.state == CSUMOFF_PARTIAL && !rx.no_seed);
    }
}
END_TEST

/* Each header that Linux or the specification refuses, beside one that passes. */
START_TEST(received_headers)
{
    static const struct recipe most = {.ethernet = true,
                                       .version = 4,
                                       .proto = UDP,
                                       .payload = 3072},
                               over = {
                                   .ethernet = true, .version = 4, .proto = UDP, .payload = 3073};
    static const struct {
        const struct recipe *recipe;
        struct csumoff_virtio_hdr hdr;
        int want;
    } rows[] = {
        {&tcp4, {NEEDS, TCPV4, 54, 1000, 34, 16, 1}, CSUMOFF_OK},
        {&tcp4, {NEEDS, TCPV4 | ECN, 9999, 1000, 34, 16, 1}, CSUMOFF_OK},
        {&tcp6, {NEEDS, TCPV6, 0, 1000, 54, 16, 0}, CSUMOFF_OK},
        {&udp4, {NEEDS, USO, 0, 1000, 34, 6, 0}, CSUMOFF_OK},
        {&udp6, {NEEDS, USO, 0, 1000, 54, 6, 0}, CSUMOFF_OK},
        {&udp6, {NEEDS, UFO, 0, 1000, 54, 6, 0}, CSUMOFF_ENOTSUP},
        {&tcp4, {RSC | VALID, TCPV4, 0, 1000, 3, 0, 0}, CSUMOFF_OK},
        {&udp4, {RSC | VALID, USO, 0, 1000, 3, 0, 0}, CSUMOFF_EHDR},
        {&tcp6, {RSC | VALID, TCPV6, 0, 1000, 3, 0, 0}, CSUMOFF_OK},
        {&tcp6, {RSC | VALID, TCPV4, 0, 1000, 3, 0, 0}, CSUMOFF_EHDR},
        {&tcp4, {RSC | VALID, TCPV6, 0, 1000, 3, 0, 0}, CSUMOFF_EHDR},
        {&udp4, {RSC | VALID, TCPV4, 0, 1000, 3, 0, 0}, CSUMOFF_EHDR},
        {&tcp4, {RSC | NEEDS, TCPV4, 0, 1000, 34, 16, 0}, CSUMOFF_EHDR},
        {&tcp4, {RSC | VALID, 0, 0, 0, 0xFFFF, 0xFFFF, 0}, CSUMOFF_OK},
        {&tcp4, {0, TCPV4, 0, 1000, 34, 16, 0}, CSUMOFF_EHDR},
        {&tcp4, {VALID, TCPV4, 0, 1000, 34, 16, 0}, CSUMOFF_EHDR},
        {&udp4, {0, USO, 0, 1000, 34, 6, 0}, CSUMOFF_EHDR},
        {&tcp4, {NEEDS, TCPV4, 0, 0, 34, 16, 0}, CSUMOFF_EHDR},
        {&tcp4, {NEEDS, TCPV4, 0, 65535, 34, 16, 0}, CSUMOFF_EHDR},
        {&tcp4, {NEEDS, TCPV4, 0, 1000, 34, 6, 0}, CSUMOFF_EHDR},
        {&udp4, {NEEDS, USO, 0, 1000, 34, 16, 0}, CSUMOFF_EHDR},
        {&tcp4, {NEEDS, TCPV6, 0, 1000, 34, 16, 0}, CSUMOFF_EHDR},
        {&tcp6, {NEEDS, TCPV4, 0, 1000, 54, 16, 0}, CSUMOFF_EHDR},
        {&tcp4, {NEEDS, USO, 0, 1000, 34, 6, 0}, CSUMOFF_EHDR},
        {&udp4, {NEEDS, TCPV4, 0, 1000, 34, 16, 0}, CSUMOFF_EHDR},
        {&tcp4, {NEEDS, TCPV4, 0, 1000, 35, 16, 0}, CSUMOFF_EHDR},
        {&udp4, {NEEDS, USO | ECN, 0, 1000, 34, 6, 0}, CSUMOFF_EHDR},
        {&udp4, {NEEDS, USO, 0, 24, 34, 6, 0}, CSUMOFF_OK},   /* 125 of them */
        {&udp4, {NEEDS, USO, 0, 23, 34, 6, 0}, CSUMOFF_EHDR}, /* 131 */
        {&most, {NEEDS, USO, 0, 24, 34, 6, 0}, CSUMOFF_OK},   /* 128 */
        {&over, {NEEDS, USO, 0, 24, 34, 6, 0}, CSUMOFF_EHDR}, /* and a byte */
        {&tcp4, {NEEDS, 2, 0, 1000, 34, 16, 0}, CSUMOFF_ENOTSUP},
        {&tcp4, {NEEDS, 6, 0, 1000, 34, 16, 0}, CSUMOFF_ENOTSUP},
        {&tcp4, {NEEDS, ECN, 0, 1000, 34, 16, 0}, CSUMOFF_ENOTSUP},
        {&tcp4, {NEEDS, TCPV4, 0, 1000, 3040, 16, 0}, CSUMOFF_ERANGE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct csumoff_rx rx;
        int got;

        build(rows[i].recipe, 12);
        got =
            csumoff_virtio_rx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &rows[i].hdr, &trusting, &rx);
        if (got != rows[i].want)
            ck_abort_msg("row %zu: %d, not %d", i, got, rows[i].want);
        if (got == CSUMOFF_OK && rows[i].hdr.flags & NEEDS) { /* its header is there, or isn't */
            size_t needed = a.l4 + (a.recipe.proto == TCP ? 20 : 8);

            CHECK_EQ(csumoff_virtio_rx(placed(&a, needed - 1), needed - 1, CSUMOFF_LINK_ETHERNET,
                                       &rows[i].hdr, &trusting,
                                       &(struct csumoff_rx){.state = CSUMOFF_NONE}),
                     CSUMOFF_ERANGE);
        }
        if (got == CSUMOFF_OK) {
            const uint8_t type = rows[i].hdr.gso_type & 0x7F;

            CHECK_EQ(rx.gso_type, type == TCPV4   ? CSUMOFF_GSO_TCPV4
                                  : type == TCPV6 ? CSUMOFF_GSO_TCPV6
                                  : type == USO   ? CSUMOFF_GSO_UDP_L4
                                                  : CSUMOFF_GSO_NONE);
            CHECK_EQ(rx.gso_size, rx.gso_type ? rows[i].hdr.gso_size : 0);
        }
    }
}
END_TEST

/* NEEDS_CSUM isn't lost on the way through, nor anything made of nothing. */
START_TEST(forwarded_without_loss)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (size_t i = 0; i < 4; i++) {
        for (size_t s = 0; s < 4; s++) {
            for (uint16_t mss = 0; mss < 2000; mss += 1000) {
                struct csumoff_hint hint = {wants[s], 0, 0, mss, NULL};
                struct csumoff_virtio_hdr hdr, again;
                struct csumoff_rx rx;

                if (mss && (wants[s] == CSUMOFF_TX_AS_IS || wants[s] == CSUMOFF_TX_VERIFIED))
                    continue;
                build(recipes[i], 13);
                frame_set_field(&a, wants[s] == CSUMOFF_TX_SEEDED || mss ? frame_seed(&a)
                                                                         : frame_complete(&a));
                CHECK_EQ(
                    csumoff_virtio_tx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &all, &hint, &hdr),
                    CSUMOFF_OK);
                CHECK_EQ(
                    csumoff_virtio_rx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx),
                    CSUMOFF_OK);
                hint = csumoff_forward(&rx);
                again = send(&a, &all, &hint, CSUMOFF_OK, hdr.flags);
                CHECK(same_bytes(&again, &hdr, sizeof hdr));
            }
        }
    }
}
END_TEST

/* ---- Anything ------------------------------------------------------------------------------ */

/* Headers and frames at random: no byte outside is read, and what passes is inside the frame. */
START_TEST(random_headers)
{
    struct rng rng = rng_new(16);

    for (size_t i = 0; i < effort(60000, 6000); i++) {
        struct recipe recipe = recipe_at(rng_below(&rng, recipe_count()));
        struct csumoff_virtio_hdr hdr;
        struct csumoff_rx rx;
        struct csumoff_hint hint;
        uint8_t bytes[12];
        uint8_t *p;

        recipe.ethernet = true;
        frame_build(&a, &recipe, &rng);
        for (size_t n = rng_below(&rng, 4); n; n--)
            a.bytes[12 + rng_below(&rng, 60)] = (uint8_t)rng_u32(&rng);
        a.len = rng_below(&rng, 3) ? a.len : rng_below(&rng, a.len + 1);
        p = placed(&a, a.len);
        rng_fill(&rng, bytes, 12);
        bytes[0] &= 7;
        bytes[1] &= 0x87;
        (void)csumoff_virtio_get(bytes, 0, &hdr);
        if (rng_below(&rng, 2)) {
            hdr.csum_start = (uint16_t)a.l4;
            hdr.csum_offset = (uint16_t)a.csum_offset;
        }
        if (csumoff_virtio_rx(p, a.len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx) ==
                CSUMOFF_OK &&
            rx.state == CSUMOFF_PARTIAL)
            CHECK(rx.csum_start + rx.csum_offset + 2 <= a.len);
        check_same(&a, p, a.len);
        hint.want = wants[rng_below(&rng, 4)];
        hint.csum_start = (uint32_t)(rng_below(&rng, 2) * rng_below(&rng, 90));
        hint.csum_offset = (uint32_t)rng_below(&rng, 20);
        hint.mss = (uint16_t)(rng_below(&rng, 2) * rng_below(&rng, 90));
        if (csumoff_virtio_tx(p, a.len, CSUMOFF_LINK_ETHERNET, rng_below(&rng, 2) ? &all : &none,
                              &hint, &hdr)) {
            check_same(&a, p, a.len);
        } else {
            CHECK_EQ(csumoff_virtio_rx(p, a.len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx),
                     CSUMOFF_OK);
            CHECK_EQ(rx.state, hdr.flags & NEEDS ? CSUMOFF_PARTIAL : CSUMOFF_NONE);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const memory[] = {forms, NULL};
    const TTest *const sending[] = {every_frame_sent,           trailer,
                                    a_field_of_0_is_no_seed,    tunnels,
                                    fragments_arp_and_esp,      gso_of_each_kind,
                                    largest_super_frame,        uso_with_bytes_behind_the_datagram,
                                    csum_start_beyond_16_bits,  labels_beyond_16_bits,
                                    looks_like_another_link,    neither_version,
                                    more_than_a_size_can_say,   more_than_an_offset_can_say,
                                    errors_leave_all_as_it_was, NULL};
    const TTest *const receiving[] = {guest_csum_and_data_valid_are_apart,
                                      received_bounds,
                                      a_field_of_0_behind_what_is_gathered,
                                      received_headers,
                                      forwarded_without_loss,
                                      NULL};
    const TTest *const anything[] = {random_headers, NULL};
    Suite *suite = suite_create("virtio");

    suite_add(suite, "memory", memory);
    suite_add(suite, "sending", sending);
    suite_add(suite, "receiving", receiving);
    suite_add(suite, "anything", anything);
    return suite_run(suite);
}
