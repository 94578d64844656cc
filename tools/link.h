// SPDX-License-Identifier: MIT
/* Link types and their headers. */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_type;
struct packet;

/* Returns the link type with this number in capture files, or NULL if it is not supported. */
const struct link_type *link_find(uint32_t number);
/* Returns the name of a link type, supported or not. */
const char *link_name(uint32_t number);

/* Reads the link header of a packet and sets the members of struct packet from `start` on. If
 * `link` is NULL, the status becomes CSUMOFF_EPROTO. */
void link_read(const struct link_type *link, struct packet *packet);

#endif
