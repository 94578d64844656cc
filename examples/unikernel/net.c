// SPDX-License-Identifier: MIT
#include "net.h"

#include "memory.h"
#include "nic.h"
#include "packets.h"

enum {
    ARP_PACKET = 28,
    ICMP_HEADER = 8,
    SOLICITATION = 24, /* without options */
    ADVERTISEMENT = 32 /* with one */
};
enum {
    PORT_ECHO = 7,
    PORT_DISCARD = 9,
    PORT_CHARGEN = 19
};

struct net net;

/* ---- Neighbours ------------------------------------------------------------------------------ */

static void send_arp(const uint8_t to[6], uint8_t operation, const uint8_t target_mac[6],
                     const uint8_t target[4])
{
    static const uint8_t head[7] = {0, 1, TYPE_IPV4 >> 8, TYPE_IPV4 & 0xFF, 6, 4, 0};
    uint8_t *frame = nic_buffer(), *arp = ethernet(frame, to, TYPE_ARP);

    memcpy(arp, head, sizeof head);
    arp[7] = operation;
    memcpy(arp + 8, nic.mac, 6);
    memcpy(arp + 14, net.ipv4, 4);
    memcpy(arp + 18, target_mac, 6);
    memcpy(arp + 24, target, 4);
    nic_send(frame, ETHERNET_HEADER + ARP_PACKET, 0);
}

/* RFC 826. */
static void arp_input(const uint8_t *arp, size_t len)
{
    if (len < ARP_PACKET || get16(arp + 2) != TYPE_IPV4 || memcmp(arp + 24, net.ipv4, 4) != 0)
        return;
    if (get16(arp + 6) == 1) {
        send_arp(arp + 8, 2, arp + 8, arp + 14);
    } else if (get16(arp + 6) == 2 && memcmp(arp + 14, net.gateway, 4) == 0) {
        const char *kernel = csumoff_kernel_active();
        struct peer gateway = {.ip_version = 4};
        size_t name_len = 0;

        while (kernel[name_len])
            name_len++;
        memcpy(gateway.mac, arp + 8, 6);
        memcpy(gateway.ip, net.gateway, 4);
        send_udp(&gateway, PORT_DISCARD, PORT_DISCARD, kernel, name_len);
    }
}

void net_start(void)
{
    static const uint8_t everyone[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    static const uint8_t unknown[6];

    send_arp(everyone, 1, unknown, net.gateway);
}

/* A neighbour solicitation for us is answered: RFC 4861, sections 4.3, 4.4 and 7.2.4. */
static void solicitation_input(const struct peer *from, const uint8_t *l4, size_t len)
{
    struct packet p;

    if (len < SOLICITATION || memcmp(l4 + 8, net.ipv6, 16) != 0)
        return;
    p = packet_to(from, ICMPV6, ADVERTISEMENT);
    memset(p.l4, 0, ADVERTISEMENT);
    p.l4[0] = 136;
    p.l4[4] = 0x60; /* solicited, override */
    memcpy(p.l4 + 8, net.ipv6, 16);
    p.l4[24] = 2; /* target link-layer address, 8 bytes */
    p.l4[25] = 1;
    memcpy(p.l4 + 26, nic.mac, 6);
    nic_send(p.frame, p.len, 0);
}

/* ---- Receiving ------------------------------------------------------------------------------- */

/*
 * Whether the frame's checksums hold. A seed is no checksum of anything: the frame was on no wire,
 * and whoever made it answers for it, as the device does for what it checked. IPv4's header is in
 * nobody's word and always checked here.
 */
static bool check(const uint8_t *frame, size_t len, const struct csumoff_layout *at,
                  const struct csumoff_rx *rx)
{
    const enum csumoff_state state = csumoff_state_of(rx, at);

    if (state == CSUMOFF_NONE || (state == CSUMOFF_PARTIAL && nic.finishes))
        return csumoff_verify(frame, len, CSUMOFF_LINK_ETHERNET) == CSUMOFF_OK;
    return at->ip_version == 6 ||
           csumoff_ipv4_header_verify(frame + at->l3_start, len - at->l3_start) == CSUMOFF_OK;
}

static void count_udp(enum csumoff_state state)
{
    if (state == CSUMOFF_PARTIAL && nic.finishes)
        net.counts.udp_finished++;
    else if (state == CSUMOFF_PARTIAL)
        net.counts.udp_trusted++;
    else if (state == CSUMOFF_UNNECESSARY)
        net.counts.udp_valid++;
    else
        net.counts.udp_checked++;
}

static void udp_input(const struct peer *from, const uint8_t *l4, size_t len)
{
    uint16_t port = get16(l4);
    const uint8_t *data = l4 + UDP_HEADER;

    len -= UDP_HEADER;
    switch (get16(l4 + 2)) {
    case PORT_ECHO:
        send_udp(from, PORT_ECHO, port, data, len);
        break;
    case PORT_CHARGEN:
        if (len >= 4)
            send_tcp(from, PORT_CHARGEN, port, get16(data), get16(data + 2));
        break;
    case PORT_DISCARD:
        net.is_done = true;
        break;
    default:
        if (net.other)
            net.other(from, port, get16(l4 + 2), data, len);
        break;
    }
}

/* RFC 792, RFC 4443: the request comes back as a reply. */
static void echo_input(const struct peer *from, uint8_t proto, const uint8_t *l4, size_t len)
{
    struct packet p = packet_to(from, proto, len);

    memcpy(p.l4, l4, len);
    p.l4[0] = proto == ICMP ? 0 : 129;
    nic_send(p.frame, p.len, 0);
}

static void ip_input(const uint8_t *frame, size_t len, const struct csumoff_rx *rx)
{
    struct csumoff_layout at;
    struct peer from;
    const uint8_t *ip, *l4;
    bool is_ours;

    if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) != CSUMOFF_OK)
        return;
    if (!check(frame, len, &at, rx)) {
        net.counts.bad++;
        return;
    }
    ip = frame + at.l3_start;
    l4 = frame + at.l4_start;
    memcpy(from.mac, frame + 6, 6);
    from.ip_version = at.ip_version;
    if (at.ip_version == 4) {
        memcpy(from.ip, ip + 12, 4);
        is_ours = memcmp(ip + 16, net.ipv4, 4) == 0;
    } else {
        memcpy(from.ip, ip + 8, 16);
        is_ours = memcmp(ip + 24, net.ipv6, 16) == 0;
    }
    if (at.l4_proto == ICMPV6 && l4[0] == 135 && ip[7] == TTL) {
        solicitation_input(&from, l4, at.l4_len);
    } else if (is_ours && at.l4_proto == UDP) {
        count_udp(rx->state);
        udp_input(&from, l4, at.l4_len);
    } else if (is_ours && at.l4_len >= ICMP_HEADER &&
               ((at.l4_proto == ICMP && l4[0] == 8) || (at.l4_proto == ICMPV6 && l4[0] == 128))) {
        echo_input(&from, at.l4_proto, l4, at.l4_len);
    }
}

void net_input(const uint8_t *frame, size_t len, const struct csumoff_rx *rx)
{
    bool is_group = frame[0] & 1;

    if (len < ETHERNET_HEADER || (!is_group && memcmp(frame, nic.mac, 6) != 0))
        return;
    if (get16(frame + 12) == TYPE_ARP)
        arp_input(frame + ETHERNET_HEADER, len - ETHERNET_HEADER);
    else
        ip_input(frame, len, rx);
}
