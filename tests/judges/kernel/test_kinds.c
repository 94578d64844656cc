// SPDX-License-Identifier: MIT
/*
 * Checksums of all kinds, and seeds behind all links: what the kernel finishes, computes, emits and
 * drops is what the library says. Where this kernel lacks something, the test says so.
 */
#include <csumoff.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/mroute.h> /* behind netinet/in.h */

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"
#include "netlink.h"

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
    PORT = 20003,
    IGMP = 2,
    DCCP = 33,
    OSPF = 89,
    PIM = 103,
    VRRP = 112,
    UDPLITE = 136,
    /* Of setsockopt(), udplite(7). */
    SEND_COVERAGE = 10
};

static struct tap near, plain, offloading;
static struct packet sent, came, again;
static struct frame frame;
static uint8_t ours[FRAME_MOST];

static void said(const char *text, size_t count)
{
    printf("# %s: %zu\n", text, count);
    fflush(stdout);
}

static struct csumoff_report inspect(const uint8_t *bytes, size_t len)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect(bytes, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    return report;
}

/* What the kernel has emitted complete: the library calls it good, and computes the same. Returns
 * where its parts are. */
static struct csumoff_layout judge_emitted(const char *what, const struct packet *p)
{
    struct csumoff_report report = inspect(p->bytes, p->len);
    struct csumoff_layout at;

    CHECK(!(p->hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM));
    CHECK_EQ(csumoff_locate(p->bytes, p->len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    if (report.l4 != CSUMOFF_GOOD || report.l3 == CSUMOFF_BAD)
        ck_abort_msg("%s: found 0x%04X, expected 0x%04X", what, report.l4_found,
                     report.l4_expected);
    CHECK_EQ(csumoff_verify(p->bytes, p->len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    memcpy(ours, p->bytes, p->len);
    ours[at.csum_start + at.csum_offset] ^= 0x5A;
    ours[at.csum_start + at.csum_offset + 1] ^= 0xA5;
    if (at.ip_version == 4)
        ours[at.l3_start + 10] ^= 0xFF;
    CHECK_EQ(csumoff_verify(ours, p->len, CSUMOFF_LINK_ETHERNET), CSUMOFF_ECSUM);
    CHECK_EQ(csumoff_fill(ours, p->len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    if (memcmp(ours, p->bytes, p->len) != 0)
        ck_abort_msg("%s: the kernel's checksum isn't made again", what);
    return at;
}

/* ---- Links -------------------------------------------------------------------------------------
 */

/*
 * What stands between the Ethernet addresses and the IP header: C, S, N a VLAN tag (0x8100, 0x88A8,
 * 0x9100), m an MPLS label, M the last one, U that of a multicast stack of one, P a PPPoE session,
 * L LLC with SNAP.
 */
static const char *const links[] = {"",     "C",    "S",  "N",   "SC", "NC",   "NN",
                                    "CCCC", "SNCC", "M",  "U",   "mM", "mmmM", "CM",
                                    "SCmM", "P",    "CP", "SCP", "L",  "CL"};

static uint16_t type_of(char letter, unsigned version, size_t l3_len)
{
    switch (letter) {
    case 'C':
        return 0x8100;
    case 'S':
        return 0x88A8;
    case 'N':
        return 0x9100;
    case 'm':
    case 'M':
        return 0x8847;
    case 'U':
        return 0x8848;
    case 'P':
        return 0x8864;
    case 'L':
        return (uint16_t)(l3_len + 8);
    default:
        return version == 4 ? 0x0800 : 0x86DD;
    }
}

/* `frame`, an IP packet, behind an Ethernet header of that kind is in `sent`; returns where. */
static size_t put_behind(const char *link)
{
    static const uint8_t snap[] = {0xAA, 0xAA, 0x03, 0, 0, 0};
    unsigned version = frame.recipe.version;
    uint8_t *p = sent.bytes;
    const char *c;

    memcpy(p, (uint8_t[]){2, 0, 0, 0, 0, PEER + 1, 2, 0, 0, 0, 0, PEER}, 12);
    p += 12;
    store_wire16(p, type_of(*link, version, frame.len));
    p += 2;
    for (c = link; *c; c++)
        switch (*c) {
        case 'm':
        case 'M':
        case 'U':
            memcpy(p, (uint8_t[]){0x12, 0x34, (uint8_t)(*c == 'm' ? 0x50 : 0x51), 64}, 4);
            p += 4;
            break;
        case 'P':
            memcpy(p, (uint8_t[]){0x11, 0, 0, 7, 0, 0, 0, version == 4 ? 0x21 : 0x57}, 8);
            store_wire16(p + 4, (uint16_t)(frame.len + 2));
            p += 8;
            break;
        case 'L':
            memcpy(p, snap, sizeof snap);
            store_wire16(p + 6, type_of(c[1], version, frame.len));
            p += 8;
            break;
        default: /* a tag */
            store_wire16(p, (uint16_t)(0x2000 + 100 + (c - link)));
            store_wire16(p + 2, type_of(c[1], version, frame.len));
            p += 4;
        }
    memcpy(p, frame.bytes, frame.len);
    sent.len = (size_t)(p - sent.bytes) + frame.len;
    return (size_t)(p - sent.bytes);
}

static bool bridged_new(void)
{
    const struct tap *ports[3] = {&near, &plain, &offloading};

    machine_new();
    tap_new(&near, "near", 0, 1600);
    tap_new(&plain, "plain", 0, 1600);
    tap_new(&offloading, "offloading", TUN_F_CSUM, 1600);
    if (!bridge_new(ports, 3))
        return false;
    /* What is filtered has to be IP that makes sense (br_nf_pre_routing()). */
    (void)kernel_setting("bridge/bridge-nf-call-iptables", "0");
    (void)kernel_setting("bridge/bridge-nf-call-ip6tables", "0");
    return true;
}

static const struct {
    unsigned version, options;
    const char *chain;
} headers[] = {{4, 0, NULL}, {4, 12, NULL}, {6, 0, ""}, {6, 0, "hd"}, {6, 0, "r"}};
static const uint8_t seedable[] = {TCP, UDP};
static const size_t payloads[] = {0, 1, 33, 255, 1300};

/* A packet seeded by the library behind that link is in `sent`, and where it is in *at. */
static void seeded_behind(const char *link, size_t header, uint8_t proto, size_t payload,
                          struct csumoff_layout *at, struct rng *rng)
{
    struct recipe recipe = {.version = headers[header].version,
                            .options = headers[header].options,
                            .chain = headers[header].chain,
                            .proto = proto,
                            .payload = payload};
    size_t l3;

    frame_build(&frame, &recipe, rng);
    l3 = put_behind(link);
    CHECK_EQ(csumoff_seed(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, at), CSUMOFF_OK);
    CHECK_EQ(at->l3_start, l3);
    CHECK_EQ(at->vlan_tags, strspn(link, "CSN"));
    CHECK_EQ(at->csum_start, l3 + frame.l4);
    CHECK_EQ(at->csum_offset, frame.csum_offset);
    CHECK_EQ(load_wire16(sent.bytes + at->csum_start + at->csum_offset), frame_seed(&frame));
    sent.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                       .csum_start = (uint16_t)at->csum_start,
                                       .csum_offset = (uint16_t)at->csum_offset};
}

/* `sent` into the bridge; the port that can't finish gives `came`, the one that can `again`. */
static void across_the_bridge(const char *what)
{
    int error = tap_write(&near, &sent);

    if (error)
        ck_abort_msg("%s: refused: %s", what, strerror(error));
    if (!tap_read(&plain, &came, WAIT_MS) || !tap_read(&offloading, &again, WAIT_MS))
        ck_abort_msg("%s: never came out", what);
    CHECK_EQ(came.hdr.flags, 0);
    CHECK_EQ(came.len, sent.len);
    CHECK_EQ(again.len, sent.len);
}

/* The port that can finish has got the seed, and where it is, tags counted; behind MPLS only where
 * the kernel thinks that it can (netif_skb_features(), mpls_features). */
static void judge_offloading(const char *link, const struct csumoff_layout *at)
{
    if (again.hdr.flags == 0 && strpbrk(link, "mMU")) {
        CHECK(memcmp(again.bytes, came.bytes, sent.len) == 0);
        return;
    }
    if (again.hdr.flags != VIRTIO_NET_HDR_F_NEEDS_CSUM)
        ck_abort_msg("link \"%s\": finished for a port that can", link);
    CHECK_EQ(again.hdr.csum_start, at->csum_start);
    CHECK_EQ(again.hdr.csum_offset, at->csum_offset);
    CHECK(memcmp(again.bytes, sent.bytes, sent.len) == 0);
    CHECK(inspect(again.bytes, again.len).l4 == CSUMOFF_SEEDED ||
          frame_complete(&frame) == frame_seed(&frame));
}

START_TEST(finished_behind_every_link)
{
    struct rng rng = rng_new(71);
    size_t i, h, p, n, count = 0;
    uint16_t check;

    if (!bridged_new()) {
        kernel_lacks("finished_behind_every_link", "no bridges in this kernel");
        return;
    }
    for (i = 0; i < COUNT(links); i++)
        for (h = 0; h < COUNT(headers); h++)
            for (p = 0; p < COUNT(seedable); p++)
                for (n = 0; n < COUNT(payloads); n++) {
                    struct csumoff_layout at;

                    seeded_behind(links[i], h, seedable[p], payloads[n], &at, &rng);
                    across_the_bridge(links[i]);
                    memcpy(ours, sent.bytes, sent.len);
                    CHECK_EQ(csumoff_finish_at(ours, sent.len, &at), CSUMOFF_OK);
                    check_kernels_bytes(links[i], ours, came.bytes, sent.len);
                    CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_GOOD);
                    CHECK_EQ(csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET),
                             CSUMOFF_OK);
                    check = frame_complete(&frame); /* 0 becomes 0xFFFF (skb_checksum_help()) */
                    CHECK_EQ(load_wire16(came.bytes + at.csum_start + at.csum_offset),
                             check ? check : 0xFFFF);
                    judge_offloading(links[i], &at);
                    count++;
                }
    said("packets that the kernel finished behind tags, labels, sessions and SNAP", count);
}
END_TEST

/* Control. */
START_TEST(wrong_seeds_stay_wrong)
{
    struct rng rng = rng_new(72);
    size_t i, h, p, count = 0;

    if (!bridged_new()) {
        kernel_lacks("wrong_seeds_stay_wrong", "no bridges in this kernel");
        return;
    }
    for (i = 0; i < COUNT(links); i++)
        for (h = 0; h < COUNT(headers); h++)
            for (p = 0; p < COUNT(seedable); p++) {
                struct csumoff_layout at;
                uint8_t *field;

                seeded_behind(links[i], h, seedable[p], 100 + i, &at, &rng);
                field = sent.bytes + at.csum_start + at.csum_offset;
                store_wire16(field, load_wire16(field) ^ (uint16_t)(1u << rng_below(&rng, 16)));
                if (load_wire16(field) % 0xFFFF == frame_seed(&frame) % 0xFFFF)
                    continue;
                across_the_bridge(links[i]);
                memcpy(ours, sent.bytes, sent.len);
                CHECK_EQ(csumoff_finish_at(ours, sent.len, &at), CSUMOFF_OK);
                check_kernels_bytes(links[i], ours, came.bytes, sent.len);
                CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_BAD);
                CHECK_EQ(csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET),
                         CSUMOFF_ECSUM);
                count++;
            }
    ck_assert_uint_ge(count, COUNT(links) * COUNT(headers) * COUNT(seedable) - 4);
}
END_TEST

/* ---- Forwarded ---------------------------------------------------------------------------------
 */

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

/* ---- Sockets -----------------------------------------------------------------------------------
 */

static void local_new(void)
{
    machine_new();
    tap_new(&near, "near", TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6, 1500);
    tap_address(&near, NEAR, HERE);
}

/* Sends a frame of this machine back to it, as if PEER had sent the like: addresses, and ports
 * where there are any, change places, and no checksum of Internet kind notices. */
static void turn_back(struct packet *p, size_t l3, bool has_ports)
{
    uint8_t *ip = p->bytes + l3, other[16];
    size_t n = ip[0] >> 4 == 4 ? 4 : 16, at = ip[0] >> 4 == 4 ? 12 : 8;
    uint8_t *l4 = ip + (n == 4 ? (ip[0] & 15) * 4 : 40);

    memcpy(p->bytes, near.mac, 6);
    memcpy(p->bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, PEER}, 6);
    memcpy(other, ip + at, n);
    memcpy(ip + at, ip + at + n, n);
    memcpy(ip + at + n, other, n);
    if (has_ports) {
        memcpy(other, l4, 2);
        memcpy(l4, l4 + 2, 2);
        memcpy(l4 + 2, other, 2);
    }
}

START_TEST(udplite_by_its_coverage)
{
    static uint8_t payload[1400], got[1500];
    struct rng rng = rng_new(76);
    size_t delivered = 0, dropped = 0, i, count = effort(1500, 300);
    int version;

    local_new();
    for (version = 4; version <= 6; version += 2) {
        union socket_address here, peer;
        socklen_t size = socket_address(&here, version, NEAR, HERE, PORT);
        int fd = socket(version == 4 ? AF_INET : AF_INET6,
                        SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, UDPLITE);

        if (fd < 0) {
            kernel_lacks("udplite_by_its_coverage", strerror(errno));
            return;
        }
        socket_address(&peer, version, NEAR, PEER, PORT);
        CHECK_EQ(bind(fd, &here.any, size), 0);
        for (i = 0; i < count; i++) {
            size_t len = rng_below(&rng, rng_below(&rng, 4) ? 40 : sizeof payload), whole = len + 8;
            int coverage = rng_below(&rng, 4) ? 8 + (int)rng_below(&rng, len + 1) : 0;
            struct csumoff_layout at;
            size_t byte;
            int status;

            rng_fill(&rng, payload, len);
            CHECK_EQ(setsockopt(fd, UDPLITE, SEND_COVERAGE, &coverage, sizeof coverage), 0);
            CHECK_EQ(sendto(fd, payload, len, 0, &peer.any, size), (ssize_t)len);
            CHECK(tap_read(&near, &came, WAIT_MS));
            at = judge_emitted("UDP-Lite", &came);
            CHECK_EQ(at.l4_len, coverage ? (size_t)coverage : whole);
            CHECK_EQ(at.end - at.l4_start, whole);
            CHECK_EQ(at.csum_offset, 6);

            /* A bit anywhere but in the coverage itself: dropped where it is covered. */
            turn_back(&came, at.l3_start, true);
            came.hdr = (struct virtio_net_hdr){.flags = 0};
            byte = rng_below(&rng, whole);
            if (i % 3 && byte != 4 && byte != 5 && byte != 2 && byte != 3)
                came.bytes[at.l4_start + byte] ^= (uint8_t)(1u << rng_below(&rng, 8));
            else
                byte = whole;
            status = csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET);
            CHECK_EQ(status, byte < at.l4_len ? CSUMOFF_ECSUM : CSUMOFF_OK);
            CHECK_EQ(tap_write(&near, &came), 0);
            CHECK_EQ(recv(fd, got, sizeof got, 0) >= 0, status == CSUMOFF_OK);
            delivered += status == CSUMOFF_OK;
            dropped += status != CSUMOFF_OK;
        }
        close(fd);
    }
    ck_assert_uint_gt(dropped, count / 8);
    printf("# UDP-Lite: %zu delivered, %zu dropped, as foretold\n", delivered, dropped);
    fflush(stdout);
}
END_TEST

/* A UDP-Lite field of 0 is never right (RFC 3828, section 3.1), though 0 and 0xFFFF are the same
 * sum: the kernel sends 0xFFFF, and drops 0 (__udp4_lib_rcv(), udp6_csum_init()). */
START_TEST(udplite_is_never_zero)
{
    static uint8_t payload[32], got[100];
    struct rng rng = rng_new(79);
    int version, form;

    local_new();
    for (version = 4; version <= 6; version += 2) {
        union socket_address here, peer;
        socklen_t size = socket_address(&here, version, NEAR, HERE, PORT);
        int fd = socket(version == 4 ? AF_INET : AF_INET6,
                        SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, UDPLITE);
        struct csumoff_layout at;

        if (fd < 0) {
            kernel_lacks("udplite_is_never_zero", strerror(errno));
            return;
        }
        socket_address(&peer, version, NEAR, PEER, PORT);
        CHECK_EQ(bind(fd, &here.any, size), 0);
        rng_fill(&rng, payload, sizeof payload);
        store_wire16(payload, 0);
        CHECK_EQ(sendto(fd, payload, sizeof payload, 0, &peer.any, size), (ssize_t)sizeof payload);
        CHECK(tap_read(&near, &came, WAIT_MS));
        at = judge_emitted("UDP-Lite", &came);
        /* Once more with its own checksum in the payload, so that it comes out as 0. */
        memcpy(payload, came.bytes + at.l4_start + 6, 2);
        CHECK_EQ(sendto(fd, payload, sizeof payload, 0, &peer.any, size), (ssize_t)sizeof payload);
        CHECK(tap_read(&near, &came, WAIT_MS));
        judge_emitted("UDP-Lite", &came);
        CHECK_EQ(load_wire16(came.bytes + at.l4_start + 6), 0xFFFF);
        turn_back(&came, at.l3_start, true);
        came.hdr = (struct virtio_net_hdr){.flags = 0};
        for (form = 0; form < 2; form++) {
            store_wire16(came.bytes + at.l4_start + 6, form ? 0xFFFF : 0);
            CHECK_EQ(tap_write(&near, &came), 0);
            CHECK_EQ(recv(fd, got, sizeof got, 0) >= 0, form);
            CHECK_EQ(csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET),
                     form ? CSUMOFF_OK : CSUMOFF_ECSUM);
        }
        close(fd);
    }
}
END_TEST

/* Raw sockets over IPv6 have the kernel compute and check a checksum at any place
 * (rawv6_push_pending_frames(), rawv6_rcv()). */
START_TEST(checksums_of_raw_sockets)
{
    static const struct raw {
        const char *name;
        uint8_t proto;
        int field;
        size_t least;
        uint8_t begins[12];
    } raws[] = {
        {"OSPFv3", OSPF, 12, 16, {3, 1}},       {"PIM hello", PIM, 2, 4, {0x20}},
        {"VRRPv3", VRRP, 6, 8, {0x31, 1, 100}}, {"DCCP", DCCP, 6, 16, {0, 0, 0, 0, 4, 0, 0, 0, 5}},
        {"UDP-Lite", UDPLITE, 6, 8, {0}},       {"TCP", TCP, 16, 20, {0}},
    };
    static uint8_t message[1400];
    struct rng rng = rng_new(77);
    size_t i, k, count = effort(300, 60), delivered = 0, dropped = 0;

    local_new();
    for (k = 0; k < COUNT(raws); k++) {
        const struct raw *raw = &raws[k];
        union socket_address peer;
        socklen_t size = socket_address(&peer, 6, NEAR, PEER, 0);
        int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, raw->proto);

        if (fd < 0) {
            kernel_lacks("checksums_of_raw_sockets", strerror(errno));
            return;
        }
        CHECK_EQ(setsockopt(fd, IPPROTO_IPV6, IPV6_CHECKSUM, &raw->field, sizeof raw->field), 0);
        for (i = 0; i < count; i++) {
            size_t len = raw->least + rng_below(&rng, rng_below(&rng, 2) ? 33 : 1200), byte;
            struct csumoff_layout at;
            int status;

            rng_fill(&rng, message, len);
            memcpy(message, raw->begins, raw->least < 12 ? raw->least : 12);
            if (raw->proto == OSPF)
                store_wire16(message + 2, (uint16_t)len);
            if (raw->proto == TCP)
                message[12] = 0x50;
            CHECK_EQ(sendto(fd, message, len, 0, &peer.any, size), (ssize_t)len);
            CHECK(tap_read(&near, &came, WAIT_MS));
            at = judge_emitted(raw->name, &came);
            CHECK_EQ(at.l4_proto, raw->proto);
            CHECK_EQ(at.l4_len, len);
            CHECK_EQ(at.csum_offset, (uint32_t)raw->field);

            turn_back(&came, at.l3_start, false);
            came.hdr = (struct virtio_net_hdr){.flags = 0};
            byte = i % 2 ? raw->least : 0;
            if (byte && byte < len) /* behind the header, so that all else stays as it is */
                came.bytes[at.l4_start + byte + rng_below(&rng, len - byte)] ^= 0x10;
            else
                byte = 0;
            status = csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET);
            CHECK_EQ(status, byte ? CSUMOFF_ECSUM : CSUMOFF_OK);
            CHECK_EQ(tap_write(&near, &came), 0);
            CHECK_EQ(recv(fd, message, sizeof message, 0) >= 0, status == CSUMOFF_OK);
            delivered += !byte;
            dropped += byte != 0;
            while (tap_read(&near, &again, 0)) /* what the kernel answers: RST, parameter problem */
                ;
        }
        close(fd);
    }
    ck_assert_uint_gt(dropped, count);
    printf("# raw sockets: %zu delivered, %zu dropped, as foretold\n", delivered, dropped);
    fflush(stdout);
}
END_TEST

/* Sockets of protocols that many kernels are built without: what opens a connection. The CRC32c is
 * made by skb_crc32c_csum_help(), since TAPs can't. */
START_TEST(sctp_and_dccp_sockets)
{
    static const struct {
        const char *name;
        int type;
        uint8_t proto;
    } kinds[] = {{"SCTP sockets", SOCK_STREAM, SCTP}, {"DCCP sockets", SOCK_DCCP, DCCP}};
    size_t k;
    int version, i;

    local_new();
    for (k = 0; k < COUNT(kinds); k++)
        for (version = 4; version <= 6; version += 2)
            for (i = 0; i < 20; i++) {
                union socket_address peer;
                socklen_t size = socket_address(&peer, version, NEAR, PEER, (uint16_t)(PORT + i));
                int fd = socket(version == 4 ? AF_INET : AF_INET6,
                                kinds[k].type | SOCK_NONBLOCK | SOCK_CLOEXEC, kinds[k].proto);
                uint32_t service = (uint32_t)i;
                struct csumoff_layout at;

                if (fd < 0) {
                    if (i == 0)
                        kernel_lacks(kinds[k].name, strerror(errno));
                    break;
                }
                if (kinds[k].proto == DCCP)
                    CHECK_EQ(setsockopt(fd, SOL_DCCP, 2, &service, sizeof service), 0);
                CHECK(connect(fd, &peer.any, size) != 0 && errno == EINPROGRESS);
                CHECK(tap_read(&near, &came, WAIT_MS));
                at = judge_emitted(kinds[k].name, &came);
                CHECK_EQ(at.l4_proto, kinds[k].proto);
                close(fd);
                while (tap_read(&near, &came, 5)) /* what ends it */
                    judge_emitted(kinds[k].name, &came);
            }
}
END_TEST

/* ---- What the kernel says by itself ------------------------------------------------------------
 */

/* The next message of that protocol, over that version of IP. */
static bool next_message(int version, uint8_t proto, struct csumoff_layout *at, int ms)
{
    while (tap_read_all(&near, &came, ms)) {
        if (csumoff_locate(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, at) == CSUMOFF_OK &&
            at->ip_version == version && at->l4_proto == proto)
            return true;
    }
    return false;
}

static int join(int version, int group)
{
    int fd = socket(version == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ip_mreqn v4 = {.imr_ifindex = (int)if_nametoindex(near.name)};
    struct ipv6_mreq v6 = {.ipv6mr_interface = if_nametoindex(near.name)};

    memcpy(&v4.imr_multiaddr, (uint8_t[]){239, 1, 2, (uint8_t)group}, 4);
    memcpy(&v6.ipv6mr_multiaddr, (uint8_t[]){0xFF, 0x05}, 2);
    v6.ipv6mr_multiaddr.s6_addr[15] = (uint8_t)group;
    CHECK(fd >= 0);
    CHECK_EQ(version == 4 ? setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4, sizeof v4)
                          : setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof v6),
             0);
    return fd;
}

/* Reports of IGMP (RFC 3376) and of multicast listeners, which are ICMPv6 (RFC 3810): the kernel's
 * checksums are good, and it answers a query only if that is. */
START_TEST(groups_are_joined)
{
    static const uint8_t types[] = {0, 0x12, 0x16, 0x22};
    char value[2] = "1";
    struct csumoff_layout at;
    int version, fd, good;
    uint8_t *l3;

    for (version = 1; version <= 3; version++) {
        local_new();
        value[0] = (char)('0' + version);
        CHECK(kernel_setting("ipv4/conf/near/force_igmp_version", value));
        CHECK(kernel_setting("ipv4/conf/near/igmpv2_unsolicited_report_interval", "10"));
        CHECK(kernel_setting("ipv4/conf/near/igmpv3_unsolicited_report_interval", "10"));
        fd = join(4, 7);
        if (!next_message(4, IGMP, &at, WAIT_MS))
            ck_abort_msg("no report of IGMPv%d", version);
        judge_emitted("IGMP", &came);
        CHECK_EQ(came.bytes[at.l4_start], types[version]);
        while (next_message(4, IGMP, &at, 300))
            judge_emitted("IGMP", &came);
        /* Asked for by a query, good or not; it is to be answered within 0.1 s. */
        for (good = 0; good < 2 && version > 1; good++) {
            memset(&sent, 0, sizeof sent.hdr);
            memset(sent.bytes, 0, 60);
            l3 = sent.bytes + 14;
            memcpy(sent.bytes, (uint8_t[]){1, 0, 0x5E, 0, 0, 1, 2, 0, 0, 0, 0, PEER, 8, 0}, 14);
            memcpy(l3, (uint8_t[]){0x46, 0xC0, 0, 0, 0, 0, 0, 0, 1, IGMP}, 10);
            address_bytes(4, NEAR, PEER, l3 + 12);
            memcpy(l3 + 16, (uint8_t[]){224, 0, 0, 1, 0x94, 4, 0, 0}, 8);
            l3[24] = 0x11;
            l3[25] = 1;
            sent.len = 14 + 24 + (version == 3 ? 12 : 8);
            store_wire16(l3 + 2, (uint16_t)(sent.len - 14));
            CHECK_EQ(csumoff_fill(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
            if (!good)
                l3[27] ^= 1;
            CHECK_EQ(csumoff_verify(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET),
                     good ? CSUMOFF_OK : CSUMOFF_ECSUM);
            CHECK_EQ(tap_write(&near, &sent), 0);
            CHECK_EQ(next_message(4, IGMP, &at, good ? WAIT_MS : 300), good);
        }
        close(fd);
        while (next_message(4, IGMP, &at, 50))
            judge_emitted("IGMP", &came);
    }
    for (version = 1; version <= 2; version++) {
        local_new();
        value[0] = (char)('0' + version);
        CHECK(kernel_setting("ipv6/conf/near/force_mld_version", value));
        fd = join(6, 7);
        if (!next_message(6, ICMPV6, &at, WAIT_MS))
            ck_abort_msg("no report of MLDv%d", version);
        do {
            judge_emitted("MLD", &came);
            CHECK_EQ(at.l4_start, 14 + 48); /* behind a router alert */
        } while (next_message(6, ICMPV6, &at, 50));
        close(fd);
    }
}
END_TEST

/*
 * A PIM rendezvous point takes Register messages whose checksum covers their header, as RFC 7761
 * has it (or all of them: pim_rcv()): the packet inside comes out of the interface "pimreg".
 */
START_TEST(pim_registers_are_taken)
{
    static const uint8_t register_header[] = {0x21, 0, 0, 0, 0, 0, 0, 0};
    struct vifctl vif = {.vifc_vifi = 0, .vifc_flags = VIFF_REGISTER, .vifc_threshold = 1};
    struct rng rng = rng_new(78);
    int fd, on = 1, how;
    uint8_t *l3, *pim, *inner;

    local_new();
    fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IGMP);
    if (fd < 0 || setsockopt(fd, IPPROTO_IP, MRT_INIT, &on, sizeof on) != 0 ||
        setsockopt(fd, IPPROTO_IP, MRT_PIM, &on, sizeof on) != 0 ||
        setsockopt(fd, IPPROTO_IP, MRT_ADD_VIF, &vif, sizeof vif) != 0) {
        kernel_lacks("pim_registers_are_taken", strerror(errno));
        return;
    }
    for (how = 0; how < 3; how++) { /* good; a bit of the header; a bit of what is inside */
        struct csumoff_layout at;
        uint64_t before = 0, after = 0;
        char name[32];
        FILE *in;
        int pass;

        rng_fill(&rng, sent.bytes, 200);
        memset(&sent.hdr, 0, sizeof sent.hdr);
        memcpy(sent.bytes, near.mac, 6);
        memcpy(sent.bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, PEER, 8, 0}, 8);
        l3 = sent.bytes + 14;
        pim = l3 + 20;
        inner = pim + 8;
        sent.len = 14 + 20 + 8 + 28 + 50;
        memcpy(l3, (uint8_t[]){0x45, 0, 0, 0, 0, 0, 0, 0, 64, PIM}, 10);
        store_wire16(l3 + 2, (uint16_t)(sent.len - 14));
        address_bytes(4, NEAR, PEER, l3 + 12);
        address_bytes(4, NEAR, HERE, l3 + 16);
        memcpy(pim, register_header, 8);
        memcpy(inner, (uint8_t[]){0x45, 0, 0, 78, 0, 0, 0, 0, 9, UDP}, 10);
        address_bytes(4, NEAR, PEER, inner + 12);
        memcpy(inner + 16, (uint8_t[]){239, 1, 2, 3}, 4);
        store_wire16(inner + 24, 58);
        CHECK_EQ(csumoff_fill(inner, 78, CSUMOFF_LINK_IP), CSUMOFF_OK);
        CHECK_EQ(csumoff_fill(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
        CHECK_EQ(load_wire16(pim + 2), 0xFFFF - 0x2100);
        CHECK_EQ(csumoff_locate(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
        CHECK_EQ(at.l4_len, 8);
        if (how == 1)
            pim[6] ^= 1;
        if (how == 2)
            inner[60] ^= 1;
        CHECK_EQ(csumoff_verify(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET),
                 how == 1 ? CSUMOFF_ECSUM : CSUMOFF_OK);
        for (pass = 0; pass < 2; pass++) {
            uint64_t packets = UINT64_MAX;
            char line[512];

            in = fopen("/proc/net/dev", "re");
            CHECK(in != NULL);
            while (fgets(line, sizeof line, in))
                if (sscanf(line, " %31[^:]: %*u %" SCNu64, name, &packets) == 2 &&
                    strcmp(name, "pimreg") == 0)
                    break;
            fclose(in);
            CHECK(strcmp(name, "pimreg") == 0);
            if (pass)
                after = packets;
            else
                before = packets;
            if (!pass)
                CHECK_EQ(tap_write(&near, &sent), 0);
        }
        CHECK_EQ(after - before, how != 1);
    }
    close(fd);
}
END_TEST

int main(void)
{
    const TTest *const linked[] = {finished_behind_every_link, wrong_seeds_stay_wrong, NULL};
    const TTest *const forwarded[] = {crc32c_is_the_kernels, seeded_sctp_is_ruined,
                                      connection_tracking_agrees, rewritten_as_the_kernel_does,
                                      NULL};
    const TTest *const sockets[] = {udplite_by_its_coverage,
                                    udplite_is_never_zero,
                                    checksums_of_raw_sockets,
                                    sctp_and_dccp_sockets,
                                    groups_are_joined,
                                    pim_registers_are_taken,
                                    NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_kinds");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "links", linked);
    suite_add(suite, "forwarded", forwarded);
    suite_add(suite, "sockets", sockets);
    return suite_run(suite);
}
