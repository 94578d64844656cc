// SPDX-License-Identifier: MIT
/* What a packet says of itself, read leniently and for people only: the library judges. */
#ifndef FLOW_H
#define FLOW_H

#include "address.h"
#include "capture.h"

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

extern const char *const protocol_words[PROTOCOLS];

struct flow {
    enum protocol protocol;
    unsigned ethertype;
    unsigned ip_version;   /* 0: not IP, and then nothing below but the name */
    const uint8_t *source; /* the address in the packet; the destination follows it */
    unsigned l4_proto;
    bool has_ports;
    unsigned from_port, to_port;

    /* What flow_format() writes. */
    char name[16]; /* "TCP", "IPv4" where the protocol has no name here, "ARP", ... */
    char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
};

/* Reads all but the texts, which cost more than the rest and which a summary does not show. */
void flow_read(struct flow *flow, const struct packet *packet);
/* Writes the texts of a flow that was read, while its packet is still there. */
void flow_format(struct flow *flow);

/* Prints "TCP 192.0.2.1:1024 > 192.0.2.2:80 vlan 5", on a line of its own where the terminal's does
 * not hold it. Addresses lose their beginning, for which ~ is printed, where they must. */
void flow_print(const struct flow *flow, const struct packet *packet);

#endif
