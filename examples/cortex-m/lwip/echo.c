// SPDX-License-Identifier: MIT
/*
 * lwIP on a microcontroller: on port 7, UDP and TCP, it answers with whatever it was sent. UDP port
 * 8 answers with the ticks that the last frame took, from lwIP's input to the answer in the driver.
 */
#include "clock.h"
#include "lan9118.h"

#include <lwip/init.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <netif/ethernet.h>

enum {
    ECHO = 7,
    TICKS = 8
};

int echo(void);

static void echo_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                          u16_t port)
{
    (void)arg;
    udp_sendto(pcb, p, from, port);
    pbuf_free(p);
}

static void tell_ticks(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                       u16_t port)
{
    const uint32_t ticks = lwip_htonl(lan9118_ticks());

    (void)arg;
    if (p->len >= sizeof ticks) {
        pbuf_take(p, &ticks, sizeof ticks);
        udp_sendto(pcb, p, from, port);
    }
    pbuf_free(p);
}

/* What does not fit into the send buffer is refused, and lwIP hands it over again. */
static err_t echo_segment(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t status)
{
    const u16_t len = p ? p->tot_len : 0;

    (void)arg;
    if (!p || status != ERR_OK)
        return tcp_close(pcb);
    if (len > tcp_sndbuf(pcb))
        return ERR_MEM;
    for (const struct pbuf *q = p; q; q = q->next)
        if (tcp_write(pcb, q->payload, q->len, TCP_WRITE_FLAG_COPY) != ERR_OK)
            return tcp_close(pcb);
    tcp_recved(pcb, len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t accept_stream(void *arg, struct tcp_pcb *pcb, err_t status)
{
    (void)arg;
    if (status != ERR_OK || !pcb)
        return ERR_VAL;
    tcp_recv(pcb, echo_segment);
    return ERR_OK;
}

static int serves(u16_t port, udp_recv_fn received)
{
    struct udp_pcb *pcb = udp_new();

    if (!pcb || udp_bind(pcb, IP_ADDR_ANY, port) != ERR_OK)
        return 0;
    udp_recv(pcb, received, NULL);
    return 1;
}

static int listens(u16_t port)
{
    struct tcp_pcb *pcb = tcp_new();

    if (!pcb || tcp_bind(pcb, IP_ADDR_ANY, port) != ERR_OK)
        return 0;
    pcb = tcp_listen(pcb);
    if (!pcb)
        return 0;
    tcp_accept(pcb, accept_stream);
    return 1;
}

int echo(void)
{
    static struct netif netif;
    ip4_addr_t address, mask, gateway;

    clock_start();
    lwip_init();
    IP4_ADDR(&address, 10, 0, 2, 15); /* the one that QEMU's network gives */
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 10, 0, 2, 2);
    if (!netif_add(&netif, &address, &mask, &gateway, NULL, lan9118_init, ethernet_input) ||
        !serves(ECHO, echo_datagram) || !serves(TICKS, tell_ticks) || !listens(ECHO))
        return 1;
    netif_set_default(&netif);
    netif_set_up(&netif);
    for (;;) {
        lan9118_poll(&netif);
        sys_check_timeouts();
    }
}
