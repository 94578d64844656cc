// SPDX-License-Identifier: MIT
#include "echo.h"

#include "console.h"

#include <lwip/mem.h>
#include <lwip/tcp.h>
#include <lwip/udp.h>

enum {
    POLL = 2 /* of TCP's timer, in halves of a second */
};

/* ---- UDP ------------------------------------------------------------------------------------- */

static void echo_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                          u16_t port)
{
    (void)arg;
    udp_sendto(pcb, p, from, port);
    pbuf_free(p);
}

/* ---- TCP ------------------------------------------------------------------------------------- */

/* A connection. What came waits until it could be sent back; the window opens by as much. */
struct stream {
    struct pbuf *waiting;
    bool is_ending; /* the peer has said all */
};

static void end_stream(struct tcp_pcb *pcb, struct stream *s)
{
    if (tcp_close(pcb) != ERR_OK)
        return; /* no memory: lwIP calls again */
    tcp_arg(pcb, NULL);
    mem_free(s);
}

static void echo_more(struct tcp_pcb *pcb, struct stream *s)
{
    while (s->waiting) {
        const u16_t len = LWIP_MIN(s->waiting->len, tcp_sndbuf(pcb));

        if (!len || tcp_write(pcb, s->waiting->payload, len, TCP_WRITE_FLAG_COPY) != ERR_OK)
            break;
        s->waiting = pbuf_free_header(s->waiting, len);
        tcp_recved(pcb, len);
    }
    tcp_output(pcb);
    if (s->is_ending && !s->waiting)
        end_stream(pcb, s);
}

static err_t take_data(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t status)
{
    struct stream *s = (struct stream *)arg;

    if (!s || status != ERR_OK) {
        if (p)
            pbuf_free(p);
        return ERR_OK;
    }
    if (!p)
        s->is_ending = true;
    else if (s->waiting)
        pbuf_cat(s->waiting, p); /* a window at most */
    else
        s->waiting = p;
    echo_more(pcb, s);
    return ERR_OK;
}

static err_t take_acknowledgement(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    (void)len;
    if (arg)
        echo_more(pcb, (struct stream *)arg);
    return ERR_OK;
}

static err_t poll_stream(void *arg, struct tcp_pcb *pcb)
{
    return take_acknowledgement(arg, pcb, 0);
}

static void lose_stream(void *arg, err_t status)
{
    struct stream *s = (struct stream *)arg;

    (void)status;
    if (!s)
        return;
    if (s->waiting)
        pbuf_free(s->waiting);
    mem_free(s);
}

static err_t accept_stream(void *arg, struct tcp_pcb *pcb, err_t status)
{
    struct stream *s = status == ERR_OK ? (struct stream *)mem_malloc(sizeof *s) : NULL;

    (void)arg;
    if (!s)
        return ERR_MEM;
    *s = (struct stream){NULL, false};
    tcp_arg(pcb, s);
    tcp_recv(pcb, take_data);
    tcp_sent(pcb, take_acknowledgement);
    tcp_err(pcb, lose_stream);
    tcp_poll(pcb, poll_stream, POLL);
    return ERR_OK;
}

/* ---- Both ------------------------------------------------------------------------------------ */

void echo_start(uint16_t port)
{
    struct udp_pcb *datagrams = udp_new_ip_type(IPADDR_TYPE_ANY);
    struct tcp_pcb *listener = tcp_new_ip_type(IPADDR_TYPE_ANY);

    if (!datagrams || udp_bind(datagrams, IP_ANY_TYPE, port) != ERR_OK || !listener ||
        tcp_bind(listener, IP_ANY_TYPE, port) != ERR_OK)
        panic("lwIP has no room for echoes");
    udp_recv(datagrams, echo_datagram, NULL);
    listener = tcp_listen(listener);
    if (!listener)
        panic("lwIP does not listen");
    tcp_accept(listener, accept_stream);
}
