// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* accept4() */
/*
 * Sockets of two kernels talk to each other; each frame on the wire between them (the recorder's
 * rig) is judged as it passes. What the kernel left to its network card tells where the checksum is
 * and holds the kernel's own seed: the library has to find the one and to make the other again.
 */
#include <csumoff.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "../../captures/recorder/rig.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"

enum {
    DATAGRAM_MOST = 1452,
    STREAM_MOST = 60000,
    QUIET_MS = 5,
    PORT = 20000,
    SEGMENT = 103 /* UDP_SEGMENT, newer than the oldest headers this builds with */
};

static size_t seeded, complete, super_frames, longest;
static uint8_t work[128 * 1024], payload[STREAM_MOST], received[STREAM_MOST];

/* ---- What the rig asks of whoever uses it ------------------------------------------------------
 */

void die(const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ck_abort_msg("%s", text);
}

static void judge_complete(const uint8_t *bytes, size_t len)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect(bytes, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    CHECK(report.l3 != CSUMOFF_BAD);
    CHECK(report.l4 == CSUMOFF_GOOD || report.l4 == CSUMOFF_UNCHECKED);
    complete += report.l4 == CSUMOFF_GOOD;
}

static void judge_seeded(const struct virtio_net_hdr *hdr, const uint8_t *bytes, size_t len)
{
    struct csumoff_layout at;
    struct csumoff_report report;
    uint16_t check, field;

    CHECK_EQ(csumoff_locate(bytes, len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    CHECK_EQ(at.csum_start, hdr->csum_start);
    CHECK_EQ(at.csum_offset, hdr->csum_offset);
    CHECK_EQ(csumoff_inspect(bytes, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    /* One seed in 65536 is the complete checksum, too. */
    CHECK(report.l4 == CSUMOFF_SEEDED || report.l4 == CSUMOFF_GOOD);

    memcpy(work, bytes, len);
    work[at.csum_start + at.csum_offset] ^= 0xA5;
    work[at.csum_start + at.csum_offset + 1] ^= 0x5A;
    if (at.ip_version == 4)
        work[at.l3_start + 10] ^= 0xFF;
    CHECK_EQ(csumoff_seed(work, len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    if (memcmp(work, bytes, len) != 0)
        ck_abort_msg("%zu bytes, protocol %u over IPv%u: seed 0x%04X, the kernel's is 0x%04X", len,
                     at.l4_proto, at.ip_version, load_wire16(work + at.csum_start + at.csum_offset),
                     load_wire16(bytes + at.csum_start + at.csum_offset));

    check = ref_checksum(ref_sum(bytes + at.csum_start, len - at.csum_start));
    CHECK_EQ(csumoff_finish(work, len, at.csum_start, at.csum_offset), CSUMOFF_OK);
    field = load_wire16(work + at.csum_start + at.csum_offset);
    CHECK_EQ(field, check ? check : 0xFFFF);
    judge_complete(work, len);
    complete--;
    seeded++;
    super_frames += hdr->gso_type != VIRTIO_NET_HDR_GSO_NONE;
    if (len > longest)
        longest = len;
}

/* The rig calls this for each frame that it carries. */
void capture_add(struct capture *c, const struct virtio_net_hdr *hdr, const uint8_t *bytes,
                 size_t length)
{
    (void)c;
    ck_assert_uint_le(length, sizeof work);
    if (hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
        judge_seeded(hdr, bytes, length);
    else
        judge_complete(bytes, length);
}

/* ---- The sockets -------------------------------------------------------------------------------
 */

static void receive(struct rig *r, int fd, size_t len)
{
    size_t have = 0;

    do {
        ssize_t got;

        rig_wait(r, fd, POLLIN);
        got = recv(fd, received + have, sizeof received - have, 0);
        if (got < 0 || (got == 0 && len))
            die("recv: %s", strerror(errno));
        have += (size_t)got;
    } while (have < len);
    CHECK_EQ(have, len);
    CHECK(memcmp(received, payload, len) == 0);
}

static void datagrams(int family, bool forced)
{
    union address target = rig_address(family, FIRST, RIGHT, PORT);
    struct rng rng = rng_new(51);
    struct capture c = {0};
    size_t count = effort(4000, 400), i;
    struct rig r;
    int from, to;

    rig_up(&r, &c);
    from = rig_socket(&r, LEFT, family, SOCK_DGRAM, 0, FIRST, PORT);
    to = rig_socket(&r, RIGHT, family, SOCK_DGRAM, 0, FIRST, PORT);
    for (i = 0; i < count; i++) {
        size_t len = i < DATAGRAM_MOST ? i : rng_below(&rng, DATAGRAM_MOST + 1);

        rng_fill(&rng, payload, len);
        if (forced && len >= 2) /* all ones and zeros: sums that sit on the edge */
            memset(payload, (int)(len & 1) - 1, len);
        if (sendto(from, payload, len, 0, &target.any, rig_address_length(family)) != (ssize_t)len)
            die("sendto: %s", strerror(errno));
        receive(&r, to, len);
    }
    ck_assert_uint_ge(seeded, count);
    rig_down(&r);
}

/* UDP super-frames: the last segment short or full, and one that is none (udp_send_skb()). */
static void segmented_datagrams(int family)
{
    union address target = rig_address(family, FIRST, RIGHT, PORT);
    struct rng rng = rng_new(53);
    struct capture c = {0};
    size_t count = effort(300, 30), i;
    struct rig r;
    int from, to;

    rig_up(&r, &c);
    from = rig_socket(&r, LEFT, family, SOCK_DGRAM, 0, FIRST, PORT);
    to = rig_socket(&r, RIGHT, family, SOCK_DGRAM, 0, FIRST, PORT);
    for (i = 0; r.uso && i < count; i++) {
        int mss = 1 + (int)rng_below(&rng, 1400);
        size_t len = 1 + rng_below(&rng, 60 * (size_t)mss);

        if (len > STREAM_MOST)
            len = STREAM_MOST;
        if (setsockopt(from, SOL_UDP, SEGMENT, &mss, sizeof mss) != 0)
            die("UDP_SEGMENT: %s", strerror(errno));
        rng_fill(&rng, payload, len);
        if (sendto(from, payload, len, 0, &target.any, rig_address_length(family)) != (ssize_t)len)
            die("sendto: %s", strerror(errno));
        receive(&r, to, len);
    }
    if (!r.uso)
        printf("# SKIP super-frames of UDP: the TAP refuses them (Linux 6.2)\n");
    ck_assert_uint_ge(super_frames, r.uso ? count / 2 : 0);
    rig_down(&r);
}

static void streams(int family)
{
    union address target = rig_address(family, FIRST, RIGHT, PORT);
    struct rng rng = rng_new(52);
    struct capture c = {0};
    size_t count = effort(600, 60), i;
    int client, listener, server, on = 1;
    struct rig r;

    rig_up(&r, &c);
    client = rig_socket(&r, LEFT, family, SOCK_STREAM, 0, FIRST, PORT);
    listener = rig_socket(&r, RIGHT, family, SOCK_STREAM, 0, FIRST, PORT);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (listen(listener, 1) != 0)
        die("listen: %s", strerror(errno));
    if (connect(client, &target.any, rig_address_length(family)) != 0 && errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    rig_wait(&r, listener, POLLIN);
    server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (server < 0)
        die("accept: %s", strerror(errno));
    for (i = 0; i < count; i++) {
        bool back = i % 3 == 2;
        size_t len = 1 + rng_below(&rng, i % 2 ? STREAM_MOST : 1500);

        rng_fill(&rng, payload, len);
        rig_wait(&r, back ? server : client, POLLOUT);
        if (send(back ? server : client, payload, len, 0) != (ssize_t)len)
            die("send (%zu bytes): %s", len, strerror(errno));
        receive(&r, back ? client : server, len);
    }
    close(client);
    close(server);
    close(listener);
    rig_settle(&r, QUIET_MS);
    rig_down(&r);
    ck_assert_uint_ge(seeded, count);
    ck_assert_uint_ge(super_frames, count / 4);
    ck_assert_uint_gt(longest, STREAM_MOST / 2);
}

static void report(const char *what)
{
    printf("# %s: %zu seeds of the kernel, made again (%zu super-frames, longest %zu bytes); "
           "%zu complete, good\n",
           what, seeded, super_frames, longest, complete);
    fflush(stdout);
}

START_TEST(udp_over_ipv4)
{
    datagrams(AF_INET, false);
    report("UDP over IPv4");
}
END_TEST

START_TEST(udp_over_ipv6)
{
    datagrams(AF_INET6, false);
    report("UDP over IPv6");
}
END_TEST

START_TEST(udp_of_zeros_and_ones)
{
    datagrams(AF_INET, true);
    datagrams(AF_INET6, true);
    report("UDP, zeros and ones");
}
END_TEST

START_TEST(udp_super_frames)
{
    segmented_datagrams(AF_INET);
    segmented_datagrams(AF_INET6);
    report("UDP super-frames");
}
END_TEST

START_TEST(tcp_over_ipv4)
{
    streams(AF_INET);
    report("TCP over IPv4");
}
END_TEST

START_TEST(tcp_over_ipv6)
{
    streams(AF_INET6);
    report("TCP over IPv6");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        udp_over_ipv4, udp_over_ipv6, udp_of_zeros_and_ones, udp_super_frames, tcp_over_ipv4,
        tcp_over_ipv6, NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_seeds");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "seeds", tests);
    return suite_run(suite);
}
