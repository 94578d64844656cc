// SPDX-License-Identifier: MIT
#include "packets.h"

#include "memory.h"
#include "net.h"
#include "nic.h"

uint8_t *ethernet(uint8_t *frame, const uint8_t mac[6], uint16_t type)
{
    memcpy(frame, mac, 6);
    memcpy(frame + 6, nic.mac, 6);
    put16(frame + 12, type);
    return frame + ETHERNET_HEADER;
}

struct packet packet_to(const struct peer *to, uint8_t proto, size_t l4_len)
{
    struct packet p = {.frame = nic_buffer()};
    uint8_t *ip = ethernet(p.frame, to->mac, to->ip_version == 4 ? TYPE_IPV4 : TYPE_IPV6);

    if (to->ip_version == 4) {
        p.l4 = ip + IPV4_HEADER;
        memset(ip, 0, IPV4_HEADER);
        ip[0] = 0x45;
        put16(ip + 2, (uint16_t)(IPV4_HEADER + l4_len));
        ip[6] = 0x40; /* don't fragment: the identification may stay 0 (RFC 6864) */
        ip[8] = TTL;
        ip[9] = proto;
        memcpy(ip + 12, net.ipv4, 4);
        memcpy(ip + 16, to->ip, 4);
    } else {
        p.l4 = ip + IPV6_HEADER;
        memset(ip, 0, IPV6_HEADER);
        ip[0] = 0x60;
        put16(ip + 4, (uint16_t)l4_len);
        ip[6] = proto;
        ip[7] = TTL;
        memcpy(ip + 8, net.ipv6, 16);
        memcpy(ip + 24, to->ip, 16);
    }
    p.len = (size_t)(p.l4 - p.frame) + l4_len;
    return p;
}

void send_udp(const struct peer *to, uint16_t from_port, uint16_t to_port, const void *data,
              size_t len)
{
    struct packet p = packet_to(to, UDP, UDP_HEADER + len);

    put16(p.l4, from_port);
    put16(p.l4 + 2, to_port);
    put16(p.l4 + 4, (uint16_t)(UDP_HEADER + len));
    memcpy(p.l4 + UDP_HEADER, data, len);
    nic_send(p.frame, p.len, 0);
}

void send_tcp(const struct peer *to, uint16_t from_port, uint16_t to_port, uint16_t len,
              uint16_t mss)
{
    struct packet p = packet_to(to, TCP, (size_t)TCP_HEADER + len);

    memset(p.l4, 0, TCP_HEADER);
    put16(p.l4, from_port);
    put16(p.l4 + 2, to_port);
    p.l4[12] = TCP_HEADER / 4 << 4;
    p.l4[13] = 0x18; /* PSH, ACK */
    for (uint16_t i = 0; i < len; i++)
        p.l4[TCP_HEADER + i] = (uint8_t)(' ' + i % 95);
    nic_send(p.frame, p.len, mss);
}
