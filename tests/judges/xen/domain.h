// SPDX-License-Identifier: MIT
/* Domains of their own, which xl starts; and the sink as somebody who talks with them. */
#ifndef CSUMOFF_TESTS_XEN_DOMAIN_H
#define CSUMOFF_TESTS_XEN_DOMAIN_H

#include "rig.h"

/* Somebody at 10.0.0.`host` and fd00::`host`. */
struct end {
    uint8_t host, mac[6];
};

struct domain {
    const char *name, *kind; /* /domains/`kind` is what boots */
    struct end end;
    unsigned id;
    char device[16]; /* domain 0's end of its vif */
};

/* A key of the backend's directory, to be changed before the guest reads it. */
struct domain_key {
    const char *key, *value;
};

/* Starts it and waits until its vif is connected; whether it answers. `options`: its command line.
 * `keys`: up to one without a name; may be NULL. */
bool domain_start(struct domain *domain, const char *options, const struct domain_key *keys,
                  int mtu);

/* Has it power off, and waits until it is gone. */
void domain_end(struct domain *domain);

/* The same, whether it wants to or not. */
void domain_destroy(struct domain *domain);

/* What stands behind a name, on a line of its console; -1: there is no such line. */
long domain_count(const struct domain *domain, const char *name);

/* What a hotplug script has to do. Whether it could. */
bool domain_hotplug(void);

/* A UDP datagram, complete, by way of the sink. */
void say(const struct end *from, const struct end *to, unsigned version, uint16_t from_port,
         uint16_t to_port, const void *data, size_t len);

/* A TCP or UDP packet that came out of the sink. */
struct heard {
    struct packet packet;
    unsigned version;
    uint8_t proto, hops;
    uint16_t from_port, to_port;
    uint32_t sequence; /* TCP */
    uint8_t tcp_flags;
    const uint8_t *payload;
    size_t payload_len;
    bool is_good; /* finished, and the oracle agrees */
};

/* Whether there is such a packet in h->packet; says what it is. */
bool understand(struct heard *h);

/* Waits for the next one to a MAC address, NULL: to any. False: none came within `ms`. */
bool hear(const struct end *to, struct heard *heard, int ms);

/* Who has spoken is found by a domain that asks for it, while hear() waits: neighbours.c. */
void neighbour_known(const struct end *end);
bool neighbour_answer(struct packet *packet);

#endif
