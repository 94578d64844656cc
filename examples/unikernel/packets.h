// SPDX-License-Identifier: MIT
/* Packets from us, from their headers to nic_send(). */
#ifndef PACKETS_H
#define PACKETS_H

#include <stddef.h>
#include <stdint.h>

enum {
    ETHERNET_HEADER = 14,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    UDP_HEADER = 8,
    TCP_HEADER = 20
};
enum {
    TYPE_IPV4 = 0x0800,
    TYPE_ARP = 0x0806,
    TYPE_IPV6 = 0x86DD
};
enum {
    ICMP = 1,
    TCP = 6,
    UDP = 17,
    ICMPV6 = 58
};
enum {
    TTL = 255 /* neighbour discovery wants it (RFC 4861, section 7.1) */
};

/* The other end of a conversation. */
struct peer {
    uint8_t mac[6], ip_version, ip[16];
};

struct packet {
    uint8_t *frame, *l4;
    size_t len;
};

static inline uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Writes an Ethernet header; returns where it ends. */
uint8_t *ethernet(uint8_t *frame, const uint8_t mac[6], uint16_t type);

/* A packet from us whose L4 header and payload, l4_len bytes, are to be written at .l4. */
struct packet packet_to(const struct peer *to, uint8_t proto, size_t l4_len);

void send_udp(const struct peer *to, uint16_t from_port, uint16_t to_port, const void *data,
              size_t len);

/* A segment out of the blue, of the characters that RFC 864 is known for; payload beyond mss,
 * unless that is 0, goes in as many frames as it takes. */
void send_tcp(const struct peer *to, uint16_t from_port, uint16_t to_port, uint16_t len,
              uint16_t mss);

#endif
