// SPDX-License-Identifier: MIT
/*
 * A machine that answers: ARP, neighbour discovery, ping, and by UDP, over IPv4 and IPv6, at port
 *   7   the same datagram (RFC 862)
 *   19  a TCP segment of as many bytes as the datagram's first two say, MSS by the next two, both
 *       big endian: sent as one super-frame
 *   9   nothing; it powers off
 * Once the gateway has told its MAC, it gets a datagram at port 9 that names the kernel in use.
 */
#ifndef NET_H
#define NET_H

#include <csumoff_glue.h>

struct peer;

struct net {
    uint8_t ipv4[4], ipv6[16];
    uint8_t gateway[4];
    bool is_done; /* somebody asked for power off */

    /* Is handed the datagrams to other ports; may be NULL. */
    void (*other)(const struct peer *from, uint16_t from_port, uint16_t port, const uint8_t *data,
                  size_t len);
    struct {                   /* UDP datagrams to us, by what their checksums went through */
        uint64_t udp_trusted;  /* came with a seed: never on a wire, nothing to be checked */
        uint64_t udp_finished; /* the same, finished and checked nevertheless */
        uint64_t udp_valid;    /* checked by the device, which is believed */
        uint64_t udp_checked;  /* checked here */
        uint64_t bad;          /* frames dropped: a checksum is wrong */
    } counts;
};

extern struct net net;

/* Asks who the gateway is. */
void net_start(void);

/* A frame as nic_receive() gave it. */
void net_input(const uint8_t *frame, size_t len, const struct csumoff_rx *rx);

#endif
