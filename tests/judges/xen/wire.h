// SPDX-License-Identifier: MIT
/*
 * A kernel beyond the sink: a network namespace whose only card can offload nothing. What a domain
 * sends there was finished, or is as it was sent, and the kernel checks all of it; domain 0's own
 * would believe what never left the machine.
 */
#ifndef CSUMOFF_TESTS_XEN_WIRE_H
#define CSUMOFF_TESTS_XEN_WIRE_H

#include "domain.h"

enum {
    WIRE_HOST = 201
};

/* Of TCP and UDP packets between the domain and the wire. */
struct wire {
    unsigned good, bad;      /* the domain's: how their checksums stand by the oracle */
    size_t tcp_to, tcp_from; /* bytes of TCP payload, those sent again counted again */
    bool damages;            /* the last byte of every UDP packet to the domain */
};
extern struct wire wire;

void wire_new(void);

/* A socket of the kernel on the wire, or of domain 0's, that is connected to the domain's port, or
 * has begun to be. It doesn't block. */
int wire_socket(const struct domain *domain, bool on_wire, unsigned version, int type,
                uint16_t port);

/* Carries what comes to and from the wire until the socket is ready, or for `ms`: false. */
bool wire_wait(const struct domain *domain, int fd, short events, int ms);

#endif
