// SPDX-License-Identifier: MIT
/* What comes in: from domain 0, from the sink's side, from another guest; and goes on. */
#define _GNU_SOURCE /* accept4() */
#include <arpa/inet.h>
#include <csumoff_netfront.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../oracle/reference.h"
#include "cases.h"

enum {
    ETHERNET = 14,
    PORT = 4242,
    MSS = 1440, /* for an MTU of 1500, over IPv6, too */
    DOWNLOAD = 400000,
    WAIT_MS = 30000
};

static uint8_t in[65536];

/* Whether a frame comes that is for this address. */
static bool receive(struct guest *guest, const uint8_t mac[6], bool finish, size_t *len,
                    struct csumoff_rx *rx)
{
    for (;;) {
        int status = offload_receive(&guest->offload, in, sizeof in, finish, len, rx);

        if (status)
            die("offload_receive() returned %d", status);
        if (*len >= ETHERNET + 20 && memcmp(in, mac, 6) == 0)
            return true;
        if (*len == 0 && ring_wait(guest->offload.ring, WAIT_MS))
            return false;
    }
}

static socklen_t address(int version, uint8_t host, uint16_t port, struct sockaddr_storage *a)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)a;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)a;

    memset(a, 0, sizeof *a);
    if (version == 4) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        rig_address(4, host, (uint8_t *)&v4->sin_addr);
        return sizeof *v4;
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    rig_address(6, host, (uint8_t *)&v6->sin6_addr);
    return sizeof *v6;
}

static int make_socket(int version, int type, uint16_t port)
{
    struct sockaddr_storage a;
    socklen_t len = address(version, 1, port, &a);
    int fd = socket(version == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
        on = 1;

    /* An address is tentative for a moment, though nobody is asked. */
    for (int tries = 0; fd >= 0; tries++) {
        if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            bind(fd, (struct sockaddr *)&a, len) == 0)
            return fd;
        if (tries > 500)
            break;
        usleep(10000);
    }
    die("no socket");
}

static uint8_t pattern(size_t at)
{
    return (uint8_t)(at * 31 + at / 251);
}

/* ---- Datagrams ----------------------------------------------------------------------------- */

/* What came, against what had to come. */
struct tally {
    unsigned frames, good, super, several;
    size_t longest;
};

static const char *tally_text(const struct tally *t)
{
    static char text[96];

    snprintf(text, sizeof text, "%u good, %u bad", t->good, t->frames - t->good);
    if (t->super)
        snprintf(text + strlen(text), sizeof text - strlen(text), ", %u GSO", t->super);
    return text;
}

static void count(struct tally *t, size_t len, const struct csumoff_rx *rx,
                  enum csumoff_state state, enum standing as, bool content)
{
    bool place = rx->state != CSUMOFF_PARTIAL ||
                 (in[ETHERNET] >> 4 == 4 ? rx->csum_start == 34 : rx->csum_start == 54);

    t->frames++;
    t->good += content && place && rx->state == state && stands(in, len, as);
    t->super += rx->gso_type != 0;
    if (len > t->longest)
        t->longest = len;
}

/* Waits for a datagram: a segment of a connection that has ended, or a neighbour's question, may
 * come late. */
static bool receive_datagram(struct guest *guest, bool finish, size_t *len, struct csumoff_rx *rx)
{
    bool is_there;

    do
        is_there = receive(guest, guest->mac, finish, len, rx);
    while (is_there && in[ETHERNET + (in[ETHERNET] >> 4 == 4 ? 9 : 6)] != IPPROTO_UDP);
    return is_there;
}

static void datagrams(struct guest *guest, int version, bool has_checksum, bool finish,
                      enum csumoff_state state, enum standing as, const char *what)
{
    static const size_t sizes[] = {0, 1, 2, 3, 7, 64, 255, 1001, 1452, 8001, 60000};
    static uint8_t data[60000];
    struct sockaddr_storage to;
    socklen_t to_len = address(version, guest->host, PORT, &to);
    int fd = make_socket(version, SOCK_DGRAM, PORT), off = !has_checksum;
    size_t header = ETHERNET + (version == 4 ? 28 : 48);
    struct tally t = {0};
    char title[128];

    if (setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &off, sizeof off) != 0)
        die("SO_NO_CHECK");
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = pattern(i);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct csumoff_rx rx;
        size_t len;

        if (sizes[i] > 1452 && !guest->mine.sg)
            break; /* it would not fit a slot; the backend's MTU is 1500 */
        if (sendto(fd, data, sizes[i], 0, (struct sockaddr *)&to, to_len) != (ssize_t)sizes[i])
            die("sendto()");
        if (!receive_datagram(guest, finish, &len, &rx)) {
            t.frames++;
            break;
        }
        count(&t, len, &rx, state, as,
              len == header + sizes[i] && memcmp(in + header, data, sizes[i]) == 0);
    }
    close(fd);
    snprintf(title, sizeof title, "RX: UDP over IPv%d from domain 0%s, %s", version,
             has_checksum ? "" : " without a checksum", what);
    row_other(t.good == t.frames, title, "-", "-", tally_text(&t));
}

/* ---- TCP ----------------------------------------------------------------------------------- */

/* As much of a TCP as it takes to download. */
struct tcp {
    struct guest *guest;
    int version;
    uint16_t port; /* another one for each connection */
    uint32_t seq, ack;
};

static void send_segment(struct tcp *tcp, uint8_t flags)
{
    uint8_t out[ETHERNET + 40 + 24] = {0}, *l3 = out + ETHERNET, *l4;
    const size_t option = flags & 2 ? 4 : 0, l4_len = 20 + option;
    const size_t header = tcp->version == 4 ? 20 : 40;
    struct iovec piece = {out, ETHERNET + header + l4_len};

    memcpy(out, rig_mac(), 6);
    memcpy(out + 6, tcp->guest->mac, 6);
    store_wire16(out + 12, tcp->version == 4 ? 0x0800 : 0x86DD);
    if (tcp->version == 4) {
        l3[0] = 0x45;
        store_wire16(l3 + 2, (uint16_t)(header + l4_len));
        l3[8] = 64;
        l3[9] = TCP;
        rig_address(4, tcp->guest->host, l3 + 12);
        rig_address(4, 1, l3 + 16);
    } else {
        l3[0] = 0x60;
        store_wire16(l3 + 4, (uint16_t)l4_len);
        l3[6] = TCP;
        l3[7] = 64;
        rig_address(6, tcp->guest->host, l3 + 8);
        rig_address(6, 1, l3 + 24);
    }
    l4 = l3 + header;
    store_wire16(l4, tcp->port);
    store_wire16(l4 + 2, PORT);
    store_wire16(l4 + 4, (uint16_t)(tcp->seq >> 16));
    store_wire16(l4 + 6, (uint16_t)tcp->seq);
    store_wire16(l4 + 8, (uint16_t)(tcp->ack >> 16));
    store_wire16(l4 + 10, (uint16_t)tcp->ack);
    l4[12] = (uint8_t)(l4_len / 4 << 4);
    l4[13] = flags;
    store_wire16(l4 + 14, 0xFFFF);
    if (option) {
        l4[20] = 2; /* maximum segment size */
        l4[21] = 4;
        store_wire16(l4 + 22, MSS);
    }
    if (offload_send(&tcp->guest->offload, &piece, 1, NULL))
        die("offload_send()");
}

static uint32_t load_wire32(const uint8_t *p)
{
    return (uint32_t)load_wire16(p) << 16 | load_wire16(p + 2);
}

/* Writes more of the pattern to the socket, as much as it takes. */
static void feed(int fd, size_t *fed)
{
    static uint8_t data[65536];
    ssize_t done;

    do {
        size_t len = DOWNLOAD - *fed < sizeof data ? DOWNLOAD - *fed : sizeof data;

        for (size_t i = 0; i < len; i++)
            data[i] = pattern(*fed + i);
        done = len ? write(fd, data, len) : 0;
        *fed += done > 0 ? (size_t)done : 0;
    } while (done > 0);
}

static void download(struct guest *guest, int version, bool finish, enum csumoff_state state,
                     enum standing as, bool has_gso, const char *what)
{
    static uint16_t port = 20000;
    struct tcp tcp = {guest, version, ++port, 1000, 0};
    int listener = make_socket(version, SOCK_STREAM, PORT), fd = -1;
    size_t fed = 0, got = 0, header = ETHERNET + (version == 4 ? 20 : 40);
    struct linger abortive = {1, 0};
    struct tally t = {0};
    struct csumoff_rx rx;
    char title[128];
    size_t len;

    if (listen(listener, 1) != 0)
        die("listen()");
    send_segment(&tcp, 2); /* SYN */
    tcp.seq++;
    while (got < DOWNLOAD && receive(guest, guest->mac, finish, &len, &rx)) {
        const uint8_t *l4 = in + header;
        size_t l4_header = (size_t)(l4[12] >> 4) * 4, payload = len - header - l4_header;
        uint32_t seq = load_wire32(l4 + 4);
        bool content = true;

        if (load_wire16(l4 + 2) != tcp.port || l4[13] & 4)
            continue;     /* of an earlier connection */
        if (l4[13] & 2) { /* SYN, ACK */
            count(&t, len, &rx, state, as, true);
            if (!tcp.ack)
                tcp.ack = seq + 1;
            send_segment(&tcp, 16);
            while (fd < 0 && (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0)
                usleep(1000);
        } else {
            size_t at = got - (tcp.ack - seq); /* ack - seq: it came before */

            for (size_t i = 0; i < payload && content; i++)
                content = l4[l4_header + i] == pattern(at + i);
            content = content && (rx.gso_type ? rx.gso_size == MSS : payload <= MSS) &&
                      rx.gso_type == (rx.gso_type ? (version == 4 ? 1 : 2) : 0);
            count(&t, len, &rx, state, as, content);
            if (seq == tcp.ack) {
                got += payload;
                tcp.ack += (uint32_t)payload;
            }
            send_segment(&tcp, 16);
        }
        feed(fd, &fed);
    }
    send_segment(&tcp, 4); /* RST */
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &abortive, sizeof abortive);
        close(fd);
    }
    close(listener);
    snprintf(title, sizeof title, "RX: TCP over IPv%d from domain 0, %d bytes, %s", version,
             DOWNLOAD, what);
    row_other(got == DOWNLOAD && t.good == t.frames && (t.super != 0) == has_gso, title, "-", "-",
              tally_text(&t));
}

/* ---- From a port ---------------------------------------------------------------------------- */

/* Frames that come to the backend complete, or with a seed, from a virtio network card's TAP. */
static void from_a_port(struct guest *guest)
{
    static struct packet p;

    for (unsigned version = 4; version <= 6; version += 2)
        for (int partial = 0; partial < 2; partial++) {
            struct tally t = {0};
            char title[96];

            for (size_t payload = 0; payload < 40; payload++) {
                struct csumoff_rx rx;
                size_t len;

                build(&(const struct recipe){.ethernet = true,
                                             .version = version,
                                             .proto = payload % 2 ? TCP : UDP,
                                             .payload = payload});
                frame_set_l3(&frame);
                frame_set_field(&frame, partial ? frame_seed(&frame) : frame_complete(&frame));
                memcpy(frame.bytes, guest->mac, 6);
                frame.bytes[6] = 2;
                memcpy(p.bytes, frame.bytes, frame.len);
                p.len = frame.len;
                p.hdr = (struct virtio_net_hdr){.flags = 0};
                if (partial) {
                    p.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
                    p.hdr.csum_start = (uint16_t)frame.l4;
                    p.hdr.csum_offset = (uint16_t)frame.csum_offset;
                }
                if (!sink_write(&p))
                    die("the sink takes no frame");
                if (!receive(guest, guest->mac, false, &len, &rx)) {
                    t.frames++;
                    break;
                }
                count(&t, len, &rx, partial ? CSUMOFF_PARTIAL : CSUMOFF_NONE,
                      partial ? SEED : COMPLETE,
                      len == frame.len && memcmp(in, frame.bytes, len) == 0);
            }
            snprintf(title, sizeof title, "RX: UDP and TCP over IPv%u from a port, %s", version,
                     partial ? "with a seed" : "complete");
            row_other(t.good == t.frames, title, "-", "-", tally_text(&t));
        }
}

void cases_receiving(struct guest *guest)
{
    static const struct {
        const char *text;
        struct csumoff_netfront_caps mine;
    } all[] = {
        {"everything taken", {true, true, true, true, true}},
        {"no blank IPv4 taken", {false, true, true, true, true}},
        {"no blank IPv6 taken", {true, false, true, true, true}},
        {"no GSO over IPv4 taken", {true, true, false, true, true}},
        {"no GSO over IPv6 taken", {true, true, true, false, true}},
        {"single slots taken", {true, true, false, false, false}},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct csumoff_netfront_caps *mine = &all[i].mine;

        guest_close(guest);
        guest_connect(guest, mine, NULL);
        for (int version = 4; version <= 6; version += 2) {
            bool blank = version == 4 ? mine->csum_ipv4 : mine->csum_ipv6;
            bool gso = blank && (version == 4 ? mine->gso_tcpv4 : mine->gso_tcpv6);
            enum csumoff_state state = blank ? CSUMOFF_PARTIAL : CSUMOFF_NONE;
            enum standing as = blank ? SEED : COMPLETE;
            char text[64];

            snprintf(text, sizeof text, "%s: %s%s", all[i].text, blank ? "blank" : "complete",
                     gso ? ", super-frames" : "");
            datagrams(guest, version, true, false, state, as, text);
            download(guest, version, false, state, as, gso, text);
            if (!blank)
                continue;
            snprintf(text, sizeof text, "%s: finished here", all[i].text);
            datagrams(guest, version, true, true, CSUMOFF_UNNECESSARY, COMPLETE, text);
            download(guest, version, true, CSUMOFF_UNNECESSARY, COMPLETE, gso, text);
        }
    }
    guest_close(guest);
    guest_connect(guest, &everything, NULL);
    datagrams(guest, 4, false, false, CSUMOFF_NONE, ZERO, "nothing to be checked");
    from_a_port(guest);
}

/* ---- From guest to guest, and on ------------------------------------------------------------ */

enum {
    ROUTED = 24
};

/* What the second guest got: the truth, the bytes, the state. */
static struct routed {
    struct frame truth;
    uint8_t bytes[65536];
    struct csumoff_rx rx;
} routed[ROUTED];

static struct recipe routed_recipe(size_t i)
{
    return (struct recipe){.ethernet = true,
                           .version = i % 2 ? 6 : 4,
                           .proto = i / 2 % 2 ? TCP : UDP,
                           .payload = 1 + 37 * i};
}

/* One sends it, the other must get what the oracle says, in this state. */
static bool pass(struct guest *from, struct guest *to, enum csumoff_tx want, uint16_t mss,
                 struct routed *r, enum csumoff_state expected)
{
    bool is_same;
    size_t len;

    send_as(from, want, 1, mss);
    r->truth = frame;
    if (!receive(to, frame.bytes, false, &len, &r->rx))
        return false;
    memcpy(r->bytes, in, len);
    frame_set_l3(&r->truth);
    frame_set_field(&r->truth, expected == CSUMOFF_PARTIAL ? frame_seed(&r->truth)
                                                           : frame_complete(&r->truth));
    is_same = len == frame.len && memcmp(in, r->truth.bytes, len) == 0;
    frame_set_field(&r->truth, frame_complete(&r->truth));
    return is_same && r->rx.state == expected && r->rx.gso_size == mss;
}

/* Sends all on as a router does, the source address translated where `nat` is set. */
static void send_on(struct guest *guest, bool nat)
{
    for (size_t i = 0; i < ROUTED; i++) {
        struct routed *r = &routed[i];
        struct frame *f = &r->truth;
        const struct csumoff_hint hint = csumoff_forward(&r->rx);
        const struct iovec piece = {r->bytes, f->len};

        if (nat) {
            size_t size = f->recipe.version == 4 ? 4 : 16;
            size_t source = f->l3 + (f->recipe.version == 4 ? 12 : 8);
            struct csumoff_layout at;
            uint8_t own[16];

            rig_address((int)f->recipe.version, guest->host, own);
            if (csumoff_locate(r->bytes, f->len, CSUMOFF_LINK_ETHERNET, &at) ||
                csumoff_rewrite(r->bytes, f->len, &at, csumoff_state_of(&r->rx, &at), source, own,
                                size))
                die("csumoff_rewrite()");
            memcpy(f->bytes + source, own, size);
            frame_set_l3(f);
            frame_set_field(f, frame_complete(f));
        }
        if (hint.mss)
            row_expect_segments(r->bytes, f, hint.mss);
        else
            row_expect(r->bytes, f->bytes, f->len, f->l4 + f->csum_offset);
        if (offload_send(&guest->offload, &piece, 1, &hint))
            die("offload_send()");
        row_drain();
    }
}

void cases_forwarding(struct guest *guest, struct guest *other)
{
    static const struct {
        const char *text;
        enum csumoff_tx sent;
        enum csumoff_state received;
        int flags, routed_flags;
    } all[] = {
        {"seeded", CSUMOFF_TX_COMPUTE, CSUMOFF_PARTIAL, 3, 3},
        {"complete and verified", CSUMOFF_TX_VERIFIED, CSUMOFF_UNNECESSARY, 2, 2},
        {"complete", CSUMOFF_TX_AS_IS, CSUMOFF_NONE, 0, 0},
    };
    const struct ring_slot no_flags = {0, 0, 0};
    char text[64];
    unsigned good;

    guest_connect(other, &everything, NULL);
    for (size_t way = 0; way < sizeof all / sizeof *all; way++)
        for (int nat = 0; nat < 2; nat++) {
            row_begin(guest->offload.ring, GOOD, all[way].flags, "guest to guest, %s",
                      all[way].text);
            good = 0;
            for (size_t i = 0; i < ROUTED; i++) {
                const struct recipe recipe = routed_recipe(i);

                build(&recipe);
                good += pass(guest, other, all[way].sent, 0, &routed[i], all[way].received);
            }
            row_end();
            snprintf(text, sizeof text, "%u of %d in this state, bytes as sent", good, ROUTED);
            row_other(good == ROUTED, "RX: at the other guest", "-", "-", text);
            row_begin(other->offload.ring, GOOD, all[way].routed_flags, "routed on by it%s",
                      nat ? ", its address translated" : "");
            send_on(other, nat);
            row_end();
        }

    row_begin(guest->offload.ring, GOOD, 3 | 8, "guest to guest, super-frames");
    good = 0;
    for (size_t i = 0; i < ROUTED; i++) {
        build(&(const struct recipe){
            .ethernet = true, .version = i % 2 ? 6 : 4, .proto = TCP, .payload = 2001 + 777 * i});
        good += pass(guest, other, CSUMOFF_TX_COMPUTE, 1001, &routed[i], CSUMOFF_PARTIAL);
    }
    row_end();
    snprintf(text, sizeof text, "%u of %d in this state, bytes as sent", good, ROUTED);
    row_other(good == ROUTED, "RX: at the other guest", "-", "-", text);
    row_begin(other->offload.ring, GOOD, 3 | 8, "routed on by it, its address translated");
    send_on(other, true);
    row_end();

    row_begin(guest->offload.ring, GOOD, 3, "guest to guest, seeded");
    build(&(const struct recipe){.ethernet = true, .version = 4, .proto = UDP, .payload = 50});
    good = pass(guest, other, CSUMOFF_TX_COMPUTE, 0, &routed[0], CSUMOFF_PARTIAL);
    row_end();
    row_begin(other->offload.ring, BAD, 0, "WRONG: sent on without its state");
    row_expect(routed[0].bytes, routed[0].truth.bytes, frame.len, frame.l4 + frame.csum_offset);
    if (!good || ring_send(other->offload.ring, &(const struct iovec){routed[0].bytes, frame.len},
                           1, &no_flags))
        die("ring_send()");
    row_end();
    guest_close(other);
}
