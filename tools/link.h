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

#endif
