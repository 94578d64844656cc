// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* unshare(), setns() */
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../oracle/frames.h"
#include "domains.h"

struct wire wire;

static int here, there, tap; /* namespaces; the card of the second one */
static uint8_t mac[6];

static void enter(int namespace)
{
    if (setns(namespace, CLONE_NEWNET) != 0)
        die("setns");
}

static int namespace_now(void)
{
    int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        die("/proc/self/ns/net");
    return fd;
}

/* A tail loss probe (RFC 8985, section 7) is sent though nothing was lost. */
static void send_no_probes(void)
{
    if (!rig_put("/proc/sys/net/ipv4/tcp_early_retrans", "0"))
        die("tcp_early_retrans");
}

void wire_new(void)
{
    static const char name[] = "wire";
    struct ifreq r;

    here = namespace_now();
    send_no_probes();
    if (unshare(CLONE_NEWNET) != 0)
        die("no second network namespace");
    there = namespace_now();
    send_no_probes();
    if (!rig_put("/proc/sys/net/ipv6/conf/default/accept_dad", "0") ||
        !rig_put("/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1") ||
        !rig_put("/proc/sys/net/ipv6/conf/default/router_solicitations", "0"))
        die("/proc/sys/net");
    tap = rig_tap(name);
    rig_ask(name, SIOCGIFHWADDR, &r);
    memcpy(mac, r.ifr_hwaddr.sa_data, sizeof mac);
    rig_set_up(name, MTU);
    rig_set_addresses(name, WIRE_HOST);
    enter(here);
}

int wire_socket(const struct domain *d, bool on_wire, unsigned version, int type, uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    const void *to = version == 4 ? (const void *)&in : (const void *)&in6;
    const socklen_t size = version == 4 ? sizeof in : sizeof in6;
    int fd;

    rig_address(4, d->end.host, (uint8_t *)&in.sin_addr);
    rig_address(6, d->end.host, (uint8_t *)&in6.sin6_addr);
    if (on_wire)
        enter(there);
    fd = socket(version == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || (connect(fd, (const struct sockaddr *)to, size) != 0 && errno != EINPROGRESS))
        die("no socket");
    if (on_wire)
        enter(here);
    return fd;
}

/* ---- Carrying -------------------------------------------------------------------------------- */

static struct heard h;

static void carry_to_wire(const struct domain *d)
{
    const uint8_t *to = h.packet.bytes, *from = h.packet.bytes + 6;

    if (memcmp(from, mac, 6) == 0 || (!(to[0] & 1) && memcmp(to, mac, 6) != 0))
        return;
    if (memcmp(from, d->end.mac, 6) == 0 && understand(&h)) {
        wire.good += h.is_good;
        wire.bad += !h.is_good;
        wire.tcp_from += h.proto == TCP ? h.payload_len : 0;
    }
    if (!tap_write(tap, &h.packet))
        die("the wire takes no packet");
}

static void carry_from_wire(const struct domain *d)
{
    if (memcmp(h.packet.bytes, d->end.mac, 6) == 0 && understand(&h)) {
        wire.tcp_to += h.proto == TCP ? h.payload_len : 0;
        h.packet.bytes[h.packet.len - 1] ^= wire.damages && h.proto == UDP;
    }
    if (!sink_write(&h.packet))
        die("the sink takes no packet");
}

static int clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

bool wire_wait(const struct domain *d, int fd, short events, int ms)
{
    const int end = clock_ms() + ms;

    for (int left = ms; left >= 0; left = end - clock_ms()) {
        struct pollfd files[] = {{.fd = sink_file(), .events = POLLIN},
                                 {.fd = tap, .events = POLLIN},
                                 {.fd = fd, .events = events}};

        if (poll(files, 3, left) < 0)
            die("poll");
        while (sink_read(&h.packet, 0))
            carry_to_wire(d);
        while (tap_read(tap, &h.packet, 0))
            carry_from_wire(d);
        if (files[2].revents)
            return true;
    }
    return false;
}
