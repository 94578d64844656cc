// SPDX-License-Identifier: MIT
/* What a packet says of itself, read leniently and for people only: the library judges. */
#ifndef FLOW_H
#define FLOW_H

#include "capture.h"

#include <netinet/in.h>

/* The columns of a summary. */
enum protocol {
    PROTOCOL_TCP,
    PROTOCOL_UDP,
    PROTOCOL_ICMP,
    PROTOCOL_ICMPV6,
    PROTOCOL_SCTP,
    PROTOCOL_OTHER,
    PROTOCOL_NOT_IP,
    PROTOCOLS
};

struct flow {
    enum protocol protocol;
    char name[16];       /* "TCP", "IPv4" where the protocol has no name here, "ARP", ... */
    unsigned ip_version; /* 0: not IP, and then nothing below */
    unsigned l4_proto;
    char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
    bool has_ports;
    unsigned from_port, to_port;
};

void flow_read(struct flow *flow, const struct packet *packet);
/* "TCP 192.0.2.1:1024 > 192.0.2.2:80 vlan 5" */
void flow_print(const struct flow *flow, const struct packet *packet);

#endif
