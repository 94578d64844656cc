// SPDX-License-Identifier: MIT
/* Protocol, addresses and ports of a packet, read leniently. They are shown to people; no verdict
 * depends on them. */
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
    unsigned ip_version;   /* 0: not IP; only `name` is valid then */
    const uint8_t *source; /* the address in the packet; the destination follows it */
    unsigned l4_proto;
    bool has_ports;
    unsigned from_port, to_port;

    /* flow_format() writes these. */
    char name[16]; /* "TCP"; "IPv4" if the protocol has no name here; "ARP"; ... */
    char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
};

/* Reads all but the texts. A summary does not show them, and they take the most time. */
void flow_read(struct flow *flow, const struct packet *packet);
/* Writes the texts. The packet that flow_read() read must still be valid. */
void flow_format(struct flow *flow);

/* Prints "TCP 192.0.2.1:1024 > 192.0.2.2:80 vlan 5". If the line of a terminal has no room for it,
 * it is printed on the next line; if that has none, ~ replaces the beginning of addresses. */
void flow_print(const struct flow *flow, const struct packet *packet);

#endif
