// SPDX-License-Identifier: MIT
/* What the suites tx, tx_layouts, tx_inside and rx share. Nothing here asks the library. */
#ifndef CSUMOFF_TESTS_ANYTHING_H
#define CSUMOFF_TESTS_ANYTHING_H

#include <csumoff.h>
#include <stddef.h>
#include <string.h>

#include "../oracle/packets.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    POISON = 0xA5,
    GATHERED = 512, /* bytes of a frame in pieces */
    PIECES = 5,
    SCTP_OFFSET = 8
};

static inline void copy_packet(struct packet *to, const struct packet *from)
{
    memcpy(to, from, offsetof(struct packet, bytes) + from->len);
}

/* The packet's bytes up to an unreadable page. */
static inline uint8_t *place(struct guarded *where, const struct packet *packet)
{
    if (!where->map)
        CHECK(guarded_new(where, PACKET_SIZE));
    return guarded_copy(where, packet->bytes, packet->len);
}

/* Cuts p into pieces of any length. Returns how many. */
static inline size_t cut(uint8_t *p, size_t len, struct csumoff_iov iov[PIECES], struct rng *rng)
{
    size_t count = 1 + rng_below(rng, PIECES);

    for (size_t i = 0; i < count; i++) {
        size_t n = rng_below(rng, 4) ? rng_below(rng, len + 1) : rng_below(rng, 2);

        if (i + 1 == count || n > len)
            n = len;
        iov[i].base = n ? p : NULL;
        iov[i].len = n;
        p += n;
        len -= n;
    }
    return count;
}

/* Parts the packet in two pieces, an unreadable page behind each. */
static inline void part(const struct packet *packet, size_t at, struct guarded *first,
                        struct guarded *second, struct csumoff_iov iov[2])
{
    (void)place(first, packet);
    (void)place(second, packet);
    iov[0].base = guarded_copy(first, packet->bytes, at);
    iov[0].len = at;
    iov[1].base = second->end - (packet->len - at);
    iov[1].len = packet->len - at;
}

/* Puts pieces together again, in a buffer that the next call takes again. */
static inline const uint8_t *joined(const struct csumoff_iov *iov, size_t count)
{
    static uint8_t whole[PACKET_SIZE];
    uint8_t *to = whole;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < iov[i].len; k++)
            *to++ = ((const uint8_t *)iov[i].base)[k];
    return whole;
}

/* Whether headers may end beyond what is gathered of pieces. */
static inline bool may_be_far(const struct packet *packet)
{
    return packet->len > GATHERED && packet->level[packet->levels - 1].l4 + 60 > GATHERED;
}

/* Whether the frame is one whose EtherTypes are known. */
static inline bool is_ip(const struct packet *packet)
{
    return packet->spec.level[0].tag_count < 5;
}

/* Makes the frame some packet of a recipe, on this link, maybe behind one tag too many, maybe with
 * something behind it, and tunnels without a checksum. */
static inline void build_any(struct packet *packet, const struct packet_spec *spec,
                             bool is_ethernet, struct rng *rng)
{
    struct packet_spec s = *spec;

    s.level[0].ethernet = is_ethernet;
    s.level[0].is_zero_long = s.level[0].is_udp_zero = false;
    if (!is_ethernet) {
        s.level[0].tag_count = s.level[0].labels = 0;
        s.level[0].carrier = CARRIER_ETHERTYPE;
        s.level[0].padding = 0;
    } else if (rng_below(rng, 40) == 0) {
        s.level[0].tag_count = 5;
        for (size_t i = 0; i < 5; i++)
            s.level[0].tags[i] = rng_below(rng, 2) ? 0x8100 : 0x9100;
    }
    packet_build(packet, &s, rng);
    if (packet->len > packet->level[0].end && rng_below(rng, 2))
        packet->bytes[packet->len - 1] = 1;
    for (unsigned i = 0; i < packet->levels; i++)
        if (packet->level[i].finding == FOUND && packet->level[i].proto == PROTO_UDP &&
            rng_below(rng, 3) == 0)
            packet_set_field(packet, i, 0);
}

/* Mostly anything, but also what devices segment. */
static inline struct packet_spec any_spec(struct rng *rng)
{
    switch (rng_below(rng, 8)) {
    case 0:
        return spec_at(rng_below(rng, spec_count()));
    case 1:
        return spec_plain(rng_below(rng, 2) ? 4 : 6, rng_below(rng, 2) ? PROTO_TCP : PROTO_UDP,
                          rng_below(rng, 900), "");
    default:
        return spec_random(rng, 3);
    }
}

/* Whether a level's field may be a seed: it is never 0 where a pseudo-header counts. */
static inline bool has_seed(const struct packet *packet, int level)
{
    const struct level *l = &packet->level[level];

    return !l->is_crc32c && !(l->has_pseudo && packet_field(packet, (unsigned)level) == 0);
}

/* Completes a level whose field held its seed: a finished seed is never 0. */
static inline void finish_level(struct packet *packet, int level)
{
    packet_set_complete(packet, (unsigned)level);
    if (!packet->level[level].is_crc32c && packet_field(packet, (unsigned)level) == 0)
        packet_set_field(packet, (unsigned)level, 0xFFFF);
}

/* Computes the levels from `level` outwards. Around `target`, a UDP checksum that is none remains
 * none. */
static inline void fill_levels(struct packet *packet, int level, int target, bool with_headers)
{
    for (int i = level; i >= 0; i--) {
        const struct level *l = &packet->level[i];

        if (with_headers)
            packet_set_l3(packet, (unsigned)i);
        if (i == target || l->finding != FOUND || l->proto != PROTO_UDP ||
            packet_field(packet, (unsigned)i))
            packet_set_complete(packet, (unsigned)i);
    }
}

/* Finishes from a place to `end`, as everybody does who is only told the place. */
static inline void finish_place(uint8_t *p, size_t start, size_t offset, size_t end)
{
    uint16_t sum = ref_checksum(ref_sum(p + start, end - start));

    store_wire16(p + start + offset, sum ? sum : 0xFFFF);
}

#endif
