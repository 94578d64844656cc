// SPDX-License-Identifier: MIT
/*
 * Packets inside packets, as the kernel emits and takes them: VXLAN, VXLAN inside VXLAN, segment
 * routing around IPv4 and IPv6, and both. csumoff_locate_all() finds each of them; finished from
 * the inside to the outside, all are good; and the kernel has computed the outer checksums of
 * seeded packets as csumoff_outer() does.
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
#include "netlink.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Networks, and machines in them: under the tunnels, inside one, inside two; behind segments. */
enum {
    NEAR = 1,
    INSIDE = 20,
    DEEP = 30,
    BEHIND = 40,
    HERE = 1,
    PEER = 9
};

enum {
    WAIT_MS = 5000,
    PORT = 20005,
    LEVELS_MOST = 6,
    VXLAN_HEADER = 8,
    ETHERNET = 14,
    GRE = 47,
    /* Newer than, or not in, the oldest headers this builds with (linux/udp.h). */
    NO_CHECK6_TX = 101,
    NO_CHECK6_RX = 102,
    SOL_UDP_LEVEL = 17
};

static struct tap near;
static struct packet sent, came;
static uint8_t ours[FRAME_MOST];

static void machine_with_tap(void)
{
    machine_new();
    tap_new(&near, "near", TUN_F_CSUM, 1700);
    tap_address(&near, NEAR, HERE);
}

static struct csumoff_report inspect_at(const uint8_t *bytes, size_t len,
                                        const struct csumoff_layout *at)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect_at(bytes, len, at, &report), CSUMOFF_OK);
    return report;
}

/* ---- What is emitted ---------------------------------------------------------------------------
 */

/* A level that a frame has to have: where, and what. */
struct level {
    size_t l3, l4;
    int version;
    uint8_t proto;
};

static struct totals {
    size_t seeded, outer_seeded, complete, outer_computed;
} totals;

static void spoil(const struct csumoff_layout *at)
{
    size_t i;

    for (i = 0; at->csum_kind == CSUMOFF_INTERNET && i < 2; i++)
        ours[at->csum_start + at->csum_offset + i] ^= (uint8_t)(0x5A + i);
    if (at->ip_version == 4)
        ours[at->l3_start + 10] ^= 0xFF;
}

/* What came has these levels and no others, and their checksums are as the kernel says. */
static void judge_emitted(const char *what, const struct level *levels, size_t count)
{
    struct csumoff_layout at[LEVELS_MOST];
    size_t found = 0, i, seed = count;
    bool seeded = came.hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    struct csumoff_report report;

    CHECK_EQ(
        csumoff_locate_all(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, at, LEVELS_MOST, &found),
        CSUMOFF_OK);
    if (found != count)
        ck_abort_msg("%s: %zu levels found, not %zu", what, found, count);
    for (i = 0; i < count; i++) {
        CHECK_EQ(at[i].l3_start, levels[i].l3);
        CHECK_EQ(at[i].l4_start, levels[i].l4);
        CHECK_EQ(at[i].ip_version, levels[i].version);
        CHECK_EQ(at[i].l4_proto, levels[i].proto);
        CHECK_EQ(at[i].end, came.len);
        if (seeded && at[i].csum_kind == CSUMOFF_INTERNET &&
            at[i].csum_start == came.hdr.csum_start) {
            CHECK_EQ(at[i].csum_offset, came.hdr.csum_offset);
            seed = i;
        }
    }
    CHECK_EQ(seeded, seed < count);

    /* As it came: what is inside the seeded level is complete; it holds its seed; what is outside
     * will be right once it is finished. */
    memcpy(ours, came.bytes, came.len);
    for (i = 0; i < count; i++) {
        report = inspect_at(ours, came.len, &at[i]);
        CHECK(report.l3 == (at[i].ip_version == 4 ? CSUMOFF_GOOD : CSUMOFF_ABSENT));
        if (at[i].csum_kind == CSUMOFF_NO_CHECKSUM)
            CHECK_EQ(report.l4, CSUMOFF_UNCHECKED);
        else if (i == seed)
            CHECK(report.l4 == CSUMOFF_SEEDED || report.l4_found == report.l4_expected ||
                  at[i].l4_proto == GRE);
        else if (!seeded || i > seed)
            CHECK(report.l4 == CSUMOFF_GOOD || (i + 1 < count && report.l4 == CSUMOFF_ABSENT));
    }
    if (seeded) {
        if (at[seed].l4_proto == GRE) { /* no pseudo-header: its seed is 0 */
            CHECK_EQ(csumoff_seed_value(&at[seed]), 0);
            CHECK_EQ(load_wire16(ours + at[seed].csum_start + at[seed].csum_offset), 0);
            CHECK_EQ(csumoff_seed_at(ours, came.len, &at[seed]), CSUMOFF_EPROTO);
        } else {
            spoil(&at[seed]);
            CHECK_EQ(csumoff_seed_at(ours, came.len, &at[seed]), CSUMOFF_OK);
            check_kernels_bytes(what, ours, came.bytes, came.len);
        }
        for (i = 0; i < seed; i++) {
            if (at[i].csum_kind != CSUMOFF_INTERNET ||
                load_wire16(ours + at[i].csum_start + at[i].csum_offset) == 0)
                continue;
            ours[at[i].csum_start + at[i].csum_offset] ^= 0x77;
            CHECK_EQ(
                csumoff_outer(ours, came.len, &at[i], came.hdr.csum_start, came.hdr.csum_offset),
                CSUMOFF_OK);
            check_kernels_bytes("csumoff_outer", ours, came.bytes, came.len);
            totals.outer_computed++;
        }
        CHECK_EQ(csumoff_finish_at(ours, came.len, &at[seed]), CSUMOFF_OK);
        totals.outer_seeded += seed == 0 && count > 1;
    }
    totals.seeded += seeded;
    totals.complete += !seeded;

    /* Finished, it is good as a whole; and made again from the inside to the outside, the same. */
    memcpy(came.bytes, ours, came.len);
    for (i = 0; i < count; i++) {
        report = inspect_at(ours, came.len, &at[i]);
        if (report.l4 != CSUMOFF_GOOD && report.l4 != CSUMOFF_ABSENT &&
            report.l4 != CSUMOFF_UNCHECKED)
            ck_abort_msg("%s: level %zu of %zu is bad", what, i, count);
    }
    CHECK_EQ(csumoff_verify(ours, came.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    for (i = count; i-- > 0;) {
        report = inspect_at(came.bytes, came.len, &at[i]);
        if (report.l4 == CSUMOFF_ABSENT)
            continue;
        spoil(&at[i]);
        CHECK_EQ(csumoff_fill_at(ours, came.len, &at[i]), CSUMOFF_OK);
    }
    check_kernels_bytes("csumoff_fill_at", ours, came.bytes, came.len);
}

/* What interfaces say by themselves: listener reports, neighbour discovery, IGMP. */
static bool is_background(size_t l3)
{
    const uint8_t *ip = came.bytes + l3;

    if (came.len < l3 + 48)
        return false;
    if (ip[0] >> 4 == 6)
        return ip[6] == 0 || (ip[6] == ICMPV6 && ip[40] >= 130);
    return ip[0] >> 4 == 4 && ip[9] == 2;
}

static bool read_emitted(const struct level *levels, size_t outer, size_t inner_l3)
{
    bool background;
    size_t i;

    do {
        if (!tap_read(&near, &came, WAIT_MS))
            return false;
        background = is_background(inner_l3);
        for (i = 1; i < outer; i++)
            background = background || is_background(levels[i].l3);
    } while (background);
    return true;
}

/*
 * Sends datagrams, an opening segment and echo requests to PEER of `net`, and judges what comes
 * out: `outer` levels around it, the last of which ends where `inner_l3` says.
 */
static void emit(const char *what, int version, int net, struct level *levels, size_t outer,
                 size_t inner_l3, struct rng *rng)
{
    static const uint8_t protos[] = {UDP, TCP, ICMP};
    static uint8_t payload[1200];
    size_t p, i;

    for (p = 0; p < COUNT(protos); p++)
        for (i = 0; i < (protos[p] == TCP ? 1 : effort(60, 12)); i++) {
            uint8_t proto = protos[p] == ICMP && version == 6 ? ICMPV6 : protos[p];
            int type = (proto == TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
            int fd = socket(version == 4 ? AF_INET : AF_INET6, type,
                            proto == TCP || proto == UDP ? 0 : proto);
            size_t len = 8 + rng_below(rng, sizeof payload - 8);
            union socket_address peer;
            socklen_t size = socket_address(&peer, version, net, PEER, PORT);

            CHECK(fd >= 0);
            rng_fill(rng, payload, len);
            if (proto == TCP) {
                CHECK(connect(fd, &peer.any, size) != 0 && errno == EINPROGRESS);
            } else {
                memset(payload, 0, 8);
                payload[0] = proto == ICMP ? 8 : 128;
                CHECK_EQ(sendto(fd, payload, len, 0, &peer.any, size), (ssize_t)len);
            }
            if (!read_emitted(levels, outer, inner_l3))
                ck_abort_msg("%s: nothing came out", what);
            levels[outer] =
                (struct level){inner_l3, inner_l3 + (version == 4 ? 20 : 40), version, proto};
            judge_emitted(what, levels, outer + 1);
            close(fd);
        }
}

static void report_totals(const char *what)
{
    printf("# %s: %zu seeded inside, %zu seeded outside, %zu complete; %zu outer checksums of the "
           "kernel made again\n",
           what, totals.seeded - totals.outer_seeded, totals.outer_seeded, totals.complete,
           totals.outer_computed);
    fflush(stdout);
}

/* The levels of a VXLAN tunnel that begins at `at`; returns where the next IP header is. */
static size_t vxlan_level(struct level *level, size_t at, int version)
{
    *level = (struct level){at, at + (version == 4 ? 20 : 40), version, UDP};
    return level->l4 + 8 + VXLAN_HEADER + ETHERNET;
}

static bool vxlan_ready(const struct vxlan *v, int net)
{
    struct tap inside = {.fd = -1};
    int error = vxlan_new(v);

    if (error) {
        kernel_lacks(v->name, strerror(error));
        return false;
    }
    snprintf(inside.name, sizeof inside.name, "%s", v->name);
    tap_address(&inside, net, HERE);
    return true;
}

static const uint16_t ports[] = {4789, 8472};

START_TEST(vxlan_is_emitted)
{
    struct rng rng = rng_new(91);
    struct level levels[LEVELS_MOST];
    int outer, inner, udpcsum;
    size_t at;

    for (outer = 4; outer <= 6; outer += 2)
        for (udpcsum = 0; udpcsum < 2; udpcsum++) {
            const struct vxlan v = {"inside", near.name, outer,          NEAR,         HERE, NEAR,
                                    PEER,     42,        ports[udpcsum], udpcsum == 1, false};

            machine_with_tap();
            if (!vxlan_ready(&v, INSIDE))
                return;
            at = vxlan_level(levels, ETHERNET, outer);
            for (inner = 4; inner <= 6; inner += 2)
                emit("VXLAN", inner, INSIDE, levels, 1, at, &rng);
        }
    if (totals.seeded == totals.outer_seeded) /* Linux 6.17: a TAP's hw_enc_features */
        kernel_lacks("outer checksums around a seed",
                     "this kernel finishes what it puts into a tunnel");
    else
        ck_assert_uint_gt(totals.outer_computed, 0);
    ck_assert_uint_gt(totals.outer_seeded, 0);
    report_totals("VXLAN");
}
END_TEST

START_TEST(vxlan_in_vxlan_is_emitted)
{
    struct rng rng = rng_new(92);
    struct level levels[LEVELS_MOST];
    int outer, middle, inner, how;
    size_t at;

    for (outer = 4; outer <= 6; outer += 2)
        for (middle = 4; middle <= 6; middle += 2)
            for (how = 0; how < 4; how++) {
                const struct vxlan first = {"inside", near.name, outer, NEAR,     HERE, NEAR,
                                            PEER,     42,        4789,  how >= 2, false};
                const struct vxlan second = {"deep", "inside", middle, INSIDE,       HERE, INSIDE,
                                             PEER,   43,       8472,   how % 2 == 1, false};

                machine_with_tap();
                if (!vxlan_ready(&first, INSIDE) || !vxlan_ready(&second, DEEP))
                    return;
                at = vxlan_level(levels, ETHERNET, outer);
                at = vxlan_level(levels + 1, at, middle);
                for (inner = 4; inner <= 6; inner += 2)
                    emit("VXLAN in VXLAN", inner, DEEP, levels, 2, at, &rng);
            }
    report_totals("VXLAN in VXLAN");
}
END_TEST

START_TEST(vxlan_gpe_is_emitted)
{
    struct rng rng = rng_new(98);
    struct level levels[LEVELS_MOST];
    struct tap inside = {.fd = -1, .name = "inside"};
    uint8_t prefix[16];
    int outer, inner, udpcsum, error;
    size_t at;

    for (outer = 4; outer <= 6; outer += 2)
        for (udpcsum = 0; udpcsum < 2; udpcsum++) {
            machine_with_tap();
            error = vxlan_gpe_new(inside.name);
            if (!error)
                tap_address(&inside, INSIDE, HERE);
            for (inner = 4; inner <= 6; inner += 2) {
                address_bytes(inner, INSIDE, PEER, prefix);
                if (!error)
                    error = route_by_tunnel(inner, prefix, inside.name, outer, NEAR, PEER, udpcsum);
                if (error) {
                    kernel_lacks("VXLAN-GPE", strerror(error));
                    return;
                }
                at = vxlan_level(levels, ETHERNET, outer) - ETHERNET;
                emit("VXLAN-GPE", inner, INSIDE, levels, 1, at, &rng);
            }
        }
    report_totals("VXLAN-GPE");
}
END_TEST

/* IPv4 and IPv6, and VXLAN, in IPv6 with a segment routing header. */
START_TEST(segments_around_packets)
{
    struct rng rng = rng_new(93);
    struct level levels[LEVELS_MOST];
    uint8_t segments[16 * 4], prefix[16];
    size_t hops, i, at;
    int version, error;

    for (hops = 1; hops <= 4; hops++) {
        const struct vxlan v = {"deep", near.name, 6,    NEAR,          HERE, BEHIND,
                                PEER,   43,        4789, hops % 2 == 1, false};

        machine_with_tap();
        (void)kernel_setting("ipv6/conf/all/seg6_enabled", "1");
        (void)kernel_setting("ipv6/conf/near/seg6_enabled", "1");
        for (i = 0; i < hops; i++)
            address_bytes(6, NEAR, PEER + (int)i, segments + 16 * i);
        for (version = 4; version <= 6; version += 2) {
            address_bytes(version, BEHIND, PEER, prefix);
            error = route_by_segments(version, prefix, near.name, AROUND, segments, hops);
            if (error) {
                kernel_lacks("segments_around_packets", strerror(error));
                return;
            }
            at = ETHERNET + 40 + 8 + 16 * hops;
            levels[0] = (struct level){ETHERNET, at, 6, version == 4 ? 4 : 41};
            emit("segments around", version, BEHIND, levels, 1, at, &rng);
        }
        if (!vxlan_ready(&v, DEEP))
            return;
        at = vxlan_level(levels + 1, at, 6);
        emit("segments around VXLAN", 4, DEEP, levels, 2, at, &rng);
        emit("segments around VXLAN", 6, DEEP, levels, 2, at, &rng);
    }
    report_totals("segments around");
}
END_TEST

/*
 * The other tunnels, in all forms of theirs: `header`, what they put between the outer L4 header,
 * or where it would be, and the inner Ethernet or IP header.
 */
START_TEST(other_tunnels_are_emitted)
{
    static const struct {
        const char *kind;
        int version, inner; /* 0: either */
        uint8_t proto;      /* 0: that of IP in IP */
        size_t header;
        bool csum, more, gue;
    } rows[] = {
        {"gre", 4, 0, GRE, 4, false, false, false},
        {"gre", 4, 0, GRE, 8, true, false, false},
        {"gre", 4, 0, GRE, 16, true, true, false},
        {"gretap", 4, 0, GRE, 4 + ETHERNET, false, false, false},
        {"gretap", 4, 0, GRE, 8 + ETHERNET, true, false, false},
        {"gretap", 4, 0, GRE, 16 + ETHERNET, true, true, false},
        {"ip6gre", 6, 0, GRE, 4, false, false, false},
        {"ip6gre", 6, 0, GRE, 8, true, false, false},
        {"ip6gretap", 6, 0, GRE, 16 + ETHERNET, true, true, false},
        {"ipip", 4, 4, 0, 0, false, false, false},
        {"sit", 4, 6, 0, 0, false, false, false},
        {"ip6tnl", 6, 0, 0, 0, false, false, false},
        {"geneve", 4, 0, UDP, 8 + 8 + ETHERNET, false, false, false},
        {"geneve", 4, 0, UDP, 8 + 8 + ETHERNET, true, false, false},
        {"geneve", 6, 0, UDP, 8 + 8 + ETHERNET, false, false, false},
        {"geneve", 6, 0, UDP, 8 + 8 + ETHERNET, true, false, false},
        {"ipip", 4, 4, UDP, 8 + 4, false, false, true},
        {"ipip", 4, 4, UDP, 8 + 4, true, false, true},
        {"sit", 4, 6, UDP, 8 + 4, true, false, true},
    };
    struct rng rng = rng_new(97);
    struct level levels[LEVELS_MOST];
    size_t i;
    int inner;

    for (i = 0; i < COUNT(rows); i++)
        for (inner = 4; inner <= 6; inner += 2) {
            const struct tunnel t = {rows[i].kind, "inside",   near.name, rows[i].version,
                                     NEAR,         HERE,       PEER,      rows[i].csum,
                                     rows[i].more, rows[i].gue};
            struct tap inside = {.fd = -1, .name = "inside"};
            size_t l4 = ETHERNET + (rows[i].version == 4 ? 20 : 40);
            char name[64];
            int error;

            if (rows[i].inner && rows[i].inner != inner)
                continue;
            snprintf(name, sizeof name, "%s over IPv%d%s%s%s", t.kind, t.version,
                     t.csum ? ", checksum" : "", t.more ? ", key, sequence" : "",
                     t.gue ? ", in GUE" : "");
            machine_with_tap();
            error = tunnel_new(&t);
            if (error) {
                kernel_lacks(name, strerror(error));
                break;
            }
            tap_address(&inside, INSIDE, HERE);
            levels[0] = (struct level){ETHERNET, l4, t.version,
                                       rows[i].proto ? rows[i].proto
                                       : inner == 4  ? 4
                                                     : 41};
            emit(name, inner, INSIDE, levels, 1, l4 + rows[i].header, &rng);
        }
    report_totals("other tunnels");
}
END_TEST

/* ---- What is taken -----------------------------------------------------------------------------
 */

enum damage {
    NONE,
    OUTER,      /* a bit under the outer checksum, before what is inside */
    INNER,      /* a bit inside; the outer checksum is made right again */
    BOTH,       /* a bit inside */
    ZERO,       /* there is no outer checksum */
    ZERO_INNER, /* nor is what is inside right */
    DAMAGES
};

/* An IP header of a packet of `len` bytes from PEER to HERE of NEAR; no checksum yet. */
static void put_ip(uint8_t *ip, int version, uint8_t proto, size_t len)
{
    if (version == 4) {
        memcpy(ip, (uint8_t[]){0x45, 0, 0, 0, 0, 0, 0, 0, 64, proto}, 10);
        store_wire16(ip + 2, (uint16_t)len);
        address_bytes(4, NEAR, PEER, ip + 12);
        address_bytes(4, NEAR, HERE, ip + 16);
    } else {
        memcpy(ip, (uint8_t[]){0x60, 0, 0, 0, 0, 0, proto, 64}, 8);
        store_wire16(ip + 4, (uint16_t)(len - 40));
        address_bytes(6, NEAR, PEER, ip + 8);
        address_bytes(6, NEAR, HERE, ip + 24);
    }
}

/* A datagram from PEER to HERE, in a tunnel likewise, is in `sent`; where, in at[]. */
static void tunnelled(int outer, int inner, size_t payload, struct csumoff_layout at[2],
                      struct rng *rng)
{
    static struct frame f;
    struct recipe recipe = {
        .version = (unsigned)inner, .chain = "", .proto = UDP, .payload = payload};
    uint8_t *p = sent.bytes, *udp;
    size_t header = outer == 4 ? 20 : 40, count = 0;

    frame_build(&f, &recipe, rng);
    f.bytes[inner == 4 ? 8 : 7] = 64;
    address_bytes(inner, INSIDE, PEER, f.bytes + (inner == 4 ? 12 : 8));
    address_bytes(inner, INSIDE, HERE, f.bytes + (inner == 4 ? 16 : 24));
    store_wire16(f.bytes + f.l4 + 2, PORT);
    memset(&sent.hdr, 0, sizeof sent.hdr);
    memcpy(p, near.mac, 6);
    memcpy(p + 6, (uint8_t[]){2, 0, 0, 0, 0, PEER}, 6);
    store_wire16(p + 12, outer == 4 ? 0x0800 : 0x86DD);
    p += ETHERNET;
    sent.len = ETHERNET + header + 8 + VXLAN_HEADER + ETHERNET + f.len;
    put_ip(p, outer, UDP, sent.len - ETHERNET);
    udp = p + header;
    store_wire16(udp, 50000);
    store_wire16(udp + 2, 4789);
    store_wire16(udp + 4, (uint16_t)(sent.len - ETHERNET - header));
    memcpy(udp + 8, (uint8_t[]){8, 0, 0, 0, 0, 0, 42, 0}, 8);
    p = udp + 8 + VXLAN_HEADER;
    memset(p, 0xFF, 6); /* to everyone: whoever has the other MAC address inside */
    memcpy(p + 6, (uint8_t[]){2, 0, 0, 0, 1, PEER}, 6);
    store_wire16(p + 12, inner == 4 ? 0x0800 : 0x86DD);
    memcpy(p + ETHERNET, f.bytes, f.len);
    CHECK_EQ(csumoff_locate_all(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, at, 2, &count),
             CSUMOFF_OK);
    CHECK_EQ(count, 2);
    CHECK_EQ(csumoff_fill_at(sent.bytes, sent.len, &at[1]), CSUMOFF_OK);
    CHECK_EQ(csumoff_fill_at(sent.bytes, sent.len, &at[0]), CSUMOFF_OK);
}

static void hurt(enum damage how, const struct csumoff_layout at[2], struct rng *rng)
{
    uint8_t *vni = sent.bytes + at[0].l4_start + 8 + 7; /* ignored, RFC 7348 */
    uint8_t *inside = sent.bytes + at[1].l4_start + 8;
    size_t room = at[1].l4_len - 8;

    if (how == OUTER)
        *vni ^= 1;
    if (how == INNER || how == BOTH || how == ZERO_INNER)
        inside[rng_below(rng, room)] ^= (uint8_t)(1u << rng_below(rng, 8));
    if (how == INNER)
        CHECK_EQ(csumoff_fill_at(sent.bytes, sent.len, &at[0]), CSUMOFF_OK);
    if (how == ZERO || how == ZERO_INNER)
        store_wire16(sent.bytes + at[0].csum_start + 6, 0);
}

/*
 * Tunnels that this kernel may know nothing of, and yet it finishes what is inside, where it is
 * told that the checksum is. `header` stands between the outer IP or UDP header and the packet
 * inside, or its Ethernet header; at `type` of it is put what that is: its EtherType, its protocol
 * number, or that number of VXLAN-GPE.
 */
static const struct form {
    const char *name;
    uint16_t port; /* 0: not over UDP */
    uint8_t proto;
    uint8_t header[24];
    size_t len;
    enum {
        NOWHERE,
        ETHERTYPE,
        PROTOCOL,
        GPE
    } says;
    size_t type;
    bool ethernet;
} forms[] = {
    {"IP in IP", 0, 0, {0}, 0, NOWHERE, 0, false},
    {"GRE", 0, GRE, {0}, 4, ETHERTYPE, 2, false},
    {"GRE, checksum", 0, GRE, {0x80}, 8, ETHERTYPE, 2, false},
    {"GRE, all",
     0,
     GRE,
     {0xB0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8},
     16,
     ETHERTYPE,
     2,
     false},
    {"GRE, Ethernet", 0, GRE, {0x80, 0, 0x65, 0x58}, 8, NOWHERE, 0, true},
    {"GRE, ERSPAN II",
     0,
     GRE,
     {0x10, 0, 0x88, 0xBE, 0, 0, 0, 1, 0x10, 1, 2, 3, 4, 5, 6, 7},
     16,
     NOWHERE,
     0,
     true},
    {"GRE, MPLS",
     0,
     GRE,
     {0x80, 0, 0x88, 0x47, 0, 0, 0, 0, 0, 1, 0x20, 9, 0, 1, 0x31, 9},
     16,
     NOWHERE,
     0,
     false},
    {"VXLAN", 4789, UDP, {8, 0, 0, 0, 1, 2, 3, 0}, 8, NOWHERE, 0, true},
    {"VXLAN-GPE", 4790, UDP, {0x0C, 0, 0, 0, 1, 2, 3, 0}, 8, GPE, 3, false},
    {"Geneve", 6081, UDP, {0, 0, 0, 0, 1, 2, 3, 0}, 8, ETHERTYPE, 2, false},
    {"Geneve, options",
     6081,
     UDP,
     {2, 0, 0x65, 0x58, 1, 2, 3, 0, 1, 1, 2, 1, 9, 9, 9, 9},
     16,
     NOWHERE,
     0,
     true},
    {"GTP-U", 2152, UDP, {0x30, 255, 0, 0, 1, 2, 3, 4}, 8, NOWHERE, 0, false},
    {"GTP-U, extended",
     2152,
     UDP,
     {0x34, 255, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0x85, 1, 0x10, 9, 0},
     16,
     NOWHERE,
     0,
     false},
    {"MPLS in UDP", 6635, UDP, {0, 1, 0x20, 9, 0, 1, 0x31, 9}, 8, NOWHERE, 0, false},
    {"LISP", 4341, UDP, {0x80, 1, 2, 3, 0, 0, 0, 1}, 8, NOWHERE, 0, false},
    {"GUE", 6080, UDP, {0, 0, 0, 0}, 4, PROTOCOL, 1, false},
    {"GUE, no header", 6080, UDP, {0}, 0, NOWHERE, 0, false},
};

/* The packet `f` in a tunnel of that form is in `sent`; returns where its IP header is. */
static size_t put_inside(const struct form *form, int outer, const struct frame *f)
{
    bool v4 = f->recipe.version == 4;
    size_t header = outer == 4 ? 20 : 40, udp = form->port ? 8 : 0;
    uint8_t *p = sent.bytes + ETHERNET + header;

    sent.len = ETHERNET + header + udp + form->len + (form->ethernet ? ETHERNET : 0) + f->len;
    memcpy(sent.bytes, (uint8_t[]){2, 0, 0, 0, 0, PEER + 1, 2, 0, 0, 0, 0, PEER}, 12);
    store_wire16(sent.bytes + 12, outer == 4 ? 0x0800 : 0x86DD);
    put_ip(sent.bytes + ETHERNET, outer,
           form->proto ? form->proto
           : v4        ? 4
                       : 41,
           sent.len - ETHERNET);
    if (udp) {
        store_wire16(p, 50000);
        store_wire16(p + 2, form->port);
        store_wire16(p + 4, (uint16_t)(sent.len - ETHERNET - header));
        store_wire16(p + 6, 0x5555);
        p += udp;
    }
    memcpy(p, form->header, form->len);
    if (form->says == ETHERTYPE)
        store_wire16(p + form->type, v4 ? 0x0800 : 0x86DD);
    else if (form->says != NOWHERE)
        p[form->type] = form->says == PROTOCOL ? (v4 ? 4 : 41) : (v4 ? 1 : 2);
    p += form->len;
    if (form->ethernet) {
        memcpy(p, (uint8_t[]){2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 2}, 12);
        store_wire16(p + 12, v4 ? 0x0800 : 0x86DD);
        p += ETHERNET;
    }
    memcpy(p, f->bytes, f->len);
    return (size_t)(p - sent.bytes);
}

START_TEST(finished_inside_every_tunnel)
{
    static struct frame f;
    struct rng rng = rng_new(99);
    struct tap plain;
    const struct tap *tap_list[2] = {&near, &plain};
    size_t k, i, count, l3, finished = 0;
    int outer;

    machine_new();
    tap_new(&near, "near", 0, 1700);
    tap_new(&plain, "plain", 0, 1700);
    if (!bridge_new(tap_list, 2)) {
        kernel_lacks("finished_inside_every_tunnel", "no bridges in this kernel");
        return;
    }
    for (k = 0; k < COUNT(forms); k++)
        for (outer = 4; outer <= 6; outer += 2)
            for (i = 0; i < effort(80, 16); i++) {
                struct recipe recipe = {.version = i % 2 ? 4 : 6,
                                        .chain = "",
                                        .proto = i % 4 < 2 ? TCP : UDP,
                                        .payload = rng_below(&rng, 1200)};
                struct csumoff_layout at[LEVELS_MOST];
                struct csumoff_report report;
                size_t level;

                frame_build(&f, &recipe, &rng);
                l3 = put_inside(&forms[k], outer, &f);
                CHECK_EQ(csumoff_locate_all(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, at,
                                            LEVELS_MOST, &count),
                         CSUMOFF_OK);
                if (count != 2 || at[1].l3_start != l3 || at[1].l4_start != l3 + f.l4)
                    ck_abort_msg("%s over IPv%d: %zu levels, or another place", forms[k].name,
                                 outer, count);
                CHECK_EQ(csumoff_seed_at(sent.bytes, sent.len, &at[1]), CSUMOFF_OK);
                CHECK_EQ(load_wire16(sent.bytes + at[1].csum_start + at[1].csum_offset),
                         frame_seed(&f));
                /* The outer IPv4 header, and the outer checksum around a seed. */
                CHECK_EQ(csumoff_fill_at(sent.bytes, sent.len, &at[0]), CSUMOFF_OK);
                if (at[0].csum_kind == CSUMOFF_INTERNET)
                    CHECK_EQ(csumoff_outer(sent.bytes, sent.len, &at[0], at[1].csum_start,
                                           at[1].csum_offset),
                             CSUMOFF_OK);
                sent.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                                   .csum_start = (uint16_t)at[1].csum_start,
                                                   .csum_offset = (uint16_t)at[1].csum_offset};
                CHECK_EQ(tap_write(&near, &sent), 0);
                CHECK(tap_read(&plain, &came, WAIT_MS));
                CHECK_EQ(came.hdr.flags, 0);
                CHECK_EQ(came.len, sent.len);
                memcpy(ours, sent.bytes, sent.len);
                CHECK_EQ(csumoff_finish_at(ours, sent.len, &at[1]), CSUMOFF_OK);
                check_kernels_bytes(forms[k].name, ours, came.bytes, came.len);
                for (level = 0; level < count; level++) {
                    report = inspect_at(came.bytes, came.len, &at[level]);
                    if (report.l3 == CSUMOFF_BAD ||
                        report.l4 != (at[level].csum_kind == CSUMOFF_NO_CHECKSUM ? CSUMOFF_UNCHECKED
                                                                                 : CSUMOFF_GOOD))
                        ck_abort_msg("%s over IPv%d: level %zu is bad", forms[k].name, outer,
                                     level);
                }
                finished++;
            }
    printf("# the kernel finished %zu packets inside tunnels, good at every level\n", finished);
    fflush(stdout);
}
END_TEST

/* What is right in all levels is delivered, and nothing else; a tunnel over IPv6 has to be told
 * that it may come without a checksum (RFC 6935, udp6_csum_init()). */
START_TEST(delivery_from_vxlan)
{
    static uint8_t got[2000];
    struct rng rng = rng_new(94);
    size_t of[2] = {0}, i;
    int outer, inner, zero_is_ok;

    for (outer = 4; outer <= 6; outer += 2)
        for (zero_is_ok = 0; zero_is_ok < (outer == 6 ? 2 : 1); zero_is_ok++) {
            const struct vxlan v = {"inside", near.name, outer, NEAR, HERE,           NEAR,
                                    PEER,     42,        4789,  true, zero_is_ok == 1};
            int fds[2];

            machine_with_tap();
            if (!vxlan_ready(&v, INSIDE))
                return;
            (void)kernel_setting("ipv4/conf/inside/drop_unicast_in_l2_multicast", "0");
            fds[0] = udp_socket(4, INSIDE, HERE, PORT);
            fds[1] = udp_socket(6, INSIDE, HERE, PORT);
            for (inner = 4; inner <= 6; inner += 2)
                for (i = 0; i < effort(240, 60); i++) {
                    struct csumoff_layout at[2];
                    enum damage how = (enum damage)(i % DAMAGES);
                    bool good = true, arrived;
                    size_t k;

                    tunnelled(outer, inner, 1 + rng_below(&rng, 900), at, &rng);
                    hurt(how, at, &rng);
                    for (k = 0; k < 2; k++) {
                        struct csumoff_report r = inspect_at(sent.bytes, sent.len, &at[k]);

                        good = good && r.l4 != CSUMOFF_BAD && r.l3 != CSUMOFF_BAD;
                        if (k == 0)
                            CHECK_EQ(csumoff_verify(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET),
                                     r.l4 == CSUMOFF_BAD ? CSUMOFF_ECSUM : CSUMOFF_OK);
                        if (k == 0 && how >= ZERO)
                            CHECK_EQ(r.l4, CSUMOFF_ABSENT);
                    }
                    CHECK_EQ(good, how == NONE || how == ZERO);
                    if (outer == 6 && how == ZERO && !zero_is_ok)
                        good = false; /* the library can't know what the tunnel was told */
                    CHECK_EQ(tap_write(&near, &sent), 0);
                    arrived = recv(fds[inner == 6], got, sizeof got, 0) >= 0;
                    if (arrived != good)
                        ck_abort_msg("IPv%d in VXLAN over IPv%d, damage %d: %s", inner, outer,
                                     (int)how, arrived ? "delivered" : "dropped");
                    of[good]++;
                }
        }
    printf("# from VXLAN: %zu delivered, %zu dropped, as foretold\n", of[1], of[0]);
    fflush(stdout);
}
END_TEST

/* Sockets that send, and take, UDP without a checksum over IPv6: to a tunnel's port the library
 * calls that absent, elsewhere bad. The kernel goes by what the socket was told. */
START_TEST(udp_sockets_without_checksums)
{
    static const uint16_t to[] = {4789, 8472, 4790, 6081, 2152, 6635, 4341, 6080, PORT};
    static uint8_t payload[50], got[100];
    struct csumoff_report report;
    size_t i;
    int told, on = 1;

    machine_with_tap();
    for (i = 0; i < COUNT(to); i++)
        for (told = 0; told < 2; told++) {
            int fd = udp_socket(6, NEAR, HERE, to[i]);
            union socket_address peer;
            socklen_t size = socket_address(&peer, 6, NEAR, PEER, to[i]);
            uint8_t other[16];

            CHECK_EQ(setsockopt(fd, SOL_UDP_LEVEL, NO_CHECK6_TX, &on, sizeof on), 0);
            if (told)
                CHECK_EQ(setsockopt(fd, SOL_UDP_LEVEL, NO_CHECK6_RX, &on, sizeof on), 0);
            CHECK_EQ(sendto(fd, payload, sizeof payload, 0, &peer.any, size),
                     (ssize_t)sizeof payload);
            CHECK(tap_read(&near, &came, WAIT_MS));
            CHECK_EQ(came.hdr.flags, 0);
            CHECK_EQ(load_wire16(came.bytes + ETHERNET + 40 + 6), 0);
            CHECK_EQ(csumoff_inspect(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &report),
                     CSUMOFF_OK);
            CHECK_EQ(report.l4, to[i] == PORT ? CSUMOFF_BAD : CSUMOFF_ABSENT);
            CHECK_EQ(csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET),
                     to[i] == PORT ? CSUMOFF_ECSUM : CSUMOFF_OK);
            /* And back: both ports are the same. */
            memcpy(came.bytes, near.mac, 6);
            memcpy(other, came.bytes + ETHERNET + 8, 16);
            memcpy(came.bytes + ETHERNET + 8, came.bytes + ETHERNET + 24, 16);
            memcpy(came.bytes + ETHERNET + 24, other, 16);
            CHECK_EQ(tap_write(&near, &came), 0);
            CHECK_EQ(recv(fd, got, sizeof got, 0) >= 0, told);
            close(fd);
        }
}
END_TEST

int main(void)
{
    const TTest *const emitted[] = {vxlan_is_emitted,          vxlan_in_vxlan_is_emitted,
                                    vxlan_gpe_is_emitted,      segments_around_packets,
                                    other_tunnels_are_emitted, NULL};
    const TTest *const taken[] = {finished_inside_every_tunnel, delivery_from_vxlan,
                                  udp_sockets_without_checksums, NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_tunnels");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "emitted", emitted);
    suite_add(suite, "taken", taken);
    return suite_run(suite);
}
