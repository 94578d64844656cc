// SPDX-License-Identifier: MIT
#include "guest.h"

#include <lwip/sockets.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    DATAGRAM_MOST = 65535,
    STREAM_BUFFER = 16384
};

/* ---- The stack ----------------------------------------------------------------------------- */

static void started(void *arg)
{
    sys_sem_signal((sys_sem_t *)arg);
}

void guest_start(void)
{
    sys_sem_t is_started;

    sys_sem_new(&is_started, 0);
    tcpip_init(started, &is_started);
    sys_arch_sem_wait(&is_started, 0);
    sys_sem_free(&is_started);
}

bool guest_attach(struct netif *netif, netif_init_fn init, void *state, const char *ipv4,
                  const char *ipv6)
{
    ip4_addr_t address, mask;
    ip6_addr_t address6;
    s8_t index = -1;
    bool is_attached;

    IP4_ADDR(&mask, 255, 255, 255, 0);
    if (!ip4addr_aton(ipv4, &address) || !ip6addr_aton(ipv6, &address6))
        return false;
    LOCK_TCPIP_CORE();
    is_attached = netif_add(netif, &address, &mask, IP4_ADDR_ANY4, state, init, tcpip_input) &&
                  netif_add_ip6_address(netif, &address6, &index) == ERR_OK;
    if (is_attached) {
        netif_create_ip6_linklocal_address(netif, 1);
        /* Nobody else is on this link: no duplicate address detection. */
        netif_ip6_addr_set_state(netif, 0, IP6_ADDR_PREFERRED);
        netif_ip6_addr_set_state(netif, index, IP6_ADDR_PREFERRED);
        netif_set_up(netif);
    }
    UNLOCK_TCPIP_CORE();
    return is_attached;
}

/* ---- Echoes -------------------------------------------------------------------------------- */

/* A socket bound to the port, of either IP; -1: none. */
static int bound(int type, u16_t port)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int fd = lwip_socket(AF_INET6, type, 0);

    if (fd >= 0 && lwip_bind(fd, (struct sockaddr *)&any, sizeof any) != 0) {
        lwip_close(fd);
        fd = -1;
    }
    return fd;
}

static void echo_datagrams(void *arg)
{
    int fd = (int)(intptr_t)arg;
    uint8_t *data = (uint8_t *)malloc(DATAGRAM_MOST);
    struct sockaddr_in6 from;

    while (data) {
        socklen_t from_len = sizeof from;
        ssize_t len =
            lwip_recvfrom(fd, data, DATAGRAM_MOST, 0, (struct sockaddr *)&from, &from_len);

        if (len >= 0)
            lwip_sendto(fd, data, (size_t)len, 0, (struct sockaddr *)&from, from_len);
    }
}

static void echo_stream(void *arg)
{
    int fd = (int)(intptr_t)arg;
    uint8_t data[STREAM_BUFFER];
    ssize_t len;

    while ((len = lwip_recv(fd, data, sizeof data, 0)) > 0)
        if (lwip_send(fd, data, (size_t)len, 0) != len)
            break;
    lwip_close(fd);
}

static void spawn(void (*run)(void *), int fd)
{
    sys_thread_new("echo", run, (void *)(intptr_t)fd, DEFAULT_THREAD_STACKSIZE,
                   DEFAULT_THREAD_PRIO);
}

static void accept_streams(void *arg)
{
    int listener = (int)(intptr_t)arg, fd;

    for (;;) {
        fd = lwip_accept(listener, NULL, NULL);
        if (fd >= 0)
            spawn(echo_stream, fd);
    }
}

bool guest_echo(u16_t port)
{
    int datagrams = bound(SOCK_DGRAM, port), listener = bound(SOCK_STREAM, port);

    if (datagrams < 0 || listener < 0 || lwip_listen(listener, 4) != 0)
        return false;
    spawn(echo_datagrams, datagrams);
    spawn(accept_streams, listener);
    return true;
}
