// SPDX-License-Identifier: MIT
/*
 * BIG TCP: super-frames of more than 64 KiB, as a packet socket sees them on the loopback
 * interface. An IPv4 total length of 0 stands for what 16 bits can't hold; over IPv6 a jumbo option
 * holds it, or a payload length of 0 does (Linux 6.3, 5.19, 7.0).
 */
#include <csumoff.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"
#include "netlink.h"

enum {
    GSO_MOST = 190000,
    STREAM = 12 << 20,
    ETHERNET = 14,
    WAIT_MS = 5000
};

static uint8_t stream[STREAM], bytes[GSO_MOST + 1000], work[sizeof bytes], received[1 << 20];
static size_t big, longest, with_option;

/* Where the stream begins: the sequence number after that of the opening segment. */
static uint32_t first;

static uint32_t load_wire32(const uint8_t *p)
{
    return (uint32_t)load_wire16(p) << 16 | load_wire16(p + 2);
}

static void judge_big(const struct virtio_net_hdr *hdr, size_t len)
{
    const uint8_t *ip = bytes + ETHERNET;
    size_t l4 = ETHERNET + (ip[0] >> 4 == 4 ? 20u : ip[6] == 0 ? 48u : 40u), header, payload;
    struct csumoff_layout at, plain;
    struct csumoff_report report;
    uint32_t l4_len = (uint32_t)(len - l4);
    uint64_t pseudo = ip[0] >> 4 == 4 ? ref_pseudo4(ip + 12, ip + 16, TCP, l4_len)
                                      : ref_pseudo6(ip + 8, ip + 24, TCP, l4_len);
    bool has_option = ip[0] >> 4 == 6 && ip[6] == 0;
    int status;

    CHECK_EQ(hdr->flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
    CHECK_EQ(load_wire16(ip + (ip[0] >> 4 == 4 ? 2 : 4)), 0); /* the length */
    CHECK_EQ(csumoff_locate(bytes, len, CSUMOFF_LINK_ETHERNET_SUPER, &at), CSUMOFF_OK);
    CHECK_EQ(at.l3_start, ETHERNET);
    CHECK_EQ(at.l4_start, l4);
    CHECK_EQ(at.l4_len, l4_len);
    CHECK_EQ(at.end, len);
    CHECK_EQ(at.csum_start, hdr->csum_start);
    CHECK_EQ(at.csum_offset, hdr->csum_offset);
    status = csumoff_locate(bytes, len, CSUMOFF_LINK_ETHERNET, &plain);
    if (has_option) {
        CHECK_EQ(status, CSUMOFF_OK);
        CHECK_EQ(plain.l4_len, l4_len);
    } else {
        CHECK(status != CSUMOFF_OK);
    }

    header = (size_t)(bytes[l4 + 12] >> 4) * 4;
    CHECK_EQ(at.payload_start, l4 + header);
    payload = load_wire32(bytes + l4 + 4) - first;
    CHECK(memcmp(bytes + at.payload_start, stream + payload, len - at.payload_start) == 0);

    CHECK_EQ(load_wire16(bytes + l4 + 16), ref_fold(pseudo));
    CHECK_EQ(csumoff_inspect(bytes, len, CSUMOFF_LINK_ETHERNET_SUPER, &report), CSUMOFF_OK);
    CHECK_EQ(report.l4, CSUMOFF_SEEDED);
    CHECK(report.l3 == (ip[0] >> 4 == 4 ? CSUMOFF_GOOD : CSUMOFF_ABSENT));
    memcpy(work, bytes, len);
    work[l4 + 16] ^= 0x5A;
    CHECK_EQ(csumoff_seed(work, len, CSUMOFF_LINK_ETHERNET_SUPER, NULL), CSUMOFF_OK);
    CHECK(memcmp(work, bytes, len) == 0);
    CHECK_EQ(csumoff_finish_at(work, len, &at), CSUMOFF_OK);
    CHECK_EQ(load_wire16(work + l4 + 16) % 0xFFFF,
             ref_transport(pseudo, bytes + l4, l4_len, 16) % 0xFFFF);
    CHECK_EQ(csumoff_verify(work, len, CSUMOFF_LINK_ETHERNET_SUPER), CSUMOFF_OK);
    work[len - 1] ^= 1;
    CHECK_EQ(csumoff_verify(work, len, CSUMOFF_LINK_ETHERNET_SUPER), CSUMOFF_ECSUM);
    big++;
    with_option += has_option;
    if (len > longest)
        longest = len;
}

/* Judges what the packet socket has seen. */
static void drain(int sniffer)
{
    struct virtio_net_hdr hdr;
    struct iovec parts[2] = {{&hdr, sizeof hdr}, {bytes, sizeof bytes}};
    struct sockaddr_ll from;
    struct msghdr message = {
        .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = parts, .msg_iovlen = 2};

    for (;;) {
        ssize_t got = recvmsg(sniffer, &message, 0);
        size_t len;
        const uint8_t *l4;

        if (got < 0 && errno == EAGAIN)
            return;
        ck_assert_int_ge(got, (int)sizeof hdr);
        ck_assert_int_eq(message.msg_flags & MSG_TRUNC, 0);
        len = (size_t)got - sizeof hdr;
        if (from.sll_pkttype != PACKET_OUTGOING || len < 54)
            continue;
        l4 = bytes + ETHERNET + (bytes[ETHERNET] >> 4 == 4 ? 20 : 40);
        if (bytes[ETHERNET] >> 4 == 4 ? bytes[ETHERNET + 9] == TCP : bytes[ETHERNET + 6] == TCP)
            if ((l4[13] & 0x12) == 2) /* SYN alone */
                first = load_wire32(l4 + 4) + 1;
        /* The length of IPv6 leaves its header out. */
        if (len - ETHERNET - (bytes[ETHERNET] >> 4 == 4 ? 0 : 40) > FRAME_MOST)
            judge_big(&hdr, len);
    }
}

static void stream_over(int family)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *any = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t size = family == AF_INET ? sizeof v4 : sizeof v6;
    struct sockaddr_ll lo = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex("lo")};
    int sniffer = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, room = 64 << 20;
    int client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), server;
    size_t done = 0, taken = 0;

    CHECK(sniffer >= 0 && listener >= 0 && client >= 0);
    CHECK_EQ(setsockopt(sniffer, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on), 0);
    if (setsockopt(sniffer, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
        (void)setsockopt(sniffer, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    CHECK_EQ(bind(sniffer, (struct sockaddr *)&lo, sizeof lo), 0);
    CHECK_EQ(bind(listener, any, size), 0);
    CHECK_EQ(listen(listener, 1), 0);
    CHECK_EQ(getsockname(listener, any, &size), 0);
    CHECK_EQ(connect(client, any, size), 0);
    server = accept(listener, NULL, NULL);
    CHECK(server >= 0);
    drain(sniffer);
    while (taken < STREAM) {
        struct pollfd fds[2] = {{.fd = done < STREAM ? client : -1, .events = POLLOUT},
                                {.fd = server, .events = POLLIN}};
        ssize_t n;

        CHECK(poll(fds, 2, WAIT_MS) > 0);
        if (fds[0].revents) {
            n = send(client, stream + done, STREAM - done, MSG_DONTWAIT);
            CHECK(n > 0);
            done += (size_t)n;
        }
        if (fds[1].revents) {
            n = recv(server, received, sizeof received, 0);
            CHECK(n > 0 && memcmp(received, stream + taken, (size_t)n) == 0);
            taken += (size_t)n;
        }
        drain(sniffer);
    }
    close(client);
    close(server);
    close(listener);
    close(sniffer);
}

static void big_tcp(const char *name, int family)
{
    struct rng rng = rng_new(family == AF_INET ? 95 : 96);
    int error;

    machine_new();
    error = link_gso_size("lo", GSO_MOST);
    if (error) {
        kernel_lacks(name, strerror(error));
        return;
    }
    rng_fill(&rng, stream, sizeof stream);
    stream_over(family);
    if (!big)
        kernel_lacks(name, "the kernel made no super-frame of more than 65535 bytes");
    printf(
        "# %s: %zu super-frames of more than 65535 bytes, %zu with a jumbo option, longest %zu\n",
        name, big, with_option, longest);
    fflush(stdout);
}

START_TEST(big_tcp_over_ipv4)
{
    big_tcp("big_tcp_over_ipv4", AF_INET);
}
END_TEST

START_TEST(big_tcp_over_ipv6)
{
    big_tcp("big_tcp_over_ipv6", AF_INET6);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {big_tcp_over_ipv4, big_tcp_over_ipv6, NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_big");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "big", tests);
    return suite_run(suite);
}
