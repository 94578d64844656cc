// SPDX-License-Identifier: MIT
/* The guest: lwIP, and what it serves. Its netifs are whoever's: all it asks of one is lwIP's init
 * function and the state for that. */
#ifndef GUEST_H
#define GUEST_H

#include <lwip/netif.h>
#include <stdbool.h>

/* Starts lwIP; once, for it can't be stopped. End the process by _exit(). */
void guest_start(void);

/* Adds a netif and sets it up. Addresses as text, the networks are a /24 and a /64. False: no such
 * address, or the netif's init failed. */
bool guest_attach(struct netif *netif, netif_init_fn init, void *state, const char *ipv4,
                  const char *ipv6);

/* Sends back what comes to this port, UDP and TCP, IPv4 and IPv6. False: the port is taken. */
bool guest_echo(u16_t port);

#endif
