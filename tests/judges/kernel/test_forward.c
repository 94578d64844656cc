// SPDX-License-Identifier: MIT
/*
 * A guest between three kernels: it takes what one of them leaves unfinished on a TAP or TUN, sends
 * it on by csumoff_forward() and csumoff_virtio_tx() to a second one, which finishes and segments
 * what it is told to, and hands the result to a third, which checks it all. Frames that no kernel
 * sends by itself are judged by the oracle.
 */
#include <csumoff_virtio.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../oracle/encapsulations.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"
#include "netlink.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Networks, and machines in them. */
enum {
    NEAR = 1,
    NET = 2, /* of the first and the last kernel */
    INSIDE = 20,
    HERE = 1,
    ROUTER = 3,
    PEER = 9,
    TRANSLATED = 77
};

enum {
    ETHERNET = 14,
    PORT = 20006,
    MTU = 1500,
    STREAM = 1 << 20,
    WAIT_MS = 10000,
    LEVELS_MOST = 8
};

/* ---- The guest ---------------------------------------------------------------------------------
 */

/* From `in` to `left`, and from the second kernel's `right` to `far`. */
static struct tap in, left, right, far;
static struct packet taken, given;

static struct way {
    const char *name;
    struct csumoff_virtio_caps caps; /* of `left` */
    enum csumoff_link from, to;
} way;

static enum {
    NOT,
    OUTERMOST,
    INNERMOST,
    WITHOUT_STATE /* a mistake */
} translates;     /* the source address of UDP becomes TRANSLATED */

static bool forgets; /* a mistake: the state */

static struct counts {
    size_t seeded, super;                  /* taken */
    size_t given_seeded, given_super, cut; /* given to the second kernel; cut here */
    size_t judged;                         /* frames that came out of it, none of them unfinished */
} counts;

static const struct csumoff_virtio_policy policy = {.guest_csum = true};

static void write_to(const struct tap *tap, const struct csumoff_virtio_hdr *hdr)
{
    int error;

    csumoff_virtio_put(hdr, CSUMOFF_VIRTIO_NATIVE, &given.hdr);
    error = tap_write(tap, &given);
    if (error)
        ck_abort_msg("%s refuses %zu bytes: %s", tap->name, given.len, strerror(error));
    counts.given_seeded += hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM;
    counts.given_super += hdr->gso_type != CSUMOFF_VIRTIO_GSO_NONE;
}

/* Writes another source address into the packet that is to have one. */
static void translate(struct packet *p, const struct csumoff_rx *rx)
{
    struct csumoff_layout levels[LEVELS_MOST], *at;
    enum csumoff_state state;
    uint8_t address[16];
    size_t count;

    CHECK_EQ(csumoff_locate_all(p->bytes, p->len, way.from, levels, LEVELS_MOST, &count),
             CSUMOFF_OK);
    if (translates == INNERMOST && count == 1)
        return; /* a neighbour asks */
    at = &levels[translates == INNERMOST ? count - 1 : 0];
    state = translates == WITHOUT_STATE ? CSUMOFF_NONE : csumoff_state_of(rx, at);
    address_bytes(at->ip_version, translates == INNERMOST ? INSIDE : NET, TRANSLATED, address);
    CHECK_EQ(csumoff_rewrite(p->bytes, p->len, at, state,
                             at->l3_start + (at->ip_version == 4 ? 12u : 8u), address,
                             at->ip_version == 4 ? 4 : 16),
             CSUMOFF_OK);
    if (translates == INNERMOST) {
        /* A hop of the packet around it, whose own checksum, if it has any, is complete. */
        const uint8_t hops = 33;

        at = &levels[0];
        CHECK_EQ(csumoff_rewrite(p->bytes, p->len, at, csumoff_state_of(rx, at),
                                 at->l3_start + (at->ip_version == 4 ? 8u : 7u), &hops, 1),
                 CSUMOFF_OK);
    }
}

/* What the second kernel doesn't segment. */
static void cut(uint16_t mss)
{
    static struct packet whole;
    const struct csumoff_hint hint = {.want =
                                          way.caps.csum ? CSUMOFF_TX_SEEDED : CSUMOFF_TX_VERIFIED};
    struct csumoff_virtio_hdr hdr;
    struct csumoff_segments segments;

    whole.len = given.len;
    memcpy(whole.bytes, given.bytes, given.len);
    CHECK_EQ(csumoff_segment_begin(&segments, whole.bytes, whole.len, way.to, mss, way.caps.csum),
             CSUMOFF_OK);
    counts.cut++;
    for (;;) {
        CHECK_EQ(csumoff_segment_next(&segments, given.bytes, sizeof given.bytes, &given.len),
                 CSUMOFF_OK);
        if (!given.len)
            return;
        CHECK_EQ(csumoff_virtio_tx(given.bytes, given.len, way.to, &way.caps, &hint, &hdr),
                 CSUMOFF_OK);
        write_to(&left, &hdr);
    }
}

/* Sends `taken` on. */
static void forward(void)
{
    const size_t header = way.from == way.to ? 0 : ETHERNET;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_hint hint;
    struct csumoff_rx rx;
    int status;

    csumoff_virtio_get(&taken.hdr, CSUMOFF_VIRTIO_NATIVE, &hdr);
    CHECK_EQ(csumoff_virtio_rx(taken.bytes, taken.len, way.from, &hdr, &policy, &rx), CSUMOFF_OK);
    counts.seeded += rx.state == CSUMOFF_PARTIAL;
    counts.super += rx.gso_type != CSUMOFF_GSO_NONE;
    if (translates)
        translate(&taken, &rx);
    hint = csumoff_forward(&rx);
    given.len = header + taken.len;
    memcpy(given.bytes + header, taken.bytes, taken.len);
    if (header) {
        store_wire16(given.bytes + 12, taken.bytes[0] >> 4 == 4 ? 0x0800 : 0x86DD);
        memcpy(given.bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, 1}, 6);
        if (hint.csum_start)
            hint.csum_start += ETHERNET;
    }
    if (way.to == CSUMOFF_LINK_ETHERNET) /* beyond the bridge */
        memcpy(given.bytes, (uint8_t[]){2, 0, 0, 0, 0, PEER}, 6);
    status = csumoff_virtio_tx(given.bytes, given.len, way.to, &way.caps, &hint, &hdr);
    if (status == CSUMOFF_ENOTSUP && hint.mss) {
        cut(hint.mss);
        return;
    }
    if (status)
        ck_abort_msg("csumoff_virtio_tx(): %s", csumoff_strerror(status));
    if (forgets)
        hdr = (struct csumoff_virtio_hdr){.flags = 0};
    write_to(&left, &hdr);
}

/* Whether a frame is somebody's who speaks without being asked. */
static bool is_background(const struct packet *p, enum csumoff_link link)
{
    const uint8_t *ip = p->bytes;

    if (link == CSUMOFF_LINK_ETHERNET) {
        if (p->bytes[0] & 1)
            return true;
        ip += ETHERNET;
    }
    return ip[0] >> 4 == 6 && ip[24] == 0xFF;
}

/* Gives the last kernel what the second one let out: it checks it all. */
static void hand_over(void)
{
    static struct packet last;

    CHECK_EQ(taken.hdr.flags | taken.hdr.gso_type, 0);
    counts.judged++;
    last = taken;
    if (way.from == CSUMOFF_LINK_IP) {
        last.len -= ETHERNET;
        memcpy(last.bytes, taken.bytes + ETHERNET, last.len);
    } else {
        memcpy(last.bytes, far.mac, 6);
    }
    CHECK_EQ(tap_write(&far, &last), 0);
}

/* Moves whatever there is to be moved; false where there is nothing. */
static bool move(void)
{
    bool moved = false;

    for (; tap_read_all(&in, &taken, 0); moved = true)
        if (!is_background(&taken, way.from))
            forward();
    for (; tap_read_all(&right, &taken, 0); moved = true)
        if (!is_background(&taken, CSUMOFF_LINK_ETHERNET))
            hand_over();
    for (; tap_read_all(&far, &taken, 0); moved = true)
        if (!is_background(&taken, way.from)) {
            if (way.from == CSUMOFF_LINK_ETHERNET)
                memcpy(taken.bytes, in.mac, 6);
            CHECK_EQ(tap_write(&in, &taken), 0);
        }
    return moved;
}

/* ---- The kernels -------------------------------------------------------------------------------
 */

/* Sockets of the first kernel and of the last one. */
static int senders[2], receivers[2], streams[2], listeners[2];

/* A TCP socket of the kernel that was made last. */
static int stream_new(int version)
{
    int fd = socket(version == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);

    CHECK(fd >= 0);
    return fd;
}

static int listener_new(int version, int net)
{
    union socket_address a;
    socklen_t len = socket_address(&a, version, net, PEER, PORT);
    int fd = stream_new(version);

    CHECK(bind(fd, &a.any, len) == 0 && listen(fd, 1) == 0);
    return fd;
}

/* Makes one end of a tunnel; besides the kinds of struct tunnel: vxlan, and vxlan-gpe, which finds
 * its peer by routes. */
static int tunnel_end(const struct tunnel *t)
{
    const struct vxlan vxlan = {.name = t->name,
                                .under = t->under,
                                .version = t->version,
                                .net = t->net,
                                .local = t->local,
                                .remote_net = t->net,
                                .remote = t->remote,
                                .id = 42,
                                .port = 4789,
                                .udpcsum = t->csum,
                                .zero_is_ok = true};

    if (strcmp(t->kind, "vxlan") == 0)
        return vxlan_new(&vxlan);
    return strcmp(t->kind, "vxlan-gpe") == 0 ? vxlan_gpe_new(t->name) : tunnel_new(t);
}

/* Returns false, having said so, where this kernel has no such tunnel. */
static bool tunnel_ready(const struct tunnel *t)
{
    struct tap inside = {.fd = -1};
    int error = tunnel_end(t), version;
    uint8_t prefix[16];

    snprintf(inside.name, sizeof inside.name, "%s", t->name);
    if (!error)
        tap_address(&inside, INSIDE, t->local);
    for (version = 4; !error && version <= 6 && strcmp(t->kind, "vxlan-gpe") == 0; version += 2) {
        address_bytes(version, INSIDE, t->remote, prefix);
        error = route_by_tunnel(version, prefix, t->name, t->version, t->net, t->remote, t->csum);
    }
    if (error) {
        printf("# SKIP %s: %s\n", t->kind, strerror(error));
        fflush(stdout);
    } else if (strcmp(t->kind, "vxlan") == 0) {
        tap_neighbours(&inside); /* Ethernet is inside */
    }
    return !error;
}

/* All three, with a tunnel between the first and the last, or NULL. */
static bool kernels_new(const struct way *chosen, const struct tunnel *tunnel)
{
    const struct tap *const ports[] = {&left, &right};
    const int net = tunnel ? INSIDE : NET;
    const bool is_tun = chosen->from == CSUMOFF_LINK_IP;
    struct tunnel back;
    size_t v;

    way = *chosen;
    translates = NOT;
    forgets = false;
    counts = (struct counts){0};

    machine_new();
    (is_tun ? tun_new : tap_new)(&in, "in", TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6, MTU);
    tap_address(&in, NET, HERE);
    if (tunnel && !tunnel_ready(tunnel))
        return false;
    for (v = 0; v < 2; v++) {
        senders[v] = udp_socket(v ? 6 : 4, net, HERE, PORT);
        streams[v] = stream_new(v ? 6 : 4);
    }

    machine_new();
    (chosen->to == CSUMOFF_LINK_IP ? tun_new : tap_new)(&left, "left", 0, MTU);
    tap_new(&right, "right", 0, MTU);
    if (chosen->to == CSUMOFF_LINK_IP) {
        tap_address(&left, NEAR, HERE);
        tap_address(&right, NET, ROUTER);
    } else {
        CHECK(bridge_new(ports, 2));
    }

    machine_new();
    (is_tun ? tun_new : tap_new)(&far, "far", 0, MTU);
    tap_address(&far, NET, PEER);
    if (tunnel) {
        back = *tunnel;
        back.under = "far";
        back.local = tunnel->remote;
        back.remote = tunnel->local;
        CHECK(tunnel_ready(&back));
    }
    for (v = 0; v < 2; v++) {
        receivers[v] = udp_socket(v ? 6 : 4, net, PEER, PORT);
        listeners[v] = listener_new(v ? 6 : 4, net);
    }
    return true;
}

static uint64_t errors(void)
{
    return counter("snmp", "Udp", "InCsumErrors") + counter("snmp6", NULL, "Udp6InCsumErrors") +
           counter("snmp", "Tcp", "InCsumErrors") + counter("netstat", "IpExt", "InCsumErrors");
}

static const struct way ways[] = {
    {"TAP, everything taken",
     {.csum = true, .tso4 = true, .tso6 = true, .ecn = true},
     CSUMOFF_LINK_ETHERNET,
     CSUMOFF_LINK_ETHERNET},
    {"TAP, seeds taken", {.csum = true}, CSUMOFF_LINK_ETHERNET, CSUMOFF_LINK_ETHERNET},
    {"TAP, nothing taken", {.csum = false}, CSUMOFF_LINK_ETHERNET, CSUMOFF_LINK_ETHERNET},
    {"TUN, everything taken",
     {.csum = true, .tso4 = true, .tso6 = true, .ecn = true},
     CSUMOFF_LINK_IP,
     CSUMOFF_LINK_IP},
    {"TUN, seeds taken", {.csum = true}, CSUMOFF_LINK_IP, CSUMOFF_LINK_IP},
    {"TUN, nothing taken", {.csum = false}, CSUMOFF_LINK_IP, CSUMOFF_LINK_IP},
    {"TUN to TAP, everything taken",
     {.csum = true, .tso4 = true, .tso6 = true, .ecn = true},
     CSUMOFF_LINK_IP,
     CSUMOFF_LINK_ETHERNET},
    {"TUN to TAP, nothing taken", {.csum = false}, CSUMOFF_LINK_IP, CSUMOFF_LINK_ETHERNET},
};

static void print_counts(const char *what)
{
    printf("# %s, %s: %zu seeds and %zu super-frames taken, %zu and %zu given, %zu cut; %zu frames "
           "judged\n",
           what, way.name, counts.seeded, counts.super, counts.given_seeded, counts.given_super,
           counts.cut, counts.judged);
    fflush(stdout);
}

/* ---- Datagrams ---------------------------------------------------------------------------------
 */

/* Sends one to the last kernel; whether it is delivered, from whom it has to be. */
static bool datagram(int version, int net, const uint8_t *data, size_t len)
{
    static uint8_t got[FRAME_MOST];
    union socket_address to, from = {.any = {0}}, expected;
    socklen_t to_len = socket_address(&to, version, net, PEER, PORT), from_len = sizeof from;
    const bool is_mistake = forgets || translates == WITHOUT_STATE;
    const size_t v = version == 6;
    ssize_t came = -1;
    bool is_translated;
    int tries;

    CHECK_EQ(sendto(senders[v], data, len, 0, &to.any, to_len), (ssize_t)len);
    for (tries = 0; came < 0 && tries < (is_mistake ? 2 : 1000); tries++) {
        if (!move() && tries)
            usleep(1000);
        came = recvfrom(receivers[v], got, sizeof got, 0, &from.any, &from_len);
    }
    if (came < 0)
        return false;
    CHECK_EQ(came, (ssize_t)len);
    CHECK(memcmp(got, data, len) == 0);
    is_translated = translates == (net == INSIDE ? INNERMOST : OUTERMOST);
    socket_address(&expected, version, net, is_translated ? TRANSLATED : HERE, PORT);
    CHECK(version == 4 ? from.v4.sin_addr.s_addr == expected.v4.sin_addr.s_addr
                       : memcmp(&from.v6.sin6_addr, &expected.v6.sin6_addr, 16) == 0);
    return true;
}

START_TEST(datagrams_are_delivered)
{
    struct rng rng = rng_new(201);
    uint8_t data[1400];
    size_t w, len, sent;
    int version, nat;

    for (w = 0; w < COUNT(ways); w++) {
        CHECK(kernels_new(&ways[w], NULL));
        for (nat = 0, sent = 0; nat < 2; nat++)
            for (version = 4; version <= 6; version += 2)
                for (len = 0; len < sizeof data; len += 1 + len / 16, sent++) {
                    translates = nat ? OUTERMOST : NOT;
                    rng_fill(&rng, data, len);
                    if (!datagram(version, NET, data, len))
                        ck_abort_msg("%s: %zu bytes over IPv%d are lost, %ju errors", way.name, len,
                                     version, (uintmax_t)errors());
                }
        CHECK_EQ(errors(), 0);
        CHECK_EQ(counts.seeded, sent);
        CHECK_EQ(counts.given_seeded, way.caps.csum ? sent : 0);
        CHECK_EQ(counts.judged, sent);
        print_counts("datagrams");
    }
}
END_TEST

/* Why the last kernel's word counts. */
START_TEST(mistakes_are_counted)
{
    static const uint8_t data[100] = {1, 2, 3};
    size_t w, wrong;
    int version, what;

    for (w = 0; w < COUNT(ways); w++) {
        CHECK(kernels_new(&ways[w], NULL));
        for (version = 4, wrong = 0; version <= 6; version += 2)
            for (what = 0; what < 2; what++) {
                /* Without seeds the header says nothing, and can't be forgotten. */
                forgets = what == 0 && way.caps.csum;
                translates = what == 1 ? WITHOUT_STATE : NOT;
                CHECK_EQ(datagram(version, NET, data, sizeof data), !forgets && !translates);
                wrong += forgets || translates;
                CHECK_EQ(errors(), wrong);
            }
    }
}
END_TEST

/* A place counts from the start of the frame: one that stays behind is noticed. */
START_TEST(a_place_moves_with_the_header)
{
    static const struct csumoff_virtio_caps all = {.csum = true};
    struct rng rng = rng_new(202);
    struct frame frame;
    struct csumoff_virtio_hdr hdr = {.flags = CSUMOFF_VIRTIO_NEEDS_CSUM};
    struct csumoff_hint hint;
    struct csumoff_rx rx;
    int version;

    for (version = 4; version <= 6; version += 2) {
        frame_build(
            &frame,
            &(const struct recipe){.version = (unsigned)version, .proto = UDP, .payload = 90},
            &rng);
        frame_set_l3(&frame);
        frame_set_field(&frame, frame_seed(&frame));
        hdr.csum_start = (uint16_t)frame.l4;
        hdr.csum_offset = 6;
        CHECK_EQ(csumoff_virtio_rx(frame.bytes, frame.len, CSUMOFF_LINK_IP, &hdr, &policy, &rx),
                 CSUMOFF_OK);
        hint = csumoff_forward(&rx);
        memmove(frame.bytes + ETHERNET, frame.bytes, frame.len);
        store_wire16(frame.bytes + 12, version == 4 ? 0x0800 : 0x86DD);
        CHECK_EQ(csumoff_virtio_tx(frame.bytes, ETHERNET + frame.len, CSUMOFF_LINK_ETHERNET, &all,
                                   &hint, &hdr),
                 CSUMOFF_ERANGE);
    }
}
END_TEST

/* ---- Streams, and mss --------------------------------------------------------------------------
 */

static void stream(int version, int net, struct rng *rng)
{
    static uint8_t out[STREAM], back[STREAM];
    const size_t v = version == 6;
    union socket_address to;
    socklen_t to_len = socket_address(&to, version, net, PEER, PORT);
    int near_fd = streams[v], far_fd = -1, idle = 0;
    size_t written = 0, got = 0;
    ssize_t n;

    rng_fill(rng, out, sizeof out);
    CHECK(connect(near_fd, &to.any, to_len) == 0 || errno == EINPROGRESS);
    while (got < STREAM) {
        if (far_fd < 0)
            far_fd = accept(listeners[v], NULL, NULL);
        n = write(near_fd, out + written, STREAM - written);
        written += n > 0 ? (size_t)n : 0;
        if (far_fd >= 0) {
            n = recv(far_fd, back + got, STREAM - got, MSG_DONTWAIT);
            got += n > 0 ? (size_t)n : 0;
        } else {
            n = -1;
        }
        if (move() || n > 0)
            idle = 0;
        else if (idle++ < WAIT_MS)
            usleep(1000);
        else
            ck_abort_msg("%s: the stream over IPv%d stops after %zu bytes, %ju errors", way.name,
                         version, got, (uintmax_t)errors());
    }
    CHECK(memcmp(out, back, STREAM) == 0);
    close(far_fd);
    close(near_fd);
    while (move())
        ;
}

START_TEST(streams_are_delivered)
{
    struct rng rng = rng_new(203);
    size_t w;

    for (w = 0; w < COUNT(ways); w++) {
        CHECK(kernels_new(&ways[w], NULL));
        stream(4, NET, &rng);
        stream(6, NET, &rng);
        CHECK_EQ(errors(), 0);
        CHECK(counts.super > 20);
        CHECK_EQ(counts.given_super, way.caps.tso4 ? counts.super : 0);
        CHECK_EQ(counts.cut, way.caps.tso4 ? 0 : counts.super);
        CHECK(way.caps.csum ? counts.given_seeded > counts.super : counts.given_seeded == 0);
        print_counts("streams");
    }
}
END_TEST

/* ---- Tunnels -----------------------------------------------------------------------------------
 */

START_TEST(tunnels_are_carried)
{
    static const struct {
        struct tunnel tunnel;
        int inner;
        bool outer_csum; /* covers what would be translated */
    } rows[] = {
        {{.kind = "vxlan", .version = 4}, 4, false},
        {{.kind = "vxlan", .version = 4, .csum = true}, 4, true},
        {{.kind = "vxlan", .version = 4}, 6, false},
        {{.kind = "vxlan", .version = 6}, 4, false},
        {{.kind = "vxlan", .version = 6, .csum = true}, 6, true},
        {{.kind = "vxlan-gpe", .version = 4}, 6, false},
        {{.kind = "vxlan-gpe", .version = 6, .csum = true}, 4, true},
        {{.kind = "gre", .version = 4}, 4, false},
        {{.kind = "gre", .version = 4, .csum = true, .more = true}, 4, true},
        {{.kind = "gre", .version = 4}, 6, false},
        {{.kind = "ipip", .version = 4}, 4, false},
        {{.kind = "sit", .version = 4}, 6, false},
        {{.kind = "ip6gre", .version = 6}, 4, false},
        {{.kind = "ip6gre", .version = 6}, 6, false},
        {{.kind = "ip6tnl", .version = 6}, 4, false},
        {{.kind = "ip6tnl", .version = 6}, 6, false},
    };
    static const size_t chosen[] = {0, 2, 3, 7};
    struct rng rng = rng_new(204);
    uint8_t data[1200];
    size_t i, w, len, seeded = 0;
    int nat;

    for (i = 0; i < COUNT(rows); i++)
        for (w = 0; w < COUNT(chosen); w++) {
            struct tunnel t = rows[i].tunnel;

            t.name = "inside";
            t.under = "in";
            t.net = NET;
            t.local = HERE;
            t.remote = PEER;
            if (!kernels_new(&ways[chosen[w]], &t))
                break;
            for (nat = 0; nat < 3; nat++) {
                /* What an outer checksum covers isn't changed behind its back; and no tunnel but
                 * VXLAN takes packets from a stranger. */
                if (nat == 1 ? rows[i].outer_csum : nat == 2 && strncmp(t.kind, "vxlan", 5) != 0)
                    continue;
                translates = nat == 1 ? INNERMOST : nat == 2 ? OUTERMOST : NOT;
                for (len = 0; len < sizeof data; len += 1 + len / 8) {
                    rng_fill(&rng, data, len);
                    if (!datagram(rows[i].inner, INSIDE, data, len))
                        ck_abort_msg("%s over IPv%d, IPv%d inside, %s: %zu bytes are lost, %ju "
                                     "errors",
                                     t.kind, t.version, rows[i].inner, way.name, len,
                                     (uintmax_t)errors());
                }
            }
            CHECK_EQ(errors(), 0);
            seeded += counts.seeded;
            translates = NOT;
            stream(rows[i].inner, INSIDE, &rng);
            CHECK_EQ(errors(), 0);
            print_counts(t.kind);
        }
    CHECK(seeded > 0);
}
END_TEST

/* ---- Behind other headers ----------------------------------------------------------------------
 */

/* The second kernel knows nothing of what is in front of the packet: it is told the place. */
START_TEST(seeds_behind_other_headers)
{
    static const uint8_t protos[] = {UDP, TCP, SCTP}, here[] = {2, 0, 0, 0, 0, PEER, 2};
    struct rng rng = rng_new(205);
    size_t w, i, p, payload, told, finished = 0;
    static struct frame frame, whole;
    unsigned version;

    for (w = 0; w < 3; w++) {
        CHECK(kernels_new(&ways[w], NULL));
        for (i = 0; i < encapsulation_count; i++)
            for (version = 4; version <= 6; version += 2)
                for (p = 0; p < COUNT(protos); p++)
                    for (payload = 0; payload < 40; payload++) {
                        const struct encapsulation *e = &encapsulations[i];
                        const struct recipe recipe = {.ethernet = true,
                                                      .version = version,
                                                      .proto = protos[p],
                                                      .payload = payload};
                        size_t field;

                        if (protos[p] == SCTP && !e->is_found)
                            continue;
                        frame_build(&frame, &recipe, &rng);
                        memcpy(frame.bytes, here, sizeof here);
                        frame_encapsulate(&frame, e);
                        field = frame.l4 + (protos[p] == SCTP ? 8 : frame.csum_offset);
                        whole = frame;
                        frame_spoil_outside(&frame, e, protos[p] == SCTP, &rng);
                        taken.len = frame.len;
                        memcpy(taken.bytes, frame.bytes, frame.len);
                        frame = whole;
                        if (protos[p] == SCTP)
                            rng_fill(&rng, taken.bytes + field, 4);
                        else
                            store_wire16(taken.bytes + field, frame_seed(&frame));
                        taken.hdr =
                            (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                                    .csum_start = (uint16_t)frame.l4,
                                                    .csum_offset = (uint16_t)(field - frame.l4)};
                        told = counts.given_seeded;
                        forward();
                        told = counts.given_seeded - told;
                        CHECK_EQ(told, protos[p] != SCTP && way.caps.csum);
                        if (!tap_read(&right, &taken, WAIT_MS))
                            ck_abort_msg("%s: IPv%u is lost", e->name, version);
                        CHECK_EQ(taken.hdr.flags, 0);
                        CHECK_EQ(taken.len, frame.len);
                        if (protos[p] == TCP && load_wire16(taken.bytes + field) == 0xFFFF &&
                            load_wire16(frame.bytes + field) == 0)
                            store_wire16(taken.bytes + field, 0); /* as Linux makes it */
                        if (memcmp(taken.bytes, frame.bytes, frame.len) != 0)
                            ck_abort_msg("%s: %s: %s, field 0x%X, not 0x%X", way.name, e->name,
                                         recipe_text(&frame.recipe),
                                         load_wire16(taken.bytes + field),
                                         load_wire16(frame.bytes + field));
                        finished++;
                    }
    }
    printf("# %zu frames behind other headers finished\n", finished);
    fflush(stdout);
}
END_TEST

/* A limit on segments behind them is obeyed or refused. */
START_TEST(limits_behind_other_headers)
{
    static const struct csumoff_virtio_caps all = {true, true, true, true, true}, none = {false};
    struct rng rng = rng_new(206);
    struct csumoff_virtio_hdr hdr;
    struct frame frame;
    size_t i, k;

    for (i = 0; i < encapsulation_count; i++)
        for (k = 0; k < 4; k++) {
            const struct encapsulation *e = &encapsulations[i];
            const struct recipe recipe = {
                .ethernet = true, .version = k % 2 ? 6 : 4, .proto = TCP, .payload = 1000};
            const bool is_taken = e->is_cut && k < 2;
            struct csumoff_hint hint = {.want = CSUMOFF_TX_SEEDED, .mss = 300};

            frame_build(&frame, &recipe, &rng);
            frame_encapsulate(&frame, e);
            frame_set_field(&frame, frame_seed(&frame));
            hint.csum_start = (uint32_t)frame.l4;
            hint.csum_offset = (uint32_t)frame.csum_offset;
            CHECK_EQ(csumoff_virtio_tx(frame.bytes, frame.len, CSUMOFF_LINK_ETHERNET,
                                       k < 2 ? &all : &none, &hint, &hdr),
                     is_taken ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
            if (is_taken)
                CHECK_EQ(hdr.gso_size, 300);
        }
}
END_TEST

int main(void)
{
    const TTest *const sockets[] = {datagrams_are_delivered, mistakes_are_counted,
                                    a_place_moves_with_the_header, streams_are_delivered, NULL};
    const TTest *const tunnels[] = {tunnels_are_carried, NULL};
    const TTest *const behind[] = {seeds_behind_other_headers, limits_behind_other_headers, NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_forward");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "sockets", sockets);
    suite_add(suite, "tunnels", tunnels);
    suite_add(suite, "behind", behind);
    return suite_run(suite);
}
