// SPDX-License-Identifier: MIT
/*
 * What packets.c makes packets of: the functions append to a packet, random bytes where nothing has
 * to be something.
 *
 *   packet_headers.c    what comes before the IP header; IPv4 options, IPv6 extension headers
 *   packet_contents.c   L4 headers, and the headers of tunnels behind them
 */
#ifndef CSUMOFF_TESTS_PACKET_PARTS_H
#define CSUMOFF_TESTS_PACKET_PARTS_H

#include <string.h>

#include "packets.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- Bytes appended ------------------------------------------------------------------------ */

/* Appends n random bytes and returns where they begin. */
static inline size_t put(struct packet *p, struct rng *rng, size_t n)
{
    size_t at = p->len;

    rng_fill(rng, p->bytes + at, n);
    p->len += n;
    return at;
}

static inline size_t put_zeros(struct packet *p, size_t n)
{
    size_t at = p->len;

    memset(p->bytes + at, 0, n);
    p->len += n;
    return at;
}

static inline void put_type(struct packet *p, uint16_t type)
{
    store_wire16(p->bytes + put_zeros(p, 2), type);
}

static inline void store_wire32(uint8_t *at, uint32_t v)
{
    store_wire16(at, (uint16_t)(v >> 16));
    store_wire16(at + 2, (uint16_t)v);
}

static inline uint16_t ethertype_of(unsigned version)
{
    return version == 4 ? 0x0800 : 0x86DD;
}

/* ---- Headers ------------------------------------------------------------------------------- */

/* Returns where lengths have to be stored that count from behind them; 0 for none. */
size_t packet_put_link(struct packet *p, const struct level_spec *s, struct rng *rng);
void packet_put_options4(struct packet *p, struct level *l, const struct level_spec *s,
                         struct rng *rng);
/* Appends the headers of a chain; returns where the protocol's number has to be stored. */
size_t packet_put_chain(struct packet *p, struct level *l, const struct level_spec *s, size_t next,
                        size_t *jumbo, struct rng *rng);
uint8_t packet_proto_of(const struct level_spec *s, const struct level_spec *inner);
bool packet_is_unknown(const struct level_spec *s);
bool packet_has_pseudo(uint8_t version, uint8_t proto);
/* Appends the L4 header, of a tunnel too. */
void packet_put_l4(struct packet *p, struct level *l, const struct level_spec *s,
                   const struct level_spec *inner, struct rng *rng);
/* The tunnel's own header behind UDP. `length` receives where a length goes that counts from 6
 * bytes behind it; 0 for none. */
void packet_put_tunnel(struct packet *p, const struct level_spec *s, const struct level_spec *inner,
                       size_t *length, struct rng *rng);
/* The lengths inside L4 headers, and what the checksum covers. `datagram`: header and payload. */
void packet_cover(struct packet *p, struct level *l, const struct level_spec *s, size_t datagram);

#endif
