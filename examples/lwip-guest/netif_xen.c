// SPDX-License-Identifier: MIT
#include "netif_xen.h"

#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <poll.h>
#include <string.h>

#include "sums.h"

#if ETH_PAD_SIZE
#error "frames go to and from lwIP without padding in front here"
#endif

enum {
    POLL_MS = 100
};

/* lwIP's linkoutput: under the core lock, one at a time. */
static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    struct netif_xen *xen = (struct netif_xen *)netif->state;
    const struct csumoff_hint hint = {.want = sums_want(netif, p)};
    struct iovec frame = {p->payload, p->tot_len};
    int status;

    /* Else a copy: pbufs may point to what isn't ours to write, and this is only read. */
    if (p->len != p->tot_len || p->len > RING_SLOT_MAX) {
        pbuf_copy_partial(p, xen->sent, p->tot_len, 0);
        frame.iov_base = xen->sent;
    }
    sys_mutex_lock(&xen->lock);
    status = offload_send(xen->offload, &frame, 1, &hint);
    sys_mutex_unlock(&xen->lock);
    return status ? ERR_IF : ERR_OK;
}

/* The next frame; NULL: none is there, or it was lost, and *idle tells. PBUF_RAM: see README.md. */
static struct pbuf *receive_frame(struct netif_xen *xen, bool *idle)
{
    struct csumoff_rx rx;
    struct pbuf *p;
    size_t len;
    int status =
        offload_receive(xen->offload, xen->received, sizeof xen->received, !xen->trust, &len, &rx);

    *idle = !status && !len;
    if (status || !len)
        return NULL;
    p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);
    if (p) {
        memcpy(p->payload, xen->received, len);
        sums_mark(p, rx.state == CSUMOFF_PARTIAL);
    }
    return p;
}

static void receive_frames(void *arg)
{
    struct netif_xen *xen = (struct netif_xen *)arg;
    struct ring *ring = xen->offload->ring;
    struct pollfd readable = {.fd = ring_fd(ring), .events = POLLIN};
    struct pbuf *p;
    bool idle;

    for (;;) {
        sys_mutex_lock(&xen->lock);
        ring_in_flight(ring); /* takes back what was sent: it would count as news */
        p = receive_frame(xen, &idle);
        idle = idle && ring_wait(ring, 0) != 0;
        sys_mutex_unlock(&xen->lock);
        if (p && xen->netif->input(p, xen->netif) != ERR_OK)
            pbuf_free(p);
        /* Not for ever: a sender that has to wait for room takes the event away. */
        if (idle && poll(&readable, 1, POLL_MS) < 0)
            return;
    }
}

err_t netif_xen_init(struct netif *netif)
{
    struct netif_xen *xen = (struct netif_xen *)netif->state;
    const struct csumoff_netfront_caps *theirs = &xen->offload->theirs;

    xen->netif = netif;
    memcpy(netif->name, "xn", 2);
    netif->hwaddr_len = sizeof xen->mac;
    memcpy(netif->hwaddr, xen->mac, sizeof xen->mac);
    netif->mtu = xen->mtu;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP | NETIF_FLAG_MLD6 | NETIF_FLAG_LINK_UP;
    /* Else the stack does it, for what it copies anyway. */
    if (theirs->csum_ipv4 || theirs->csum_ipv6)
        netif->flags |= NETIF_FLAG_SUMS;
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = send_frame;
    if (sys_mutex_new(&xen->lock) != ERR_OK)
        return ERR_MEM;
    sys_thread_new("xen", receive_frames, xen, DEFAULT_THREAD_STACKSIZE, DEFAULT_THREAD_PRIO);
    return ERR_OK;
}
