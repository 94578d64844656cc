// SPDX-License-Identifier: MIT
/*
 * Link headers of varying length.
 *
 * Each function that begins with link_read_ reads a header at p->l3, moves p->l3 behind it and sets
 * p->ethertype, which remains 0 if something else than an EtherType's protocol follows. `len` is
 * the captured length of the packet. The function returns false if the packet ends in the header.
 */
#ifndef LINK_HEADERS_H
#define LINK_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet;

/* LLC and SNAP (IEEE 802, RFC 1042), of which the caller has read `skip` bytes of LLC. */
bool link_read_snap(struct packet *p, size_t len, size_t skip);

/* PPP (RFC 1661) with or without the address and control bytes of HDLC (RFC 1662), its protocol
 * compressed to one byte or not. Cisco's HDLC may stand in its place; the address tells. */
bool link_read_ppp(struct packet *p, size_t len);

/* Frame Relay: an address of 2 to 4 bytes, then RFC 2427 or, in Cisco's encapsulation, an
 * EtherType. */
bool link_read_frame_relay(struct packet *p, size_t len);

/* NFLOG: attributes, one of which is the packet; another one says which of netfilter's hooks saw
 * it, and so the direction. Their headers have the byte order of the machine that wrote the file.
 */
bool link_read_nflog(struct packet *p, size_t len);

/* Returns the EtherType of the 32-bit address family at `field`, 0 for an unknown one. The number
 * may be that of Linux, a BSD, Solaris or Windows, in either byte order, or the EtherType itself.
 */
unsigned link_family_ethertype(const uint8_t *field);

#endif
