// SPDX-License-Identifier: MIT
// Records frames that the Linux kernel itself emits with checksum offload on, each with the
// csum_start and csum_offset of its virtio-net header.
//
//     record OUTDIR
//
// Exit status: 0 recorded, 1 failed, 77 skipped because TAPs are not available.
#define _GNU_SOURCE /* sendmmsg() */
#include "capture.h"
#include "rig.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
    MTU = 1500,
    UDP_HEADER = 8,
    TCP_HEADER = 32, // with timestamps
    LARGEST = 65536,
    QUIET_MS = 5,
    DELAYED_ACK_MS = 60, // past TCP_DELACK_MIN, so that every bare ACK is seen
    GIVE_UP_SECONDS = 240,
};

// A socket option that changes the headers of what is sent.
struct option {
    const char *variant;
    int level, name;
    const void *value;
    socklen_t length;
    bool source_route; // the far end is in the SECOND network, the first hop in the FIRST
};

static const uint8_t router_alert[] = {IPOPT_RA, 4, 0, 0};
// Nine slots that the hops fill in: with the padding all 40 bytes, IHL 15.
static const uint8_t record_route[40] = {IPOPT_RR, 39, 4};
// ip_options_compile() takes the first hop out and leaves its place to the destination.
static const uint8_t loose_route[] = {IPOPT_NOP, IPOPT_LSRR, 7, 4, 192, 0, 2, 2};
// Option type 0x1e is RFC 4727's experimental one that hosts skip when they don't know it.
static const uint8_t options6[16] = {0, 1, 0x1e, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 0};

// RFC 8754: type 4, one segment left. ipv6_push_rthdr4() fills in the destination as segment 0.
static const uint8_t routing6[40] = {0, 4, 4, 1, 1, [24] = 0x20, 0x01, 0x0d, 0xb8, [39] = 2};

static const struct option plain = {0};

static const struct option options_v4[] = {
    {"options", IPPROTO_IP, IP_OPTIONS, router_alert, sizeof router_alert, false},
    {"options40", IPPROTO_IP, IP_OPTIONS, record_route, sizeof record_route, false},
    {"lsrr", IPPROTO_IP, IP_OPTIONS, loose_route, sizeof loose_route, true},
};

static const struct option options_v6[] = {
    {"hopopts", IPPROTO_IPV6, IPV6_HOPOPTS, options6, sizeof options6, false},
    {"dstopts", IPPROTO_IPV6, IPV6_DSTOPTS, options6, sizeof options6, false},
    {"routing", IPPROTO_IPV6, IPV6_RTHDR, routing6, sizeof routing6, true},
};

static const struct option *options(int family, size_t *count)
{
    *count = family == AF_INET ? COUNT(options_v4) : COUNT(options_v6);
    return family == AF_INET ? options_v4 : options_v6;
}

static void set_option(int fd, int level, int name, const void *value, socklen_t length)
{
    if (setsockopt(fd, level, name, value, length))
        die("setsockopt %d/%d: %s", level, name, strerror(errno));
}

static void set_int(int fd, int level, int name, int value)
{
    set_option(fd, level, name, &value, sizeof value);
}

static void apply(int fd, const struct option *o)
{
    if (o->value)
        set_option(fd, o->level, o->name, o->value, o->length);
}

// xorshift32: the same bytes for the same length in every recording.
static const uint8_t *payload(size_t length)
{
    static uint8_t bytes[LARGEST];
    uint32_t x = 0x9e3779b9u + (uint32_t)length;

    for (size_t i = 0; i < length; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        bytes[i] = (uint8_t)x;
    }
    return bytes;
}

static uint16_t next_port(void)
{
    static uint16_t port = 20000;

    return port++;
}

// Reads until `length` bytes have come, through a stream or as the datagrams of one super-frame.
static void receive(struct rig *r, int fd, const uint8_t *expected, size_t length)
{
    static uint8_t bytes[LARGEST];
    size_t have = 0;

    do {
        ssize_t got;

        rig_wait(r, fd, POLLIN);
        got = recv(fd, bytes + have, sizeof bytes - have, 0);
        if (got < 0)
            die("recv: %s", strerror(errno));
        if (!got && length)
            die("the connection ended early");
        have += (size_t)got;
    } while (have < length);
    if (have != length || memcmp(bytes, expected, length) != 0)
        die("%zu bytes arrived wrong", length);
}

// A UDP flow from left to right.
struct flow {
    int from, to;
    union address target;
    socklen_t target_length;
};

static struct flow flow_open(struct rig *r, int family, enum network net, const struct option *o)
{
    enum network far = o->source_route ? SECOND : net;
    uint16_t port = next_port();
    struct flow f = {.from = rig_socket(r, LEFT, family, SOCK_DGRAM, 0, net, port),
                     .to = rig_socket(r, RIGHT, family, SOCK_DGRAM, 0, far, port),
                     .target = rig_address(family, far, RIGHT, port),
                     .target_length = rig_address_length(family)};

    apply(f.from, o);
    return f;
}

static void flow_close(struct flow *f)
{
    close(f->from);
    close(f->to);
}

static void flow_send(struct rig *r, const struct flow *f, const uint8_t *bytes, size_t length)
{
    if (sendto(f->from, bytes, length, 0, &f->target.any, f->target_length) < 0)
        die("sendto (%zu bytes): %s", length, strerror(errno));
    receive(r, f->to, bytes, length);
}

static void flow_send_lengths(struct rig *r, const struct flow *f, const size_t *lengths,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        flow_send(r, f, payload(lengths[i]), lengths[i]);
}

static uint32_t sum16(const void *data, size_t length)
{
    const uint8_t *p = data;
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)(p[i] << 8 | p[i + 1]);
    return sum;
}

// Two bytes of payload that make the sum 0xFFFF, so that finishing must store 0xFFFF for 0
// (RFC 768; skb_checksum_help()).
static void flow_send_zero(struct rig *r, int family, const struct flow *f)
{
    union address from = rig_address(family, FIRST, LEFT, 0);
    bool v4 = family == AF_INET;
    uint32_t length = UDP_HEADER + 2;
    uint32_t sum = IPPROTO_UDP + 2 * length + 2u * ntohs(f->target.v4.sin_port);
    uint8_t bytes[2];

    sum += v4 ? sum16(&from.v4.sin_addr, 4) : sum16(&from.v6.sin6_addr, 16);
    sum += v4 ? sum16(&f->target.v4.sin_addr, 4) : sum16(&f->target.v6.sin6_addr, 16);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    bytes[0] = (uint8_t)(~sum >> 8);
    bytes[1] = (uint8_t)~sum;
    flow_send(r, f, bytes, sizeof bytes);
}

// Topics return NULL, or why the running kernel can't do them.

static const char *record_udp(struct capture *c, int family)
{
    const bool v4 = family == AF_INET;
    const size_t largest = MTU - (v4 ? 20 : 40) - UDP_HEADER;
    const size_t lengths[] = {0, 1, 2, 3, 64, 101, 1024, largest - 1, largest};
    size_t count;
    const struct option *o = options(family, &count);
    struct rig r;
    struct flow f;

    rig_up(&r, c);
    rig_second_network(&r);
    f = flow_open(&r, family, FIRST, &plain);
    flow_send_lengths(&r, &f, lengths, COUNT(lengths));
    c->variant = "zero";
    flow_send_zero(&r, family, &f);

    // A datagram put together from several sends is summed in software, __ip_append_data().
    c->variant = "corked";
    if (sendto(f.from, payload(21), 10, MSG_MORE, &f.target.any, f.target_length) < 0 ||
        sendto(f.from, payload(21) + 10, 11, 0, &f.target.any, f.target_length) < 0)
        die("MSG_MORE: %s", strerror(errno));
    receive(&r, f.to, payload(21), 21);

    c->variant = "nocheck";
    if (v4) {
        set_int(f.from, SOL_SOCKET, SO_NO_CHECK, 1);
    } else {
        set_int(f.from, IPPROTO_UDP, UDP_NO_CHECK6_TX, 1);
        set_int(f.to, IPPROTO_UDP, UDP_NO_CHECK6_RX, 1);
    }
    flow_send_lengths(&r, &f, (size_t[]){1, 64}, 2);
    flow_close(&f);

    for (size_t i = 0; i < count; i++) {
        f = flow_open(&r, family, FIRST, &o[i]);
        c->variant = o[i].variant;
        flow_send_lengths(&r, &f, (size_t[]){0, 1, 64, 101, largest - o[i].length}, 5);
        flow_close(&f);
    }
    rig_down(&r);
    return NULL;
}

// A TCP connection from left to right.
struct connection {
    int listener, client, server;
};

static struct connection tcp_open(struct rig *r, int family, enum network net,
                                  const struct option *o)
{
    enum network far = o->source_route ? SECOND : net;
    uint16_t port = next_port();
    union address target = rig_address(family, far, RIGHT, port);
    struct connection t = {.client = rig_socket(r, LEFT, family, SOCK_STREAM, 0, net, port),
                           .listener = rig_socket(r, RIGHT, family, SOCK_STREAM, 0, far, port)};

    apply(t.client, o);
    apply(t.listener, o->source_route ? &plain : o);
    set_int(t.client, IPPROTO_TCP, TCP_NODELAY, 1);
    set_int(t.listener, IPPROTO_TCP, TCP_NODELAY, 1);
    if (listen(t.listener, 1))
        die("listen: %s", strerror(errno));
    if (connect(t.client, &target.any, rig_address_length(family)) && errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    rig_wait(r, t.listener, POLLIN);
    t.server = accept4(t.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (t.server < 0)
        die("accept: %s", strerror(errno));
    rig_settle(r, QUIET_MS);
    return t;
}

static void tcp_send(struct rig *r, int from, int to, size_t length)
{
    const uint8_t *bytes = payload(length);

    if (send(from, bytes, length, 0) != (ssize_t)length)
        die("send (%zu bytes): %s", length, strerror(errno));
    receive(r, to, bytes, length);
    rig_settle(r, DELAYED_ACK_MS);
}

static void tcp_close(struct rig *r, const struct connection *t)
{
    close(t->client);
    rig_settle(r, DELAYED_ACK_MS);
    close(t->server);
    close(t->listener);
    rig_settle(r, DELAYED_ACK_MS);
}

// tcp_send_active_reset(), from a connection closed without lingering.
static void tcp_abort(struct rig *r, const struct connection *t)
{
    set_option(t->client, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
               sizeof(struct linger));
    tcp_close(r, t);
}

// tcp_v4_send_reset(), from no socket at all.
static void tcp_refuse(struct rig *r, int family)
{
    uint16_t port = next_port();
    union address target = rig_address(family, FIRST, RIGHT, port);
    int fd = rig_socket(r, LEFT, family, SOCK_STREAM, 0, FIRST, port), error = 0;

    if (!connect(fd, &target.any, rig_address_length(family)) || errno != EINPROGRESS)
        die("connect to a closed port: %s", strerror(errno));
    rig_wait(r, fd, POLLOUT);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    if (error != ECONNREFUSED)
        die("a closed port answered: %s", strerror(error));
    close(fd);
}

static const char *record_tcp(struct capture *c, int family)
{
    const size_t mss = MTU - (family == AF_INET ? 20 : 40) - TCP_HEADER;
    const size_t lengths[] = {1, 2, 3, 64, 101, 1000, mss - 1, mss};
    size_t count;
    const struct option *o = options(family, &count);
    struct rig r;
    struct connection t;

    rig_up(&r, c);
    rig_second_network(&r);
    t = tcp_open(&r, family, FIRST, &plain);
    for (size_t i = 0; i < COUNT(lengths); i++)
        tcp_send(&r, t.client, t.server, lengths[i]);
    tcp_send(&r, t.server, t.client, 333);
    tcp_close(&r, &t);

    c->variant = "aborted";
    t = tcp_open(&r, family, FIRST, &plain);
    tcp_abort(&r, &t);
    c->variant = "refused";
    tcp_refuse(&r, family);

    for (size_t i = 0; i < count; i++) {
        c->variant = o[i].variant;
        t = tcp_open(&r, family, FIRST, &o[i]);
        tcp_send(&r, t.client, t.server, 1);
        tcp_send(&r, t.client, t.server, 1000);
        tcp_send(&r, t.server, t.client, 77);
        tcp_close(&r, &t);
    }
    rig_down(&r);
    return NULL;
}

// Opens the congestion window unrecorded; from then on one send leaves as one super-frame.
static struct connection tcp_open_wide(struct rig *r, int family, const struct option *o)
{
    struct connection t;

    r->capture->off = true;
    t = tcp_open(r, family, FIRST, o);
    for (int i = 0; i < 8; i++)
        tcp_send(r, t.client, t.server, 60000);
    r->capture->off = false;
    return t;
}

static const char *record_tso(struct capture *c, int family)
{
    const size_t lengths[] = {1449, 2900, 5000, 12345, 30001, 65160};
    size_t count;
    const struct option *o = options(family, &count);
    struct rig r;
    struct connection t;

    c->gso_only = true;
    rig_up(&r, c);
    rig_second_network(&r);
    t = tcp_open_wide(&r, family, &plain);
    for (size_t i = 0; i < COUNT(lengths); i++)
        tcp_send(&r, t.client, t.server, lengths[i]);
    tcp_close(&r, &t);

    for (size_t i = 0; i < count; i++) {
        c->variant = o[i].variant;
        t = tcp_open_wide(&r, family, &o[i]);
        tcp_send(&r, t.client, t.server, 3001);
        tcp_send(&r, t.client, t.server, 10000);
        tcp_close(&r, &t);
    }
    rig_down(&r);
    return NULL;
}

static void send_segmented(struct rig *r, const struct flow *f, int gso_size, size_t length)
{
    set_int(f->from, IPPROTO_UDP, UDP_SEGMENT, gso_size);
    flow_send(r, f, payload(length), length);
}

static const char *record_uso(struct capture *c, int family)
{
    static const int families[] = {AF_INET, AF_INET6};
    struct rig r;

    (void)family;
    rig_up(&r, c);
    rig_second_network(&r);
    for (size_t i = 0; r.uso && i < COUNT(families); i++) {
        const int largest = MTU - (families[i] == AF_INET ? 20 : 40) - UDP_HEADER;
        size_t count;
        const struct option *o = options(families[i], &count);
        struct flow f = flow_open(&r, families[i], FIRST, &plain);

        c->variant = NULL;
        send_segmented(&r, &f, 1, 20);
        send_segmented(&r, &f, 100, 1037);
        send_segmented(&r, &f, 101, 202);
        send_segmented(&r, &f, largest, 3 * (size_t)largest);
        send_segmented(&r, &f, largest, 44 * (size_t)largest + 1);
        flow_close(&f);
        for (size_t k = 0; k < count; k++) {
            c->variant = o[k].variant;
            f = flow_open(&r, families[i], FIRST, &o[k]);
            send_segmented(&r, &f, 500, 1701);
            flow_close(&f);
        }
    }
    rig_down(&r);
    return r.uso ? NULL : "the TAP refuses UDP segmentation (Linux 6.2)";
}

static void send_ping(struct rig *r, int family, size_t length)
{
    union address target = rig_address(family, FIRST, RIGHT, 0);
    int fd = rig_socket(r, LEFT, family, SOCK_DGRAM,
                        family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6, FIRST, next_port());
    uint8_t message[4096] = {family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST, [7] = 1};

    memcpy(message + 8, payload(length), length);
    if (sendto(fd, message, 8 + length, 0, &target.any, rig_address_length(family)) < 0)
        die("cannot send an echo request: %s", strerror(errno));
    rig_wait(r, fd, POLLIN);
    close(fd);
}

static const char *record_fragments(struct capture *c, int family)
{
    static const int families[] = {AF_INET, AF_INET6};
    struct rig r;

    (void)family;
    rig_up(&r, c);
    for (size_t i = 0; i < COUNT(families); i++) {
        struct flow f = flow_open(&r, families[i], FIRST, &plain);

        c->variant = NULL;
        flow_send_lengths(&r, &f, (size_t[]){1473, 2001, 5000}, 3);
        flow_close(&f);
        c->variant = "echo";
        send_ping(&r, families[i], 1501);
    }
    rig_down(&r);
    return NULL;
}

static const char *record_icmp(struct capture *c, int family)
{
    static const int families[] = {AF_INET, AF_INET6};
    struct rig r;

    (void)family;
    c->neighbours = true;
    rig_up(&r, c);
    for (size_t i = 0; i < COUNT(families); i++) {
        uint16_t port = next_port();
        union address target = rig_address(families[i], FIRST, RIGHT, port);
        int fd = rig_socket(&r, LEFT, families[i], SOCK_DGRAM, 0, FIRST, port);

        send_ping(&r, families[i], 0);
        send_ping(&r, families[i], 56);
        send_ping(&r, families[i], 33);
        for (size_t length = 0; length < 200; length += 99) {
            if (sendto(fd, payload(length), length, 0, &target.any,
                       rig_address_length(families[i])) < 0)
                die("sendto a closed port: %s", strerror(errno));
            rig_settle(&r, QUIET_MS);
            recv(fd, NULL, 0, 0); // takes the error that the ICMP message left in the socket
        }
        close(fd);
    }
    rig_down(&r);
    return NULL;
}

// A little of everything, for frames whose headers are wrapped in something.
static void send_mixture(struct rig *r, int family, enum network net, bool super_frames)
{
    struct flow f = flow_open(r, family, net, &plain);
    struct connection t;

    flow_send_lengths(r, &f, (size_t[]){0, 1, 64, 101}, 4);
    flow_close(&f);
    t = tcp_open(r, family, net, &plain);
    tcp_send(r, t.client, t.server, 1);
    tcp_send(r, t.client, t.server, 500);
    if (super_frames)
        tcp_send(r, t.client, t.server, 5001);
    tcp_close(r, &t);
}

static const char *record_vlan(struct capture *c, int family)
{
    (void)family;
    c->neighbours = true;
    for (int tags = 1; tags <= 2; tags++) {
        struct rig r;

        rig_up(&r, c);
        c->tags = rig_tag(&r, tags) ? 0 : tags;
        if (c->tags) {
            fprintf(stderr, "record: vlan: the kernel can't tag here, so the recorder does\n");
            rig_down(&r);
            rig_up(&r, c);
        }
        send_mixture(&r, AF_INET, FIRST, true);
        send_mixture(&r, AF_INET6, FIRST, true);
        send_ping(&r, AF_INET, 33);
        send_ping(&r, AF_INET6, 33);
        rig_down(&r);
    }
    return NULL;
}

static const char *record_vxlan(struct capture *c, int family)
{
    (void)family;
    for (int i = 0; i < 4; i++) {
        bool udpcsum = i & 1, made;
        struct rig r;

        rig_up(&r, c);
        c->variant = udpcsum ? "udpcsum" : NULL;
        made = rig_vxlan(&r, i & 2 ? AF_INET6 : AF_INET, udpcsum);
        if (made) {
            send_mixture(&r, AF_INET, SECOND, true);
            send_mixture(&r, AF_INET6, SECOND, false);
        }
        rig_down(&r);
        if (!made)
            return "no VXLAN in this kernel";
    }
    return NULL;
}

static const struct topic {
    const char *name;
    const char *(*record)(struct capture *c, int family);
    int family;
    const char *expected; // see capture_check()
} topics[] = {
    {"udp-ipv4", record_udp, AF_INET,
     "+udp4 +udp4-zero udp4-corked udp4-nocheck +udp4-options +udp4-options40 udp4-lsrr"},
    {"udp-ipv6", record_udp, AF_INET6,
     "+udp6 +udp6-zero udp6-corked udp6-nocheck udp6-hopopts udp6-dstopts udp6-routing"},
    {"tcp-ipv4", record_tcp, AF_INET,
     "+tcp4-syn +tcp4-synack +tcp4-data +tcp4-ack +tcp4-fin tcp4-rst-aborted tcp4-rst-refused "
     "+tcp4-syn-options +tcp4-data-options +tcp4-data-options40 +tcp4-data-lsrr"},
    {"tcp-ipv6", record_tcp, AF_INET6,
     "+tcp6-syn +tcp6-synack +tcp6-data +tcp6-ack +tcp6-fin tcp6-rst-aborted tcp6-rst-refused "
     "+tcp6-data-hopopts +tcp6-data-dstopts +tcp6-data-routing"},
    {"tso-ipv4", record_tso, AF_INET, "+tso4 +tso4-options +tso4-options40 +tso4-lsrr"},
    {"tso-ipv6", record_tso, AF_INET6, "+tso6 +tso6-hopopts +tso6-dstopts +tso6-routing"},
    {"uso", record_uso, 0, "+uso4 +uso6 +uso4-options"},
    {"fragments", record_fragments, 0, "fragment4 fragment6 fragment4-echo fragment6-echo"},
    {"icmp", record_icmp, 0,
     "arp icmp4-echo icmp4-reply icmp4-unreachable icmp6-echo icmp6-reply icmp6-unreachable "
     "icmp6-solicitation icmp6-advertisement"},
    {"vlan", record_vlan, 0,
     "vlan-arp +vlan-udp4 +vlan-udp6 +vlan-tcp4-data +vlan-tcp6-data +vlan-tso4 +vlan-tso6 "
     "vlan-icmp4-echo +qinq-udp4 +qinq-udp6 +qinq-tcp4-data +qinq-tcp6-data +qinq-tso4"},
    {"vxlan", record_vxlan, 0,
     "+vxlan4-udp4 +vxlan4-tcp4-data +vxlan4-udp6-udpcsum +vxlan4-tcp6-data-udpcsum "
     "+vxlan6-udp4 +vxlan6-tcp4-data +vxlan6-udp6-udpcsum +vxlan6-tcp6-data-udpcsum"},
};

static void print_row(const struct topic *t, const struct capture *c)
{
    size_t seeded = 0, gso = 0, bytes = 0;

    for (size_t i = 0; i < c->count; i++) {
        seeded += (c->frames[i].hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
        gso += c->frames[i].hdr.gso_type != VIRTIO_NET_HDR_GSO_NONE;
        bytes += c->frames[i].length;
    }
    printf("%-10s %7zu %7zu %7zu %9zu\n", t->name, c->count, seeded, gso, bytes);
    fflush(stdout);
}

static void give_up(int number)
{
    static const char message[] = "record: gave up: it took too long\n";

    (void)number;
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
        _exit(2);
    _exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    bool good = true;

    if (argc != 2) {
        fprintf(stderr, "usage: record OUTDIR\n");
        return EXIT_FAILURE;
    }
    if (access(argv[1], W_OK | X_OK))
        die("cannot write into %s: %s", argv[1], strerror(errno));
    signal(SIGALRM, give_up);
    alarm(GIVE_UP_SECONDS);
    rig_prepare();

    printf("%-10s %7s %7s %7s %9s\n", "topic", "frames", "seeded", "GSO", "bytes");
    for (size_t i = 0; i < COUNT(topics); i++) {
        const struct topic *t = &topics[i];
        struct capture c = {0};
        const char *reason = t->record(&c, t->family);

        if (reason) {
            fprintf(stderr, "record: SKIPPED %s: %s; nothing written\n", t->name, reason);
        } else if (capture_check(&c, t->name, t->expected)) {
            capture_write(&c, argv[1], t->name);
            print_row(t, &c);
        } else {
            good = false;
        }
        capture_free(&c);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
