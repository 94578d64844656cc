// SPDX-License-Identifier: MIT
/*
 * ../../unikernel/net.h by lwIP: a netif over nic.h, and the ports that the tests of the guest ask
 * for. What there is to be said of checksums is said by set_checks().
 */
#include "net.h"

#include "console.h"
#include "echo.h"
#include "lwip_net.h"
#include "nic.h"
#include "services.h"
#include "xen.h"

#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/init.h>
#include <lwip/prot/ip.h>
#include <lwip/stats.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <netif/ethernet.h>
#include <string.h>

enum {
    PORT_ECHO = 7,
    PORT_DISCARD = 9,
    PORT_TRIAL = 20,
    MTU = 1500
};

struct net net;
bool net_is_blind;
static struct netif netif;

/* ---- Sending --------------------------------------------------------------------------------- */

/* lwIP's linkoutput. nic_send() writes the seed, or the checksum where the backend takes no seed.
 */
static err_t send_frame(struct netif *to, struct pbuf *p)
{
    uint8_t *frame = nic_buffer();

    (void)to;
    pbuf_copy_partial(p, frame, p->tot_len, 0);
    nic_send(frame, p->tot_len, 0);
    return ERR_OK;
}

static err_t netif_begin(struct netif *n)
{
    memcpy(n->name, "xn", sizeof n->name);
    memcpy(n->hwaddr, nic.mac, sizeof nic.mac);
    n->hwaddr_len = sizeof nic.mac;
    n->mtu = MTU;
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    n->output = etharp_output;
    n->output_ip6 = ethip6_output;
    n->linkoutput = send_frame;
    return ERR_OK;
}

/* ---- Receiving ------------------------------------------------------------------------------- */

/* How the checksum stands that lwIP would look at. */
static enum csumoff_state state_of(const uint8_t *frame, size_t len, const struct csumoff_rx *rx)
{
    struct csumoff_layout at;

    if (nic.finishes || net_is_blind ||
        csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) != CSUMOFF_OK)
        return CSUMOFF_NONE;
    net.counts.udp_trusted += at.l4_proto == IP_PROTO_UDP && rx->state == CSUMOFF_PARTIAL;
    return csumoff_state_of(rx, &at);
}

/* lwIP asks its netif whether it has to check a packet, and there is one packet at a time. */
static void set_checks(bool has_checks)
{
    /* The checksums of IPv4 headers and of ICMP are made by nobody else. */
    const unsigned left = NETIF_CHECKSUM_GEN_UDP | NETIF_CHECKSUM_GEN_TCP,
                   checks = NETIF_CHECKSUM_CHECK_UDP | NETIF_CHECKSUM_CHECK_TCP;

    NETIF_SET_CHECKSUM_CTRL(
        &netif, (u16_t)(NETIF_CHECKSUM_ENABLE_ALL & ~(left | (has_checks ? 0 : checks))));
}

void net_input(const uint8_t *frame, size_t len, const struct csumoff_rx *rx)
{
    struct pbuf *p = len <= UINT16_MAX ? pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM) : NULL;

    if (!p)
        return;
    memcpy(p->payload, frame, len);
    /* A seed is no checksum, and was on no wire; what the backend has verified is right. */
    set_checks(state_of(frame, len, rx) == CSUMOFF_NONE);
    if (netif.input(p, &netif) != ERR_OK)
        pbuf_free(p);
    net.counts.bad = (uint64_t)lwip_stats.udp.chkerr + lwip_stats.tcp.chkerr;
}

static void take_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                          u16_t from_port)
{
    const u16_t port = pcb->local_port;

    (void)arg, (void)from;
    if (port == PORT_DISCARD)
        net.is_done = true;
    else
        net.other(NULL, from_port, port, (const uint8_t *)p->payload, p->len);
    pbuf_free(p);
}

/* ---- Beginning ------------------------------------------------------------------------------- */

static void listen(uint16_t port)
{
    struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);

    if (!pcb || udp_bind(pcb, IP_ANY_TYPE, port) != ERR_OK)
        panic("lwIP takes no port");
    udp_recv(pcb, take_datagram, NULL);
}

void net_start(void)
{
    ip4_addr_t address, mask, gateway;
    ip6_addr_t address6;
    s8_t index;

    lwip_init();
    memcpy(&address, net.ipv4, sizeof net.ipv4);
    memcpy(&gateway, net.gateway, sizeof net.gateway);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    ip6_addr_set_zero(&address6);
    memcpy(address6.addr, net.ipv6, sizeof net.ipv6);
    if (!netif_add(&netif, &address, &mask, &gateway, NULL, netif_begin, ethernet_input) ||
        netif_add_ip6_address(&netif, &address6, &index) != ERR_OK)
        panic("lwIP takes no netif");
    netif_ip6_addr_set_state(&netif, index, IP6_ADDR_PREFERRED);
    set_checks(true);
    netif_set_default(&netif);
    netif_set_up(&netif);
    echo_start(PORT_ECHO);
    listen(PORT_DISCARD);
    listen(PORT_TRIAL);
}

/* lwIP's clock, in milliseconds. */
u32_t sys_now(void)
{
    return (u32_t)(xen_now() / 1000000);
}
