// SPDX-License-Identifier: MIT
/* Link types, and what comes before the IP header in each of them. */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_type;
struct packet;

/* The link type of that number in a capture file; NULL: it is not supported. */
const struct link_type *link_find(uint32_t number);
/* Its name, supported or not. */
const char *link_name(uint32_t number);

/* Reads the link header of a packet and sets what struct packet says of it, from `start` on. A
 * `link` of NULL has no header that could be read. */
void link_read(const struct link_type *link, struct packet *packet);

/* Reads LLC and SNAP (IEEE 802, RFC 1042) at p->l3, of which `skip` bytes were read by others,
 * moves p->l3 behind them and sets p->ethertype, if what follows has one. False: the packet ends in
 * them. */
bool link_read_snap(struct packet *p, size_t len, size_t skip);

#endif
