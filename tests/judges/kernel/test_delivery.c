// SPDX-License-Identifier: MIT
/*
 * What the kernel does with what a guest hands it: delivers, counts as a checksum error, refuses,
 * forwards as it is or finished. The expectations are those of tun.c, virtio_net_hdr_to_skb() and
 * the protocols' receive functions; csumoff_inspect() has to say the same as they do.
 */
#include <csumoff.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Networks, and machines in them. */
enum {
    NEAR = 1,
    FAR = 2,
    HERE = 1,
    PEER = 9
};

enum {
    WAIT_MS = 5000,
    PORT = 20001,
    CLOSED_PORT = 20002
};

static const struct kind {
    const char *name;
    unsigned version;
    uint8_t proto;
    const char *file, *group, *errors; /* where checksum errors are counted */
} kinds[] = {
    {"UDP over IPv4", 4, UDP, "snmp", "Udp", "InCsumErrors"},
    {"TCP over IPv4", 4, TCP, "snmp", "Tcp", "InCsumErrors"},
    {"ICMP", 4, ICMP, "snmp", "Icmp", "InCsumErrors"},
    {"UDP over IPv6", 6, UDP, "snmp6", NULL, "Udp6InCsumErrors"},
    {"TCP over IPv6", 6, TCP, "snmp", "Tcp", "InCsumErrors"},
    {"ICMPv6", 6, ICMPV6, "snmp6", NULL, "Icmp6InCsumErrors"},
};

enum fate {
    NOTHING,     /* neither delivered nor counted */
    DELIVERED,   /* to a socket; a segment or an echo request was answered */
    CSUM_ERROR,  /* counted as an L4 checksum error */
    HEADER_ERROR /* counted as an IPv4 header checksum error */
};
static const char *const fates[] = {"nothing", "delivered", "checksum error",
                                    "header checksum error"};

static struct tap local, plain, offloading;
static int udp4, udp6;
static struct packet sent, came;
static struct frame frame;

static void local_new(void)
{
    machine_new();
    tap_new(&local, "local", TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6, 1500);
    tap_address(&local, NEAR, HERE);
    udp4 = udp_socket(4, NEAR, HERE, PORT);
    udp6 = udp_socket(6, NEAR, HERE, PORT);
}

/* Options that the kernel takes; ip6_parse_tlv() has no patience with much padding. */
static void pad_extensions(struct frame *f)
{
    size_t at = f->l3 + 40;
    const char *c;

    for (c = f->recipe.chain ? f->recipe.chain : ""; *c; c++) {
        size_t len = *c == 'f' ? 8 : 8 * ((size_t)f->bytes[at + 1] + 1);

        if (*c == 'h' || *c == 'd') {
            memset(f->bytes + at + 2, 0, len - 2);
            f->bytes[at + 2] = 0x1E; /* for experiments, to be skipped (RFC 4727) */
            f->bytes[at + 3] = (uint8_t)(len - 4);
        }
        at += len;
    }
}

/* A frame that goes from PEER of NEAR to a machine, made to be welcome there; no checksum yet. */
static void build(const struct kind *kind, size_t payload, unsigned options, const char *chain,
                  int net, int host, const uint8_t mac[6], struct rng *rng)
{
    struct recipe recipe = {.ethernet = true,
                            .version = kind->version,
                            .options = options,
                            .chain = chain,
                            .proto = kind->proto,
                            .payload = payload};
    uint8_t *l3, *l4;

    frame_build(&frame, &recipe, rng);
    pad_extensions(&frame);
    l3 = frame.bytes + frame.l3;
    l4 = frame.bytes + frame.l4;
    memcpy(frame.bytes, mac, 6);
    memcpy(frame.bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, PEER}, 6);
    l3[kind->version == 4 ? 8 : 7] = 64; /* TTL, hop limit */
    if (kind->version == 4) {
        l3[1] = 0;
        address_bytes(4, NEAR, PEER, l3 + 12);
        address_bytes(4, net, host, l3 + 16);
    } else {
        address_bytes(6, NEAR, PEER, l3 + 8);
        address_bytes(6, net, host, l3 + 24);
    }
    if (kind->proto == UDP) {
        store_wire16(l4, 20000);
        store_wire16(l4 + 2, PORT);
    } else if (kind->proto == TCP) {
        store_wire16(l4, 20000);
        store_wire16(l4 + 2, CLOSED_PORT); /* answers every good segment with RST */
        l4[13] = 0x10;
    } else {
        l4[0] = kind->proto == ICMP ? 8 : 128; /* echo request */
        l4[1] = 0;
    }
    frame_set_l3(&frame);
    frame_set_field(&frame, frame_complete(&frame));
}

static void build_local(const struct kind *kind, size_t payload, struct rng *rng)
{
    build(kind, payload, 0, "", NEAR, HERE, local.mac, rng);
}

/* The frame with a virtio-net header of these flags. */
static void pack(uint8_t flags)
{
    sent.hdr = (struct virtio_net_hdr){.flags = flags};
    if (flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        sent.hdr.csum_start = (uint16_t)frame.l4;
        sent.hdr.csum_offset = (uint16_t)frame.csum_offset;
    }
    sent.len = frame.len;
    memcpy(sent.bytes, frame.bytes, frame.len);
}

static bool drained(int fd)
{
    uint8_t byte;

    return recv(fd, &byte, 1, 0) < 0 && errno == EAGAIN;
}

/* An answer of the kernel. It is complete though the TAP takes seeds (tcp_v4_send_reset(),
 * icmp_push_reply()), but for a RST over IPv6 (tcp_v6_send_response()). */
static bool answered(const struct kind *kind)
{
    bool seeded = kind->proto == TCP && kind->version == 6;
    struct csumoff_report report;

    if (!tap_read(&local, &came, 0))
        return false;
    CHECK_EQ(came.hdr.flags, seeded ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0);
    if (seeded)
        CHECK_EQ(csumoff_finish(came.bytes, came.len, came.hdr.csum_start, came.hdr.csum_offset),
                 CSUMOFF_OK);
    CHECK_EQ(csumoff_inspect(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    CHECK_EQ(report.l4, CSUMOFF_GOOD);
    return true;
}

/* What becomes of `sent`. A TAP hands a frame up before write() returns; a datagram may be summed
 * by recv() only (udp_recvmsg()). */
static enum fate fate(const struct kind *kind)
{
    static uint8_t bytes[FRAME_MOST];
    uint64_t before = counter(kind->file, kind->group, kind->errors);
    uint64_t headers = kind->version == 4 ? counter("netstat", "IpExt", "InCsumErrors") : 0;
    int error = tap_write(&local, &sent), fd = kind->version == 4 ? udp4 : udp6;
    bool arrived;
    ssize_t got;

    if (error)
        ck_abort_msg("%s: refused: %s", kind->name, strerror(error));
    if (kind->proto == UDP) {
        got = recv(fd, bytes, sizeof bytes, 0);
        arrived = got >= 0;
        if (arrived) {
            CHECK_EQ(got, frame.recipe.payload);
            CHECK(memcmp(bytes, frame.bytes + frame.l4 + 8, (size_t)got) == 0);
            CHECK(drained(fd));
        }
    } else {
        arrived = answered(kind);
    }
    before = counter(kind->file, kind->group, kind->errors) - before;
    if (kind->version == 4)
        headers = counter("netstat", "IpExt", "InCsumErrors") - headers;
    CHECK_EQ(before + headers + arrived <= 1, true);
    return arrived ? DELIVERED : before ? CSUM_ERROR : headers ? HEADER_ERROR : NOTHING;
}

static void expect(const struct kind *kind, const char *what, enum fate want)
{
    enum fate found = fate(kind);

    if (found != want)
        ck_abort_msg("%s, payload %zu, %s: %s, not %s", kind->name, frame.recipe.payload, what,
                     fates[found], fates[want]);
}

/* ---- For a local socket ------------------------------------------------------------------------
 */

/* With NEEDS_CSUM nobody looks at the seed: CHECKSUM_PARTIAL counts as checked
 * (skb_csum_unnecessary()). But 0, which no seed is, is no checksum of UDP over IPv6
 * (__udp6_lib_rcv()). */
START_TEST(any_seed_is_delivered)
{
    struct rng rng = rng_new(61);
    size_t i, payload;

    local_new();
    for (i = 0; i < COUNT(kinds); i++)
        for (payload = 0; payload < 300; payload++) {
            if (kinds[i].proto == ICMP || kinds[i].proto == ICMPV6)
                continue;
            build_local(&kinds[i], payload, &rng);
            frame_set_field(&frame, payload % 4 == 0   ? 0
                                    : payload % 4 == 1 ? (uint16_t)~frame_seed(&frame)
                                    : payload % 4 == 2 ? (uint16_t)rng_u32(&rng)
                                                       : frame_seed(&frame));
            pack(VIRTIO_NET_HDR_F_NEEDS_CSUM);
            expect(&kinds[i], "any seed",
                   kinds[i].version == 6 && kinds[i].proto == UDP && frame_field(&frame) == 0
                       ? CSUM_ERROR
                       : DELIVERED);
        }
}
END_TEST

START_TEST(seeded_here_is_delivered)
{
    static const struct {
        unsigned options;
        const char *chain;
    } headers[2][5] = {{{0, ""}, {4, ""}, {12, ""}, {40, ""}, {8, ""}},
                       {{0, ""}, {0, "h"}, {0, "d"}, {0, "hd"}, {0, "f"}}};
    struct rng rng = rng_new(62);
    size_t i, h, payload, count = 0;

    local_new();
    for (i = 0; i < COUNT(kinds); i++)
        for (h = 0; h < COUNT(headers[0]); h++)
            for (payload = 0; payload < 100; payload++) {
                const struct kind *kind = &kinds[i];
                struct csumoff_layout at;

                if (kind->proto == ICMP || kind->proto == ICMPV6)
                    continue;
                build(kind, payload, headers[kind->version == 6][h].options,
                      headers[kind->version == 6][h].chain, NEAR, HERE, local.mac, &rng);
                frame_set_field(&frame, (uint16_t)rng_u32(&rng));
                CHECK_EQ(csumoff_seed(frame.bytes, frame.len, CSUMOFF_LINK_ETHERNET, &at),
                         CSUMOFF_OK);
                CHECK_EQ(at.csum_start, frame.l4);
                CHECK_EQ(at.csum_offset, frame.csum_offset);
                CHECK_EQ(frame_field(&frame), frame_seed(&frame));
                pack(VIRTIO_NET_HDR_F_NEEDS_CSUM);
                expect(kind, "seeded", DELIVERED);
                /* And finished here, handed over as complete. */
                CHECK_EQ(csumoff_finish(frame.bytes, frame.len, at.csum_start, at.csum_offset),
                         CSUMOFF_OK);
                pack(0);
                expect(kind, "finished", DELIVERED);
                count++;
            }
    printf("# the kernel delivered %zu packets seeded here, and the same finished here\n", count);
    fflush(stdout);
}
END_TEST

/* A TAP ignores DATA_VALID: without NEEDS_CSUM the checksum is looked at. Control: a bad one must
 * be counted, or `delivered` means nothing. */
START_TEST(complete_is_checked)
{
    static const uint8_t flags[] = {0, VIRTIO_NET_HDR_F_DATA_VALID};
    struct rng rng = rng_new(63);
    size_t i, k, payload;

    local_new();
    for (i = 0; i < COUNT(kinds); i++)
        for (k = 0; k < COUNT(flags); k++)
            for (payload = 0; payload < 200; payload++) {
                build_local(&kinds[i], payload, &rng);
                pack(flags[k]);
                expect(&kinds[i], "good", DELIVERED);
                frame_set_field(&frame, frame_field(&frame) ^ (uint16_t)(1u << payload % 16));
                if (kinds[i].proto == UDP && frame_field(&frame) == 0)
                    continue;
                pack(flags[k]);
                expect(&kinds[i], "bad", CSUM_ERROR);
            }
}
END_TEST

/* RFC 768: there is none; RFC 8200, section 8.1: there must be one (udp6_csum_init()). */
START_TEST(udp_without_a_checksum)
{
    struct rng rng = rng_new(64);
    size_t i;

    local_new();
    for (i = 0; i < COUNT(kinds); i++) {
        struct csumoff_report report;

        if (kinds[i].proto != UDP)
            continue;
        build_local(&kinds[i], 33, &rng);
        frame_set_field(&frame, 0);
        pack(0);
        expect(&kinds[i], "checksum 0", kinds[i].version == 4 ? DELIVERED : CSUM_ERROR);
        CHECK_EQ(csumoff_inspect(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
        CHECK_EQ(report.l4, kinds[i].version == 4 ? CSUMOFF_ABSENT : CSUMOFF_BAD);
    }
}
END_TEST

/* ---- The verdicts ------------------------------------------------------------------------------
 */

/* What csumoff_inspect() makes the kernel be expected to do. */
static enum fate foretold(void)
{
    struct csumoff_report report;
    int status = csumoff_inspect(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, &report);
    bool v4 = frame.recipe.version == 4;
    bool bad = v4 && csumoff_ipv4_header_verify(sent.bytes + frame.l3, sent.len - frame.l3) != 0;

    if (status == CSUMOFF_OK)
        CHECK_EQ(report.l3 == CSUMOFF_BAD, bad);
    if (bad)
        return HEADER_ERROR;
    if (status != CSUMOFF_OK)
        return NOTHING;
    return report.l4 == CSUMOFF_GOOD || report.l4 == CSUMOFF_ABSENT ? DELIVERED : CSUM_ERROR;
}

enum damage {
    NONE,
    SEED,     /* a seed where a checksum has to be */
    SEED_GSO, /* the length-less one */
    HEADER,   /* a bit of the IPv4 header */
    BIT       /* a bit of what the L4 checksum covers, or of the checksum */
};

/*
 * Damages `frame`. Not touched are the fields that make the kernel look elsewhere before it sums:
 * version, length and addresses, TCP's data offset, UDP's length. Fragments, too, are dropped for
 * the header checksum first (ip_rcv_core()).
 */
static void damage(enum damage how, struct rng *rng)
{
    uint8_t *l3 = frame.bytes + frame.l3, *l4 = frame.bytes + frame.l4;
    size_t byte;

    switch (how) {
    case SEED:
        frame_set_field(&frame, frame_seed(&frame));
        break;
    case SEED_GSO:
        frame_set_field(&frame, frame_seed_gso(&frame));
        break;
    case HEADER:
        byte = rng_below(rng, 17);
        byte = byte ? byte + 3 : 1;
        l3[byte < 20 ? byte : 19] ^= (uint8_t)(1u << rng_below(rng, 8));
        break;
    case BIT:
        do
            byte = rng_below(rng, frame.l4_len);
        while ((frame.recipe.proto == TCP && byte == 12) ||
               (frame.recipe.proto == UDP && (byte == 4 || byte == 5)));
        l4[byte] ^= (uint8_t)(1u << rng_below(rng, 8));
        break;
    case NONE:
        break;
    }
}

START_TEST(verdicts_are_the_kernels)
{
    struct rng rng = rng_new(65);
    size_t count = effort(30000, 3000), of[COUNT(fates)] = {0}, i;

    local_new();
    for (i = 0; i < count; i++) {
        const struct kind *kind = &kinds[i % COUNT(kinds)];
        bool seeds = kind->proto == UDP || kind->proto == TCP;
        enum damage how = (enum damage)rng_below(&rng, 6);
        size_t payload = rng_below(&rng, rng_below(&rng, 4) ? 200 : 1400);
        enum fate want;

        if (how > BIT || (!seeds && (how == SEED || how == SEED_GSO)) ||
            (kind->version == 6 && how == HEADER))
            how = rng_below(&rng, 2) ? BIT : NONE;
        build_local(kind, payload, &rng);
        damage(how, &rng);
        pack(0);
        want = foretold();
        CHECK(how != NONE || want == DELIVERED);
        CHECK(how != HEADER || want == HEADER_ERROR);
        CHECK(how != BIT || want == CSUM_ERROR || kind->proto == UDP);
        expect(kind, "random", want);
        of[want]++;
    }
    ck_assert_uint_gt(of[DELIVERED], count / 8);
    ck_assert_uint_gt(of[CSUM_ERROR], count / 8);
    ck_assert_uint_gt(of[HEADER_ERROR], count / 32);
    printf("# the kernel agreed with %zu verdicts: %zu delivered, %zu checksum errors, %zu header "
           "checksum errors\n",
           count, of[DELIVERED], of[CSUM_ERROR], of[HEADER_ERROR]);
    fflush(stdout);
}
END_TEST

/* Both forms of zero are the same sum, but for UDP (csum_fold() is compared with 0). */
START_TEST(zero_has_two_forms)
{
    struct rng rng = rng_new(66);
    size_t i;
    unsigned form;

    local_new();
    for (i = 0; i < COUNT(kinds); i++)
        for (form = 0; form < 2; form++) {
            build_local(&kinds[i], 64, &rng);
            frame_force(&frame, 0);
            frame_set_field(&frame, form ? 0xFFFF : 0);
            pack(0);
            expect(&kinds[i], form ? "0xFFFF for 0" : "0", foretold());
        }
}
END_TEST

/* ---- Virtio-net headers that the kernel refuses ------------------------------------------------
 */

/* virtio_net_hdr_to_skb() looks at the header alone: that TCPv4 stands before a UDP packet, or one
 * over IPv6, it lets pass. */
START_TEST(bad_headers_are_refused)
{
    enum {
        CSUM = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        TSO4 = VIRTIO_NET_HDR_GSO_TCPV4,
        TSO6 = VIRTIO_NET_HDR_GSO_TCPV6
    };
    static const struct {
        const char *what;
        size_t kind; /* of kinds[] */
        uint8_t flags, gso_type;
        uint16_t gso_size, csum_offset;
        int start_by, header_by; /* INT16_MAX: csum_start, hdr_len past it; -1: far in front */
        int error;
    } rows[] = {
        {"a TCP super-frame", 1, CSUM, TSO4, 1000, 16, 0, 0, 0},
        {"a TCP super-frame over IPv6", 4, CSUM, TSO6, 1000, 16, 0, 0, 0},
        {"a UDP super-frame", 0, CSUM, GSO_UDP_L4, 1000, 6, 0, 0, 0},
        {"a plain seeded packet", 0, CSUM, 0, 0, 6, 0, 0, 0},
        {"gso_size 0", 1, CSUM, TSO4, 0, 16, 0, 0, EINVAL},
        {"gso_size 65535", 1, CSUM, TSO4, 65535, 16, 0, 0, EINVAL},
        {"an unknown gso_type", 1, CSUM, 7, 1000, 16, 0, 0, EINVAL},
        {"a UDP super-frame without NEEDS_CSUM", 0, 0, GSO_UDP_L4, 1000, 6, 0, 0, EINVAL},
        {"a UDP super-frame, another csum_offset", 0, CSUM, GSO_UDP_L4, 1000, 16, 0, 0, EINVAL},
        {"a TCP super-frame, another csum_offset", 1, CSUM, TSO4, 1000, 6, 0, 0, EINVAL},
        {"TCPv4 without NEEDS_CSUM", 1, 0, TSO4, 1000, 16, 0, 0, 0},
        {"TCPv6 over IPv4", 1, CSUM, TSO6, 1000, 16, 0, 0, EINVAL},
        {"hdr_len past the frame", 1, CSUM, TSO4, 1000, 16, 0, INT16_MAX, EINVAL},
        {"csum_start past the frame", 0, CSUM, 0, 0, 6, INT16_MAX, 0, EINVAL},
        {"csum_start in front of the IP header", 0, CSUM, 0, 0, 6, -1, 0, EINVAL},
        {"csum_offset past the frame", 0, CSUM, 0, 0, 40000, 0, 0, EINVAL},
    };
    struct rng rng = rng_new(67);
    size_t i;

    local_new();
    for (i = 0; i < COUNT(rows); i++) {
        size_t header = kinds[rows[i].kind].proto == TCP ? 20 : 8;
        int error;

        build_local(&kinds[rows[i].kind], 4000, &rng);
        frame_set_field(&frame, frame_seed(&frame));
        pack(rows[i].flags);
        sent.hdr.gso_type = rows[i].gso_type;
        sent.hdr.gso_size = rows[i].gso_size;
        sent.hdr.csum_offset = rows[i].csum_offset;
        sent.hdr.hdr_len = (uint16_t)(rows[i].header_by ? frame.len + 1 : frame.l4 + header);
        if (rows[i].start_by)
            sent.hdr.csum_start = (uint16_t)(rows[i].start_by < 0 ? 19 : frame.len - 7);
        error = tap_write(&local, &sent);
        if (error != rows[i].error)
            ck_abort_msg("%s: \"%s\", not \"%s\"", rows[i].what, strerror(error),
                         strerror(rows[i].error));
    }
}
END_TEST

/* ---- Forwarded ---------------------------------------------------------------------------------
 */

/* The seed, and where it is, go on as they are where the port takes them; else the packet is
 * finished, and the library agrees with what came out. */
static void forwarded(const char *how, const struct tap *in, const struct tap *out, bool verbatim,
                      int net, struct rng *rng)
{
    size_t i, payload;

    for (i = 0; i < COUNT(kinds); i++)
        for (payload = 0; payload < 100; payload++) {
            const struct kind *kind = &kinds[i];
            struct csumoff_report report;
            int error;

            if (kind->proto == ICMP || kind->proto == ICMPV6)
                continue;
            /* Only a router asks for frames of its own. */
            build(kind, payload, 0, "", net, PEER + 1,
                  net != NEAR ? in->mac : (const uint8_t[]){2, 0, 0, 0, 0, PEER + 1}, rng);
            frame_set_field(&frame, frame_seed(&frame));
            pack(VIRTIO_NET_HDR_F_NEEDS_CSUM);
            error = tap_write(in, &sent);
            CHECK_EQ(error, 0);
            if (!tap_read(out, &came, WAIT_MS))
                ck_abort_msg("%s: %s never came out", how, kind->name);
            CHECK_EQ(came.len, frame.len);
            CHECK_EQ(csumoff_inspect(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &report),
                     CSUMOFF_OK);
            CHECK(report.l3 != CSUMOFF_BAD);
            if (verbatim) {
                CHECK_EQ(came.hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
                CHECK_EQ(came.hdr.csum_start, frame.l4);
                CHECK_EQ(came.hdr.csum_offset, frame.csum_offset);
                CHECK(memcmp(came.bytes + frame.l4, frame.bytes + frame.l4, frame.l4_len) == 0);
                CHECK(report.l4 == CSUMOFF_SEEDED || report.l4_found == report.l4_expected);
            } else {
                CHECK_EQ(came.hdr.flags, 0);
                CHECK_EQ(report.l4, CSUMOFF_GOOD);
                CHECK_EQ(csumoff_finish(frame.bytes, frame.len, frame.l4, frame.csum_offset),
                         CSUMOFF_OK);
                CHECK(memcmp(came.bytes + frame.l4, frame.bytes + frame.l4, frame.l4_len) == 0);
            }
        }
}

START_TEST(forwarded_by_routing)
{
    struct rng rng = rng_new(68);

    local_new();
    tap_new(&plain, "plain", 0, 1500);
    tap_new(&offloading, "offloading", TUN_F_CSUM, 1500);
    tap_address(&plain, FAR, HERE);
    tap_address(&offloading, FAR + 1, HERE);
    forwarded("routed to a port without offloads", &local, &plain, false, FAR, &rng);
    forwarded("routed to an offloading port", &local, &offloading, true, FAR + 1, &rng);
}
END_TEST

START_TEST(forwarded_by_a_bridge)
{
    const struct tap *ports[3] = {&local, &plain, &offloading};
    struct rng rng = rng_new(69);

    machine_new();
    tap_new(&local, "local", 0, 1500);
    tap_new(&plain, "plain", 0, 1500);
    tap_new(&offloading, "offloading", TUN_F_CSUM, 1500);
    if (!bridge_new(ports, 3)) {
        printf("# SKIP forwarded_by_a_bridge: no bridges in this kernel\n");
        fflush(stdout);
        return;
    }
    /* A frame to nobody known goes out of every other port. */
    forwarded("bridged to a port without offloads", &local, &plain, false, NEAR, &rng);
    while (tap_read(&offloading, &came, 0))
        ;
    forwarded("bridged to an offloading port", &local, &offloading, true, NEAR, &rng);
}
END_TEST

/* ---- What the kernel sends by itself -----------------------------------------------------------
 */

/* Fragments leave complete though the TAP takes seeds (__ip_append_data()): put together they are
 * good, one by one there is nothing to be judged. */
START_TEST(fragments_leave_complete)
{
    static uint8_t whole[FRAME_MOST], payload[4001];
    struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
    struct rng rng = rng_new(70);
    struct csumoff_report report;
    int version;

    local_new();
    address_bytes(4, NEAR, PEER, (uint8_t *)&to4.sin_addr);
    address_bytes(6, NEAR, PEER, (uint8_t *)&to6.sin6_addr);
    for (version = 4; version <= 6; version += 2) {
        size_t header = version == 4 ? 20 : 40, skip = version == 4 ? 0 : 8, have = 14 + header;
        ssize_t done;

        rng_fill(&rng, payload, sizeof payload);
        done = version == 4
                   ? sendto(udp4, payload, sizeof payload, 0, (struct sockaddr *)&to4, sizeof to4)
                   : sendto(udp6, payload, sizeof payload, 0, (struct sockaddr *)&to6, sizeof to6);
        CHECK_EQ(done, sizeof payload);
        while (have < 14 + header + 8 + sizeof payload) {
            if (!tap_read(&local, &came, WAIT_MS))
                ck_abort_msg("a fragment over IPv%d is missing", version);
            CHECK_EQ(came.hdr.flags, 0);
            CHECK_EQ(csumoff_inspect(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &report),
                     CSUMOFF_OK);
            CHECK_EQ(report.l4, CSUMOFF_UNCHECKED);
            CHECK_EQ(report.l3, version == 4 ? CSUMOFF_GOOD : CSUMOFF_ABSENT);
            if (have == 14 + header)
                memcpy(whole, came.bytes, have);
            memcpy(whole + have, came.bytes + 14 + header + skip, came.len - 14 - header - skip);
            have += came.len - 14 - header - skip;
        }
        if (version == 4) {
            store_wire16(whole + 14 + 2, (uint16_t)(have - 14));
            store_wire16(whole + 14 + 6, 0);
            store_wire16(whole + 14 + 10, ref_ipv4_header(whole + 14, 20));
        } else {
            store_wire16(whole + 14 + 4, (uint16_t)(have - 54));
            whole[14 + 6] = UDP;
        }
        CHECK_EQ(csumoff_inspect(whole, have, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
        CHECK_EQ(report.l4, CSUMOFF_GOOD);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {any_seed_is_delivered,
                                  seeded_here_is_delivered,
                                  complete_is_checked,
                                  udp_without_a_checksum,
                                  verdicts_are_the_kernels,
                                  zero_has_two_forms,
                                  bad_headers_are_refused,
                                  forwarded_by_routing,
                                  forwarded_by_a_bridge,
                                  fragments_leave_complete,
                                  NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_delivery");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "delivery", tests);
    return suite_run(suite);
}
