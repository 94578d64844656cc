// SPDX-License-Identifier: MIT
/* What a domain receives: from domain 0's own stack, and through the sink for somebody else. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../oracle/frames.h"
#include "domains.h"

enum {
    PORT_ECHO = 7,
    PORT_ROUTE = 21,
    PORT_MINE = 4000,
    BURST = 16,
    LOST_MOST = 3,
    MSS = 1200
};

static const unsigned versions[] = {4, 6};
static struct heard heard;

/* A socket of domain 0's, connected to a port of a host. */
static int socket_to(unsigned version, uint8_t host, uint16_t port)
{
    const struct timeval limit = {.tv_sec = 2};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    const void *to = version == 4 ? (const void *)&in : (const void *)&in6;
    const socklen_t size = version == 4 ? sizeof in : sizeof in6;
    int fd = socket(version == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    rig_address(4, host, (uint8_t *)&in.sin_addr);
    rig_address(6, host, (uint8_t *)&in6.sin6_addr);
    if (fd < 0 || connect(fd, (const struct sockaddr *)to, size) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
        die("no socket");
    return fd;
}

static void fill(uint8_t *payload)
{
    for (size_t i = 0; i < MTU; i++)
        payload[i] = (uint8_t)(i * 31 + (i >> 7));
}

/* ---- For the domain itself ------------------------------------------------------------------- */

void cases_kernel(struct domain *d)
{
    static uint8_t payload[MTU], back[MTU];
    char text[64];

    fill(payload);
    for (size_t v = 0; v < 2; v++) {
        const size_t most = payload_most(versions[v], UDP), step = effort(1, 29);
        int fd = socket_to(versions[v], d->end.host, PORT_ECHO);
        size_t good = 0, sent = 0;

        /* Each that is lost takes the socket's seconds. */
        for (size_t len = 0; len <= most && sent - good < LOST_MOST; len += step, sent++)
            good += send(fd, payload, len, 0) == (ssize_t)len &&
                    recv(fd, back, sizeof back, 0) == (ssize_t)len &&
                    memcmp(payload, back, len) == 0;
        close(fd);
        snprintf(text, sizeof text, "echo to domain 0's kernel, IPv%u", versions[v]);
        row(d, good == most / step + 1, text, "%zu of %zu", good, most / step + 1);
    }
}

/* ---- For somebody else ----------------------------------------------------------------------- */

/* From now on the domain sends to the sink what isn't for it. */
static void ask_route(struct domain *d, uint8_t forgets)
{
    say(&sink_end, &d->end, 4, PORT_MINE, PORT_ROUTE, &forgets, 1);
    while (hear(&sink_end, &heard, silence_ms))
        if (heard.from_port == PORT_ROUTE)
            return;
    row(d, false, "routes", "no answer");
}

/* Domain 0's own datagrams reach the domain unfinished, and the sink through it. */
static void route_datagrams(struct domain *d, unsigned version, bool forgets)
{
    static uint8_t payload[MTU];
    const size_t most = payload_most(version, UDP), step = effort(1, 29);
    int fd = socket_to(version, RIG_BEHIND, 9);
    size_t good = 0, bad = 0;
    char text[96];

    fill(payload);
    for (size_t len = 0; len <= most;) {
        size_t sent = 0;

        for (; sent < BURST && len <= most; sent++, len += step)
            if (send(fd, payload, len, 0) != (ssize_t)len)
                die("domain 0 cannot send");
        for (; sent && hear(&sink_end, &heard, silence_ms); sent--) {
            const bool is_good = heard.is_good && heard.hops == 63 &&
                                 memcmp(heard.payload, payload, heard.payload_len) == 0;

            good += is_good;
            bad += !is_good;
        }
    }
    close(fd);
    snprintf(text, sizeof text, "%s, UDP over IPv%u",
             forgets ? "WRONG: routed, state forgotten" : "routed, unfinished", version);
    row(d, (forgets ? bad : good) == most / step + 1 && (forgets ? good : bad) == 0, text,
        "%zu good, %zu bad", good, bad);
}

/* A frame for whoever it is for, by way of the domain. */
static void send_frame(struct domain *d, struct frame *f, uint16_t mss, bool has_seed,
                       bool is_damaged)
{
    static struct packet p;
    const bool is_v4 = f->recipe.version == 4;

    memset(&p.hdr, 0, sizeof p.hdr);
    memcpy(f->bytes, d->end.mac, 6);
    memcpy(f->bytes + 6, sink_end.mac, 6);
    f->bytes[f->l3 + (is_v4 ? 8 : 7)] = 64;
    if (f->recipe.proto == TCP)
        f->bytes[f->l4 + 13] = 0x18; /* ACK, PSH */
    frame_set_l3(f);
    frame_set_field(f, has_seed ? frame_seed(f) : frame_complete(f));
    if (has_seed)
        p.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                        .csum_start = (uint16_t)f->l4,
                                        .csum_offset = (uint16_t)f->csum_offset};
    if (mss) {
        p.hdr.gso_type = is_v4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
        p.hdr.gso_size = mss;
        p.hdr.hdr_len = (uint16_t)(f->l4 + 20);
    }
    memcpy(p.bytes, f->bytes, f->len);
    p.len = f->len;
    p.bytes[f->len - 1] ^= is_damaged; /* after it was summed */
    if (!sink_write(&p))
        die("the sink takes no packet");
}

/* Whether the next segment to come is the one that begins there. */
static bool is_segment(const struct frame *f, size_t at, uint16_t mss)
{
    const uint8_t *tcp = f->bytes + f->l4;
    const uint32_t first = (uint32_t)load_wire16(tcp + 4) << 16 | load_wire16(tcp + 6);
    const size_t left = f->recipe.payload - at;

    return heard.is_good && heard.hops == 63 && heard.sequence == (uint32_t)(first + at) &&
           heard.payload_len == (left < mss ? left : mss) &&
           memcmp(heard.payload, tcp + 20 + at, heard.payload_len) == 0;
}

static void route_super_frames(struct domain *d, unsigned version)
{
    static const size_t sizes[] = {1201, 2400, 2401, 5000, 12000, 30001, 60000};
    static struct frame f;
    struct rng rng = rng_new(version);
    size_t good = 0, bad = 0, expected = 0;
    char text[96];

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t at = 0;

        frame_build(&f,
                    &(const struct recipe){
                        .ethernet = true, .version = version, .proto = TCP, .payload = sizes[i]},
                    &rng);
        send_frame(d, &f, MSS, true, false);
        expected += (sizes[i] + MSS - 1) / MSS;
        while (at < sizes[i] && hear(&sink_end, &heard, silence_ms)) {
            const bool is_good = is_segment(&f, at, MSS);

            good += is_good;
            bad += !is_good;
            at += heard.payload_len ? heard.payload_len : 1;
        }
    }
    snprintf(text, sizeof text, "routed, super-frames of TCP over IPv%u", version);
    row(d, good == expected && bad == 0, text, "%zu segments good, %zu bad", good, bad);
}

/* What came complete goes on as it came, right or damaged. */
static void route_complete(struct domain *d, unsigned version)
{
    static struct frame f;
    struct rng rng = rng_new(version);
    unsigned good = 0, bad = 0;
    char text[96];

    for (unsigned i = 0; i < 64; i++) {
        frame_build(&f,
                    &(const struct recipe){.ethernet = true,
                                           .version = version,
                                           .proto = i % 4 < 2 ? UDP : TCP,
                                           .payload = 2 + i},
                    &rng);
        send_frame(d, &f, 0, false, i % 2);
        if (!hear(&sink_end, &heard, silence_ms))
            break;
        good += heard.is_good;
        bad += !heard.is_good;
    }
    snprintf(text, sizeof text, "routed, complete, every other one damaged, IPv%u", version);
    row(d, good == 32 && bad == 32, text, "%u good, %u bad", good, bad);
}

void cases_routing(struct domain *d)
{
    rig_neighbour(RIG_BEHIND, d->end.mac);
    for (uint8_t forgets = 0; forgets < 2; forgets++) {
        ask_route(d, forgets);
        for (size_t v = 0; v < 2; v++) {
            route_datagrams(d, versions[v], forgets);
            if (forgets)
                continue;
            route_super_frames(d, versions[v]);
            route_complete(d, versions[v]);
        }
    }
    ask_route(d, 0);
}
