// SPDX-License-Identifier: MIT
/*
 * Source routes: what the kernel's sockets and routes emit with one, and what becomes of packets
 * that it forwards along one or delivers at its end. The checksum is that of the end (RFC 8200,
 * section 8.1), but for UDP over IPv4, of which the kernel computes that of the next hop.
 */
#include <csumoff.h>
#include <errno.h>
#include <net/if.h>
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

/* Networks, and machines in them. */
enum {
    NEAR = 1,
    FAR = 2,
    THIRD = 3,
    HERE = 1,
    PEER = 9
};

enum {
    WAIT_MS = 5000,
    PORT = 20004,
    HOPS_MOST = 6,
    LSRR = 131,
    SSRR = 137,
    RPL = 3,
    SEGMENTS = 4,
    ROUTING = 43,
    OSPF = 89
};

static struct tap near, plain, third;
static struct packet sent, came;
static uint8_t ours[FRAME_MOST];

static void machine_with_routes(void)
{
    static const char *const settings[] = {
        "ipv4/conf/all/accept_source_route", "ipv4/conf/default/accept_source_route",
        "ipv6/conf/all/seg6_enabled",        "ipv6/conf/default/seg6_enabled",
        "ipv6/conf/all/rpl_seg_enabled",     "ipv6/conf/default/rpl_seg_enabled",
    };
    size_t i;
    int host;

    machine_new();
    for (i = 0; i < COUNT(settings); i++)
        (void)kernel_setting(settings[i], "1"); /* what isn't there is skipped below */
    tap_new(&near, "near", TUN_F_CSUM, 1500);
    tap_new(&plain, "plain", 0, 1500);
    tap_new(&third, "third", 0, 1500);
    for (host = HOPS_MOST; host >= HERE; host--) /* of IPv4 the last one stays */
        tap_address(&near, NEAR, host);
    tap_address(&plain, FAR, HERE);
    tap_address(&third, THIRD, HERE);
}

static struct csumoff_report inspect(const uint8_t *bytes, size_t len)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect(bytes, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    return report;
}

/* `ours` and what came are the same. */
/* What came, with both of its checksum fields spoilt, is in `ours`. */
static void spoil(const struct csumoff_layout *at)
{
    memcpy(ours, came.bytes, came.len);
    ours[at->csum_start + at->csum_offset] ^= 0x5A;
    ours[at->csum_start + at->csum_offset + 1] ^= 0xA5;
    if (at->ip_version == 4)
        ours[at->l3_start + 10] ^= 0xFF;
}

/*
 * What came was emitted by the kernel along a route to `end`. Complete, it is computed again;
 * seeded, it is seeded again, and finished it is good. `is_next_hops`: its checksum is that of the
 * next hop, which is looked for in the header.
 */
static void judge_emitted(const char *what, int version, const uint8_t *end, bool is_next_hops)
{
    size_t n = version == 4 ? 4 : 16;
    bool seeded = came.hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    struct csumoff_report report = inspect(came.bytes, came.len);
    struct csumoff_layout at;
    const uint8_t *ip;
    uint16_t seed;

    CHECK_EQ(csumoff_locate(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    CHECK_EQ(at.ip_version, version);
    ip = came.bytes + at.l3_start;
    CHECK(memcmp(ip + (version == 4 ? 16 : 24), end, n) != 0); /* it isn't there yet */
    CHECK(report.l3 != CSUMOFF_BAD);
    if (seeded) {
        CHECK_EQ(came.hdr.csum_start, at.csum_start);
        CHECK_EQ(came.hdr.csum_offset, at.csum_offset);
    }
    if (report.l4 != (seeded ? CSUMOFF_SEEDED : CSUMOFF_GOOD) && report.l4 != CSUMOFF_GOOD)
        ck_abort_msg("%s: verdict %d, found 0x%04X, complete 0x%04X", what, (int)report.l4,
                     report.l4_found, report.l4_expected);
    /* The library's seed is that of the end, by the oracle. */
    if (at.l4_proto != ICMP) {
        uint32_t len = at.end - at.l4_start;

        seed = ref_fold(version == 4 ? ref_pseudo4(ip + 12, end, at.l4_proto, len)
                                     : ref_pseudo6(ip + 8, end, at.l4_proto, len));
        CHECK_EQ(wire16(csumoff_seed_value(&at)), seed);
    }
    spoil(&at);
    if (is_next_hops) {
        /* Made for the end it is another one, unless addresses happen to have equal sums. */
        CHECK_EQ(csumoff_fill(ours, came.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
        CHECK(memcmp(ours, came.bytes, came.len) != 0);
        CHECK_EQ(inspect(ours, came.len).l4, CSUMOFF_GOOD);
        return;
    }
    if (!seeded) {
        CHECK_EQ(csumoff_fill(ours, came.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
        check_kernels_bytes(what, ours, came.bytes, came.len);
        return;
    }
    CHECK_EQ(csumoff_seed(ours, came.len, CSUMOFF_LINK_ETHERNET, NULL), CSUMOFF_OK);
    check_kernels_bytes(what, ours, came.bytes, came.len);
    CHECK_EQ(csumoff_finish_at(ours, came.len, &at), CSUMOFF_OK);
    CHECK_EQ(inspect(ours, came.len).l4, CSUMOFF_GOOD);
    CHECK_EQ(csumoff_verify(ours, came.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
}

/* ---- Emitted -----------------------------------------------------------------------------------
 */

/* A segment routing header as setsockopt() takes it: PEER + i of NEAR, then the end, which the
 * kernel puts there. Returns its length. */
static size_t segments_option(size_t count, uint8_t *srh)
{
    size_t i;

    memset(srh, 0, 8 + 16 * (count + 1));
    srh[1] = (uint8_t)(2 * (count + 1));
    srh[2] = SEGMENTS;
    srh[3] = srh[4] = (uint8_t)count;
    for (i = 0; i < count; i++)
        address_bytes(6, NEAR, PEER + (int)i, srh + 8 + 16 * (count - i));
    return 8 + 16 * (count + 1);
}

/* IP_OPTIONS: the hops alone. */
static size_t route_option(uint8_t type, size_t count, uint8_t *option)
{
    size_t i;

    option[0] = 1; /* no operation, so that addresses are at multiples of 4 */
    option[1] = type;
    option[2] = (uint8_t)(3 + 4 * count);
    option[3] = 4;
    for (i = 0; i < count; i++)
        address_bytes(4, NEAR, PEER + (int)i, option + 4 + 4 * i);
    return 4 + 4 * count;
}

static const struct emitter {
    const char *name;
    int version, type;
    uint8_t proto, protocol; /* of the packet; of socket() */
    uint8_t route;
} emitters[] = {
    {"TCP, LSRR", 4, SOCK_STREAM, TCP, 0, LSRR},
    {"TCP, SSRR", 4, SOCK_STREAM, TCP, 0, SSRR},
    {"UDP, LSRR", 4, SOCK_DGRAM, UDP, 0, LSRR},
    {"UDP, SSRR", 4, SOCK_DGRAM, UDP, 0, SSRR},
    {"echo, LSRR", 4, SOCK_DGRAM, ICMP, ICMP, LSRR},
    {"TCP, segments", 6, SOCK_STREAM, TCP, 0, SEGMENTS},
    {"UDP, segments", 6, SOCK_DGRAM, UDP, 0, SEGMENTS},
    {"echo, segments", 6, SOCK_RAW, ICMPV6, ICMPV6, SEGMENTS}, /* ping sockets take no route */
    {"OSPFv3, segments", 6, SOCK_RAW, OSPF, OSPF, SEGMENTS},
};

/* False where the kernel doesn't take the option. */
static bool emit(const struct emitter *e, size_t hops, size_t len, struct rng *rng)
{
    static uint8_t payload[1300];
    uint8_t option[8 + 16 * (HOPS_MOST + 1)];
    union socket_address peer;
    socklen_t size = socket_address(&peer, e->version, FAR, PEER, PORT);
    int fd = socket(e->version == 4 ? AF_INET : AF_INET6, e->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    e->protocol),
        field = 12;
    bool taken;

    CHECK(fd >= 0);
    if (e->version == 4)
        taken = setsockopt(fd, IPPROTO_IP, IP_OPTIONS, option,
                           (socklen_t)route_option(e->route, hops, option)) == 0;
    else
        taken = setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDR, option,
                           (socklen_t)segments_option(hops, option)) == 0;
    if (taken && e->type == SOCK_STREAM) {
        CHECK(connect(fd, &peer.any, size) != 0 && errno == EINPROGRESS);
    } else if (taken) {
        rng_fill(rng, payload, len);
        if (e->proto == ICMP || e->proto == ICMPV6) {
            memset(payload, 0, 8);
            payload[0] = e->proto == ICMP ? 8 : 128;
        }
        if (e->type == SOCK_RAW)
            peer.v6.sin6_port = 0;
        if (e->proto == OSPF) {
            payload[0] = 3;
            store_wire16(payload + 2, (uint16_t)len);
            CHECK_EQ(setsockopt(fd, IPPROTO_IPV6, IPV6_CHECKSUM, &field, sizeof field), 0);
        }
        CHECK_EQ(sendto(fd, payload, len, 0, &peer.any, size), (ssize_t)len);
    }
    if (taken && !tap_read(&near, &came, WAIT_MS))
        ck_abort_msg("%s: nothing came out", e->name);
    close(fd);
    return taken;
}

START_TEST(sockets_emit)
{
    struct rng rng = rng_new(81);
    uint8_t end[16];
    size_t i, hops, k, seeded = 0, complete = 0;

    machine_with_routes();
    for (i = 0; i < COUNT(emitters); i++)
        for (hops = 1; hops <= HOPS_MOST; hops++)
            for (k = 0; k < (emitters[i].type == SOCK_STREAM ? 1 : effort(40, 10)); k++) {
                const struct emitter *e = &emitters[i];

                if (!emit(e, hops, 16 + rng_below(&rng, 600), &rng)) {
                    kernel_lacks(e->name, strerror(errno));
                    break;
                }
                address_bytes(e->version, FAR, PEER, end);
                judge_emitted(e->name, e->version, end, e->proto == UDP && e->version == 4);
                if (came.hdr.flags)
                    seeded++;
                else
                    complete++;
            }
    ck_assert_uint_gt(seeded, 10);
    ck_assert_uint_gt(complete, 10);
    printf("# sockets emitted %zu seeded and %zu complete packets with source routes\n", seeded,
           complete);
    fflush(stdout);
}
END_TEST

/* The kernel inserts a segment routing header into packets of sockets that know nothing of it: so
 * there are seeds of UDP behind one, too. */
START_TEST(routes_insert_segments)
{
    static uint8_t payload[1300];
    struct rng rng = rng_new(82);
    uint8_t segments[16 * HOPS_MOST], end[16];
    size_t hops, i, seeded = 0;

    machine_with_routes();
    for (hops = 1; hops < HOPS_MOST; hops++) {
        union socket_address peer;
        socklen_t size = socket_address(&peer, 6, FAR + 10, (int)hops, PORT);
        int error, udp = udp_socket(6, NEAR, HERE, (uint16_t)(PORT + hops)), tcp;

        for (i = 0; i < hops; i++)
            address_bytes(6, NEAR, PEER + (int)i, segments + 16 * i);
        address_bytes(6, FAR + 10, (int)hops, end);
        error = route_by_segments(6, end, near.name, INSERTED, segments, hops);
        if (error) {
            kernel_lacks("routes_insert_segments", strerror(error));
            return;
        }
        for (i = 0; i < effort(200, 40); i++) {
            size_t len = rng_below(&rng, sizeof payload);

            rng_fill(&rng, payload, len);
            CHECK_EQ(sendto(udp, payload, len, 0, &peer.any, size), (ssize_t)len);
            CHECK(tap_read(&near, &came, WAIT_MS));
            CHECK_EQ(came.bytes[14 + 6], ROUTING);
            CHECK_EQ(came.bytes[14 + 40 + 3], hops); /* segments left */
            CHECK_EQ(came.hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
            judge_emitted("UDP, inserted segments", 6, end, false);
            seeded++;
        }
        tcp = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        CHECK(connect(tcp, &peer.any, size) != 0 && errno == EINPROGRESS);
        CHECK(tap_read(&near, &came, WAIT_MS));
        CHECK_EQ(came.hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
        judge_emitted("TCP, inserted segments", 6, end, false);
        close(tcp);
        close(udp);
    }
    printf("# %zu seeds of UDP behind segments that a route inserted\n", seeded);
    fflush(stdout);
}
END_TEST

/* ---- Followed ----------------------------------------------------------------------------------
 */

/* A packet at its first hop, HERE of NEAR. */
struct journey {
    int version;
    uint8_t route; /* LSRR, SSRR, SEGMENTS, RPL */
    size_t count;  /* hops, the first and the end included */
    uint8_t hops[HOPS_MOST][16];
    size_t shared, shared_by_end; /* RPL: so many first bytes are left out */
    uint8_t proto;
    size_t payload;
    const struct tap *out;          /* where the kernel sends it */
    size_t l4, l4_len, csum_offset; /* in `sent`: set by build() */
};

static size_t build_route(const struct journey *j, uint8_t *p)
{
    size_t i, n, end, len;

    if (j->version == 4) {
        p[0] = 1;
        p[1] = j->route;
        p[2] = (uint8_t)(3 + 4 * (j->count - 1));
        p[3] = 4;
        for (i = 1; i < j->count; i++)
            memcpy(p + 4 * i, j->hops[i], 4);
        return 4 * j->count;
    }
    p[0] = j->proto;
    p[2] = j->route;
    p[3] = (uint8_t)(j->count - 1); /* segments left */
    if (j->route == SEGMENTS) {
        memset(p + 4, 0, 4);
        p[4] = (uint8_t)(j->count - 1);
        for (i = 0; i < j->count; i++)
            memcpy(p + 8 + 16 * (j->count - 1 - i), j->hops[i], 16);
        len = 8 + 16 * j->count;
    } else { /* RFC 6554, section 3 */
        n = 16 - j->shared;
        end = 16 - j->shared_by_end;
        len = 8 + n * (j->count - 2) + end;
        p[4] = (uint8_t)(j->shared << 4 | j->shared_by_end);
        p[5] = (uint8_t)((8 - len % 8) % 8 << 4);
        p[6] = p[7] = 0;
        for (i = 1; i + 1 < j->count; i++)
            memcpy(p + 8 + n * (i - 1), j->hops[i] + j->shared, n);
        memcpy(p + len - end, j->hops[j->count - 1] + j->shared_by_end, end);
        memset(p + len, 0, 8);
        len = (len + 7) / 8 * 8;
    }
    p[1] = (uint8_t)(len / 8 - 1);
    return len;
}

/* The checksum for one address, as the oracle has it; as a seed, or complete. */
static uint16_t check_for(const struct journey *j, const uint8_t *daddr, bool is_seed)
{
    const uint8_t *ip = sent.bytes + 14, *l4 = sent.bytes + j->l4;
    uint32_t len = (uint32_t)j->l4_len;
    uint64_t pseudo = j->version == 4 ? ref_pseudo4(ip + 12, daddr, j->proto, len)
                                      : ref_pseudo6(ip + 8, daddr, j->proto, len);
    uint16_t check = ref_transport(pseudo, l4, j->l4_len, j->csum_offset);

    if (is_seed)
        return ref_fold(pseudo);
    return check == 0 && j->proto == UDP ? 0xFFFF : check;
}

static void put_field(const struct journey *j, uint16_t wire)
{
    store_wire16(sent.bytes + j->l4 + j->csum_offset, wire);
}

/* It is in `sent`, complete and right for the end. */
static void build(struct journey *j, struct rng *rng)
{
    uint8_t *ip = sent.bytes + 14, *l4;
    size_t route;

    memset(&sent.hdr, 0, sizeof sent.hdr);
    memcpy(sent.bytes, near.mac, 6);
    memcpy(sent.bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, PEER}, 6);
    store_wire16(sent.bytes + 12, j->version == 4 ? 0x0800 : 0x86DD);
    rng_fill(rng, ip, 200 + j->payload);
    route = build_route(j, ip + (j->version == 4 ? 20 : 40));
    j->l4 = (j->version == 4 ? 34u : 54u) + route;
    j->l4_len = (j->proto == TCP ? 20 : 8) + j->payload;
    j->csum_offset = j->proto == TCP ? 16 : 6;
    sent.len = j->l4 + j->l4_len;
    if (j->version == 4) {
        memcpy(ip, (uint8_t[]){(uint8_t)(0x45 + route / 4), 0, 0, 0, 1, 2, 0, 0, 64, j->proto}, 10);
        store_wire16(ip + 2, (uint16_t)(sent.len - 14));
        address_bytes(4, NEAR, PEER, ip + 12);
        memcpy(ip + 16, j->hops[0], 4);
        store_wire16(ip + 10, ref_ipv4_header(ip, 20 + route));
    } else {
        memcpy(ip, (uint8_t[]){0x60, 0, 0, 0, 0, 0, ROUTING, 64}, 8);
        store_wire16(ip + 4, (uint16_t)(sent.len - 14 - 40));
        address_bytes(6, NEAR, PEER, ip + 8);
        memcpy(ip + 24, j->hops[0], 16);
    }
    l4 = sent.bytes + j->l4;
    store_wire16(l4, 20000);
    store_wire16(l4 + 2, PORT);
    if (j->proto == TCP)
        memcpy(l4 + 12, (uint8_t[]){0x50, 0x10}, 2);
    else
        store_wire16(l4 + 4, (uint16_t)j->l4_len);
    put_field(j, check_for(j, j->hops[j->count - 1], false));
}

/*
 * Kinds of journeys. `stays_near`: all hops but the end are in NEAR, else they alternate with FAR;
 * `end` is the network of the last one. So a compressed route keeps its length on its way: the
 * kernel overwrites the source address where it gets shorter (ipv6_rpl_srh_rcv() moves the Ethernet
 * header there before it moves the IPv6 header away).
 */
static const struct {
    const char *name;
    int version;
    uint8_t route;
    bool stays_near;
    int end;
} routes[] = {
    {"LSRR", 4, LSRR, false, THIRD},
    {"SSRR", 4, SSRR, false, THIRD},
    {"segments", 6, SEGMENTS, false, THIRD},
    {"RPL", 6, RPL, false, THIRD},
    {"RPL, one byte of most", 6, RPL, true, THIRD},
    {"RPL, one byte of each", 6, RPL, true, NEAR},
};

/* A journey over this machine's own addresses to an end that is its own, or not. */
static struct journey journey_new(size_t route, uint8_t proto, bool is_local, struct rng *rng)
{
    bool stays_near = routes[route].stays_near;
    struct journey j = {.version = routes[route].version,
                        .route = routes[route].route,
                        .count = 2 + rng_below(rng, HOPS_MOST - 2),
                        .shared = stays_near ? 15 : 5,
                        .shared_by_end = routes[route].end == NEAR ? 15 : 5,
                        .proto = proto,
                        .payload = rng_below(rng, 500)};
    size_t i, last = j.count - 1, from = stays_near ? last : 1 + rng_below(rng, last);

    for (i = 0; i < last; i++)
        if (i >= from && !is_local)
            address_bytes(j.version, FAR, PEER + (int)i, j.hops[i]);
        else
            address_bytes(j.version, stays_near || i % 2 == 0 ? NEAR : FAR,
                          stays_near ? HERE + (int)i : HERE, j.hops[i]);
    address_bytes(j.version, routes[route].end,
                  !is_local                   ? PEER
                  : routes[route].end == NEAR ? HOPS_MOST
                                              : HERE,
                  j.hops[last]);
    j.out = is_local ? NULL : from < last ? &plain : &third;
    return j;
}

static bool is_known(size_t route)
{
    return routes[route].route != RPL ||
           access("/proc/sys/net/ipv6/conf/all/rpl_seg_enabled", F_OK) == 0;
}

/*
 * A datagram whose route ends here is delivered if its checksum is that of the end, and is counted
 * as damaged if it is that of the first hop. The library says the same, but for UDP over IPv4, of
 * which it takes the next hop's for good as well, since Linux emits it.
 */
START_TEST(delivered_at_the_end)
{
    struct rng rng = rng_new(83);
    size_t r, i, delivered = 0, dropped = 0, count = effort(300, 60);
    static uint8_t got[FRAME_MOST];
    int fds[3];

    machine_with_routes();
    fds[0] = udp_socket(4, THIRD, HERE, PORT);
    fds[1] = udp_socket(6, THIRD, HERE, PORT);
    fds[2] = udp_socket(6, NEAR, HOPS_MOST, PORT);
    for (r = 0; r < COUNT(routes); r++) {
        if (!is_known(r)) {
            kernel_lacks(routes[r].name, "not in this kernel");
            continue;
        }
        for (i = 0; i < count; i++) {
            struct journey j = journey_new(r, UDP, true, &rng);
            bool v4 = j.version == 4, good = i % 3 != 0, accepted;
            const char *file = v4 ? "snmp" : "snmp6", *group = v4 ? "Udp" : NULL;
            const char *name = v4 ? "InCsumErrors" : "Udp6InCsumErrors";
            uint64_t errors = counter(file, group, name);
            ssize_t size;

            build(&j, &rng);
            if (i % 3 == 0)
                put_field(&j, check_for(&j, j.hops[0], false));
            accepted = csumoff_verify(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET) == CSUMOFF_OK;
            if (!v4 || good)
                CHECK_EQ(accepted, good);
            CHECK_EQ(tap_write(&near, &sent), 0);
            size = recv(fds[v4 ? 0 : routes[r].end == NEAR ? 2 : 1], got, sizeof got, 0);
            errors = counter(file, group, name) - errors;
            if ((size >= 0) != good || errors != !good)
                ck_abort_msg("%s, %zu hops: %s, %ju errors", routes[r].name, j.count,
                             size >= 0 ? "delivered" : "dropped", (uintmax_t)errors);
            if (good)
                CHECK_EQ(size, j.payload);
            delivered += good;
            dropped += !good;
        }
    }
    printf("# at the end of a route: %zu delivered, %zu dropped, as foretold\n", delivered,
           dropped);
    fflush(stdout);
}
END_TEST

/* Seeded here with the route before it, forwarded by the kernel and finished there: good on what is
 * left of the way. */
START_TEST(forwarded_along_the_way)
{
    struct rng rng = rng_new(84);
    size_t r, i, left = 0, count = effort(400, 60);

    machine_with_routes();
    for (r = 0; r < COUNT(routes); r++) {
        if (!is_known(r) || routes[r].end == NEAR)
            continue;
        for (i = 0; i < count; i++) {
            struct journey j = journey_new(r, i % 2 ? TCP : UDP, false, &rng);
            const uint8_t *end = j.hops[j.count - 1];
            struct csumoff_layout at;
            bool wrong = i % 8 == 7;
            uint16_t seed;
            size_t l4;

            build(&j, &rng);
            seed = check_for(&j, end, true);
            put_field(&j, (uint16_t)rng_u32(&rng));
            CHECK_EQ(csumoff_seed(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
            CHECK_EQ(at.csum_start, j.l4);
            CHECK_EQ(at.csum_offset, j.csum_offset);
            CHECK_EQ(load_wire16(sent.bytes + j.l4 + j.csum_offset), seed);
            if (wrong)
                put_field(&j, seed ^ 0x0100);
            sent.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
            sent.hdr.csum_start = (uint16_t)at.csum_start;
            sent.hdr.csum_offset = (uint16_t)at.csum_offset;
            CHECK_EQ(tap_write(&near, &sent), 0);
            if (!tap_read(j.out, &came, WAIT_MS))
                ck_abort_msg("%s, %zu hops: never came out", routes[r].name, j.count);
            CHECK_EQ(came.hdr.flags, 0);
            CHECK(came.len == sent.len || j.route == RPL); /* there, compressed in another way */
            l4 = came.len - j.l4_len;
            memcpy(ours, sent.bytes, sent.len);
            CHECK_EQ(csumoff_finish_at(ours, sent.len, &at), CSUMOFF_OK);
            CHECK(memcmp(ours + j.l4, came.bytes + l4, j.l4_len) == 0);
            if (wrong) {
                CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_BAD);
                continue;
            }
            CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_GOOD);
            CHECK_EQ(csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
            left += memcmp(came.bytes + 14 + (j.version == 4 ? 16 : 24), end,
                           j.version == 4 ? 4 : 16) != 0;
            /* And once more from what the kernel made of the route. */
            CHECK_EQ(csumoff_locate(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
            CHECK_EQ(at.l4_start, l4);
            spoil(&at);
            CHECK_EQ(csumoff_seed(ours, came.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
            CHECK_EQ(load_wire16(ours + l4 + j.csum_offset), seed);
            CHECK_EQ(csumoff_finish_at(ours, came.len, &at), CSUMOFF_OK);
            check_kernels_bytes(routes[r].name, ours, came.bytes, came.len);
        }
    }
    ck_assert_uint_gt(left, count);
    printf("# forwarded along a route: good, %zu of them with more hops ahead\n", left);
    fflush(stdout);
}
END_TEST

/* A routing header that the kernel can't follow either is dropped (ipv6_rthdr_rcv()): of an unknown
 * type the library doesn't know where it leads. */
START_TEST(unknown_routes_lead_nowhere)
{
    struct journey j = {.version = 6, .route = SEGMENTS, .count = 3, .proto = UDP, .payload = 50};
    static const uint8_t types[] = {200, 5};
    struct rng rng = rng_new(85);
    struct csumoff_layout at;
    static uint8_t got[2000];
    size_t i;
    int fd, left;

    machine_with_routes();
    fd = udp_socket(6, NEAR, HERE, PORT);
    for (i = 0; i < j.count; i++)
        address_bytes(6, NEAR, HERE, j.hops[i]);
    for (i = 0; i < COUNT(types); i++)
        for (left = 0; left < 2; left++) {
            build(&j, &rng);
            sent.bytes[14 + 40 + 2] = types[i];
            sent.bytes[14 + 40 + 3] = (uint8_t)left;
            CHECK_EQ(csumoff_locate(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, &at),
                     left ? CSUMOFF_ENOTSUP : CSUMOFF_OK);
            CHECK_EQ(csumoff_verify(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET),
                     left ? CSUMOFF_ENOTSUP : CSUMOFF_OK);
            CHECK_EQ(tap_write(&near, &sent), 0);
            CHECK_EQ(recv(fd, got, sizeof got, 0) >= 0, !left);
        }
}
END_TEST

/*
 * What a kernel without Mobile IPv6 makes of its options: it emits a home address option and knows
 * nothing of it, so the checksum is that of the address in the header (ip6_append_data()), and it
 * drops one that it receives (ip6_tlvopt_unknown()). RFC 6275, section 11.3.1, has the home
 * address in the pseudo-header, as does the library.
 */
START_TEST(home_addresses)
{
    uint8_t option[24] = {0, 2, 1, 2, 0, 0, 0xC9, 16}; /* PadN; the home address */
    static uint8_t payload[64];
    union socket_address peer;
    socklen_t size = socket_address(&peer, 6, NEAR, PEER, PORT);
    struct csumoff_layout at;
    uint16_t as_sent, at_home;
    uint8_t *ip = came.bytes + 14;
    int fd;

    machine_with_routes();
    fd = udp_socket(6, NEAR, HERE, PORT);
    address_bytes(6, FAR, HERE, option + 8);
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, option, sizeof option) != 0) {
        kernel_lacks("home_addresses", strerror(errno));
        return;
    }
    CHECK_EQ(sendto(fd, payload, sizeof payload, 0, &peer.any, size), (ssize_t)sizeof payload);
    CHECK(tap_read(&near, &came, WAIT_MS));
    CHECK_EQ(csumoff_locate(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    CHECK_EQ(at.l4_start, 14 + 40 + 24);
    as_sent = ref_transport(ref_pseudo6(ip + 8, ip + 24, UDP, at.l4_len), came.bytes + at.l4_start,
                            at.l4_len, 6);
    at_home = ref_transport(ref_pseudo6(option + 8, ip + 24, UDP, at.l4_len),
                            came.bytes + at.l4_start, at.l4_len, 6);
    CHECK_EQ(wire16((uint16_t)inspect(came.bytes, came.len).l4_expected), at_home);
    if (load_wire16(came.bytes + at.l4_start + 6) == at_home) {
        printf("# home addresses: this kernel computes with them\n");
        CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_GOOD);
    } else {
        CHECK_EQ(load_wire16(came.bytes + at.l4_start + 6), as_sent);
        CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_BAD);
        kernel_lacks("home_addresses",
                     "this kernel (without CONFIG_IPV6_MIP6) doesn't compute with them");
    }
    fflush(stdout);
}
END_TEST

int main(void)
{
    const TTest *const emitted[] = {sockets_emit, routes_insert_segments, home_addresses, NULL};
    const TTest *const followed[] = {delivered_at_the_end, forwarded_along_the_way,
                                     unknown_routes_lead_nowhere, NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_routes");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "emitted", emitted);
    suite_add(suite, "followed", followed);
    return suite_run(suite);
}
