// SPDX-License-Identifier: MIT
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../oracle/suite.h"

const int versions[2] = {4, 6};
struct rng rng;

/* ---- The rig -----------------------------------------------------------------------------------
 */

static struct tap relayed[2];

/* What leaves one TAP enters the other, header and all. */
static void *relay(void *arg)
{
    static struct packet packet;
    struct iovec parts[2] = {{&packet.hdr, sizeof packet.hdr}, {packet.bytes, sizeof packet.bytes}};
    struct pollfd readable[2] = {{.fd = relayed[0].fd, .events = POLLIN},
                                 {.fd = relayed[1].fd, .events = POLLIN}};
    ssize_t got;
    int i;

    (void)arg;
    while (poll(readable, 2, -1) > 0)
        for (i = 0; i < 2; i++) {
            parts[1].iov_len = sizeof packet.bytes;
            got = readv(relayed[i].fd, parts, 2);
            if (got <= (ssize_t)sizeof packet.hdr)
                continue;
            parts[1].iov_len = (size_t)got - sizeof packet.hdr;
            /* A frame that the kernel refuses is one that doesn't arrive, as elsewhere. */
            if (writev(relayed[!i].fd, parts, 2) < 0)
                continue;
        }
    return NULL;
}

const struct tap *finisher_new(const struct tap *guests, unsigned offloads)
{
    const struct tap *ports[] = {guests, &relayed[0]};
    pthread_t thread;

    tap_new(&relayed[0], "plain", 0, MTU);
    CHECK(bridge_new(ports, 2));
    machine_new();
    tap_new(&relayed[1], "peer", offloads, MTU);
    CHECK_EQ(pthread_create(&thread, NULL, relay, NULL), 0);
    return &relayed[1];
}

/* ---- What the kernel's sockets do --------------------------------------------------------------
 */

int client(int version, int type, uint16_t port)
{
    union socket_address guest;
    socklen_t len = socket_address(&guest, version, NET, GUEST, port);
    int fd = socket(version == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || (connect(fd, &guest.any, len) != 0 && errno != EINPROGRESS))
        ck_abort_msg("no socket: %s", strerror(errno));
    return fd;
}

bool is_ready(int fd, short events, int ms)
{
    struct pollfd p = {.fd = fd, .events = events};

    return poll(&p, 1, ms) == 1 && p.revents & events;
}

void echo_datagram(int fd, size_t len)
{
    static uint8_t sent[FRAME_MOST], came[FRAME_MOST];
    ssize_t got;

    rng_fill(&rng, sent, len);
    CHECK_EQ(send(fd, sent, len, 0), len);
    if (!is_ready(fd, POLLIN, WAIT_MS))
        ck_abort_msg("a datagram of %zu bytes never came back", len);
    got = recv(fd, came, sizeof came, 0);
    CHECK_EQ(got, len);
    CHECK(same_bytes(came, sent, len));
}

size_t echo_datagrams(int version, uint16_t port, size_t from, size_t to, size_t step)
{
    int fd = client(version, SOCK_DGRAM, port);
    size_t len, count = 0;

    for (len = from; len <= to; len += step, count++)
        echo_datagram(fd, len);
    close(fd);
    return count;
}

size_t echo_datagrams_of_a_frame(uint16_t port)
{
    size_t step = effort(1, 29), count = 0, i;

    for (i = 0; i < 2; i++)
        count += echo_datagrams(versions[i], port, 0,
                                MTU - UDP_HEADER - (versions[i] == 4 ? 20 : 40), step);
    return count;
}

void wait_connected(int fd)
{
    int error = 0;
    socklen_t len = sizeof error;

    CHECK(is_ready(fd, POLLOUT, WAIT_MS));
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    CHECK_EQ(error, 0);
}

void stream(int in, int out, size_t total)
{
    uint8_t *sent = (uint8_t *)malloc(total), *came = (uint8_t *)malloc(total);
    size_t have = 0, gone = 0;
    ssize_t n;

    CHECK(sent && came);
    rng_fill(&rng, sent, total);
    while (have < total) {
        struct pollfd p[2] = {{.fd = out, .events = POLLIN},
                              {.fd = in, .events = gone < total ? POLLOUT : 0}};

        if (poll(p, 2, WAIT_MS) <= 0)
            ck_abort_msg("a stream came to a halt at %zu of %zu bytes", have, total);
        if (p[1].revents & POLLOUT) {
            n = send(in, sent + gone, total - gone, MSG_NOSIGNAL);
            CHECK(n > 0 || errno == EAGAIN);
            gone += n > 0 ? (size_t)n : 0;
        }
        if (p[0].revents) {
            n = recv(out, came + have, total - have, 0);
            CHECK(n > 0 || (n < 0 && errno == EAGAIN));
            have += n > 0 ? (size_t)n : 0;
        }
    }
    CHECK(same_bytes(came, sent, total));
    free(sent);
    free(came);
}

void echo_stream(int version)
{
    int fd = client(version, SOCK_STREAM, PORT);

    wait_connected(fd);
    stream(fd, fd, effort(STREAM, STREAM / 20));
    close(fd);
}

void echo_streams(void)
{
    size_t i;

    for (i = 0; i < 2; i++)
        echo_stream(versions[i]);
}
/* ---- What was counted --------------------------------------------------------------------------
 */

uint64_t kernel_errors(void)
{
    return counter("snmp", "Udp", "InCsumErrors") + counter("snmp6", NULL, "Udp6InCsumErrors") +
           counter("snmp", "Tcp", "InCsumErrors") + counter("snmp", "Icmp", "InCsumErrors") +
           counter("snmp6", NULL, "Icmp6InCsumErrors") + counter("snmp", "Ip", "InHdrErrors");
}

void wait_for_errors(const int sockets[2], uint64_t least)
{
    uint8_t byte;
    int tries, i;

    for (tries = 0; kernel_errors() < least; tries++) {
        for (i = 0; i < 2; i++)
            CHECK(recv(sockets[i], &byte, 1, 0) < 0 && errno == EAGAIN);
        if (tries > WAIT_MS || usleep(1000) != 0)
            ck_abort_msg("%" PRIu64 " checksum errors, not %" PRIu64, kernel_errors(), least);
    }
}

void wait_for(const char *what, atomic_size_t *count, size_t least)
{
    int tries;

    for (tries = 0; atomic_load(count) < least; tries++)
        if (tries > WAIT_MS || usleep(1000) != 0)
            ck_abort_msg("%s: %zu, not %zu", what, atomic_load(count), least);
}
